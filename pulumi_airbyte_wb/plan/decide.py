"""From a change to its effect: the decision table, then what the program says of the stream."""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.plan.effects import Action, Effect, NextSync, Reason, Verdict, Why, because
from pulumi_airbyte_wb.plan.facts import Facts
from pulumi_airbyte_wb.plan.table import FIRM, IMPOSSIBLE, LOSING, TABLE, UNKNOWN, replacing
from pulumi_airbyte_wb.spec.changes import Change, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import OnRemove, Policy, Resets

_MEANS = {Policy.MERGE: Action.MERGE, Policy.TRUNCATE: Action.TRUNCATE, Policy.CLEAR: Action.CLEAR}


def decide(change: Change, facts: Facts, resets: Resets, on_remove: OnRemove = OnRemove.KEEP) -> Effect:
    """The effect of one change, by the table and by what the program says of the stream."""
    row, verdict = next(
        (row, verdict) for row in TABLE if row.kind is change.kind and (verdict := row.judge(change, facts)) is not None
    )
    effect = _named(_effect(change, facts, row.code, verdict), facts)
    policy = resets.policy(change.stream)
    if row.code in IMPOSSIBLE:
        return effect
    if _without_rows(change, facts) and policy not in {Policy.SERVER, Policy.REFUSE}:
        nothing = because(Why.NEVER_SYNCED)
        return replace(effect, action=Action.NONE, reasons=nothing, next_sync=NextSync.AS_BEFORE, dropped=0)
    if change.kind is Kind.REMOVED:
        if on_remove is OnRemove.CLEAR and change.stream in facts.writers:
            return replace(effect, action=Action.BLOCK, reasons=because(Why.OTHERS_WRITE, facts.writers[change.stream]))
        if on_remove is OnRemove.CLEAR:
            return replace(effect, action=Action.CLEAR, reasons=because(Why.SAYS_CLEAR))
        return effect
    if row.code in FIRM:
        return skipped(effect) if policy is Policy.SKIP else effect
    if policy is Policy.SERVER and row.code is not Code.ADDED_TO_FREE_TABLE:
        return by_server(effect, facts)
    if effect.action is Action.BLOCK:
        if resets.permitted(change.stream, row.code):
            action = Action.NONE if row.code in LOSING | UNKNOWN else replacing(facts)
            return replace(effect, action=action, reasons=because(Why.PERMITTED, (), *effect.reasons))
        effect = _with_lapsed(effect, resets)
    return effect if effect.action is Action.NONE else _by_policy(effect, facts, policy)


def _effect(change: Change, facts: Facts, code: Code, verdict: Verdict) -> Effect:
    """The effect by the table alone; what would be lost for good is blocked."""
    notes = (*verdict.notes, *([verdict.loses] if verdict.loses else ()))
    spec = change.after or change.before
    return Effect(
        change.key,
        code,
        Action.BLOCK if verdict.loses else verdict.action,
        change.detail,
        (Reason(Why.ROW), *(Reason(note) for note in notes)),
        appends=spec is not None and not (spec.mode.dedup or spec.mode.overwrites),
        next_sync=verdict.next_sync,
        dropped=_dropped(change, facts) if verdict.next_sync is NextSync.DROPS else 0,
    )


def _dropped(change: Change, facts: Facts) -> int:
    """How many columns the next sync drops; one at least where the source's are not known."""
    names = {item.name for item in change.detail.items}
    if change.detail.what is What.MAPPER_ADDED:
        return 1
    if change.detail.what is not What.ALL_DESELECTED_BUT:
        return len(names)
    offer = facts.offers.get(change.stream)
    return max(len(offer.columns.keys() - names) if offer else 0, 1)


def _with_lapsed(effect: Effect, resets: Resets) -> Effect:
    """The effect, its reason beginning with the permission for it that holds no longer."""
    lapsed = resets.lapsed(effect.stream, effect.code)
    if lapsed is None:
        return effect
    why, name = (Why.PERMIT_USED, lapsed.run) if lapsed.until is None else (Why.PERMIT_OVER, str(lapsed.until))
    return replace(effect, reasons=because(why, (name,), *effect.reasons))


def _named(effect: Effect, facts: Facts) -> Effect:
    """A blocked effect with the names of those that write the table."""
    earlier = facts.tables.get(effect.stream)
    if effect.action is not Action.BLOCK or effect.kind not in {Kind.ADDED, Kind.TABLE_RENAMED} or earlier is None:
        return effect
    if earlier.duplicate:
        return replace(effect, reasons=because(Why.WRITTEN_BY_DUPLICATE, (earlier.duplicate,), *effect.reasons))
    return (
        replace(effect, reasons=because(Why.WRITTEN_BY, earlier.writers, *effect.reasons))
        if earlier.writers
        else effect
    )


def skipped(effect: Effect) -> Effect:
    """The effect where the program says ``skip``."""
    reasons = because(Why.SAYS_SKIP, (), *effect.reasons)
    return _overruled(effect, Policy.SKIP, Action.NONE, reasons)


def refused(effect: Effect) -> Effect:
    """The effect where the program says ``refuse``."""
    reasons = because(Why.SAYS_REFUSE, (), *effect.reasons)
    return _overruled(effect, Policy.REFUSE, Action.BLOCK, reasons)


def by_server(effect: Effect, facts: Facts) -> Effect:
    """The effect where the program leaves the change to Airbyte, which resets the stream or does nothing about it.

    Servers from 0.62.2 on refresh where the destination can, and keep the old rows; else they clear the stream, and its
    table stays empty until the next sync. Where it is not known whether this server resets the stream, it does.
    """
    reset = facts.server_resets is None or effect.stream in facts.server_resets
    default = resetting(facts) if reset else Action.NONE
    reasons = because(Why.SAYS_SERVER, (), *effect.reasons)
    return _overruled(effect, Policy.SERVER, default, reasons)


def _overruled(effect: Effect, policy: Policy, action: Action, reasons: tuple[Reason, ...]) -> Effect:
    return replace(effect, action=action, reasons=reasons, overruled_by=policy, called_for=effect.action)


def resetting(facts: Facts) -> Action:
    """What Airbyte itself does to a stream that it resets."""
    return Action.MERGE if facts.can_refresh else Action.CLEAR


def _without_rows(change: Change, facts: Facts) -> bool:
    """Whether a stream that stays has no rows yet, nor would find any under another name."""
    stays = change.kind not in {Kind.ADDED, Kind.REMOVED}
    finds_none = change.kind is not Kind.TABLE_RENAMED or (facts.tables_known and change.stream not in facts.tables)
    return change.stream in facts.blank and stays and finds_none


def _by_policy(effect: Effect, facts: Facts, policy: Policy) -> Effect:
    if policy is Policy.SKIP:
        return skipped(effect)
    if policy is Policy.REFUSE:
        return refused(effect)
    means = _MEANS.get(policy, replacing(facts) if policy is Policy.RESET else None)
    if means is None:
        return effect
    if effect.code in LOSING:
        # The next sync replaces the rows, or drops the columns: no means is needed for what they approve of.
        return replace(effect, action=Action.NONE, reasons=because(Why.SAYS_MEANS, (policy.value,), *effect.reasons))
    if means in {Action.MERGE, Action.TRUNCATE} and not facts.can_refresh:
        reasons = because(Why.CANNOT_REFRESH, (policy.value,), *effect.reasons)
        return replace(effect, action=Action.BLOCK, reasons=reasons)
    return replace(effect, action=means, reasons=because(Why.SAYS_MEANS, (policy.value,), *effect.reasons))
