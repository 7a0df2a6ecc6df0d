"""What a change comes to where the table alone does not decide: streams that have no rows yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Earlier, Facts, Reason, Why
from pulumi_airbyte_wb.plan.decide import decide
from pulumi_airbyte_wb.plan.words import reason_text
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.spec.resets import OnRemove, Policy, Resets
from pulumi_airbyte_wb.spec.streams import StreamSpec

EVENTS, USERS = StreamDescriptor("public", "events"), StreamDescriptor("public", "users")
SPEC = StreamSpec.parse("incremental_append cursor=ts")
FILLED = Facts(can_refresh=True, tables_known=True)
BLANK = replace(FILLED, blank=frozenset({EVENTS}))


def change(kind: Kind, stream: StreamDescriptor = EVENTS) -> Change:
    before, after = None if kind is Kind.ADDED else SPEC, None if kind is Kind.REMOVED else SPEC
    return Change(ChangeKey(stream, kind), before, after, Detail(What.MAPPERS_REORDERED))


STAYING = [Kind.CURSOR, Kind.KEY, Kind.MASKED, Kind.COLUMN_RENAMED, Kind.TYPE_CHANGED, Kind.FILES, Kind.TABLE_RENAMED]


@pytest.mark.parametrize("kind", STAYING)
def test_a_stream_without_rows_needs_nothing(kind: Kind) -> None:
    assert decide(change(kind), FILLED, Resets()).action is not Action.NONE
    effect = decide(change(kind), BLANK, Resets())
    assert (effect.action, reason_text(effect)) == (Action.NONE, "it has never synced, so no row is there")
    assert effect.code == decide(change(kind), FILLED, Resets()).code
    assert decide(change(kind, USERS), BLANK, Resets()).action is not Action.NONE


@pytest.mark.parametrize("policy", [Policy.RESET, Policy.TRUNCATE, Policy.SKIP])
def test_no_word_of_the_program_is_asked_for(policy: Policy) -> None:
    effect = decide(change(Kind.CURSOR), BLANK, Resets(default=policy))
    assert (effect.action, reason_text(effect)) == (Action.NONE, "it has never synced, so no row is there")


def test_a_word_against_it_counts() -> None:
    refused = Resets(default=Policy.REFUSE)
    assert decide(change(Kind.CURSOR), BLANK, refused) == decide(change(Kind.CURSOR), FILLED, refused)


def test_what_the_server_does_by_itself_is_told_nevertheless() -> None:
    server = Resets(default=Policy.SERVER)
    assert decide(change(Kind.CURSOR), BLANK, server) == decide(change(Kind.CURSOR), FILLED, server)


@pytest.mark.parametrize(
    ("before", "after", "appends"),
    [
        ("incremental_append cursor=ts", "incremental_append_dedup cursor=ts key=id", False),
        ("incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts", True),
        ("incremental_append cursor=ts", None, True),
        (None, "incremental_append cursor=ts", True),
        ("full_refresh_overwrite", None, False),
    ],
)
def test_a_stream_appends_as_it_is_declared_now_or_was_when_it_left(
    before: str | None, after: str | None, appends: bool
) -> None:
    sides = [None if line is None else StreamSpec.parse(line) for line in (before, after)]
    kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.MODE
    effect = decide(Change(ChangeKey(EVENTS, kind), sides[0], sides[1], Detail(What.MODE)), FILLED, Resets())
    assert effect.appends is appends


def test_streams_that_come_and_go_are_the_tables_business() -> None:
    assert decide(change(Kind.ADDED), BLANK, Resets()) == decide(change(Kind.ADDED), FILLED, Resets())
    cleared = decide(change(Kind.REMOVED), BLANK, Resets(), OnRemove.CLEAR)
    assert cleared.action is Action.CLEAR


@pytest.mark.parametrize(
    "facts",
    [replace(BLANK, tables={EVENTS: Earlier(own=False)}), replace(BLANK, tables_known=False)],
    ids=["of another connection", "not known"],
)
def test_under_another_name_there_may_be_rows(facts: Facts) -> None:
    assert decide(change(Kind.TABLE_RENAMED), facts, Resets()).action is Action.BLOCK
    assert decide(change(Kind.CURSOR), facts, Resets()).action is Action.NONE


def test_a_table_that_another_connection_writes_is_not_cleared() -> None:
    facts = replace(FILLED, writers={EVENTS: ("other",)})
    cleared = decide(change(Kind.REMOVED), facts, Resets(), OnRemove.CLEAR)
    assert (cleared.action, cleared.reasons) == (Action.BLOCK, (Reason(Why.OTHERS_WRITE, ("other",)),))
    assert decide(change(Kind.REMOVED), facts, Resets(), OnRemove.KEEP).action is Action.NONE
    assert decide(change(Kind.REMOVED, USERS), facts, Resets(), OnRemove.CLEAR).action is Action.CLEAR
