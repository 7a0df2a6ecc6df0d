"""What a check passes on of what earlier checks and refreshes have noted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from pulumi_airbyte_wb.models import ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan.schema_changes import dropped_columns
from pulumi_airbyte_wb.spec.connection import CONNECTION, ConnectionSpec
from pulumi_airbyte_wb.spec.resets import SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.tables import NAMING, Sameness
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.not_taken import still_declared
from pulumi_airbyte_wb.state.pending import Deferred, InFlight, Required, ServerQueued, Unsynced

T = TypeVar("T")


def carried(before: Baseline | None, after: ConnectionSpec, resource_name: str) -> Baseline:
    """What is declared, with what is remembered from before; what is released stays as it was declared last."""
    if before is None:
        return Baseline(after)
    declared = after.streams or {}
    fields = _undeclared_fields(before, after, resource_name)
    paused = Baseline(after, Memory(undeclared_fields=fields)).paused
    # Streams that are released altogether stay in the connection, unmanaged.
    unmanaged = {**before.memory.unmanaged, **(before.streams if after.streams is None else {})}
    memory = Memory(
        departed=_without(_departed(before, after), declared),
        dropped_columns=_dropped_columns(before, after),
        departed_columns=_without(before.memory.departed_columns, declared),
        abandoned_tables=before.memory.abandoned_tables | left_behind(before, Baseline(after)),
        unmanaged=_without(unmanaged, declared),
        effective={s: each for s, each in before.memory.effective.items() if s in declared},
        undeclared_fields=fields,
        legacy_state=before.memory.legacy_state,
        not_taken=still_declared(before.memory.not_taken, after),
    )
    if paused:
        still = before.memory.paused_by if "status" not in after.fields else None
        memory = replace(memory, paused_by=still, failed=before.memory.failed)
        memory = memory.having(Deferred, before.memory.of(Deferred)).having(Required, before.memory.of(Required))
    if Baseline(after).paused or "status" not in after.fields:
        memory = memory.having(ServerQueued, before.memory.of(ServerQueued))
    in_flight, unsynced = before.memory.of(InFlight), before.memory.of(Unsynced)
    memory = memory.having(InFlight, {s: each for s, each in in_flight.items() if s in declared})
    return Baseline(after, memory.having(Unsynced, {s: each for s, each in unsynced.items() if s in declared}))


def _undeclared_fields(before: Baseline, after: ConnectionSpec, resource_name: str) -> dict[str, str]:
    fields = {name: value for name, value in before.memory.undeclared_fields.items() if name not in after.fields}
    if after.kind is CONNECTION:
        plain = {"namespace_definition": "source", "status": ConnectionStatus.ACTIVE.value, "name": resource_name}
        released = before.spec.fields.keys() - after.fields.keys() - after.unknown
        for name in released & {*NAMING, *plain}:
            if before.spec.fields[name] and before.spec.fields[name] != plain.get(name):
                fields[name] = str(before.spec.fields[name])
    return fields


def _departed(before: Baseline, after: ConnectionSpec) -> dict[StreamDescriptor, StreamSpec | None]:
    gone = dict(before.memory.departed)
    if "streams" not in after.unknown and after.streams is not None:
        gone |= before.spec.streams or {}
    declared = Baseline(after)
    # Under another name there is nothing to resume: the sync state would leave out all older rows.
    gone |= dict.fromkeys(stream for stream in gone if before.renames(declared, stream) is Sameness.OTHER)
    # Nor where the rows that were left are not those that the line would have written.
    return gone | dict.fromkeys(gone.keys() & before.memory.unfinished)


def _without(found: Mapping[StreamDescriptor, T], declared: Collection[StreamDescriptor]) -> dict[StreamDescriptor, T]:
    return {stream: each for stream, each in found.items() if stream not in declared}


def left_behind(before: Baseline, after: Baseline) -> frozenset[str]:
    """The tables that other names leave behind."""
    known = (*before.streams, *before.memory.departed)
    return frozenset(before.naming.table(s).key for s in known if before.renames(after, s) is not Sameness.SAME)


def _dropped_columns(before: Baseline, after: ConnectionSpec) -> dict[StreamDescriptor, tuple[str, ...]]:
    """The columns that the source took away: they are at the destination until the next sync."""
    accepts = before.spec.options.schema_changes is after.options.schema_changes is SchemaChanges.ACCEPT
    notes = before.memory.newer_schema if accepts else {}
    found = {
        stream: dropped_columns(before.memory.dropped_columns.get(stream, ()), notes.get(stream, ()))
        for stream in before.memory.dropped_columns.keys() | notes.keys()
    }
    return {stream: columns for stream, columns in found.items() if columns}


def with_others(before: Baseline | None, after: Baseline, added: Collection[StreamDescriptor] = ()) -> Baseline | None:
    """The recorded baseline with those of the connection's other streams that the program takes over now.

    ``added`` are those of them that count as added.
    """
    if before is None or after.spec.streams is None:
        return before
    declared = {stream: spec.without_keys() for stream, spec in after.spec.streams.items()}
    taken = {
        stream: declared[stream].in_words(spec.in_full()) if stream in declared else spec
        for stream, spec in before.memory.unmanaged.items()
        if (stream in declared or after.spec.exclusive) and stream not in added
    }
    return replace(before, spec=replace(before.spec, streams={**before.streams, **taken}))
