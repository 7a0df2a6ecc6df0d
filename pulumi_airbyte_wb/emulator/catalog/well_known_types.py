"""References to ``WellKnownTypes.json``: to v0.63.11 stored ones come back as old types (real-server.md 15)."""

from typing import Any

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

_FILE = "WellKnownTypes.json"
_OLD_TYPES: dict[str, Doc] = {
    "String": {"type": "string"},
    "BinaryData": {"type": "string", "contentEncoding": "base64"},
    "Number": {"type": "number"},
    "Integer": {"type": "number", "airbyte_type": "integer"},
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date"},
    "TimestampWithTimezone": {"type": "string", "airbyte_type": "timestamp_with_timezone", "format": "date-time"},
    "TimestampWithoutTimezone": {"type": "string", "airbyte_type": "timestamp_without_timezone", "format": "date-time"},
    "TimeWithTimezone": {"type": "string", "airbyte_type": "time_with_timezone", "format": "time"},
    "TimeWithoutTimezone": {"type": "string", "airbyte_type": "time_without_timezone", "format": "time"},
}
_LISTED = ("items", "additionalItems", "contains")
_NAMED = ("properties", "patternProperties")
_COMBINED = ("additionalProperties", "allOf", "oneOf", "anyOf", "not")


def read_back(streams: list[Doc], rules: Rules) -> list[Doc]:
    """Stream objects as they are read from the database; whether they are looked at is decided by the first alone."""
    if not rules.has("catalog.oldTypes") or not streams or not _has_reference(streams[0].get("jsonSchema")):
        return streams
    return [{**stream, "jsonSchema": with_old_types(stream.get("jsonSchema"))} for stream in streams]


def with_old_types(schema: Any) -> Any:
    """A schema with the old types in the places of its references."""
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if _refers(reference):
        return dict(_OLD_TYPES.get(str(reference).rpartition("/")[2], {}))
    alternatives = schema.get("oneOf")
    if isinstance(alternatives, list) and any(isinstance(o, dict) and _refers(o.get("$ref")) for o in alternatives):
        old = [with_old_types(option) for option in alternatives]
        combined = _combined(old)
        return {**schema, "oneOf": old} if combined is None else combined
    return _below(schema)


def _refers(reference: Any) -> bool:
    return isinstance(reference, str) and reference.startswith(_FILE)


def _combined(options: list[Any]) -> Doc | None:
    """Alternatives as one node with a list of types, unless two have a type or a keyword in common."""
    types: list[str] = []
    keywords: Doc = {}
    for option in options:
        if not isinstance(option, dict):
            return None
        if "type" in option:
            kind = option["type"] if isinstance(option["type"], str) else ""
            if kind in types:
                return None
            types.append(kind)
        for name, value in option.items():
            if name in keywords:
                return None
            if name != "type":
                keywords[name] = value
    return {**keywords, "type": types}


def _below(schema: Doc) -> Doc:
    changed = dict(schema)
    for name in (*_LISTED, *_COMBINED):
        value = schema.get(name)
        if isinstance(value, list):
            changed[name] = [with_old_types(item) for item in value]
        elif isinstance(value, dict):
            changed[name] = with_old_types(value)
    for name in _NAMED:
        if isinstance(schema.get(name), dict):
            changed[name] = {key: with_old_types(node) for key, node in schema[name].items()}
    return changed


def _has_reference(schema: Any) -> bool:
    if isinstance(schema, list):
        return any(map(_has_reference, schema))
    if not isinstance(schema, dict):
        return False
    return _refers(schema.get("$ref")) or any(map(_has_reference, schema.values()))
