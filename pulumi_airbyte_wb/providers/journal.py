"""What an adoption or a merge owes until it is done: kept on the server, as a run that died has left nothing in state.

Taking over a connection, or declaring streams of one, can change streams and then read them again. A run that dies
between the two has changed the only thing that told: the live connection. So before it changes anything, it makes an
inactive connection beside it, under a marked name, that holds the streams as they were; the next run plans from that.

Reading a stream again into a table that is appended to adds every row, each time that it is ordered. A run that dies
after the order would order it again. So before, the newest job is kept in the same way; the next run looks for a later
one that does it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_airbyte_wb.catalog.merge import merge_catalogs
from pulumi_airbyte_wb.models import (
    ConnectionCreate,
    ConnectionListItem,
    ConnectionRead,
    ConnectionStatus,
    JobConfigType,
    JobRead,
    JobStatus,
    StreamDescriptor,
    SyncCatalog,
)
from pulumi_airbyte_wb.plan import Declaration
from pulumi_airbyte_wb.providers.facts import NAMING
from pulumi_airbyte_wb.providers.session import Session, is_twin_of, mark_of

_LONGEST_NAME = 256
_AFTER = re.compile(r" after job (\d+) \[")


def owed(session: Session, urn: str, connection: ConnectionRead) -> ConnectionRead | None:
    """The connection as it was before an adoption that died; ``None`` where none did.

    One of another resource counts too: whoever adopts it under a new name must know what its streams were.
    """
    entries = _entries(session, urn, connection) or twins(session, urn, connection)
    return session.client.get_connection(entries[0].connection_id) if entries else None


def twins(session: Session, urn: str, connection: ConnectionRead) -> list[ConnectionListItem]:
    """What adoptions of the same connection by other resources have kept, which died or are under way."""
    mark = _mark(urn, connection)
    named = session.names(_workspace(session, connection))
    return [item for item in named if is_twin_of(mark, item.name) and not item.name.endswith(mark)]


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
    kept["source_catalog_id"] = connection.source_catalog_id or connection.catalog_id
    _keep(session, connection, mark, merge_catalogs(connection.sync_catalog, {}, leaving), **kept)


def end(session: Session, urn: str, connection: ConnectionRead) -> None:
    """Delete what was kept: the adoption is done."""
    for item in _entries(session, urn, connection):
        session.client.delete_connection(item.connection_id)


def merged(
    session: Session, urn: str, connection: ConnectionRead, tables: Mapping[StreamDescriptor, str]
) -> dict[StreamDescriptor, JobRead] | None:
    """The jobs that an earlier run has ordered for just these merges; ``None`` where none has begun them.

    ``tables`` are the merged streams, with what describes their tables and lines. The newest job before the merges is
    kept in the name of an inactive connection, which is deleted when they are done. A run can die after that, before
    its state is written; but servers answer for deleted connections too.
    """
    mark = _merge_mark(urn, connection, tables)
    known = session.all_connections(_workspace(session, connection)) or []
    began = [int(found[1]) for each in known if each.name.endswith(mark) and (found := _AFTER.search(each.name))]
    if not began:
        return None
    jobs: dict[StreamDescriptor, JobRead] = {}
    for entry in session.client.list_jobs(connection.connection_id, limit=200):
        job = entry.job
        ended_badly = job.ended and job.status != JobStatus.SUCCEEDED
        if job.id > max(began) and job.config_type == JobConfigType.REFRESH and not ended_badly:
            jobs |= dict.fromkeys((job.streams() & tables.keys()) - jobs.keys(), job)
    return jobs


def begin_merge(
    session: Session, urn: str, connection: ConnectionRead, tables: Mapping[StreamDescriptor, str], newest: int
) -> None:
    """Keep the newest job before merges are ordered."""
    mark = f" after job {newest}{_merge_mark(urn, connection, tables)}"
    _keep(session, connection, mark, SyncCatalog(streams=[]))


def end_merge(session: Session, urn: str, connection: ConnectionRead, tables: Mapping[StreamDescriptor, str]) -> None:
    """Delete what was kept: the merges are ordered, and done where that is waited for."""
    mark = _merge_mark(urn, connection, tables)
    for item in session.names(_workspace(session, connection)):
        if item.name.endswith(mark):
            session.client.delete_connection(item.connection_id)


def _keep(session: Session, connection: ConnectionRead, mark: str, catalog: SyncCatalog, **more: Any) -> None:
    """Make the inactive connection that holds what is kept."""
    session.client.create_connection(
        ConnectionCreate(
            name=f"{connection.name[: _LONGEST_NAME - len(mark)]}{mark}",
            source_id=connection.source_id,
            destination_id=connection.destination_id,
            status=ConnectionStatus.INACTIVE.value,
            sync_catalog=catalog,
            **more,
        )
    )
    session.forget(("names", _workspace(session, connection)))


def _merge_mark(urn: str, connection: ConnectionRead, tables: Mapping[StreamDescriptor, str]) -> str:
    return mark_of(urn, "merge", connection.connection_id, *sorted(f"{key} {tables[key]}" for key in tables))


def _entries(session: Session, urn: str, connection: ConnectionRead) -> list[ConnectionListItem]:
    mark = _mark(urn, connection)
    return [item for item in session.names(_workspace(session, connection)) if item.name.endswith(mark)]


def _mark(urn: str, connection: ConnectionRead) -> str:
    return mark_of(urn, "adopt", connection.connection_id)


def _workspace(session: Session, connection: ConnectionRead) -> str:
    return session.source(connection.source_id).workspace_id or ""
