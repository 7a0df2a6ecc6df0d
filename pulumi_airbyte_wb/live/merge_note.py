"""What is noted of an append merge until it is done: on the server, as a run that died has left nothing in state.

Re-syncing a stream into a table that is appended to adds every row, each time that it is ordered. A run that dies after
the order would order it again. So before the order, the newest job is noted in the name of an inactive connection
beside the one that is changed; the next run looks for a later job that does it. The note is deleted when the merge is
ordered, and done where that is waited for; the next run deletes one that is left over.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pulumi_airbyte_wb.live.history import REACH
from pulumi_airbyte_wb.live.marks import mark_of
from pulumi_airbyte_wb.live.observe import observed
from pulumi_airbyte_wb.live.session import Session
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
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.tables import NAMING, Naming
from pulumi_airbyte_wb.state.baseline import Baseline

_LONGEST_NAME = 256
_NOTE = re.compile(r" after job (\d+) of ([0-9a-f]{8}) \[")

Tables = Mapping[StreamDescriptor, str]
"""Merged streams, with what describes their tables and lines."""


def appended(
    declaration: Baseline,
    connection: ConnectionRead,
    changed: Mapping[str, Any],
    streams: Collection[StreamDescriptor],
) -> dict[StreamDescriptor, str]:
    """The streams that are appended to and re-synced beside the rows that are there, with their tables and lines."""
    naming = Naming.of(*(changed.get(name, getattr(connection, name)) for name in NAMING))
    return {
        stream: f"{naming.table(stream).key} {spec.line}"
        for stream, spec in declaration.streams.items()
        if stream in streams and is_appended(spec)
    }


def is_appended(spec: StreamSpec) -> bool:
    """Whether a stream's rows are added to those that are there."""
    return not (spec.mode.dedup or spec.mode.overwrites)


def is_written(
    declaration: Baseline,
    connection: ConnectionRead,
    changed: Mapping[str, Any],
    streams: Collection[StreamDescriptor],
) -> bool:
    """Whether streams and the names of their tables are as declared already, as a run that died has left them."""
    live, declared = observed(connection, declaration).streams or {}, declaration.streams or {}
    return not changed.keys() & set(NAMING) and all(live.get(stream) == declared[stream] for stream in streams)


def merged(
    session: Session, urn: str, connection: ConnectionRead, tables: Tables
) -> dict[StreamDescriptor, JobRead] | None:
    """The jobs that an earlier run has ordered for just these merges; ``None`` where none has begun them.

    A run can die when its note is deleted and its state not yet written; but servers answer for deleted connections
    too.
    """
    newest = _begun_after(session, urn, connection, tables)
    return None if newest is None else _ordered(session, connection, tables, newest, {JobConfigType.REFRESH})


def synced_meanwhile(
    session: Session, urn: str, connection: ConnectionRead, tables: Tables
) -> set[StreamDescriptor] | None:
    """The streams that were synced after an earlier run had begun just these merges, and before it ordered theirs.

    ``None`` where none has begun them, or where its jobs are older than what the server tells.
    """
    newest = _begun_after(session, urn, connection, tables)
    jobs = session.history(connection.connection_id).jobs
    if newest is None or (len(jobs) >= REACH and min(each.job.id for each in jobs) > newest):
        return None
    ordered = _ordered(session, connection, tables, newest, {JobConfigType.REFRESH, JobConfigType.RESET_CONNECTION})
    return {
        stream
        for entry in jobs
        if entry.job.id > newest and entry.job.config_type == JobConfigType.SYNC
        for stream in entry.moved()
        if stream not in ordered or entry.job.id < ordered[stream].id
    }


def _ordered(
    session: Session, connection: ConnectionRead, tables: Tables, newest: int, kinds: Collection[str]
) -> dict[StreamDescriptor, JobRead]:
    """The first jobs of some kinds for these streams after the newest one of a note, without those that ended badly."""
    jobs: dict[StreamDescriptor, JobRead] = {}
    for entry in session.history(connection.connection_id).jobs:
        job = entry.job
        ended_badly = job.ended and job.status != JobStatus.SUCCEEDED
        if job.id > newest and job.config_type in kinds and not ended_badly:
            jobs |= dict.fromkeys(job.streams() & tables.keys(), job)
    return jobs


def _begun_after(session: Session, urn: str, connection: ConnectionRead, tables: Tables) -> int | None:
    """The newest job when just these merges were begun; ``None`` where they were not."""
    known = session.all_connections(_workspace(session, connection)) or []
    mark, content = _mark(urn, connection), _digest(tables)
    notes = [_NOTE.search(each.name) for each in known if each.name.endswith(mark)]
    return max((int(note[1]) for note in notes if note is not None and note[2] == content), default=None)


def begin(session: Session, urn: str, connection: ConnectionRead, tables: Tables, newest: int) -> None:
    """Note the newest job before merges are ordered."""
    note = f" after job {newest} of {_digest(tables)}{_mark(urn, connection)}"
    session.client.create_connection(
        ConnectionCreate(
            name=f"{connection.name[: _LONGEST_NAME - len(note)]}{note}",
            source_id=connection.source_id,
            destination_id=connection.destination_id,
            status=ConnectionStatus.INACTIVE.value,
            sync_catalog=SyncCatalog(streams=[]),
        )
    )
    session.forget(("names", _workspace(session, connection)))


def end(session: Session, urn: str, connection: ConnectionRead) -> None:
    """Delete the notes of this resource: its merges are done, and one of an earlier run is of no use any more."""
    for item in _notes(session, urn, connection):
        session.client.delete_connection(item.connection_id)


def _notes(session: Session, urn: str, connection: ConnectionRead) -> Iterator[ConnectionListItem]:
    mark = _mark(urn, connection)
    return (item for item in session.names(_workspace(session, connection)) if item.name.endswith(mark))


def _mark(urn: str, connection: ConnectionRead) -> str:
    return mark_of(urn, "merge", connection.connection_id)


def _digest(tables: Tables) -> str:
    content = json.dumps(sorted(f"{stream.key} {table}" for stream, table in tables.items()))
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def _workspace(session: Session, connection: ConnectionRead) -> str:
    return session.source(connection.source_id).workspace_id or ""
