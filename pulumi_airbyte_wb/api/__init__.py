"""An HTTP client of Airbyte's ``web_backend`` and configuration API, usable without Pulumi."""

from pulumi_airbyte_wb.api.client import AirbyteClient
from pulumi_airbyte_wb.api.configuration import ConnectionState
from pulumi_airbyte_wb.api.settings import ServerSettings, read_settings

__all__ = ["AirbyteClient", "ConnectionState", "ServerSettings", "read_settings"]
