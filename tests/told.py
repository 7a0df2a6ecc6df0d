"""Plans in the short form in which tests compare them: one text a stream, and one for the connection, under ``*``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_airbyte_wb.plan import Action, Effect, Plan, decode
from pulumi_airbyte_wb.plan.explain import _whole
from pulumi_airbyte_wb.plan.words import MEANING, change_text, reason_text
from pulumi_airbyte_wb.spec.codes import Code


def told(planned: Plan | Mapping[str, Any] | None) -> dict[str, str]:
    """The texts of a plan, or of a ``planned`` input: ``AWB220 truncate: key id => id,region (because …)``.

    What only the next run does is under ``next public.users``.
    """
    plan = planned if isinstance(planned, Plan) else decode(planned)
    lines = {}
    whole = [
        f"{code} {head}: {' '.join(details)}"
        for code, head, details in _whole(plan)
        if code is not Code.AIRBYTE_DEFAULT
    ]
    if whole:
        lines["*"] = " + ".join(whole)
    for stream, effects in plan.by_stream().items():
        lines[stream.key] = " + ".join(_effect(effect) for effect in effects)
    if plan.next_run is not None:
        lines |= {f"next {name}": text for name, text in told(plan.next_run).items()}
    return dict(sorted(lines.items()))


def _effect(effect: Effect) -> str:
    if effect.deferred is not Action.NONE:
        return (
            f"deferred {effect.deferred.word}: {change_text(effect)} (until the connection is active: "
            f"{MEANING[effect.deferred]}, {reason_text(effect)} [{effect.code}])"
        )
    return f"{effect.code} {effect.action.word}: {change_text(effect)} ({reason_text(effect)})"
