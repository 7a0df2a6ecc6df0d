"""``create``, ``update``, ``delete``: carry out what was announced, and no more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pulumi_airbyte_wb.api.capabilities import Release
from pulumi_airbyte_wb.catalog import server_resets
from pulumi_airbyte_wb.catalog.merge import merge_catalogs
from pulumi_airbyte_wb.catalog.schemas import on_schema, schema_notes
from pulumi_airbyte_wb.catalog.tables import table_of
from pulumi_airbyte_wb.catalog.validate import hidden
from pulumi_airbyte_wb.errors import AirbyteError, ApiError, DriftedError, JobError, PlanError, shown
from pulumi_airbyte_wb.models import (
    ConnectionCreate,
    ConnectionRead,
    ConnectionStatus,
    ConnectionUpdate,
    JobRead,
    StateType,
    StreamDescriptor,
    SyncCatalog,
)
from pulumi_airbyte_wb.plan import (
    FIELDS,
    TABLE,
    Action,
    Declaration,
    Kind,
    Ordered,
    Policy,
    Running,
    Wait,
    announced_actions,
    build_plan,
    guard,
)
from pulumi_airbyte_wb.plan.declaration import CONNECTION
from pulumi_airbyte_wb.plan.resets import OnDelete
from pulumi_airbyte_wb.providers import journal
from pulumi_airbyte_wb.providers.attaching import attach, attached_ids, delete_half, delete_without, own_operations
from pulumi_airbyte_wb.providers.checking import observed, situated
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.facts import NAMING, facts_of
from pulumi_airbyte_wb.providers.pending import with_pending
from pulumi_airbyte_wb.providers.rereading import (
    clear,
    fill,
    follow,
    jobs_after,
    newest_job,
    reread,
    settle_running,
    unread,
)
from pulumi_airbyte_wb.providers.schemas import newer_schema, pending_schema
from pulumi_airbyte_wb.providers.session import Session, is_half_of, mark_of
from pulumi_airbyte_wb.providers.work import Work, names

# Rows that are about tables which somebody else, or this connection in other days, has filled.
_ANNOUNCED = re.compile(r"(AWB\d{3}) truncate: (.*?)(?: \(.*)?$")
_FOREIGN = re.compile(r"AWB2(06|07|41|42) (merge|truncate|clear):")


def create(work: Work) -> ConnectionRead:
    """Create the connection in two steps, so that a create whose answer is lost is found again.

    It is born inactive under a marked name, which also keeps a basic schedule from firing half-made; the second step
    gives it its name and status. Where re-reads were announced, it gets its name only when they are done: state has
    nothing of a create that failed, so the next run must begin anew. What an earlier run left is deleted first.
    """
    declaration, client = work.declaration, work.session.client
    if declaration.source_id is None or declaration.destination_id is None:
        raise PlanError("source_id and destination_id are not known; a resource that they come from was not created")
    workspace = work.session.source(declaration.source_id).workspace_id or ""
    name = str(declaration.fields.get("name", work.resource_name))
    mark = mark_of(work.urn, name, declaration.source_id, declaration.destination_id)
    for item in work.session.names(workspace):
        if item.name.endswith(mark):
            work.console.info(f"connection {item.connection_id} was left half created by an earlier run: deleted")
            delete_half(work.session, item.connection_id, declaration)
        elif is_half_of(work.urn, item.name):
            work.console.warn(
                f"connection {item.connection_id} ({shown(item.name)}) was left half created by an earlier run of "
                "another program; it is inactive and never synced: delete it, unless somebody is creating it just now"
            )
        elif (
            item.name == name
            and item.ends == (declaration.source_id, declaration.destination_id)
            and work.session.claimed(("connection", item.connection_id)) != work.urn
        ):
            raise PlanError(
                f"a connection {name!r} from this source to this destination is there already; nothing was created: "
                f'say adopt="{item.connection_id}" to take it over, or declare another name'
            )
    connection = _create_marked(work, name, mark, workspace)
    final = _changed_fields(connection, declaration, None) | {
        "name": name,
        "status": str(declaration.fields.get("status", ConnectionStatus.ACTIVE.value)),
    }
    # A create that fails would leave new operations behind, so they come after it; before the last step, because the
    # connection must not start without them, and because the last step may be repeated and they may not.
    connection = attach(work.session, connection, declaration, None)
    operations = _operations(work, connection, None)
    if operations:
        client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, **operations))
    actions = announced_actions(work.announcement)
    if actions:
        del final["name"]
        connection = client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, **final))
        try:
            reread(work, connection, actions)
        except AirbyteError:
            with suppress(ApiError):
                delete_without(work.session, connection, attached_ids(declaration))
            raise
        final = {"name": name}
    # The server may have carried out only now what an earlier run has given up waiting for.
    work.session.forget(("names", workspace))
    for item in work.session.names(workspace):
        if item.name.endswith(mark) and item.connection_id != connection.connection_id:
            delete_half(work.session, item.connection_id, declaration)
    connection = _name_it(work, connection.connection_id, final)
    if work.declaration.resets.wait is Wait.FILLED:
        try:
            fill(work, connection, 0)
        except JobError as error:
            # A create that fails leaves no state, although the connection is there and moves rows.
            work.console.warn(f"the connection is created, but {error}")
    return connection


def _name_it(work: Work, connection_id: str, final: Mapping[str, Any]) -> ConnectionRead:
    """Give a connection its name, which ends its creation; where the answer is lost, look whether it has it."""
    client = work.session.client
    try:
        return client.update_connection(ConnectionUpdate(connection_id=connection_id, **final))
    except ApiError as error:
        if error.applied:
            with suppress(ApiError):
                live = client.get_connection(connection_id)
                if live.name == final["name"]:
                    return live
        raise


def update(work: Work, connection: ConnectionRead, recorded: Declaration | None) -> ConnectionRead:
    """Bring a live connection to what is declared: guard, write, then the announced re-reads.

    Args:
        work: what to do.
        connection: the live connection, just read.
        recorded: what state remembers; ``None`` for a connection that is adopted.

    Raises:
        DriftedError: the live connection differs so that more would happen than was announced.
        PlanError: a re-read was announced, but the connection is not active; or the server paused it.
    """
    client, actions = work.session.client, announced_actions(work.announcement)
    if actions and work.declaration.resets.running is not Running.LEAVE:
        look(work, connection, recorded)
        if settle_running(work, connection.connection_id):
            connection = client.get_connection(connection.connection_id)
    declaration = situated(work.declaration, connection)
    removed, changed = look(work, connection, recorded)
    newest = newest_job(work, connection.connection_id) if work.declaration.resets.wait is Wait.FILLED else 0
    cleared = [stream for stream in removed if actions.get(stream) is Action.CLEAR]
    leaving = {key for key, text in work.announcement.items() if text.startswith("AWB203 clear")}
    late = {StreamDescriptor.parse(key) for key in leaving} - set(removed)
    if late:
        work.console.warn(f"{names(late)}: taken out of the connection before, so the table was not emptied")
    left = _left_to_server(work, connection)
    if cleared:
        # Before the update: a stream that is no longer configured cannot be cleared (semantics §9.3).
        clear(work, connection.connection_id, cleared)
    changed |= _operations(work, connection, recorded)
    if left and "sync_catalog" not in changed:
        # A catalog that was stored before 0.64.4 looks to 1.4.0 as if all its columns were new, until it is written.
        changed["sync_catalog"] = connection.sync_catalog
    if recorded is None and actions.keys() & (declaration.streams or {}).keys():
        journal.begin(work.session, work.urn, connection)
    merged: dict[StreamDescriptor, JobRead] = {}
    merges = _appending_merges(
        declaration, connection, changed, {s for s, a in actions.items() if a is Action.MERGE} - left
    )
    if merges:
        begun = None
        if _is_live(declaration, connection, changed, merges):
            begun = journal.merged(work.session, work.urn, connection, merges)
        if begun is None:
            newest_now = newest_job(work, connection.connection_id)
            journal.begin_merge(work.session, work.urn, connection, merges, newest_now)
        merged = begun or {}
    if changed:
        _check_unmoved(work, connection, declaration)
        connection = client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, **changed))
    connection = attach(work.session, connection, declaration, recorded)
    reset: set[StreamDescriptor] = set()
    if left:
        connection, reset = _update_by_server(work, connection, left)
    declared = (declaration.streams or {}).keys() - left - reset
    again = {stream: action for stream, action in actions.items() if stream in declared}
    if again and unread(work, connection.connection_id):
        told = work.announcement.items()
        again = {s: a for s, a in again.items() if any(s.key == key and _FOREIGN.search(text) for key, text in told)}
        work.console.info("the connection has read nothing yet, so there is nothing to read again")
    for stream, job in merged.items():
        if again.pop(stream, None) is not None:
            wait = work.declaration.resets.wait is not Wait.ACCEPTED
            follow(work, job, f"reading {stream} again, which an earlier run has ordered", wait=wait)
    unseen = reread(work, connection, again)
    earlier = recorded.ordered if recorded else {}
    work.ordered.update({stream: order for stream, order in earlier.items() if stream in declared - again.keys()})
    work.ordered.update({stream: Ordered(newest, _why(work, stream)) for stream, newest in unseen.items()})
    brings = bool(actions.keys() & left) or _brings_streams(work.announcement)
    if work.declaration.resets.wait is Wait.FILLED and not again and brings:
        fill(work, connection, newest)
    if recorded is None:
        journal.end(work.session, work.urn, connection)
    if merges:
        journal.end_merge(work.session, work.urn, connection, merges)
    return connection


def _appending_merges(
    declaration: Declaration,
    connection: ConnectionRead,
    changed: Mapping[str, Any],
    streams: Collection[StreamDescriptor],
) -> dict[StreamDescriptor, str]:
    """The streams that are appended to and read again beside the rows that are there, with their tables and lines."""
    naming = {name: changed.get(name, getattr(connection, name)) for name in NAMING}
    specs = {stream: spec for stream, spec in (declaration.streams or {}).items() if stream in streams}
    return {
        stream: f"{table_of(stream, **naming).key} {spec.line}"
        for stream, spec in specs.items()
        if not (spec.mode.dedup or spec.mode.overwrites)
    }


def _is_live(
    declaration: Declaration,
    connection: ConnectionRead,
    changed: Mapping[str, Any],
    streams: Collection[StreamDescriptor],
) -> bool:
    """Whether streams and the names of their tables are as declared already, as a run that died has left them."""
    live, declared = observed(connection, declaration).streams or {}, declaration.streams or {}
    return not changed.keys() & set(NAMING) and all(live.get(stream) == declared[stream] for stream in streams)


def _check_unmoved(work: Work, connection: ConnectionRead, declaration: Declaration) -> None:
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


def _why(work: Work, stream: StreamDescriptor) -> str:
    """The code that called for a replacement, and the change in words, from what was announced."""
    text = work.announcement[stream.key]
    found = _ANNOUNCED.search(text)
    return f"{found.group(1)} {found.group(2)}" if found else text


def _brings_streams(announcement: Mapping[str, str]) -> bool:
    codes = {row.code for row in TABLE if row.kind is Kind.ADDED}
    return any(text.split(" ", 1)[0] in codes for text in announcement.values())


def _left_to_server(work: Work, connection: ConnectionRead) -> set[StreamDescriptor]:
    """The streams whose change goes out without ``skipReset``: the program says ``server``, and it is not live yet."""
    resets, declared = work.declaration.resets, work.declaration.streams or {}
    if work.declaration.paused or Policy.SERVER not in {resets.default, *resets.overrides.values()}:
        return set()
    live = observed(connection, work.declaration).streams or {}
    return {s for s, spec in declared.items() if resets.policy(s) is Policy.SERVER and live.get(s) != spec}


def _update_by_server(
    work: Work, connection: ConnectionRead, left: Collection[StreamDescriptor]
) -> tuple[ConnectionRead, set[StreamDescriptor]]:
    """Send what is left to the server, which then decides itself; answers what it resets, which was announced.

    Raises:
        DriftedError: it would reset more than was announced.
    """
    client, id_ = work.session.client, connection.connection_id
    changed = _catalog(work, connection, ())
    sent: SyncCatalog = changed["sync_catalog"]
    announced = announced_actions(work.announcement)
    state_type = client.get_state_type(id_)
    version = client.capabilities.at_least or Release(0, 44, 0)
    resets = server_resets(connection.sync_catalog, sent, server_version=str(version), state_type=state_type.value)
    free = {StreamDescriptor.parse(key) for key, text in work.announcement.items() if text.startswith("AWB201 ")}
    surprise = set(resets) - announced.keys() - free
    if surprise and not unread(work, id_):
        raise DriftedError(
            f"{names(surprise)}: Airbyte itself would reset this too, which was not announced; run `pulumi refresh`, "
            "then preview again"
        )
    newest = newest_job(work, id_)
    work.console.info(f"{names(left)}: left to Airbyte, sent without skipReset")
    connection = client.update_connection(ConnectionUpdate(connection_id=id_, skip_reset=False, **changed))
    if work.declaration.resets.wait is not Wait.ACCEPTED:
        for job in jobs_after(work, id_, newest):
            follow(work, job, f"Airbyte's own job for {names(left)}", wait=True)
    return connection, set(resets)


def _check_hidden(merged: SyncCatalog, declared: Collection[StreamDescriptor]) -> None:
    """A selection of columns that somebody else made must not hide what the program declares to be cursor or key."""
    for stream, entry in merged.selected().items():
        for what, column in hidden(entry) if stream in declared else ():
            raise PlanError(
                f"{stream}: its {what} {column!r} is not among the columns that are selected on the server; nothing "
                f"was sent: declare fields with {column!r} among them, or select the column on the connection's page"
            )


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
    removed = _removed(declaration, recorded, connection)
    _guard(work, connection, recorded, removed)
    changed = _changed_fields(connection, work.declaration, recorded)
    if newer_schema(work.session, connection, work.declaration) is None:
        _check_breaking(connection, changed)
    _check_activity(declaration, connection, announced_actions(work.announcement))
    return removed, changed | _catalog(work, connection, removed, without=_left_to_server(work, connection))


def hand_back(session: Session, console: Console, connection: ConnectionRead, recorded: Declaration) -> None:
    """Let go of a connection's streams: take them out where the program said so, else leave them as they are."""
    unfinished = recorded.unfinished & connection.sync_catalog.selected().keys()
    if unfinished:
        console.warn(f"{names(unfinished)}: rows have still to be replaced, which nobody remembers from here on")
    leaving = (recorded.streams or {}).keys() & connection.sync_catalog.selected().keys()
    if recorded.on_delete is OnDelete.REMOVE and leaving:
        catalog = merge_catalogs(connection.sync_catalog, {}, leaving)
        session.client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, sync_catalog=catalog))


