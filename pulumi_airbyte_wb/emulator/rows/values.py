"""Comparing, keying and casting the values of rows (rows.md §2.2, §6 rule 12)."""

import json
from typing import Any

from pulumi_airbyte_wb.emulator.core.streams import Row


class CastError(ValueError):
    """A value that does not cast to a column's new type."""


def order(value: Any) -> tuple[int, str, Any]:
    """A sort key under which null is lowest and values of one type compare as they should."""
    if value is None:
        return (0, "", 0)
    if isinstance(value, bool):
        return (1, "boolean", value)
    if isinstance(value, int | float):
        return (1, "number", value)
    if isinstance(value, str):
        return (1, "string", value)
    return (1, "text", json.dumps(value, sort_keys=True))


def at_path(row: Row, path: list[str]) -> Any:
    """The value of a column; only a path's first element is looked at (rows.md §5)."""
    return row.get(path[0]) if path else None


def key_values(row: Row, key: list[list[str]]) -> tuple[Any, ...]:
    """A row's key, hashable."""
    return tuple(order(at_path(row, path)) for path in key)


def has_null(key: tuple[Any, ...]) -> bool:
    """Whether a part of the key is null."""
    return any(part[0] == 0 for part in key)


def column_type(schema: Any) -> str:
    """The type that a destination gives a column for a field's canonical schema."""
    if not isinstance(schema, dict):
        return "unknown"
    kinds = schema.get("type")
    if isinstance(kinds, list):
        kinds = [kind for kind in kinds if kind != "null"]
        kinds = kinds[0] if len(kinds) == 1 else "multi"
    if kinds == "string":
        return str(schema.get("airbyte_type") or schema.get("format") or "string")
    return str(kinds or "unknown")


def cast(value: Any, kind: str) -> Any:
    """The value as the type, or CastError."""
    if value is None:
        return None
    try:
        if kind == "integer":
            return _whole(value)
        if kind == "number":
            return float(value) if not isinstance(value, bool) else _fail(value, kind)
        if kind == "boolean":
            return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]
        if kind == "object":
            return value if isinstance(value, dict) else _fail(value, kind)
        if kind == "array":
            return value if isinstance(value, list) else _fail(value, kind)
        if kind in ("date", "date-time", "timestamp_with_timezone", "timestamp_without_timezone"):
            return value if isinstance(value, str) and value[:4].isdigit() else _fail(value, kind)
    except (KeyError, TypeError, ValueError):
        return _fail(value, kind)
    if kind == "string" and not isinstance(value, str):
        return json.dumps(value, sort_keys=True)
    return value


def cast_row(values: Row, columns: dict[str, str]) -> tuple[Row, list[str]]:
    """A row as the types of its columns, null where a value does not cast; and the columns that lost one so."""
    typed: Row = {}
    lost: list[str] = []
    for name, kind in columns.items():
        try:
            typed[name] = cast(values.get(name), kind)
        except CastError:
            typed[name] = None
            lost.append(name)
    return typed, lost


def placed(values: Row, columns: dict[str, str]) -> Row:
    """A row as a table of these columns takes it: a value that has no place in its column is null."""
    return {name: _placed(value, columns.get(name, "unknown")) for name, value in values.items()}


def _placed(value: Any, kind: str) -> Any:
    if value is None or (kind == "number" and isinstance(value, int) and not isinstance(value, bool)):
        return value
    try:
        return cast(value, kind)
    except CastError:
        return None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        return _fail(value, "integer")  # type: ignore[no-any-return]
    return int(value)


def _fail(value: Any, kind: str) -> Any:
    raise CastError(f"{value!r} does not cast to {kind}")
