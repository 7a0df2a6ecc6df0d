"""How a connection is now: what a refresh, an adoption, the guard and a check know of a live one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from pulumi_airbyte_wb.live.history import History
from pulumi_airbyte_wb.live.schema import pending_schema
from pulumi_airbyte_wb.live.server_queue import has_legacy_state, queued
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, ConnectionStatus, StateType, StreamDescriptor
from pulumi_airbyte_wb.spec.connection import CATALOG
from pulumi_airbyte_wb.spec.fields import FIELDS
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.streams import observe as observe_stream
from pulumi_airbyte_wb.spec.tables import NAMING
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.not_taken import Notes, field_in_words, still_kept, stream_in_words
from pulumi_airbyte_wb.state.pending import ServerQueued
from pulumi_airbyte_wb.state.server_acts import Pause


@dataclass(frozen=True)
class Observation:
    """A live connection beside what is noted of it.

    Each part is found when it is first asked for; what it needs of the server is asked for once a look.

    Args:
        session: the server.
        connection: the live connection.
        noted: what is recorded or declared of it, in whose words it is told.
    """

    session: Session
    connection: ConnectionRead
    noted: Baseline

    @property
    def history(self) -> History:
        """What it has done."""
        return self.session.history(self.connection.connection_id)

    @cached_property
    def baseline(self) -> Baseline:
        """The noted parts as they are now, and what is to be remembered of the others."""
        live = observed(self.connection, self.noted)
        return replace(live, memory=live_memory(self.connection, self.noted))

    @cached_property
    def all_streams(self) -> dict[StreamDescriptor, StreamSpec]:
        """Its streams, those that are not noted too; noted ones in their noted parts."""
        exclusive = replace(self.noted, spec=replace(self.noted.spec, exclusive=True))
        return dict(observed(self.connection, exclusive).streams)

    @cached_property
    def in_force(self) -> dict[StreamDescriptor, StreamSpec]:
        """Its streams in every part, whatever is noted of them."""
        return in_force(self.connection)

    @cached_property
    def departed(self) -> dict[StreamDescriptor, StreamSpec | None]:
        """The noted streams that are not in it, with the line of one whose sync could go on where it stood.

        Asks for its sync state only where there are some.
        """
        memory, there = self.noted.memory, self.connection.sync_catalog.selected()
        was_there = {**memory.unmanaged, **self.noted.streams}
        gone = {**memory.departed, **{stream: spec for stream, spec in was_there.items() if stream not in there}}
        resumes = self.resumable - memory.unfinished if gone else frozenset()
        return {stream: spec if stream in resumes else None for stream, spec in gone.items()}

    @cached_property
    def resumable(self) -> frozenset[StreamDescriptor]:
        """The streams that have a sync state of their own, whether they are in it or not."""
        state = self.history.state
        return frozenset(state.streams() if state.state_type == StateType.STREAM else ())

    @cached_property
    def newer_schema(self) -> dict[StreamDescriptor, tuple[str, ...]]:
        """What the source's newer schema changes for the noted streams, where the program takes that over."""
        return pending_schema(self.session, self.connection, self.noted)

    @property
    def paused_by(self) -> Pause | None:
        """Why Airbyte itself has paused it; ``None`` where it is active, or another tool or person paused it."""
        if self.connection.status != ConnectionStatus.INACTIVE:
            return None
        if self.noted.memory.paused_by is not None:
            return self.noted.memory.paused_by
        if self.noted.spec.fields.get("status") == ConnectionStatus.INACTIVE:
            return None
        if self.connection.breaks:
            return Pause.SCHEMA
        return Pause.FAILURES if not self.noted.paused and self.history.only_fails else None

    def with_server_queue(self, live: Baseline) -> Baseline:
        """``live`` with what waits at the server, and why that has paused the connection."""
        legacy = has_legacy_state(self.session, self.connection.connection_id)
        memory = replace(live.memory, legacy_state=legacy, paused_by=self.paused_by)
        return replace(live, memory=memory.having(ServerQueued, queued(self.session, self.connection)))


