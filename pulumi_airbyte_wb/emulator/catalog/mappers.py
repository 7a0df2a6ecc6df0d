"""Mappers as the API takes, keeps and shows them (real-server.md A1, A5 to A7)."""

from collections.abc import Callable
from typing import Any

from pulumi_airbyte_wb.emulator.core.failures import ApiError, InternalError, ProblemError, null_pointer
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

MASK = "**********"
"""What an answer shows in the place of a secret."""

_METHODS = ("MD2", "MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
_MODES = ("CBC", "CFB", "OFB", "CTR", "GCM", "ECB")
_PADDINGS = ("NoPadding", "PKCS5Padding")


class _MissingError(Exception):
    """A setting that the server reads without looking."""


class _InvalidError(Exception):
    """A setting that the server cannot read."""


def stored_mappers(config: Doc, rules: Rules) -> list[Doc]:
    """The mappers of a requested configuration as they are kept; hashed fields count where there are none (A6).

    Raises:
        ApiError: the server cannot read one of them.
    """
    if rules.has("mappers") and config.get("mappers"):
        return [read_mapper(mapper, rules) for mapper in config["mappers"]]
    return [_hashing(field) for field in config.get("hashedFields") or []] if rules.has("hashedFields") else []


def _hashing(field: Doc) -> Doc:
    path = field.get("fieldPath")
    if not path:
        raise InternalError("List is empty.", "java.util.NoSuchElementException")
    if path[0] is None:
        raise null_pointer("first(...) must not be null")
    settings = {"targetField": path[0], "method": "SHA-256", "fieldNameSuffix": "_hashed"}
    return {"type": "hashing", "mapperConfiguration": settings}


def read_mapper(mapper: Doc, rules: Rules) -> Doc:
    """A mapper as it is kept: with the settings that its type has, and no others."""
    kind = mapper.get("type")
    if kind is None:
        raise _problem(mapper, "missing-required-param", "type must not be null", rules)
    try:
        settings = _SETTINGS[kind](mapper.get("mapperConfiguration"))
    except _MissingError as missing:
        raise _problem(mapper, "missing-required-param", str(missing), rules) from None
    except _InvalidError as invalid:
        raise _problem(mapper, "invalid-config", str(invalid), rules) from None
    identity = {} if mapper.get("id") is None else {"id": mapper["id"]}
    return {**identity, "type": kind, "mapperConfiguration": settings}


def _problem(mapper: Doc, word: str, message: str, rules: Rules) -> ApiError:
    if not rules.has("mappers.settingProblems"):
        return null_pointer(message) if word == "missing-required-param" else InternalError(message)
    title, detail = {
        "missing-required-param": (
            "Mapper configuration missing required parameter",
            "The mapper configuration is missing a required parameter",
        ),
        "invalid-config": (
            "Invalid Mapper Configuration",
            "The mapper configuration is invalid and cannot be parsed",
        ),
    }[word]
    data = {"mapperId": mapper.get("id"), "mapperType": mapper.get("type"), "message": message}
    return ProblemError(f"error:mapper-validation/{word}", title, detail, data)


def _value(settings: Any, name: str) -> str:
    value = settings.get(name) if isinstance(settings, dict) else None
    if value is None:
        raise _MissingError(f"get{name[0].upper()}{name[1:]}(...) must not be null")
    if isinstance(value, dict | list):
        raise _InvalidError(f"Cannot deserialize value of type `java.lang.String`: {name}")
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _word(settings: Any, name: str, words: tuple[str, ...]) -> str:
    value = _value(settings, name)
    if value not in words:
        raise _InvalidError(f"Cannot construct instance of `{name}`, problem: Unexpected value '{value}'")
    return value


def _hashing_settings(settings: Any) -> Doc:
    method = _word(settings, "method", _METHODS)
    suffix = _value(settings, "fieldNameSuffix")
    return {"targetField": _value(settings, "targetField"), "method": method, "fieldNameSuffix": suffix}


def _renaming_settings(settings: Any) -> Doc:
    return {name: _value(settings, name) for name in ("originalFieldName", "newFieldName")}


def _filtering_settings(settings: Any) -> Doc:
    return {"targetField": _value(settings, "targetField")}


def _row_settings(settings: Any) -> Doc:
    conditions = settings.get("conditions") if isinstance(settings, dict) else None
    if conditions is None:
        raise _MissingError("null cannot be cast to non-null type com.fasterxml.jackson.databind.node.ObjectNode")
    return {"conditions": _condition(conditions)}


def _condition(condition: Any) -> Doc:
    """The API knows EQUAL and NOT alone, in just this spelling (A5); every one comes back with ``conditions``."""
    if not isinstance(condition, dict):
        raise InternalError("a condition cannot be cast to ObjectNode", "java.lang.ClassCastException")
    kind = condition.get("type")
    if kind == "EQUAL":
        names = ("fieldName", "comparisonValue")
        return {"type": kind, **{name: _value(condition, name) for name in names}, "conditions": []}
    if kind == "NOT":
        inner = condition.get("conditions")
        if inner is None:
            raise _MissingError("null")
        return {"type": kind, "conditions": [_condition(part) for part in inner]}
    if kind is None:
        raise _MissingError("null")
    raise _InvalidError(f"Unsupported operation type: {kind}")


def _encryption_settings(settings: Any) -> Doc:
    algorithm = _value(settings, "algorithm")
    if algorithm not in ("AES", "RSA"):
        raise _InvalidError(f"Unsupported encryption algorithm: {algorithm}")
    read: Doc = {"algorithm": algorithm}
    if algorithm == "AES":
        read["key"] = _value(settings, "key")
    else:
        read["publicKey"] = _value(settings, "publicKey")
    read["targetField"] = _value(settings, "targetField")
    if settings.get("fieldNameSuffix") is not None:
        read["fieldNameSuffix"] = _value(settings, "fieldNameSuffix")
    if algorithm == "AES":
        read |= {"mode": _word(settings, "mode", _MODES), "padding": _word(settings, "padding", _PADDINGS)}
    return read


_SETTINGS: dict[str, Callable[[Any], Doc]] = {
    "hashing": _hashing_settings,
    "field-renaming": _renaming_settings,
    "field-filtering": _filtering_settings,
    "row-filtering": _row_settings,
    "encryption": _encryption_settings,
}


def masked(mapper: Doc, rules: Rules) -> Doc:
    """A mapper in an answer: the key of AES is a secret, a public key of RSA is none (A1).

    Raises:
        ApiError: a row filter without conditions, which was stored and cannot be read (A5).
    """
    settings = mapper["mapperConfiguration"]
    if rules.has("mappers.masked"):
        if mapper["type"] == "row-filtering" and not _readable(settings["conditions"]):
            raise InternalError("Mapper Config not valid: $.config.conditions must be valid to one and only one schema")
        if "key" in settings:
            settings = {**settings, "key": MASK}
    return {**mapper, "mapperConfiguration": settings}


def _readable(condition: Doc) -> bool:
    if condition["type"] == "EQUAL":
        return True
    return bool(condition["conditions"]) and all(map(_readable, condition["conditions"]))


def hashed_fields(config: Doc) -> list[Doc]:
    """hashedFields, which answers make of the hashing mappers (A6)."""
    mappers = config.get("mappers") or []
    hashing = (mapper for mapper in mappers if mapper["type"] == "hashing")
    return [{"fieldPath": [mapper["mapperConfiguration"]["targetField"]]} for mapper in hashing]
