"""``create``, ``update``, ``delete``: carry out what was announced, and no more."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pulumi_airbyte_wb.catalog.merge import merge_catalogs
from pulumi_airbyte_wb.errors import AirbyteError, ApiError, ConflictError, DriftedError, JobError, PlanError
from pulumi_airbyte_wb.models import (
    ConnectionCreate,
    ConnectionRead,
    ConnectionStatus,
    ConnectionUpdate,
    JobRead,
    RefreshMode,
    StateType,
    StreamDescriptor,
    SyncCatalog,
)
from pulumi_airbyte_wb.plan import (
    FIELDS,
    Action,
    Declaration,
    Wait,
    announced_actions,
    build_plan,
    guard,
)
from pulumi_airbyte_wb.plan.declaration import OnDelete
from pulumi_airbyte_wb.providers.attaching import attach, own_operations
from pulumi_airbyte_wb.providers.checking import facts_of, observed, situated
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.session import MARK, Session

_POLL_SECONDS = 1.0
# The provider process answers four calls at a time; one is always left for resources that need no waiting.
_waiting = threading.BoundedSemaphore(3)


@dataclass(frozen=True)
class Work:
    """What an execution works with."""

    session: Session
    console: Console
    declaration: Declaration
    announcement: Mapping[str, str]
    urn: str = ""

    @property
    def resource_name(self) -> str:
        """The name of the Pulumi resource, which names the connection where the program does not."""
        return self.urn.rsplit("::", 1)[-1] or "connection"


def create(work: Work) -> ConnectionRead:
    """Create the connection in two steps, so that a create whose answer is lost is found again.

    It is born inactive under a marked name, which also keeps a basic schedule from firing half-made; the second step
    gives it its name and status.
    """
    declaration = work.declaration
    if declaration.source_id is None or declaration.destination_id is None:
        raise PlanError("source_id and destination_id are not known; a resource that they come from was not created")
    workspace = work.session.source(declaration.source_id).workspace_id or ""
    name = str(declaration.fields.get("name", work.resource_name))
    marked = _marked(name, work.urn)
    found = work.session.half_created(workspace).get(marked)
    if found is None:
        connection = _create_marked(work, marked, workspace)
    else:
        work.console.info(f"connection {found} was left half created by an earlier run; it is finished now")
        connection = work.session.client.get_connection(found)
    final = _changed_fields(connection, declaration) | {
        "name": name,
        "status": str(declaration.fields.get("status", ConnectionStatus.ACTIVE.value)),
    }
    if found:
        final |= _catalog(work, connection, ())
    # Operations come last and attached ones first: a create that fails would leave new ones behind, and the connection
    # must not start without them.
    connection = attach(work.session, connection, declaration, None)
    final |= _operations(work, connection, None)
    connection = work.session.client.update_connection(
        ConnectionUpdate(connection_id=connection.connection_id, **final)
    )
    # Where the program gave its word for a table that others had filled, it is read anew at once.
    _reread(work, connection.connection_id, announced_actions(work.announcement))
    return connection


def update(work: Work, connection: ConnectionRead, recorded: Declaration | None) -> ConnectionRead:
    """Bring a live connection to what is declared: guard, write, then the announced re-reads.

    Args:
        work: what to do.
        connection: the live connection, just read.
        recorded: what state remembers; ``None`` for a connection that is adopted.

    Raises:
        DriftedError: the live connection differs so that more would happen than was announced.
        PlanError: a re-read was announced, but the connection is not active.
    """
    declaration, client = situated(work.declaration, connection), work.session.client
    removed = _removed(declaration, recorded, connection)
    _guard(work, connection, removed)
    actions = announced_actions(work.announcement)
    status = declaration.fields.get("status", connection.status)
    if actions and status != ConnectionStatus.ACTIVE:
        raise PlanError(
            f"{_names(actions)} must be read again, but the connection is {status}: its jobs would be cancelled after "
            "they dropped the sync state; nothing was sent: activate it in the same update, or change the streams later"
        )
    cleared = [stream for stream in removed if actions.get(stream) is Action.CLEAR]
    if cleared:
        # Before the update: a stream that is no longer configured cannot be cleared (semantics §9.3).
        _follow(work, _clear(work, connection.connection_id, cleared), f"clearing {_names(cleared)}", wait=True)
    changed = _changed_fields(connection, declaration) | _catalog(work, connection, removed)
    changed |= _operations(work, connection, recorded)
    if changed:
        connection = client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, **changed))
    connection = attach(work.session, connection, declaration, recorded)
    _reread(work, connection.connection_id, {s: a for s, a in actions.items() if s not in cleared})
    return connection


def delete(session: Session, connection_id: str) -> None:
    """Delete the connection; its tables stay at the destination."""
    session.client.delete_connection(connection_id)


def hand_back(session: Session, connection: ConnectionRead, recorded: Declaration) -> None:
    """Let go of a connection's streams: take them out where the program said so, else leave them as they are."""
    leaving = (recorded.streams or {}).keys() & connection.sync_catalog.selected().keys()
    if recorded.on_delete is OnDelete.REMOVE and leaving:
        catalog = merge_catalogs(connection.sync_catalog, {}, leaving)
        session.client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, sync_catalog=catalog))


