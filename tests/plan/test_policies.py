"""What the program says of a change, and what that makes of the table's answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Earlier, Effect, Facts, Why, build_plan
from pulumi_airbyte_wb.plan.approvals import approvals
from pulumi_airbyte_wb.plan.words import reason_text
from pulumi_airbyte_wb.spec.mappers import MASK
from pulumi_airbyte_wb.spec.parsing import parse_spec
from pulumi_airbyte_wb.spec.resets import OnRemove, Permit, Policy, Resets
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from tests.baselines import baseline

SOURCE = "20000000-0000-4000-8000-000000000001"
USERS = StreamDescriptor("public", "users")
DEDUP = "incremental_append_dedup cursor=updated_at key=id"
APPEND = "incremental_append cursor=updated_at"
REFRESH = Facts(can_refresh=True, tables_known=True)
NO_REFRESH = Facts(tables_known=True)
TAKEN = Facts(can_refresh=True, tables_known=True, tables={USERS: Earlier(own=False)})


def declared(line: str | None, **other: Any) -> Baseline:
    streams = {} if line is None else {USERS: StreamSpec.parse(line)}
    return baseline(streams=streams, **other)


def decided(before: str | None, after: str | None, facts: Facts = REFRESH, **other: Any) -> Effect:
    (effect,) = build_plan(declared(before), declared(after, **other), facts).effects
    return effect


def outcome(before: str | None, after: str | None, facts: Facts = REFRESH, **other: Any) -> tuple[str, Action]:
    effect = decided(before, after, facts, **other)
    return effect.code, effect.action


@pytest.mark.parametrize("policy", Policy)
def test_no_word_but_skip_lifts_a_block_that_no_re_sync_mends(policy: Policy) -> None:
    permitted = Resets(overrides={USERS: policy}, permits=frozenset({Permit(USERS.key, "AWB208", date.max)}))
    wanted = Action.NONE if policy is Policy.SKIP else Action.BLOCK
    assert outcome(None, "full_refresh_overwrite", TAKEN, resets=permitted) == ("AWB208", wanted)


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
    assert outcome(line, line.replace("updated_at", "modified_at"), resets=resets) == ("AWB210", action)


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
    parsed = parse_spec(inputs)
    assert parsed.problems == ()
    changed = APPEND.replace("updated_at", "modified_at")
    assert outcome(APPEND, changed, resets=parsed.spec.options.resets) == ("AWB210", action)


@pytest.mark.parametrize("policy", [Policy.MERGE, Policy.TRUNCATE])
def test_a_means_that_the_destination_lacks_is_blocked(policy: Policy) -> None:
    resets = Resets(default=policy)
    assert outcome(DEDUP, DEDUP.replace("key=id", "key=x"), NO_REFRESH, resets=resets) == ("AWB220", Action.BLOCK)


def test_a_removed_stream_is_cleared_by_word_only() -> None:
    assert outcome(DEDUP, None, on_remove=OnRemove.CLEAR) == ("AWB203", Action.CLEAR)


def test_a_permission_says_so_in_the_reason() -> None:
    permits = frozenset({Permit(USERS.key, "AWB210", date.max)})
    effect = decided(APPEND, APPEND.replace("updated_at", "modified_at"), resets=Resets(permits=permits))
    assert reason_text(effect).startswith("a permission of the program covers it; the source finds no position")
    assert effect.overruled_by is None


CHANGED = APPEND.replace("updated_at", "modified_at")


@pytest.mark.parametrize(
    ("permits", "spent", "words", "next_run"),
    [
        (("2020-01-01", "2021-02-03"), (), "has expired, it was valid until 2021-02-03 (UTC); the source", "once"),
        (("once",), ("once",), "the permission 'once' of the program was for one run and is used up", "once:2"),
        (("2021-02-03", "once", "once:2"), ("once", "once:2"), "the permission 'once:2' of the program was", "once:3"),
        (("once:x",), ("once:x",), "the permission 'once:x' of the program was", "once:2"),
    ],
)
def test_a_permission_that_is_over_is_named_as_such(
    permits: tuple[str, ...], spent: tuple[str, ...], words: str, next_run: str
) -> None:
    def read(lasts: tuple[str, ...]) -> Resets:
        given = {"permits": [f"public.users AWB210 {last}" for last in lasts]}
        return parse_spec({"source_id": SOURCE, "destination_id": SOURCE, "resets": given}).spec.options.resets

    effect = decided(APPEND, CHANGED, resets=replace(read(permits), spent=read(spent).permits))
    assert effect.action is Action.BLOCK
    assert words in reason_text(effect)
    assert reason_text(effect).endswith("every row would be appended a second time")
    assert approvals(effect) == [RESET, {"permits": f"public.users AWB210 {next_run}"}, SKIP]


def test_only_a_permission_for_what_is_blocked_is_named() -> None:
    over = frozenset({Permit(USERS.key, "AWB210", date(2020, 1, 1))})
    for permits in (over, over | {Permit(USERS.key, "AWB210", date.max)}):
        effect = decided(DEDUP, DEDUP.replace("updated_at", "x"), resets=Resets(permits=permits))
        assert not effect.has(Why.PERMIT_OVER)
    other = decided(APPEND, CHANGED, resets=Resets(permits=frozenset({Permit(USERS.key, "AWB220", None, "once")})))
    assert not other.has(Why.PERMIT_OVER)
    assert not other.has(Why.PERMIT_USED)


# ---- where the program overrules the table ---------------------------------------------------------------------------

OTHER_KEY = DEDUP.replace("key=id", "key=x")


@pytest.mark.parametrize(
    ("policy", "line", "after", "overruled", "unsafe"),
    [
        (Policy.AUTO, DEDUP, OTHER_KEY, None, False),
        (Policy.SKIP, DEDUP, OTHER_KEY, Policy.SKIP, True),
        (Policy.REFUSE, DEDUP, OTHER_KEY, Policy.REFUSE, False),
        (Policy.CLEAR, DEDUP, OTHER_KEY, None, False),
        (Policy.SERVER, DEDUP, OTHER_KEY, Policy.SERVER, True),
        (Policy.SKIP, DEDUP + " fields=*", DEDUP + " fields=id,updated_at", None, False),
    ],
)
def test_a_policy_that_leaves_rows_wrong_is_named(
    policy: Policy, line: str, after: str, overruled: Policy | None, unsafe: bool
) -> None:
    effect = decided(line, after, resets=Resets(default=policy))
    assert (effect.overruled_by, effect.unsafe) == (overruled, unsafe)
    assert effect.called_for is (Action.NONE if overruled is None else Action.TRUNCATE)


@pytest.mark.parametrize(("facts", "unsafe"), [(REFRESH, True), (NO_REFRESH, False)])
def test_what_airbyte_does_later_counts_as_done(facts: Facts, unsafe: bool) -> None:
    inactive = {"fields": {"status": "inactive"}, "resets": Resets(default=Policy.SERVER)}
    effect = decided(DEDUP, OTHER_KEY, facts, **inactive)
    assert (effect.action, effect.outcome) == (Action.NONE, Action.MERGE if facts is REFRESH else Action.CLEAR)
    assert effect.unsafe is unsafe
    assert ("although its rule says" in reason_text(effect)) is unsafe


# ---- what would let a blocked change through -------------------------------------------------------------------------

RESET, SKIP = ({"overrides": {"stream": "public.users", "policy": word}} for word in ("reset", "skip"))
OTHER_CURSOR = APPEND.replace("updated_at", "modified_at")
AES = '{"mapperConfiguration":{"algorithm":"AES","key":"00ff","targetField":"email"},"type":"encryption"}'
ENCRYPTED, UNTOLD = (f"{APPEND} mappers=[{text}]" for text in (AES, AES.replace("00ff", MASK)))


def test_a_blocked_change_names_what_would_let_it_through() -> None:
    assert approvals(decided(APPEND, OTHER_CURSOR)) == [RESET, {"permits": "public.users AWB210 once"}, SKIP]
    assert approvals(decided(None, "full_refresh_overwrite", TAKEN)) == [SKIP], "no re-sync mends it"
    assert approvals(decided(UNTOLD, ENCRYPTED)) == [{"permits": "public.users AWB263 once"}, RESET]


@pytest.mark.parametrize(
    ("before", "after", "actions"),
    [
        (APPEND, OTHER_CURSOR, [Action.TRUNCATE, Action.TRUNCATE, Action.NONE]),
        (UNTOLD, ENCRYPTED, [Action.NONE, Action.TRUNCATE]),
    ],
)
def test_the_choices_do_let_it_through(before: str, after: str, actions: list[Action]) -> None:
    for choice, action in zip(approvals(decided(before, after)), actions, strict=True):
        entry = choice.get("overrides")
        resets = {"overrides": {entry["stream"]: entry["policy"]}} if entry else {"permits": [choice["permits"]]}
        parsed = parse_spec({"source_id": SOURCE, "destination_id": SOURCE, "resets": resets})
        assert parsed.problems == ()
        assert outcome(before, after, resets=parsed.spec.options.resets)[1] is action


@pytest.mark.parametrize("resets", [Resets(default=Policy.REFUSE), Resets(default=Policy.TRUNCATE)])
def test_what_another_word_blocks_is_let_through_by_no_approval(resets: Resets) -> None:
    effect = decided(DEDUP, OTHER_KEY, NO_REFRESH, resets=resets)
    assert effect.action is Action.BLOCK
    assert approvals(effect) == []
