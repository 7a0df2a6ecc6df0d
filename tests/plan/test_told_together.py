"""One stream never gets two verdicts that contradict each other, nor is a column told, or asked for, twice."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.models import AirbyteStream, StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Facts, Plan, Why, build_plan
from pulumi_airbyte_wb.plan.approvals import approvals
from pulumi_airbyte_wb.plan.words import reason_text
from pulumi_airbyte_wb.spec.resets import Policy, Resets, SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec
from tests.baselines import baseline

USERS = StreamDescriptor("public", "users")
DEDUP, APPEND = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
CAN, CANNOT = Facts(can_refresh=True, tables_known=True), Facts(tables_known=True)
NONE, MERGE, TRUNCATE, CLEAR, BLOCK = Action


def planned(
    before: str, after: str, *notes: str, away: tuple[str, ...] = (), facts: Facts = CAN, resets: Resets | None = None
) -> Plan:
    old = baseline(
        streams={USERS: StreamSpec.parse(before)},
        newer_schema={USERS: notes} if notes else {},
        dropped_columns={USERS: away} if away else {},
    )
    accept = SchemaChanges.ACCEPT if notes else SchemaChanges.KEEP
    new = baseline(streams={USERS: StreamSpec.parse(after)}, schema_changes=accept, resets=resets or Resets())
    return build_plan(old, new, facts)


def short(plan: Plan) -> list[tuple[str, Action, list[str]]]:
    return [(e.code.value, e.action, [item.name for item in e.detail.items]) for e in plan.effects]


def test_a_column_that_the_source_dropped_is_not_asked_for_when_the_program_drops_it_too() -> None:
    plan = planned(f"{APPEND} fields=a,ts", f"{APPEND} fields=ts", "gone a")
    assert short(plan) == [("AWB251", NONE, ["a"])]
    assert plan.effects[0].dropped == 1
    both = planned(f"{APPEND} fields=a,b,ts", f"{APPEND} fields=ts", "gone a")
    assert sorted(short(both)) == [("AWB251", NONE, ["a"]), ("AWB251", BLOCK, ["b"])]


def test_a_column_that_is_new_at_the_source_is_told_once_when_the_program_selects_it() -> None:
    plan = planned(f"{DEDUP} fields=id,ts", f"{DEDUP} fields=a,id,ts", "new a")
    assert short(plan) == [("AWB250", NONE, ["a"])]
    both = planned(f"{DEDUP} fields=id,ts", f"{DEDUP} fields=a,b,id,ts", "new a")
    assert sorted(short(both)) == [("AWB250", NONE, ["a"]), ("AWB250", NONE, ["b"])]


def test_a_column_that_is_back_is_not_told_as_one_that_fills_from_now_on() -> None:
    plan = planned(f"{DEDUP} fields=id,ts", f"{DEDUP} fields=a,id,ts", "new a", away=("a",))
    assert short(plan) == [("AWB271", TRUNCATE, ["a"])]


@pytest.mark.parametrize(
    ("before", "after", "facts", "filled"),
    [
        (f"{DEDUP} fields=id,ts", "incremental_append_dedup cursor=ts key=n fields=a,id,n,ts", CAN, True),
        (f"{DEDUP} fields=id,ts", "incremental_append_dedup cursor=ts key=n fields=a,id,n,ts", CANNOT, True),
        (f"{DEDUP} fields=id,ts", "full_refresh_overwrite fields=a,id,ts", CAN, True),
        (f"{DEDUP} fields=id,ts object=a", f"{DEDUP} fields=a,id,ts object=b", CAN, True),
        (f"{APPEND} fields=id,ts object=a", f"{APPEND} fields=a,id,ts object=b", CAN, False),
        (f"{DEDUP} fields=id,ts", f"{DEDUP} fields=a,id,ts", CAN, False),
        (f"{APPEND} fields=id,ts", "full_refresh_overwrite fields=a,id,ts", CAN, False),
    ],
)
def test_older_rows_lack_nothing_that_another_change_fills_in(
    before: str, after: str, facts: Facts, filled: bool
) -> None:
    (selected,) = [effect for effect in planned(before, after, facts=facts).effects if effect.code == "AWB250"]
    assert selected.has(Why.FILLED_ANYWAY) is filled
    assert ("in older rows it stays empty" in reason_text(selected)) is not filled


def test_what_a_wider_type_had_no_place_for_is_filled_in_too() -> None:
    plan = planned(DEDUP, "incremental_append_dedup cursor=ts key=n", "widened a integer => number")
    widened = next(effect for effect in plan.effects if effect.code == "AWB270")
    assert reason_text(widened).startswith("another change of this stream already re-syncs all rows")


@pytest.mark.parametrize(
    ("line", "note", "offer", "code"),
    [
        ("incremental_append_dedup key=id", "gone lsn", {"sourceDefinedCursor": True}, "AWB253"),
        ("incremental_append_dedup key=id", "gone lsn", {}, "AWB253"),
        ("incremental_append_dedup key=id", "gone other", {}, "AWB251"),
        ("incremental_append_dedup key=id", "widened lsn integer => string", {}, "AWB212"),
        ("incremental_append_dedup cursor=lsn", "gone id", {"sourceDefinedPrimaryKey": [["id"]]}, "AWB253"),
        ("incremental_append cursor=ts", "gone lsn", {}, "AWB251"),
        ("incremental_append cursor=ts", "gone lsn", {"sourceDefinedCursor": True}, "AWB253"),
    ],
)
def test_key_and_cursor_in_force_count_whoever_defines_them(
    line: str, note: str, offer: dict[str, object], code: str
) -> None:
    stream = AirbyteStream.model_validate(
        {"name": "users", "namespace": "public", "defaultCursorField": ["lsn"], **offer}
    )
    plan = planned(line, line, note, facts=Facts(can_refresh=True, tables_known=True, offers={USERS: stream}))
    assert [effect.code for effect in plan.effects] == [code]


def test_a_live_cursor_counts_before_what_the_source_proposes() -> None:
    live = {USERS: StreamSpec.parse("incremental_append_dedup cursor=seq key=no")}
    stream = AirbyteStream.model_validate({"name": "users", "namespace": "public", "defaultCursorField": ["lsn"]})
    facts = Facts(can_refresh=True, tables_known=True, offers={USERS: stream}, in_force=live)
    for note, code in (("gone seq", "AWB253"), ("gone no", "AWB253"), ("gone lsn", "AWB251")):
        plan = planned("incremental_append_dedup", "incremental_append_dedup", note, facts=facts)
        assert [effect.code for effect in plan.effects] == [code]


@pytest.mark.parametrize("resets", ["skip", "reset", "server", "merge"])
def test_nothing_lets_a_stream_through_whose_cursor_is_gone(resets: str) -> None:
    plan = planned(DEDUP, DEDUP, "gone ts", resets=Resets(default=Policy(resets)))
    assert short(plan) == [("AWB253", BLOCK, ["ts"])]
    assert approvals(plan.effects[0]) == []
    assert "declare another cursor or key, or a mode that needs none" in reason_text(plan.effects[0])
    without = planned(DEDUP, "full_refresh_overwrite", "gone ts")
    assert {effect.code: effect.action for effect in without.effects} == {"AWB230": NONE, "AWB251": NONE}
