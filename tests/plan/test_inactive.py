"""What a plan puts off while a connection is inactive, what its activation does, and what leaves it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Earlier, Effect, Facts, Plan, Why, build_plan
from pulumi_airbyte_wb.plan.words import change_text, reason_text
from pulumi_airbyte_wb.spec.changes import Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import CATALOG
from pulumi_airbyte_wb.spec.resets import OnRemove, Policy, Resets, SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import Deferred, Required, ServerQueued
from tests.baselines import baseline, changed
from tests.told import told

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
DEDUP, APPEND = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
OTHER_KEY, OTHER_CURSOR = DEDUP.replace("key=id", "key=n"), APPEND.replace("ts", "n")
CAN, CANNOT = Facts(can_refresh=True, tables_known=True), Facts(tables_known=True)
WRITTEN = {USERS: Deferred(StreamSpec.parse(DEDUP))}
TYPE = Required(Code.TYPE_CHANGED, Kind.TYPE_CHANGED, Detail.of(What.TYPE_AT_SOURCE, ["a string => integer"]))


def declared(line: str | None = DEDUP, status: str = "active", **other: Any) -> Baseline:
    streams = {} if line is None else {USERS: StreamSpec.parse(line)}
    return baseline(**{"fields": {"status": status}, "streams": streams, **other})


def inactive(line: str | None = DEDUP, **other: Any) -> Baseline:
    return declared(line, "inactive", **other)


def outcomes(plan: Plan) -> list[tuple[Code, Action]]:
    return [(each.code, each.action) for each in plan.effects]


# ---- what is put off -------------------------------------------------------------------------------------------------


def test_a_re_sync_waits_until_the_connection_is_active() -> None:
    plan = build_plan(declared(), inactive(OTHER_KEY), CAN)
    assert (plan.actions(), plan.paused) == ({}, True)
    assert plan.deferred == WRITTEN
    (effect,) = plan.effects
    assert (effect.code, effect.action, effect.deferred) == (Code.KEY_CHANGED, Action.NONE, Action.TRUNCATE)
    assert told(plan)["public.users"].startswith("deferred truncate: key id => n (until the connection is active: ")


def test_what_is_deferred_stays_so_until_its_line_is_back_or_the_connection_is_active() -> None:
    waiting = inactive(OTHER_KEY, pending=WRITTEN)
    assert build_plan(waiting, inactive(DEDUP.replace("key=id", "key=email")), CAN).deferred == WRITTEN
    assert build_plan(waiting, declared(OTHER_KEY), CAN).actions() == {USERS: Action.TRUNCATE}
    assert build_plan(waiting, inactive(), CAN).deferred == {}
    assert build_plan(inactive(pending=WRITTEN), declared(), CAN).actions() == {}


def test_what_is_deferred_already_is_not_required_as_well() -> None:
    waiting = inactive(OTHER_KEY, pending=WRITTEN)
    plan = build_plan(waiting, waiting, CAN)
    assert (plan.deferred, plan.required) == (WRITTEN, {})
    assert [(each.code, each.deferred) for each in plan.effects] == [(Code.KEY_CHANGED, Action.TRUNCATE)]


def test_what_no_message_may_tell_is_deferred_like_the_rest() -> None:
    secret = inactive(OTHER_KEY, secret=frozenset({"streams"}))
    plan = build_plan(inactive(), secret, CAN)
    assert (plan.deferred, plan.required) == (WRITTEN, {})
    noted = changed(secret, newer_schema={USERS: ("retyped a string => integer",)})
    plan = build_plan(noted, changed(secret, schema_changes=SchemaChanges.ACCEPT), CAN)
    assert (plan.deferred, plan.required) == ({}, {USERS: TYPE})


def test_another_type_is_required_beside_what_a_changed_line_defers() -> None:
    before = inactive(newer_schema={USERS: ("retyped a string => integer",)})
    plan = build_plan(before, inactive(OTHER_KEY, schema_changes=SchemaChanges.ACCEPT), CAN)
    assert (plan.deferred, plan.required) == (WRITTEN, {USERS: TYPE})


def test_what_is_blocked_is_not_put_off() -> None:
    plan = build_plan(inactive(APPEND), inactive(OTHER_CURSOR), CAN)
    assert outcomes(plan) == [(Code.CURSOR_CHANGED, Action.BLOCK)]
    assert plan.effects[0].deferred is Action.NONE
    assert (plan.deferred, plan.required) == ({}, {})


def test_what_cannot_wait_is_blocked() -> None:
    plan = build_plan(declared(), inactive(None, on_remove=OnRemove.CLEAR), CAN)
    assert outcomes(plan) == [(Code.REMOVED, Action.BLOCK)]
    # What is deferred remembers streams, not names: activated later, the new tables would lack all older rows.
    before, after = (inactive(fields={"prefix": prefix, "status": "inactive"}) for prefix in ("a_", "b_"))
    plan = build_plan(before, after, CAN)
    assert outcomes(plan) == [(Code.TABLE_RENAMED_TO_FREE, Action.BLOCK)]
    assert plan.effects[0].has(Why.TOO_LATE_INACTIVE)


# ---- what is required ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "other", "action"), [(DEDUP, OTHER_KEY, Action.TRUNCATE), (APPEND, OTHER_CURSOR, Action.BLOCK)]
)
def test_what_is_required_is_done_by_another_change_of_the_stream(line: str, other: str, action: Action) -> None:
    plan = build_plan(declared(line, pending={USERS: TYPE}), declared(other), CAN)
    assert [each.action for each in plan.effects] == [action]
    assert plan.effects[0].code is not Code.TYPE_CHANGED


@pytest.mark.parametrize(
    ("code", "line", "action"),
    [
        (Code.TABLE_RENAMED_TO_FREE, DEDUP, Action.MERGE),
        (Code.TABLE_RENAMED_TO_FREE, APPEND, Action.MERGE),
        (Code.TABLE_RENAMED_TO_OWN, DEDUP, Action.TRUNCATE),
        (Code.TABLE_RENAMED_TO_OWN, APPEND, Action.BLOCK),
    ],
)
def test_a_table_whose_name_a_person_gave_is_filled_as_the_table_says(code: Code, line: str, action: Action) -> None:
    # What was noted when it was seen does not count, but what the table is now.
    required = {USERS: Required(Code.TABLE_RENAMED_TO_OWN, Kind.TABLE_RENAMED, Detail(What.RENAMED_OUTSIDE))}
    tables = {USERS: Earlier(own=True)} if code is Code.TABLE_RENAMED_TO_OWN else {}
    plan = build_plan(declared(line, pending=required), declared(line), replace(CAN, tables=tables))
    assert outcomes(plan) == [(code, action)]
    assert change_text(plan.effects[0]) == "its table got another name"


def test_a_table_that_may_be_the_one_before_is_not_filled() -> None:
    required = {USERS: Required(Code.TABLE_UNCLEAR, Kind.TABLE_RENAMED, Detail(What.RENAMED_OUTSIDE))}
    plan = build_plan(declared(APPEND, pending=required), declared(APPEND), CAN)
    assert outcomes(plan) == [(Code.TABLE_UNCLEAR, Action.BLOCK)]


def test_what_another_name_owed_is_of_no_use_to_a_third_one() -> None:
    required = {USERS: Required(Code.TABLE_RENAMED_TO_OWN, Kind.TABLE_RENAMED, Detail(What.RENAMED_OUTSIDE))}
    before = declared(APPEND, pending=required, fields={"prefix": "a_"})
    plan = build_plan(before, declared(APPEND, fields={"prefix": "b_"}), CAN)
    assert outcomes(plan) == [(Code.TABLE_RENAMED_TO_FREE, Action.MERGE)]


# ---- what Airbyte does by itself -------------------------------------------------------------------------------------


def test_a_stream_that_leaves_is_not_cleared_by_the_activation() -> None:
    before = inactive(pending={USERS: ServerQueued(clears=True)})
    assert [each.code for each in build_plan(before, declared(None), CAN).effects] == [Code.REMOVED]
    unknown = build_plan(changed(before, streams=None), declared(), CAN)
    assert [each.code for each in unknown.effects] == [Code.ADDED_TO_FREE_TABLE, Code.PERFORMED_BY_SERVER]


@pytest.mark.parametrize(
    ("clears", "action", "ordered"),
    [(True, Action.CLEAR, "a reset was ordered"), (False, Action.MERGE, "a refresh was ordered")],
)
def test_an_activation_says_what_was_ordered(clears: bool, action: Action, ordered: str) -> None:
    (effect,) = build_plan(inactive(pending={USERS: ServerQueued(clears=clears)}), declared(), CAN).effects
    assert (effect.code, effect.action) == (Code.PERFORMED_BY_SERVER, action)
    assert reason_text(effect).startswith(f"{ordered} while the connection was inactive")


def test_an_active_connection_performs_nothing() -> None:
    active = declared(pending={USERS: ServerQueued(clears=True)})
    assert build_plan(active, active, CAN).effects == ()


def test_another_change_is_not_blocked_by_the_run_that_activates_its_connection() -> None:
    assert build_plan(inactive(), declared(OTHER_KEY), CANNOT).actions() == {USERS: Action.CLEAR}


def test_what_was_left_to_airbyte_while_it_was_inactive_is_done_by_the_activation() -> None:
    resets = Resets(default=Policy.SERVER)
    plan = build_plan(declared(), inactive(OTHER_KEY, resets=resets), replace(CAN, server_resets=frozenset({USERS})))
    assert [(each.action, each.deferred) for each in plan.effects] == [(Action.NONE, Action.MERGE)]
    waiting = inactive(OTHER_KEY, pending=plan.deferred)
    later = build_plan(waiting, declared(OTHER_KEY, resets=resets), replace(CAN, server_resets=frozenset()))
    assert later.actions() == {USERS: Action.MERGE}
    assert later.effects[0].has(Why.SAID_SERVER)


def test_of_what_was_left_to_airbyte_only_what_was_sent_while_it_was_inactive_is_done_by_the_activation() -> None:
    waiting = inactive(OTHER_KEY, pending=WRITTEN)
    both = declared(OTHER_KEY.replace("cursor=ts", "cursor=at"), resets=Resets(default=Policy.SERVER))
    plan = build_plan(waiting, both, replace(CAN, server_resets=frozenset()))
    assert [(each.code, each.action, each.has(Why.SAID_SERVER)) for each in plan.effects] == [
        (Code.CURSOR_CHANGED, Action.NONE, False),
        (Code.KEY_CHANGED, Action.MERGE, True),
    ]


# ---- streams that leave ----------------------------------------------------------------------------------------------


def leaving(*, notes: tuple[str, ...] = (), was: str = "active", on_remove: OnRemove = OnRemove.CLEAR) -> Effect:
    before = declared(status=was, newer_schema={USERS: notes} if notes else {})
    (effect,) = build_plan(before, declared(None, on_remove=on_remove), CAN).effects
    return effect


def test_a_stream_that_the_source_has_dropped_keeps_its_rows() -> None:
    dropped = leaving(notes=("dropped",))
    assert (dropped.action, change_text(dropped)) == (Action.NONE, "removed, as the source has dropped it")
    assert leaving(notes=("gone a",)).action is Action.CLEAR
    assert leaving().action is Action.CLEAR


def test_a_stream_that_the_source_has_dropped_may_come_again() -> None:
    (effect,) = build_plan(declared(newer_schema={USERS: ("dropped",)}), declared(OTHER_KEY), CAN).effects
    assert change_text(effect) == "key id => n"


def test_a_stream_cannot_be_cleared_by_the_run_that_activates_its_connection() -> None:
    assert leaving(was="inactive").action is Action.BLOCK
    assert reason_text(leaving(was="inactive")).startswith("the connection stays inactive")
    assert leaving(was="inactive", on_remove=OnRemove.KEEP).action is Action.NONE


def test_a_catalog_does_not_activate_its_connection() -> None:
    streams = {USERS: StreamSpec.parse(DEDUP)}
    before = baseline(
        None, None, connection_id="c", kind=CATALOG, streams=streams, undeclared_fields={"status": "inactive"}
    )
    after = changed(before, streams={}, on_remove=OnRemove.CLEAR, undeclared_fields={})
    (effect,) = build_plan(before, after, CAN).effects
    assert not effect.has(Why.STILL_INACTIVE)