def _create_marked(work: Work, name: str, mark: str, workspace: str) -> ConnectionRead:
    declaration, session = work.declaration, work.session
    schema = session.discovered(declaration.source_id or "")
    empty = SyncCatalog(streams=[])
    request = ConnectionCreate(
        source_id=declaration.source_id or "",
        destination_id=declaration.destination_id or "",
        sync_catalog=merge_catalogs(empty, declaration.streams or {}, (), schema.catalog),
        source_catalog_id=schema.catalog_id,
        **_send(
            {**_creatable(work), "name": f"{name[: 256 - len(mark)]}{mark}", "status": ConnectionStatus.INACTIVE.value}
        ),
    )
    try:
        return session.client.create_connection(request)
    except ApiError as error:
        if not error.applied:
            raise
        session.forget(("names", workspace))
        made = [item for item in session.names(workspace) if item.name.endswith(mark)]
        if not made:
            raise
        return session.client.get_connection(made[0].connection_id)


def _creatable(work: Work) -> dict[str, Any]:
    """The declared fields that a create of this server takes; the update that follows it sends the others."""
    takes_notice = work.session.client.capabilities.has("create.notifySchemaChanges")
    held_back = {"notify_schema_changes_by_email"} | (set() if takes_notice else {"notify_schema_changes"})
    return {name: value for name, value in work.declaration.fields.items() if name not in held_back}


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


