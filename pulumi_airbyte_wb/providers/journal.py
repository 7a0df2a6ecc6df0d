"""What an adoption owes until it is done: kept on the server, as a create that died has left nothing in state.

Taking over a connection, or declaring streams of one, can change streams and then read them again. A run that dies
between the two has changed the only thing that told: the live connection. So before it changes anything, it makes an
inactive connection beside it, under a marked name, that holds the streams as they were; the next run plans from that.
"""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.catalog.merge import merge_catalogs
from pulumi_airbyte_wb.models import ConnectionCreate, ConnectionListItem, ConnectionRead, ConnectionStatus
from pulumi_airbyte_wb.plan import Declaration
from pulumi_airbyte_wb.providers.facts import NAMING
from pulumi_airbyte_wb.providers.session import Session, mark_of

_LONGEST_NAME = 256


def owed(session: Session, urn: str, connection: ConnectionRead) -> ConnectionRead | None:
    """The connection as it was before an adoption that died; ``None`` where none did."""
    for item in _entries(session, urn, connection):
        return session.client.get_connection(item.connection_id)
    return None


def with_owed(live: Declaration, earlier: Declaration) -> Declaration:
    """What is live, with the streams and names of tables that rows were written by before the adoption that died."""
    now = live.streams or {}
    streams = {stream: spec for stream, spec in (earlier.streams or {}).items() if now.get(stream) != spec}
    naming = {name: value for name, value in earlier.fields.items() if name in NAMING}
    return replace(live, unsettled={**live.unsettled, **streams}, fields={**live.fields, **naming})


def begin(session: Session, urn: str, connection: ConnectionRead) -> None:
    """Keep the connection's streams as they are; what an earlier run kept is older, and stays."""
    if _entries(session, urn, connection):
        return
    mark = _mark(urn, connection)
    kept = {name: getattr(connection, name) for name in NAMING if getattr(connection, name)}
    selected = connection.sync_catalog.selected()
    leaving = connection.sync_catalog.by_descriptor().keys() - selected.keys()
    session.client.create_connection(
        ConnectionCreate(
            name=f"{connection.name[: _LONGEST_NAME - len(mark)]}{mark}",
            source_id=connection.source_id,
            destination_id=connection.destination_id,
            status=ConnectionStatus.INACTIVE.value,
            sync_catalog=merge_catalogs(connection.sync_catalog, {}, leaving),
            source_catalog_id=connection.source_catalog_id or connection.catalog_id,
            **kept,
        )
    )
    session.forget(("names", _workspace(session, connection)))


def end(session: Session, urn: str, connection: ConnectionRead) -> None:
    """Delete what was kept: the adoption is done."""
    for item in _entries(session, urn, connection):
        session.client.delete_connection(item.connection_id)


def _entries(session: Session, urn: str, connection: ConnectionRead) -> list[ConnectionListItem]:
    mark = _mark(urn, connection)
    return [item for item in session.names(_workspace(session, connection)) if item.name.endswith(mark)]


def _mark(urn: str, connection: ConnectionRead) -> str:
    return mark_of(urn, "adopt", connection.connection_id)


def _workspace(session: Session, connection: ConnectionRead) -> str:
    return session.source(connection.source_id).workspace_id or ""
