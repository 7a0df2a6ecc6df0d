"""Plans: what is decided, announced, and guarded."""

from dataclasses import replace
from datetime import date

import pytest

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.errors import DriftedError
from pulumi_airbyte_wb.models import AirbyteStream, StateType, StreamDescriptor
from pulumi_airbyte_wb.plan import (
    TABLE,
    Action,
    Declaration,
    Earlier,
    Facts,
    Family,
    OnRemove,
    Policy,
    Resets,
    SchemaChanges,
    announced_actions,
    build_plan,
    explain,
    guard,
    read_inputs,
)
from pulumi_airbyte_wb.plan.resets import Permit
from tests.told import told

SOURCE = "20000000-0000-4000-8000-000000000001"
USERS = StreamDescriptor("public", "users")
DEDUP = "incremental_append_dedup cursor=updated_at key=id"
APPEND = "incremental_append cursor=updated_at"
REFRESH = Facts(can_refresh=True, tables_known=True)
NO_REFRESH = Facts(tables_known=True)


def declared(line: str | None, **other: object) -> Declaration:
    streams = {} if line is None else {USERS: StreamSpec.parse(line)}
    return Declaration("source", "destination", streams=streams, **other)  # type: ignore[arg-type]


def outcome(before: str | None, after: str | None, facts: Facts = REFRESH, **other: object) -> list[tuple[str, Action]]:
    plan = build_plan(declared(before), declared(after, **other), facts)
    return [(effect.code, effect.action) for effect in plan.effects]


def test_nothing_changed_is_an_empty_plan() -> None:
    plan = build_plan(declared(DEDUP), declared(DEDUP), REFRESH)
    assert plan.effects == ()
    assert told(plan) == {}


def tables(line: str | None, *, own: bool = False, resumes: bool = False, **other: object) -> Facts:
    """Facts in which the table of the stream was filled before."""
    earlier = Earlier(own, StreamSpec.parse(line) if line else None, resumes)
    return Facts(tables_known=True, tables={USERS: earlier}, can_refresh=True, **other)  # type: ignore[arg-type]


def family(name: Family) -> Facts:
    return Facts(can_refresh=True, tables_known=True, family=name)


def mapped(line: str, *mappers: str) -> str:
    return f"{line} mappers=[{','.join(mappers)}]"


OVERWRITE = "full_refresh_overwrite"
FULL_APPEND = "full_refresh_append"
FULL_DEDUP = "full_refresh_append_dedup key=id"
HASH = '{"type":"hashing","mapperConfiguration":{"targetField":"email"}}'
RENAME = '{"type":"field-renaming","mapperConfiguration":{"originalFieldName":"email","newFieldName":"mail"}}'
ROWS = '{"type":"row-filtering","mapperConfiguration":{"conditions":{}}}'
DROP = '{"type":"field-filtering","mapperConfiguration":{"targetField":"email"}}'
TD, NZ, DL = family(Family.TYPING_DEDUPING), family(Family.NORMALIZATION), family(Family.DIRECT_LOAD)
NONE, MERGE, TRUNCATE, CLEAR, REFUSE = Action
BACKFILL = Facts(can_refresh=True, tables_known=True, backfill=True)
BOTH = " vouch=cursor_grows,key_unique"


