"""Dropping tables of a destination by hand, as an operator does who cleans up."""

from dataclasses import dataclass

from pulumi_airbyte_wb.emulator.connection.states import delete_states
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.jobs import history
from pulumi_airbyte_wb.emulator.rows.destination_tables import full_name, table_id, tables_of
from pulumi_airbyte_wb.emulator.rows.pipeline import destination_names

Place = tuple[str | None, str]
"""The namespace and the name of a table."""


@dataclass(frozen=True)
class DroppedTable:
    """A table that is gone, and the names of the deleted connections that have forgotten that they filled it."""

    destination: str
    table: str
    rows: int
    forgotten: list[str]


def places(airbyte: Airbyte, destination: Doc) -> list[Place]:
    """What can be dropped: the tables that are there, and those that only a deleted connection's history knows."""
    present = [(table["namespace"], table["name"]) for table in tables_of(airbyte, destination["destinationId"])]
    remembered = [
        place
        for connection in _deleted_connections(airbyte, destination)
        for place in _filled(airbyte, connection, destination)
    ]
    return list(dict.fromkeys([*present, *remembered]))


def drop_table(airbyte: Airbyte, destination: Doc, place: Place) -> DroppedTable:
    """Drop a table with its raw and temporary ones; connections that are there keep their sync state and their jobs.

    The API tells of a table only by the connections that filled it. What deleted ones did to this table is forgotten:
    else it would count as filled for ever.
    """
    doc_id = table_id(destination["destinationId"], *place)
    table = airbyte.store.get("table", doc_id)
    airbyte.store.delete("table", doc_id)
    forgotten = []
    for connection in _deleted_connections(airbyte, destination):
        keys = _filled(airbyte, connection, destination).get(place, [])
        for key in keys:
            history.forget_stream(airbyte, connection["connectionId"], key)
        if keys:
            delete_states(airbyte, connection["connectionId"], keys)
            forgotten.append(str(connection["name"]))
    rows = 0 if table is None else len(table["rows"])
    return DroppedTable(destination["name"], full_name(*place), rows, forgotten)


def _deleted_connections(airbyte: Airbyte, destination: Doc) -> list[Doc]:
    return [
        connection
        for connection in airbyte.connections(deleted=True)
        if connection["status"] == "deprecated" and connection["destinationId"] == destination["destinationId"]
    ]


def _filled(airbyte: Airbyte, connection: Doc, destination: Doc) -> dict[Place, list[Key]]:
    """The tables that a connection has filled, as far as its state and its jobs tell, with its streams."""
    connection_id = connection["connectionId"]
    state = airbyte.store.get("state", connection_id) or {"streams": []}
    jobs = airbyte.jobs_of(connection_id)
    parts = [*state["streams"], *(part for job in jobs for part in [*job["runs"], *job["enabledStreams"]])]
    filled: dict[Place, list[Key]] = {}
    for key in dict.fromkeys(key_of(part) for part in parts):
        place = destination_names(connection, {"name": key.name, "namespace": key.namespace}, destination)
        filled.setdefault(place, []).append(key)
    return filled
