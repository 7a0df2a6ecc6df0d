"""Destinations with raw tables and models built over them: history and final (rows.md §2, §6 rules 16 to 18)."""

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.rows.load import Load, StreamFailedError
from pulumi_airbyte_wb.emulator.rows.values import cast_row, column_type, key_values, placed
from pulumi_airbyte_wb.emulator.rows.winners import Stored, rank


def new_table() -> Doc:
    """An empty final table, its raw table and no history."""
    return {"columns": {}, "rows": [], "raw": [], "scd": None}


def load(table: Doc, order: Load) -> None:
    """Write a stream's records into raw, then run the models. An overwrite empties raw at its start."""
    overwrites = order.destination_mode in ("overwrite", "overwrite_dedup")
    if overwrites:
        table["raw"] = []
    incoming = [
        {"v": r.values, "x": r.extracted, "g": order.generation, "d": r.deleted, "h": None} for r in order.records
    ]
    table["raw"] += incoming
    table["columns"] = {name: column_type(schema) for name, schema in order.columns.items()}
    if order.destination_mode == "overwrite":
        table.update(scd=None, rows=[_typed(row, table["columns"], None) for row in table["raw"]])
    elif order.deduplicates:
        _run_history(table, order, incoming, fresh=overwrites)
    else:
        _append(table)
    for row in table["rows"]:
        row["v"] = placed({name: row["v"].get(name) for name in table["columns"]}, table["columns"])


def _append(table: Doc) -> None:
    """Final takes the raw rows with an emission at or above its newest; row ids keep it from taking one twice."""
    newest = max((row["x"] for row in table["rows"]), default=-1)
    taken = {row["x"] for row in table["rows"]}
    table["rows"] += [
        _typed(row, table["columns"], None) for row in table["raw"] if row["x"] >= newest and row["x"] not in taken
    ]


def _run_history(table: Doc, order: Load, incoming: list[Stored], *, fresh: bool) -> None:
    """``_scd``: every version of a key, the newest active; final: the active ones, keyed by a hash of the key.

    The hash is of the key's values in their configured order, so another order is another key (rows.md §2.2).
    """
    if incoming and not order.primary_key:
        raise StreamFailedError(f"stream {order.key.name}: a deduplicating sync needs a primary key")
    first = table["scd"] is None or fresh
    if fresh:
        table["rows"] = []
    history: list[Stored] = [] if first else table["scd"]
    history += [
        {**_typed(row, table["columns"], order.primary_key), "active": False}
        for row in (table["raw"] if first else incoming)
    ]
    table["scd"] = history
    newest: dict[str, Stored] = {}
    for row in history:
        row["active"] = False
        best = newest.get(row["h"])
        if best is None or rank(row, order.cursor) >= rank(best, order.cursor):
            newest[row["h"]] = row
    active = {key: row for key, row in newest.items() if not row["d"]}
    for row in active.values():
        row["active"] = True
    touched = {row["h"] for row in history}
    kept = [row for row in table["rows"] if row["h"] is None or row["h"] not in touched]
    table["rows"] = kept + [{name: row[name] for name in ("v", "x", "g", "d", "h")} for row in active.values()]


def _typed(row: Stored, columns: dict[str, str], key: list[list[str]] | None) -> Stored:
    values, _lost = cast_row(row["v"], columns)
    hashed = None if key is None else repr(key_values(values, key))
    return {"v": values, "x": row["x"], "g": row["g"], "d": row["d"], "h": hashed}
