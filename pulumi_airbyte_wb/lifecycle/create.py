"""``create``: a new connection, recognisable from its first moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from pulumi_airbyte_wb.errors import AirbyteError, ApiError, JobError, PlanError, shown
from pulumi_airbyte_wb.live.context import Context
from pulumi_airbyte_wb.live.jobs import (
    fill,
    newest_job,
    run_job,
)
from pulumi_airbyte_wb.live.marks import is_incomplete_of, mark_of
from pulumi_airbyte_wb.live.merge import merge_catalogs
from pulumi_airbyte_wb.live.not_taken import take_note
from pulumi_airbyte_wb.live.operations import attach, attached_ids, delete_incomplete, delete_without
from pulumi_airbyte_wb.live.requests import arguments, changed_fields, operations_to_send
from pulumi_airbyte_wb.live.secrets import sendable
from pulumi_airbyte_wb.models import (
    ConnectionCreate,
    ConnectionRead,
    ConnectionStatus,
    ConnectionUpdate,
    StreamDescriptor,
    SyncCatalog,
)
from pulumi_airbyte_wb.plan.blocking import check_unblocked
from pulumi_airbyte_wb.plan.steps import ClearStreams, RefreshStreams, StartSync, jobs
from pulumi_airbyte_wb.spec.resets import Wait
from pulumi_airbyte_wb.spec.streams import StreamSpec

_LONGEST_NAME = 256


def create_connection(context: Context) -> ConnectionRead:
    """Create the connection in two steps, so that a create whose answer is lost is found again.

    It is born inactive under a marked name, which also keeps a basic schedule from firing while it is incomplete;
    the second step gives it its name and status. Where re-syncs are planned, it gets its name only when they are done,
    and until then it has only the streams that are re-synced: state has nothing of a create that failed, so the next
    run must begin again, and replaces their rows again. What an earlier run left is deleted first.
    """
    check_unblocked(context.plan)
    declaration, client = context.declaration, context.session.client
    if declaration.spec.source_id is None or declaration.spec.destination_id is None:
        raise PlanError("source_id and destination_id are not known; a resource that they come from was not created")
    name = str(declaration.spec.fields.get("name", context.resource_name))
    mark = mark_of(context.urn, name, declaration.spec.source_id, declaration.spec.destination_id)
    _check_place(context, name, mark)
    actions = context.plan.actions()
    connection = _create_marked(context, name, mark, actions.keys() or declaration.streams.keys())
    status = str(declaration.spec.fields.get("status", ConnectionStatus.ACTIVE.value))
    final = changed_fields(connection, declaration, None) | {"name": name, "status": status}
    # A create that fails would leave new operations behind, so they come after it; before the last step, because the
    # connection must not start without them, and because the last step may be repeated and they may not.
    connection = attach(context.session, connection, declaration, None)
    operations = operations_to_send(context, connection, None)
    if operations:
        client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, **operations))
    newest = 0
    if actions:
        connection = _resync(context, connection, final)
        final = {"name": name}
        if declaration.streams.keys() - actions.keys():
            newest = newest_job(context, connection.connection_id)
            final |= _catalog(context, connection.sync_catalog, declaration.spec.streams or {})
    # The server may have carried out only now what an earlier run has given up waiting for.
    for connection_id in _marked(context, name, mark):
        if connection_id != connection.connection_id:
            delete_incomplete(context.session, connection_id, declaration)
    connection = _name_it(context, connection.connection_id, final)
    take_note(context, connection, None)
    _fill(context, connection, newest)
    return connection


def _check_place(context: Context, name: str, mark: str) -> None:
    """Delete what an earlier run has left incomplete.

    Raises:
        PlanError: there is a connection of this name between these ends already.
    """
    spec, session = context.declaration.spec, context.session
    for item in session.names(session.source(spec.source_id or "").workspace_id or ""):
        if item.name.endswith(mark):
            context.report.info(f"connection {item.connection_id} is incomplete, left by an earlier run: deleted")
            delete_incomplete(session, item.connection_id, context.declaration)
        elif is_incomplete_of(context.urn, item.name):
            context.report.warn(
                f"connection {item.connection_id} ({shown(item.name)}) is incomplete, left by an earlier run of "
                "another program: delete it, unless another run is creating it just now"
            )
        elif (
            item.name == name
            and item.ends == (spec.source_id, spec.destination_id)
            and session.claimed(("connection", item.connection_id)) != context.urn
        ):
            raise PlanError(
                f"a connection {name!r} from this source to this destination is there already; nothing was created: "
                f'say adopt="{item.connection_id}" to take it over, or declare another name'
            )


def _marked_name(name: str, mark: str) -> str:
    return f"{name[: _LONGEST_NAME - len(mark)]}{mark}"


def _marked(context: Context, name: str, mark: str) -> list[str]:
    """The ids of this creation's incomplete connections, as they are now."""
    spec = context.declaration.spec
    return context.session.look_for(_marked_name(name, mark), spec.source_id or "", spec.destination_id or "")


