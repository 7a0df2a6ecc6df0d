"""The guard: a plan held against the live connection, before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from pulumi_airbyte_wb.errors import DriftedError
from pulumi_airbyte_wb.live.context import Context
from pulumi_airbyte_wb.live.facts import facts_of
from pulumi_airbyte_wb.live.observe import Observation, observe, situated
from pulumi_airbyte_wb.live.renamed import renamed_outside, with_names_in_force
from pulumi_airbyte_wb.live.requests import catalog_to_send, changed_fields
from pulumi_airbyte_wb.live.schema import newer_schema
from pulumi_airbyte_wb.live.secrets import unmasked
from pulumi_airbyte_wb.live.server_resets import check_accepted, left_to_airbyte, resets_of_server
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.live.tables import Subject
from pulumi_airbyte_wb.models import (
    ConnectionRead,
    ConnectionStatus,
    StateType,
    StreamDescriptor,
)
from pulumi_airbyte_wb.plan import Action, Obstacle, build_plan, surprise
from pulumi_airbyte_wb.plan.blocking import blocked_by
from pulumi_airbyte_wb.plan.steps import server_decided
from pulumi_airbyte_wb.plan.words import visible
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import CONNECTION
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.tables import NAMING
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.newer_schema import STREAM_GONE
from pulumi_airbyte_wb.state.pending import Required, Unsynced


def look(
    context: Context, connection: ConnectionRead, recorded: Baseline
) -> tuple[list[StreamDescriptor], dict[str, Any]]:
    """Hold the plan against the live connection; answers what leaves it, and what to send.

    Raises:
        DriftedError: the live connection differs so that more would happen than was planned.
        BlockedError: a re-sync was planned, but the connection is not active; or the server paused it; or the catalog
            cannot be sent.
    """
    declaration = situated(context.declaration, connection)
    removed = leaving(context.session, context.urn, declaration, recorded, connection)
    _guard(context, connection, recorded, removed)
    changed = changed_fields(connection, context.declaration, recorded)
    if newer_schema(context.session, connection, context.declaration) is None:
        _check_breaking(connection, changed)
    _check_activity(declaration, connection, context.plan.actions())
    session, left = context.session, left_now(context, connection, removed)
    sent = catalog_to_send(session, context.declaration, connection, removed, without=left)
    then = catalog_to_send(session, context.declaration, connection, removed) if left else {}
    check_accepted(session, connection, sent.get("sync_catalog"), then.get("sync_catalog"), declaration.spec)
    return removed, changed | sent


def check_unmoved(context: Context, connection: ConnectionRead, recorded: Baseline) -> None:
    """Look once more, just before the write, which replaces what it does not change too: the API has no precondition.

    Raises:
        DriftedError: another tool or person has changed the connection since it was held against the plan.
    """
    session, declaration = context.session, situated(context.declaration, connection)
    answer = session.client.get_connection(connection.connection_id)
    now = unmasked(session, answer, recorded, context.declaration)
    before, after = (
        (
            each.baseline.spec.fields,
            each.all_streams,
            each.connection.catalog_id,
            set(each.connection.operation_ids),
        )
        for each in (observe(context.session, it, declaration) for it in (connection, now))
    )
    if before != after:
        raise DriftedError(
            f"connection {connection.connection_id} was changed by another tool or person during this update; it "
            "was not sent: run `pulumi refresh`, then preview again"
        )


def check_as_found(now: Observation) -> None:
    """Whether what is taken over as it is still is as the check has found it.

    Raises:
        DriftedError: another tool or person has changed it since.
    """
    taken, live = now.noted, now.baseline
    sides = [(taken.spec.fields, live.spec.fields), _keyed(taken.spec.streams, live.spec.streams)]
    if taken.spec.kind is CONNECTION:
        remembered = live.memory
        naming = {name: value for name, value in taken.memory.undeclared_fields.items() if name != "name"}
        sides += [(naming, remembered.undeclared_fields), _keyed(taken.memory.unmanaged, remembered.unmanaged)]
    moved = sorted({name for old, new in sides for name in old.keys() | new.keys() if old.get(name) != new.get(name)})
    if moved:
        raise DriftedError(
            f"connection {now.connection.connection_id} was changed by another tool or person since it was planned to "
            f"take it over as it is ({', '.join(map(visible, moved))}); nothing was sent: preview again, or run the "
            "same command again"
        )


def _keyed(
    *sides: Mapping[StreamDescriptor, StreamSpec] | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    old, new = ({stream.key: spec for stream, spec in (side or {}).items()} for side in sides)
    return old, new


def left_now(
    context: Context, connection: ConnectionRead, removed: Collection[StreamDescriptor]
) -> set[StreamDescriptor]:
    """The streams whose change is left to Airbyte, and is not live yet."""
    planned = set(server_decided(context.plan))
    if not planned:
        return planned
    return planned & left_to_airbyte(context.session, context.declaration, connection, removed)


def leaving(
    session: Session, urn: str, declaration: Baseline, recorded: Baseline | None, connection: ConnectionRead
) -> list[StreamDescriptor]:
    """The live streams that leave: recorded and no longer declared, or, where the program owns all, not declared.

    One that another resource of this run declares stays.
    """
    if declaration.spec.streams is None:
        return []
    live = connection.sync_catalog.selected().keys()
    owned = live if declaration.spec.exclusive else (recorded.streams if recorded else {}).keys()
    gone = sorted((live & owned) - declaration.spec.streams.keys(), key=lambda stream: stream.key)
    owners = {stream: declared_by(session, connection.connection_id, stream) for stream in gone}
    return [stream for stream in gone if owners[stream] in {None, urn}]


def declared_by(session: Session, connection_id: str, stream: StreamDescriptor) -> str | None:
    """The resource of this run that declares a stream, as far as they had their turn."""
    return session.claimed(("stream", connection_id, stream.key))


def _guard(
    context: Context, connection: ConnectionRead, recorded: Baseline, removed: Collection[StreamDescriptor]
) -> None:
    now = observe(context.session, connection, situated(context.declaration, connection))
    # Where a person has given tables other names, what is declared goes there, not to where it was recorded.
    memory = replace(now.noted.memory, undeclared_fields=now.baseline.memory.undeclared_fields)
    declaration = replace(now.noted, memory=memory)
    live = _with_past(_with_leaving(context, now, removed), now, observe(context.session, connection, recorded))
    noted = with_names_in_force(context.session, connection, recorded)
    live = replace(live, memory=live.memory.having(Required, renamed_outside(noted)))
    live = now.with_server_queue(live)
    facts = facts_of(Subject(context.session, live, declaration, connection, context.urn))
    _check_resuming(context, now)
    facts = replace(
        facts,
        state_type=_state_type(now, live),
        server_resets=resets_of_server(context.session, context.declaration, connection, removed),
        in_force=now.in_force,
    )
    found = surprise(context.plan, build_plan(live, declaration, facts))
    if found is not None:
        raise blocked_by(found)


def _with_leaving(context: Context, now: Observation, removed: Collection[StreamDescriptor]) -> Baseline:
    """What is live of what is declared, and the streams that leave.

    Raises:
        BlockedError: a stream leaves of which the plan says nothing.
    """
    live = now.baseline
    if now.noted.spec.streams is None:
        return live
    gone = {stream: now.all_streams[stream] for stream in removed if stream in now.all_streams}
    planned = context.plan.by_stream()
    unplanned = tuple(stream.key for stream in gone if stream not in planned)
    if unplanned:
        raise blocked_by(Obstacle(Code.WOULD_LEAVE, unplanned))
    return replace(live, spec=replace(live.spec, streams={**live.streams, **gone}))


def _with_past(live: Baseline, now: Observation, recorded: Observation) -> Baseline:
    """What is live, with what is remembered of it.

    What the preview could not know of this connection's past, and of its other streams, would only widen the plan.
    """
    past = recorded.noted.memory
    dropped = {stream: notes for stream, notes in past.newer_schema.items() if STREAM_GONE in notes}
    departed = recorded.departed
    if recorded.noted.spec.kind is CONNECTION and _renamed(recorded.noted, live):
        departed = dict.fromkeys(departed)
    return replace(
        live,
        memory=replace(
            live.memory,
            unmanaged=now.noted.memory.unmanaged,
            departed=departed,
            departed_columns=past.departed_columns,
            abandoned_tables=past.abandoned_tables,
            dropped_columns=past.dropped_columns,
            newer_schema=dropped | now.newer_schema,
        ).having(Unsynced, past.of(Unsynced)),
    )


def _state_type(now: Observation, live: Baseline) -> StateType | None:
    """The kind of sync state, where a decision rests on it: about streams that come, or that get another cursor."""
    for stream, spec in now.noted.streams.items():
        if stream not in live.streams or live.streams[stream].cursor != spec.cursor:
            return now.history.state_type
    return None


def _renamed(recorded: Baseline, live: Baseline) -> bool:
    """Whether a person has given tables other names, so that a stream that comes back has nothing to go on from."""
    return any(
        recorded.memory.undeclared_fields.get(name) != live.memory.undeclared_fields.get(name)
        for name in NAMING
        if name not in live.spec.fields
    )


def _check_resuming(context: Context, now: Observation) -> None:
    """Streams that were planned to resume must still have their sync state."""
    again = {effect.stream for effect in context.plan.effects if effect.code is Code.ADDED_AGAIN}
    # What reads everything each time has no position to lose.
    resuming = {stream for stream in again if context.declaration.streams[stream].mode.incremental}
    lost = resuming - now.resumable if resuming else resuming
    if lost:
        raise blocked_by(Obstacle(Code.STATE_LOST, tuple(sorted(stream.key for stream in lost))))


def _check_activity(
    declaration: Baseline,
    connection: ConnectionRead,
    actions: Mapping[StreamDescriptor, Action],
) -> None:
    """Jobs need an active connection."""
    status = declaration.spec.fields.get("status", connection.status)
    actions = {stream: action for stream, action in actions.items() if action is not Action.BLOCK}
    if actions and status != ConnectionStatus.ACTIVE:
        raise blocked_by(Obstacle(Code.INACTIVE, tuple(sorted(stream.key for stream in actions)), (str(status),)))


def _check_breaking(connection: ConnectionRead, changed: Mapping[str, Any]) -> None:
    """One that the server paused for its source's schema is not activated without a word."""
    if changed.get("status") == ConnectionStatus.ACTIVE and connection.breaks:
        raise blocked_by(Obstacle(Code.PAUSED_BY_SCHEMA))
