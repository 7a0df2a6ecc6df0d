"""What would let a blocked effect through, as fields of a program's ``resets``."""

from __future__ import annotations

from typing import Any

from pulumi_airbyte_wb.plan.effects import Effect, Why
from pulumi_airbyte_wb.plan.table import FIRM, IMPOSSIBLE, LOSING, UNKNOWN
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Policy

_ONE_AFTER_THE_OTHER = frozenset({Why.NEITHER_FIRST, Why.STILL_INACTIVE, Why.TOO_LATE_INACTIVE, Why.CANNOT_REFRESH})


def approvals(effect: Effect) -> list[dict[str, Any]]:
    """The choices, each as a part of ``resets``; none where only another declaration helps.

    A choice has ``overrides`` (the policy that approves, by stream), or ``permits`` (the permission, as it is written).
    """
    key = effect.stream.key
    if effect.overruled_by is Policy.REFUSE or any(effect.has(why) for why in _ONE_AFTER_THE_OTHER):
        return []
    if effect.code is Code.CLEARED_WITH_OTHERS and effect.has(Why.LEGACY_UNMANAGED):
        return []
    if effect.code in IMPOSSIBLE:
        return []
    skip = {"overrides": _entry(key, Policy.SKIP)}
    if effect.code in FIRM:
        return [skip]
    reset = {"overrides": _entry(key, Policy.RESET)}
    permit = {"permits": f"{key} {effect.code} {_run(effect)}"}
    if effect.code in LOSING:
        return [permit]
    if effect.code in UNKNOWN:
        return [permit, reset]
    return [reset, permit] if effect.code is Code.CLEARED_WITH_OTHERS else [reset, permit, skip]


def _run(effect: Effect) -> str:
    """The word of a permission for one run that no run has used yet."""
    used = next((reason.names[0] for reason in effect.reasons if reason.why is Why.PERMIT_USED and reason.names), "")
    number = used.partition(":")[2]
    return f"once:{int(number) + 1 if number.isdecimal() else 2}" if used else "once"


def _entry(key: str, policy: Policy) -> dict[str, str]:
    return {"stream": key, "policy": policy.value}
