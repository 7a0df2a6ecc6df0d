"""What is left to Airbyte: what it does about it by its own rules, and how the plan says so.

The mirror of those rules answers which streams it resets (``Facts.server_resets``); it is held against the emulator's
own answer elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Facts, Plan, build_plan, decide
from pulumi_airbyte_wb.plan.steps import LetServerReset, RefreshStreams, steps
from pulumi_airbyte_wb.plan.words import change_text, reason_text
from pulumi_airbyte_wb.spec.changes import Kind, changes
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Policy, Resets
from pulumi_airbyte_wb.spec.streams import StreamSpec
from tests.baselines import baseline

USERS, EVENTS, ORDERS = (StreamDescriptor("public", name) for name in ("users", "events", "orders"))
D, A = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
OVERWRITE = "full_refresh_overwrite"
HASH = '{"type":"hashing","mapperConfiguration":{"targetField":"email"}}'
SERVER = Resets(default=Policy.SERVER)
NEW, OLD = Facts(can_refresh=True, tables_known=True), Facts(tables_known=True)


def left(before: str, after: str, facts: Facts, resets: Resets = SERVER) -> Effect:
    (change,) = changes({USERS: StreamSpec.parse(before)}, {USERS: StreamSpec.parse(after)})
    return decide(change, facts, resets)


def resetting(facts: Facts, *streams: StreamDescriptor) -> Facts:
    return replace(facts, server_resets=frozenset(streams))


OTHER_KEY = D.replace("key=id", "key=n")
CHANGED = [
    (D, OTHER_KEY),
    (D, D.replace("cursor=ts", "cursor=at")),
    (D, OVERWRITE),
    (f"{D} fields=a", f"{D} fields=a,b"),
    (f"{D} fields=a,b", f"{D} fields=a"),
    (f"{D} mappers=[]", f"{D} mappers=[{HASH}]"),
    (f"{D} object=x", f"{D} object=y"),
]


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_airbyte_does_what_its_own_rules_say(before: str, after: str) -> None:
    assert left(before, after, resetting(NEW, USERS)).action is Action.MERGE
    assert left(before, after, resetting(OLD, USERS)).action is Action.CLEAR
    for facts in (NEW, OLD):
        assert left(before, after, resetting(facts)).action is Action.NONE
        assert left(before, after, resetting(facts, EVENTS)).action is Action.NONE, "it resets another one"


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_where_its_answer_is_not_known_the_worst_counts(before: str, after: str) -> None:
    assert left(before, after, NEW) == left(before, after, resetting(NEW, USERS))
    assert left(before, after, OLD) == left(before, after, resetting(OLD, USERS))


KEY = "rows written under the old key would never merge with the new ones"


@pytest.mark.parametrize(
    ("before", "after", "facts", "action", "because"),
    [
        (
            D,
            OTHER_KEY,
            NEW,
            Action.MERGE,
            f"re-syncs it beside the rows that are there, although its rule says truncate: {KEY}",
        ),
        (D, OTHER_KEY, OLD, Action.CLEAR, f"clears the table, and its next sync fills it, as its rule says: {KEY}"),
        (D, OTHER_KEY, resetting(NEW), Action.NONE, f"does nothing about it, although its rule says truncate: {KEY}"),
        (
            f"{OVERWRITE} object=x",
            f"{OVERWRITE} object=y",
            resetting(OLD),
            Action.NONE,
            "does nothing about it, as its rule says: the next sync fills the new table; the old one stays behind",
        ),
    ],
)
def test_the_reason_says_where_it_stands_against_the_table(
    before: str, after: str, facts: Facts, action: Action, because: str
) -> None:
    effect = left(before, after, facts)
    assert (effect.action, effect.overruled_by) == (action, Policy.SERVER)
    assert reason_text(effect) == f"the program says 'server': Airbyte {because}"
    assert effect.unsafe is ("although" in because)


def test_what_no_re_sync_mends_is_not_left_to_airbyte() -> None:
    files = left(f"{D} files=no", f"{D} files=yes", NEW)
    assert (files.code, files.action, files.overruled_by) == (Code.FILES_CHANGED, Action.BLOCK, None)
    (gone,) = changes({USERS: StreamSpec.parse(D)}, {})
    assert decide(gone, NEW, SERVER).overruled_by is None
    (come,) = changes({}, {USERS: StreamSpec.parse(D)})
    assert (decide(come, NEW, SERVER).code, decide(come, NEW, SERVER).action) == ("AWB201", Action.NONE)


# ---- what Airbyte resets beside it -----------------------------------------------------------------------------------


def plan(facts: Facts, resets: Resets, **other: Any) -> Plan:
    """The key of users changes; events is declared, and orders is in the connection."""
    before = {USERS: StreamSpec.parse(D), EVENTS: StreamSpec.parse(A)}
    after = {**before, USERS: StreamSpec.parse(OTHER_KEY)}
    unmanaged = {ORDERS: StreamSpec.parse(A)}
    return build_plan(
        baseline(streams=before, unmanaged=unmanaged),
        baseline(**{"streams": after, "resets": resets, **other}),
        facts,
    )


def test_streams_that_airbyte_resets_too_are_told() -> None:
    found = {each.stream: each for each in plan(resetting(NEW, USERS, EVENTS, ORDERS), SERVER).effects}
    assert {stream: (each.code, each.action) for stream, each in found.items()} == {
        USERS: (Code.KEY_CHANGED, Action.MERGE),
        EVENTS: (Code.RESET_BY_SERVER, Action.MERGE),
        ORDERS: (Code.RESET_BY_SERVER, Action.MERGE),
    }
    assert found[EVENTS].kind is Kind.SHARED_RESET
    assert found[EVENTS].appends
    assert (change_text(found[EVENTS]), reason_text(found[EVENTS])) == (
        "not changed",
        "Airbyte resets it too, with the change that the program leaves to Airbyte",
    )


def test_only_what_is_left_to_airbyte_makes_it_reset_streams() -> None:
    everything = resetting(NEW, USERS, EVENTS, ORDERS)
    assert {each.stream for each in plan(everything, Resets()).effects} == {USERS}
    assert {each.stream for each in plan(replace(everything, server_resets=None), SERVER).effects} == {USERS}
    blank = replace(everything, blank=frozenset({EVENTS}))
    assert EVENTS not in {each.stream for each in plan(blank, SERVER).effects}, "it has no rows"
    assert {each.stream for each in plan(everything, SERVER, fields={"status": "inactive"}).effects} == {USERS}


@pytest.mark.parametrize("line", [A, D, OVERWRITE])
def test_only_rows_that_no_key_merges_are_appended_once_more(line: str) -> None:
    before = baseline(streams={USERS: StreamSpec.parse(D)}, unmanaged={ORDERS: StreamSpec.parse(line)})
    after = baseline(streams={USERS: StreamSpec.parse(OTHER_KEY)}, resets=SERVER)
    found = {each.stream: each for each in build_plan(before, after, resetting(NEW, USERS, ORDERS)).effects}
    assert found[ORDERS].code is Code.RESET_BY_SERVER
    assert found[ORDERS].appends is (line == A)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy.CLEAR, [(Code.CURSOR_CHANGED, Action.CLEAR)]),
        (Policy.SKIP, [(Code.CURSOR_CHANGED, Action.NONE), (Code.RESET_BY_SERVER, Action.MERGE)]),
    ],
)
def test_a_stream_whose_change_is_not_left_to_airbyte_is_reset_too(
    policy: Policy, expected: list[tuple[Code, Action]]
) -> None:
    lines = {USERS: StreamSpec.parse(OTHER_KEY), EVENTS: StreamSpec.parse(A.replace("ts", "at"))}
    found = plan(resetting(NEW, USERS, EVENTS), replace(SERVER, overrides={EVENTS: policy}), streams=lines)
    assert [(each.code, each.action) for each in found.effects if each.stream == EVENTS] == expected


def test_what_airbyte_does_is_no_job_of_ours() -> None:
    found = steps(plan(resetting(NEW, USERS, EVENTS), SERVER))
    assert LetServerReset((USERS,)) in found
    assert not [step for step in found if isinstance(step, RefreshStreams)]
