"""The plans of one preview together, for a person who reads one paragraph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_airbyte_wb.plan.costs import Cost, total
from pulumi_airbyte_wb.plan.effects import Action
from pulumi_airbyte_wb.plan.plan import WHOLE, announced_actions

_DOES = {
    Action.MERGE: "read again beside the rows that are there",
    Action.TRUNCATE: "read again, and replaced when that is done",
    Action.CLEAR: "emptied, and then filled again",
}
_SHOWN = 20


def summarize(plans: Mapping[str, Mapping[str, str]], costs: Sequence[Cost | None] = ()) -> str:
    """What a preview announces over all its resources, sorted; empty where it announces nothing of streams.

    Args:
        plans: the announcements by resource, as ``Plan.announcement`` gave them.
        costs: what each stream that is read again costs, ``None`` where that is not known.
    """
    told = {name: plan for name, plan in plans.items() if plan.keys() - {WHOLE}}
    if not told:
        return ""
    emptied: list[str] = []
    by_action: dict[Action, list[str]] = {action: [] for action in _DOES}
    for name, plan in sorted(told.items()):
        for stream, action in sorted(announced_actions(plan).items()):
            if action in by_action and not plan[stream.key].startswith("AWB203 "):
                by_action[action].append(f"{stream} of {name}")
            elif action is Action.CLEAR:
                emptied.append(f"{stream} of {name}")
    lines = [_line(_DOES[action], streams) for action, streams in by_action.items() if streams]
    lines += [_line("emptied", emptied)] if emptied else []
    if not lines:
        open_ends = any(code in plan.get(WHOLE, "") for plan in plans.values() for code in ("AWB190", "AWB290"))
        return "" if open_ends else "No stream is read again, and none is emptied."
    known = [cost for cost in costs if cost is not None]
    if known:
        missing = len(costs) - len(known)
        lines.append(f"together: {total(known)}" + (f", and {missing} that no job has moved yet" if missing else ""))
    return "\n".join(lines)


def _line(does: str, streams: Sequence[str]) -> str:
    rest = len(streams) - _SHOWN
    listed = [*streams[:_SHOWN], *([f"and {rest} more; the plan of each resource names all of its own"] * (rest > 0))]
    number = "1 stream is" if len(streams) == 1 else f"{len(streams)} streams are"
    return "\n  ".join([f"{number} {does}:", *listed])
