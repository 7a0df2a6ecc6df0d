"""The facts of a decision: what the server tells of a source, a destination, and the tables that are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pulumi_airbyte_wb.live.renamed import filled_since, renamed_outside
from pulumi_airbyte_wb.live.schema import chosen_columns, offers_of
from pulumi_airbyte_wb.live.server_queue import still_unsynced
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.live.tables import Subject, filled_tables, renamed_tables, writers
from pulumi_airbyte_wb.models import AirbyteStream, ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import Earlier, Facts
from pulumi_airbyte_wb.spec.connection import CATALOG
from pulumi_airbyte_wb.spec.resets import OnRemove, SchemaChanges
from pulumi_airbyte_wb.spec.tables import Sameness
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.newer_schema import columns_digest
from pulumi_airbyte_wb.state.pending import Deferred, Interrupted, Unsynced


def facts_of(subject: Subject) -> Facts:
    """What the server tells about a change; of tables only where their names are new."""
    session, before, after = subject.session, subject.before, subject.after
    if after.spec.source_id is None or after.spec.destination_id is None:
        return Facts(loading=after.resets.destination_loading)
    changed = _changed(before, after)
    decides = changed is None or bool(changed)
    renamed = renamed_tables(subject)
    moving = {stream for stream, same in renamed.items() if same is not Sameness.SAME}
    unsynced = _unsynced(subject)
    unfilled = _unfilled(subject, unsynced) - moving
    tables, complete = _tables(subject, moving, unfilled)
    version = session.destination_version(after.spec.destination_id)
    return Facts(
        can_refresh=bool(version.supports_refreshes),
        loading=after.resets.destination_loading,
        syncs_after_reset=session.client.capabilities.has("resets.syncAfter"),
        backfill=after.resets.backfill,
        # A source that cannot be asked today must not keep anybody from pausing its connection.
        offers=_offers(session, after, changed, subject.connection) if decides else {},
        tables=tables,
        tables_known=complete,
        unmoved=frozenset(stream for stream, same in renamed.items() if same is Sameness.SAME),
        unclear=frozenset(stream for stream, same in renamed.items() if same is Sameness.MAYBE),
        unsynced={stream: each.written for stream, each in unsynced.items()},
        unfilled=frozenset(unfilled),
        stateless=_stateless(subject, unsynced),
        writers=_writers(subject),
        names_objects=version.supports_data_activation is not False,
        blank=_blank(subject) if decides or moving else frozenset(),
        moved_first=_moved_first(subject),
    )


def _tables(
    subject: Subject, moving: Collection[StreamDescriptor], unfilled: Collection[StreamDescriptor]
) -> tuple[dict[StreamDescriptor, Earlier], bool]:
    before, after, connection = subject.before, subject.after, subject.connection
    added = after.streams.keys() - (before.streams.keys() if before else set())
    renamed = (renamed_outside(before).keys() - set(moving)) | set(unfilled)
    if not added and not moving and not renamed:
        return {}, True
    moved = subject.session.history(connection.connection_id).moved() & added if connection else set()
    moved -= before.memory.departed.keys() if before else set()
    return filled_tables(subject, moved | filled_since(subject, renamed))


def _moved_first(subject: Subject) -> bool:
    """Whether the connection of a ``Catalog`` has its turn, with jobs, before it."""
    if subject.after.spec.kind is not CATALOG or subject.connection is None:
        return False
    return subject.session.is_moved(subject.connection.connection_id)


def _unsynced(subject: Subject) -> dict[StreamDescriptor, Unsynced]:
    """The streams that no sync has moved since they were changed."""
    before, connection = subject.before, subject.connection
    if before is None or connection is None:
        return {}
    return still_unsynced(subject.session, connection, before)


def _unfilled(subject: Subject, unsynced: Mapping[StreamDescriptor, Unsynced]) -> set[StreamDescriptor]:
    """Those of them that go on in a table which no sync has filled yet: they do not read everything any more."""
    streams = subject.after.streams
    return {s for s, each in unsynced.items() if each.renamed and s in streams and streams[s].mode.incremental}


def _stateless(subject: Subject, streams: Collection[StreamDescriptor]) -> frozenset[StreamDescriptor]:
    if not streams or subject.connection is None:
        return frozenset()
    state = subject.session.history(subject.connection.connection_id).state
    return frozenset(streams) - state.streams()


def _writers(subject: Subject) -> dict[StreamDescriptor, tuple[str, ...]]:
    """Who else writes the tables that are to be cleared as their streams leave."""
    before, after = subject.before, subject.after
    if before is None or after.spec.streams is None or after.spec.options.on_remove is not OnRemove.CLEAR:
        return {}
    return writers(subject, before.streams.keys() - after.streams.keys())


def _changed(before: Baseline | None, after: Baseline) -> set[StreamDescriptor] | None:
    """The streams whose lines change; ``None`` where more is decided again than lines tell, by the facts as before."""
    if before is None or before.memory.newer_schema or _decided_again(before.memory):
        return None
    return {stream for stream, spec in after.streams.items() if before.streams.get(stream) != spec}


def _decided_again(memory: Memory) -> bool:
    return bool(memory.of(Deferred) or memory.of(Interrupted))


def _offers(
    session: Session, after: Baseline, changed: set[StreamDescriptor] | None, connection: ConnectionRead | None
) -> dict[StreamDescriptor, AirbyteStream]:
    """The streams as the connection stores them, where it has all that change; else as the source offers them."""
    keeps = after.spec.options.schema_changes is not SchemaChanges.ACCEPT
    if connection is not None and connection.catalog_id and changed is not None and keeps:
        stored = connection.sync_catalog.by_descriptor()
        if changed <= stored.keys():
            return {stream: entry.stream for stream, entry in stored.items()}
    return offers_of(session, after.spec.source_id or "")


def _blank(subject: Subject) -> frozenset[StreamDescriptor]:
    """The streams of a connection that has never synced whose tables no other one has filled either."""
    before, connection = subject.before, subject.connection
    if before is None or connection is None or not subject.session.history(connection.connection_id).is_idle:
        return frozenset()
    spec = subject.after.spec
    there = replace(before, spec=replace(before.spec, source_id=spec.source_id, destination_id=spec.destination_id))
    filled, complete = filled_tables(replace(subject, before=None, after=there))
    return frozenset(before.streams.keys() - filled.keys()) if complete else frozenset()


def columns_left(
    before: Baseline | None, after: Baseline, connection: ConnectionRead | None
) -> dict[StreamDescriptor, str]:
    """What columns the streams have that leave: who adds one again later must know whether its table is still right."""
    if before is None or after.spec.streams is None or connection is None:
        return {}
    leaving = before.streams.keys() - after.spec.streams.keys()
    selected = connection.sync_catalog.selected()
    return {s: columns_digest(entry.stream, chosen_columns(entry)) for s, entry in selected.items() if s in leaving}


def own_id(session: Session, before: Baseline | None, after: Baseline, name: str) -> str | None:
    """The connection itself, by its name: a check is not told its id. ``None`` where that is not plain."""
    if before is None or after.spec.source_id is None:
        return None
    own = session.named(name, after.spec.source_id, after.spec.destination_id or "")
    return own[0] if len(own) == 1 else None
