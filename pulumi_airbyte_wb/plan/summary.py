"""The plans of one preview together, as one paragraph."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pulumi_airbyte_wb.plan.costs import Cost, total
from pulumi_airbyte_wb.plan.effects import Action, NextSync
from pulumi_airbyte_wb.plan.plan import Operation, Plan
from pulumi_airbyte_wb.plan.words import columns_text, visible
from pulumi_airbyte_wb.spec.changes import Kind

_DOES = {
    Action.MERGE: "re-synced, retaining records",
    Action.TRUNCATE: "re-synced, removing old records when that is done",
    Action.CLEAR: "cleared, and then filled by the next sync",
}
_LEAVES = "cleared"
_NEXT = {
    NextSync.REPLACES: "replaced",
    NextSync.READS_ALL: "filled in full",
    NextSync.RESUMES: "resumed",
}
_SHOWN = 20
_NAMED = 8
_WIDTH = 74


def summarize(plans: Mapping[str, Plan], costs: Sequence[Cost | None] = ()) -> str:
    """What a preview plans over all its resources, sorted; empty where it plans nothing of streams.

    Args:
        plans: the plans by resource.
        costs: what each stream that is re-synced costs, ``None`` where that is not known.
    """
    if not any(plan.effects or plan.refill for plan in plans.values()):
        return ""
    lines = [_line(does, streams) for does, streams in _by_deed(plans).items() if streams]
    if not lines:
        open_ends = any(plan.undecided or plan.operation is Operation.REPLACE for plan in plans.values())
        if open_ends or blocked(plans):
            return ""
        return " ".join(["No refresh or clear is started.", *_at_next_sync(plans.values())])
    known = [cost for cost in costs if cost is not None]
    if known:
        missing = len(costs) - len(known)
        lines.append(f"together: {total(known)}" + (f", and {missing} that no job has moved yet" if missing else ""))
    return "\n".join([*lines, *_at_next_sync(plans.values())])


def _by_deed(plans: Mapping[str, Plan]) -> dict[str, dict[str, list[str]]]:
    """What is done, with the streams that it is done to, each with the resources that have it."""
    found: dict[str, dict[str, list[str]]] = {does: {} for does in (*_DOES.values(), _LEAVES)}
    for name, plan in sorted(plans.items()):
        for stream, action in sorted(plan.actions().items(), key=lambda item: item[0].key):
            leaves = action is Action.CLEAR and plan.deciding(stream).kind is Kind.REMOVED
            if action in _DOES:
                deed = found[_LEAVES if leaves else _DOES[action]]
                deed.setdefault(visible(stream.key), []).append(visible(name))
    return found


def _at_next_sync(plans: Iterable[Plan]) -> Iterator[str]:
    """What the next syncs do because of what no job is started for, in one sentence."""
    tables: Counter[NextSync] = Counter()
    dropped = 0
    for plan in plans:
        for effects in plan.by_stream().values():
            if all(effect.outcome is Action.NONE for effect in effects):
                tables.update({effect.next_sync for effect in effects})
            if effects[0].action is not Action.BLOCK:
                dropped += sum(effect.dropped for effect in effects)
    told = [
        *(f"{_tables(tables[kind])} {does}" for kind, does in _NEXT.items() if tables[kind]),
        *([f"{columns_text(dropped)} dropped"] if dropped else ()),
    ]
    if told:
        yield f"Next sync: {', '.join(told)}."


def _tables(number: int) -> str:
    return "1 table" if number == 1 else f"{number} tables"


def blocked(plans: Mapping[str, Plan]) -> str:
    """The one sentence that ends a preview with a blocked plan; empty where none is blocked."""
    names = sorted(name for name, plan in plans.items() if plan.is_blocked)
    if not names:
        return ""
    listed = _some([visible(name) for name in names])
    number = "1 resource is" if len(names) == 1 else f"{len(names)} resources are"
    return (
        f"{number} blocked, so nothing can be updated: {listed}; the lines of each say why, and what would "
        "let it through"
    )


def _line(does: str, streams: Mapping[str, Sequence[str]]) -> str:
    """The streams that something is done to, each on a line, with the resources that have it."""
    counts = [len(names) for names in streams.values()]
    listed = [_of(stream, names) for stream, names in list(streams.items())[:_SHOWN]]
    rest = sum(counts[_SHOWN:])
    listed += [f"and {rest} more; the plan of each resource names all of its own"] if rest else []
    number = "1 stream is" if sum(counts) == 1 else f"{sum(counts)} streams are"
    return "\n  ".join([f"{number} {does}:", *listed])


def _of(stream: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{stream} of {names[0]}"
    told = f"{stream} of {len(names)} connections: {_some(names)}"
    return textwrap.fill(told, _WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _some(names: Sequence[str]) -> str:
    """Names in a sentence, of many the first."""
    return ", ".join([*names[:_NAMED], *([f"{len(names) - _NAMED} more"] if names[_NAMED:] else [])])
