"""What waits at the server for a connection, and what is released: parts of a plan that no row makes."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import MEANING, Action, Facts, Plan, build_plan
from pulumi_airbyte_wb.plan.words import change_text
from pulumi_airbyte_wb.spec.changes import Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Permit, Policy, Resets
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import Interrupted, Required, ServerQueued
from tests.baselines import baseline

USERS, EVENTS, ORDERS = (StreamDescriptor("public", name) for name in ("users", "events", "orders"))
DEDUP, APPEND = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
FACTS = Facts(tables_known=True)


def declared(status: str = "active", **other: Any) -> Baseline:
    streams = {USERS: StreamSpec.parse(DEDUP), EVENTS: StreamSpec.parse(APPEND)}
    return baseline(**{"fields": {"status": status}, "streams": streams, **other})


def effects(plan: Plan) -> list[tuple[StreamDescriptor, str, Action]]:
    return [(effect.stream, effect.code, effect.action) for effect in plan.effects]


def test_every_action_means_something_of_its_own() -> None:
    assert set(MEANING) == set(Action)
    assert len(set(MEANING.values())) == len(Action)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "inactive",
            "active",
            [(EVENTS, "AWB282", Action.CLEAR), (ORDERS, "AWB282", Action.CLEAR), (USERS, "AWB282", Action.MERGE)],
        ),
        ("inactive", "inactive", []),
    ],
)
def test_a_queued_reset_is_performed_by_the_activation(
    before: str, after: str, expected: list[tuple[StreamDescriptor, str, Action]]
) -> None:
    queued = {USERS: ServerQueued(clears=False), EVENTS: ServerQueued(clears=True), ORDERS: ServerQueued(clears=True)}
    plan = build_plan(declared(before, pending=queued), declared(after), FACTS)
    assert effects(plan) == expected


def test_the_activation_is_told_of_unmanaged_streams_too_and_stopped_by_word() -> None:
    queued = {ORDERS: ServerQueued(clears=True)}
    before = declared("inactive", pending=queued, unmanaged={ORDERS: StreamSpec.parse(APPEND)})
    assert effects(build_plan(before, declared(), FACTS)) == [(ORDERS, "AWB282", Action.CLEAR)]
    refusing = declared(resets=Resets(default=Policy.REFUSE))
    assert effects(build_plan(before, refusing, FACTS)) == [(ORDERS, "AWB282", Action.BLOCK)]


CHANGED = {USERS: StreamSpec.parse(DEDUP.replace("key=id", "key=n")), EVENTS: StreamSpec.parse(APPEND)}


@pytest.mark.parametrize(
    ("resets", "action"),
    [
        (Resets(), Action.BLOCK),
        (Resets(overrides={EVENTS: Policy.RESET}), Action.CLEAR),
        (Resets(overrides={EVENTS: Policy.CLEAR}), Action.CLEAR),
        (Resets(permits=frozenset({Permit(EVENTS.key, "AWB283", None, "once")})), Action.CLEAR),
        (Resets(permits=frozenset({Permit(EVENTS.key, "AWB220", None, "once")})), Action.BLOCK),
    ],
)
def test_on_legacy_state_every_stream_is_cleared_with_one(resets: Resets, action: Action) -> None:
    plan = build_plan(declared(legacy_state=True), declared(streams=CHANGED, resets=resets), FACTS)
    assert effects(plan) == [(USERS, "AWB220", Action.CLEAR), (EVENTS, "AWB283", action)]
    assert change_text(plan.effects[1]) == "cleared with public.users"


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("full_refresh_overwrite", Action.CLEAR),
        ("full_refresh_overwrite_dedup key=id", Action.CLEAR),
        (DEDUP, Action.CLEAR),
        (APPEND, Action.BLOCK),
    ],
)
def test_on_legacy_state_only_what_is_appended_is_not_cleared_with_another(line: str, action: Action) -> None:
    other = {EVENTS: StreamSpec.parse(line)}
    before = declared(legacy_state=True, streams={USERS: StreamSpec.parse(DEDUP), **other})
    plan = build_plan(before, declared(streams={USERS: CHANGED[USERS], **other}), FACTS)
    assert effects(plan) == [(USERS, "AWB220", Action.CLEAR), (EVENTS, "AWB283", action)]


def test_legacy_state_matters_to_resets_alone() -> None:
    assert effects(build_plan(declared(legacy_state=True), declared(), FACTS)) == []
    removed = build_plan(declared(legacy_state=True), declared(streams={EVENTS: StreamSpec.parse(APPEND)}), FACTS)
    assert effects(removed) == [(USERS, "AWB203", Action.NONE)]


def test_unmanaged_streams_are_never_cleared_with_one() -> None:
    before = declared(legacy_state=True, unmanaged={ORDERS: StreamSpec.parse(DEDUP)})
    plan = build_plan(before, declared(streams=CHANGED, resets=Resets(default=Policy.RESET)), FACTS)
    assert (ORDERS, "AWB283", Action.BLOCK) in effects(plan)


def test_streams_that_are_left_out_altogether_are_named_as_released() -> None:
    plan = build_plan(declared(), declared(streams=None), FACTS)
    assert (plan.released, plan.released_streams) == ({}, ("public.events", "public.users"))


def test_streams_that_are_released_before_their_rows_are_replaced_are_named() -> None:
    before = declared(
        pending={EVENTS: Interrupted(StreamSpec.parse(APPEND)), ORDERS: Interrupted(StreamSpec.parse(DEDUP))}
    )
    plan = build_plan(before, declared(streams=None), FACTS)
    assert effects(plan) == [(EVENTS, "AWB281", Action.NONE)]
    assert (plan.effects[0].called_for, plan.effects[0].overruled_by) == (Action.TRUNCATE, Policy.SKIP)
    assert effects(build_plan(declared(), declared(streams=None), FACTS)) == []


REQUIRED = {
    USERS: Required(Code.TYPE_CHANGED, Kind.TYPE_CHANGED, Detail.of(What.TYPE_AT_SOURCE, ["name string => integer"]))
}


@pytest.mark.parametrize(
    ("policy", "action"), [(Policy.AUTO, Action.CLEAR), (Policy.SKIP, Action.NONE), (Policy.REFUSE, Action.BLOCK)]
)
def test_what_is_required_is_planned_whatever_the_lines_say(policy: Policy, action: Action) -> None:
    plan = build_plan(declared(pending=REQUIRED), declared(resets=Resets(default=policy)), FACTS)
    assert effects(plan) == [(USERS, "AWB271", action)]
    assert change_text(plan.effects[0]) == "type at the source: name string => integer"


def test_what_is_required_is_replaced_once_and_waits_for_the_activation() -> None:
    assert effects(build_plan(declared(pending=REQUIRED), declared(streams=CHANGED), FACTS)) == [
        (USERS, "AWB220", Action.CLEAR)
    ]
    paused = build_plan(declared(pending=REQUIRED), declared("inactive"), FACTS)
    assert (effects(paused), paused.required) == ([], REQUIRED)
