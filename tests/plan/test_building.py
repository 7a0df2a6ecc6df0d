"""A plan of a connection: what it tells of the connection as a whole, and of its streams."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import (
    Action,
    ChangeKey,
    Code,
    Declaration,
    Detail,
    Effect,
    Facts,
    Kind,
    OnRemove,
    Operation,
    Plan,
    Policy,
    Refill,
    Required,
    Resets,
    What,
    build_plan,
    decode,
    encode,
    explain,
    steps,
)
from pulumi_airbyte_wb.plan.codec import shown_only
from pulumi_airbyte_wb.plan.declaration import CATALOG
from pulumi_airbyte_wb.plan.explain import next_text
from pulumi_airbyte_wb.plan.resets import AfterClear, Running, Wait
from pulumi_airbyte_wb.plan.words import REFILLED, change_text
from tests.told import told

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
DEDUP, APPEND = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
OTHER_KEY = DEDUP.replace("key=id", "key=n")
CAN, CANNOT = Facts(can_refresh=True, tables_known=True), Facts(tables_known=True)


def declared(line: str | None = DEDUP, **other: object) -> Declaration:
    streams = {} if line is None else {USERS: StreamSpec.parse(line)}
    return Declaration("s", "d", **{"streams": streams, **other})  # type: ignore[arg-type]


def whole(plan: Plan) -> str:
    return told(plan).get("*", "")


def effect(action: Action, stream: StreamDescriptor = USERS) -> Effect:
    return Effect(ChangeKey(stream, Kind.KEY), Code.KEY_CHANGED, action, Detail(What.KEY))


# ---- the connection as a whole ---------------------------------------------------------------------------------------


def test_a_plan_is_a_creation_where_nothing_was_before() -> None:
    assert build_plan(None, declared(), CAN).operation is Operation.CREATE
    assert build_plan(declared(), declared(), CAN).operation is Operation.UPDATE
    assert build_plan(None, declared(), CAN, operation=Operation.ATTACH).operation is Operation.ATTACH


def test_what_is_taken_over_says_what_it_is() -> None:
    adopted = Plan(Operation.ADOPT, "it", "Shop")
    assert whole(adopted) == "AWB101 adopt: takes over connection it ('Shop') as it is; nothing is sent in this run"
    assert whole(Plan(Operation.ATTACH, "it")) == (
        "AWB102 attach: declares streams of connection it; what it has of them is taken over as it is"
    )
    later = "streams whose tables are free are added during the update; those whose tables were filled before, and"
    assert later in whole(Plan(Operation.ATTACH, undecided=("connection_id",)))


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (declared(), declared(), "nothing"),
        (declared(), declared(OTHER_KEY), ": public.users"),
        (
            declared(fields={"prefix": "a_", "geography": "eu"}),
            declared(fields={"prefix": "b_", "geography": "us"}),
            ": geography 'eu' => 'us', prefix 'a_' => 'b_', public.users",
        ),
        (declared(), declared(fields={"name": "x"}), ": name nothing => 'x'"),
        (declared(fields={"name": "x"}), declared(fields={"name": "x"}), "nothing"),
        (declared(), declared(unknown=frozenset({"streams"})), ": streams"),
    ],
)
def test_a_takeover_says_what_the_next_run_changes(before: Declaration, after: Declaration, text: str) -> None:
    plan = Plan(Operation.ADOPT, "it", "Shop", next_run=build_plan(before, after, CAN))
    *_, last = explain(plan)
    assert last == next_text(plan)
    assert last == f"the next `pulumi up` changes{text if text.startswith(':') else f' {text}'}"


def test_what_the_next_run_does_is_told_and_counts_for_nothing_now() -> None:
    next_run = build_plan(declared(), declared(OTHER_KEY), CAN)
    plan = Plan(Operation.ADOPT, "it", next_run=next_run)
    assert (plan.actions(), plan.is_blocked, steps(plan)) == ({}, False, ())
    assert any(block.startswith("next `pulumi up`: public.users: refresh") for block in explain(plan))
    assert decode(encode(plan)).next_run == shown_only(next_run)


def test_only_an_update_releases_anything() -> None:
    before = declared(fields={"prefix": "a_"})
    assert build_plan(before, declared(), CAN, operation=Operation.REPLACE).released == {}
    assert build_plan(before, declared(), CAN).released == {"prefix": "a_"}
    assert build_plan(before, declared(unknown=frozenset({"prefix"})), CAN).released == {}


def test_a_value_that_is_secret_is_not_shown() -> None:
    before, after = declared(fields={"prefix": "a_"}), declared(fields={"prefix": "b_"}, secret=frozenset({"prefix"}))
    for one, other in ((before, after), (replace(before, secret=after.secret), replace(after, secret=frozenset()))):
        plan = build_plan(one, other, CAN)
        assert plan.secret == {"prefix"}
        assert "prefix [secret] => [secret]" in next_text(Plan(Operation.ADOPT, "it", next_run=plan))
        assert [change_text(each) for each in plan.effects] == ["[secret]"]
        assert "a_" not in str(told(plan))


def test_streams_that_are_secret_are_not_told() -> None:
    secret = build_plan(declared(), declared(OTHER_KEY, secret=frozenset({"streams"})), CAN)
    assert [change_text(each) for each in secret.effects] == ["[secret]"]
    other = build_plan(declared(), declared(OTHER_KEY, secret=frozenset({"prefix"})), CAN)
    assert [change_text(each) for each in other.effects] == ["key id => n"]


def test_one_stream_that_is_secret_hides_no_other() -> None:
    both = {USERS: StreamSpec.parse(DEDUP), EVENTS: StreamSpec.parse(DEDUP)}
    changed = dict.fromkeys(both, StreamSpec.parse(OTHER_KEY))
    after = declared(streams=changed, secret_streams=frozenset({"public.users"}))
    plan = build_plan(declared(streams=both), after, CAN)
    assert {each.stream: change_text(each) for each in plan.effects} == {EVENTS: "key id => n", USERS: "[secret]"}


def test_what_is_not_known_yet_is_named() -> None:
    unknown = frozenset({"streams", "source_id", "prefix"})
    plan = build_plan(declared(), declared(OTHER_KEY, unknown=unknown), CAN)
    assert (plan.effects, plan.undecided) == ((), ("source_id", "streams"))
    assert whole(plan).startswith("AWB190 later: source_id, streams not known yet")
    assert whole(build_plan(declared(), declared(unknown=frozenset({"prefix"})), CAN)) == ""


@pytest.mark.parametrize(
    ("resets", "facts", "refill"),
    [
        (Resets(), CAN, None),
        (Resets(), CANNOT, Refill.SYNC),
        (Resets(after_clear=AfterClear.SCHEDULE), CANNOT, Refill.SCHEDULE),
        (Resets(default=Policy.SERVER), CANNOT, Refill.SCHEDULE),
        (Resets(default=Policy.SERVER), replace(CANNOT, syncs_after_reset=True), Refill.SERVER),
        (Resets(after_clear=AfterClear.SCHEDULE), replace(CANNOT, syncs_after_reset=True), Refill.SCHEDULE),
        (Resets(default=Policy.SERVER, overrides={USERS: Policy.AUTO}), CANNOT, Refill.SYNC),
    ],
)
def test_who_fills_what_is_cleared(resets: Resets, facts: Facts, refill: Refill | None) -> None:
    plan = build_plan(declared(), declared(OTHER_KEY, resets=resets), facts)
    assert plan.refill is refill
    assert whole(plan) == ("" if refill is None else f"AWB104 refill: {REFILLED[refill]}")


def test_a_table_that_is_cleared_as_its_stream_leaves_is_not_filled() -> None:
    assert build_plan(declared(), declared(None, on_remove=OnRemove.CLEAR), CANNOT).refill is None


def test_several_lines_about_the_whole_are_one() -> None:
    before = declared(fields={"prefix": "a_"})
    assert whole(build_plan(before, declared(OTHER_KEY), CANNOT)) == (
        f"AWB103 no longer managed: stays as it is: prefix 'a_' + AWB104 refill: {REFILLED[Refill.SYNC]}"
    )


def test_a_field_that_is_declared_no_longer_is_released_with_its_value() -> None:
    plan = build_plan(declared(None, fields={"prefix": "raw_"}), declared(None), CAN)
    assert told(plan) == {"*": "AWB103 no longer managed: stays as it is: prefix 'raw_'"}
    assert "prefix [secret]" in whole(replace(plan, secret=frozenset({"prefix"})))


def test_streams_that_are_declared_no_longer_are_released_by_name() -> None:
    plan = build_plan(declared(), declared(streams=None), CAN)
    assert told(plan) == {"*": "AWB103 no longer managed: stays as it is: streams [public.users]"}


def test_a_replacement_compares_no_streams_and_releases_nothing() -> None:
    due = {USERS: Required(Code.TYPE_CHANGED, Kind.TYPE_CHANGED, Detail(What.TYPE_AT_SOURCE))}
    before = declared(fields={"prefix": "a_"}, owed={USERS: StreamSpec.parse(OTHER_KEY)}, due=due)
    plan = build_plan(before, declared(), CAN, operation=Operation.REPLACE)
    assert [(each.code, each.action) for each in plan.effects] == [("AWB201", Action.NONE)]
    assert plan.released == {}
    assert whole(plan).startswith("AWB290 replace: the connection is deleted, then created")


def test_a_plan_knows_how_the_program_wants_jobs_to_be_done() -> None:
    resets = Resets(running=Running.CANCEL, wait=Wait.FILLED)
    plan = build_plan(declared(), declared(resets=resets), CAN)
    assert (plan.running, plan.wait) == (Running.CANCEL, Wait.FILLED)


# ---- streams ---------------------------------------------------------------------------------------------------------


def test_a_creation_tells_of_streams_whose_tables_are_not_free() -> None:
    assert told(build_plan(None, declared(APPEND), Facts())).keys() == {"public.users"}
    assert told(build_plan(None, declared(APPEND), CAN)) == {}
    assert told(build_plan(declared(None), declared(APPEND), CAN)).keys() == {"public.users"}


def test_the_greatest_action_of_a_stream_is_the_one_that_is_done() -> None:
    found = (effect(Action.NONE), effect(Action.CLEAR), effect(Action.MERGE), effect(Action.NONE, EVENTS))
    plan = Plan(Operation.UPDATE, effects=found)
    assert plan.actions() == {USERS: Action.CLEAR}
    assert [each.action for each in plan.by_stream()[USERS]] == [Action.CLEAR, Action.MERGE, Action.NONE]
    assert plan.deciding(USERS) == effect(Action.CLEAR)
    assert (plan.blocked(), plan.is_blocked) == ([], False)
    stopped = replace(plan, effects=(*found, effect(Action.BLOCK)))
    assert (stopped.blocked(), stopped.is_blocked) == ([effect(Action.BLOCK)], True)


def test_two_changes_of_one_stream_are_told_with_the_greater_action_first() -> None:
    after = "incremental_append_dedup cursor=n key=id,region guarantees=cursor_monotonic"
    (line,) = told(build_plan(declared(), declared(after), CAN)).values()
    assert line.startswith("AWB220 truncate: key ")
    assert " + AWB210 none: cursor " in line


def test_a_refreshed_run_that_died_is_not_forgotten() -> None:
    """What is unsettled counts as changed from the old line and from the live one."""
    before = declared(unsettled={USERS: StreamSpec.parse(OTHER_KEY)})
    assert build_plan(before, declared(OTHER_KEY), CAN).actions() == {USERS: Action.TRUNCATE}
    assert build_plan(before, declared(), CAN).actions() == {USERS: Action.TRUNCATE}


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        (declared(fields={"prefix": "a_"}), declared(fields={"prefix": "b_"}), True),
        (declared(fields={"prefix": "a_"}), declared(fields={"prefix": ""}), True),
        (declared(fields={"prefix": "a_"}), declared(fields={"prefix": "a_"}), False),
        (declared(naming={"prefix": "a_"}), declared(fields={"prefix": "a_"}), False),
        (declared(naming={"prefix": "a_"}), declared(fields={"prefix": "b_"}), True),
        (declared(), declared(fields={"prefix": ""}), False),
        (declared(), declared(fields={"prefix": "b_"}), True),
        (declared(fields={"geography": "eu"}), declared(fields={"geography": "us"}), False),
        (declared(None, fields={"prefix": "a_"}), declared(fields={"prefix": "b_"}), False),
    ],
)
def test_a_stream_moves_where_its_table_has_another_name(before: Declaration, after: Declaration, moves: bool) -> None:
    assert ("AWB241" in {each.code for each in build_plan(before, after, CAN).effects}) is moves


def test_a_changed_prefix_moves_every_stream_that_stays() -> None:
    plan = build_plan(declared(fields={"prefix": "a_"}), declared(fields={"prefix": "b_"}), CAN)
    (moved,) = plan.effects
    assert (moved.code, moved.action, change_text(moved)) == ("AWB241", Action.MERGE, "prefix 'a_' => 'b_'")


# ---- streams of others -----------------------------------------------------------------------------------------------


def told_of_others(line: str = APPEND, **after: object) -> list[tuple[StreamDescriptor, str]]:
    before = declared(fields={"prefix": "a_"}, others={EVENTS: StreamSpec.parse(line)})
    plan = build_plan(before, declared(**{"fields": {"prefix": "b_"}, **after}), CAN)  # type: ignore[arg-type]
    assert plan.actions().get(EVENTS) is None
    return [(each.stream, change_text(each)) for each in plan.effects if each.code is Code.TABLE_OF_UNMANAGED_RENAMED]


def test_other_names_of_tables_are_told_of_streams_that_are_not_declared_here() -> None:
    assert told_of_others() == [(EVENTS, "prefix 'a_' => 'b_'")]
    assert told_of_others(streams=None) == [(EVENTS, "prefix 'a_' => 'b_'")]
    assert told_of_others(secret=frozenset({"prefix"})) == [(EVENTS, "[secret]")]


def test_streams_of_others_that_read_all_leave_or_are_declared_now_need_no_line() -> None:
    assert told_of_others("full_refresh_append") == []
    assert told_of_others(exclusive=True) == []
    assert told_of_others(streams={EVENTS: StreamSpec.parse(APPEND)}) == []
    assert told_of_others(fields={"prefix": "a_"}) == []


def test_a_catalog_gives_tables_no_other_names() -> None:
    before = declared(fields={"prefix": "a_"}, others={EVENTS: StreamSpec.parse(APPEND)}, shape=CATALOG)
    plan = build_plan(before, replace(before, fields={"prefix": "b_"}), CAN)
    assert Code.TABLE_OF_UNMANAGED_RENAMED not in {each.code for each in plan.effects}
