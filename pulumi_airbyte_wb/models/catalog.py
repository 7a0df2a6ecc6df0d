"""Streams as the API describes and configures them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pulumi_airbyte_wb.models.base import ReadModel
from pulumi_airbyte_wb.models.names import StreamDescriptor


class AirbyteStream(ReadModel):
    """What a source offers: names, schema, modes, and the cursor and key that it defines itself."""

    name: str
    namespace: str | None = None
    json_schema: dict[str, Any] = Field(default_factory=dict)
    supported_sync_modes: list[str] = Field(default_factory=list)
    source_defined_cursor: bool | None = None
    default_cursor_field: list[str] = Field(default_factory=list)
    source_defined_primary_key: list[list[str]] = Field(default_factory=list)

    @property
    def descriptor(self) -> StreamDescriptor:
        """Which stream this is."""
        return StreamDescriptor(self.namespace, self.name)

    @property
    def columns(self) -> dict[str, Any]:
        """The top-level properties of the schema, by name."""
        properties = self.json_schema.get("properties")
        return properties if isinstance(properties, dict) else {}


class SelectedField(ReadModel):
    """One selected column; paths of one element are the only ones that the server takes."""

    field_path: list[str] = Field(default_factory=list)


class StreamConfiguration(ReadModel):
    """How a connection moves one stream."""

    sync_mode: str
    destination_sync_mode: str
    cursor_field: list[str] = Field(default_factory=list)
    primary_key: list[list[str]] = Field(default_factory=list)
    alias_name: str | None = None
    selected: bool = False
    field_selection_enabled: bool | None = None
    selected_fields: list[SelectedField] | None = None
    mappers: list[dict[str, Any]] | None = None
    include_files: bool | None = None
    destination_object_name: str | None = None


class ConfiguredStream(ReadModel):
    """A stream with its configuration, as catalogs list them (``AirbyteStreamAndConfiguration``)."""

    stream: AirbyteStream
    config: StreamConfiguration

    @property
    def descriptor(self) -> StreamDescriptor:
        """Which stream this is."""
        return self.stream.descriptor


class SyncCatalog(ReadModel):
    """The streams of a connection, selected or not (``AirbyteCatalog``); their order has no meaning."""

    streams: list[ConfiguredStream] = Field(default_factory=list)

    def by_descriptor(self) -> dict[StreamDescriptor, ConfiguredStream]:
        """Every stream by its descriptor."""
        return {entry.descriptor: entry for entry in self.streams}

    def selected(self) -> dict[StreamDescriptor, ConfiguredStream]:
        """The streams that sync."""
        return {entry.descriptor: entry for entry in self.streams if entry.config.selected}
