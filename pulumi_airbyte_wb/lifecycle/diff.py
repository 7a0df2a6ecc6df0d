"""``diff``: what is recorded beside what is declared; asks no server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.spec.connection import CONNECTION
from pulumi_airbyte_wb.spec.input_names import LASTING
from pulumi_airbyte_wb.state.baseline import MEMORY, Baseline, read_memory
from pulumi_airbyte_wb.state.record import damaged


@dataclass(frozen=True)
class Difference:
    """What differs.

    Args:
        changed: whether there is anything to do.
        replaces: the ids that make another connection of it.
    """

    changed: bool
    replaces: tuple[str, ...] = ()


def difference(
    record: Mapping[str, Any],
    control: Mapping[str, Any],
    new: Baseline,
    inputs: Mapping[str, Any],
    unknown: frozenset[str],
) -> Difference:
    """Compare what state remembers with what is declared.

    Args:
        record: what is recorded.
        control: the recorded inputs that say how to work.
        new: what is declared.
        inputs: the same, as the engine hands it over.
        unknown: the top-level inputs that are not known yet.

    Raises:
        PlanError: the record cannot be that of this resource.
    """
    declared, kind = new.spec.record(), new.spec.kind
    replaces = tuple(
        name
        for name in kind.ids
        if (name in unknown and inputs.get("allow_replace"))
        or (name not in unknown and declared[name] not in {None, record[name]})
    )
    if replaces and kind is CONNECTION and not new.spec.options.allow_replace:
        # The check lets none through that the program does not allow: it saw other inputs than are recorded.
        raise damaged(f"its 'recorded' output has another {replaces[0]} than its inputs")
    names = (record.keys() | declared.keys() | unknown) - {MEMORY}
    changed = bool(replaces) or any(name in unknown or record.get(name) != declared.get(name) for name in names)
    changed = changed or read_memory(record).compared.record() != new.memory.compared.record()
    # A refresh and a delete work by what is recorded, so what they are told has to be recorded again.
    return Difference(changed or options_changed(control, inputs), replaces)


def options_changed(recorded: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether an input that says how to work has another value than the recorded one."""
    return any(recorded.get(name) != inputs.get(name) for name in LASTING)


def check_adopted(id_: str, new: Baseline) -> None:
    """A resource that has a connection adopts no other one.

    Raises:
        PlanError: it is to.
    """
    adopt = new.spec.options.adopt
    if adopt and adopt != id_ and new.spec.kind is CONNECTION:
        raise PlanError(
            f"adopt: this resource has the connection {id_} already; take adopt out, or adopt {adopt} elsewhere"
        )
