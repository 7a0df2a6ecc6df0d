"""Re-syncs that cannot follow one another: a table of another type fails every job until it is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Facts, Plan, build_plan
from pulumi_airbyte_wb.plan.words import reason_text
from pulumi_airbyte_wb.spec.resets import Loading, Policy, Resets, SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec
from tests.baselines import baseline

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
DEDUP, APPEND = "incremental_append_dedup cursor=at key=id", "incremental_append cursor=at"
FACTS = Facts(can_refresh=True, tables_known=True)
RETYPED = "retyped name string => integer"


def planned(
    users: Policy,
    events: Policy,
    *,
    line: str = APPEND,
    notes: Mapping[StreamDescriptor, tuple[str, ...]] | None = None,
    prefix: str = "",
    facts: Facts = FACTS,
) -> Plan:
    """The column type of users changes, the cursor of events, and perhaps the prefix."""
    streams = {USERS: StreamSpec.parse(DEDUP), EVENTS: StreamSpec.parse(line)}
    resets = Resets(overrides={USERS: users, EVENTS: events})
    was = {USERS: streams[USERS], EVENTS: StreamSpec.parse(line.replace("cursor=at", "cursor=other"))}
    before = baseline(
        fields={"prefix": ""}, streams=was, newer_schema={USERS: (RETYPED,)} if notes is None else notes, resets=resets
    )
    after = baseline(fields={"prefix": prefix}, streams=streams, resets=resets, schema_changes=SchemaChanges.ACCEPT)
    return build_plan(before, after, facts)


def actions(plan: Plan) -> dict[str, list[Action]]:
    found: dict[str, list[Action]] = {}
    for effect in plan.effects:
        found.setdefault(effect.stream.name, []).append(effect.action)
    return found


@pytest.mark.parametrize("users", [Policy.TRUNCATE, Policy.AUTO])
def test_rows_that_are_appended_once_more_would_have_to_come_first(users: Policy) -> None:
    plan = planned(users, Policy.MERGE)
    assert actions(plan) == {"events": [Action.BLOCK], "users": [Action.TRUNCATE]}
    (refused,) = plan.blocked()
    assert reason_text(refused).startswith(
        "in the same update public.users is re-synced for a new column type, and neither job can run"
    )


@pytest.mark.parametrize("events", [Policy.TRUNCATE, Policy.CLEAR])
@pytest.mark.parametrize("users", [Policy.TRUNCATE, Policy.CLEAR])
def test_what_replaces_rows_may_come_after_it(users: Policy, events: Policy) -> None:
    as_asked = {Policy.TRUNCATE: Action.TRUNCATE, Policy.CLEAR: Action.CLEAR}
    assert actions(planned(users, events)) == {"events": [as_asked[events]], "users": [as_asked[users]]}


def test_a_table_that_is_cleared_at_once_may_be_followed_by_a_merge() -> None:
    assert actions(planned(Policy.CLEAR, Policy.MERGE)) == {"events": [Action.MERGE], "users": [Action.CLEAR]}


def test_what_merges_by_a_key_comes_last_anyway() -> None:
    assert actions(planned(Policy.AUTO, Policy.MERGE, line=DEDUP))["events"] == [Action.MERGE]


def test_two_ways_for_two_types_are_one_too_many() -> None:
    both = {USERS: (RETYPED,), EVENTS: ("retyped kind string => integer",)}
    plan = planned(Policy.TRUNCATE, Policy.CLEAR, line=DEDUP, notes=both)
    assert actions(plan)["users"] == [Action.TRUNCATE]
    assert set(actions(plan)["events"]) == {Action.BLOCK}
    plan = planned(Policy.TRUNCATE, Policy.TRUNCATE, line=DEDUP, notes=both)
    assert set(actions(plan)["events"]) == {Action.TRUNCATE}


def test_where_no_job_fails_nothing_is_blocked() -> None:
    typing = replace(FACTS, loading=Loading.TYPING_DEDUPING)
    assert not planned(Policy.TRUNCATE, Policy.MERGE, facts=typing).blocked()
    assert not planned(Policy.TRUNCATE, Policy.MERGE, notes={}).blocked()


def test_a_new_table_has_no_old_type() -> None:
    plan = planned(Policy.TRUNCATE, Policy.MERGE, prefix="new_")
    assert not [effect for effect in plan.blocked() if "another type" in reason_text(effect)]
