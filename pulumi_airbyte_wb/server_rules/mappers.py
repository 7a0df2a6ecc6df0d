"""The mappers of a stream, as the server reads them: what each does to the schema, and which it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NoReturn

from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.models import StreamDescriptor

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
        works: whether the server can apply it: it refuses an encryption with parameters that cannot encrypt.
        masked: whether the server's answers mask something that it needs, which is the key of AES.
    """

    type: str
    field: str
    result: str | None
    to_text: bool = False
    works: bool = True
    masked: bool = False


def hashing_mapper(field: str) -> Mapper:
    """The mapper that stands for an entry of ``hashedFields``."""
    return Mapper("hashing", field, field + _DEFAULT_HASHING_SUFFIX, to_text=True)


def schema_mappers(configured: list[Any]) -> tuple[Mapper, ...]:
    """The mappers that change the schema, in their order; row filters are left out.

    Raises:
        CatalogError: a mapper that the server cannot read.
    """
    read = [_read_mapper(each) for each in configured]
    return tuple(mapper for mapper in read if mapper is not None)


def check_mappers(descriptor: StreamDescriptor, columns: Iterable[str], mappers: Iterable[Mapper]) -> None:
    """Refuse a mapper that cannot be applied to a stream with these columns, as the server does with what is sent.

    Raises:
        CatalogError: ``mapper-refused``.
    """
    names = set(columns)
    for mapper in mappers:
        why = _why_refused(mapper, names)
        if why is not None:
            msg = f"the server refuses the mapper {mapper.type} of {descriptor}: {why}"
            raise CatalogError(msg, code="mapper-refused")
        names.discard(mapper.field)
        if mapper.result is not None:
            names.add(mapper.result)


def _why_refused(mapper: Mapper, names: set[str]) -> str | None:
    if not mapper.works:
        return "its key or its parameters cannot encrypt; a key that the server has masked cannot be sent back"
    if mapper.field not in names:
        return f"there is no field {mapper.field!r}"
    if mapper.result is not None and mapper.result != mapper.field and mapper.result in names:
        return f"there is a field {mapper.result!r} already"
    return None


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


def _read_encryption(config: Mapping[str, Any]) -> Mapper:
    field = _text(config, "targetField")
    is_aes = _one_of(config, "algorithm", frozenset({"AES", "RSA"})) == "AES"
    return Mapper(
        "encryption",
        field,
        field + (config.get("fieldNameSuffix") or ""),
        to_text=True,
        works=_aes_works(config) if is_aes else _rsa_works(config),
        masked=is_aes,
    )


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
