"""How a source's schema changes: columns that come, go and get other types, streams that appear and disappear."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key
from pulumi_airbyte_wb.emulator.core.world import COLUMN_TYPES
from pulumi_airbyte_wb.emulator.rows.source_tables import find_table
from pulumi_airbyte_wb.emulator.rows.values import CastError, cast
from tools.proof.lines import LOOSE, Columns, Row

NAMESPACE = "public"
TYPES = ("integer", "number", "boolean", "string")
WIDER = {("integer", "number"), ("integer", "string"), ("number", "string"), ("boolean", "string")}


@dataclass(frozen=True)
class Reshape:
    """A change of a source's schema, as of ``ALTER TABLE``: no cursor rises, and no log tells of it.

    Args:
        stream: whose schema.
        columns: its loose columns from now on; ``None`` where the source has the stream no longer.
        rows: its rows from now on.
        seen: whether a person lets the server ask the source for its schema then.
    """

    stream: str
    columns: Columns | None
    rows: Sequence[Row] = ()
    seen: bool = True


def value_of(kind: str, version: int) -> Any:
    """What a loose column of this type holds in this version of a row; here and there it is null."""
    if version % 11 == 0:
        return None
    return {"integer": version, "number": version + 0.5, "boolean": version % 2 == 0, "string": f"size {version}"}[kind]


def converted(value: Any, old: str, new: str, version: int) -> Any:
    """What the source makes of a value when its column gets another type: the same where the type is wider."""
    if value is None:
        return None
    if (old, new) not in WIDER:
        return value_of(new, version)
    return json.dumps(value) if new == "string" else float(value)


def fits(value: Any, kind: str) -> bool:
    """Whether a value has a place in a column of this type."""
    try:
        cast(value, kind)
    except CastError:
        return False
    return True


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to a reader: 5 is 5.0, as a text too, and not true."""
    if isinstance(one, str) and isinstance(other, str) and one != other:
        try:
            return float(one) == float(other)
        except ValueError:
            return False
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def columns_in(schema: Doc) -> Columns:
    """The loose columns of a JSON schema."""
    kinds = {json.dumps(node["type"]): kind for kind, node in COLUMN_TYPES.items() if kind in TYPES}
    found = {name: node for name, node in schema.get("properties", {}).items() if name in LOOSE}
    return tuple(sorted((name, kinds[json.dumps(node["type"])]) for name, node in found.items()))


def with_columns(stream: Doc, name: str, columns: Columns) -> Doc:
    """A stream of the API under another name, with other loose columns."""
    schema = stream["jsonSchema"]
    fixed = {each: node for each, node in schema["properties"].items() if each not in LOOSE}
    loose = {each: dict(COLUMN_TYPES[kind]) for each, kind in columns}
    return {**stream, "name": name, "jsonSchema": {**schema, "properties": {**fixed, **loose}}}


def reshape(emulator: Emulator, change: Reshape) -> None:
    """Change the schema of a source."""
    if change.columns is None:
        emulator.drop_stream("source", change.stream, NAMESPACE)
        return
    server = emulator.server
    (source,) = server.store.ids("source")
    tables = (server.store.get("source_table", each) for each in server.source(source)["tables"])
    table = find_table(server, source, Key(change.stream, NAMESPACE)) or next(each for each in tables if each)
    stream = with_columns(table["stream"], change.stream, change.columns)
    emulator.set_stream("source", stream, [dict(row) for row in change.rows])


def discovered(emulator: Emulator) -> dict[str, Columns]:
    """The loose columns of each stream in the server's newest discovery; empty where there was none."""
    (source,) = emulator.server.store.ids("source")
    fetch = emulator.server.store.get("fetch", source)
    return _columns_of(emulator, None if fetch is None else fetch["catalogId"])


def stored(emulator: Emulator, connection_id: str) -> dict[str, Columns]:
    """The loose columns of each stream in the schema that a connection has."""
    connection = emulator.server.store.get("connection", connection_id)
    return _columns_of(emulator, None if connection is None else connection["sourceCatalogId"])


def _columns_of(emulator: Emulator, catalog_id: str | None) -> dict[str, Columns]:
    catalog = None if catalog_id is None else emulator.server.store.get("catalog", catalog_id)
    return (
        {} if catalog is None else {stream["name"]: columns_in(stream["jsonSchema"]) for stream in catalog["streams"]}
    )
