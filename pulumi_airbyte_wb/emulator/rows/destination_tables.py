"""Destination tables: finding them, writing by family, showing them (rows.md §2)."""

from typing import Any

from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.world import Family
from pulumi_airbyte_wb.emulator.rows import direct_load, normalization, typing_deduping
from pulumi_airbyte_wb.emulator.rows.load import Load


def table_id(destination_id: str, namespace: str | None, name: str) -> str:
    """The id of a table's document."""
    return f"{destination_id}/{namespace or ''}/{name}"


def full_name(namespace: str | None, name: str) -> str:
    """How a table is called: ``namespace.name``, or its name where the destination has no namespaces."""
    return f"{namespace}.{name}" if namespace else name


def write(airbyte: Airbyte, destination: Doc, order: Load) -> None:
    """Carry out a load; what it changed stays changed when it fails."""
    doc_id = table_id(destination["destinationId"], order.namespace, order.table)
    table = airbyte.store.get("table", doc_id)
    if table is None:
        table = {
            "destinationId": destination["destinationId"],
            "namespace": order.namespace,
            "name": order.table,
            **_new_table(destination),
        }
    try:
        _load(destination, table, order)
    finally:
        airbyte.store.put("table", doc_id, table)


def _new_table(destination: Doc) -> Doc:
    if destination["family"] == Family.NORMALIZATION:
        return normalization.new_table()
    if destination["family"] == Family.TYPING_DEDUPING:
        return typing_deduping.new_table()
    return direct_load.new_table()


def _load(destination: Doc, table: Doc, order: Load) -> None:
    if destination["family"] == Family.NORMALIZATION:
        normalization.load(table, order)
    elif destination["family"] == Family.TYPING_DEDUPING:
        typing_deduping.load(destination, table, order)
    else:
        direct_load.load(destination, table, order)


def settle(airbyte: Airbyte, destination: Doc) -> None:
    """Let table engines that merge in the background finish."""
    for table in tables_of(airbyte, destination["destinationId"]):
        if "pending" in table:
            direct_load.settle(destination, table)
            airbyte.store.put("table", table_id(table["destinationId"], table["namespace"], table["name"]), table)


def tables_of(airbyte: Airbyte, destination_id: str) -> list[Doc]:
    """The tables of a destination."""
    return [table for table in airbyte.store.all("table") if table["destinationId"] == destination_id]


def visible_rows(table: Doc) -> list[dict[str, Any]]:
    """What a reader of the table sees: every column, null where a row has no value."""
    return [{name: row["v"].get(name) for name in table["columns"]} for row in table["rows"]]


def raw_rows(table: Doc) -> list[dict[str, Any]]:
    """What lies in the raw tables, left-overs of broken syncs included; families without them have none."""
    temporary = (table.get("tempRaw") or table.get("temp") or {}).get("rows", [])
    return [dict(row["v"]) for row in [*table.get("raw", []), *temporary, *(table.get("scd") or [])]]
