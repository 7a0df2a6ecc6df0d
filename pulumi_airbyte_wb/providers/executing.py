"""``create``, ``update``, ``delete``: carry out what was announced, and no more."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.api.capabilities import Release
from pulumi_airbyte_wb.catalog import server_resets
from pulumi_airbyte_wb.catalog.merge import merge_catalogs
from pulumi_airbyte_wb.catalog.tables import table_of
from pulumi_airbyte_wb.errors import AirbyteError, DriftedError, shown
from pulumi_airbyte_wb.models import (
    ConnectionRead,
    ConnectionUpdate,
    JobRead,
    StreamDescriptor,
    SyncCatalog,
)
from pulumi_airbyte_wb.plan import (
    TABLE,
    Action,
    Declaration,
    Kind,
    Ordered,
    Running,
    Wait,
    announced_actions,
)
from pulumi_airbyte_wb.plan.resets import OnDelete
from pulumi_airbyte_wb.providers import journal, reading
from pulumi_airbyte_wb.providers.attaching import attach
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.facts import NAMING
from pulumi_airbyte_wb.providers.guarding import check_unmoved, declared_by, left_to_server, look
from pulumi_airbyte_wb.providers.observing import observed, situated
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
from pulumi_airbyte_wb.providers.sending import catalog_to_send, operations_to_send
from pulumi_airbyte_wb.providers.session import Session, is_half_of
from pulumi_airbyte_wb.providers.work import Work, names

# Rows that are about tables which somebody else, or this connection in other days, has filled.
_ANNOUNCED = re.compile(r"(AWB\d{3}) truncate: (.*?)(?: \(.*)?$")
_FOREIGN = re.compile(r"AWB2(06|07|41|42) (merge|truncate|clear):")


@dataclass(frozen=True)
class _Written:
    """What an update has written, and what it has still to do.

    Args:
        connection: the connection after the write.
        newest: its newest job before, where jobs are waited for; else 0.
        left: the streams whose change was left to the server.
        reset: the streams that the server resets for that.
        merges: the appended streams that are read again beside their rows, with their tables and lines.
        merged: those of them that an earlier run has ordered already.
    """

    connection: ConnectionRead
    newest: int
    left: set[StreamDescriptor]
    reset: set[StreamDescriptor]
    merges: dict[StreamDescriptor, str]
    merged: dict[StreamDescriptor, JobRead]


def update(work: Work, connection_id: str, workspace_id: str, recorded: Declaration | None) -> ConnectionRead:
    """Bring a live connection to what is declared: guard, write, then the announced re-reads.

    Between the look and the write no other resource of the program changes the connection.

    Args:
        work: what to do.
        connection_id: the connection.
        workspace_id: its workspace, where that is known.
        recorded: what state remembers; ``None`` for a connection that is adopted.

    Raises:
        AirbyteError: the connection was deleted, or this is another server.
        DriftedError: the live connection differs so that more would happen than was announced.
        PlanError: a re-read was announced, but the connection is not active; or the server paused it.
    """
    if announced_actions(work.announcement) and work.declaration.resets.running is not Running.LEAVE:
        look(work, found(work.session, connection_id, workspace_id), recorded)
        settle_running(work, connection_id)
    if any(action is Action.CLEAR for action in announced_actions(work.announcement).values()):
        _clear_removed(work, found(work.session, connection_id, workspace_id), recorded)
    with work.session.changing(connection_id):
        written = _write(work, found(work.session, connection_id, workspace_id), recorded)
    return _read_again(work, written, recorded)


def _clear_removed(work: Work, connection: ConnectionRead, recorded: Declaration | None) -> None:
    """Empty the tables of streams that are to go, before: one that is no longer configured cannot be cleared (§9.3)."""
    actions = announced_actions(work.announcement)
    removed, _ = look(work, connection, recorded)
    cleared = [stream for stream in removed if actions.get(stream) is Action.CLEAR]
    if cleared:
        clear(work, connection.connection_id, cleared)


def _write(work: Work, connection: ConnectionRead, recorded: Declaration | None) -> _Written:
    client, actions = work.session.client, announced_actions(work.announcement)
    declaration = situated(work.declaration, connection)
    removed, changed = look(work, connection, recorded)
    newest = newest_job(work, connection.connection_id) if work.declaration.resets.wait is not Wait.ACCEPTED else 0
    leaving = {key for key, text in work.announcement.items() if text.startswith("AWB203 clear")}
    late = {StreamDescriptor.parse(key) for key in leaving} - set(removed)
    owners = {stream: declared_by(work.session, connection.connection_id, stream) for stream in late}
    handed = {stream for stream, owner in owners.items() if owner not in {None, work.urn}}
    if handed:
        work.console.info(f"{names(handed)}: declared by another resource of this program now, and left as it is")
    if late - handed:
        work.console.warn(f"{names(late - handed)}: taken out of the connection before, so the table was not emptied")
    left = left_to_server(work, connection)
    changed |= operations_to_send(work, connection, recorded)
    if left and "sync_catalog" not in changed:
        # A catalog that was stored before 0.64.4 looks to 1.4.0 as if all its columns were new, until it is written.
        changed["sync_catalog"] = connection.sync_catalog
    if recorded is None and actions.keys() & (declaration.streams or {}).keys():
        journal.begin(work.session, work.urn, connection)
    merging = {stream for stream, action in actions.items() if action is Action.MERGE} - left
    merges = _appending_merges(declaration, connection, changed, merging)
    merged: dict[StreamDescriptor, JobRead] = {}
    if merges:
        begun = None
        if _is_live(declaration, connection, changed, merges):
            begun = journal.merged(work.session, work.urn, connection, merges)
        if begun is None:
            newest_now = newest_job(work, connection.connection_id)
            journal.begin_merge(work.session, work.urn, connection, merges, newest_now)
        merged = begun or {}
    if changed:
        check_unmoved(work, connection, declaration)
        connection = client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, **changed))
    connection = attach(work.session, connection, declaration, recorded)
    reset: set[StreamDescriptor] = set()
    if left:
        connection, reset = _update_by_server(work, connection, left)
    return _Written(connection, newest, left, reset, merges, merged)


def _read_again(work: Work, written: _Written, recorded: Declaration | None) -> ConnectionRead:
    connection, actions = written.connection, announced_actions(work.announcement)
    if written.left and work.declaration.resets.wait is not Wait.ACCEPTED:
        for job in jobs_after(work, connection.connection_id, written.newest):
            follow(work, job, f"Airbyte's own job for {names(written.left)}", wait=True)
    declared = (work.declaration.streams or {}).keys() - written.left - written.reset
    again = {stream: action for stream, action in actions.items() if stream in declared}
    if again and unread(work, connection.connection_id):
        told = work.announcement.items()
        again = {s: a for s, a in again.items() if any(s.key == key and _FOREIGN.search(text) for key, text in told)}
        work.console.info("the connection has read nothing yet, so there is nothing to read again")
    for stream, job in written.merged.items():
        if again.pop(stream, None) is not None:
            wait = work.declaration.resets.wait is not Wait.ACCEPTED
            follow(work, job, f"reading {stream} again, which an earlier run has ordered", wait=wait)
    unseen = reread(work, connection, again)
    earlier = recorded.ordered if recorded else {}
    work.ordered.update({stream: order for stream, order in earlier.items() if stream in declared - again.keys()})
    work.ordered.update({stream: Ordered(newest, _why(work, stream)) for stream, newest in unseen.items()})
    brings = bool(actions.keys() & written.left) or _brings_streams(work.announcement)
    if work.declaration.resets.wait is Wait.FILLED and not again and brings:
        fill(work, connection, written.newest)
    if recorded is None:
        journal.end(work.session, work.urn, connection)
        for item in journal.twins(work.session, work.urn, connection):
            if any(is_half_of(urn, item.name) for urn in work.session.claimants()):
                continue
            work.console.warn(
                f"connection {item.connection_id} ({shown(item.name)}) keeps what this one was before another resource "
                "took it over; it never syncs: delete it, unless a run that takes it over is under way just now"
            )
    if written.merges:
        journal.end_merge(work.session, work.urn, connection, written.merges)
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


def _why(work: Work, stream: StreamDescriptor) -> str:
    """The code that called for a replacement, and the change in words, from what was announced."""
    text = work.announcement[stream.key]
    found = _ANNOUNCED.search(text)
    return f"{found.group(1)} {found.group(2)}" if found else text


def _brings_streams(announcement: Mapping[str, str]) -> bool:
    codes = {row.code for row in TABLE if row.kind is Kind.ADDED}
    return any(text.split(" ", 1)[0] in codes for text in announcement.values())


def _update_by_server(
    work: Work, connection: ConnectionRead, left: Collection[StreamDescriptor]
) -> tuple[ConnectionRead, set[StreamDescriptor]]:
    """Send what is left to the server, which then decides itself; answers what it resets, which was announced.

    Raises:
        DriftedError: it would reset more than was announced.
    """
    client, id_ = work.session.client, connection.connection_id
    changed = catalog_to_send(work, connection, ())
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
    work.console.info(f"{names(left)}: left to Airbyte, sent without skipReset")
    connection = client.update_connection(ConnectionUpdate(connection_id=id_, skip_reset=False, **changed))
    return connection, set(resets)


def hand_back(session: Session, urn: str, connection: ConnectionRead, recorded: Declaration) -> None:
    """Let go of a connection's streams: take them out where the program said so, else leave them as they are."""
    with session.changing(connection.connection_id):
        _hand_back(session, urn, session.client.get_connection(connection.connection_id), recorded)


def _hand_back(session: Session, urn: str, connection: ConnectionRead, recorded: Declaration) -> None:
    unfinished = recorded.unfinished & connection.sync_catalog.selected().keys()
    if unfinished:
        Console(urn).warn(f"{names(unfinished)}: rows have still to be replaced, which nobody remembers from here on")
    live = (recorded.streams or {}).keys() & connection.sync_catalog.selected().keys()
    leaving = {stream for stream in live if declared_by(session, connection.connection_id, stream) in {None, urn}}
    if recorded.on_delete is OnDelete.REMOVE and leaving:
        catalog = merge_catalogs(connection.sync_catalog, {}, leaving)
        session.client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, sync_catalog=catalog))


def gone(connection_id: str) -> AirbyteError:
    """What to say when an update finds that its connection was deleted."""
    return AirbyteError(
        f"connection {connection_id} was deleted outside this program; nothing was sent: run `pulumi refresh`, "
        "then `pulumi up` creates it again"
    )


def found(session: Session, connection_id: str, workspace_id: str) -> ConnectionRead:
    """The live connection.

    Raises:
        AirbyteError: it was deleted, or this is another server.
    """
    connection = reading.find(session, connection_id, workspace_id)
    if connection is None:
        raise gone(connection_id)
    return connection
