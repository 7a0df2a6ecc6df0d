"""The guard: an announcement held against the live connection, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pulumi_airbyte_wb.catalog.schemas import STREAM_GONE
from pulumi_airbyte_wb.errors import DriftedError, PlanError
from pulumi_airbyte_wb.models import (
    ConnectionRead,
    ConnectionStatus,
    StateType,
    StreamDescriptor,
)
from pulumi_airbyte_wb.plan import (
    Action,
    Declaration,
    Policy,
    announced_actions,
    build_plan,
    guard,
)
from pulumi_airbyte_wb.plan.declaration import CONNECTION
from pulumi_airbyte_wb.providers.facts import NAMING, facts_of
from pulumi_airbyte_wb.providers.observing import live_notes, observed, situated
from pulumi_airbyte_wb.providers.pending import with_pending
from pulumi_airbyte_wb.providers.schemas import newer_schema, pending_schema
from pulumi_airbyte_wb.providers.sending import catalog_to_send, changed_fields
from pulumi_airbyte_wb.providers.session import Session
from pulumi_airbyte_wb.providers.work import Work, names


def look(
    work: Work, connection: ConnectionRead, recorded: Declaration | None
) -> tuple[list[StreamDescriptor], dict[str, Any]]:
    """Hold the announcement against the live connection; answers what leaves it, and what to send.

    Raises:
        DriftedError: the live connection differs so that more would happen than was announced.
        PlanError: a re-read was announced, but the connection is not active; or the server paused it; or the catalog
            cannot be sent.
    """
    declaration = situated(work.declaration, connection)
    removed = _removed(work, declaration, recorded, connection)
    _guard(work, connection, recorded, removed)
    changed = changed_fields(connection, work.declaration, recorded)
    if newer_schema(work.session, connection, work.declaration) is None:
        _check_breaking(connection, changed)
    _check_activity(declaration, connection, announced_actions(work.announcement))
    return removed, changed | catalog_to_send(work, connection, removed, without=left_to_server(work, connection))


def check_unmoved(work: Work, connection: ConnectionRead, declaration: Declaration) -> None:
    """Look once more, just before the write, which replaces what it does not change too: the API has no precondition.

    Raises:
        DriftedError: somebody has changed the connection since it was held against the announcement.
    """
    now = work.session.client.get_connection(connection.connection_id)
    before, after = (
        (observed(each, replace(declaration, exclusive=True)), each.catalog_id, set(each.operation_ids))
        for each in (connection, now)
    )
    if before != after:
        raise DriftedError(
            f"connection {connection.connection_id} was changed by somebody else while this update was under way; the "
            "update was not sent: run `pulumi refresh`, then preview again"
        )


def left_to_server(work: Work, connection: ConnectionRead) -> set[StreamDescriptor]:
    """The streams whose change goes out without ``skipReset``: the program says ``server``, and it is not live yet."""
    resets, declared = work.declaration.resets, work.declaration.streams or {}
    if situated(work.declaration, connection).paused or Policy.SERVER not in {
        resets.default,
        *resets.overrides.values(),
    }:
        return set()
    live = observed(connection, work.declaration).streams or {}
    return {s for s, spec in declared.items() if resets.policy(s) is Policy.SERVER and live.get(s) != spec}


def _removed(
    work: Work, declaration: Declaration, recorded: Declaration | None, connection: ConnectionRead
) -> list[StreamDescriptor]:
    """The live streams that leave: recorded and declared no longer, or, where the program owns all, not declared.

    One that another resource of this run declares stays.
    """
    if declaration.streams is None:
        return []
    live = connection.sync_catalog.selected().keys()
    owned = live if declaration.exclusive else ((recorded.streams or {}) if recorded else {}).keys()
    leaving = sorted((live & owned) - declaration.streams.keys(), key=lambda stream: stream.key)
    owners = {stream: declared_by(work.session, connection.connection_id, stream) for stream in leaving}
    return [stream for stream in leaving if owners[stream] in {None, work.urn}]


def declared_by(session: Session, connection_id: str, stream: StreamDescriptor) -> str | None:
    """The resource of this run that declares a stream, as far as they had their turn."""
    return session.claimed(("stream", connection_id, stream.key))


def _guard(
    work: Work, connection: ConnectionRead, recorded: Declaration | None, removed: Iterable[StreamDescriptor]
) -> None:
    declaration = situated(work.declaration, connection)
    # Where a person has given tables other names, what is declared goes there, not to where it was recorded.
    declaration = replace(declaration, naming=live_notes(connection, declaration)["naming"])
    live = observed(connection, declaration)
    if declaration.streams is not None:
        selected = observed(connection, replace(declaration, exclusive=True)).streams or {}
        leaving = {stream: selected[stream] for stream in removed if stream in selected}
        live = replace(live, streams={**(live.streams or {}), **leaving})
        for stream in leaving:
            if stream.key not in work.announcement:
                raise DriftedError(
                    f"{stream}: this stream would be taken out of the connection, which was not announced; nothing was "
                    "sent: run `pulumi refresh`, then preview again"
                )
    # The facts of the preview: what it could not know of this connection's past would only widen the plan.
    past = recorded or declaration
    dropped = {stream: notes for stream, notes in past.schema.items() if STREAM_GONE in notes}
    schema = dropped | pending_schema(work.session, connection, declaration)
    retired = past.retired
    if recorded is not None and recorded.shape is CONNECTION and _named_anew(recorded, declaration):
        retired = dict.fromkeys(retired)
    live = replace(live, retired=retired, columns=past.columns, left=past.left)
    live = replace(live, parted=past.parted, schema=schema)
    live = with_pending(work.session, connection, live)
    work.session.forget_jobs(connection.connection_id)
    facts = facts_of(work.session, live, declaration, connection.name, connection.connection_id, work.urn)
    _check_resuming(work, connection.connection_id)
    facts = replace(facts, state_type=work.session.client.get_state_type(connection.connection_id))
    guard(work.announcement, build_plan(live, declaration, facts))


def _named_anew(recorded: Declaration, live: Declaration) -> bool:
    """Whether a person has given tables other names, so that a stream that comes back has nothing to go on from."""
    return any(recorded.naming.get(name) != live.naming.get(name) for name in NAMING if name not in live.fields)


def _check_resuming(work: Work, connection_id: str) -> None:
    """Streams that were announced to resume must still have their sync state."""
    again = {StreamDescriptor.parse(key) for key, text in work.announcement.items() if text.startswith("AWB204 ")}
    # What reads everything each time has no position to lose.
    resuming = {stream for stream in again if (work.declaration.streams or {})[stream].mode.incremental}
    if resuming:
        state = work.session.client.get_state(connection_id)
        lost = resuming - (state.streams() if state.state_type == StateType.STREAM else set())
        if lost:
            raise DriftedError(
                f"{names(lost)}: the sync state that was to resume is gone, so every row would be read again into "
                "those that are there; nothing was sent: run `pulumi refresh`, then preview again"
            )


def _check_activity(
    declaration: Declaration,
    connection: ConnectionRead,
    actions: Mapping[StreamDescriptor, Action],
) -> None:
    """Jobs need an active connection."""
    status = declaration.fields.get("status", connection.status)
    if actions and status != ConnectionStatus.ACTIVE:
        raise PlanError(
            f"{names(actions)} must be read again or cleared, but the connection is {status}: its jobs would be "
            "cancelled after they dropped the sync state; nothing was sent: activate it in the same update, or change "
            "the streams later"
        )


def _check_breaking(connection: ConnectionRead, changed: Mapping[str, Any]) -> None:
    """One that the server paused for its source's schema is not activated behind a person's back."""
    if changed.get("status") == ConnectionStatus.ACTIVE and connection.schema_change == "breaking":
        raise PlanError(
            "the server paused this connection because its source's schema changed in a breaking way; nothing was "
            "sent: accept the new schema on the connection's page in Airbyte, then run `pulumi refresh` and `pulumi "
            "up`; or say schema_changes='accept' with status='inactive', run `pulumi up` and `pulumi refresh`, and "
            "activate it then"
        )
