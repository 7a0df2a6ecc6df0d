"""What lies between source and destination: selection, mappers, names, extraction times (rows.md §1.3, §6 rule 6)."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from pulumi_airbyte_wb.emulator.catalog.destination import SlimStream, canonical_scalar
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Row
from pulumi_airbyte_wb.emulator.rows.load import Record
from pulumi_airbyte_wb.emulator.rows.source_read import CDC_DELETED

_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-224": "sha224", "SHA-384": "sha384", "SHA-512": "sha512"}


def records_of(entry: Doc, rows: list[Row], extraction_time: Callable[[], int]) -> list[Record]:
    """The records that arrive at the destination."""
    properties = (entry["stream"].get("jsonSchema") or {}).get("properties") or {}
    mappers = entry["config"].get("mappers") or []
    records = []
    for row in rows:
        values: Row | None = {name: row[name] for name in properties if name in row}
        for mapper in mappers:
            values = None if values is None else _mapped(mapper, values)
        if values is not None:
            deleted = row.get(CDC_DELETED) is not None
            records.append(Record(values, extraction_time(), deleted))
    return records


def columns_of(stream: SlimStream) -> dict[str, Any]:
    """The columns of the destination table: name and canonical schema."""
    return {name: canonical_scalar(node) or node for name, node in stream.fields.items()}


def destination_names(naming: Doc, stream: Doc, destination: Doc) -> tuple[str | None, str]:
    """Where a stream's table lies (rows.md §1.3, Names); aliasName moves nothing, blank prefixes and formats neither.

    ``naming`` holds namespaceDefinition, namespaceFormat and prefix.
    """
    definition = naming["namespaceDefinition"]
    source_namespace = stream.get("namespace")
    namespace = source_namespace if definition == "source" else None
    if definition == "customformat":
        namespace = (naming["namespaceFormat"] or "").replace("${SOURCE_NAMESPACE}", source_namespace or "")
    prefix = naming["prefix"] or ""
    kept = namespace if namespace and namespace.strip() else None
    return kept or destination["defaultNamespace"], (prefix if prefix.strip() else "") + stream["name"]


def _mapped(mapper: Doc, values: Row) -> Row | None:
    settings, kind = mapper["mapperConfiguration"], mapper["type"]
    if kind == "row-filtering":
        return values if _passes(settings["conditions"], values) else None
    old = settings["originalFieldName"] if kind == "field-renaming" else settings["targetField"]
    if old not in values:
        return values
    if kind == "field-filtering":
        return {name: value for name, value in values.items() if name != old}
    new = settings["newFieldName"] if kind == "field-renaming" else old + settings.get("fieldNameSuffix", "")
    value = values[old] if kind == "field-renaming" else _disguised(kind, settings, values[old])
    return {new if name == old else name: value if name == old else kept for name, kept in values.items()}


def _disguised(kind: str, settings: Doc, value: Any) -> str | None:
    if value is None:
        return None
    method = _HASHES.get(settings.get("method", ""), "sha256")
    key = f"encryption {settings.get('key') or settings.get('publicKey')} " if kind == "encryption" else ""
    return hashlib.new(method, f"{key}{as_text(value)}".encode()).hexdigest()


def as_text(value: Any) -> str:
    """A value as mappers see it: text; objects and arrays have none."""
    if isinstance(value, str):
        return value
    return "" if isinstance(value, dict | list) else json.dumps(value)


def _passes(condition: Doc, values: Row) -> bool:
    """Whether a row passes: values are compared by text, as the record is by then."""
    if condition["type"] == "NOT":
        return not any(_passes(inner, values) for inner in condition["conditions"])
    name = condition["fieldName"]
    return name in values and as_text(values[name]) == condition["comparisonValue"]
