"""A plan as users read it: a block a change, its lines no wider than a terminal of 80 columns."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, assert_never

from pulumi_airbyte_wb.models import RefreshMode, StreamDescriptor
from pulumi_airbyte_wb.plan.approvals import approvals
from pulumi_airbyte_wb.plan.codec import HIDDEN
from pulumi_airbyte_wb.plan.effects import Action, Effect, Why
from pulumi_airbyte_wb.plan.obstacles import obstacle_text
from pulumi_airbyte_wb.plan.plan import Operation, Plan
from pulumi_airbyte_wb.plan.steps import (
    ClearStreams,
    CreateConnection,
    LetServerReset,
    RefreshStreams,
    SettleRunning,
    StartSync,
    Step,
    UpdateConnection,
    WaitForSync,
    steps,
)
from pulumi_airbyte_wb.plan.table import LOSING, UNKNOWN
from pulumi_airbyte_wb.plan.words import (
    MEANING,
    NOTED,
    REFILLED,
    change_text,
    default_text,
    escaped,
    next_sync_text,
    reason_text,
    visible,
)
from pulumi_airbyte_wb.spec.changes import Kind
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.fields import Value, shown_value
from pulumi_airbyte_wb.spec.resets import Policy, Running

_WIDTH = 74
_NAMED = 12
_WRITES = (CreateConnection, UpdateConnection)


def explain(
    plan: Plan,
    costs: Mapping[StreamDescriptor, str] | None = None,
    elsewhere: Callable[[str], str] = lambda _block: "",
) -> Iterator[str]:
    """The blocks of a plan: the connection as a whole, its streams, and the order of the work where that matters.

    Args:
        plan: what is told; the values of what is hidden in it are not.
        costs: what a re-sync will cost, by stream.
        elsewhere: answers the name of another resource for which a block was told already; a long one is not repeated.
    """
    for code, head, details in _whole(plan):
        yield _block(f"{head} [{code}]", details)
    for told, effects in _told(plan).items():
        details = [*told.details, *_choices_of(effects)]
        if told.noted:
            details.append(NOTED)
        costed = [costs[effect.stream] for effect in effects if costs and told.first and effect.stream in costs]
        head = f"{_subject(effects)}: {told.head} [{told.code}]"
        head = head if len(effects) == 1 else _wrapped(head)
        details = _unless_told(head, details, elsewhere)
        yield _block(head, [*details, *(costed if len(costed) == 1 else [])])
    order = [step_text(step) for step in steps(plan) if not isinstance(step, _WRITES)]
    if len(order) > 1:
        numbered = [f"{number}. {text}" for number, text in enumerate(order, 1)]
        yield _block("in this order:", _unless_told("in this order:", numbered, elsewhere))
    if plan.next_run is not None:
        for block in explain(plan.next_run):
            yield f"next `pulumi up`: {block}"
        yield next_text(plan)


def _unless_told(head: str, details: list[str], elsewhere: Callable[[str], str]) -> list[str]:
    """The details of a block; of an equal one of another resource, where they are to be found."""
    other = elsewhere(_block(head, details)) if len(details) > 1 else ""
    return [f"as for {visible(other)}, whose lines say more"] if other else details


class _Told(NamedTuple):
    """What is said of an effect, but for its stream."""

    head: str
    code: Code
    details: tuple[str, ...]
    choosable: bool
    noted: bool
    first: bool


def _told(plan: Plan) -> dict[_Told, list[Effect]]:
    """The effects by what is said of them, in the order of their streams: what is equal is told once."""
    grouped: dict[_Told, list[Effect]] = {}
    for _, effects in sorted(plan.by_stream().items(), key=lambda item: item[0].key):
        for index, effect in enumerate(effects):
            noted = index == 0 and plan.operation is Operation.UPDATE and _is_noted(effect)
            details = (change_text(effect), f"because {reason_text(effect)}")
            told = _Told(headline(effect), effect.code, details, bool(_choices(effect)), noted, index == 0)
            grouped.setdefault(told, []).append(effect)
    return grouped


def _subject(effects: Sequence[Effect]) -> str:
    """The streams of a block: one by its name, some by their number and the first names."""
    names = [visible(effect.stream.key) for effect in effects]
    return names[0] if len(names) == 1 else f"{len(names)} streams ({_some(names)})"


def _some(names: Sequence[str]) -> str:
    """Names in a sentence, of many the first."""
    rest = len(names) - _NAMED
    return ", ".join([*names[:_NAMED], *([f"and {rest} more"] if rest > 0 else [])])


def next_text(plan: Plan) -> str:
    """What the run after one that takes over will change, in one line."""
    later = plan.next_run or Plan(Operation.UPDATE)
    blocked = {effect.stream for effect in later.blocked()}
    changes = [*_field_changes(later), *later.undecided]
    changes += [
        f"{visible(stream.key)}{' (blocked)' if stream in blocked else ''}"
        for stream in sorted(later.by_stream(), key=lambda stream: stream.key)
    ]
    return f"the next `pulumi up` changes: {_some(changes)}" if changes else "the next `pulumi up` changes nothing"


def headline(effect: Effect) -> str:
    """What is done for a stream, in words."""
    if effect.deferred is not Action.NONE:
        return f"deferred until the connection is active: {MEANING[effect.deferred]}"
    if effect.kind is Kind.REMOVED and effect.action is Action.CLEAR:
        return "its table is cleared"
    if effect.action is Action.NONE and effect.next_sync:
        return next_sync_text(effect)
    return MEANING[effect.action]


def refusals(plan: Plan) -> list[str]:
    """Each thing that blocks a plan, in one sentence: why, and what would let it through."""
    blocked = [
        "; ".join([f"{_subject(effects)}: {told.details[0]}: blocked [{told.code}], {told.details[1]}",
                   *_choices_of(effects)])
        for told, effects in _told(plan).items() if effects[0].action is Action.BLOCK
    ]  # fmt: skip
    return [*blocked, *(obstacle_text(each) for each in plan.obstacles)]


def blocking_codes(plan: Plan) -> str:
    """What blocks a plan, by codes and streams."""
    by_code: dict[Code, list[str]] = {}
    for effect in plan.blocked():
        by_code.setdefault(effect.code, []).append(visible(effect.stream.key))
    parts = [f"{_some(names)} [{code}]" for code, names in by_code.items()]
    return ", ".join([*parts, *(f"[{obstacle.code}]" for obstacle in plan.obstacles)])


def step_text(step: Step) -> str:
    """A step of the work in words."""
    match step:
        case SettleRunning(running):
            return "cancel the sync that runs" if running is Running.CANCEL else "wait for the sync that runs"
        case ClearStreams(streams, leaving):
            return f"clear {_names(streams)}{', before they leave' if leaving else ''}"
        case CreateConnection():
            return "create the connection"
        case UpdateConnection():
            return "update the connection"
        case LetServerReset(streams):
            return f"leave {_names(streams)} to Airbyte, sent without skipReset"
        case RefreshStreams(mode, streams):
            means = Action.MERGE if mode is RefreshMode.MERGE else Action.TRUNCATE
            return f"{MEANING[means]}: {_names(streams)}"
        case StartSync(streams):
            return f"sync the connection, which fills {_names(streams)}"
        case WaitForSync():
            return "wait for the next sync, which fills the tables"
        case _:
            assert_never(step)


def _whole(plan: Plan) -> Iterator[tuple[Code, str, list[str]]]:
    subject = f"connection {plan.subject}" + (f" ({visible(plan.subject_name)!r})" if plan.subject_name else "")
    if plan.undecided:
        names, when = ", ".join(plan.undecided), "what happens to streams is decided during the update"
        if plan.operation is Operation.ATTACH:
            when = (
                "streams whose tables are free are added during the update; those whose tables were filled before, and "
                "those that the connection has otherwise, are left to the `pulumi up` after it"
            )
        yield Code.UNDECIDED, "undecided", [f"{names} not known yet; {when}"]
    if plan.operation is Operation.ADOPT:
        yield Code.ADOPTED, "adopt", [f"takes over {subject} as it is; nothing is sent in this run"]
    elif plan.operation is Operation.ATTACH and plan.subject:
        yield Code.ATTACHED, "attach", [f"declares streams of {subject}; what it has of them is taken over as it is"]
    elif plan.operation is Operation.REPLACE:
        yield (
            Code.REPLACED,
            "replace",
            ["the connection is deleted, then created; every stream is synced from the start"],
        )
    if plan.released or plan.released_streams:
        kept = [f"{name} {_shown(plan, name, value)}" for name, value in sorted(plan.released.items())]
        if plan.released_streams:
            kept.append(f"streams [{_some([visible(key) for key in plan.released_streams])}]")
        yield Code.RELEASED, "no longer managed", [f"stays as it is: {', '.join(kept)}"]
    if plan.refill is not None:
        yield Code.REFILL, "refill", [REFILLED[plan.refill]]
    if plan.server_default is not None:
        yield Code.AIRBYTE_DEFAULT, "for comparison", [default_text(plan.server_default)]
    for obstacle in plan.obstacles:
        yield obstacle.code, "blocked", [obstacle_text(obstacle)]


def _field_changes(plan: Plan) -> list[str]:
    return [
        f"{name} {_shown(plan, name, old)} => {_shown(plan, name, new)}"
        for name, (old, new) in sorted(plan.fields.items())
    ]


def _shown(plan: Plan, name: str, value: Value | None) -> str:
    return HIDDEN if name in plan.secret or value == HIDDEN else visible(shown_value(value))


def _choices(effect: Effect) -> list[str]:
    """What would let a blocked effect through, as something to paste."""
    if effect.action is not Action.BLOCK:
        return []
    if effect.overruled_by is Policy.REFUSE:
        return ["to let it through: take the 'refuse' out of resets"]
    if effect.has(Why.STILL_INACTIVE):
        return ["to let it through: activate the connection in an update of its own before, or leave on_remove out"]
    if effect.has(Why.LEGACY_UNMANAGED):
        return ["to let it through: declare the stream and approve it, or leave the other change out"]
    words = {
        Policy.RESET.value: "replaces the rows",
        Policy.SKIP.value: "keeps the rows as they are",
    }
    choices = []
    for approval in approvals(effect):
        entry = approval.get("overrides")
        if approval.get("permits") and effect.code in LOSING | UNKNOWN:
            written = json.dumps({"permits": [approval["permits"]]}, ensure_ascii=False)
            means = "lets it happen" if effect.code in LOSING else words[Policy.SKIP.value]
            choices.append(f"resets={escaped(written)} {means}")
        elif entry is not None:
            written = json.dumps({"overrides": {entry["stream"]: entry["policy"]}}, ensure_ascii=False)
            choices.append(f"resets={escaped(written)} {words[entry['policy']]}")
    return [f"choose: {'; or '.join(choices)}"] if choices else []


def _choices_of(effects: Sequence[Effect]) -> list[str]:
    """The choices of effects that are told once."""
    return [f"{text}{', and so for each' if len(effects) > 1 else ''}" for text in _choices(effects[0])]


def _is_noted(effect: Effect) -> bool:
    empties_new = effect.action is Action.CLEAR and effect.code is Code.TABLE_RENAMED_TO_FREE
    fills = effect.action is Action.MERGE or empties_new
    return fills and effect.appends and effect.overruled_by is not Policy.SERVER


def _names(streams: tuple[StreamDescriptor, ...]) -> str:
    return _some([visible(stream.key) for stream in streams])


def _block(head: str, details: list[str]) -> str:
    return "\n".join([head, *(_indented(detail) for detail in details if detail)])


def _wrapped(head: str) -> str:
    return textwrap.fill(head, _WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _indented(text: str) -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
