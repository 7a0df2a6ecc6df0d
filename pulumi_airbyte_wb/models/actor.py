"""Sources, destinations and the versions of their connectors."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pulumi_airbyte_wb.models.base import ReadModel
from pulumi_airbyte_wb.models.catalog import SyncCatalog


class SourceRead(ReadModel):
    """A configured source; its secrets come masked."""

    source_id: str
    name: str = ""
    source_definition_id: str | None = None
    workspace_id: str | None = None
    source_name: str | None = None
    # any JSON, as each connector likes
    connection_configuration: Any = Field(default=None, repr=False)


class DestinationRead(ReadModel):
    """A configured destination; its secrets come masked."""

    destination_id: str
    name: str = ""
    destination_definition_id: str | None = None
    workspace_id: str | None = None
    destination_name: str | None = None
    # any JSON, as each connector likes
    connection_configuration: Any = Field(default=None, repr=False)


class ActorDefinitionVersion(ReadModel):
    """The installed connector version of one source or destination (server 0.50.6 on)."""

    docker_repository: str | None = None
    docker_image_tag: str | None = None
    supports_refreshes: bool | None = None
    supported_destination_sync_modes: list[str] | None = None
    supports_data_activation: bool | None = None


class DiscoveredSchema(ReadModel):
    """The answer of ``sources/discover_schema``."""

    catalog: SyncCatalog | None = None
    catalog_id: str | None = None
    job_info: dict[str, Any] | None = None