@pytest.mark.parametrize(
    ("before", "after", "facts", "expected"),
    [
        (None, DEDUP, REFRESH, ("AWB201", NONE)),
        (None, OVERWRITE, Facts(), ("AWB202", NONE)),
        (DEDUP, None, REFRESH, ("AWB203", NONE)),
        (None, APPEND, tables(APPEND, own=True, resumes=True), ("AWB204", NONE)),
        (None, APPEND, tables(APPEND, own=True, resumes=True, state_type=StateType.GLOBAL), ("AWB206", REFUSE)),
        (None, APPEND, tables(DEDUP, own=True, resumes=True), ("AWB206", REFUSE)),
        (None, DEDUP, tables(None, own=True), ("AWB206", TRUNCATE)),
        (None, DEDUP + " vouch=cursor_grows", tables(DEDUP, family=Family.TYPING_DEDUPING), ("AWB205", NONE)),
        (None, DEDUP + " vouch=cursor_grows", tables(DEDUP, own=True), ("AWB205", NONE)),
        (None, DEDUP, tables(DEDUP, family=Family.TYPING_DEDUPING), ("AWB207", REFUSE)),
        (None, DEDUP, tables(APPEND, family=Family.TYPING_DEDUPING), ("AWB207", REFUSE)),
        (None, APPEND, tables(None, family=Family.NORMALIZATION), ("AWB207", REFUSE)),
        (None, APPEND, Facts(), ("AWB207", REFUSE)),
        (None, APPEND, tables(None), ("AWB208", REFUSE)),
        (None, OVERWRITE, tables(OVERWRITE), ("AWB208", REFUSE)),
        (None, OVERWRITE, tables(OVERWRITE, own=True), ("AWB202", NONE)),
        (None, OVERWRITE, tables(OVERWRITE, family=Family.TYPING_DEDUPING), ("AWB202", NONE)),
        (None, OVERWRITE, Facts(can_refresh=True), ("AWB208", REFUSE)),
        (DEDUP, DEDUP.replace("updated_at", "modified_at"), REFRESH, ("AWB210", TRUNCATE)),
        (DEDUP, DEDUP.replace("updated_at", "modified_at"), NO_REFRESH, ("AWB210", CLEAR)),
        (DEDUP, DEDUP.replace("updated_at", "ts") + " vouch=cursor_grows", REFRESH, ("AWB210", NONE)),
        (APPEND, APPEND.replace("updated_at", "modified_at"), REFRESH, ("AWB210", REFUSE)),
        (DEDUP, DEDUP.replace("updated_at", "ts"), Facts(state_type=StateType.GLOBAL), ("AWB211", REFUSE)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region"), REFRESH, ("AWB220", TRUNCATE)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region"), NO_REFRESH, ("AWB220", CLEAR)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region"), NZ, ("AWB220", CLEAR)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region vouch=key_unique"), REFRESH, ("AWB220", NONE)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region vouch=key_unique"), NZ, ("AWB220", CLEAR)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region vouch=key_unique"), NO_REFRESH, ("AWB220", CLEAR)),
        ("full_refresh_overwrite_dedup key=a", "full_refresh_overwrite_dedup key=b", REFRESH, ("AWB223", NONE)),
        (APPEND, OVERWRITE, REFRESH, ("AWB230", NONE)),
        (DEDUP, "full_refresh_overwrite_dedup key=id", REFRESH, ("AWB230", NONE)),
        (APPEND, DEDUP, REFRESH, ("AWB231", REFUSE)),
        (APPEND, DEDUP, NZ, ("AWB231", REFUSE)),
        (APPEND, DEDUP, TD, ("AWB231", NONE)),
        (FULL_APPEND, APPEND, REFRESH, ("AWB232", NONE)),
        (APPEND, FULL_APPEND, REFRESH, ("AWB233", NONE)),
        (OVERWRITE, FULL_APPEND, REFRESH, ("AWB233", NONE)),
        (OVERWRITE, APPEND, REFRESH, ("AWB234", TRUNCATE)),
        (OVERWRITE, APPEND, NO_REFRESH, ("AWB234", REFUSE)),
        (FULL_DEDUP, APPEND, REFRESH, ("AWB234", TRUNCATE)),
        (DEDUP, FULL_APPEND, REFRESH, ("AWB233", TRUNCATE)),
        (DEDUP, FULL_APPEND, DL, ("AWB233", NONE)),
        (DEDUP, APPEND, REFRESH, ("AWB235", TRUNCATE)),
        (DEDUP, APPEND, DL, ("AWB235", TRUNCATE)),
        (DEDUP, APPEND + " vouch=key_unique", DL, ("AWB235", NONE)),
        (DEDUP, APPEND + " vouch=key_unique", TD, ("AWB235", TRUNCATE)),
        (DEDUP, APPEND, NO_REFRESH, ("AWB235", REFUSE)),
        (DEDUP, FULL_DEDUP, REFRESH, ("AWB236", NONE)),
        (FULL_DEDUP, DEDUP, REFRESH, ("AWB237", TRUNCATE)),
        (OVERWRITE, DEDUP, REFRESH, ("AWB237", TRUNCATE)),
        (OVERWRITE, DEDUP, NZ, ("AWB237", CLEAR)),
        (OVERWRITE, DEDUP + BOTH, REFRESH, ("AWB237", NONE)),
        (OVERWRITE, DEDUP + BOTH, NZ, ("AWB237", CLEAR)),
        (OVERWRITE, DEDUP + BOTH, NO_REFRESH, ("AWB237", CLEAR)),
        (DEDUP, "incremental_update key=id", REFRESH, ("AWB299", REFUSE)),
        ("incremental_soft_delete", OVERWRITE, REFRESH, ("AWB299", REFUSE)),
        (DEDUP + " fields=id,updated_at", DEDUP + " fields=email,id,updated_at", REFRESH, ("AWB250", NONE)),
        (DEDUP + " fields=email,id,updated_at", DEDUP + " fields=id,updated_at", REFRESH, ("AWB251", NONE)),
        (DEDUP + " fields=id,updated_at", DEDUP + " fields=*", BACKFILL, ("AWB252", TRUNCATE)),
        (APPEND + " fields=updated_at", APPEND + " fields=*", BACKFILL, ("AWB252", REFUSE)),
        (mapped(DEDUP), mapped(DEDUP, DROP), REFRESH, ("AWB251", NONE)),
        (mapped(DEDUP), mapped(DEDUP, HASH), REFRESH, ("AWB260", TRUNCATE)),
        (mapped(APPEND), mapped(APPEND, HASH), REFRESH, ("AWB260", REFUSE)),
        (mapped(OVERWRITE), mapped(OVERWRITE, HASH), REFRESH, ("AWB260", NONE)),
        (mapped(DEDUP), mapped(DEDUP, ROWS), REFRESH, ("AWB260", TRUNCATE)),
        (mapped(DEDUP, HASH, DROP), mapped(DEDUP, DROP, HASH), REFRESH, ("AWB260", TRUNCATE)),
        (mapped(DEDUP, HASH), mapped(DEDUP), REFRESH, ("AWB261", TRUNCATE)),
        (mapped(DEDUP, HASH), mapped(DEDUP) + " vouch=cursor_grows", REFRESH, ("AWB261", MERGE)),
        (mapped(DEDUP), mapped(DEDUP, RENAME), REFRESH, ("AWB261", TRUNCATE)),
        (mapped(FULL_DEDUP), mapped(FULL_DEDUP, RENAME), REFRESH, ("AWB261", NONE)),
        (mapped(DEDUP), mapped(DEDUP, RENAME), NO_REFRESH, ("AWB261", CLEAR)),
        (mapped(APPEND), mapped(APPEND, RENAME), REFRESH, ("AWB261", REFUSE)),
        (mapped(OVERWRITE), mapped(OVERWRITE, RENAME), REFRESH, ("AWB261", NONE)),
        (mapped(DEDUP, ROWS), mapped(DEDUP), REFRESH, ("AWB262", TRUNCATE)),
        (mapped(DEDUP, ROWS), mapped(DEDUP) + " vouch=cursor_grows", REFRESH, ("AWB262", MERGE)),
        (mapped(APPEND, ROWS), mapped(APPEND), REFRESH, ("AWB262", NONE)),
        (DEDUP + " files=no", DEDUP + " files=yes", REFRESH, ("AWB298", REFUSE)),
        (OVERWRITE + " object=a", OVERWRITE + " object=b", REFRESH, ("AWB240", NONE)),
        (APPEND + " object=a", APPEND + " object=b", REFRESH, ("AWB241", MERGE)),
        (APPEND + " object=a", APPEND + " object=b", NZ, ("AWB241", CLEAR)),
        (DEDUP + " object=a", DEDUP + " object=b", NO_REFRESH, ("AWB241", CLEAR)),
        (FULL_APPEND + " object=a", FULL_APPEND + " object=b", REFRESH, ("AWB240", NONE)),
        (APPEND + " object=a", APPEND + " object=b", tables(APPEND), ("AWB243", REFUSE)),
        (OVERWRITE + " object=a", OVERWRITE + " object=b", tables(APPEND), ("AWB243", REFUSE)),
        (APPEND + " object=a", APPEND + " object=b", tables(APPEND, own=True), ("AWB242", REFUSE)),
        (DEDUP + " object=a", DEDUP + " object=b", tables(None, own=True), ("AWB242", TRUNCATE)),
        (FULL_APPEND + " object=a", FULL_APPEND + " object=b", tables(FULL_APPEND, own=True), ("AWB242", REFUSE)),
        (DEDUP + " object=a", DEDUP + " object=b", Facts(), ("AWB243", REFUSE)),
    ],
)
def test_each_row_of_the_table(
    before: str | None, after: str | None, facts: Facts, expected: tuple[str, Action]
) -> None:
    assert outcome(before, after, facts) == [expected]


