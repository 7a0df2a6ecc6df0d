"""Values as the engine hands them over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from pulumi_airbyte_wb.plan.declaration import COMPUTED


def unknown_inputs(inputs: Mapping[str, Any]) -> frozenset[str]:
    """The top-level inputs that hold a value which is not known yet, at any depth."""
    return frozenset(name for name, value in inputs.items() if name not in COMPUTED and _unknown(value))


def _unknown(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_unknown(item) for item in value)
    return bool(value == UNKNOWN)
