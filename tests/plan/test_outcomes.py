"""What a change of a stream comes to: every row of the decision table, through the plan of a connection."""

from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.models import AirbyteStream, StateType, StreamDescriptor
from pulumi_airbyte_wb.plan import TABLE, Action, Earlier, Facts, build_plan
from pulumi_airbyte_wb.plan.words import change_text, reason_text
from pulumi_airbyte_wb.spec.mappers import MASK
from pulumi_airbyte_wb.spec.resets import Loading, SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from tests.baselines import baseline
from tests.told import told

USERS = StreamDescriptor("public", "users")
DEDUP = "incremental_append_dedup cursor=updated_at key=id"
APPEND = "incremental_append cursor=updated_at"
REFRESH = Facts(can_refresh=True, tables_known=True)
NO_REFRESH = Facts(tables_known=True)


def declared(line: str | None, **other: Any) -> Baseline:
    streams = {} if line is None else {USERS: StreamSpec.parse(line)}
    return baseline(streams=streams, **other)


def outcome(before: str | None, after: str | None, facts: Facts = REFRESH, **other: Any) -> list[tuple[str, Action]]:
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


def loading(name: Loading) -> Facts:
    return Facts(can_refresh=True, tables_known=True, loading=name)


def mapped(line: str, *mappers: str) -> str:
    return f"{line} mappers=[{','.join(mappers)}]"


OVERWRITE = "full_refresh_overwrite"
FULL_APPEND = "full_refresh_append"
FULL_DEDUP = "full_refresh_append_dedup key=id"
HASH = '{"type":"hashing","mapperConfiguration":{"targetField":"email"}}'
RENAME = '{"type":"field-renaming","mapperConfiguration":{"originalFieldName":"email","newFieldName":"mail"}}'
ROWS = '{"type":"row-filtering","mapperConfiguration":{"conditions":{}}}'
AES = '{"mapperConfiguration":{"algorithm":"AES","key":"00ff","targetField":"email"},"type":"encryption"}'
UNTOLD = AES.replace("00ff", MASK)
DROP = '{"type":"field-filtering","mapperConfiguration":{"targetField":"email"}}'
TD, NZ, DL = loading(Loading.TYPING_DEDUPING), loading(Loading.NORMALIZATION), loading(Loading.DIRECT_LOAD)
NONE, MERGE, TRUNCATE, CLEAR, BLOCK = Action
BACKFILL = Facts(can_refresh=True, tables_known=True, backfill=True)
BOTH = " guarantees=cursor_monotonic,key_unique"