def _removed(
    declaration: Declaration, recorded: Declaration | None, connection: ConnectionRead
) -> list[StreamDescriptor]:
    """The live streams that leave: recorded and declared no longer, or, where the program owns all, not declared."""
    if declaration.streams is None:
        return []
    live = connection.sync_catalog.selected().keys()
    owned = live if declaration.exclusive else ((recorded.streams or {}) if recorded else {}).keys()
    return sorted((live & owned) - declaration.streams.keys(), key=lambda stream: stream.key)


def _guard(
    work: Work, connection: ConnectionRead, recorded: Declaration | None, removed: Iterable[StreamDescriptor]
) -> None:
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
    # The facts of the preview: what it could not know of this connection's past would only widen the plan.
    past = recorded or declaration
    schema = pending_schema(work.session, connection, declaration)
    live = replace(live, retired=past.retired, columns=past.columns, left=past.left)
    live = replace(live, parted=past.parted, schema=schema)
    live = with_pending(work.session, connection, live)
    known_id = None if recorded and declaration.shape is CONNECTION else connection.connection_id
    facts = facts_of(work.session, live, declaration, connection.name, known_id, work.urn)
    _check_resuming(work, connection.connection_id)
    state_type = work.session.client.get_state_type(connection.connection_id)
    # A state that was never written narrows the plan; a pending write of a run that died must not.
    facts = replace(facts, state_type=state_type if state_type is not StateType.LEGACY else None)
    guard(work.announcement, build_plan(live, declaration, facts))


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


