"""An HTTP client of Airbyte's ``web_backend`` and configuration API, usable without Pulumi."""

from pulumi_airbyte_wb.api.capabilities import Capabilities
from pulumi_airbyte_wb.api.client import AirbyteClient
from pulumi_airbyte_wb.api.configuration import ConnectionState
from pulumi_airbyte_wb.api.operations import OperationCheck
from pulumi_airbyte_wb.api.settings import ServerSettings, read_settings
from pulumi_airbyte_wb.api.web_backend import ConnectionFilters

__all__ = [
    "AirbyteClient",
    "Capabilities",
    "ConnectionFilters",
    "ConnectionState",
    "OperationCheck",
    "ServerSettings",
    "read_settings",
]