@pytest.mark.parametrize(
    ("before", "after", "facts", "expected"),
    [
        (None, DEDUP, REFRESH, ("AWB201", NONE)),
        (None, OVERWRITE, Facts(), ("AWB202", NONE)),
        (DEDUP, None, REFRESH, ("AWB203", NONE)),
        (None, APPEND, tables(APPEND, own=True, resumes=True), ("AWB204", NONE)),
        (None, APPEND, tables(APPEND, own=True, resumes=True, state_type=StateType.GLOBAL), ("AWB206", BLOCK)),
        (None, APPEND, tables(DEDUP, own=True, resumes=True), ("AWB206", BLOCK)),
        (None, DEDUP, tables(None, own=True), ("AWB206", TRUNCATE)),
        (
            None,
            DEDUP + " guarantees=cursor_monotonic",
            tables(DEDUP, loading=Loading.TYPING_DEDUPING),
            ("AWB205", NONE),
        ),
        (None, DEDUP + " guarantees=cursor_monotonic", tables(DEDUP, own=True), ("AWB205", NONE)),
        (None, DEDUP, tables(DEDUP, loading=Loading.TYPING_DEDUPING), ("AWB207", BLOCK)),
        (None, DEDUP, tables(APPEND, loading=Loading.TYPING_DEDUPING), ("AWB207", BLOCK)),
        (None, APPEND, tables(None, loading=Loading.NORMALIZATION), ("AWB207", BLOCK)),
        (None, APPEND, Facts(), ("AWB207", BLOCK)),
        (None, APPEND, tables(None), ("AWB208", BLOCK)),
        (None, OVERWRITE, tables(OVERWRITE), ("AWB208", BLOCK)),
        (None, OVERWRITE, tables(OVERWRITE, own=True), ("AWB202", NONE)),
        (None, OVERWRITE, tables(OVERWRITE, loading=Loading.TYPING_DEDUPING), ("AWB202", NONE)),
        (None, OVERWRITE, Facts(can_refresh=True), ("AWB208", BLOCK)),
        (DEDUP, DEDUP.replace("updated_at", "modified_at"), REFRESH, ("AWB210", TRUNCATE)),
        (DEDUP, DEDUP.replace("updated_at", "modified_at"), NO_REFRESH, ("AWB210", CLEAR)),
        (DEDUP, DEDUP.replace("updated_at", "ts") + " guarantees=cursor_monotonic", REFRESH, ("AWB210", NONE)),
        (APPEND, APPEND.replace("updated_at", "modified_at"), REFRESH, ("AWB210", BLOCK)),
        (DEDUP, DEDUP.replace("updated_at", "ts"), Facts(state_type=StateType.GLOBAL), ("AWB211", BLOCK)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region"), REFRESH, ("AWB220", TRUNCATE)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region"), NO_REFRESH, ("AWB220", CLEAR)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region"), NZ, ("AWB220", CLEAR)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region guarantees=key_unique"), REFRESH, ("AWB220", NONE)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region guarantees=key_unique"), NZ, ("AWB220", CLEAR)),
        (DEDUP, DEDUP.replace("key=id", "key=id,region guarantees=key_unique"), NO_REFRESH, ("AWB220", CLEAR)),
        ("full_refresh_overwrite_dedup key=a", "full_refresh_overwrite_dedup key=b", REFRESH, ("AWB223", NONE)),
        (APPEND, OVERWRITE, REFRESH, ("AWB230", BLOCK)),
        (FULL_APPEND, OVERWRITE, NZ, ("AWB230", BLOCK)),
        (DEDUP, OVERWRITE, REFRESH, ("AWB230", NONE)),
        (DEDUP, "full_refresh_overwrite_dedup key=id", REFRESH, ("AWB230", NONE)),
        (APPEND, DEDUP, REFRESH, ("AWB231", BLOCK)),
        (APPEND, DEDUP, NZ, ("AWB231", BLOCK)),
        (APPEND, DEDUP, TD, ("AWB231", NONE)),
        (FULL_APPEND, APPEND, REFRESH, ("AWB232", NONE)),
        (APPEND, FULL_APPEND, REFRESH, ("AWB233", NONE)),
        (OVERWRITE, FULL_APPEND, REFRESH, ("AWB233", NONE)),
        (OVERWRITE, APPEND, REFRESH, ("AWB234", TRUNCATE)),
        (OVERWRITE, APPEND, NO_REFRESH, ("AWB234", BLOCK)),
        (FULL_DEDUP, APPEND, REFRESH, ("AWB234", TRUNCATE)),
        (DEDUP, FULL_APPEND, REFRESH, ("AWB233", TRUNCATE)),
        (DEDUP, FULL_APPEND, DL, ("AWB233", NONE)),
        (DEDUP, APPEND, REFRESH, ("AWB235", TRUNCATE)),
        (DEDUP, APPEND, DL, ("AWB235", TRUNCATE)),
        (DEDUP, APPEND + " guarantees=key_unique", DL, ("AWB235", NONE)),
        (DEDUP, APPEND + " guarantees=key_unique", TD, ("AWB235", TRUNCATE)),
        (DEDUP, APPEND, NO_REFRESH, ("AWB235", BLOCK)),
        (DEDUP, FULL_DEDUP, REFRESH, ("AWB236", NONE)),
        (FULL_DEDUP, DEDUP, REFRESH, ("AWB237", TRUNCATE)),
        (OVERWRITE, DEDUP, REFRESH, ("AWB237", TRUNCATE)),
        (OVERWRITE, DEDUP, NZ, ("AWB237", CLEAR)),
        (OVERWRITE, DEDUP + BOTH, REFRESH, ("AWB237", NONE)),
        (OVERWRITE, DEDUP + BOTH, NZ, ("AWB237", CLEAR)),
        (OVERWRITE, DEDUP + BOTH, NO_REFRESH, ("AWB237", CLEAR)),
        (DEDUP, "incremental_update key=id", REFRESH, ("AWB299", BLOCK)),
        ("incremental_soft_delete", OVERWRITE, REFRESH, ("AWB299", BLOCK)),
        (DEDUP + " fields=id,updated_at", DEDUP + " fields=email,id,updated_at", REFRESH, ("AWB250", NONE)),
        (DEDUP + " fields=email,id,updated_at", DEDUP + " fields=id,updated_at", REFRESH, ("AWB251", NONE)),
        (APPEND + " fields=a,updated_at", APPEND + " fields=updated_at", REFRESH, ("AWB251", BLOCK)),
        (APPEND + " fields=a,updated_at", APPEND + " fields=updated_at", TD, ("AWB251", NONE)),
        (mapped(APPEND), mapped(APPEND, DROP), REFRESH, ("AWB251", BLOCK)),
        (DEDUP + " fields=id,updated_at", DEDUP + " fields=*", BACKFILL, ("AWB252", TRUNCATE)),
        (APPEND + " fields=updated_at", APPEND + " fields=*", BACKFILL, ("AWB252", BLOCK)),
        (mapped(DEDUP), mapped(DEDUP, DROP), REFRESH, ("AWB251", NONE)),
        (mapped(DEDUP), mapped(DEDUP, HASH), REFRESH, ("AWB260", TRUNCATE)),
        (mapped(APPEND), mapped(APPEND, HASH), REFRESH, ("AWB260", BLOCK)),
        (mapped(OVERWRITE), mapped(OVERWRITE, HASH), REFRESH, ("AWB260", NONE)),
        (mapped(DEDUP), mapped(DEDUP, ROWS), REFRESH, ("AWB260", TRUNCATE)),
        (mapped(DEDUP, HASH, DROP), mapped(DEDUP, DROP, HASH), REFRESH, ("AWB260", TRUNCATE)),
        (mapped(DEDUP, UNTOLD), mapped(DEDUP, AES), REFRESH, ("AWB263", BLOCK)),
        (mapped(APPEND, UNTOLD), mapped(APPEND, AES), NO_REFRESH, ("AWB263", BLOCK)),
        (mapped(OVERWRITE, UNTOLD), mapped(OVERWRITE, AES), REFRESH, ("AWB263", NONE)),
        (mapped(DEDUP, HASH), mapped(DEDUP), REFRESH, ("AWB261", TRUNCATE)),
        (mapped(DEDUP, HASH), mapped(DEDUP) + " guarantees=cursor_monotonic", REFRESH, ("AWB261", MERGE)),
        (mapped(DEDUP), mapped(DEDUP, RENAME), REFRESH, ("AWB261", TRUNCATE)),
        (mapped(FULL_DEDUP), mapped(FULL_DEDUP, RENAME), REFRESH, ("AWB261", NONE)),
        (mapped(DEDUP), mapped(DEDUP, RENAME), NO_REFRESH, ("AWB261", CLEAR)),
        (mapped(APPEND), mapped(APPEND, RENAME), REFRESH, ("AWB261", BLOCK)),
        (mapped(OVERWRITE), mapped(OVERWRITE, RENAME), REFRESH, ("AWB261", NONE)),
        (mapped(DEDUP, ROWS), mapped(DEDUP), REFRESH, ("AWB262", TRUNCATE)),
        (mapped(DEDUP, ROWS), mapped(DEDUP) + " guarantees=cursor_monotonic", REFRESH, ("AWB262", MERGE)),
        (mapped(APPEND, ROWS), mapped(APPEND), REFRESH, ("AWB262", NONE)),
        (DEDUP + " files=no", DEDUP + " files=yes", REFRESH, ("AWB298", BLOCK)),
        (APPEND + " object=a", APPEND + " object=b", replace(REFRESH, names_objects=False), ("AWB246", NONE)),
        (APPEND + " object=a", APPEND + " object=b", replace(REFRESH, unclear=frozenset({USERS})), ("AWB245", BLOCK)),
        (OVERWRITE + " object=a", OVERWRITE + " object=b", REFRESH, ("AWB240", NONE)),
        (APPEND + " object=a", APPEND + " object=b", REFRESH, ("AWB241", MERGE)),
        (APPEND + " object=a", APPEND + " object=b", NZ, ("AWB241", CLEAR)),
        (DEDUP + " object=a", DEDUP + " object=b", NO_REFRESH, ("AWB241", CLEAR)),
        (FULL_APPEND + " object=a", FULL_APPEND + " object=b", REFRESH, ("AWB240", NONE)),
        (APPEND + " object=a", APPEND + " object=b", tables(APPEND), ("AWB243", BLOCK)),
        (OVERWRITE + " object=a", OVERWRITE + " object=b", tables(APPEND), ("AWB243", BLOCK)),
        (APPEND + " object=a", APPEND + " object=b", tables(APPEND, own=True), ("AWB242", BLOCK)),
        (DEDUP + " object=a", DEDUP + " object=b", tables(None, own=True), ("AWB242", TRUNCATE)),
        (FULL_APPEND + " object=a", FULL_APPEND + " object=b", tables(FULL_APPEND, own=True), ("AWB242", BLOCK)),
        (DEDUP + " object=a", DEDUP + " object=b", Facts(), ("AWB243", BLOCK)),
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
        (APPEND, "gone updated_at", REFRESH, ("AWB253", BLOCK)),
        (DEDUP, "gone id", REFRESH, ("AWB253", BLOCK)),
        (FULL_APPEND, "gone updated_at", REFRESH, ("AWB251", NONE)),
        (DEDUP, "widened updated_at integer => string", REFRESH, ("AWB212", TRUNCATE)),
        (DEDUP + BOTH, "widened updated_at number => string", NO_REFRESH, ("AWB212", CLEAR)),
        (APPEND, "widened updated_at integer => string", TD, ("AWB212", BLOCK)),
        (DEDUP, "widened updated_at integer => number", REFRESH, ("AWB270", NONE)),
        (DEDUP, "widened updated_at boolean => string", REFRESH, ("AWB270", NONE)),
        (FULL_DEDUP, "widened updated_at integer => string", REFRESH, ("AWB270", NONE)),
        (DEDUP, "key id => id,region", REFRESH, ("AWB220", TRUNCATE)),
        (DEDUP, "widened total integer => number", REFRESH, ("AWB270", NONE)),
        (APPEND, "widened total integer => number", NO_REFRESH, ("AWB270", NONE)),
        (DEDUP, "retyped total string => integer", REFRESH, ("AWB271", TRUNCATE)),
        (DEDUP, "retyped total string => integer", NO_REFRESH, ("AWB271", CLEAR)),
        (APPEND, "retyped total string => integer", TD, ("AWB271", BLOCK)),
        (OVERWRITE, "retyped total string => integer", REFRESH, ("AWB271", NONE)),
    ],
)
def test_each_row_about_the_sources_schema(line: str, note: str, facts: Facts, expected: tuple[str, Action]) -> None:
    before = declared(line, newer_schema={USERS: (note,)})
    accepts = declared(line, schema_changes=SchemaChanges.ACCEPT)
    plan = build_plan(before, accepts, facts)
    assert [(effect.code, effect.action) for effect in plan.effects] == [expected]
    assert note.partition(" ")[2] in change_text(plan.effects[0])
    assert build_plan(before, declared(line), facts).effects == ()