def _changed_fields(
    connection: ConnectionRead, declaration: Declaration, recorded: Declaration | None
) -> dict[str, Any]:
    """The fields to send: declared otherwise than recorded, and not live as declared.

    A field that somebody else changed since the last refresh is left to the refresh that will show it.
    """
    changed = {
        name: value
        for name, value in declaration.fields.items()
        if (recorded is None or recorded.fields.get(name) != value)
        and FIELDS[name].observed(connection, value) != value
    }
    arguments = _send(changed)
    if "resource_requirements" in arguments:
        arguments["resource_requirements"] = {
            **(connection.resource_requirements or {}),
            **arguments["resource_requirements"],
        }
    return arguments


def _check_others(connection: ConnectionRead, discovered: SyncCatalog, declared: Collection[StreamDescriptor]) -> None:
    """A connection has one schema: taking it over must not change streams that the program does not declare."""
    offers = discovered.by_descriptor()
    changed = [
        stream
        for stream, entry in connection.sync_catalog.selected().items()
        if stream not in declared and schema_notes(entry, offers[stream].stream if stream in offers else None)
    ]
    if changed:
        raise PlanError(
            f"the source's newer schema, which schema_changes='accept' takes over, also changes {names(changed)}, "
            "which this program does not declare; nothing was sent: declare these streams too, or accept the schema on "
            "the connection's page in Airbyte"
        )