def _name_it(context: Context, connection_id: str, final: Mapping[str, Any]) -> ConnectionRead:
    """Give a connection its name, which ends its creation; where the answer is lost, look whether it has it."""
    client = context.session.client
    try:
        return client.update_connection(ConnectionUpdate(connection_id=connection_id, **final))
    except ApiError as error:
        if error.applied:
            with suppress(ApiError):
                live = client.get_connection(connection_id)
                if live.name == final["name"]:
                    return live
        raise


def _create_marked(context: Context, name: str, mark: str, streams: Collection[StreamDescriptor]) -> ConnectionRead:
    declaration, session = context.declaration, context.session
    declared = {stream: spec for stream, spec in declaration.streams.items() if stream in streams}
    marked = {"name": _marked_name(name, mark), "status": ConnectionStatus.INACTIVE.value}
    request = ConnectionCreate(
        source_id=declaration.spec.source_id or "",
        destination_id=declaration.spec.destination_id or "",
        **_catalog(context, SyncCatalog(streams=[]), declared),
        **arguments({**_creatable(context), **marked}),
    )
    try:
        return session.client.create_connection(request)
    except ApiError as error:
        if not error.applied:
            raise
        made = _marked(context, name, mark)
        if not made:
            raise
        return session.client.get_connection(made[0])


def _resync(context: Context, connection: ConnectionRead, final: Mapping[str, Any]) -> ConnectionRead:
    """Re-sync what the plan says, once the connection is as declared in all but its name.

    Raises:
        AirbyteError: a step failed; the operations that this creation made are deleted, as no state will know them.
    """
    sent = {name: value for name, value in final.items() if name != "name"}
    connection = context.session.client.update_connection(
        ConnectionUpdate(connection_id=connection.connection_id, **sent)
    )
    try:
        for step in jobs(context.plan):
            if isinstance(step, ClearStreams | RefreshStreams | StartSync):
                run_job(context, connection, step, 0)
    except AirbyteError:
        with suppress(ApiError):
            delete_without(context.session, connection, attached_ids(context.declaration))
        raise
    return connection


def _fill(context: Context, connection: ConnectionRead, newest: int) -> None:
    """Wait for the first sync, where the program says so."""
    if context.declaration.resets.wait is not Wait.FILLED:
        return
    try:
        fill(context, connection, newest)
    except JobError as error:
        # A create that fails leaves no state, although the connection is there and moves rows.
        context.report.warn(f"the connection is created, but {error}")


def _catalog(context: Context, live: SyncCatalog, declared: Mapping[StreamDescriptor, StreamSpec]) -> dict[str, Any]:
    """The catalog to send, of the schema that all of this creation is made of."""
    schema = context.session.discovered(context.declaration.spec.source_id or "")
    merged = merge_catalogs(live, declared, (), schema.catalog)
    return {"sync_catalog": sendable(merged, context.declaration.spec), "source_catalog_id": schema.catalog_id}


def _creatable(context: Context) -> dict[str, Any]:
    """The declared fields that a create of this server takes; the update that follows it sends the others."""
    takes_notice = context.session.client.capabilities.has("create.notifySchemaChanges")
    held_back = {"notify_schema_changes_by_email"} | (set() if takes_notice else {"notify_schema_changes"})
    return {name: value for name, value in context.declaration.spec.fields.items() if name not in held_back}
