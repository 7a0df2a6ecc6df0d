"""The one writer and reader of the ``planned`` input: codes and parameters, no sentences.

The engine shows the input (``preview --diff``), hands it to policy packs, freezes it (``--save-plan``) and gives it
back to the update. So it is made of plain mappings with fixed names, lists and texts: a key that begins with ``__``
would vanish on the way, and half of a surrogate pair, or a NUL, would break the wire. Secret values are left out
here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.approvals import approvals
from pulumi_airbyte_wb.plan.effects import Action, Effect, NextSync, Reason, Why
from pulumi_airbyte_wb.plan.plan import Obstacle, Operation, Plan, Refill, ServerDefault
from pulumi_airbyte_wb.spec.changes import ChangeKey, Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.fields import Value
from pulumi_airbyte_wb.spec.input_names import PLANNED
from pulumi_airbyte_wb.spec.resets import Policy, Running, Wait

HIDDEN = "[secret]"
"""What stands for a secret value."""

_HEX = 4


def encode(plan: Plan) -> dict[str, Any]:
    """The plan as the engine keeps it; empty where it has nothing to tell."""
    return {} if plan.silent else _encoded(plan)


def _encoded(plan: Plan) -> dict[str, Any]:
    encoded: dict[str, Any] = {"operation": plan.operation.value}
    optional = {
        "subject": plan.subject,
        "subject_name": _text(plan.subject_name),
        "effects": [_effect(effect) for effect in plan.effects],
        "fields": [_field(name, old, new, plan) for name, (old, new) in sorted(plan.fields.items())],
        "released": [_released(name, value, plan) for name, value in sorted(plan.released.items())],
        "released_streams": [_text(key) for key in plan.released_streams],
        "refill": plan.refill.value if plan.refill else "",
        "running": "" if plan.running is Running.LEAVE else plan.running.value,
        "wait": "" if plan.wait is Wait.ACCEPTED else plan.wait.value,
        "paused": plan.paused,
        "undecided": list(plan.undecided),
        "obstacles": [_obstacle(each) for each in plan.obstacles],
        "server_default": asdict(plan.server_default) if plan.server_default else {},
        "next_run": _encoded(plan.next_run) if plan.next_run else {},
    }
    return encoded | {name: value for name, value in optional.items() if value}


def decode(planned: object) -> Plan:
    """The plan that ``encode`` was given, without what it left out; an update without effects for nothing.

    Raises:
        PlanError: it is something else.
    """
    if not planned:
        return Plan(Operation.UPDATE)
    try:
        return _decoded(planned)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PlanError(
            "the 'planned' input of this resource cannot be read: run `pulumi preview` again, with the same version of "
            "pulumi_airbyte_wb as the update"
        ) from None


def planned_of(inputs: Mapping[str, Any]) -> Plan:
    """The plan among a resource's inputs."""
    return decode(inputs.get(PLANNED))


def _decoded(given: Any) -> Plan:
    default = given.get("server_default")
    return Plan(
        Operation(given["operation"]),
        given.get("subject", ""),
        _plain(given.get("subject_name", "")),
        effects=tuple(_read_effect(each) for each in given.get("effects", ())),
        fields={each["name"]: (_read(each.get("before")), _known(each["after"])) for each in given.get("fields", ())},
        released={each["name"]: _known(each["value"]) for each in given.get("released", ())},
        released_streams=tuple(_plain(key) for key in given.get("released_streams", ())),
        refill=Refill(given["refill"]) if given.get("refill") else None,
        running=Running(given.get("running", Running.LEAVE.value)),
        wait=Wait(given.get("wait", Wait.ACCEPTED.value)),
        paused=bool(given.get("paused", False)),
        undecided=tuple(given.get("undecided", ())),
        obstacles=tuple(_read_obstacle(each) for each in given.get("obstacles", ())),
        server_default=ServerDefault(**{name: int(number) for name, number in default.items()}) if default else None,
        next_run=_decoded(given["next_run"]) if given.get("next_run") else None,
    )


def _effect(effect: Effect) -> dict[str, Any]:
    hidden = effect.hidden
    optional = {
        "items": [] if hidden else [_item(item) for item in effect.detail.items],
        "before": "" if hidden else effect.key.before,
        "after": "" if hidden else effect.key.after,
        "appends": effect.appends,
        "hidden": hidden,
        "deferred": effect.deferred.word if effect.deferred is not Action.NONE else "",
        "overruled_by": effect.overruled_by.value if effect.overruled_by else "",
        "called_for": effect.called_for.word if effect.called_for is not Action.NONE else "",
        "next_sync": effect.next_sync.value,
        "dropped": effect.dropped,
        "approvals": approvals(effect) if effect.action is Action.BLOCK else [],
    }
    return {
        "stream": _text(effect.stream.key),
        "code": effect.code.value,
        "action": effect.action.word,
        "kind": effect.kind.name.lower(),
        "what": effect.detail.what.value,
        "reasons": [_reason(reason) for reason in effect.reasons],
    } | {name: value for name, value in optional.items() if value}