def observe(session: Session, connection: ConnectionRead, noted: Baseline) -> Observation:
    """How a live connection is now, in the words of what is recorded or declared of it."""
    return Observation(session, connection, noted)


def observed(connection: ConnectionRead, declaration: Baseline) -> Baseline:
    """The live connection in the words of a declaration: its declared parts, as they are now."""
    live = in_force(connection)
    streams: dict[StreamDescriptor, StreamSpec] | None = None
    if declaration.spec.streams is not None:
        streams = {
            stream: _in_words(declaration, stream, spec) if stream in declaration.spec.streams else spec
            for stream, spec in live.items()
            if stream in declaration.spec.streams or declaration.spec.exclusive
        }
    return replace(
        declaration,
        spec=replace(
            declaration.spec,
            source_id=connection.source_id,
            destination_id=connection.destination_id,
            fields={
                name: field_in_words(name, value, declared, declaration.memory.not_taken.get(None, ()))
                for name, declared in declaration.spec.fields.items()
                if (value := FIELDS[name].observed(connection, declared)) is not None
            },
            streams=streams,
        ),
    )


def _in_words(declaration: Baseline, stream: StreamDescriptor, live: StreamSpec) -> StreamSpec:
    declared = declaration.streams[stream]
    return stream_in_words(declared.in_words(live), declared, declaration.memory.not_taken.get(stream, ()))


def in_force(connection: ConnectionRead) -> dict[StreamDescriptor, StreamSpec]:
    """The streams of a live connection in every part, whatever is declared of them."""
    found = {stream: observe_stream(entry) for stream, entry in connection.sync_catalog.selected().items()}
    return {stream: spec for stream, spec in found.items() if spec is not None}


def situated(
    declaration: Baseline, connection: ConnectionRead, fields: Mapping[str, str] = MappingProxyType({})
) -> Baseline:
    """The declaration of a ``Catalog`` with what it leaves to its connection; that of a ``Connection`` as it is.

    ``fields`` are those that the connection has at another time, where that is what counts.
    """
    if declaration.spec.kind is not CATALOG:
        return declaration
    live = {name: value for name in (*NAMING, "status") if (value := FIELDS[name].live(connection)) is not None}
    return replace(
        declaration,
        spec=replace(
            declaration.spec,
            fields={**live, **fields},
            source_id=connection.source_id,
            destination_id=connection.destination_id,
        ),
    )


def live_memory(connection: ConnectionRead, declaration: Baseline) -> Memory:
    """What to remember of a live connection that is not declared: its other streams, and how it names tables."""
    others = {
        stream: spec.told()
        for stream, entry in connection.sync_catalog.selected().items()
        if stream not in declaration.streams and (spec := observe_stream(entry)) is not None
    }
    return replace(
        declaration.memory,
        unmanaged={} if declaration.spec.exclusive else others,
        undeclared_fields=_undeclared(connection, declaration),
        not_taken=_still_kept(connection, declaration),
    )


def _still_kept(connection: ConnectionRead, declaration: Baseline) -> Notes:
    notes = declaration.memory.not_taken
    if not notes:
        return notes
    plain = observed(connection, replace(declaration, memory=replace(declaration.memory, not_taken={})))
    return still_kept(notes, plain.spec.fields, plain.streams)


def _undeclared(connection: ConnectionRead, declaration: Baseline) -> dict[str, str]:
    if declaration.spec.kind is CATALOG:
        return naming_in_full(situated(declaration, connection))
    live = {name: getattr(connection, name) for name in NAMING}
    fields = {
        name: str(value)
        for name, value in live.items()
        if name not in declaration.spec.fields and value and value != "source"
    }
    if connection.status == ConnectionStatus.INACTIVE and "status" not in declaration.spec.fields:
        fields["status"] = connection.status
    return fields


def naming_in_full(situated: Baseline) -> dict[str, str]:
    """How the connection of a ``Catalog`` names tables, in full: what is not remembered is not known."""
    return {name: str(situated.spec.fields.get(name) or "") for name in NAMING}
