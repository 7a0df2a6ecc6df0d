"""Streams as the destination sees them: mappers applied in order, scalar schemas made canonical (semantics §5.5)."""

import re
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.emulator.catalog.public_key import is_rsa_public_key
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

_STRING: Doc = {"type": "string"}
_SCALARS: dict[str, Doc] = {name: {"type": name} for name in ("boolean", "integer", "number")}
_AES_KEY = re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{48}|[0-9a-fA-F]{64})")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


class MapperError(Exception):
    """A mapper that cannot be applied; ``word`` is the API's word for the reason."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass
class SlimStream:
    """What mappers work on; ``None`` stands where a field filter left nothing of a cursor or a key (A2)."""

    fields: Doc
    cursor: list[str] | None
    key: list[list[str]] | None
    source_cursor: list[str] | None
    source_key: list[list[str]] | None

    def rename(self, old: str, new: str, schema: Doc | None) -> None:
        """Call a field another name, with another schema where one is given; MapperError where that cannot be."""
        if old != new and new in self.fields:
            raise MapperError("FIELD_ALREADY_EXISTS", f"Field {new} already exists in stream fields")
        self._known(old)
        self.fields = {
            new if name == old else name: schema if name == old and schema is not None else node
            for name, node in self.fields.items()
        }

        def renamed(path: list[str]) -> list[str]:
            return [new] if path == [old] else path

        self.cursor = None if self.cursor is None else renamed(self.cursor)
        self.source_cursor = None if self.source_cursor is None else renamed(self.source_cursor)
        self.key = None if self.key is None else [renamed(path) for path in self.key]
        self.source_key = None if self.source_key is None else [renamed(path) for path in self.source_key]

    def remove(self, field: str) -> None:
        """Take a field away, from cursor and keys too."""
        self._known(field)
        del self.fields[field]
        self.cursor = [part for part in self.cursor or [] if part != field] or None
        self.source_cursor = [part for part in self.source_cursor or [] if part != field] or None
        self.key = [path for path in self.key or [] if path != [field]] or None
        self.source_key = [path for path in self.source_key or [] if path != [field]] or None

    def _known(self, field: str) -> None:
        if field not in self.fields:
            raise MapperError("FIELD_NOT_FOUND", f"Field {field} not found in stream fields")


def apply_mapper(stream: SlimStream, mapper: Doc, rules: Rules) -> None:
    """Apply a mapper to a stream's fields, cursor and keys; MapperError where it cannot be, and nothing is changed."""
    settings, kind = mapper["mapperConfiguration"], mapper["type"]
    if kind == "field-renaming":
        stream.rename(settings["originalFieldName"], settings["newFieldName"], None)
    elif kind == "field-filtering":
        stream.remove(settings["targetField"])
    elif kind == "hashing":
        stream.rename(settings["targetField"], settings["targetField"] + settings["fieldNameSuffix"], _STRING)
    elif kind == "encryption":
        if not _encrypts(settings, rules):
            raise MapperError("INVALID_MAPPER_CONFIG", "Encryption key or parameters are invalid")
        stream.rename(settings["targetField"], settings["targetField"] + settings.get("fieldNameSuffix", ""), _STRING)


def _encrypts(settings: Doc, rules: Rules) -> bool:
    """Whether the server's trial with eleven bytes and an initialisation vector succeeds; a masked key fails (A1)."""
    if settings["algorithm"] == "RSA":
        key = settings["publicKey"]
        works = bool(_HEX.fullmatch(key)) and is_rsa_public_key(bytes.fromhex(key))
        return works or not rules.has("mappers.sampleEncrypted")
    mode, padding = settings["mode"], settings["padding"]
    if mode == "CTR" and padding != "NoPadding":
        return False
    if not rules.has("mappers.sampleEncrypted"):
        return True
    takes_vector = mode not in ("ECB", "GCM")
    takes_length = mode != "CBC" or padding == "PKCS5Padding"
    return takes_vector and takes_length and bool(_AES_KEY.fullmatch(settings["key"]))


def slim_stream(entry: Doc, *, fields_known: bool = True) -> SlimStream:
    """The part of a configured stream that mappers see; catalogs written before v0.64.4 know no fields (§5.5)."""
    stream, config = entry["stream"], entry["config"]
    fields = _top_level(stream.get("jsonSchema")) if fields_known else {}
    return SlimStream(
        dict(fields),
        config.get("cursorField"),
        config.get("primaryKey"),
        stream.get("defaultCursorField"),
        stream.get("sourceDefinedPrimaryKey"),
    )


