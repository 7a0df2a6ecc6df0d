"""Destination tables: finding them, writing by family, showing them (rows.md §2)."""

from typing import Any

from pulumi_airbyte_wb.emulator.rows import direct_load
from pulumi_airbyte_wb.emulator.rows.streams import Load
from pulumi_airbyte_wb.emulator.server import Airbyte
from pulumi_airbyte_wb.emulator.store import Doc


def table_id(destination_id: str, namespace: str | None, name: str) -> str:
    """The id of a table's document."""
    return f"{destination_id}/{namespace or ''}/{name}"


def write(airbyte: Airbyte, destination: Doc, order: Load) -> None:
    """Carry out a load; what it changed stays changed when it fails."""
    doc_id = table_id(destination["destinationId"], order.namespace, order.table)
    table = airbyte.store.get("table", doc_id)
    if table is None:
        table = {
            "destinationId": destination["destinationId"],
            "namespace": order.namespace,
            "name": order.table,
            **direct_load.new_table(),
        }
    try:
        direct_load.load(destination, table, order)
    finally:
        airbyte.store.put("table", doc_id, table)


def tables_of(airbyte: Airbyte, destination_id: str) -> list[Doc]:
    """The tables of a destination."""
    return [table for table in airbyte.store.all("table") if table["destinationId"] == destination_id]


def visible_rows(table: Doc) -> list[dict[str, Any]]:
    """What a reader of the table sees: every column, null where a row has no value."""
    return [{name: row["v"].get(name) for name in table["columns"]} for row in table["rows"]]