def _operations(work: Work, connection: ConnectionRead, recorded: Declaration | None) -> dict[str, Any]:
    """The connection's operations to send; empty where the live ones are as declared already."""
    operations = own_operations(work.session, work.console, connection, work.declaration, recorded)
    return {} if operations is None else {"operations": operations}


def _send(values: Mapping[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, value in values.items():
        arguments |= FIELDS[name].send(value)
    return arguments


def _catalog(
    work: Work,
    connection: ConnectionRead,
    removed: Iterable[StreamDescriptor],
    *,
    without: Collection[StreamDescriptor] = (),
) -> dict[str, Any]:
    """The catalog to send, some streams left as they are live; empty where the live one is as declared already.

    Raises:
        PlanError: a new stream needs the source's newer schema, which would change other streams too.
    """
    if work.declaration.streams is None:
        return {}
    declared = {stream: spec for stream, spec in work.declaration.streams.items() if stream not in without}
    live = connection.sync_catalog
    newer = newer_schema(work.session, connection, work.declaration)
    if newer is not None and newer.catalog is not None:
        _check_others(connection, newer.catalog, {*work.declaration.streams, *removed})
        merged = merge_catalogs(on_schema(live, newer.catalog), declared, set(removed), newer.catalog)
        _check_hidden(merged, declared)
        return {"sync_catalog": merged, "source_catalog_id": newer.catalog_id}
    newcomers = declared.keys() - live.by_descriptor().keys()
    if not newcomers:
        merged = merge_catalogs(live, declared, set(removed))
        _check_hidden(merged, declared)
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
            f"{names(newcomers)} came with a newer schema of the source, which also changes {names(changed)}; "
            "nothing was sent: accept the schema on the connection's page in Airbyte, then `pulumi refresh` and preview"
        )
    merged = merge_catalogs(live, declared, set(removed), schema.catalog)
    _check_hidden(merged, declared)
    return {"sync_catalog": merged, "source_catalog_id": schema.catalog_id}


def gone(connection_id: str) -> AirbyteError:
    """What to say when an update finds that its connection was deleted."""
    return AirbyteError(
        f"connection {connection_id} was deleted outside this program; nothing was sent: run `pulumi refresh`, "
        "then `pulumi up` creates it again"
    )