def _create_marked(work: Work, marked: str, workspace: str) -> ConnectionRead:
    declaration, session = work.declaration, work.session
    schema = session.discovered(declaration.source_id or "")
    empty = SyncCatalog(streams=[])
    request = ConnectionCreate(
        source_id=declaration.source_id or "",
        destination_id=declaration.destination_id or "",
        sync_catalog=merge_catalogs(empty, declaration.streams or {}, (), schema.catalog),
        source_catalog_id=schema.catalog_id,
        **_send({**_creatable(work), "name": marked, "status": ConnectionStatus.INACTIVE.value}),
    )
    try:
        return session.client.create_connection(request)
    except ApiError as error:
        if not error.applied:
            raise
        session.forget(("half created", workspace))
        found = session.half_created(workspace).get(marked)
        if found is None:
            raise
        return session.client.get_connection(found)


def _creatable(work: Work) -> dict[str, Any]:
    """The declared fields that a create of this server takes; the update that follows it sends the others."""
    takes_notice = work.session.client.capabilities.has("create.notifySchemaChanges")
    held_back = {"notify_schema_changes_by_email"} | (set() if takes_notice else {"notify_schema_changes"})
    return {name: value for name, value in work.declaration.fields.items() if name not in held_back}


def _marked(name: str, urn: str) -> str:
    digest = hashlib.sha256(urn.encode()).hexdigest()[:8]
    tail = f"{MARK}{digest}]"
    return f"{name[: 256 - len(tail)]}{tail}"


def _removed(
    declaration: Declaration, recorded: Declaration | None, connection: ConnectionRead
) -> list[StreamDescriptor]:
    """The live streams that leave: recorded and declared no longer, or, where the program owns all, not declared."""
    if declaration.streams is None:
        return []
    live = connection.sync_catalog.selected().keys()
    owned = live if declaration.exclusive else ((recorded.streams or {}) if recorded else {}).keys()
    return sorted((live & owned) - declaration.streams.keys(), key=lambda stream: stream.key)


def _guard(work: Work, connection: ConnectionRead, removed: Iterable[StreamDescriptor]) -> None:
    declaration = situated(work.declaration, connection)
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
    facts = facts_of(work.session, live, declaration, str(declaration.fields.get("name", connection.name)))
    _check_resuming(work, connection.connection_id)
    state_type = work.session.client.get_state_type(connection.connection_id)
    # A state that was never written narrows the plan; a pending write of a run that died must not.
    facts = replace(facts, state_type=state_type if state_type is not StateType.LEGACY else None)
    guard(work.announcement, build_plan(live, declaration, facts))


def _check_resuming(work: Work, connection_id: str) -> None:
    """Streams that were announced to resume must still have their sync state."""
    resuming = {StreamDescriptor.parse(key) for key, text in work.announcement.items() if text.startswith("AWB204 ")}
    if resuming:
        state = work.session.client.get_state(connection_id)
        lost = resuming - (state.streams() if state.state_type == StateType.STREAM else set())
        if lost:
            raise DriftedError(
                f"{_names(lost)}: the sync state that was to resume is gone, so every row would be read again into "
                "those that are there; nothing was sent: run `pulumi refresh`, then preview again"
            )


def _changed_fields(connection: ConnectionRead, declaration: Declaration) -> dict[str, Any]:
    changed = {name: value for name, value in declaration.fields.items() if FIELDS[name].live(connection) != value}
    return _send(changed)


def _operations(work: Work, connection: ConnectionRead, recorded: Declaration | None) -> dict[str, Any]:
    """The connection's operations to send; empty where the live ones are as declared already."""
    operations = own_operations(work.session, work.console, connection, work.declaration, recorded)
    return {} if operations is None else {"operations": operations}


