"""What the rows of the table say and do beside the cases of the table itself: notes, unknowns, facts that decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.models import AirbyteStream, StateType, StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Earlier, Facts, Why
from pulumi_airbyte_wb.plan.effects import NextSync
from pulumi_airbyte_wb.plan.table import TABLE
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.spec.resets import Loading
from pulumi_airbyte_wb.spec.streams import StreamSpec

USERS = StreamDescriptor("public", "users")
NONE, MERGE, TRUNCATE, CLEAR, BLOCK = Action
REPLACES, DROPS, READS_ALL, RESUMES = list(NextSync)[1:]
Said = tuple[Action | Why | NextSync, ...]
"""The action of a row, the notes with it, what the next sync does, and what that loses."""


OFFER = AirbyteStream(name="users", namespace="public")
OWN_CURSOR = OFFER.model_copy(update={"source_defined_cursor": True, "default_cursor_field": ["ts"]})
LOG = OFFER.model_copy(update={"source_defined_cursor": True})
OWN_KEY = OFFER.model_copy(update={"source_defined_primary_key": [["id"]]})

D, A = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
FD, FA = "full_refresh_append_dedup key=id", "full_refresh_append"
HASHED = D + ' mappers=[{"type":"hashing","mapperConfiguration":{"targetField":"email"}}]'
O, OD = "full_refresh_overwrite", "full_refresh_overwrite_dedup key=id"  # noqa: E741 - the letter of the mode
GROWS, UNIQUE, BOTH = (
    " guarantees=cursor_monotonic",
    " guarantees=key_unique",
    " guarantees=cursor_monotonic,key_unique",
)

CAN = Facts(can_refresh=True, tables_known=True)
CANNOT = Facts(tables_known=True)
MOVED_FIRST = replace(CAN, moved_first=True)
TD, NZ, DL = (
    replace(CAN, loading=loading) for loading in (Loading.TYPING_DEDUPING, Loading.NORMALIZATION, Loading.DIRECT_LOAD)
)


def filled(
    by: str | None, *, own: bool = True, resumes: bool = False, retyped: bool = False, facts: Facts = CAN
) -> Facts:
    return replace(facts, tables={USERS: Earlier(own, None if by is None else StreamSpec.parse(by), resumes, retyped)})


def never_ran(written: str) -> Facts:
    """No sync has used the line that is recorded, and the sync state is lost."""
    return replace(DL, stateless=frozenset({USERS}), unsynced={USERS: StreamSpec.parse(written)})


def offering(offer: AirbyteStream, facts: Facts = CAN) -> Facts:
    return replace(facts, offers={USERS: offer})


def state(kind: StateType, facts: Facts = CAN) -> Facts:
    return replace(facts, state_type=kind)


def verdict(code: str, before: str | None, after: str | None, facts: Facts, what: What = What.ADDED) -> Said | None:
    """What one row says of a change, whatever the rows above it say."""
    (row,) = [row for row in TABLE if row.code == code]
    sides = [None if line is None else StreamSpec.parse(line) for line in (before, after)]
    change = Change(ChangeKey(USERS, row.kind), sides[0], sides[1], Detail(what))
    found = row.judge(change, facts)
    if found is None:
        return None
    later = [found.next_sync] if found.next_sync else []
    return (found.action, *found.notes, *later, *([found.loses] if found.loses else []))


@pytest.mark.parametrize(
    ("code", "after", "facts", "expected"),
    [
        ("AWB201", A, CAN, (NONE, READS_ALL)),
        ("AWB201", A, filled(A), None),
        ("AWB201", A, Facts(), None),
        ("AWB204", A, filled(A, resumes=True), (NONE, RESUMES)),
        ("AWB204", FA, filled(FA, resumes=True), (NONE, Why.SYNCS_FROM_START, READS_ALL)),
        ("AWB204", A, filled(A, resumes=True, facts=state(StateType.STREAM)), (NONE, RESUMES)),
        ("AWB204", A, filled(A, resumes=True, facts=state(StateType.GLOBAL)), None),
        ("AWB204", A, filled(A, resumes=True, retyped=True), None),
        ("AWB204", A, filled(A, resumes=False), None),
        ("AWB204", A, filled(A, resumes=True, own=False), None),
        ("AWB204", A, filled(D, resumes=True), None),
        ("AWB204", A, CAN, None),
        ("AWB208", A, filled(A, own=False), (BLOCK, Why.DROP_TABLE_FIRST)),
        ("AWB208", A, filled(A, own=False, facts=TD), None),
        ("AWB208", A, filled(A), None),
        ("AWB208", A, CAN, None),
        ("AWB208", A, Facts(can_refresh=True), (BLOCK, Why.DROP_TABLE_FIRST)),
        ("AWB205", D + GROWS, filled(D), (NONE, Why.CURSOR_GUARANTEED, READS_ALL)),
        ("AWB205", D + GROWS, filled(D, own=False), (NONE, Why.CURSOR_GUARANTEED, READS_ALL)),
        ("AWB205", D + GROWS, filled(D, retyped=True), None),
        ("AWB205", D + GROWS, filled(HASHED), None),
        ("AWB205", HASHED + GROWS, filled(D), None),
        ("AWB205", HASHED + GROWS, filled(HASHED), (NONE, Why.CURSOR_GUARANTEED, READS_ALL)),
        ("AWB205", D + GROWS, CAN, None),
        ("AWB205", D + GROWS, filled(None), None),
        ("AWB205", D + UNIQUE, filled(D), None),
        ("AWB205", D + GROWS, filled(D, facts=offering(LOG)), None),
        ("AWB205", D + GROWS, filled(D.replace("id", "n")), None),
        ("AWB205", D + GROWS, filled("incremental_append key=id"), None),
        ("AWB205", "incremental_append key=id guarantees=cursor_monotonic", filled(D), None),
        ("AWB202", O, CAN, (NONE, REPLACES)),
        ("AWB202", A, CAN, None),
        ("AWB206", D, filled(A), (TRUNCATE, Why.OLD_ROWS_NEVER_MERGE)),
        ("AWB206", D, filled(A, facts=CANNOT), (CLEAR, Why.OLD_ROWS_NEVER_MERGE)),
        ("AWB206", A, filled(A), (BLOCK, Why.DOUBLED)),
        ("AWB206", A, filled(A, own=False), None),
        ("AWB206", A, CAN, None),
        ("AWB207", A, filled(A, own=False), (BLOCK, Why.DOUBLED)),
        ("AWB207", D, filled(A, own=False), (BLOCK, Why.OLD_ROWS_NEVER_MERGE)),
        ("AWB207", A, Facts(), (BLOCK, Why.TABLES_NOT_TOLD, Why.DOUBLED)),
    ],
)
def test_rows_about_streams_that_come(code: str, after: str, facts: Facts, expected: Said | None) -> None:
    assert verdict(code, None, after, facts) == expected


OTHER_CURSOR, OTHER_KEY = D.replace("ts", "n"), D.replace("id", "n")
NO_CURSOR, NO_KEY = "incremental_append_dedup key=id", "incremental_append_dedup cursor=ts"


@pytest.mark.parametrize(
    ("code", "before", "after", "facts", "expected"),
    [
        ("AWB213", NO_CURSOR, D, offering(OWN_CURSOR), (NONE,)),
        ("AWB213", OTHER_CURSOR, D, offering(OWN_CURSOR), None),
        ("AWB213", NO_CURSOR, OTHER_CURSOR, offering(OWN_CURSOR), None),
        ("AWB213", NO_CURSOR, D, CAN, None),
        ("AWB213", NO_CURSOR, NO_CURSOR, CAN, None),
        ("AWB211", OTHER_CURSOR, D, offering(LOG), (BLOCK,)),
        ("AWB211", OTHER_CURSOR, D, state(StateType.GLOBAL), (BLOCK,)),
        ("AWB211", OTHER_CURSOR, D, state(StateType.STREAM, offering(OFFER)), None),
        ("AWB210", OTHER_CURSOR, D, CAN, (TRUNCATE, Why.CURSOR_MAY_FALL)),
        ("AWB210", OTHER_CURSOR, D, CANNOT, (CLEAR, Why.CURSOR_MAY_FALL)),
        ("AWB210", OTHER_CURSOR, D + GROWS, CAN, (NONE, Why.NEW_CURSOR_GUARANTEED, READS_ALL)),
        ("AWB210", OTHER_CURSOR, D + UNIQUE, CAN, (TRUNCATE, Why.CURSOR_MAY_FALL)),
        ("AWB210", A.replace("ts", "n"), A + GROWS, CAN, (BLOCK, Why.DOUBLED)),
        ("AWB221", NO_KEY, D, offering(OWN_KEY), (NONE,)),
        ("AWB221", OTHER_KEY, D, offering(OWN_KEY), None),
        ("AWB221", NO_KEY, OTHER_KEY, offering(OWN_KEY), None),
        ("AWB221", NO_KEY, D, CAN, None),
        ("AWB221", NO_KEY, NO_KEY, CAN, None),
        ("AWB223", OD.replace("id", "n"), OD, CAN, (NONE,)),
        ("AWB223", OTHER_KEY, D, CAN, None),
        ("AWB220", OTHER_KEY, D, CAN, (TRUNCATE,)),
        ("AWB220", OTHER_KEY, D, CANNOT, (CLEAR,)),
        ("AWB220", OTHER_KEY, D + UNIQUE, CAN, (NONE, Why.KEYS_GUARANTEED)),
        ("AWB220", OTHER_KEY, D + UNIQUE, NZ, (CLEAR,)),
        ("AWB220", OTHER_KEY, D + GROWS, CAN, (TRUNCATE,)),
    ],
)
def test_rows_about_cursor_and_key(code: str, before: str, after: str, facts: Facts, expected: Said | None) -> None:
    assert verdict(code, before, after, facts) == expected


SOFT, UPDATE = "incremental_soft_delete", "incremental_update"


@pytest.mark.parametrize(
    ("code", "before", "after", "facts", "expected"),
    [
        ("AWB299", SOFT, A, CAN, (BLOCK,)),
        ("AWB299", A, UPDATE, CAN, (BLOCK,)),
        ("AWB299", A, D, CAN, None),
        ("AWB230", A, O, CAN, (NONE, REPLACES, Why.HISTORY_LOST)),
        ("AWB230", A, O, TD, (NONE, REPLACES, Why.HISTORY_LOST)),
        ("AWB230", FA, OD, NZ, (NONE, REPLACES, Why.HISTORY_LOST)),
        ("AWB230", D, O, CAN, (NONE, REPLACES)),
        ("AWB230", O, OD, CAN, (NONE,)),
        ("AWB230", O, A, CAN, None),
        ("AWB231", A, D, CAN, (BLOCK, Why.VERSIONS_LOST)),
        ("AWB231", A, D, TD, (NONE, Why.REBUILT_FROM_RAW)),
        ("AWB231", A, D, offering(LOG, TD), (BLOCK, Why.VERSIONS_LOST)),
        ("AWB231", FA, D, TD, (NONE, Why.REBUILT_FROM_RAW)),
        ("AWB231", FA, D, offering(LOG, TD), (BLOCK, Why.VERSIONS_LOST)),
        ("AWB231", FA, FD, offering(LOG, TD), (NONE, Why.REBUILT_FROM_RAW)),
        ("AWB231", FD, D, TD, None),
        ("AWB231", A, FA, TD, None),
        ("AWB232", FA, A, CAN, (NONE, READS_ALL)),
        ("AWB232", A, FA, CAN, None),
        ("AWB232", D, A, CAN, None),
        ("AWB232", FA, D, CAN, None),
        ("AWB233", A, FA, CAN, (NONE, READS_ALL)),
        ("AWB233", D, FA, TD, (TRUNCATE, Why.RAW_SHOWS_ALL)),
        ("AWB233", D, FA, NZ, (CLEAR, Why.RAW_SHOWS_ALL)),
        ("AWB233", D, FA, DL, (NONE, READS_ALL)),
        ("AWB233", D, A, CAN, None),
        ("AWB233", A, FD, CAN, None),
        ("AWB234", O, A, CAN, (TRUNCATE,)),
        ("AWB234", FD, A, CAN, (TRUNCATE,)),
        ("AWB234", O, A, NZ, (BLOCK, Why.DOUBLED)),
        ("AWB234", D, A, CAN, None),
        ("AWB234", O, FA, CAN, None),
        ("AWB234", O, D, CAN, None),
        ("AWB235", D, A, DL, (TRUNCATE, Why.UNTOLD_ROWS_MISSING)),
        ("AWB235", D, A, NZ, (BLOCK, Why.UNTOLD_ROWS_MISSING)),
        ("AWB235", D, A + UNIQUE, DL, (NONE,)),
        ("AWB235", D, A + GROWS, DL, (TRUNCATE, Why.UNTOLD_ROWS_MISSING)),
        ("AWB235", D, A, offering(OWN_KEY, DL), (NONE,)),
        ("AWB235", D, A + UNIQUE, TD, (TRUNCATE, Why.RAW_SHOWS_ALL)),
        ("AWB235", D, A + UNIQUE, NZ, (BLOCK, Why.RAW_SHOWS_ALL)),
        ("AWB235", D, A + UNIQUE, never_ran(A), (BLOCK, Why.NO_SYNC_SINCE)),
        ("AWB235", D, A + UNIQUE, replace(never_ran(A), stateless=frozenset()), (NONE,)),
        ("AWB235", D, A + UNIQUE, never_ran(O), (NONE,)),
        ("AWB235", FD, A, DL, None),
        ("AWB235", A, FA, DL, None),
        ("AWB235", D, FD, DL, None),
        ("AWB236", D, FD, CAN, (NONE, READS_ALL)),
        ("AWB236", D, FD.replace("id", "n"), CAN, None),
        ("AWB236", FD, D, CAN, None),
        ("AWB236", "incremental_append key=id", FD, CAN, None),
        ("AWB236", D, "full_refresh_append key=id", CAN, None),
        ("AWB236", FD, FD, CAN, None),
        ("AWB236", D, D, CAN, None),
        ("AWB237", O, D, CAN, (TRUNCATE,)),
        ("AWB237", O, D, NZ, (CLEAR,)),
        ("AWB237", O, D + BOTH, CAN, (NONE, Why.MERGE_GUARANTEED, READS_ALL)),
        ("AWB237", O, D + GROWS, CAN, (TRUNCATE,)),
        ("AWB237", O, D + UNIQUE, CAN, (TRUNCATE,)),
        ("AWB237", O, D + BOTH, NZ, (CLEAR,)),
        ("AWB237", O, D + BOTH, offering(LOG), (TRUNCATE,)),
        ("AWB237", D, A, CAN, None),
    ],
)
def test_rows_about_modes(code: str, before: str, after: str, facts: Facts, expected: Said | None) -> None:
    assert verdict(code, before, after, facts) == expected


@pytest.mark.parametrize(
    ("code", "line", "facts", "expected"),
    [
        ("AWB252", D, CAN, None),
        ("AWB252", D, replace(CAN, backfill=True), (TRUNCATE, Why.CURSOR_FELL)),
        ("AWB250", A, CAN, (NONE,)),
        ("AWB251", A, CAN, (NONE, DROPS, Why.VALUES_LOST)),
        ("AWB251", FA, DL, (NONE, DROPS, Why.VALUES_LOST)),
        ("AWB251", A, TD, (NONE, Why.RAW_KEEPS, DROPS)),
        ("AWB251", A, NZ, (NONE, Why.RAW_KEEPS, DROPS)),
        ("AWB251", A, CANNOT, (NONE, Why.RAW_KEEPS, DROPS)),
        ("AWB251", D, CAN, (NONE, DROPS)),
        ("AWB251", O, CAN, (NONE, DROPS)),
        ("AWB253", D, CAN, (BLOCK, Why.DECLARE_ANOTHER)),
        ("AWB212", O, CAN, (NONE, Why.NEXT_SYNC_REPLACES)),
        ("AWB212", D + BOTH, CAN, (TRUNCATE,)),
        ("AWB212", D, CANNOT, (CLEAR,)),
        ("AWB212", A, TD, (BLOCK, Why.ORDER_CHANGES)),
        ("AWB260", O, CAN, (NONE, Why.NOT_BEFORE_NEXT_SYNC)),
        ("AWB260", D, CAN, (TRUNCATE,)),
        ("AWB260", A, CAN, (BLOCK, Why.OLDER_VERSIONS_GO)),
        ("AWB263", D, CAN, None),
        ("AWB261", O, CAN, (NONE, Why.NEXT_SYNC_REPLACES)),
        ("AWB261", OD, CAN, (NONE, Why.NEXT_SYNC_REPLACES)),
        ("AWB261", A, CAN, (BLOCK, Why.DOUBLED)),
        ("AWB261", FD, CAN, (NONE, Why.NEXT_SYNC_READS_ALL)),
        ("AWB261", D + GROWS, CAN, (MERGE, Why.ROWS_MERGE)),
        ("AWB261", D + GROWS, NZ, (CLEAR, Why.ROWS_MERGE)),
        ("AWB261", D + GROWS, offering(LOG), (TRUNCATE, Why.DELETED_ROWS_STAY)),
        ("AWB261", D + UNIQUE, CAN, (TRUNCATE, Why.CURSOR_FELL)),
        ("AWB261", D, NZ, (CLEAR, Why.CURSOR_FELL)),
        ("AWB262", A, CAN, (NONE, Why.STAY_MISSING)),
        ("AWB262", O, CAN, (NONE, Why.NEXT_SYNC_REPLACES)),
        ("AWB262", D, CAN, (TRUNCATE, Why.CURSOR_FELL)),
        ("AWB270", D, CAN, (NONE, Why.NO_PLACE_MEANWHILE)),
        ("AWB270", O, CAN, (NONE,)),
        ("AWB271", O, CAN, (NONE, Why.NEXT_SYNC_REPLACES)),
        ("AWB271", D, CANNOT, (CLEAR,)),
        ("AWB271", A, CAN, (BLOCK, Why.ONLY_REPLACING_HELPS)),
        ("AWB245", A, replace(CAN, unclear=frozenset({USERS})), (BLOCK, Why.TABLE_NOT_TOLD)),
        ("AWB245", O, replace(CAN, unclear=frozenset({USERS})), (NONE,)),
        ("AWB245", A, CAN, None),
        ("AWB246", A, replace(CAN, names_objects=False), None),
        ("AWB243", A, filled(A, own=False), (BLOCK, Why.CHOOSE_ANOTHER_NAME)),
        ("AWB243", A, Facts(), (BLOCK, Why.CHOOSE_ANOTHER_NAME)),
        ("AWB243", O, filled(A, own=False), (BLOCK, Why.CHOOSE_ANOTHER_NAME)),
        ("AWB243", O, filled(A, own=False, facts=TD), (BLOCK, Why.CHOOSE_ANOTHER_NAME)),
        ("AWB243", O, filled(O, own=False, facts=TD), None),
        ("AWB243", A, filled(A, own=False, facts=TD), (BLOCK, Why.CHOOSE_ANOTHER_NAME)),
        ("AWB243", A, filled(A), None),
        ("AWB243", A, CAN, None),
        ("AWB240", O, CAN, (NONE, READS_ALL)),
        ("AWB240", O, filled(O), (NONE, READS_ALL)),
        ("AWB240", FA, CAN, (NONE, READS_ALL)),
        ("AWB240", FA, filled(FA), None),
        ("AWB240", A, CAN, None),
        ("AWB241", A, CAN, (MERGE,)),
        ("AWB241", A, CANNOT, (CLEAR,)),
        ("AWB241", A, filled(A), None),
        ("AWB241", A, MOVED_FIRST, (TRUNCATE, Why.MOVED_FIRST)),
        ("AWB241", D, MOVED_FIRST, (MERGE,)),
        ("AWB241", A, replace(MOVED_FIRST, can_refresh=False), (CLEAR, Why.MOVED_FIRST)),
        ("AWB242", D, CAN, (TRUNCATE,)),
        ("AWB242", D, CANNOT, (CLEAR,)),
        ("AWB242", A, CAN, (BLOCK,)),
        ("AWB298", A, CAN, (BLOCK,)),
    ],
)
def test_rows_about_columns_and_tables(code: str, line: str, facts: Facts, expected: Said | None) -> None:
    assert verdict(code, line, line, facts) == expected


@pytest.mark.parametrize("line", [A, FA, D])
def test_what_the_source_has_dropped_itself_is_not_asked_for(line: str) -> None:
    assert verdict("AWB251", line, line, CAN, What.GONE_FROM_SOURCE) == (NONE, DROPS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [(D, (BLOCK, Why.KEY_NOT_TOLD)), (A, (BLOCK, Why.KEY_NOT_TOLD)), (O, (NONE, Why.NOT_BEFORE_NEXT_SYNC))],
)
def test_a_key_that_the_server_does_not_tell_may_be_another_one(line: str, expected: Said) -> None:
    assert verdict("AWB263", line, line, CAN, What.ENCRYPTION_KEY) == expected


def test_a_removed_stream_needs_nothing() -> None:
    assert verdict("AWB203", A, None, CAN) == (NONE,)


def test_a_row_that_asks_for_a_side_that_is_not_there_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError, match="the side of a change that it does not have"):
        verdict("AWB230", A, None, CAN)


def test_every_row_is_asked_here() -> None:
    tests: list[Any] = [
        test_rows_about_streams_that_come,
        test_rows_about_cursor_and_key,
        test_rows_about_modes,
        test_rows_about_columns_and_tables,
    ]
    asked = {case[0] for test in tests for mark in test.pytestmark for case in mark.args[1]} | {"AWB203"}
    assert asked == {row.code for row in TABLE}
    assert {row.kind for row in TABLE} == set(Kind) - {Kind.STATUS, Kind.SHARED_RESET, Kind.RELEASED}
