"""The short way for a connection that is declared as it is recorded, and of which nothing else is remembered.

Most resources of most runs are such. They are compared, and neither parsed nor looked up, and what reads plans and asks
servers is not imported. What the other resources of the run have to know of them is noted, and told once one of those
asks for the servers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.process import process
from pulumi_airbyte_wb.providers.shown import held_to_preview
from pulumi_airbyte_wb.spec.input_names import COMPUTED, CONTROL, DERIVED, LASTING, PLANNED, SECRET
from pulumi_airbyte_wb.state.record import CONTROL_KEY, unpack

Get = Callable[[str], object | None]
_RECORDED_TOO = frozenset({"server"})
_REMEMBERED = (*DERIVED, *SECRET, "adopt")


def kept(olds: Mapping[str, Any], news: Mapping[str, Any], get: Get) -> dict[str, Any] | None:
    """The inputs to keep where they are those in state; ``None`` where they have to be checked."""
    if not olds or _needs_more(olds) or _needs_more(news) or _declared(olds) != _declared(news):
        return None
    urn = str(news.get("resource_urn", ""))
    Console(urn).here()
    held_to_preview(urn, None)
    with process.lock:
        process.checked.add(urn)
        process.untold.append(lambda: _tell_check(news, get))
    return {name: value for name, value in news.items() if name not in {*DERIVED, PLANNED, "recorded"}}


def is_same(id_: str, olds: Mapping[str, Any], news: Mapping[str, Any], get: Get) -> bool:
    """Whether what is recorded is what is declared, as far as that is plain.

    Raises:
        PlanError: the record cannot be read.
    """
    if _needs_more(news):
        return False
    record = unpack(olds.get("recorded"))
    control = record.pop(CONTROL_KEY, None)
    if not isinstance(control, dict) or any(control.get(name) != news.get(name) for name in LASTING):
        return False
    recorded_control = {*CONTROL} - _RECORDED_TOO
    if record != {name: value for name, value in _declared(news).items() if name not in recorded_control}:
        return False
    with process.lock:
        process.checked.discard(str(news.get("resource_urn", "")))
        process.untold.append(lambda: _tell_diff(id_, news, get))
    return True


def _needs_more(inputs: Mapping[str, Any]) -> bool:
    """Whether something is declared, secret or remembered that takes more than a comparison."""
    resets = inputs.get("resets")
    permits = resets.get("permits") if isinstance(resets, Mapping) else resets
    return bool(permits) or any(inputs.get(name) for name in _REMEMBERED)


def _declared(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if name not in COMPUTED and name != "patterns"}


def _tell_check(news: Mapping[str, Any], get: Get) -> None:
    from pulumi_airbyte_wb.lifecycle.replacement import note_turn
    from pulumi_airbyte_wb.state.baseline import from_inputs

    spec = from_inputs(news, recorded=True).spec
    note_turn(process.sessions.get(get, spec.options.server), news, spec, in_state=True)


def _tell_diff(id_: str, news: Mapping[str, Any], get: Get) -> None:
    from pulumi_airbyte_wb.providers.base import claim, claim_connection
    from pulumi_airbyte_wb.state.baseline import from_inputs

    new = from_inputs(news, recorded=True)
    claim(id_, news, get)
    session = process.sessions.get(get, new.spec.options.server)
    claim_connection(session, id_, str(news.get("resource_urn", "")), new.spec, new.record(), moves=False)
