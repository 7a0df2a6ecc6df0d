"""``update``: carry out what was planned, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from pulumi_airbyte_wb.lifecycle.guard import check_as_found, check_unmoved, declared_by, left_now, look
from pulumi_airbyte_wb.lifecycle.read import find
from pulumi_airbyte_wb.live import merge_note
from pulumi_airbyte_wb.live.context import Context, names
from pulumi_airbyte_wb.live.jobs import (
    clear,
    follow,
    jobs_after,
    newest_job,
    run_job,
    settle_running,
)
from pulumi_airbyte_wb.live.not_taken import take_note
from pulumi_airbyte_wb.live.observe import observe, situated
from pulumi_airbyte_wb.live.operations import attach
from pulumi_airbyte_wb.live.requests import catalog_to_send, operations_to_send
from pulumi_airbyte_wb.live.secrets import sendable, unmasked
from pulumi_airbyte_wb.live.server_resets import exact_resets
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import (
    ConnectionRead,
    ConnectionUpdate,
    JobRead,
    StreamDescriptor,
)
from pulumi_airbyte_wb.plan import Action, Obstacle, Operation, Plan, Step
from pulumi_airbyte_wb.plan.blocking import blocked_by, check_unblocked
from pulumi_airbyte_wb.plan.steps import (
    ClearStreams,
    CreateConnection,
    LetServerReset,
    RefreshStreams,
    SettleRunning,
    StartSync,
    UpdateConnection,
    WaitForSync,
    jobs,
    without,
    writing,
)
from pulumi_airbyte_wb.spec.changes import Kind
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Wait
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import InFlight

_FOREIGN = frozenset(
    {
        Code.ADDED_TO_OWN_TABLE,
        Code.ADDED_TO_FILLED_TABLE,
        Code.TABLE_RENAMED_TO_FREE,
        Code.TABLE_RENAMED_TO_OWN,
    }
)
"""Rows that are about tables which another connection, or this one in other days, has filled."""


def carry_out(context: Context, connection_id: str, workspace_id: str, recorded: Baseline) -> ConnectionRead:
    """Bring a live connection to what is declared: guard, write, then the planned jobs.

    Between the look and the write no other resource of the program changes the connection.

    Args:
        context: what it works with: what to do, and where.
        connection_id: the connection.
        workspace_id: its workspace, where that is known.
        recorded: what state remembers, or gets by this run of what is there already.

    Raises:
        DriftedError: the live connection differs so that more would happen than was planned, or was deleted.
        BlockedError: the plan needs an explicit approval; or a re-sync was planned, but the connection is not active;
            or the server paused it.
        AirbyteError: this is another server.
    """
    check_unblocked(context.plan)
    update = _Update(context, connection_id, workspace_id, recorded)
    for step in writing(context.plan):
        update.apply(step)
    for step in jobs(update.remaining(), update.left):
        update.apply(step)
    return update.end()


@dataclass
class _Update:
    """An update under way.

    Attributes:
        context: what it works with: what to do, and where.
        connection_id: the connection.
        workspace_id: its workspace, where that is known.
        recorded: what state remembers.
        answer: the connection after the last write, as the server answers it.
        connection: the same, with what servers mask.
        newest: its newest job before, where jobs are waited for; else 0.
        sent: how many requests this thread had sent when it had asked for the connection.
        left: the streams whose change is left to the server.
        reset: the streams that the server resets for that.
        merges: the appended streams that are re-synced beside their rows, with their tables and lines.
        merged: those of them that an earlier run has ordered already.
        again: the streams that jobs of this update are about.
    """

    context: Context
    connection_id: str
    workspace_id: str
    recorded: Baseline
    answer: ConnectionRead | None = None
    connection: ConnectionRead | None = None
    newest: int = 0
    sent: int = 0
    left: set[StreamDescriptor] = field(default_factory=set)
    reset: set[StreamDescriptor] = field(default_factory=set)
    merges: dict[StreamDescriptor, str] = field(default_factory=dict)
    merged: dict[StreamDescriptor, JobRead] = field(default_factory=dict)
    again: set[StreamDescriptor] = field(default_factory=set)

    def apply(self, step: Step) -> None:
        """Carry out one step."""
        match step:
            case SettleRunning():
                self._look()
                settle_running(self.context, self.connection_id)
            case ClearStreams(streams, leaving=True):
                self._clear_leaving(streams)
            case UpdateConnection():
                with self.context.session.changing(self.connection_id):
                    self._write()
            case LetServerReset():
                with self.context.session.changing(self.connection_id):
                    self._let_server_reset()
            case CreateConnection():
                msg = "an update creates no connection"
                raise AssertionError(msg)
            case ClearStreams() | RefreshStreams() | StartSync() | WaitForSync():
                run_job(self.context, self.written(), step, self.newest)
            case _:
                assert_never(step)

    def written(self) -> ConnectionRead:
        """The connection as it is after the write."""
        if self.connection is None:
            msg = "a plan writes before its jobs"
            raise AssertionError(msg)
        return self.connection

    def remaining(self) -> Plan:
        """The plan without what needs no job of ours: done by Airbyte, by an earlier run, or of no use."""
        context, plan = self.context, self.context.plan
        wait = context.declaration.resets.wait is not Wait.ACCEPTED
        if self.left and wait:
            for job in jobs_after(context, self.connection_id, self.newest):
                follow(context, job, f"Airbyte's own job for {names(self.left)}", wait=True)
        declared = context.declaration.streams.keys() - self.left - self.reset
        again = {stream: action for stream, action in plan.actions().items() if stream in declared}
        if again and context.session.history(self.connection_id).is_idle:
            codes = {stream: {effect.code for effect in found} for stream, found in plan.by_stream().items()}
            again = {stream: action for stream, action in again.items() if codes[stream] & _FOREIGN}
            context.report.info("the connection has never synced, so there is nothing to re-sync")
        for stream, job in self.merged.items():
            if again.pop(stream, None) is not None:
                follow(context, job, f"re-syncing {stream}, which an earlier run has ordered", wait=wait)
        self.again = set(again)
        return without(plan, plan.actions().keys() - self.again)

    def end(self) -> ConnectionRead:
        """Note what is on its way, and remove what was kept for a run that dies."""
        context, connection = self.context, self.written()
        earlier = self.recorded.memory.of(InFlight)
        declared = context.declaration.streams.keys() - self.left - self.reset
        kept = {stream: order for stream, order in earlier.items() if stream in declared - self.again}
        context.ordered.update({stream: order for stream, order in kept.items() if stream not in context.ordered})
        if any(map(merge_note.is_appended, context.declaration.streams.values())):
            merge_note.end(context.session, context.urn, connection)
        take_note(context, self.answer or connection, self.recorded)
        return connection

    def _look(self) -> tuple[ConnectionRead, list[StreamDescriptor], dict[str, Any]]:
        """Ask again what the connection has done, and for itself last of all: what follows is decided of now."""
        session = self.context.session
        session.look_again(self.connection_id)
        if self.context.plan.effects:
            _ = session.history(self.connection_id).jobs
        connection = self._known(found(session, self.connection_id, self.workspace_id))
        self.sent = session.client.requests_sent
        if self.context.plan.operation is Operation.ATTACH:
            check_as_found(observe(session, connection, self.recorded))
        return connection, *look(self.context, connection, self.recorded)

    def _clear_leaving(self, streams: tuple[StreamDescriptor, ...]) -> None:
        """Clear the tables of streams that are to go, before: what is no longer configured cannot be cleared (§9.3)."""
        _, removed, _ = self._look()
        cleared = [stream for stream in removed if stream in streams]
        if cleared:
            clear(self.context, self.connection_id, cleared)

    def _write(self) -> None:
        context = self.context
        connection, removed, changed = self._look()
        declaration = situated(context.declaration, connection)
        if context.declaration.resets.wait is not Wait.ACCEPTED:
            self.newest = newest_job(context, self.connection_id)
        self._tell_late(connection, removed)
        self.left = left_now(context, connection, removed)
        changed |= operations_to_send(context, connection, self.recorded)
        if self.left and "sync_catalog" not in changed:
            # A catalog stored before 0.64.4 looks to 1.4.0 as if all its columns were new, until it is written.
            changed["sync_catalog"] = sendable(connection.sync_catalog, context.declaration.spec)
        self._begin_merges(declaration, connection, changed)
        if changed:
            if context.session.client.requests_sent != self.sent:
                check_unmoved(context, connection, self.recorded)
            connection = context.session.client.update_connection(
                ConnectionUpdate(connection_id=self.connection_id, **changed)
            )
        self.answer = attach(context.session, connection, declaration, self.recorded)
        self.connection = self._known(self.answer)

    def _known(self, connection: ConnectionRead) -> ConnectionRead:
        return unmasked(self.context.session, connection, self.recorded, self.context.declaration)

    def _tell_late(self, connection: ConnectionRead, removed: list[StreamDescriptor]) -> None:
        """Say which streams could not be cleared, as they have left the connection, or belong to another resource."""
        context = self.context
        cleared = {e.stream for e in context.plan.effects if e.kind is Kind.REMOVED and e.action is Action.CLEAR}
        late = cleared - set(removed)
        owners = {stream: declared_by(context.session, connection.connection_id, stream) for stream in late}
        handed = {stream for stream, owner in owners.items() if owner not in {None, context.urn}}
        if handed:
            context.report.info(f"{names(handed)}: declared by another resource of this program now, and left as it is")
        if late - handed:
            context.report.warn(
                f"{names(late - handed)}: taken out of the connection before, so its table was not cleared"
            )

    def _begin_merges(self, declaration: Baseline, connection: ConnectionRead, changed: Mapping[str, Any]) -> None:
        context = self.context
        # What no refresh can fill is cleared and synced: that a new table is ours alone is noted all the same.
        fresh = {each.stream for each in context.plan.effects if each.code is Code.TABLE_RENAMED_TO_FREE}
        filling = {s for s, how in context.plan.actions().items() if how is Action.MERGE or s in fresh} - self.left
        self.merges = merge_note.appended(declaration, connection, changed, filling)
        if not self.merges:
            return
        begun = None
        if merge_note.is_written(declaration, connection, changed, self.merges):
            begun = merge_note.merged(context.session, context.urn, connection, self.merges)
        if begun is None:
            newest = newest_job(context, connection.connection_id)
            merge_note.begin(context.session, context.urn, connection, self.merges, newest)
        self.merged = begun or {}

    def _let_server_reset(self) -> None:
        """Send what is left to Airbyte, which then decides itself; what it resets was planned.

        Raises:
            DriftedError: it would reset more than was planned.
        """
        context, connection = self.context, self.written()
        if not self.left:
            return
        changed = catalog_to_send(context.session, context.declaration, connection, ())
        if not changed:
            return
        resets = set(exact_resets(context.session, connection, changed["sync_catalog"]))
        free = {effect.stream for effect in context.plan.effects if effect.code is Code.ADDED_TO_FREE_TABLE}
        surprises = resets - context.plan.actions().keys() - free
        if surprises and not context.session.history(self.connection_id).is_idle:
            raise blocked_by(
                Obstacle(
                    Code.MOVED,
                    tuple(sorted(stream.key for stream in surprises)),
                    (Code.RESET_BY_SERVER.value, Action.MERGE.word),
                )
            )
        context.report.info(f"{names(self.left)}: left to Airbyte, sent without skipReset")
        self.answer = context.session.client.update_connection(
            ConnectionUpdate(connection_id=self.connection_id, skip_reset=False, **changed)
        )
        self.connection = self._known(self.answer)
        self.reset = resets


def found(session: Session, connection_id: str, workspace_id: str) -> ConnectionRead:
    """The live connection.

    Raises:
        AirbyteError: it was deleted, or this is another server.
    """
    connection = find(session, connection_id, workspace_id)
    if connection is None:
        raise blocked_by(Obstacle(Code.CONNECTION_GONE, (), (connection_id,)))
    return connection
