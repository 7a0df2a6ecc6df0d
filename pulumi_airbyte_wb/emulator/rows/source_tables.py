"""The tables of sources, and how their rows and schemas change (rows.md §6 rule 1)."""

import json

from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, Row, key_of, stream_ref
from pulumi_airbyte_wb.emulator.rows.source_read import CDC_DELETED, CDC_POSITION, CDC_UPDATED

CDC_COLUMNS: dict[str, Doc] = {
    CDC_POSITION: {"type": ["null", "number"]},
    CDC_UPDATED: {"type": ["null", "string"]},
    CDC_DELETED: {"type": ["null", "string"]},
}


def source_table_id(source_id: str, key: Key) -> str:
    """The id of a source table's document."""
    return f"{source_id}/{stream_ref(key)}"


def find_table(airbyte: Airbyte, source_id: str, key: Key) -> Doc | None:
    """The table behind a stream, if the source still has it."""
    table_id = source_table_id(source_id, key)
    return airbyte.store.get("source_table", table_id) if table_id in airbyte.source(source_id)["tables"] else None


def put_table(airbyte: Airbyte, source: Doc, stream: Doc, rows: list[Row]) -> Doc:
    """Give a source a table, or replace it; a CDC source's schema gains the log's columns."""
    key = key_of(stream)
    table_id = source_table_id(source["sourceId"], key)
    if source["kind"] == "cdc":
        schema = stream["jsonSchema"]
        stream = {
            **stream,
            "jsonSchema": {**schema, "properties": {**schema.get("properties", {}), **CDC_COLUMNS}},
            "sourceDefinedCursor": True,
            "defaultCursorField": [CDC_POSITION],
        }
    table = {"id": table_id, "stream": stream, "rows": [dict(row) for row in rows]}
    airbyte.store.put("source_table", table_id, table)
    if table_id not in source["tables"]:
        source["tables"].append(table_id)
        airbyte.store.put("source", source["sourceId"], source)
    return table


def drop_table(airbyte: Airbyte, source: Doc, key: Key) -> None:
    """Take a table from a source."""
    table_id = source_table_id(source["sourceId"], key)
    source["tables"] = [other for other in source["tables"] if other != table_id]
    airbyte.store.put("source", source["sourceId"], source)
    airbyte.store.delete("source_table", table_id)


def insert_rows(airbyte: Airbyte, source: Doc, table: Doc, rows: list[Row]) -> int:
    """Add rows."""
    for row in rows:
        table["rows"].append(dict(row))
        _log(airbyte, source, table, row, deleted=False)
    airbyte.store.put("source_table", table["id"], table)
    return len(rows)


def update_rows(airbyte: Airbyte, source: Doc, table: Doc, where: Row, values: Row) -> int:
    """Change the rows that match; returns how many."""
    changed = 0
    for row in table["rows"]:
        if _matches(row, where):
            row.update(values)
            _log(airbyte, source, table, row, deleted=False)
            changed += 1
    airbyte.store.put("source_table", table["id"], table)
    return changed


def delete_rows(airbyte: Airbyte, source: Doc, table: Doc, where: Row) -> int:
    """Delete the rows that match; returns how many."""
    gone = [row for row in table["rows"] if _matches(row, where)]
    table["rows"] = [row for row in table["rows"] if not _matches(row, where)]
    for row in gone:
        _log(airbyte, source, table, row, deleted=True)
    airbyte.store.put("source_table", table["id"], table)
    return len(gone)


def _matches(row: Row, where: Row) -> bool:
    # To Python, and not to JSON, 1 is True and 1.0.
    return all(
        row.get(name) == value and json.dumps(row.get(name)) == json.dumps(value) for name, value in where.items()
    )


def _log(airbyte: Airbyte, source: Doc, table: Doc, row: Row, *, deleted: bool) -> None:
    """A CDC source's log: delete events carry the key and nulls, or the full old row by option."""
    if source["kind"] != "cdc":
        return
    log = airbyte.store.get("source_log", source["sourceId"]) or {"position": 0, "events": []}
    log["position"] += 1
    position = log["position"]
    shown = dict(row)
    if deleted and source["deleteEvents"] == "key":
        key = {path[0] for path in table["stream"].get("sourceDefinedPrimaryKey") or []}
        shown = {name: value if name in key else None for name, value in row.items()}
    shown |= {CDC_POSITION: position, CDC_UPDATED: str(position), CDC_DELETED: str(position) if deleted else None}
    log["events"].append({"position": position, "table": table["id"], "row": shown})
    airbyte.store.put("source_log", source["sourceId"], log)
