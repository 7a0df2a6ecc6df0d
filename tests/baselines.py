"""Baselines for tests, from flat arguments: those of the spec, of its options, and of what is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.connection import ConnectionSpec, Options
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.pending import Pending

_OPTIONS = {field.name for field in fields(Options)}
_MEMORY = {field.name for field in fields(Memory)}


def baseline(source_id: str | None = "s", destination_id: str | None = "d", **given: Any) -> Baseline:
    """A baseline whose arguments are named as the parts of it are; ``pending`` has one entry a stream, or several."""
    return changed(Baseline(ConnectionSpec(source_id, destination_id)), **given)


def changed(before: Baseline, **given: Any) -> Baseline:
    """The baseline with other parts, named as for ``baseline``."""
    options = {name: given.pop(name) for name in _OPTIONS & given.keys()}
    memory = {name: given.pop(name) for name in _MEMORY & given.keys()}
    if "pending" in memory:
        memory["pending"] = _several(memory["pending"])
    spec = replace(before.spec, options=replace(before.spec.options, **options), **given)
    return Baseline(spec, replace(before.memory, **memory))


def _several(
    pending: Mapping[StreamDescriptor, Pending | tuple[Pending, ...]],
) -> dict[StreamDescriptor, tuple[Pending, ...]]:
    return {stream: each if isinstance(each, tuple) else (each,) for stream, each in pending.items()}
