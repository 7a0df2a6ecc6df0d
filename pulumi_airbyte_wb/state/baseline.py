"""A resource as it is recorded, as it is live, or as a run will leave it: its spec, and what is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.spec.connection import CONNECTION, ConnectionSpec, ResourceKind
from pulumi_airbyte_wb.spec.input_names import COMPUTED
from pulumi_airbyte_wb.spec.parsing import parse_spec
from pulumi_airbyte_wb.spec.resets import Resets
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.tables import NAMING, Naming, Sameness
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.record import check_known, damaged

MEMORY = "memory"
"""The input that holds what is remembered; absent where there is nothing."""


def known_keys(kind: ResourceKind) -> frozenset[str]:
    """The keys of a record of such a resource that this version understands."""
    return frozenset({*kind.inputs, MEMORY})


@dataclass(frozen=True)
class Baseline:
    """A resource at one time.

    Args:
        spec: what is declared of it, as it is or was.
        memory: what is remembered beside that.
    """

    spec: ConnectionSpec
    memory: Memory = field(default_factory=Memory)

    def record(self) -> dict[str, Any]:
        """What two of them are compared by, as JSON."""
        memory = self.memory.record()
        return self.spec.record() | ({MEMORY: memory} if memory else {})

    @property
    def streams(self) -> Mapping[StreamDescriptor, StreamSpec]:
        """The declared streams; empty too where the program declares none."""
        return self.spec.streams or {}

    @property
    def resets(self) -> Resets:
        """How changes that call for a re-sync are decided and carried out."""
        return self.spec.options.resets

    @property
    def naming(self) -> Naming:
        """How tables are named: as declared, else as noted of the live connection, else as is Airbyte's default."""
        known: dict[str, str | None] = dict(self.memory.undeclared_fields)
        known |= {name: str(value) for name, value in self.spec.fields.items() if name in NAMING}
        return Naming.of(*(known.get(name) for name in NAMING))

    def names_change(self, after: Baseline) -> bool:
        """Whether ``after`` declares a field that decides table names, and otherwise than it is."""
        return self.naming != self._naming_in(after)

    def renames(self, after: Baseline, stream: StreamDescriptor, default_namespace: str | None = None) -> Sameness:
        """Whether a stream keeps its table in ``after``; a field that is released keeps its value.

        Args:
            after: what is declared.
            stream: the stream.
            default_namespace: the destination's, where it is known.
        """
        return self.naming.table(stream).compared(self._naming_in(after).table(stream), default_namespace)

    def _naming_in(self, after: Baseline) -> Naming:
        known: dict[str, str | None] = dict(zip(NAMING, self.naming, strict=True))
        known |= {name: str(value) for name, value in after.spec.fields.items() if name in NAMING}
        return Naming.of(*(known[name] for name in NAMING))

    @property
    def paused(self) -> bool:
        """Whether the connection is inactive, as declared or as remembered: its jobs would be cancelled."""
        status = self.spec.fields.get("status", self.memory.undeclared_fields.get("status"))
        return status == ConnectionStatus.INACTIVE


def read_baseline(inputs: Mapping[str, Any], kind: ResourceKind = CONNECTION) -> Baseline:
    """Read what state holds: inputs that a check once returned, or an unpacked record.

    Raises:
        PlanError: they cannot be read, so that nothing may be concluded from them.
    """
    check_known(inputs, {*kind.inputs, *COMPUTED}, "its inputs")
    parsed = parse_spec(inputs, kind=kind, recorded=True)
    if parsed.problems:
        raise damaged(parsed.problems[0])
    return Baseline(parsed.spec, read_memory(inputs))


def read_memory(inputs: Mapping[str, Any]) -> Memory:
    """What inputs, or an unpacked record, remember.

    Raises:
        PlanError: it cannot be read.
    """
    given = inputs.get(MEMORY)
    try:
        return Memory() if given is None else Memory.read(given)
    except DeclarationError as problem:
        raise damaged(problem) from None


def from_inputs(
    inputs: Mapping[str, Any],
    unknown: frozenset[str] = frozenset(),
    kind: ResourceKind = CONNECTION,
    *,
    recorded: bool = False,
) -> Baseline:
    """What inputs that a check has returned say; see ``parse_spec`` for the arguments.

    Raises:
        PlanError: what they remember cannot be read.
    """
    spec = parse_spec(inputs, unknown, kind, recorded=recorded).spec
    return Baseline(spec, read_memory(inputs))
