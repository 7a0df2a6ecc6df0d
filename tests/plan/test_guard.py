"""The guard: what the live connection calls for, held against the plan before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import (
    TABLE,
    Action,
    Effect,
    Facts,
    Obstacle,
    Operation,
    Plan,
    build_plan,
    decode,
    encode,
    surprise,
)
from pulumi_airbyte_wb.spec.changes import ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Policy, Resets
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from tests.baselines import baseline

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
DEDUP = "incremental_append_dedup cursor=ts key=id"
FACTS = Facts(can_refresh=True, tables_known=True)


def declared(line: str = DEDUP, **other: Any) -> Baseline:
    return baseline(**{"streams": {USERS: StreamSpec.parse(line)}, **other})


def plan(before: str, after: str, **other: Any) -> Plan:
    """A plan as the update gets it: through the input that the engine keeps."""
    made = build_plan(declared(before), declared(after, **other), FACTS)
    return decode(encode(made))


def keyed(key: str) -> str:
    return DEDUP.replace("key=id", f"key={key}")


def effect(
    action: Action = Action.TRUNCATE,
    code: Code = Code.KEY_CHANGED,
    kind: Kind = Kind.KEY,
    stream: StreamDescriptor = USERS,
    before: str | None = "id",
    after: str = "n",
    **other: object,
) -> Effect:
    key = ChangeKey.of(stream, kind, before, after)
    return Effect(key, code, action, Detail(What.KEY), **other)  # type: ignore[arg-type]


def of(*effects: Effect) -> Plan:
    return Plan(Operation.UPDATE, effects=effects)


# ---- the same change -------------------------------------------------------------------------------------------------


def test_what_was_planned_and_less_goes_through() -> None:
    planned = plan(DEDUP, keyed("x"))
    assert surprise(planned, planned) is None
    assert surprise(planned, build_plan(declared(), declared(), FACTS)) is None


def test_another_value_than_the_planned_one_is_a_surprise() -> None:
    planned = plan(DEDUP, keyed("id,region"))
    assert surprise(planned, plan(DEDUP, keyed("name"))) == Obstacle(
        Code.MOVED, ("public.users",), ("AWB220", "truncate")
    )
    assert surprise(planned, plan(keyed("name"), keyed("id,region"))) is not None, "the live key is another one"
    assert surprise(planned, plan(DEDUP, keyed("region,id"))) is None


def test_what_was_not_declared_before_may_be_anything_live() -> None:
    planned = plan("incremental_append_dedup cursor=ts", keyed("id,region"))
    for live in (DEDUP, keyed("name"), "incremental_append_dedup cursor=ts"):
        assert surprise(planned, plan(live, keyed("id,region"))) is None
    assert surprise(planned, plan(DEDUP, keyed("name"))) is not None


@pytest.mark.parametrize(
    ("planned", "surprising"),
    [
        (of(effect()), False),
        (of(effect(Action.CLEAR)), False),
        (of(effect(code=Code.KEY_OF_SOURCE_DECLARED)), False),
        (of(effect(Action.NONE), effect(Action.CLEAR, Code.CURSOR_CHANGED, Kind.CURSOR)), False),
        (of(effect(Action.MERGE)), True),
        (of(effect(Action.NONE)), True),
        (of(effect(code=Code.CURSOR_CHANGED, kind=Kind.CURSOR)), True),
        (of(effect(stream=EVENTS)), True),
        (of(), True),
    ],
)
def test_no_other_change_and_no_greater_action_goes_through(planned: Plan, surprising: bool) -> None:
    found = surprise(planned, of(effect()))
    assert found == (Obstacle(Code.MOVED, ("public.users",), ("AWB220", "truncate")) if surprising else None)


def test_the_greatest_action_of_a_stream_is_the_one_that_is_told() -> None:
    live = of(effect(), effect(Action.CLEAR, Code.CURSOR_CHANGED, Kind.CURSOR))
    planned = of(effect(Action.MERGE), effect(Action.MERGE, Code.CURSOR_CHANGED, Kind.CURSOR))
    assert surprise(planned, live) == Obstacle(Code.MOVED, ("public.users",), ("AWB210", "clear"))


def test_a_blocked_live_change_is_a_surprise_unless_it_was_planned() -> None:
    assert surprise(of(effect()), of(effect(Action.BLOCK))) is not None


# ---- what does nothing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
def test_what_does_nothing_goes_through_where_its_row_loses_nothing(row: object) -> None:
    code, kind, harmless = row.code, row.kind, row.harmless  # type: ignore[attr-defined]
    assert (surprise(of(), of(effect(Action.NONE, code, kind))) is None) is harmless
    assert surprise(of(), of(effect(Action.MERGE, code, kind))) is not None


def test_a_stream_that_comes_back_and_resumes_is_harmless() -> None:
    back = effect(Action.NONE, Code.ADDED_AGAIN, Kind.ADDED, before=None)
    assert surprise(of(), of(back)) is None
    assert surprise(of(), of(replace(back, action=Action.MERGE))) is not None


def test_a_word_of_the_program_makes_nothing_harmless() -> None:
    skipped = effect(Action.NONE, Code.ADDED_AGAIN, Kind.ADDED, overruled_by=Policy.SKIP)
    assert surprise(of(), of(skipped)) is not None
    planned = plan(DEDUP, keyed("n"), resets=Resets(default=Policy.SKIP))
    assert surprise(planned, planned) is None
    assert surprise(planned, plan(DEDUP, keyed("x"), resets=Resets(default=Policy.SKIP))) is not None


def test_columns_that_a_person_has_taken_out_are_no_surprise_to_lose_unplanned() -> None:
    deselected = effect(Action.NONE, Code.COLUMNS_DESELECTED, Kind.DESELECTED)
    assert surprise(of(), of(deselected)) is not None
    assert surprise(of(deselected), of(deselected)) is None


# ---- what is secret --------------------------------------------------------------------------------------------------


def test_a_secret_change_goes_by_its_kind_as_no_digest_of_its_value_is_kept() -> None:
    secret = {"secret": frozenset({"streams"})}
    planned = plan(DEDUP, keyed("id,region"), **secret)
    assert surprise(planned, plan(DEDUP, keyed("id,region"), **secret)) is None
    other = plan(DEDUP, DEDUP.replace("cursor=ts", "cursor=at"), **secret)
    assert surprise(planned, other) is not None
