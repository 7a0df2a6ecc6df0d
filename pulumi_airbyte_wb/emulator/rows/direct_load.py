"""Destinations that write straight into one table (rows.md §2, §6 rules 9 to 12)."""

from typing import Any

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.rows.load import Load, StreamFailedError
from pulumi_airbyte_wb.emulator.rows.values import CastError, cast, column_type, has_null, key_values, placed
from pulumi_airbyte_wb.emulator.rows.winners import Stored, beats, winners


def load(destination: Doc, table: Doc, order: Load) -> None:
    """Write a stream's records."""
    if order.truncates:
        _truncate(destination, table, order)
    elif order.deduplicates:
        _deduplicate(destination, table, order)
    else:
        _append(destination, table, order)


def new_table() -> Doc:
    """An empty table."""
    return {"columns": {}, "rows": [], "temp": None}


def stored_rows(order: Load) -> list[Stored]:
    """Records as rows of a table."""
    kinds = {name: column_type(schema) for name, schema in order.columns.items()}
    return [
        {"v": placed(r.values, kinds), "x": r.extracted, "g": order.generation, "d": r.deleted} for r in order.records
    ]


def _append(destination: Doc, table: Doc, order: Load) -> None:
    _evolve(destination, table, order.columns)
    if table["temp"] is not None:
        table["rows"] += table["temp"]["rows"]
        table["temp"] = None
    table["rows"] += stored_rows(order)


def _deduplicate(destination: Doc, table: Doc, order: Load) -> None:
    left_over: list[Stored] = [] if table["temp"] is None else table["temp"]["rows"]
    incoming = left_over + stored_rows(order)
    _evolve(destination, table, order.columns)
    if incoming and not order.primary_key:
        raise StreamFailedError(f"stream {order.key.name}: a deduplicating sync needs a primary key")
    if destination["engine"] == "background":
        _insert_for_background(table, order, incoming)
    else:
        merge(destination, table["rows"], winners(incoming, order.primary_key, order.cursor), order)
    table["temp"] = None


def merge(destination: Doc, rows: list[Stored], incoming: list[Stored], order: Load) -> None:
    """MERGE winners into a table: every row of the key is updated, duplicates stay (rows.md §2.2)."""
    by_key: dict[tuple[Any, ...], list[Stored]] = {}
    for row in rows:
        by_key.setdefault(key_values(row["v"], order.primary_key), []).append(row)
    hard, doomed = destination["hardDeletes"], set()
    for row in incoming:
        identity = key_values(row["v"], order.primary_key)
        unmatched = destination["nullKeys"] == "postgres" and has_null(identity)
        present = [] if unmatched else by_key.get(identity, [])
        if not present:
            if not (row["d"] and hard):
                rows.append(row)
            continue
        for old in present:
            if row["d"] and hard:
                if not beats(old, row, order.cursor):
                    doomed.add(id(old))
            elif beats(row, old, order.cursor):
                old.update(v=row["v"], x=row["x"], g=row["g"], d=row["d"])
    rows[:] = [row for row in rows if id(row) not in doomed]


def _insert_for_background(table: Doc, order: Load, incoming: list[Stored]) -> None:
    """The engine merges later; its key columns must not be null (rows.md §2)."""
    if any(has_null(key_values(row["v"], order.primary_key)) for row in incoming):
        raise StreamFailedError(f"stream {order.key.name}: a key column is null, which this destination does not store")
    table["rows"] += incoming
    table["pending"] = {"key": order.primary_key, "cursor": order.cursor}


def settle(destination: Doc, table: Doc) -> None:
    """Let the table engine merge in the background."""
    pending = table.pop("pending", None)
    if pending is not None:
        kept = winners(table["rows"], pending["key"], pending["cursor"])
        table["rows"] = [row for row in kept if not (row["d"] and destination["hardDeletes"])]


def _truncate(destination: Doc, table: Doc, order: Load) -> None:
    old = bool(table["rows"]) and table["rows"][0]["g"] < order.minimum
    if not old:
        # rows of this generation are there already (a later attempt), or none: written directly
        if table["temp"] is not None and table["temp"]["generation"] < order.minimum:
            table["temp"] = None
        if order.deduplicates:
            _deduplicate(destination, table, order)
        else:
            _append(destination, table, order)
        return
    temp = table["temp"]
    if temp is None or temp["generation"] < order.minimum:
        temp = table["temp"] = {"generation": order.generation, "rows": []}
    temp["rows"] += stored_rows(order)
    if order.complete:
        rows = temp["rows"]
        if order.deduplicates:
            if rows and not order.primary_key:
                raise StreamFailedError(f"stream {order.key.name}: a deduplicating sync needs a primary key")
            kept = winners(rows, order.primary_key, order.cursor)
            rows = [row for row in kept if not (row["d"] and destination["hardDeletes"])]
        table["rows"], table["temp"] = rows, None
        table["columns"] = {name: column_type(schema) for name, schema in order.columns.items()}


def _evolve(destination: Doc, table: Doc, columns: dict[str, Any]) -> None:
    """Bring the table's columns to the catalog's: add (null), drop (values gone), cast in place (rows.md §2.3)."""
    wanted = {name: column_type(schema) for name, schema in columns.items()}
    present: dict[str, str] = table["columns"]
    casts = {name: kind for name, kind in wanted.items() if name in present and present[name] != kind}
    values: list[dict[str, Any]] = []
    for row in table["rows"]:
        try:
            changed = {name: cast(row["v"].get(name), kind) for name, kind in casts.items()}
        except CastError as problem:
            if destination["failingCasts"]:
                raise StreamFailedError(f"column type change: {problem}") from None
            changed = placed({name: row["v"].get(name) for name in casts}, casts)
        values.append({**{name: value for name, value in row["v"].items() if name in wanted}, **changed})
    for row, new in zip(table["rows"], values, strict=True):
        row["v"] = new
    table["columns"] = wanted
