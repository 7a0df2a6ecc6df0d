"""Streams as the destination sees them, which is what servers from 1.4.0 on compare (semantics §5.5).

A stream's top-level fields go through its mappers; then scalars get the one schema of their type, so that a changed
description or nullability is no change. Objects, arrays and mixed types keep the source's own schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NoReturn

from pulumi_airbyte_wb.catalog.json_schema import word
from pulumi_airbyte_wb.errors import CatalogError

Key = list[list[str]]

_TEXT: Mapping[str, str] = MappingProxyType({"type": "string"})

_HASHING_METHODS = frozenset({"MD2", "MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"})
_DEFAULT_HASHING_SUFFIX = "_hashed"

_AES_MODES = frozenset({"CBC", "CFB", "OFB", "CTR", "GCM", "ECB"})
_AES_PADDINGS = frozenset({"NoPadding", "PKCS5Padding"})
_WORKING_AES = frozenset(
    {
        ("CBC", "PKCS5Padding"),
        ("CFB", "NoPadding"),
        ("CFB", "PKCS5Padding"),
        ("OFB", "NoPadding"),
        ("OFB", "PKCS5Padding"),
        ("CTR", "NoPadding"),
    }
)
"""The pairs with which the server's trial encryption of eleven bytes with an initialisation vector succeeds."""
_AES_KEY = re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{48}|[0-9a-fA-F]{64})")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_RSA_PUBLIC_KEY = re.compile(r"30.{0,12}30..06092a864886f70d010101", re.IGNORECASE)
"""How an X.509 public key in hexadecimal begins: two sequences and the identifier of RSA."""


@dataclass(frozen=True, slots=True)
class Mapper:
    """What a mapper does to the schema of a stream.

    Attributes:
        type: the API's word.
        field: the top-level field that it works on.
        result: what the field is called afterwards; ``None`` where it is dropped.
        to_text: whether the field is a string afterwards.
    """

    type: str
    field: str
    result: str | None
    to_text: bool = False


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


def hashing_mapper(field: str) -> Mapper:
    """The mapper that stands for an entry of ``hashedFields``."""
    return Mapper("hashing", field, field + _DEFAULT_HASHING_SUFFIX, to_text=True)


def schema_mappers(configured: list[Any]) -> tuple[Mapper, ...]:
    """The mappers that change the schema, in their order; row filters and mappers that the server ignores are left out.

    Raises:
        CatalogError: a mapper that the server cannot read.
    """
    read = [_read_mapper(each) for each in configured]
    return tuple(mapper for mapper in read if mapper is not None)


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


def _read_mapper(configured: Any) -> Mapper | None:
    type_ = configured.get("type") if isinstance(configured, Mapping) else None
    config = configured.get("mapperConfiguration") if isinstance(configured, Mapping) else None
    read = _READERS.get(type_) if isinstance(type_, str) else None
    if read is None or not isinstance(config, Mapping):
        _unreadable(f"a mapper of type {type_!r}")
    return read(config)


def _read_hashing(config: Mapping[str, Any]) -> Mapper:
    _one_of(config, "method", _HASHING_METHODS)
    field = _text(config, "targetField")
    return Mapper("hashing", field, field + _text(config, "fieldNameSuffix"), to_text=True)


def _read_renaming(config: Mapping[str, Any]) -> Mapper:
    return Mapper("field-renaming", _text(config, "originalFieldName"), _text(config, "newFieldName"))


def _read_filtering(config: Mapping[str, Any]) -> Mapper:
    return Mapper("field-filtering", _text(config, "targetField"), None)


def _read_row_filtering(config: Mapping[str, Any]) -> None:
    _check_condition(config.get("conditions"))


def _check_condition(condition: Any) -> None:
    match condition:
        case {"type": "EQUAL", "fieldName": str(), "comparisonValue": str()}:
            return
        case {"type": "NOT", "conditions": list() as nested}:
            for each in nested:
                _check_condition(each)
        case _:
            _unreadable(f"the row filter {condition!r}")


def _read_encryption(config: Mapping[str, Any]) -> Mapper | None:
    """An encryption, unless its parameters cannot encrypt: those the server passes over."""
    field = _text(config, "targetField")
    works = _aes_works if _one_of(config, "algorithm", frozenset({"AES", "RSA"})) == "AES" else _rsa_works
    mapper = Mapper("encryption", field, field + (config.get("fieldNameSuffix") or ""), to_text=True)
    return mapper if works(config) else None


def _aes_works(config: Mapping[str, Any]) -> bool:
    way = (_one_of(config, "mode", _AES_MODES), _one_of(config, "padding", _AES_PADDINGS))
    return way in _WORKING_AES and _AES_KEY.fullmatch(_text(config, "key")) is not None


def _rsa_works(config: Mapping[str, Any]) -> bool:
    key = _text(config, "publicKey")
    return _HEX.fullmatch(key) is not None and _RSA_PUBLIC_KEY.match(key) is not None


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Mapper | None]] = MappingProxyType(
    {
        "hashing": _read_hashing,
        "field-renaming": _read_renaming,
        "field-filtering": _read_filtering,
        "row-filtering": _read_row_filtering,
        "encryption": _read_encryption,
    }
)


def _text(config: Mapping[str, Any], name: str) -> str:
    value = config.get(name)
    return value if isinstance(value, str) else _unreadable(f"a mapper without {name}")


def _one_of(config: Mapping[str, Any], name: str, words: frozenset[str]) -> str:
    value = _text(config, name)
    return value if value in words else _unreadable(f"a mapper with the {name} {value!r}")


def _unreadable(what: str) -> NoReturn:
    msg = f"the server cannot read {what}"
    raise CatalogError(msg, code="internal")