@pytest.mark.parametrize(
    ("line", "note", "facts", "expected"),
    [
        (DEDUP, "new total", REFRESH, ("AWB250", NONE)),
        (DEDUP, "new total", BACKFILL, ("AWB252", TRUNCATE)),
        (APPEND, "gone total", REFRESH, ("AWB251", NONE)),
        (DEDUP, "key id => id,region", REFRESH, ("AWB220", TRUNCATE)),
        (DEDUP, "widened total integer => number", REFRESH, ("AWB270", NONE)),
        (APPEND, "widened total integer => number", NO_REFRESH, ("AWB270", NONE)),
        (DEDUP, "retyped total string => integer", REFRESH, ("AWB271", TRUNCATE)),
        (DEDUP, "retyped total string => integer", NO_REFRESH, ("AWB271", CLEAR)),
        (APPEND, "retyped total string => integer", TD, ("AWB271", REFUSE)),
        (OVERWRITE, "retyped total string => integer", REFRESH, ("AWB271", NONE)),
    ],
)
def test_each_row_about_the_sources_schema(line: str, note: str, facts: Facts, expected: tuple[str, Action]) -> None:
    before = declared(line, schema={USERS: (note,)})
    accepts = declared(line, schema_changes=SchemaChanges.ACCEPT)
    plan = build_plan(before, accepts, facts)
    assert [(effect.code, effect.action) for effect in plan.effects] == [expected]
    assert note.partition(" ")[2] in plan.effects[0].what
    assert build_plan(before, declared(line), facts).effects == ()


