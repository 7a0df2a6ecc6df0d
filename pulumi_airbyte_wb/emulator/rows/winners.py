"""Who wins when rows share a key (rows.md §2.2)."""

from typing import Any

from pulumi_airbyte_wb.emulator.rows.values import at_path, key_values, order

Stored = dict[str, Any]
"""A stored row: ``v`` values, ``x`` extraction time, ``g`` generation, ``d`` whether it is a delete marker."""


def rank(row: Stored, cursor: list[str]) -> tuple[Any, ...]:
    """Cursor first (null lowest), then extraction time."""
    return (*(order(at_path(row["v"], cursor)) if cursor else ()), row["x"])


def winners(rows: list[Stored], key: list[list[str]], cursor: list[str]) -> list[Stored]:
    """One row per key inside one load; null equals null here."""
    best: dict[tuple[Any, ...], Stored] = {}
    for row in rows:
        identity = key_values(row["v"], key)
        if identity not in best or rank(row, cursor) >= rank(best[identity], cursor):
            best[identity] = row
    return list(best.values())


def beats(incoming: Stored, present: Stored, cursor: list[str]) -> bool:
    """Whether an incoming row replaces one of the table: a null never beats a value, a lower cursor never wins."""
    return rank(incoming, cursor) > rank(present, cursor)