def _read_effect(given: Any) -> Effect:
    key = ChangeKey(
        StreamDescriptor.parse(_plain(given["stream"])),
        Kind[given["kind"].upper()],
        given.get("before", ""),
        given.get("after", ""),
    )
    items = tuple(_read_item(item) for item in given.get("items", ()))
    return Effect(
        key,
        Code(given["code"]),
        Action[given["action"].upper()],
        Detail(What(given["what"]), items),
        tuple(_read_reason(reason) for reason in given["reasons"]),
        bool(given.get("appends", False)),
        bool(given.get("hidden", False)),
        Action[given.get("deferred", "none").upper()],
        Policy(given["overruled_by"]) if given.get("overruled_by") else None,
        Action[given.get("called_for", "none").upper()],
        NextSync(given.get("next_sync", "")),
        int(given.get("dropped", 0)),
    )


def shown_only(plan: Plan) -> Plan:
    """The plan without what ``encode`` leaves out: what its reader gets."""
    effects = tuple(
        replace(
            effect,
            key=replace(effect.key, before="", after=""),
            detail=replace(effect.detail, items=()),
        )
        if effect.hidden
        else effect
        for effect in plan.effects
    )
    fields = {
        name: (HIDDEN if old is not None else None, HIDDEN) if name in plan.secret else (old, new)
        for name, (old, new) in plan.fields.items()
    }
    released = {name: HIDDEN if name in plan.secret else value for name, value in plan.released.items()}
    next_run = shown_only(plan.next_run) if plan.next_run else None
    return replace(plan, effects=effects, fields=fields, released=released, next_run=next_run)


def _reason(reason: Reason) -> Any:
    """A reason by its word alone, where no name stands in it."""
    if not reason.names:
        return reason.why.value
    return {"why": reason.why.value, "names": [_text(name) for name in reason.names]}


def _read_reason(given: Any) -> Reason:
    if isinstance(given, str):
        return Reason(Why(given))
    return Reason(Why(given["why"]), tuple(_plain(name) for name in given["names"]))


def _item(item: Item) -> dict[str, str]:
    parts = {"name": item.name or None, "before": item.before, "after": item.after}
    return {name: _text(value) for name, value in parts.items() if value is not None}


def _read_item(given: Any) -> Item:
    before, after = (None if given.get(name) is None else _plain(given[name]) for name in ("before", "after"))
    return Item(_plain(given.get("name", "")), before, after)


def _obstacle(obstacle: Obstacle) -> dict[str, Any]:
    lists = {"streams": obstacle.streams, "names": obstacle.names}
    return {"code": obstacle.code.value} | {
        name: [_text(each) for each in values] for name, values in lists.items() if values
    }


def _read_obstacle(given: Any) -> Obstacle:
    streams, names = (tuple(_plain(each) for each in given.get(name, ())) for name in ("streams", "names"))
    return Obstacle(Code(given["code"]), streams, names)


def _field(name: str, before: Value | None, after: Value, plan: Plan) -> dict[str, Any]:
    secret = name in plan.secret
    old = {} if before is None else {"before": HIDDEN if secret else _value(before)}
    return {"name": name, **old, "after": HIDDEN if secret else _value(after)}


def _released(name: str, value: Value, plan: Plan) -> dict[str, Any]:
    return {"name": name, "value": HIDDEN if name in plan.secret else _value(value)}


def _value(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {"entries": [{"name": _text(name), "value": _text(each)} for name, each in sorted(value.items())]}
    if isinstance(value, tuple):
        return [_text(each) for each in value]
    return _text(value) if isinstance(value, str) else value


def _read(given: Any) -> Value | None:
    return None if given is None else _known(given)


def _known(given: Any) -> Value:
    if isinstance(given, Mapping):
        return {_plain(entry["name"]): _plain(entry["value"]) for entry in given["entries"]}
    if isinstance(given, str):
        return _plain(given)
    if isinstance(given, Sequence):
        return tuple(_plain(each) for each in given)
    return bool(given)


def _text(text: str) -> str:
    """A text that the wire takes: names stand as they are, but for a backslash, a NUL and half of a surrogate pair."""
    if "\\" not in text and "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text):
        return text
    return "".join(
        f"\\u{ord(letter):0{_HEX}x}" if letter in "\\\0" or "\ud800" <= letter <= "\udfff" else letter
        for letter in text
    )


def _plain(text: str) -> str:
    first, *rest = text.split("\\u")
    return first + "".join(chr(int(part[:_HEX], 16)) + part[_HEX:] for part in rest)
