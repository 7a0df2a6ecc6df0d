"""What the rows of the table say and do beside the cases of the table itself: notes, unknowns, facts that decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.models import AirbyteStream, StateType, StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Change, Earlier, Facts, Family, Kind
from pulumi_airbyte_wb.plan.table import TABLE, UNPLACED, hashes_keys, merging, numbers_generations, replacing

USERS = StreamDescriptor("public", "users")
NONE, MERGE, TRUNCATE, CLEAR, REFUSE = Action


@pytest.mark.parametrize(
    ("family", "can_refresh", "replaces", "merges", "hashes", "numbers"),
    [
        (Family.DIRECT_LOAD, True, TRUNCATE, MERGE, False, True),
        (Family.DIRECT_LOAD, False, CLEAR, CLEAR, False, True),
        (Family.TYPING_DEDUPING, True, TRUNCATE, MERGE, False, False),
        (Family.TYPING_DEDUPING, False, CLEAR, CLEAR, False, False),
        (Family.NORMALIZATION, True, CLEAR, CLEAR, True, False),
        (Family.NORMALIZATION, False, CLEAR, CLEAR, True, False),
        (Family.UNKNOWN, True, TRUNCATE, MERGE, False, True),
        (Family.UNKNOWN, False, CLEAR, CLEAR, True, False),
    ],
)
def test_what_a_family_of_destinations_can_do(
    family: Family, can_refresh: bool, replaces: Action, merges: Action, hashes: bool, numbers: bool
) -> None:
    facts = Facts(family=family, can_refresh=can_refresh)
    assert (replacing(facts), merging(facts)) == (replaces, merges)
    assert (hashes_keys(facts), numbers_generations(facts)) == (hashes, numbers)


OFFER = AirbyteStream(name="users", namespace="public")
OWN_CURSOR = OFFER.model_copy(update={"source_defined_cursor": True, "default_cursor_field": ["ts"]})
LOG = OFFER.model_copy(update={"source_defined_cursor": True})
OWN_KEY = OFFER.model_copy(update={"source_defined_primary_key": [["id"]]})

D, A = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
FD, FA = "full_refresh_append_dedup key=id", "full_refresh_append"
O, OD = "full_refresh_overwrite", "full_refresh_overwrite_dedup key=id"  # noqa: E741 - the letter of the mode
GROWS, UNIQUE, BOTH = " vouch=cursor_grows", " vouch=key_unique", " vouch=cursor_grows,key_unique"

CAN = Facts(can_refresh=True, tables_known=True)
CANNOT = Facts(tables_known=True)
TD, NZ, DL = (
    replace(CAN, family=family) for family in (Family.TYPING_DEDUPING, Family.NORMALIZATION, Family.DIRECT_LOAD)
)


def filled(
    by: str | None, *, own: bool = True, resumes: bool = False, retyped: bool = False, facts: Facts = CAN
) -> Facts:
    return replace(facts, tables={USERS: Earlier(own, None if by is None else StreamSpec.parse(by), resumes, retyped)})


def offering(offer: AirbyteStream, facts: Facts = CAN) -> Facts:
    return replace(facts, offers={USERS: offer})


def state(kind: StateType, facts: Facts = CAN) -> Facts:
    return replace(facts, state_type=kind)


def verdict(code: str, before: str | None, after: str | None, facts: Facts) -> tuple[Action, str] | None:
    """What one row says of a change, whatever the rows above it say."""
    (row,) = [row for row in TABLE if row.code == code]
    sides = [None if line is None else StreamSpec.parse(line) for line in (before, after)]
    found = row.judge(Change(USERS, row.kind, sides[0], sides[1], "what"), facts)
    return None if found is None else (found.action, found.note)


DOUBLED = "appended, every row would be there twice"
RAW = "but destinations with raw tables would show all older versions again when a column changes"
KEPT = "rows merge by key, as the program vouches that the cursor grows"


@pytest.mark.parametrize(
    ("code", "after", "facts", "expected"),
    [
        ("AWB201", A, CAN, (NONE, "")),
        ("AWB201", A, filled(A), None),
        ("AWB201", A, Facts(), None),
        ("AWB204", A, filled(A, resumes=True), (NONE, "")),
        ("AWB204", FA, filled(FA, resumes=True), (NONE, "which each of its syncs does from the start")),
        ("AWB204", A, filled(A, resumes=True, facts=state(StateType.STREAM)), (NONE, "")),
        ("AWB204", A, filled(A, resumes=True, facts=state(StateType.GLOBAL)), None),
        ("AWB204", A, filled(A, resumes=True, retyped=True), None),
        ("AWB204", A, filled(A, resumes=False), None),
        ("AWB204", A, filled(A, resumes=True, own=False), None),
        ("AWB204", A, filled(D, resumes=True), None),
        ("AWB204", A, CAN, None),
        ("AWB208", A, filled(A, own=False), (REFUSE, "drop the table first, or choose another prefix")),
        ("AWB208", A, filled(A, own=False, facts=TD), None),
        ("AWB208", A, filled(A), None),
        ("AWB208", A, CAN, None),
        ("AWB208", A, Facts(can_refresh=True), (REFUSE, "drop the table first, or choose another prefix")),
        ("AWB205", D + GROWS, filled(D), (NONE, "the program vouches that the cursor grows")),
        ("AWB205", D + GROWS, filled(D, own=False), (NONE, "the program vouches that the cursor grows")),
        ("AWB205", D + GROWS, filled(D, retyped=True), None),
        ("AWB205", D + GROWS, CAN, None),
        ("AWB205", D + GROWS, filled(None), None),
        ("AWB205", D + UNIQUE, filled(D), None),
        ("AWB205", D + GROWS, filled(D, facts=offering(LOG)), None),
        ("AWB205", D + GROWS, filled(D.replace("id", "n")), None),
        ("AWB205", D + GROWS, filled("incremental_append key=id"), None),
        ("AWB205", "incremental_append key=id vouch=cursor_grows", filled(D), None),
        ("AWB202", O, CAN, (NONE, "")),
        ("AWB202", A, CAN, None),
        ("AWB206", D, filled(A), (TRUNCATE, "old rows might never merge")),
        ("AWB206", D, filled(A, facts=CANNOT), (CLEAR, "old rows might never merge")),
        ("AWB206", A, filled(A), (REFUSE, DOUBLED)),
        ("AWB206", A, filled(A, own=False), None),
        ("AWB206", A, CAN, None),
        ("AWB207", A, filled(A, own=False), (REFUSE, DOUBLED)),
        ("AWB207", D, filled(A, own=False), (REFUSE, "old rows might never merge")),
        ("AWB207", A, Facts(), (REFUSE, f"the server does not say which tables exist, and {DOUBLED}")),
    ],
)
def test_rows_about_streams_that_come(code: str, after: str, facts: Facts, expected: tuple[Action, str] | None) -> None:
    assert verdict(code, None, after, facts) == expected


OTHER_CURSOR, OTHER_KEY = D.replace("ts", "n"), D.replace("id", "n")
NO_CURSOR, NO_KEY = "incremental_append_dedup key=id", "incremental_append_dedup cursor=ts"
FALLS = "a row whose new cursor falls or is null would stay stale (vouch for 'cursor_grows' to keep the table)"
BY_KEY = "rows merge by key, as the program vouches that the new cursor grows"


@pytest.mark.parametrize(
    ("code", "before", "after", "facts", "expected"),
    [
        ("AWB213", NO_CURSOR, D, offering(OWN_CURSOR), (NONE, "")),
        ("AWB213", OTHER_CURSOR, D, offering(OWN_CURSOR), None),
        ("AWB213", NO_CURSOR, OTHER_CURSOR, offering(OWN_CURSOR), None),
        ("AWB213", NO_CURSOR, D, CAN, None),
        ("AWB213", NO_CURSOR, NO_CURSOR, CAN, None),
        ("AWB211", OTHER_CURSOR, D, offering(LOG), (REFUSE, "")),
        ("AWB211", OTHER_CURSOR, D, state(StateType.GLOBAL), (REFUSE, "")),
        ("AWB211", OTHER_CURSOR, D, state(StateType.STREAM, offering(OFFER)), None),
        ("AWB210", OTHER_CURSOR, D, CAN, (TRUNCATE, FALLS)),
        ("AWB210", OTHER_CURSOR, D, CANNOT, (CLEAR, FALLS)),
        ("AWB210", OTHER_CURSOR, D + GROWS, CAN, (NONE, BY_KEY)),
        ("AWB210", OTHER_CURSOR, D + UNIQUE, CAN, (TRUNCATE, FALLS)),
        ("AWB210", A.replace("ts", "n"), A + GROWS, CAN, (REFUSE, DOUBLED)),
        ("AWB221", NO_KEY, D, offering(OWN_KEY), (NONE, "")),
        ("AWB221", OTHER_KEY, D, offering(OWN_KEY), None),
        ("AWB221", NO_KEY, OTHER_KEY, offering(OWN_KEY), None),
        ("AWB221", NO_KEY, D, CAN, None),
        ("AWB221", NO_KEY, NO_KEY, CAN, None),
        ("AWB223", OD.replace("id", "n"), OD, CAN, (NONE, "")),
        ("AWB223", OTHER_KEY, D, CAN, None),
        ("AWB220", OTHER_KEY, D, CAN, (TRUNCATE, "")),
        ("AWB220", OTHER_KEY, D, CANNOT, (CLEAR, "")),
        ("AWB220", OTHER_KEY, D + UNIQUE, CAN, (NONE, "unless both keys are unique, which the program vouches for")),
        ("AWB220", OTHER_KEY, D + UNIQUE, NZ, (CLEAR, "")),
        ("AWB220", OTHER_KEY, D + GROWS, CAN, (TRUNCATE, "")),
    ],
)
def test_rows_about_cursor_and_key(
    code: str, before: str, after: str, facts: Facts, expected: tuple[Action, str] | None
) -> None:
    assert verdict(code, before, after, facts) == expected


SOFT, UPDATE = "incremental_soft_delete", "incremental_update"
REBUILT = "but the next rows make this destination build the table anew from its raw ones"
VERSIONS = "replacing the rows would drop versions that only this table has"
MISSING = "but rows that the key did not tell apart are missing (vouch for 'key_unique' otherwise)"
THEY_DO = "the program vouches that they do"


@pytest.mark.parametrize(
    ("code", "before", "after", "facts", "expected"),
    [
        ("AWB299", SOFT, A, CAN, (REFUSE, "")),
        ("AWB299", A, UPDATE, CAN, (REFUSE, "")),
        ("AWB299", A, D, CAN, None),
        ("AWB230", A, O, CAN, (NONE, "")),
        ("AWB230", O, A, CAN, None),
        ("AWB231", A, D, CAN, (REFUSE, VERSIONS)),
        ("AWB231", A, D, TD, (NONE, REBUILT)),
        ("AWB231", A, D, offering(LOG, TD), (REFUSE, VERSIONS)),
        ("AWB231", FA, D, TD, (NONE, REBUILT)),
        ("AWB231", FA, D, offering(LOG, TD), (REFUSE, VERSIONS)),
        ("AWB231", FA, FD, offering(LOG, TD), (NONE, REBUILT)),
        ("AWB231", FD, D, TD, None),
        ("AWB231", A, FA, TD, None),
        ("AWB232", FA, A, CAN, (NONE, "")),
        ("AWB232", A, FA, CAN, None),
        ("AWB232", D, A, CAN, None),
        ("AWB232", FA, D, CAN, None),
        ("AWB233", A, FA, CAN, (NONE, "")),
        ("AWB233", D, FA, TD, (TRUNCATE, RAW)),
        ("AWB233", D, FA, NZ, (CLEAR, RAW)),
        ("AWB233", D, FA, DL, (NONE, "")),
        ("AWB233", D, A, CAN, None),
        ("AWB233", A, FD, CAN, None),
        ("AWB234", O, A, CAN, (TRUNCATE, "")),
        ("AWB234", FD, A, CAN, (TRUNCATE, "")),
        ("AWB234", O, A, NZ, (REFUSE, DOUBLED)),
        ("AWB234", D, A, CAN, None),
        ("AWB234", O, FA, CAN, None),
        ("AWB234", O, D, CAN, None),
        ("AWB235", D, A, DL, (TRUNCATE, MISSING)),
        ("AWB235", D, A, NZ, (REFUSE, MISSING)),
        ("AWB235", D, A + UNIQUE, DL, (NONE, "")),
        ("AWB235", D, A + GROWS, DL, (TRUNCATE, MISSING)),
        ("AWB235", D, A, offering(OWN_KEY, DL), (NONE, "")),
        ("AWB235", D, A + UNIQUE, TD, (TRUNCATE, RAW)),
        ("AWB235", D, A + UNIQUE, NZ, (REFUSE, RAW)),
        ("AWB235", FD, A, DL, None),
        ("AWB235", A, FA, DL, None),
        ("AWB235", D, FD, DL, None),
        ("AWB236", D, FD, CAN, (NONE, "")),
        ("AWB236", D, FD.replace("id", "n"), CAN, None),
        ("AWB236", FD, D, CAN, None),
        ("AWB236", "incremental_append key=id", FD, CAN, None),
        ("AWB236", D, "full_refresh_append key=id", CAN, None),
        ("AWB236", FD, FD, CAN, None),
        ("AWB236", D, D, CAN, None),
        ("AWB237", O, D, CAN, (TRUNCATE, "")),
        ("AWB237", O, D, NZ, (CLEAR, "")),
        ("AWB237", O, D + BOTH, CAN, (NONE, THEY_DO)),
        ("AWB237", O, D + GROWS, CAN, (TRUNCATE, "")),
        ("AWB237", O, D + UNIQUE, CAN, (TRUNCATE, "")),
        ("AWB237", O, D + BOTH, NZ, (CLEAR, "")),
        ("AWB237", O, D + BOTH, offering(LOG), (TRUNCATE, "")),
        ("AWB237", D, A, CAN, None),
    ],
)
def test_rows_about_modes(
    code: str, before: str, after: str, facts: Facts, expected: tuple[Action, str] | None
) -> None:
    assert verdict(code, before, after, facts) == expected


NEXT = "the next sync replaces the table"
DELETED = "rows that the source deleted before it is read again would stay"
FELL = "a row whose cursor fell or is null would not merge (vouch for 'cursor_grows')"
PRIVATE = "only replacing the rows removes it, and older versions go with it"


@pytest.mark.parametrize(
    ("code", "line", "facts", "expected"),
    [
        ("AWB252", D, CAN, None),
        ("AWB252", D, replace(CAN, backfill=True), (TRUNCATE, FELL)),
        ("AWB250", A, CAN, (NONE, "")),
        ("AWB251", A, CAN, (NONE, "")),
        ("AWB260", O, CAN, (NONE, "the next successful sync replaces it all, not before")),
        ("AWB260", D, CAN, (TRUNCATE, "")),
        ("AWB260", A, CAN, (REFUSE, PRIVATE)),
        ("AWB261", O, CAN, (NONE, NEXT)),
        ("AWB261", OD, CAN, (NONE, NEXT)),
        ("AWB261", A, CAN, (REFUSE, DOUBLED)),
        ("AWB261", FD, CAN, (NONE, "but the next sync reads everything")),
        ("AWB261", D + GROWS, CAN, (MERGE, KEPT)),
        ("AWB261", D + GROWS, NZ, (CLEAR, KEPT)),
        ("AWB261", D + GROWS, offering(LOG), (TRUNCATE, DELETED)),
        ("AWB261", D + UNIQUE, CAN, (TRUNCATE, FELL)),
        ("AWB261", D, NZ, (CLEAR, FELL)),
        ("AWB262", A, CAN, (NONE, "appended, they stay missing")),
        ("AWB262", O, CAN, (NONE, NEXT)),
        ("AWB262", D, CAN, (TRUNCATE, FELL)),
        ("AWB270", D, CAN, (NONE, UNPLACED)),
        ("AWB270", O, CAN, (NONE, "")),
        ("AWB271", O, CAN, (NONE, "but the next sync replaces the table")),
        ("AWB271", D, CANNOT, (CLEAR, "")),
        ("AWB271", A, CAN, (REFUSE, "only replacing the rows makes it right, and older versions go with them")),
        ("AWB243", A, filled(A, own=False), (REFUSE, "choose another name")),
        ("AWB243", A, Facts(), (REFUSE, "choose another name")),
        ("AWB243", O, filled(A, own=False), (REFUSE, "choose another name")),
        ("AWB243", O, filled(A, own=False, facts=TD), None),
        ("AWB243", A, filled(A, own=False, facts=TD), (REFUSE, "choose another name")),
        ("AWB243", A, filled(A), None),
        ("AWB243", A, CAN, None),
        ("AWB240", O, CAN, (NONE, "")),
        ("AWB240", O, filled(O), (NONE, "")),
        ("AWB240", FA, CAN, (NONE, "")),
        ("AWB240", FA, filled(FA), None),
        ("AWB240", A, CAN, None),
        ("AWB241", A, CAN, (MERGE, "")),
        ("AWB241", A, CANNOT, (CLEAR, "")),
        ("AWB241", A, filled(A), None),
        ("AWB242", D, CAN, (TRUNCATE, "")),
        ("AWB242", D, CANNOT, (CLEAR, "")),
        ("AWB242", A, CAN, (REFUSE, "")),
        ("AWB298", A, CAN, (REFUSE, "")),
    ],
)
def test_rows_about_columns_and_tables(code: str, line: str, facts: Facts, expected: tuple[Action, str] | None) -> None:
    assert verdict(code, line, line, facts) == expected


def test_a_removed_stream_needs_nothing() -> None:
    assert verdict("AWB203", A, None, CAN) == (NONE, "")


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
    assert {row.kind for row in TABLE} == set(Kind)