def test_an_unused_key_of_the_source_changes_nothing() -> None:
    before = declared(APPEND, schema={USERS: ("key id => id,region",)})
    assert build_plan(before, declared(APPEND, schema_changes=SchemaChanges.ACCEPT), REFRESH).effects == ()


def test_a_refusal_says_whether_the_tables_are_known() -> None:
    unknown = told(build_plan(declared(None), declared(APPEND), Facts()))["public.users"]
    known = told(build_plan(declared(None), declared(APPEND), replace(tables(None), can_refresh=False)))
    assert "the server does not say which tables exist" in unknown
    assert "the server does not say" not in known["public.users"]
    assert "every row would be there twice" in known["public.users"]


@pytest.mark.parametrize(
    ("after", "facts", "note"),
    [
        (APPEND + " vouch=key_unique", TD, "raw tables"),
        (APPEND, TD, "did not tell apart"),
    ],
)
def test_from_dedup_to_append_says_what_is_missing(after: str, facts: Facts, note: str) -> None:
    (effect,) = build_plan(declared(DEDUP), declared(after), facts).effects
    assert note in effect.because


def test_every_row_is_met_by_the_test_above() -> None:
    """A row without a case here has no proof."""
    (mark,) = [m for m in test_each_row_of_the_table.pytestmark if m.name == "parametrize"]  # type: ignore[attr-defined]
    (other,) = [m for m in test_each_row_about_the_sources_schema.pytestmark if m.name == "parametrize"]  # type: ignore[attr-defined]
    met = {case[3][0] for case in mark.args[1]} | {case[3][0] for case in other.args[1]}
    # AWB213 and AWB221 need a source that defines the cursor and the key, see below.
    assert met | {"AWB213", "AWB221"} == {row.code for row in TABLE}


def test_another_key_and_mode_are_two_changes() -> None:
    before = DEDUP.replace("key=id", "key=email")
    assert set(outcome(before, FULL_DEDUP)) == {("AWB237", TRUNCATE), ("AWB220", TRUNCATE)}


