"""The order of a plan's work: what ``explain`` tells, and what an update carries out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from pulumi_airbyte_wb.models import RefreshMode, StreamDescriptor
from pulumi_airbyte_wb.plan.effects import Action, Why
from pulumi_airbyte_wb.plan.plan import Operation, Plan, Refill
from pulumi_airbyte_wb.spec.changes import Kind
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Policy, Running, Wait


@dataclass(frozen=True)
class SettleRunning:
    """Wait for a sync that runs, or cancel it, before anything is changed."""

    running: Running


@dataclass(frozen=True)
class ClearStreams:
    """Clear tables, and wait until they are empty.

    Args:
        streams: whose tables.
        leaving: whether the streams leave the connection by the update that follows: they cannot be cleared after it.
    """

    streams: tuple[StreamDescriptor, ...]
    leaving: bool = False


@dataclass(frozen=True)
class CreateConnection:
    """Create the connection; it gets its name and its schedule when what is re-synced is re-synced."""


@dataclass(frozen=True)
class UpdateConnection:
    """Write the configuration."""


@dataclass(frozen=True)
class LetServerReset:
    """Write what is left to Airbyte, without ``skipReset``."""

    streams: tuple[StreamDescriptor, ...]


@dataclass(frozen=True)
class RefreshStreams:
    """Order a refresh: retaining records (``Merge``), or removing old records when it is done (``Truncate``)."""

    mode: RefreshMode
    streams: tuple[StreamDescriptor, ...]


@dataclass(frozen=True)
class StartSync:
    """Start a sync of the connection, which fills the tables that were cleared."""

    streams: tuple[StreamDescriptor, ...]


@dataclass(frozen=True)
class WaitForSync:
    """Wait until a sync that the schedule starts has filled the tables."""


Job = ClearStreams | RefreshStreams | StartSync | WaitForSync
Step = (
    SettleRunning
    | ClearStreams
    | CreateConnection
    | UpdateConnection
    | LetServerReset
    | RefreshStreams
    | StartSync
    | WaitForSync
)
STEPS: tuple[type[Step], ...] = (
    SettleRunning,
    ClearStreams,
    CreateConnection,
    UpdateConnection,
    LetServerReset,
    RefreshStreams,
    StartSync,
    WaitForSync,
)
"""Every type of step."""

_BRINGING = frozenset(
    {
        Code.ADDED_TO_FREE_TABLE,
        Code.ADDED_OVERWRITING,
        Code.ADDED_AGAIN,
        Code.ADDED_WITH_SAME_KEY,
        Code.ADDED_TO_OWN_TABLE,
        Code.ADDED_TO_FILLED_TABLE,
        Code.ADDED_TO_GENERATIONS,
    }
)


def steps(plan: Plan) -> tuple[Step, ...]:
    """Everything that the update does, in its order; nothing for a plan that is blocked or undecided."""
    if plan.is_blocked or plan.undecided:
        return ()
    return (*writing(plan), *jobs(plan))


def writing(plan: Plan) -> Iterator[Step]:
    """The steps up to the last write of the configuration."""
    if plan.operation in {Operation.CREATE, Operation.REPLACE}:
        yield CreateConnection()
        return
    if plan.operation in {Operation.ADOPT, Operation.ATTACH} and not plan.effects:
        return
    if plan.running is not Running.LEAVE and plan.actions():
        yield SettleRunning(plan.running)
    leaving = _leaving(plan)
    if leaving:
        yield ClearStreams(tuple(leaving), leaving=True)
    yield UpdateConnection()
    left = server_decided(plan)
    if left:
        yield LetServerReset(left)


def jobs(plan: Plan, left: Collection[StreamDescriptor] | None = None) -> Iterator[Job]:
    """The jobs that follow the write.

    A table whose column has another type fails every job, so it is cleared or replaced first. Each refresh syncs the
    other streams too: what is appended by a merge goes first, so that it does not find rows that a sync has brought
    already. A plan that needs this and a replacement for another type is blocked.

    Args:
        plan: the plan.
        left: the streams whose jobs Airbyte orders itself: all that the plan leaves to it, where this is not said. An
            earlier run may have written a change without coming to its job.
    """
    grouped = plan.by_stream()
    actions = {stream: action for stream, action in _left_to_us(plan, left).items() if stream not in _leaving(plan)}
    merged = [stream for stream, action in actions.items() if action is Action.MERGE]
    replaced = [stream for stream, action in actions.items() if action is Action.TRUNCATE]
    cleared = [stream for stream, action in actions.items() if action is Action.CLEAR]
    appended = [stream for stream in merged if any(effect.appends for effect in grouped[stream])]
    retyped = any(effect.code is Code.TYPE_CHANGED for stream in cleared for effect in grouped[stream])
    if cleared and retyped:
        yield ClearStreams(_sorted(cleared))
    for mode, streams in (
        (RefreshMode.MERGE, appended),
        (RefreshMode.TRUNCATE, replaced),
        (RefreshMode.MERGE, [stream for stream in merged if stream not in appended]),
    ):
        if streams:
            yield RefreshStreams(mode, _sorted(streams))
    if cleared and not retyped:
        # The tables are empty from here on, and a sync can only start when the clear, which reads nothing, is done.
        yield ClearStreams(_sorted(cleared))
    if cleared and not (retyped and (merged or replaced)):
        if plan.refill is Refill.SYNC:
            yield StartSync(_sorted(cleared))
        elif plan.wait is Wait.FILLED:
            yield WaitForSync()
    elif plan.wait is Wait.FILLED and not actions and _brings(plan):
        yield WaitForSync()


def without(plan: Plan, streams: Iterable[StreamDescriptor]) -> Plan:
    """The plan without what it does for some streams: it is done already, or has no use."""
    out = set(streams)
    return replace(plan, effects=tuple(effect for effect in plan.effects if effect.stream not in out))


def _leaving(plan: Plan) -> list[StreamDescriptor]:
    cleared = [e.stream for e in plan.effects if e.kind is Kind.REMOVED and e.action is Action.CLEAR]
    return sorted(cleared, key=lambda stream: stream.key)


def server_decided(plan: Plan) -> tuple[StreamDescriptor, ...]:
    """The streams whose change goes out without ``skipReset``; none while the connection is inactive."""
    by_word = (effect for effect in plan.effects if effect.overruled_by is Policy.SERVER)
    left = {e.stream for e in by_word if e.code is not Code.RESET_BY_SERVER and not e.has(Why.SAID_SERVER)}
    return () if plan.paused else _sorted(left)


def _left_to_us(plan: Plan, left: Collection[StreamDescriptor] | None) -> dict[StreamDescriptor, Action]:
    """The actions that Airbyte does not carry out without being asked."""
    others = {effect.stream for effect in plan.effects if effect.code is Code.RESET_BY_SERVER}
    return without(plan, others.union(server_decided(plan) if left is None else left)).actions()


def _brings(plan: Plan) -> bool:
    if plan.operation is Operation.CREATE or any(effect.code in _BRINGING for effect in plan.effects):
        return True
    return any(e.overruled_by is Policy.SERVER and e.action is not Action.NONE for e in plan.effects)


def _sorted(streams: Iterable[StreamDescriptor]) -> tuple[StreamDescriptor, ...]:
    return tuple(sorted(streams, key=lambda stream: stream.key))
