"""The paragraph that a preview ends with, and the sentence about what is blocked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Obstacle, Operation, Plan, Refill
from pulumi_airbyte_wb.plan.costs import Cost
from pulumi_airbyte_wb.plan.effects import NextSync
from pulumi_airbyte_wb.plan.summary import blocked, summarize
from pulumi_airbyte_wb.spec.changes import ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code

COST = Cost(1000, 2000)


def effect(name: str, action: Action, kind: Kind = Kind.KEY) -> Effect:
    code = Code.REMOVED if kind is Kind.REMOVED else Code.KEY_CHANGED
    return Effect(ChangeKey(StreamDescriptor(None, name), kind), code, action, Detail(What.ADDED))


def plan(*effects: Effect, operation: Operation = Operation.UPDATE, **other: object) -> Plan:
    return Plan(operation, effects=effects, **other)  # type: ignore[arg-type]


GONE, KEEPS = effect("a", Action.CLEAR, Kind.REMOVED), effect("a", Action.NONE, Kind.REMOVED)
REPLACED = effect("a", Action.TRUNCATE)
NOTHING = "No refresh or clear is started."


@pytest.mark.parametrize(
    ("plans", "costs", "text"),
    [
        ({}, [], ""),
        ({"shop": plan(operation=Operation.ADOPT)}, [], ""),
        ({"shop": plan(KEEPS)}, [], NOTHING),
        ({"shop": plan(KEEPS), "crm": plan(operation=Operation.REPLACE)}, [], ""),
        ({"shop": plan(KEEPS), "crm": plan(undecided=("source_id",))}, [], ""),
        ({"shop": plan(KEEPS), "crm": plan(obstacles=(Obstacle(Code.PAUSED_BY_SCHEMA),))}, [], ""),
        ({"shop": plan(effect("a", Action.BLOCK))}, [], ""),
        (
            {
                "shop": plan(REPLACED, effect("b", Action.NONE)),
                "crm": plan(effect("c", Action.TRUNCATE)),
            },
            [COST, None],
            "2 streams are re-synced, removing old records when that is done:\n  c of crm\n  a of shop\n"
            "together: about 1.0 k records, 2.0 kB (by its jobs), and 1 that no job has moved yet",
        ),
        ({"shop": plan(GONE, effect("b", Action.BLOCK))}, [], "1 stream is cleared:\n  a of shop"),
        (
            {"shop": plan(effect("a", Action.MERGE), effect("b", Action.CLEAR), refill=Refill.SYNC)},
            [],
            "1 stream is re-synced, retaining records:\n  a of shop\n"
            "1 stream is cleared, and then filled by the next sync:\n  b of shop",
        ),
    ],
)
def test_the_paragraph(plans: dict[str, Plan], costs: list[Cost | None], text: str) -> None:
    assert summarize(plans, costs) == text


def later(name: str, next_sync: NextSync, dropped: int = 0, action: Action = Action.NONE) -> Effect:
    return replace(effect(name, action), next_sync=next_sync, dropped=dropped)


AS_BEFORE, REPLACES, DROPS, READS_ALL, RESUMES = NextSync


@pytest.mark.parametrize(
    ("effects", "text"),
    [
        ([later("a", AS_BEFORE)], NOTHING),
        ([later("a", REPLACES), later("b", DROPS, 2), later("c", DROPS, 1)],
         f"{NOTHING} Next sync: 1 table replaced, 3 columns dropped."),
        ([later("a", REPLACES), later("b", REPLACES)], f"{NOTHING} Next sync: 2 tables replaced."),
        ([later("a", REPLACES), later("a", REPLACES)], f"{NOTHING} Next sync: 1 table replaced."),
        ([later("a", DROPS, 1)], f"{NOTHING} Next sync: 1 column dropped."),
        ([later("a", READS_ALL), later("b", RESUMES)],
         f"{NOTHING} Next sync: 1 table filled in full, 1 table resumed."),
        ([later("a", REPLACES, action=Action.BLOCK)], ""),
        ([later("a", DROPS, 1, Action.BLOCK), later("b", REPLACES)], ""),
        ([effect("a", Action.TRUNCATE), later("a", DROPS, 2), later("a", READS_ALL), later("b", READS_ALL)],
         "1 stream is re-synced, removing old records when that is done:\n  a of shop\n"
         "Next sync: 1 table filled in full, 2 columns dropped."),
    ],
)  # fmt: skip
def test_what_the_next_sync_does_is_counted(effects: list[Effect], text: str) -> None:
    assert summarize({"shop": plan(*effects)}) == text


def test_what_is_deferred_is_not_done_by_the_next_sync() -> None:
    waiting = replace(effect("a", Action.NONE), deferred=Action.TRUNCATE)
    assert summarize({"shop": plan(waiting, later("a", READS_ALL))}) == NOTHING


def test_the_streams_are_sorted_by_resource_and_name() -> None:
    one, two = plan(effect("y", Action.TRUNCATE), effect("x", Action.TRUNCATE)), plan(effect("z", Action.TRUNCATE))
    assert summarize({"b": one, "a": two}).splitlines()[1:] == ["  z of a", "  x of b", "  y of b"]


@pytest.mark.parametrize("number", [20, 21, 100])
def test_of_many_streams_the_rest_is_counted_and_found_elsewhere(number: int) -> None:
    effects = [effect(f"s{index:03}", Action.TRUNCATE) for index in range(number)]
    head, *lines = summarize({"shop": plan(*effects)}).splitlines()
    assert head.startswith(f"{number} streams are re-synced")
    assert lines[:20] == [f"  s{index:03} of shop" for index in range(20)]
    rest = [] if number == 20 else [f"  and {number - 20} more; the plan of each resource names all of its own"]
    assert lines[20:] == rest


def test_one_stream_of_several_connections_is_told_once() -> None:
    both = plan(effect("users", Action.TRUNCATE), effect("orders", Action.TRUNCATE))
    plans = {f"shop{number}": both for number in range(10)} | {"crm": plan(effect("users", Action.TRUNCATE))}
    assert summarize(plans).splitlines() == [
        "21 streams are re-synced, removing old records when that is done:",
        "  users of 11 connections: crm, shop0, shop1, shop2, shop3, shop4, shop5,",
        "    shop6, 3 more",
        "  orders of 10 connections: shop0, shop1, shop2, shop3, shop4, shop5, shop6,",
        "    shop7, 2 more",
    ]


def test_what_is_not_shown_is_counted_by_its_streams() -> None:
    effects = [effect(f"s{index:03}", Action.TRUNCATE) for index in range(21)]
    lines = summarize({"crm": plan(*effects), "shop": plan(*effects)}).splitlines()
    assert lines[-1].startswith("  and 2 more;")


def test_a_name_stays_on_its_line() -> None:
    text = summarize({"shop\n1": plan(effect("a\nb\u202e", Action.TRUNCATE))})
    assert text.splitlines()[1:] == ['  "a\\nb\\u202e" of shop\\n1']


def test_what_is_blocked_ends_a_preview_in_one_sentence() -> None:
    stopped, paused = plan(effect("a", Action.BLOCK)), plan(obstacles=(Obstacle(Code.PAUSED_BY_SCHEMA),))
    assert blocked({"shop": plan(REPLACED)}) == ""
    assert blocked({"shop": stopped, "crm": plan(REPLACED)}).startswith("1 resource is blocked, so nothing can be")
    assert "2 resources are blocked, so nothing can be updated: crm, shop;" in blocked({"shop": stopped, "crm": paused})
    assert "s7, 2 more; the lines of each say why" in blocked({f"s{number}": stopped for number in range(10)})