def test_declaring_the_key_that_the_source_defines_changes_nothing() -> None:
    offer = AirbyteStream(name="users", namespace="public", source_defined_primary_key=[["id"]])
    facts = Facts(offers={USERS: offer}, can_refresh=True)
    assert outcome("incremental_append_dedup cursor=ts", "incremental_append_dedup cursor=ts key=id", facts) == [
        ("AWB221", Action.NONE)
    ]
    other = "incremental_append_dedup cursor=ts key=email"
    assert outcome(other, "incremental_append_dedup cursor=ts key=id", facts) == [("AWB220", TRUNCATE)]


def test_declaring_the_cursor_that_the_source_defines_changes_nothing() -> None:
    offer = AirbyteStream(
        name="users", namespace="public", source_defined_cursor=True, default_cursor_field=["updated_at"]
    )
    facts = Facts(offers={USERS: offer}, can_refresh=True)
    bare = "incremental_append_dedup key=id"
    assert outcome(bare, DEDUP, facts) == [("AWB213", Action.NONE)]
    assert outcome(bare, "incremental_append_dedup cursor=ts key=id", facts) == [("AWB211", Action.BLOCK)]
    assert outcome("incremental_append_dedup cursor=ts key=id", DEDUP, facts) == [("AWB211", Action.BLOCK)]


@pytest.mark.parametrize(
    ("before", "after", "facts", "expected"),
    [
        (None, DEDUP + BOTH, tables(DEDUP, own=True), ("AWB206", TRUNCATE)),
        (OVERWRITE, DEDUP + BOTH, REFRESH, ("AWB237", TRUNCATE)),
        (mapped(DEDUP), mapped(DEDUP, RENAME) + BOTH, REFRESH, ("AWB261", TRUNCATE)),
        (mapped(DEDUP, ROWS), mapped(DEDUP) + BOTH, REFRESH, ("AWB262", TRUNCATE)),
        (FULL_APPEND, DEDUP, TD, ("AWB231", REFUSE)),
        (FULL_APPEND, FULL_DEDUP, TD, ("AWB231", NONE)),
        (APPEND, DEDUP, TD, ("AWB231", REFUSE)),
    ],
)
def test_what_a_source_logs_as_deleted_is_not_merged_away(
    before: str | None, after: str, facts: Facts, expected: tuple[str, Action]
) -> None:
    offer = AirbyteStream(
        name="users", namespace="public", source_defined_cursor=True, default_cursor_field=["updated_at"]
    )
    told = replace(facts, offers={USERS: offer})
    assert outcome(before, after, told) == [expected]
    if expected[0] in {"AWB261", "AWB262"}:
        (effect,) = build_plan(declared(before), declared(after), told).effects
        assert "rows that the source deleted" in effect.because


def test_a_dedup_table_with_a_source_defined_key_becomes_an_append_table_as_it_is() -> None:
    offer = AirbyteStream(name="users", namespace="public", source_defined_primary_key=[["id"]])
    after = "incremental_append cursor=updated_at"
    assert outcome(DEDUP, after, replace(DL, offers={USERS: offer})) == [("AWB235", NONE)]
    assert outcome(DEDUP, after, replace(TD, offers={USERS: offer})) == [("AWB235", TRUNCATE)]


@pytest.mark.parametrize("policy", Policy)
def test_no_word_but_skip_lifts_a_refusal_that_no_re_read_mends(policy: Policy) -> None:
    permitted = Resets(overrides={USERS: policy}, permits=frozenset({Permit(USERS.key, "AWB208", date.max)}))
    wanted = Action.NONE if policy is Policy.SKIP else Action.BLOCK
    assert outcome(None, OVERWRITE, tables(OVERWRITE), resets=permitted) == [("AWB208", wanted)]


@pytest.mark.parametrize(
    ("policy", "line", "action"),
    [
        (Policy.MERGE, APPEND, Action.MERGE),
        (Policy.TRUNCATE, APPEND, Action.TRUNCATE),
        (Policy.CLEAR, DEDUP, Action.CLEAR),
        (Policy.RESET, DEDUP, Action.TRUNCATE),
        (Policy.SKIP, DEDUP, Action.NONE),
        (Policy.SKIP, APPEND, Action.NONE),
        (Policy.RESET, APPEND, Action.TRUNCATE),
        (Policy.REFUSE, DEDUP, Action.BLOCK),
        (Policy.AUTO, DEDUP, Action.TRUNCATE),
    ],
)
def test_the_program_has_the_last_word(policy: Policy, line: str, action: Action) -> None:
    resets = Resets(overrides={USERS: policy})
    assert outcome(line, line.replace("updated_at", "modified_at"), resets=resets) == [("AWB210", action)]