def test_an_unused_key_of_the_source_changes_nothing() -> None:
    before = declared(APPEND, newer_schema={USERS: ("key id => id,region",)})
    assert build_plan(before, declared(APPEND, schema_changes=SchemaChanges.ACCEPT), REFRESH).effects == ()


def test_a_block_says_whether_the_tables_are_known() -> None:
    unknown = told(build_plan(declared(None), declared(APPEND), Facts()))["public.users"]
    known = told(build_plan(declared(None), declared(APPEND), replace(tables(None), can_refresh=False)))
    assert "the server does not say which tables exist" in unknown
    assert "the server does not say" not in known["public.users"]
    assert "every row would be appended a second time" in known["public.users"]


@pytest.mark.parametrize(
    ("after", "facts", "note"),
    [
        (APPEND + " guarantees=key_unique", TD, "raw tables"),
        (APPEND, TD, "different rows with the same key"),
    ],
)
def test_from_dedup_to_append_says_what_is_missing(after: str, facts: Facts, note: str) -> None:
    (effect,) = build_plan(declared(DEDUP), declared(after), facts).effects
    assert note in reason_text(effect)


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
        (FULL_APPEND, DEDUP, TD, ("AWB231", BLOCK)),
        (FULL_APPEND, FULL_DEDUP, TD, ("AWB231", NONE)),
        (APPEND, DEDUP, TD, ("AWB231", BLOCK)),
    ],
)
def test_what_a_source_logs_as_deleted_is_not_merged_away(
    before: str | None, after: str, facts: Facts, expected: tuple[str, Action]
) -> None:
    offer = AirbyteStream(
        name="users", namespace="public", source_defined_cursor=True, default_cursor_field=["updated_at"]
    )
    logging = replace(facts, offers={USERS: offer})
    assert outcome(before, after, logging) == [expected]
    if expected[0] in {"AWB261", "AWB262"}:
        (effect,) = build_plan(declared(before), declared(after), logging).effects
        assert "rows that were deleted at the source" in reason_text(effect)


def test_a_dedup_table_with_a_source_defined_key_becomes_an_append_table_as_it_is() -> None:
    offer = AirbyteStream(name="users", namespace="public", source_defined_primary_key=[["id"]])
    after = "incremental_append cursor=updated_at"
    assert outcome(DEDUP, after, replace(DL, offers={USERS: offer})) == [("AWB235", NONE)]
    assert outcome(DEDUP, after, replace(TD, offers={USERS: offer})) == [("AWB235", TRUNCATE)]
