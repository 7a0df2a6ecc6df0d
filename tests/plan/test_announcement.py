"""What a plan announces, of the connection as a whole and of its streams, and what is read back from that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.errors import DriftedError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import (
    Action,
    Declaration,
    Effect,
    Facts,
    OnRemove,
    Plan,
    Policy,
    Resets,
    SchemaChanges,
    announced_actions,
    build_plan,
    explain,
    guard,
)
from pulumi_airbyte_wb.plan.changes import RENAMED
from pulumi_airbyte_wb.plan.declaration import CATALOG
from pulumi_airbyte_wb.plan.plan import Fill
from pulumi_airbyte_wb.plan.resets import AfterClear

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
DEDUP, APPEND = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
OTHER_KEY = DEDUP.replace("key=id", "key=n")
CAN, CANNOT = Facts(can_refresh=True, tables_known=True), Facts(tables_known=True)


def declared(line: str | None = DEDUP, **other: object) -> Declaration:
    streams = {} if line is None else {USERS: StreamSpec.parse(line)}
    return Declaration("s", "d", **{"streams": streams, **other})  # type: ignore[arg-type]


def whole(plan: Plan) -> str:
    return told(plan).get("*", "")


def effect(action: Action, code: str = "AWB220", stream: StreamDescriptor = USERS) -> Effect:
    return Effect(stream, code, action, "what", "why")


# ---- the connection as a whole ---------------------------------------------------------------------------------------


def test_a_plan_is_a_creation_where_nothing_was_before() -> None:
    assert build_plan(None, declared(), CAN).step is Operation.CREATE
    assert build_plan(declared(), declared(), CAN).step is Operation.UPDATE
    assert build_plan(declared(), declared(), CAN, step=Operation.ADOPT).step is Operation.ADOPT


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (declared(), declared(), "AWB101 adopt: takes over it, as it is"),
        (declared(), declared(OTHER_KEY), "AWB101 adopt: takes over it, changing streams"),
        (
            declared(fields={"prefix": "a_", "geography": "eu"}),
            declared(fields={"prefix": "b_", "geography": "us"}),
            "AWB101 adopt: takes over it, changing geography 'eu' => 'us', prefix 'a_' => 'b_'",
        ),
        (declared(), declared(fields={"name": "x"}), "AWB101 adopt: takes over it, changing name nothing => 'x'"),
        (declared(fields={"name": "x"}), declared(fields={"name": "x"}), "AWB101 adopt: takes over it, as it is"),
    ],
)
def test_an_adoption_says_what_it_changes(before: Declaration, after: Declaration, text: str) -> None:
    assert whole(build_plan(before, after, CAN, step=Operation.ADOPT, subject="it")) == text


def test_an_adoption_hands_nothing_back() -> None:
    before = declared(fields={"prefix": "a_"})
    assert build_plan(before, declared(), CAN, step=Operation.ADOPT).handed_back == {}
    assert build_plan(before, declared(), CAN).handed_back == {"prefix": "a_"}
    assert build_plan(before, declared(unknown=frozenset({"prefix"})), CAN).handed_back == {}


def test_a_catalog_says_what_it_is_attached_to() -> None:
    assert whole(build_plan(declared(), declared(), CAN, step=Operation.ATTACH, subject="it")) == (
        "AWB102 attach: declares streams of it"
    )


def test_a_value_that_is_secret_is_not_shown() -> None:
    before, after = declared(fields={"prefix": "a_"}), declared(fields={"prefix": "b_"}, secret=frozenset({"prefix"}))
    for one, other in ((before, after), (replace(before, secret=after.secret), replace(after, secret=frozenset()))):
        plan = build_plan(one, other, CAN, step=Operation.ADOPT, subject="it")
        assert plan.secret == {"prefix"}
        assert "prefix [secret] => [secret]" in whole(plan)
        assert [each.what for each in plan.effects] == ["[secret]"]
        assert "a_" not in str(told(plan))


def test_streams_that_are_secret_are_not_told() -> None:
    secret = build_plan(declared(), declared(OTHER_KEY, secret=frozenset({"streams"})), CAN)
    assert [each.what for each in secret.effects] == ["[secret]"]
    other = build_plan(declared(), declared(OTHER_KEY, secret=frozenset({"prefix"})), CAN)
    assert [each.what for each in other.effects] == ["key id => n"]


def test_what_is_not_known_yet_is_named() -> None:
    unknown = frozenset({"streams", "source_id", "prefix"})
    plan = build_plan(declared(), declared(OTHER_KEY, unknown=unknown), CAN)
    assert plan.effects == ()
    assert whole(plan).startswith("AWB190 later: source_id, streams not known yet")
    assert whole(build_plan(declared(), declared(unknown=frozenset({"prefix"})), CAN)) == ""


@pytest.mark.parametrize(
    ("resets", "facts", "fill"),
    [
        (Resets(), CAN, None),
        (Resets(), CANNOT, Fill.US),
        (Resets(after_clear=AfterClear.SCHEDULE), CANNOT, Fill.SCHEDULE),
        (Resets(default=Policy.SERVER), CANNOT, Fill.SCHEDULE),
        (Resets(default=Policy.SERVER), replace(CANNOT, syncs_after_reset=True), Fill.SERVER),
        (Resets(after_clear=AfterClear.SCHEDULE), replace(CANNOT, syncs_after_reset=True), Fill.SCHEDULE),
        (Resets(default=Policy.SERVER, overrides={USERS: Policy.AUTO}), CANNOT, Fill.US),
    ],
)
def test_who_fills_what_is_emptied(resets: Resets, facts: Facts, fill: Fill | None) -> None:
    plan = build_plan(declared(), declared(OTHER_KEY, resets=resets), facts)
    assert plan.fill is fill
    assert whole(plan) == ("" if fill is None else f"AWB104 fill: {fill}")


def test_a_table_that_is_emptied_as_its_stream_leaves_is_not_filled() -> None:
    assert build_plan(declared(), declared(None, on_remove=OnRemove.CLEAR), CANNOT).fill is None


def test_several_lines_about_the_whole_are_one() -> None:
    before = declared(fields={"prefix": "a_"})
    assert whole(build_plan(before, declared(OTHER_KEY), CANNOT)) == (
        f"AWB103 keep: no longer declared, stays as it is: prefix 'a_' + AWB104 fill: {Fill.US}"
    )


def test_a_replacement_compares_no_streams_and_hands_nothing_back() -> None:
    before = declared(fields={"prefix": "a_"}, owed={USERS: StreamSpec.parse(OTHER_KEY)}, due={USERS: "AWB271 x"})
    plan = build_plan(before, declared(), CAN, step=Operation.REPLACE, subject="it")
    assert [(each.code, each.action) for each in plan.effects] == [("AWB201", Action.NONE)]
    assert plan.handed_back == {}


# ---- streams ---------------------------------------------------------------------------------------------------------


def test_a_creation_tells_of_streams_whose_tables_are_not_free() -> None:
    assert told(build_plan(None, declared(APPEND), Facts())).keys() == {"public.users"}
    assert told(build_plan(None, declared(APPEND), CAN)) == {}
    assert told(build_plan(declared(None), declared(APPEND), CAN)).keys() == {"public.users"}


def test_the_greatest_action_of_a_stream_is_the_one_that_is_done() -> None:
    plan = Plan(
        Operation.UPDATE,
        (effect(Action.NONE), effect(Action.CLEAR), effect(Action.MERGE), effect(Action.NONE, stream=EVENTS)),
    )
    assert plan.actions() == {USERS: Action.CLEAR}
    assert [each.action for each in plan.by_stream()[USERS]] == [Action.CLEAR, Action.MERGE, Action.NONE]
    assert plan.blocked() == []
    refused = effect(Action.BLOCK)
    assert replace(plan, effects=(*plan.effects, refused)).blocked() == [refused]


def test_names_that_look_like_an_announcement_are_not_read_back_as_one() -> None:
    odd = Effect(USERS, "AWB251", Action.NONE, "columns: AWB220 CLEAR: x", "AWB220 clear: y")
    assert announced_actions(Plan(Operation.UPDATE, (odd,)).announcement()) == {}


def test_an_announcement_of_several_changes_promises_the_greatest() -> None:
    line = "AWB251 none: x (y) + AWB241 merge: x (y) + AWB220 clear: x (y) + AWB999 paint: x (y)"
    assert announced_actions({"public.users": line, "public.events": "AWB251 none: x (y)", "*": "AWB290 clear: x"}) == {
        USERS: Action.CLEAR
    }
    assert announced_actions({"public.users": "something else"}) == {}


@pytest.mark.parametrize(
    ("announcement", "surprise"),
    [
        ({"public.users": "AWB220 truncate: what (why)"}, False),
        ({"public.users": "AWB220 clear: what (why)"}, False),
        ({"public.users": "AWB221 truncate: what (why)"}, False),
        ({"public.users": "AWB220 merge: what (why)"}, True),
        ({"public.users": "AWB220 none: what (why)"}, True),
        ({"public.users": "AWB210 truncate: what (why)"}, True),
        ({"public.events": "AWB220 truncate: what (why)"}, True),
        ({}, True),
    ],
)
def test_a_guard_lets_no_other_change_and_no_greater_action_through(
    announcement: dict[str, str], surprise: bool
) -> None:
    live = Plan(Operation.UPDATE, (effect(Action.TRUNCATE),))
    if not surprise:
        guard(announcement, live)
        return
    with pytest.raises(DriftedError, match=r"changed since it was last read \(what\).*AWB220 read again, replacing"):
        guard(announcement, live)


def test_a_guard_lets_no_new_change_through_that_does_nothing() -> None:
    guard({"public.users": "AWB251 none: x (y)"}, Plan(Operation.UPDATE, (effect(Action.NONE, "AWB251"),)))
    with pytest.raises(DriftedError):
        guard({}, Plan(Operation.UPDATE, (effect(Action.NONE, "AWB251"),)))


def test_an_explanation_names_the_cost_once() -> None:
    text = {"public.users": "AWB220 truncate: a (b) + AWB241 merge: c", "public.events": "AWB220 clear: d (e)"}
    assert list(explain(text, {"public.users": "about 6 records"})) == [
        "public.users: read again, replacing all rows when done [AWB220]\n  a\n  because b\n  about 6 records",
        "public.users: read again, keeping the rows that are there [AWB241]\n  c",
        "public.events: emptied, then filled by the next sync [AWB220]\n  d\n  because e",
    ]


@pytest.mark.parametrize(
    ("key", "text", "block"),
    [
        (
            "public.users",
            "AWB203 clear: removed (x)",
            "public.users: its table is emptied [AWB203]\n  removed\n  because x",
        ),
        ("public.users", "AWB203 none: removed (x)", "public.users: nothing to do [AWB203]\n  removed\n  because x"),
        ("*", "AWB290 replace: deleted first", "replace [AWB290]\n  deleted first"),
        ("public.users", "something else", "public.users: something else"),
    ],
)
def test_what_an_explanation_says(key: str, text: str, block: str) -> None:
    assert list(explain({key: text})) == [block]


# ---- tables and what is owed -----------------------------------------------------------------------------------------


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


def test_what_is_owed_already_is_not_due_as_well() -> None:
    owing = declared(OTHER_KEY, fields={"status": "inactive"}, owed={USERS: StreamSpec.parse(DEDUP)})
    plan = build_plan(owing, owing, CAN)
    assert (plan.owed, plan.due) == (owing.owed, {})
    assert [each.code for each in plan.effects] == ["AWB281"]


def test_what_no_message_may_tell_is_owed_like_the_rest() -> None:
    paused = declared(fields={"status": "inactive"})
    secret = replace(paused, streams={USERS: StreamSpec.parse(OTHER_KEY)}, secret=frozenset({"streams"}))
    plan = build_plan(paused, secret, CAN)
    assert (plan.owed, plan.due) == ({USERS: StreamSpec.parse(DEDUP)}, {})
    queued = replace(secret, schema={USERS: ("retyped a string => integer",)})
    plan = build_plan(queued, replace(secret, schema_changes=SchemaChanges.ACCEPT), CAN)
    assert plan.owed == {}
    assert plan.due.keys() == {USERS}


def test_another_type_is_due_beside_what_a_changed_line_owes() -> None:
    paused = declared(fields={"status": "inactive"}, schema={USERS: ("retyped a string => integer",)})
    after = declared(OTHER_KEY, fields={"status": "inactive"}, schema_changes=SchemaChanges.ACCEPT)
    plan = build_plan(paused, after, CAN)
    assert plan.owed == {USERS: StreamSpec.parse(DEDUP)}
    assert plan.due == {USERS: "AWB271 type at the source: a string => integer"}


def test_a_refusal_is_not_put_off() -> None:
    before = declared(APPEND, fields={"status": "inactive"})
    plan = build_plan(before, replace(before, streams={USERS: StreamSpec.parse(APPEND.replace("ts", "n"))}), CAN)
    assert [(each.code, each.action) for each in plan.effects] == [("AWB210", Action.BLOCK)]
    assert (plan.owed, plan.due) == ({}, {})


@pytest.mark.parametrize(
    ("line", "other", "action"),
    [(DEDUP, OTHER_KEY, Action.TRUNCATE), (APPEND, APPEND.replace("ts", "n"), Action.BLOCK)],
)
def test_what_is_due_is_done_by_another_change_of_the_stream(line: str, other: str, action: Action) -> None:
    plan = build_plan(declared(line, due={USERS: "AWB271 type at the source: a"}), declared(other), CAN)
    assert [each.action for each in plan.effects] == [action]
    assert plan.effects[0].code != "AWB271"


@pytest.mark.parametrize(
    ("code", "line", "action"),
    [
        ("AWB241", DEDUP, Action.MERGE),
        ("AWB241", APPEND, Action.MERGE),
        ("AWB242", DEDUP, Action.TRUNCATE),
        ("AWB242", APPEND, Action.BLOCK),
    ],
)
def test_a_table_whose_name_somebody_gave_is_filled_as_the_table_says(code: str, line: str, action: Action) -> None:
    plan = build_plan(declared(line, due={USERS: f"{code} {RENAMED}"}), declared(line), CAN)
    assert [(each.code, each.action) for each in plan.effects] == [(code, action)]


# ---- what Airbyte does by itself -------------------------------------------------------------------------------------


def test_a_stream_that_leaves_is_not_emptied_by_the_activation() -> None:
    before = declared(fields={"status": "inactive"}, queued={USERS: "clear"})
    plan = build_plan(before, declared(None, fields={"status": "active"}), CAN)
    assert [each.code for each in plan.effects] == ["AWB203"]
    unknown = replace(before, streams=None)
    assert [each.code for each in build_plan(unknown, declared(fields={"status": "active"}), CAN).effects] == [
        "AWB201",
        "AWB282",
    ]


@pytest.mark.parametrize(("word", "ordered"), [("clear", "a reset was ordered"), ("merge", "a refresh was ordered")])
def test_an_activation_says_what_was_ordered(word: str, ordered: str) -> None:
    before = declared(fields={"status": "inactive"}, queued={USERS: word})
    (told,) = build_plan(before, declared(fields={"status": "active"}), CAN).effects
    assert told.because.startswith(f"{ordered} while it was inactive")


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("full_refresh_overwrite", Action.CLEAR),
        ("full_refresh_overwrite_dedup key=id", Action.CLEAR),
        (DEDUP, Action.CLEAR),
        (APPEND, Action.BLOCK),
    ],
)
def test_on_legacy_state_only_what_is_appended_is_not_emptied_with_another(line: str, action: Action) -> None:
    other = {EVENTS: StreamSpec.parse(line)}
    before = declared(legacy=True, streams={USERS: StreamSpec.parse(DEDUP), **other})
    plan = build_plan(before, declared(streams={USERS: StreamSpec.parse(OTHER_KEY), **other}), CANNOT)
    assert [(each.code, each.action) for each in plan.effects] == [("AWB220", Action.CLEAR), ("AWB283", action)]


# ---- streams that leave ----------------------------------------------------------------------------------------------


def leaving(*, notes: tuple[str, ...] = (), was: str = "active", on_remove: OnRemove = OnRemove.CLEAR) -> Effect:
    before = declared(fields={"status": was}, schema={USERS: notes} if notes else {})
    (told,) = build_plan(before, declared(None, fields={"status": "active"}, on_remove=on_remove), CAN).effects
    return told


def test_a_stream_that_the_source_has_dropped_keeps_its_rows() -> None:
    told = leaving(notes=("dropped",))
    assert (told.action, told.what) == (Action.NONE, "removed, as the source has dropped it")
    assert leaving(notes=("gone a",)).action is Action.CLEAR
    assert leaving().action is Action.CLEAR


def test_a_stream_that_the_source_has_dropped_may_come_again() -> None:
    before = declared(schema={USERS: ("dropped",)})
    (told,) = build_plan(before, declared(OTHER_KEY), CAN).effects
    assert told.what == "key id => n"


def test_a_stream_cannot_be_cleared_by_the_run_that_activates_its_connection() -> None:
    assert leaving(was="inactive").action is Action.BLOCK
    assert leaving(was="inactive").because.startswith("the connection is still inactive")
    assert leaving(was="inactive", on_remove=OnRemove.KEEP).action is Action.NONE


def test_a_catalog_does_not_activate_its_connection() -> None:
    before = Declaration(None, None, connection_id="c", shape=CATALOG, streams={USERS: StreamSpec.parse(DEDUP)})
    before = replace(before, naming={"status": "inactive"})
    after = replace(before, streams={}, on_remove=OnRemove.CLEAR, naming={})
    (told,) = build_plan(before, after, CAN).effects
    assert "still inactive" not in told.because


def test_another_change_is_not_refused_by_the_run_that_activates_its_connection() -> None:
    before, after = declared(fields={"status": "inactive"}), declared(OTHER_KEY, fields={"status": "active"})
    assert build_plan(before, after, CANNOT).actions() == {USERS: Action.CLEAR}


def test_an_active_connection_performs_nothing() -> None:
    active = declared(fields={"status": "active"}, queued={USERS: "clear"})
    assert build_plan(active, active, CAN).effects == ()


def test_what_is_owed_is_forgotten_where_its_line_is_back() -> None:
    owing = declared(OTHER_KEY, fields={"status": "inactive"}, owed={USERS: StreamSpec.parse(DEDUP)})
    assert build_plan(owing, replace(owing, streams={USERS: StreamSpec.parse(DEDUP)}), CAN).owed == {}


def test_a_name_breaks_no_line_and_begins_no_change_and_no_reason() -> None:
    odd = Effect(USERS, "AWB251", Action.NONE, "a\nb + c (d", "e")
    (line,) = Plan(Operation.UPDATE, (odd,)).announcement().values()
    assert "\n" not in line
    (block,) = explain({"public.users": line})
    assert block.splitlines()[0] == "public.users: nothing to do [AWB251]"
    assert block.splitlines()[-1] == "  because e"


# ---- streams of others -----------------------------------------------------------------------------------------------


def told_of_others(line: str = APPEND, **after: object) -> list[tuple[StreamDescriptor, str]]:
    before = declared(fields={"prefix": "a_"}, others={EVENTS: StreamSpec.parse(line)})
    plan = build_plan(before, declared(**{"fields": {"prefix": "b_"}, **after}), CAN)  # type: ignore[arg-type]
    assert plan.actions().get(EVENTS) is None
    return [(each.stream, each.what) for each in plan.effects if each.code == "AWB244"]


def test_other_names_of_tables_are_told_of_streams_that_are_not_declared_here() -> None:
    assert told_of_others() == [(EVENTS, "prefix 'a_' => 'b_'")]
    assert told_of_others(streams=None) == [(EVENTS, "prefix 'a_' => 'b_'")]
    assert told_of_others(secret=frozenset({"prefix"})) == [(EVENTS, "[secret]")]


def test_streams_of_others_that_are_read_anew_leave_or_are_declared_now_need_no_line() -> None:
    assert told_of_others("full_refresh_append") == []
    assert told_of_others(exclusive=True) == []
    assert told_of_others(streams={EVENTS: StreamSpec.parse(APPEND)}) == []
    assert told_of_others(fields={"prefix": "a_"}) == []


def test_a_catalog_gives_tables_no_other_names() -> None:
    before = declared(fields={"prefix": "a_"}, others={EVENTS: StreamSpec.parse(APPEND)}, shape=CATALOG)
    plan = build_plan(before, replace(before, fields={"prefix": "b_"}), CAN)
    assert "AWB244" not in {each.code for each in plan.effects}