@pytest.mark.parametrize(
    ("permit", "action"),
    [
        ("public.users AWB210 2999-01-01", Action.TRUNCATE),
        ("public.users AWB210 2020-01-01", Action.BLOCK),
        ("public.users AWB220 2999-01-01", Action.BLOCK),
        ("public.user AWB210 2999-01-01", Action.BLOCK),
    ],
)
def test_a_permission_is_for_one_stream_one_code_and_runs_out(permit: str, action: Action) -> None:
    inputs = {"source_id": SOURCE, "destination_id": SOURCE, "resets": {"permits": [permit]}}
    reading = read_inputs(inputs)
    assert reading.problems == ()
    changed = APPEND.replace("updated_at", "modified_at")
    assert outcome(APPEND, changed, resets=reading.declaration.resets) == [("AWB210", action)]


@pytest.mark.parametrize("policy", [Policy.MERGE, Policy.TRUNCATE])
def test_a_means_that_the_destination_lacks_is_refused(policy: Policy) -> None:
    resets = Resets(default=policy)
    assert outcome(DEDUP, DEDUP.replace("key=id", "key=x"), NO_REFRESH, resets=resets) == [("AWB220", Action.BLOCK)]


def test_a_removed_stream_is_cleared_by_word_only() -> None:
    assert outcome(DEDUP, None, on_remove=OnRemove.CLEAR) == [("AWB203", Action.CLEAR)]


def test_an_announcement_is_read_back_as_the_actions_it_promises() -> None:
    plan = build_plan(declared(DEDUP), declared(DEDUP.replace("key=id", "key=id,region")), REFRESH)
    assert told(plan) == {
        "public.users": "AWB220 truncate: key id => id,region "
        "(rows written under the old key would never merge with the new ones)"
    }
    assert announced_actions(told(plan)) == plan.actions() == {USERS: Action.TRUNCATE}
    assert list(explain(told(plan))) == [
        "public.users: read again, replacing all rows when done [AWB220]\n"
        "  key id => id,region\n"
        "  because rows written under the old key would never merge with the new\n"
        "    ones"
    ]


def test_an_explanation_fits_a_terminal_and_loses_nothing() -> None:
    after = "incremental_append_dedup cursor=modified_at key=id,region vouch=cursor_grows"
    text = told(build_plan(declared(DEDUP), declared(after), REFRESH))
    blocks = list(explain({"*": "AWB103 keep: no longer declared, stays as it is: prefix 'raw_'", **text}))
    assert all(len(line) <= 76 for block in blocks for line in block.splitlines())
    assert blocks[0] == "keep [AWB103]\n  no longer declared, stays as it is: prefix 'raw_'"
    assert [block.splitlines()[0] for block in blocks[1:]] == [
        "public.users: read again, replacing all rows when done [AWB220]",
        "public.users: nothing to do [AWB210]",
    ]


def test_two_changes_of_one_stream_are_one_line_with_the_greater_action_first() -> None:
    after = "incremental_append_dedup cursor=modified_at key=id,region vouch=cursor_grows"
    (line,) = told(build_plan(declared(DEDUP), declared(after), REFRESH)).values()
    assert line.startswith("AWB220 truncate: key ")
    assert " + AWB210 none: cursor " in line


def test_a_new_connection_needs_no_line_for_streams_that_are_read_anyway() -> None:
    assert told(build_plan(None, declared(DEDUP), REFRESH)) == {}


def test_inputs_that_are_not_known_are_decided_later() -> None:
    plan = build_plan(declared(DEDUP), declared(DEDUP, unknown=frozenset({"source_id"})), REFRESH)
    assert told(plan)["*"].startswith("AWB190 later: source_id not known yet")


