"""From a change to its effect: the decision table, then what the program says of the stream."""

from __future__ import annotations

from pulumi_airbyte_wb.plan.changes import Change, Kind
from pulumi_airbyte_wb.plan.effects import Action, Effect
from pulumi_airbyte_wb.plan.facts import Facts
from pulumi_airbyte_wb.plan.resets import OnRemove, Policy, Resets
from pulumi_airbyte_wb.plan.server_default import server_default
from pulumi_airbyte_wb.plan.table import FIRM, TABLE, replacing

_MEANS = {Policy.MERGE: Action.MERGE, Policy.TRUNCATE: Action.TRUNCATE, Policy.CLEAR: Action.CLEAR}


def decide(change: Change, facts: Facts, resets: Resets, on_remove: OnRemove = OnRemove.KEEP) -> Effect:
    """The effect of one change, by the table and by what the program says of the stream."""
    row, verdict = next(
        (row, verdict) for row in TABLE if row.kind is change.kind and (verdict := row.judge(change, facts)) is not None
    )
    because = f"{row.because}; {verdict.note}" if verdict.note else row.because
    action = verdict.action
    if _without_rows(change, facts) and resets.policy(change.stream) not in {Policy.SERVER, Policy.REFUSE}:
        action, because = Action.NONE, "it has never synced, so no row is there"
    elif change.kind is Kind.REMOVED:
        if on_remove is OnRemove.CLEAR:
            return Effect(change.stream, row.code, Action.CLEAR, change.what, "the program says on_remove='clear'")
    elif row.code in FIRM:
        if resets.policy(change.stream) is Policy.SKIP:
            action, because = Action.NONE, f"the program says 'skip', although {because}"
    elif resets.policy(change.stream) is Policy.SERVER and row.code != "AWB201":
        action, because = _by_server(change, facts, action, because)
    elif action is Action.REFUSE and resets.permitted(change.stream, row.code):
        action, because = replacing(facts), f"a permission of the program covers it; {because}"
    elif action is not Action.NONE:
        action, because = _by_policy(facts, resets.policy(change.stream), action, because)
    return Effect(change.stream, row.code, action, change.what, because)


def _without_rows(change: Change, facts: Facts) -> bool:
    """Whether a stream that stays has no rows yet, nor would find any under another name."""
    stays = change.kind not in {Kind.ADDED, Kind.REMOVED}
    finds_none = change.kind is not Kind.TABLE or (facts.tables_known and change.stream not in facts.tables)
    return change.stream in facts.blank and stays and finds_none


def _by_server(change: Change, facts: Facts, action: Action, because: str) -> tuple[Action, str]:
    default, does = server_default(change, facts)
    joined = "; as the table has it" if default is action else f", although the table says {action.word}"
    return default, f"the program says 'server': {does}{joined}: {because}"


def _by_policy(facts: Facts, policy: Policy, action: Action, because: str) -> tuple[Action, str]:
    if policy is Policy.SKIP:
        return Action.NONE, f"the program says 'skip', although {because}"
    if policy is Policy.REFUSE:
        return Action.REFUSE, f"the program says 'refuse'; {because}"
    means = _MEANS.get(policy, replacing(facts) if policy is Policy.RESET else None)
    if means is None:
        return action, because
    if means in {Action.MERGE, Action.TRUNCATE} and not facts.can_refresh:
        return Action.REFUSE, f"the program says {policy.value!r}, but this destination cannot refresh; {because}"
    return means, f"the program says {policy.value!r}; {because}"