def _send(values: Mapping[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, value in values.items():
        arguments |= FIELDS[name].send(value)
    return arguments


def _catalog(work: Work, connection: ConnectionRead, removed: Iterable[StreamDescriptor]) -> dict[str, Any]:
    """The catalog to send; empty where the live one is as declared already.

    Raises:
        PlanError: a new stream needs the source's newer schema, which would change other streams too.
    """
    declared = work.declaration.streams
    if declared is None:
        return {}
    live = connection.sync_catalog
    newcomers = declared.keys() - live.by_descriptor().keys()
    if not newcomers:
        merged = merge_catalogs(live, declared, set(removed))
        return {} if merged == live else {"sync_catalog": merged}
    # The server merges what it answers over one discovered catalog and leaves out streams that this one lacks.
    schema = work.session.discovered(connection.source_id)
    offers = schema.catalog.by_descriptor() if schema.catalog else {}
    changed = [
        stream
        for stream, entry in live.selected().items()
        if stream not in offers or offers[stream].stream.json_schema != entry.stream.json_schema
    ]
    if changed:
        raise PlanError(
            f"{_names(newcomers)} came with a newer schema of the source, which also changes {_names(changed)}; "
            "nothing was sent: accept the schema on the connection's page in Airbyte, then `pulumi refresh` and preview"
        )
    merged = merge_catalogs(live, declared, set(removed), schema.catalog)
    return {"sync_catalog": merged, "source_catalog_id": schema.catalog_id}


def _reread(work: Work, connection_id: str, actions: Mapping[StreamDescriptor, Action]) -> None:
    client = work.session.client
    wait = work.declaration.resets.wait is Wait.JOB
    for action, mode in ((Action.TRUNCATE, RefreshMode.TRUNCATE), (Action.MERGE, RefreshMode.MERGE)):
        streams = [stream for stream, chosen in actions.items() if chosen is action]
        if streams:
            job = client.refresh_streams(connection_id, streams, mode)
            if job is None:
                work.console.warn(f"{_names(streams)}: another job is running; they are read again by the next one")
            _follow(work, job, f"reading {_names(streams)} again", wait=wait)
    streams = [stream for stream, chosen in actions.items() if chosen is Action.CLEAR]
    if streams:
        # The tables are empty from here on, and a sync can only start when the clear, which reads nothing, is done.
        _follow(work, _clear(work, connection_id, streams), f"clearing {_names(streams)}", wait=True)
        _follow(work, _sync(work, connection_id), f"filling {_names(streams)}", wait=wait)


def _clear(work: Work, connection_id: str, streams: Iterable[StreamDescriptor]) -> JobRead | None:
    client = work.session.client
    if client.capabilities.has("endpoint connections/clear/stream"):
        return client.clear_streams(connection_id, streams)
    return client.reset_streams(connection_id, streams)


def _sync(work: Work, connection_id: str) -> JobRead | None:
    try:
        return work.session.client.sync(connection_id)
    except ConflictError:
        work.console.info("a sync has started by itself")
        return None


def _follow(work: Work, job: JobRead | None, doing: str, *, wait: bool) -> None:
    """Say which job does it, and wait for its end where that is wanted.

    Raises:
        JobError: it failed, was cancelled, or did not end in time.
    """
    if job is None:
        return
    work.console.info(f"{doing}: job {job.id} accepted")
    if not wait:
        return
    with _slot(work.console) as free:
        if not free:
            return
        minutes = work.declaration.resets.timeout_minutes
        deadline = time.monotonic() + minutes * 60
        while not job.ended:
            if time.monotonic() > deadline:
                raise JobError(
                    f"{doing}: job {job.id} has not ended within {minutes} minutes; it goes on by itself; "
                    "the next `pulumi up` orders it again, or raise resets timeout_minutes"
                )
            time.sleep(_POLL_SECONDS)
            answer = work.session.client.get_job(job.id)
            job, attempt = answer.job, answer.last_attempt()
            counts = [
                f"{stats.descriptor} {stats.stats.records_emitted or 0:,}"
                for stats in (attempt.stream_stats if attempt else None) or ()
            ]
            work.console.status(
                f"{doing}: job {job.id} {job.status}{', records: ' if counts else ''}{', '.join(counts)}"
            )
    if job.status != "succeeded":
        raise JobError(f"{doing}: job {job.id} {job.status}; see it in Airbyte, then run `pulumi up` to order it again")
    work.console.info(f"{doing}: job {job.id} succeeded")


@contextmanager
def _slot(console: Console) -> Any:
    free = _waiting.acquire(blocking=False)
    try:
        if not free:
            console.warn("not waiting for the job: three other resources are waiting already")
        yield free
    finally:
        if free:
            _waiting.release()


def _names(streams: Iterable[StreamDescriptor]) -> str:
    return ", ".join(sorted(stream.key for stream in streams))


def gone(connection_id: str) -> AirbyteError:
    """What to say when an update finds that its connection was deleted."""
    return AirbyteError(
        f"connection {connection_id} was deleted outside this program; nothing was sent: run `pulumi refresh`, "
        "then `pulumi up` creates it again"
    )
