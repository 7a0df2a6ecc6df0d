"""What a decision may know besides the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_airbyte_wb.models import AirbyteStream, StateType, StreamDescriptor
from pulumi_airbyte_wb.spec.resets import Loading
from pulumi_airbyte_wb.spec.stream_parts import Path
from pulumi_airbyte_wb.spec.streams import StreamSpec


@dataclass(frozen=True)
class Earlier:
    """A table that a connection has filled before.

    Args:
        own: whether it was this connection.
        spec: how it was written, ``None`` where that is not known.
        resumes: whether the stream's sync state was kept when it left the connection.
        retyped: whether the stream may have other columns now than when it left.
        live: whether it may write the table still.
        writers: the names of other connections that write the table.
        duplicate: of these, one from the same source to the same destination, by name and id.
    """

    own: bool
    spec: StreamSpec | None = None
    resumes: bool = False
    retyped: bool = False
    live: bool = False
    writers: tuple[str, ...] = ()
    duplicate: str = ""


@dataclass(frozen=True)
class Facts:
    """Facts about the server, the source, the destination and the connection; an unknown counts as its worst case.

    Args:
        can_refresh: whether the server and the destination can refresh streams (server 0.62.2 on).
        loading: how the destination loads its tables.
        syncs_after_reset: whether a sync follows a reset that the server orders itself (up to 0.57.4).
        backfill: whether the program wants old rows to get newly selected columns.
        state_type: the kind of sync state, ``None`` where it is not known.
        offers: what the source offers, by stream; empty where it is not known.
        tables: the destination tables of added and renamed streams that were filled before; the others are free.
        tables_known: whether ``tables`` can be trusted to be complete.
        unmoved: streams that keep their table although a field that decides table names changes.
        unclear: streams of which it is not known whether they keep their table: the destination's default namespace is
            not known, or the names differ in what some destinations fold.
        unsynced: streams whose line has changed since a sync last moved them, as their rows were written.
        unfilled: those of them whose tables got other names before that, which no sync has filled yet.
        stateless: those of them that have no sync state of their own, so that the next sync reads everything.
        writers: other live connections that write the tables of streams which leave and are to be cleared.
        names_objects: whether the destination may have a use for ``destinationObjectName`` (data activation).
        server_resets: the streams that Airbyte itself resets for what is left to it; ``None`` where that is not known.
        in_force: the streams of the live connection as it has them, declared or not; empty where it is not known.
        blank: streams that have no rows: their connection has never synced, and no other one has filled their tables.
        moved_first: whether jobs of another resource of the run move the streams before this plan is carried out.
    """

    can_refresh: bool = False
    loading: Loading = Loading.UNKNOWN
    syncs_after_reset: bool = False
    backfill: bool = False
    state_type: StateType | None = None
    offers: Mapping[StreamDescriptor, AirbyteStream] = field(default_factory=dict)
    tables: Mapping[StreamDescriptor, Earlier] = field(default_factory=dict)
    tables_known: bool = False
    unmoved: frozenset[StreamDescriptor] = frozenset()
    unclear: frozenset[StreamDescriptor] = frozenset()
    unsynced: Mapping[StreamDescriptor, StreamSpec] = field(default_factory=dict)
    unfilled: frozenset[StreamDescriptor] = frozenset()
    stateless: frozenset[StreamDescriptor] = frozenset()
    writers: Mapping[StreamDescriptor, tuple[str, ...]] = field(default_factory=dict)
    names_objects: bool = True
    server_resets: frozenset[StreamDescriptor] | None = None
    in_force: Mapping[StreamDescriptor, StreamSpec] = field(default_factory=dict)
    blank: frozenset[StreamDescriptor] = frozenset()
    moved_first: bool = False

    def cursor(self, stream: StreamDescriptor, spec: StreamSpec) -> Path:
        """The cursor that is in force: what the source defines, else what is declared, else live, else proposed."""
        if not spec.mode.incremental:
            return ()
        live, offer = self.in_force.get(stream), self.offers.get(stream)
        proposed = tuple(offer.default_cursor_field) if offer else ()
        return self.own_cursor(stream) or spec.cursor or (live.cursor if live else None) or proposed

    def key(self, stream: StreamDescriptor, spec: StreamSpec) -> frozenset[Path]:
        """The key that is in force: what the source defines, else what is declared, else live."""
        if not spec.mode.dedup:
            return frozenset()
        live = self.in_force.get(stream)
        return self.source_key(stream) or spec.key or (live.key if live else None) or frozenset()

    def source_key(self, stream: StreamDescriptor) -> frozenset[Path] | None:
        """The key that the source itself defines."""
        offer = self.offers.get(stream)
        if offer is None or not offer.source_defined_primary_key:
            return None
        return frozenset(tuple(path) for path in offer.source_defined_primary_key)

    def own_cursor(self, stream: StreamDescriptor) -> Path | None:
        """The cursor that the source itself defines."""
        offer = self.offers.get(stream)
        if offer is None or not offer.source_defined_cursor or not offer.default_cursor_field:
            return None
        return tuple(offer.default_cursor_field)

    def source_cursor(self, stream: StreamDescriptor) -> bool:
        """Whether the source itself defines the cursor."""
        offer = self.offers.get(stream)
        return bool(offer and offer.source_defined_cursor)
