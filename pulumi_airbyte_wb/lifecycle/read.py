"""``read``: what is live, in the words of what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pulumi_airbyte_wb.errors import ApiError, NotFoundError
from pulumi_airbyte_wb.lifecycle.effective import with_learnt
from pulumi_airbyte_wb.live.observe import Observation, observe
from pulumi_airbyte_wb.live.renamed import with_renamed
from pulumi_airbyte_wb.live.schema import with_columns_left
from pulumi_airbyte_wb.live.server_queue import with_outcome
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.spec.changes import changes
from pulumi_airbyte_wb.spec.connection import CATALOG
from pulumi_airbyte_wb.spec.input_names import CONTROL
from pulumi_airbyte_wb.spec.patterns import expand
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.newer_schema import taken_over
from pulumi_airbyte_wb.state.pending import Interrupted
from pulumi_airbyte_wb.state.record import pack

_SECRET = ("secret_inputs", "secret_streams")


def find(session: Session, connection_id: str, workspace_id: str) -> ConnectionRead | None:
    """The live connection, or ``None`` when it is gone.

    Gone means that the server knows the recorded workspace and not the connection, or answers for it as deleted.

    Raises:
        AirbyteError: the server does not know the workspace, so it is another server than the one that was recorded.
    """
    return _found(session, lambda: session.client.get_connection(connection_id), workspace_id)


def glance(session: Session, connection_id: str, workspace_id: str) -> ConnectionRead | None:
    """As ``find``, where nothing is going to be changed: many connections cost one call together."""
    return _found(session, lambda: session.connection(connection_id, workspace_id), workspace_id)


def with_operations(session: Session, connection: ConnectionRead, recorded: Baseline) -> ConnectionRead:
    """The connection with its operations, where they are recorded: a list names them by their ids alone."""
    if "operations" in recorded.spec.fields and connection.operation_ids and not connection.operations:
        return session.client.get_connection(connection.connection_id)
    return connection


def _found(session: Session, ask: Callable[[], ConnectionRead], workspace_id: str) -> ConnectionRead | None:
    try:
        connection = ask()
    except NotFoundError:
        session.check_workspace(workspace_id, "connection")
        return None
    return None if connection.deleted else connection


def outputs(
    connection: ConnectionRead, declaration: Baseline, workspace_id: str, control: Mapping[str, Any]
) -> dict[str, Any]:
    """What state keeps of a connection besides its inputs; no schemas, and the declaration packed.

    ``control`` are the inputs that say how to work: not compared, but a refresh has to give them back.
    """
    about = {"name": connection.name, "status": connection.status}
    if "name" in declaration.spec.secret and "name" not in declaration.spec.fields:
        del about["name"]
    if declaration.spec.kind is CATALOG:
        about = {"connection_id": connection.connection_id}
    return {
        "workspace_id": workspace_id,
        **about,
        "recorded": pack({**declaration.record(), "control": dict(control)}),
    }


def refreshed(now: Observation, resource_name: str) -> Baseline:
    """The recorded declaration as a refresh leaves it: brought up to what is live, with all that is to be noted.

    Args:
        now: the live connection, beside what is recorded of it, or what is live of it, where it is taken over.
        resource_name: the last part of the resource's URN.
    """
    session, connection = now.session, now.connection
    live = with_renamed(session, connection, now.noted, brought_up(now))
    live = with_learnt(now, with_name(connection, live, resource_name))
    live = with_new_matches(session, connection, live)
    live = with_newer_schema(session, connection, live)
    live = with_columns_left(session, connection, live)
    return with_outcome(session, connection, now.with_server_queue(live))


def brought_up(now: Observation) -> Baseline:
    """The recorded declaration, brought up to what is live.

    A live change that may have to be followed by a re-sync is not taken over: the recorded line stays, and what is live
    is remembered as interrupted. Else a refresh would forget a run that died between its update and its re-sync.
    """
    live, recorded = now.baseline, now.noted
    if recorded.spec.streams is None:
        return live
    streams: dict[StreamDescriptor, StreamSpec] = {}
    interrupted: dict[StreamDescriptor, Interrupted] = {}
    for stream, spec in live.streams.items():
        old = recorded.spec.streams.get(stream)
        if old is None:
            streams[stream] = spec.told()
        elif any(changes({stream: old}, {stream: spec})):
            streams[stream], interrupted[stream] = old, Interrupted(spec)
        else:
            streams[stream] = spec
    return replace(
        live,
        spec=replace(live.spec, streams=streams),
        memory=replace(live.memory, departed=now.departed).having(Interrupted, interrupted),
    )


def with_name(connection: ConnectionRead, live: Baseline, resource_name: str) -> Baseline:
    """``live`` with the connection's name, where a person gave it another one than its resource has."""
    if live.spec.kind is CATALOG or "name" in live.spec.fields or connection.name == resource_name:
        return live
    return replace(
        live, memory=replace(live.memory, undeclared_fields={**live.memory.undeclared_fields, "name": connection.name})
    )


def with_new_matches(session: Session, connection: ConnectionRead, live: Baseline) -> Baseline:
    """``live`` without the patterns that name more streams now than the connection has: a check resolves those again.

    Asks for what the source offers, from the server's cache, only where there are patterns.
    """
    if not live.spec.patterns:
        return live
    try:
        schema = session.discovered(connection.source_id)
    except ApiError:
        # A source that cannot be discovered today is no reason to fail a refresh.
        return live
    offers = schema.catalog.by_descriptor() if schema.catalog else {}
    patterns = {
        pattern: spec
        for pattern, spec in live.spec.patterns.items()
        if all(stream in live.streams for stream in expand(pattern, offers))
    }
    return replace(live, spec=replace(live.spec, patterns=patterns))


def with_newer_schema(session: Session, connection: ConnectionRead, live: Baseline) -> Baseline:
    """``live`` with what is different at the source, where the program takes that over: a check plans it."""
    try:
        # What a run that died has taken over already is remembered still: were its rows replaced?.
        known = {stream: notes for stream, notes in live.memory.newer_schema.items() if stream in live.streams}
        if known and connection.catalog_id is None:
            connection = session.client.get_connection(connection.connection_id)
        stored = connection.sync_catalog.by_descriptor()
        known = {stream: taken_over(notes, stored[stream]) for stream, notes in known.items() if stream in stored}
        known = {stream: notes for stream, notes in known.items() if notes}
        return replace(
            live,
            memory=replace(live.memory, newer_schema={**known, **observe(session, connection, live).newer_schema}),
        )
    except ApiError:
        # A source that cannot be discovered today is no reason to fail a refresh.
        return live


def control_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that say how to work."""
    return {name: inputs[name] for name in (*CONTROL, *_SECRET, "resource_urn") if inputs.get(name) is not None}


def inputs(declaration: Baseline, control: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that stand for a refreshed declaration."""
    return {**declaration.record(), **control}
