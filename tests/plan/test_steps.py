"""The order of a plan's work, and that everything in it is told and carried out."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from typing import get_args

import pytest

from pulumi_airbyte_wb.lifecycle.update import _Update
from pulumi_airbyte_wb.live.jobs import _run
from pulumi_airbyte_wb.models import RefreshMode, StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Obstacle, Operation, Plan, Reason, Refill, Step, Why
from pulumi_airbyte_wb.plan.explain import step_text
from pulumi_airbyte_wb.plan.steps import (
    STEPS,
    ClearStreams,
    CreateConnection,
    Job,
    LetServerReset,
    RefreshStreams,
    SettleRunning,
    StartSync,
    UpdateConnection,
    WaitForSync,
    jobs,
    server_decided,
    steps,
    without,
)
from pulumi_airbyte_wb.spec.changes import ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Policy, Running, Wait

A, B, C, D = (StreamDescriptor(None, name) for name in "abcd")
MERGE, TRUNCATE = RefreshMode.MERGE, RefreshMode.TRUNCATE
UPDATE, CREATE = UpdateConnection(), CreateConnection()


def effect(
    stream: StreamDescriptor, action: Action, code: Code = Code.KEY_CHANGED, kind: Kind = Kind.KEY, **other: object
) -> Effect:
    return Effect(ChangeKey(stream, kind), code, action, Detail(What.KEY), **other)  # type: ignore[arg-type]


def leaving(stream: StreamDescriptor) -> Effect:
    return effect(stream, Action.CLEAR, Code.REMOVED, Kind.REMOVED)


def retyped(stream: StreamDescriptor, action: Action) -> Effect:
    return effect(stream, action, Code.TYPE_CHANGED, Kind.TYPE_CHANGED)


def left(stream: StreamDescriptor, action: Action = Action.MERGE, code: Code = Code.KEY_CHANGED) -> Effect:
    return effect(stream, action, code, overruled_by=Policy.SERVER)


def of(*effects: Effect, operation: Operation = Operation.UPDATE, **other: object) -> Plan:
    refill = Refill.SYNC if any(e.action is Action.CLEAR and e.kind is not Kind.REMOVED for e in effects) else None
    return Plan(operation, **{"effects": effects, "refill": refill, **other})  # type: ignore[arg-type]


# ---- the order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (of(), [UPDATE]),
        (of(effect(A, Action.NONE)), [UPDATE]),
        (of(effect(B, Action.TRUNCATE), effect(A, Action.TRUNCATE)), [UPDATE, RefreshStreams(TRUNCATE, (A, B))]),
        (of(effect(A, Action.MERGE)), [UPDATE, RefreshStreams(MERGE, (A,))]),
        (of(effect(A, Action.CLEAR)), [UPDATE, ClearStreams((A,)), StartSync((A,))]),
        (of(effect(A, Action.CLEAR), refill=Refill.SCHEDULE), [UPDATE, ClearStreams((A,))]),
        (of(leaving(B), leaving(A)), [ClearStreams((A, B), leaving=True), UPDATE]),
        (
            of(leaving(A), effect(B, Action.CLEAR)),
            [ClearStreams((A,), leaving=True), UPDATE, ClearStreams((B,)), StartSync((B,))],
        ),
        (
            of(effect(A, Action.MERGE), effect(B, Action.MERGE, appends=True), effect(C, Action.TRUNCATE)),
            [UPDATE, RefreshStreams(MERGE, (B,)), RefreshStreams(TRUNCATE, (C,)), RefreshStreams(MERGE, (A,))],
        ),
        (
            of(effect(A, Action.CLEAR), effect(B, Action.TRUNCATE)),
            [UPDATE, RefreshStreams(TRUNCATE, (B,)), ClearStreams((A,)), StartSync((A,))],
        ),
        (of(retyped(A, Action.CLEAR)), [UPDATE, ClearStreams((A,)), StartSync((A,))]),
        (
            of(retyped(A, Action.CLEAR), effect(B, Action.TRUNCATE)),
            [UPDATE, ClearStreams((A,)), RefreshStreams(TRUNCATE, (B,))],
        ),
        (
            of(retyped(A, Action.CLEAR), effect(B, Action.MERGE, appends=True)),
            [UPDATE, ClearStreams((A,)), RefreshStreams(MERGE, (B,))],
        ),
        (of(effect(A, Action.NONE), effect(A, Action.TRUNCATE)), [UPDATE, RefreshStreams(TRUNCATE, (A,))]),
        (of(effect(A, Action.NONE, deferred=Action.TRUNCATE), paused=True), [UPDATE]),
    ],
)
def test_the_order_of_an_update(plan: Plan, expected: list[Step]) -> None:
    assert list(steps(plan)) == expected


@pytest.mark.parametrize("operation", [Operation.ADOPT, Operation.ATTACH])
def test_what_takes_a_connection_over_updates_it(operation: Operation) -> None:
    plan = of(effect(A, Action.TRUNCATE), operation=operation)
    assert list(steps(plan)) == [UPDATE, RefreshStreams(TRUNCATE, (A,))]


@pytest.mark.parametrize("operation", [Operation.CREATE, Operation.REPLACE])
def test_a_creation_settles_nothing_and_has_nothing_to_clear_before(operation: Operation) -> None:
    plan = of(effect(A, Action.TRUNCATE), operation=operation, running=Running.CANCEL)
    assert list(steps(plan)) == [CREATE, RefreshStreams(TRUNCATE, (A,))]


@pytest.mark.parametrize("running", Running)
def test_a_sync_that_runs_is_settled_where_streams_are_re_synced(running: Running) -> None:
    first = [] if running is Running.LEAVE else [SettleRunning(running)]
    assert list(steps(of(leaving(A), running=running))) == [*first, ClearStreams((A,), leaving=True), UPDATE]
    assert list(steps(of(effect(A, Action.NONE), running=running))) == [UPDATE]


def test_what_is_left_to_airbyte_is_sent_after_the_rest_and_is_no_job_of_ours() -> None:
    plan = of(left(B), left(A, Action.NONE), effect(C, Action.TRUNCATE))
    assert list(steps(plan)) == [UPDATE, LetServerReset((A, B)), RefreshStreams(TRUNCATE, (C,))]
    assert server_decided(replace(plan, paused=True)) == ()
    beside = of(left(B), left(A, code=Code.RESET_BY_SERVER))
    assert list(steps(beside)) == [UPDATE, LetServerReset((B,))], "A is reset with it, but nothing of it is sent"
    said = replace(left(B), reasons=(Reason(Why.SAID_SERVER),))
    assert list(steps(of(said))) == [UPDATE, RefreshStreams(MERGE, (B,))]


def test_nothing_is_done_for_a_plan_that_is_blocked_or_undecided() -> None:
    work = effect(A, Action.TRUNCATE)
    assert steps(of(work, effect(B, Action.BLOCK))) == ()
    assert steps(of(work, obstacles=(Obstacle(Code.PAUSED_BY_SCHEMA),))) == ()
    assert steps(of(undecided=("source_id",))) == ()


# ---- what is waited for ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "waits"),
    [
        (of(effect(A, Action.CLEAR), refill=Refill.SCHEDULE), True),
        (of(effect(A, Action.CLEAR), refill=Refill.SERVER), True),
        (of(effect(A, Action.CLEAR)), False),
        (of(effect(A, Action.TRUNCATE)), False),
        (of(operation=Operation.CREATE), True),
        (of(effect(A, Action.NONE, Code.ADDED_TO_FREE_TABLE, Kind.ADDED)), True),
        (of(effect(A, Action.NONE, Code.ADDED_AGAIN, Kind.ADDED)), True),
        (of(effect(A, Action.NONE, Code.REMOVED, Kind.REMOVED)), False),
        (of(left(A, Action.CLEAR)), True),
        (of(left(A, Action.NONE)), False),
        (of(), False),
    ],
)
def test_a_sync_that_the_schedule_starts_is_waited_for_where_it_fills_something(plan: Plan, waits: bool) -> None:
    assert (WaitForSync() in jobs(replace(plan, wait=Wait.FILLED))) is waits
    assert WaitForSync() not in jobs(replace(plan, wait=Wait.JOB))


def test_what_is_done_already_is_left_out() -> None:
    plan = of(effect(A, Action.CLEAR), effect(B, Action.CLEAR), effect(C, Action.TRUNCATE))
    assert list(jobs(without(plan, [A, C]))) == [ClearStreams((B,)), StartSync((B,))]
    assert list(jobs(without(plan, [A, B, C]))) == []


# ---- every step is told and carried out ------------------------------------------------------------------------------

EXAMPLES: list[Step] = [
    SettleRunning(Running.CANCEL),
    SettleRunning(Running.WAIT),
    ClearStreams((A,)),
    ClearStreams((A, B), leaving=True),
    CREATE,
    UPDATE,
    LetServerReset((A,)),
    RefreshStreams(MERGE, (A,)),
    RefreshStreams(TRUNCATE, (A,)),
    StartSync((A,)),
    WaitForSync(),
]


def matched(function: Callable[..., object]) -> set[str]:
    """The classes that the cases of a function name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {
        node.cls.id for node in ast.walk(tree) if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name)
    }


def test_every_class_of_a_step_is_among_the_steps() -> None:
    module = sys.modules[ClearStreams.__module__]
    defined = {each for each in vars(module).values() if is_dataclass(each) and each.__module__ == module.__name__}
    assert defined == set(STEPS) == set(get_args(Step))


@pytest.mark.parametrize(("function", "types"), [(step_text, STEPS), (_Update.apply, STEPS), (_run, get_args(Job))])
def test_every_step_has_a_case_of_its_own(function: Callable[..., object], types: tuple[type[Step], ...]) -> None:
    assert matched(function) == {each.__name__ for each in types}


def test_every_step_is_told_in_words_of_its_own() -> None:
    assert {type(step) for step in EXAMPLES} == set(STEPS)
    texts = [step_text(step) for step in EXAMPLES]
    assert len(set(texts)) == len(texts)
    assert texts[3] == "clear a, b, before they leave"


def test_an_unknown_step_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        step_text("dance")  # type: ignore[arg-type]