def mapper_errors(entry: Doc, rules: Rules) -> list[tuple[Doc, str]]:
    """The mappers of a configured stream that cannot be applied, each with the API's word for the reason."""
    return _mapped(slim_stream(entry), entry["config"].get("mappers") or [], rules)


def _mapped(stream: SlimStream, mappers: list[Doc], rules: Rules) -> list[tuple[Doc, str]]:
    errors = []
    for mapper in mappers:
        try:
            apply_mapper(stream, mapper, rules)
        except MapperError as problem:
            errors.append((mapper, problem.word))
    return errors


def mapped_stream(entry: Doc, rules: Rules) -> SlimStream:
    """Fields, cursor and keys of a configured stream as its records arrive; the server holds the secrets."""
    slim = slim_stream(entry)
    _mapped(slim, entry["config"].get("mappers") or [], rules)
    return slim


def destination_entry(entry: Doc, rules: Rules, *, fields_known: bool = True) -> Doc:
    """A configured stream as the destination sees it; mappers that cannot be applied are passed over."""
    slim = slim_stream(entry, fields_known=fields_known)
    refused = [mapper for mapper, _ in _mapped(slim, entry["config"].get("mappers") or [], rules)]
    source = _top_level(entry["stream"].get("jsonSchema"))
    schema = {
        "type": "object",
        "$schema": "http://json-schema.org/schema#",
        "properties": {name: _destination_node(name, node, source) for name, node in slim.fields.items()},
        "additionalProperties": True,
    }
    mappers = [mapper for mapper in entry["config"].get("mappers") or [] if mapper not in refused]
    return {
        "stream": {
            **entry["stream"],
            "jsonSchema": schema,
            "sourceDefinedPrimaryKey": slim.source_key,
            "defaultCursorField": slim.source_cursor,
        },
        "config": {**entry["config"], "primaryKey": slim.key, "cursorField": slim.cursor, "mappers": mappers},
    }


def destination_catalog(catalog: Doc, rules: Rules) -> Doc:
    """A configured catalog as the destination sees it."""
    known = catalog.get("fields", True)
    return {"streams": [destination_entry(entry, rules, fields_known=known) for entry in catalog["streams"]]}


def _top_level(schema: Any) -> Doc:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def _destination_node(name: str, node: Any, source: Doc) -> Any:
    """The canonical schema of a scalar; anything else is looked up by its *new* name, so that a renamed one is null."""
    canonical = canonical_scalar(node)
    return source.get(name) if canonical is None else canonical


def field_type(node: Any) -> str:
    """The platform's name of a field's type."""
    canonical = canonical_scalar(node)
    if canonical is not None:
        kind = str(canonical.get("airbyte_type") or canonical.get("format") or canonical["type"])
        return kind.upper()
    if not isinstance(node, dict):
        return "UNKNOWN"
    kinds = node.get("type")
    if "oneOf" in node or "anyOf" in node:
        return "MULTI"
    if isinstance(kinds, list):
        kinds = [kind for kind in kinds if kind not in ("null", None)]
        if len(kinds) != 1:
            return "MULTI"
        kinds = kinds[0]
    return {"object": "OBJECT", "array": "ARRAY"}.get(str(kinds), "UNKNOWN")


def canonical_scalar(node: Any) -> Doc | None:
    """The one schema of a scalar's type; None for objects, arrays, several types and forms that are unknown."""
    if not isinstance(node, dict) or "type" not in node or "oneOf" in node or "anyOf" in node:
        return None
    kinds = node["type"]
    if isinstance(kinds, list):
        kinds = [kind for kind in kinds if kind not in ("null", None)]
        if len(kinds) != 1:
            return None
        kinds = kinds[0]
    if kinds == "string":
        return _canonical_string(node)
    if kinds == "number" and node.get("airbyte_type") == "integer":
        return _SCALARS["integer"]
    return _SCALARS.get(kinds) if isinstance(kinds, str) else None


def _canonical_string(node: Doc) -> Doc | None:
    form, zone = node.get("format"), node.get("airbyte_type")
    if "format" not in node and "airbyte_type" not in node:
        return _STRING
    if form == "date":
        return {"type": "string", "format": "date"}
    if form == "date-time" and "airbyte_type" not in node:
        zone = "timestamp_with_timezone"
    kind = {"date-time": "timestamp", "time": "time"}.get(form) if isinstance(form, str) else None
    if kind is not None and zone in (f"{kind}_with_timezone", f"{kind}_without_timezone"):
        return {"type": "string", "format": form, "airbyte_type": zone}
    return None
