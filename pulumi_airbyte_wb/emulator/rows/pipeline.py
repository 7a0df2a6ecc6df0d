"""What lies between source and destination: selection, mappers, names, extraction times (rows.md §1.3, §6 rule 6)."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from pulumi_airbyte_wb.emulator.catalog.mappers import destination_entry, mappers_of, renaming_of
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Row
from pulumi_airbyte_wb.emulator.rows.load import Record
from pulumi_airbyte_wb.emulator.rows.source_read import CDC_DELETED
from pulumi_airbyte_wb.emulator.rows.values import order


def records_of(entry: Doc, rows: list[Row], extraction_time: Callable[[], int]) -> list[Record]:
    """The records that arrive at the destination."""
    properties = (entry["stream"].get("jsonSchema") or {}).get("properties") or {}
    mappers = mappers_of(entry["config"])
    records = []
    for row in rows:
        values: Row | None = {name: row[name] for name in properties if name in row}
        for mapper in mappers:
            values = None if values is None else _mapped(mapper, values)
        if values is not None:
            deleted = row.get(CDC_DELETED) is not None
            records.append(Record(values, extraction_time(), deleted))
    return records


def columns_of(entry: Doc) -> dict[str, Any]:
    """The columns of the destination table: name and canonical schema."""
    return dict(destination_entry(entry)["stream"]["jsonSchema"]["properties"])


def destination_names(connection: Doc, stream: Doc, destination: Doc) -> tuple[str | None, str]:
    """Where a stream's table lies (rows.md §1.3, Names); aliasName moves nothing."""
    definition = connection["namespaceDefinition"]
    source_namespace = stream.get("namespace")
    namespace = source_namespace if definition == "source" else None
    if definition == "customformat":
        namespace = (connection["namespaceFormat"] or "").replace("${SOURCE_NAMESPACE}", source_namespace or "") or None
    return namespace or destination["defaultNamespace"], (connection["prefix"] or "") + stream["name"]


def _mapped(mapper: Doc, values: Row) -> Row | None:
    settings = mapper["mapperConfiguration"]
    if mapper["type"] == "row-filtering":
        return values if _passes(settings.get("conditions") or {}, values) else None
    change = renaming_of(mapper)
    if change is None or change[0] not in values:
        return values
    old, new = change
    mapped: Row = {}
    for name, value in values.items():
        if name != old:
            mapped[name] = value
        elif new is not None:
            mapped[new] = value if mapper["type"] == "field-renaming" else _disguised(mapper["type"], value)
    return mapped


def _disguised(kind: str, value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return hashlib.sha256(f"{kind if kind == 'encryption' else ''}{text}".encode()).hexdigest()


def _passes(condition: Doc, values: Row) -> bool:
    if condition.get("type") == "NOT":
        return not any(_passes(inner, values) for inner in condition.get("conditions") or [])
    if condition.get("type") == "EQUAL":
        value = values.get(condition.get("fieldName", ""))
        wanted = condition.get("comparisonValue")
        return order(value) == order(wanted) or (value is not None and str(value) == str(wanted))
    return True
