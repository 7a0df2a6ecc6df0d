"""Streams as the API describes and configures them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from pulumi_airbyte_wb.models.base import ReadModel

_PLAIN_PART = re.compile(r"[^\s.\"*?\[\]{}=,|]+")


def quote(part: str) -> str:
    """One element of a dotted name, in double quotes where it holds a character with a meaning of its own.

    What cannot be printed is escaped: a source may offer names that break lines or turn the text around.
    """
    plain = part.isprintable()
    return part if plain and _PLAIN_PART.fullmatch(part) else json.dumps(part, ensure_ascii=not plain)


def split_dotted(text: str) -> tuple[str, ...]:
    """The elements of a dotted name; ``"a.b".c`` has the two elements ``a.b`` and ``c``, an empty one stands as ``""``.

    Raises:
        ValueError: an element is missing, or a quote is not closed.
    """
    parts: list[str] = []
    decoder = json.JSONDecoder()
    position = 0
    while True:
        quoted = text.startswith('"', position)
        if quoted:
            try:
                part, position = decoder.raw_decode(text, position)
            except json.JSONDecodeError:
                msg = "has a quote that is not closed"
                raise ValueError(msg) from None
        else:
            end = text.find(".", position)
            end = len(text) if end < 0 else end
            part, position = text[position:end], end
        if not part and not quoted:
            msg = "has an empty part"
            raise ValueError(msg)
        parts.append(part)
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            msg = f"has something after the quote at character {position + 1}"
            raise ValueError(msg)
        position += 1


@dataclass(frozen=True, order=True)
class StreamDescriptor:
    """Which stream: a name, unique within its namespace.

    ``namespace`` is ``None`` where the source has none; the server treats ``None`` and ``""`` as different.
    """

    namespace: str | None
    name: str

    @property
    def key(self) -> str:
        """``namespace.name``, or the name alone; parts with dots or spaces stand in double quotes."""
        return quote(self.name) if self.namespace is None else f"{quote(self.namespace)}.{quote(self.name)}"

    @classmethod
    def parse(cls, key: str) -> StreamDescriptor:
        """Read ``namespace.name`` or ``name``.

        The first dot separates, so that ``public.a.b`` is the stream ``a.b`` of ``public``; quote a name with dots that
        has no namespace: ``"a.b"``.

        Raises:
            ValueError: a part is missing.
        """
        parts = split_dotted(key)
        if len(parts) == 1:
            return cls(None, parts[0])
        return cls(parts[0], ".".join(parts[1:]))

    def wire(self) -> dict[str, str]:
        """The API's ``StreamDescriptor``."""
        return {"name": self.name} | ({} if self.namespace is None else {"namespace": self.namespace})

    def __str__(self) -> str:
        return self.key


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