def test_a_field_that_is_declared_no_longer_is_handed_back_with_its_value() -> None:
    plan = build_plan(declared(None, fields={"prefix": "raw_"}), declared(None), REFRESH)
    assert told(plan) == {"*": "AWB103 keep: no longer declared, stays as it is: prefix 'raw_'"}


def test_a_paused_connection_owes_its_re_read_until_it_is_active() -> None:
    new = DEDUP.replace("key=id", "key=id,region")
    paused = declared(new, fields={"status": "inactive"})
    plan = build_plan(declared(DEDUP), paused, REFRESH)
    assert plan.actions() == {}
    assert plan.owed == {USERS: StreamSpec.parse(DEDUP)}
    assert told(plan)["public.users"].startswith("AWB281 none: key id => id,region (inactive now; when it is")
    owing = replace(paused, owed=plan.owed)
    later = DEDUP.replace("key=id", "key=email")
    assert build_plan(owing, replace(paused, streams={USERS: StreamSpec.parse(later)}), REFRESH).owed == plan.owed
    active = replace(paused, fields={"status": "active"})
    assert build_plan(owing, active, REFRESH).actions() == {USERS: Action.TRUNCATE}
    back = replace(declared(DEDUP), fields={"status": "active"})
    reverted = replace(owing, streams={USERS: StreamSpec.parse(DEDUP)})
    assert build_plan(reverted, back, REFRESH).actions() == {}


def test_a_paused_connection_cannot_clear_what_leaves() -> None:
    leaving = declared(None, fields={"status": "inactive"}, on_remove=OnRemove.CLEAR)
    (effect,) = build_plan(declared(DEDUP), leaving, REFRESH).effects
    assert (effect.code, effect.action) == ("AWB203", Action.BLOCK)


def test_a_paused_connection_cannot_move_its_tables() -> None:
    """What is owed remembers streams, not names: activated later, the new tables would lack all older rows."""
    before = declared(DEDUP, fields={"prefix": "a_", "status": "inactive"})
    (effect,) = build_plan(before, declared(DEDUP, fields={"prefix": "b_", "status": "inactive"}), REFRESH).effects
    assert (effect.code, effect.action) == ("AWB241", Action.BLOCK)


def test_a_changed_prefix_moves_every_stream_that_stays() -> None:
    before, after = declared(DEDUP, fields={"prefix": "a_"}), declared(DEDUP, fields={"prefix": "b_"})
    (effect,) = build_plan(before, after, REFRESH).effects
    assert (effect.code, effect.action, effect.what) == ("AWB241", Action.MERGE, "prefix 'a_' => 'b_'")


def test_a_refreshed_run_that_died_is_not_forgotten() -> None:
    """What is unsettled counts as changed from the old line and from the live one."""
    new = DEDUP.replace("key=id", "key=id,region")
    before = declared(DEDUP, unsettled={USERS: StreamSpec.parse(new)})
    assert build_plan(before, declared(new), REFRESH).actions() == {USERS: Action.TRUNCATE}
    assert build_plan(before, declared(DEDUP), REFRESH).actions() == {USERS: Action.TRUNCATE}


def test_the_guard_lets_through_what_was_announced_and_less() -> None:
    plan = build_plan(declared(DEDUP), declared(DEDUP.replace("key=id", "key=x")), REFRESH)
    guard(told(plan), plan)
    guard(told(plan), build_plan(declared(DEDUP), declared(DEDUP), REFRESH))


@pytest.mark.parametrize(
    "announcement", [{}, {"public.users": "AWB220 merge: x (y)"}, {"public.orders": "AWB220 clear: x"}]
)
def test_the_guard_refuses_more_than_was_announced(announcement: dict[str, str]) -> None:
    plan = build_plan(declared(DEDUP), declared(DEDUP.replace("key=id", "key=x")), REFRESH)
    with pytest.raises(DriftedError, match=r"public\.users: .*run `pulumi refresh`"):
        guard(announcement, plan)


def test_replacing_reads_every_stream_from_the_start() -> None:
    plan = build_plan(declared(DEDUP), declared(DEDUP), REFRESH, step=Operation.REPLACE, subject="deleted first")
    assert [effect.code for effect in plan.effects] == ["AWB201"]
    assert told(plan)["*"] == "AWB290 replace: deleted first"
