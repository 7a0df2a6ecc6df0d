"""Streams as the destination sees them, which is what servers from 1.4.0 on compare (semantics §5.5).

A stream's top-level fields go through its mappers; then scalars get the one schema of their type, so that a changed
description or nullability is no change. Objects, arrays and mixed types keep the source's own schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pulumi_airbyte_wb.server_rules.json_schema import word
from pulumi_airbyte_wb.server_rules.mappers import Mapper

Key = list[list[str]]

_TEXT: Mapping[str, str] = MappingProxyType({"type": "string"})


@dataclass(frozen=True, slots=True)
class MappedStream:
    """Columns, cursor and keys of a stream after its mappers.

    ``cursor`` and the keys are ``None``, not empty, where a mapper dropped a field and nothing is left: the server
    takes that for a change, and fails on a null ``key``.
    """

    fields: Mapping[str, Any]
    """The source's schema of every column, by the column's name at the destination."""
    cursor: list[str] | None
    key: Key | None
    source_key: Key | None


def map_stream(
    schema: Any,
    *,
    cursor: list[str] | None,
    key: Key | None,
    source_key: Key | None,
    mappers: tuple[Mapper, ...],
) -> MappedStream:
    """A stream after its mappers; the server passes over one whose field is missing or whose result exists already."""
    mapped = MappedStream(top_level_fields(schema), cursor, key, source_key)
    for mapper in mappers:
        if mapper.field in mapped.fields:
            mapped = _dropped(mapped, mapper.field) if mapper.result is None else _redefined(mapped, mapper)
    return mapped


def top_level_fields(schema: Any) -> Mapping[str, Any]:
    """The schemas of a stream's columns, by name."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def destination_schema(fields: Mapping[str, Any], source_schema: Any) -> dict[str, Any]:
    """The schema that the server makes for the destination from the columns of a stream."""
    source = top_level_fields(source_schema)
    return {
        "type": "object",
        "$schema": "http://json-schema.org/schema#",
        "properties": {name: _destination_node(name, node, source) for name, node in fields.items()},
        "additionalProperties": True,
    }


def _destination_node(name: str, node: Any, source: Mapping[str, Any]) -> Any:
    """The canonical schema of a scalar, else the source's own schema.

    The server looks that up by the *new* name, so that a renamed object, array or mixed field has none (null) there,
    and the comparison does not see the field at all.
    """
    canonical = canonical_scalar(node)
    return canonical if canonical is not None else source.get(name)


def canonical_scalar(node: Any) -> dict[str, str] | None:
    """The one schema of a scalar's type; ``None`` for what the server does not count as one.

    That is objects, arrays, several types, ``oneOf`` and ``anyOf``, and formats that it does not know.
    """
    if not isinstance(node, Mapping) or "type" not in node or "oneOf" in node or "anyOf" in node:
        return None
    declared = node["type"]
    types = [each for each in map(word, declared) if each != "null"] if isinstance(declared, list) else [word(declared)]
    if len(types) != 1:
        return None
    return _canonical_of_type(types[0], node)


def _canonical_of_type(name: str, node: Mapping[str, Any]) -> dict[str, str] | None:
    if name in {"boolean", "integer"}:
        return {"type": name}
    if name == "number":
        return {"type": "integer" if word(node.get("airbyte_type")) == "integer" else "number"}
    return _canonical_string(node) if name == "string" else None


def _canonical_string(node: Mapping[str, Any]) -> dict[str, str] | None:
    shape = tuple(word(node[key]) if key in node else None for key in ("format", "airbyte_type"))
    match shape:
        case (None, None):
            return {"type": "string"}
        case ("date", _):
            return {"type": "string", "format": "date"}
        case ("date-time", None):
            return _zoned("date-time", "timestamp_with_timezone")
        case ("date-time", "timestamp_with_timezone" | "timestamp_without_timezone" as airbyte_type):
            return _zoned("date-time", airbyte_type)
        case ("time", "time_with_timezone" | "time_without_timezone" as airbyte_type):
            return _zoned("time", airbyte_type)
        case _:
            return None


def _zoned(format_: str, airbyte_type: str) -> dict[str, str]:
    return {"type": "string", "format": format_, "airbyte_type": airbyte_type}


def _redefined(mapped: MappedStream, mapper: Mapper) -> MappedStream:
    old, new = mapper.field, mapper.result or ""
    if new != old and new in mapped.fields:
        return mapped

    def renamed(path: list[str]) -> list[str]:
        return [new] if path == [old] else path

    return MappedStream(
        fields={
            (new if name == old else name): (_TEXT if name == old and mapper.to_text else node)
            for name, node in mapped.fields.items()
        },
        cursor=None if mapped.cursor is None else renamed(mapped.cursor),
        key=None if mapped.key is None else [renamed(part) for part in mapped.key],
        source_key=None if mapped.source_key is None else [renamed(part) for part in mapped.source_key],
    )


def _dropped(mapped: MappedStream, field: str) -> MappedStream:
    """A stream without a field; what is empty afterwards, even what was empty before, is null."""

    def without(key: Key | None) -> Key | None:
        return [part for part in key or [] if part != [field]] or None

    return replace(
        mapped,
        fields={name: node for name, node in mapped.fields.items() if name != field},
        cursor=[part for part in mapped.cursor or [] if part != field] or None,
        key=without(mapped.key),
        source_key=without(mapped.source_key),
    )
