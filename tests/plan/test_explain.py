"""A plan as a person reads it: a block a change, in lines that a terminal of 80 columns takes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.models import AirbyteStream, StreamDescriptor
from pulumi_airbyte_wb.plan import (
    Action,
    Facts,
    Obstacle,
    Operation,
    Plan,
    ServerDefault,
    build_plan,
    explain,
)
from pulumi_airbyte_wb.plan.approvals import approvals
from pulumi_airbyte_wb.plan.explain import blocking_codes, refusals
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import OnRemove, Policy, Resets, Wait, read_resets
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from tests.baselines import baseline

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
DEDUP, APPEND = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
OTHER_KEY, OTHER_CURSOR = DEDUP.replace("key=id", "key=n"), APPEND.replace("ts", "n")
BOTH_CHANGED = "incremental_append_dedup cursor=n key=id,region guarantees=cursor_monotonic"
CAN, CANNOT = Facts(can_refresh=True, tables_known=True), Facts(tables_known=True)


def declared(line: str | None = DEDUP, *, stream: StreamDescriptor = USERS, **other: Any) -> Baseline:
    streams = {} if line is None else {stream: StreamSpec.parse(line)}
    return baseline(**{"streams": streams, **other})


def told(before: Baseline, after: Baseline, facts: Facts = CAN) -> list[str]:
    return list(explain(build_plan(before, after, facts)))


def test_a_change_is_a_block_of_what_why_and_cost() -> None:
    plan = build_plan(declared(), declared(OTHER_KEY), CAN)
    assert list(explain(plan, {USERS: "about 6 records"})) == [
        "public.users: refresh, removing old records when it is done [AWB220]\n"
        "  key id => n\n"
        "  because rows written under the old key would never merge with the new\n"
        "    ones\n"
        "  about 6 records"
    ]


def test_the_cost_of_a_stream_is_told_once() -> None:
    plan = build_plan(declared(), declared(BOTH_CHANGED), CAN)
    blocks = list(explain(plan, {USERS: "about 6 records", EVENTS: "about 7 records"}))
    assert ["about 6 records" in block for block in blocks] == [True, False]
    assert [block.splitlines()[0] for block in blocks] == [
        "public.users: refresh, removing old records when it is done [AWB220]",
        "public.users: nothing to do [AWB210]",
    ]


def test_lines_fit_a_terminal_and_lose_nothing() -> None:
    blocks = told(declared(fields={"prefix": "raw_"}), declared(BOTH_CHANGED))
    assert all(len(line) <= 76 for block in blocks for line in block.splitlines())
    assert blocks[0].startswith("no longer managed [AWB103]\n  stays as it is: prefix 'raw_'")
    assert "rows merge by key, as the program guarantees that the new cursor grows" in " ".join(blocks[2].split())


@pytest.mark.parametrize(
    ("on_remove", "block"),
    [
        (OnRemove.CLEAR, "its table is cleared [AWB203]\n  removed\n  because the program says on_remove='clear'"),
        (
            OnRemove.KEEP,
            "nothing to do [AWB203]\n  removed\n"
            "  because its table stays as it is; deleting data needs explicit approval",
        ),
    ],
)
def test_a_stream_that_leaves(on_remove: OnRemove, block: str) -> None:
    assert told(declared(), declared(None, on_remove=on_remove)) == [f"public.users: {block}"]


def test_what_waits_for_the_activation_says_what_will_be_done() -> None:
    (block,) = told(declared(), declared(OTHER_KEY, fields={"status": "inactive"}))
    assert block.startswith(
        "public.users: deferred until the connection is active: refresh, removing old records when it is done [AWB220]"
    )


def test_the_work_is_told_in_its_order_where_there_is_more_than_one_step() -> None:
    blocks = told(declared(), declared(OTHER_KEY, resets=Resets(wait=Wait.FILLED)), CANNOT)
    assert blocks[-1] == ("in this order:\n  1. clear public.users\n  2. sync the connection, which fills public.users")
    assert "in this order" not in "".join(told(declared(), declared(OTHER_KEY)))


def test_a_name_breaks_no_line_and_turns_no_text_around() -> None:
    odd = StreamDescriptor("public", "a\nb\u202e (c + d")
    (block,) = told(declared(stream=odd), declared(OTHER_KEY.replace("key=n", 'key="x\u2066y"'), stream=odd))
    assert block.splitlines()[0] == (
        'public."a\\nb\\u202e (c + d": refresh, removing old records when it is done [AWB220]'
    )
    assert all(character.isprintable() or character == "\n" for character in block)


# ---- the connection as a whole ---------------------------------------------------------------------------------------


def test_what_stands_in_the_way_and_what_airbyte_would_do_are_blocks_too() -> None:
    plan = Plan(
        Operation.UPDATE,
        obstacles=(Obstacle(Code.CONNECTION_GONE, (), ("c-1",)),),
        server_default=ServerDefault(resynced=2, doubled=1),
    )
    default, obstacle = explain(plan)
    assert default == (
        "for comparison [AWB105]\n  Airbyte's own default would re-sync 2 streams and leave 1 stream with\n"
        "    doubled rows"
    )
    assert obstacle.startswith("blocked [AWB288]\n  connection c-1 was deleted outside this program")


def test_a_replacement() -> None:
    assert list(explain(Plan(Operation.REPLACE))) == [
        "replace [AWB290]\n  the connection is deleted, then created; every stream is synced from the\n    start"
    ]


@pytest.mark.parametrize("line", [DEDUP, APPEND])
@pytest.mark.parametrize("prefix", ["p_", None])
def test_what_is_equal_is_told_once(line: str, prefix: str | None) -> None:
    """300 streams that share a change, a blocked one too, fit on a screen."""
    names = [StreamDescriptor("public", f"table_{number:03}") for number in range(300)]
    other = line if prefix else line.replace("cursor=ts", "cursor=n")
    before = replace(declared(), spec=replace(declared().spec, streams={s: StreamSpec.parse(line) for s in names}))
    fields = {"prefix": prefix} if prefix else {}
    after = replace(
        declared(fields=fields),
        spec=replace(declared(fields=fields).spec, streams={s: StreamSpec.parse(other) for s in names}),
    )
    blocks = list(explain(build_plan(before, after, CAN)))
    lines = "\n".join(blocks).splitlines()
    assert len(lines) < 40
    assert max(map(len, lines)) <= 100
    first = next(block for block in blocks if block.startswith("300 streams"))
    assert first.startswith("300 streams (public.table_000, public.table_001, ")
    assert "and 288 more" in " ".join(first.split())


# ---- what is blocked -------------------------------------------------------------------------------------------------


def test_a_blocked_change_says_what_to_paste() -> None:
    (block,) = told(declared(APPEND), declared(OTHER_CURSOR))
    assert block.startswith("public.users: blocked [AWB210]\n  cursor ts => n\n")
    assert " ".join(block.split()).endswith(
        'choose: resets={"overrides": {"public.users": "reset"}} replaces the rows; or resets={"overrides": '
        '{"public.users": "skip"}} keeps the rows as they are'
    )


@pytest.mark.parametrize("name", ['a "b" c', "back\\slash", "line\nbreak", "x" * 300, "\u202eturned", "\U000e0001tag"])
def test_what_is_pasted_names_the_stream(name: str) -> None:
    stream = StreamDescriptor("public", name)
    plan = build_plan(declared(APPEND, stream=stream), declared(OTHER_CURSOR, stream=stream), CAN)
    (sentence,) = refusals(plan)
    pasted = sentence.partition("choose: resets=")[2].partition(" replaces the rows")[0]
    assert json.loads(pasted) == {"overrides": {stream.key: "reset"}}


@pytest.mark.parametrize(
    ("after", "way"),
    [
        (declared(OTHER_KEY, resets=Resets(default=Policy.REFUSE)), "take the 'refuse' out of resets"),
        (
            declared(None, on_remove=OnRemove.CLEAR, fields={"status": "active"}),
            "activate the connection in an update of its own before, or leave on_remove out",
        ),
    ],
)
def test_where_no_approval_helps_another_way_is_named(after: Baseline, way: str) -> None:
    plan = build_plan(declared(fields={"status": "inactive"}), after, CAN)
    (sentence,) = refusals(plan)
    assert sentence.endswith(f"to let it through: {way}")


def test_everything_that_blocks_is_told_in_a_sentence_and_by_its_code() -> None:
    plan = build_plan(declared(APPEND), declared(OTHER_CURSOR), CAN)
    assert plan.actions() == {USERS: Action.BLOCK}
    plan = Plan(Operation.UPDATE, effects=plan.effects, obstacles=(Obstacle(Code.PAUSED_BY_SCHEMA),))
    change, paused = refusals(plan)
    assert change.startswith("public.users: cursor ts => n: blocked [AWB210], because the source finds no position")
    assert paused.startswith("the server paused this connection")
    assert blocking_codes(plan) == "public.users [AWB210], [AWB295]"
    assert refusals(build_plan(declared(), declared(OTHER_KEY), CAN)) == []


OVERWRITE = "full_refresh_overwrite"


@pytest.mark.parametrize(
    ("before", "after", "head"),
    [
        (DEDUP, OVERWRITE, "the next sync replaces all rows [AWB230]"),
        (f"{DEDUP} fields=id,n,ts", f"{DEDUP} fields=id,ts", "the next sync drops 1 column and its values [AWB251]"),
        (
            f"{DEDUP} fields=a,b,id,ts",
            f"{DEDUP} fields=id,ts",
            "the next sync drops 2 columns and their values [AWB251]",
        ),
        ("full_refresh_append", APPEND, "the next sync reads it in full [AWB232]"),
        (DEDUP, f"{DEDUP} fields=*", "nothing to do [AWB250]"),
    ],
)
def test_what_the_next_sync_does_is_said_where_nothing_is_started(before: str, after: str, head: str) -> None:
    (block,) = told(declared(before), declared(after))
    assert block.splitlines()[0].startswith(f"public.users: {head}")


@pytest.mark.parametrize(
    ("before", "after", "code", "why"),
    [
        (APPEND, OVERWRITE, "AWB230", "older versions that the source no longer has are lost"),
        (
            f"{APPEND} fields=n,ts",
            f"{APPEND} fields=ts",
            "AWB251",
            "their values are lost, and those of older versions exist nowhere else",
        ),
    ],
)
def test_what_the_next_sync_would_lose_is_blocked_with_what_to_paste(
    before: str, after: str, code: str, why: str
) -> None:
    (block,) = told(declared(before), declared(after))
    text = " ".join(block.split())
    assert text.startswith(f"public.users: blocked [{code}]")
    assert why in text
    paste = f'{{"permits": ["public.users {code} once"]}}'
    assert text.endswith(f"choose: resets={paste} lets it happen")
    permits = read_resets(json.loads(paste), "resets")
    (allowed,) = told(declared(before), declared(after, resets=permits))
    assert "a permission of the program covers it; the next sync" in " ".join(allowed.split())
    assert allowed.startswith("public.users: the next sync")


@pytest.mark.parametrize("policy", [Policy.RESET, Policy.TRUNCATE, Policy.MERGE, Policy.CLEAR, Policy.SKIP])
@pytest.mark.parametrize(("before", "after"), [(APPEND, OVERWRITE), (f"{APPEND} fields=n,ts", f"{APPEND} fields=ts")])
def test_a_word_of_the_program_lets_it_happen_without_a_job(policy: Policy, before: str, after: str) -> None:
    (effect,) = build_plan(declared(before), declared(after, resets=Resets(default=policy)), CAN).effects
    assert effect.action is Action.NONE
    assert effect.unsafe is (policy is Policy.SKIP)
    (refused,) = build_plan(declared(before), declared(after, resets=Resets(default=Policy.REFUSE)), CAN).effects
    assert (refused.action, approvals(refused)) == (Action.BLOCK, [])


DROP = '{"type":"field-filtering","mapperConfiguration":{"targetField":"n"}}'


@pytest.mark.parametrize(
    ("before", "after", "columns", "number"),
    [
        (f"{DEDUP} fields=a,b,id,ts", f"{DEDUP} fields=id,ts", (), 2),
        (f"{DEDUP} fields=*", f"{DEDUP} fields=id,ts", ("id", "ts", "a", "b", "c"), 3),
        (f"{DEDUP} fields=*", f"{DEDUP} fields=id,ts", (), 1),
        (f"{DEDUP} fields=*", f"{DEDUP} fields=id,ts", ("id", "ts"), 1),
        (f"{DEDUP} mappers=[]", f"{DEDUP} mappers=[{DROP}]", (), 1),
    ],
)
def test_the_columns_that_go_are_counted(before: str, after: str, columns: tuple[str, ...], number: int) -> None:
    schema = {"properties": {column: {"type": "string"} for column in columns}}
    offer = AirbyteStream.model_validate({"name": "users", "namespace": "public", "jsonSchema": schema})
    facts = Facts(can_refresh=True, tables_known=True, offers={USERS: offer} if columns else {})
    (effect,) = build_plan(declared(before), declared(after), facts).effects
    assert (effect.code, effect.dropped) == ("AWB251", number)


def test_what_is_told_for_another_resource_already_is_not_repeated() -> None:
    plan, asked = build_plan(declared(), declared(OTHER_KEY), CAN), []

    def elsewhere(block: str) -> str:
        asked.append(block)
        return "crm\n"

    [whole], [short] = explain(plan), explain(plan, {USERS: "about 6 records"}, elsewhere)
    assert asked == [whole]
    assert short.splitlines() == [whole.splitlines()[0], "  as for crm\\n, whose lines say more", "  about 6 records"]
    assert list(explain(plan, None, lambda _block: "")) == [whole]
