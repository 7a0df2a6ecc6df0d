"""Destinations with a raw table and a final one that is typed from it (rows.md §2, §6 rules 13 to 15)."""

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.rows import direct_load
from pulumi_airbyte_wb.emulator.rows.load import Load, StreamFailedError
from pulumi_airbyte_wb.emulator.rows.values import cast_row, column_type
from pulumi_airbyte_wb.emulator.rows.winners import Stored, winners

_CLUSTERED = 3


def new_table() -> Doc:
    """An empty final table with its raw table: raw rows know whether they were typed."""
    return {"columns": {}, "rows": [], "raw": [], "tempRaw": None, "clustering": []}


def load(destination: Doc, table: Doc, order: Load) -> None:
    """Write a stream's records into raw, then type (and deduplicate) them into final."""
    if order.deduplicates and order.records and not order.primary_key:
        raise StreamFailedError(f"stream {order.key.name}: a deduplicating sync needs a primary key")
    if order.truncates:
        _truncate(destination, table, order)
    else:
        _load_normally(destination, table, order)


def _load_normally(destination: Doc, table: Doc, order: Load) -> None:
    if table["tempRaw"] is not None:
        table["raw"] += table["tempRaw"]["rows"]
        table["tempRaw"] = None
    if _needs_soft_reset(destination, table, order):
        _soft_reset(destination, table, order)
    table["raw"] += _raw_rows(order)
    _type_new_rows(destination, table, order)


def _raw_rows(order: Load) -> list[Stored]:
    return [
        {"v": r.values, "x": r.extracted, "g": order.generation, "d": r.deleted, "typed": False} for r in order.records
    ]


def _needs_soft_reset(destination: Doc, table: Doc, order: Load) -> bool:
    """Columns differ, or (merge) a key column is not among the clustering columns (rows.md §2.3)."""
    wanted = _column_types(order)
    if table["columns"] and wanted != table["columns"]:
        return True
    if destination["engine"] != "merge" or not order.deduplicates or not table["rows"]:
        return False
    return any(path[0] not in table["clustering"] for path in order.primary_key[:_CLUSTERED])


def _soft_reset(destination: Doc, table: Doc, order: Load) -> None:
    """Build the final table again from all raw rows."""
    _describe(table, order)
    for row in table["raw"]:
        row["typed"] = True
    rows = [_typed(row, table["columns"]) for row in table["raw"]]
    if order.deduplicates:
        rows = _without_deleted(destination, winners(rows, order.primary_key, order.cursor))
    table["rows"] = rows


def _type_new_rows(destination: Doc, table: Doc, order: Load) -> None:
    """Take the untyped raw rows into final; nothing happens without any (rows.md §2.1)."""
    _describe(table, order)
    untyped = [row for row in table["raw"] if not row["typed"]]
    if not untyped:
        return
    rows = [_typed(row, table["columns"]) for row in untyped]
    for row in untyped:
        row["typed"] = True
    if not order.deduplicates:
        table["rows"] += rows
    elif destination["engine"] == "merge":
        direct_load.merge(destination, table["rows"], winners(rows, order.primary_key, order.cursor), order)
    else:
        _deduplicate_whole(destination, table, order, rows)


def _deduplicate_whole(destination: Doc, table: Doc, order: Load, incoming: list[Stored]) -> None:
    """The delete engine: insert the winners, reduce the whole final table to one row per key (rows.md §2.2)."""
    rows = table["rows"] + winners(incoming, order.primary_key, order.cursor)
    table["rows"] = _without_deleted(destination, winners(rows, order.primary_key, order.cursor))


def _truncate(destination: Doc, table: Doc, order: Load) -> None:
    temp = table["tempRaw"]
    if temp is None or temp["generation"] < order.minimum:
        temp = table["tempRaw"] = {"generation": order.generation, "rows": []}
    temp["rows"] += _raw_rows(order)
    if not order.complete:
        return
    table.update(raw=temp["rows"], tempRaw=None, rows=[])
    _type_new_rows(destination, table, order)


def _describe(table: Doc, order: Load) -> None:
    table["columns"] = _column_types(order)
    table["clustering"] = [path[0] for path in order.primary_key[:_CLUSTERED]] if order.deduplicates else []


def _column_types(order: Load) -> dict[str, str]:
    return {name: column_type(schema) for name, schema in order.columns.items()}


def _without_deleted(destination: Doc, rows: list[Stored]) -> list[Stored]:
    return [row for row in rows if not (row["d"] and destination["hardDeletes"])]


def _typed(row: Stored, columns: dict[str, str]) -> Stored:
    """A final row: uncastable values become null and are noted (rows.md §6 rule 14)."""
    values, lost = cast_row(row["v"], columns)
    return {"v": values, "x": row["x"], "g": row["g"], "d": row["d"], "lost": lost}
