"""Catalogs as the destination sees them: mappers applied, scalar schemas made canonical (semantics §5.5)."""

from typing import Any

from pulumi_airbyte_wb.emulator.core.store import Doc

_HASH_SUFFIX = "_hashed"
_ENCRYPTION_SUFFIX = "_encrypted"
_STRING: Doc = {"type": "string"}
_SCALARS: dict[str, Doc] = {name: {"type": name} for name in ("boolean", "integer", "number", "string")}


def mappers_of(config: Doc) -> list[Doc]:
    """The mappers of a stream; ``hashedFields`` are hashing mappers in their old form."""
    mappers = list(config.get("mappers") or [])
    hashed = {mapper["mapperConfiguration"].get("targetField") for mapper in mappers if mapper["type"] == "hashing"}
    for field in config.get("hashedFields") or []:
        name = field["fieldPath"][0]
        if isinstance(name, str) and name not in hashed:
            mappers.append(
                {
                    "type": "hashing",
                    "mapperConfiguration": {"targetField": name, "method": "SHA-256", "fieldNameSuffix": _HASH_SUFFIX},
                }
            )
    return mappers


def renaming_of(mapper: Doc) -> tuple[str, str | None] | None:
    """Which field a mapper takes away and what stands there instead; None for a mapper that keeps the schema."""
    settings = mapper["mapperConfiguration"]
    kind = mapper["type"]
    if kind == "field-renaming":
        return settings["originalFieldName"], settings["newFieldName"]
    if kind == "hashing":
        return settings["targetField"], settings["targetField"] + settings.get("fieldNameSuffix", _HASH_SUFFIX)
    if kind == "encryption":
        return settings["targetField"], settings["targetField"] + settings.get("fieldNameSuffix", _ENCRYPTION_SUFFIX)
    if kind == "field-filtering":
        return settings["targetField"], None
    return None


def canonical_field(node: Any) -> Any:
    """The schema of a top-level field as the destination catalog shows it: scalars without decoration (§5.5)."""
    if not isinstance(node, dict) or "oneOf" in node or "anyOf" in node:
        return node
    kinds = node.get("type")
    if isinstance(kinds, list):
        kinds = [kind for kind in kinds if kind != "null"]
        if len(kinds) != 1:
            return node
        kinds = kinds[0]
    if kinds == "string":
        return _canonical_string(node)
    if kinds == "number" and node.get("airbyte_type") == "integer":
        return {"type": "integer"}
    return _SCALARS.get(kinds, node) if isinstance(kinds, str) else node


def _canonical_string(node: Doc) -> Doc:
    form, zone = node.get("format"), node.get("airbyte_type")
    if form is None:
        return _STRING
    if form == "date":
        return {"type": "string", "format": "date"}
    if form == "date-time":
        kind = "timestamp_without_timezone" if zone == "timestamp_without_timezone" else "timestamp_with_timezone"
        return {"type": "string", "format": "date-time", "airbyte_type": kind}
    if form == "time" and zone in ("time_with_timezone", "time_without_timezone"):
        return {"type": "string", "format": "time", "airbyte_type": zone}
    return node


def destination_entry(entry: Doc, *, fields_known: bool = True) -> Doc:
    """A configured stream as the destination sees it; without known fields it has no properties (§5.5)."""
    stream, config = entry["stream"], entry["config"]
    schema = stream.get("jsonSchema")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    fields = {name: canonical_field(node) for name, node in (properties or {}).items() if fields_known}
    renamed: dict[str, str] = {}
    for mapper in mappers_of(config):
        change = renaming_of(mapper)
        if change is None or change[0] not in fields:
            continue
        old, new = change
        rebuilt: Doc = {}
        for name, node in fields.items():
            if name != old:
                rebuilt[name] = node
            elif new is not None:
                rebuilt[new] = node if mapper["type"] == "field-renaming" else _STRING
                renamed[old] = new
        fields = rebuilt
    return {
        "stream": {
            **stream,
            "jsonSchema": {"type": "object", "properties": fields, "additionalProperties": True},
            "sourceDefinedPrimaryKey": _renamed_paths(stream.get("sourceDefinedPrimaryKey"), renamed),
            "defaultCursorField": _renamed_path(stream.get("defaultCursorField"), renamed),
        },
        "config": {
            **config,
            "primaryKey": _renamed_paths(config.get("primaryKey"), renamed),
            "cursorField": _renamed_path(config.get("cursorField"), renamed),
        },
    }


def destination_catalog(catalog: Doc) -> Doc:
    """A configured catalog as the destination sees it."""
    known = catalog.get("fields", True)
    return {"streams": [destination_entry(entry, fields_known=known) for entry in catalog["streams"]]}


def _renamed_paths(paths: Any, renamed: dict[str, str]) -> Any:
    return [_renamed_path(path, renamed) for path in paths] if paths else paths


def _renamed_path(path: Any, renamed: dict[str, str]) -> Any:
    if not path:
        return path
    first = path[0]
    while first in renamed:
        first = renamed[first]
    return [first, *path[1:]]
