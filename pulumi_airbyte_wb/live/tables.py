"""Whose tables are where: who has filled, and who writes, the tables of a connection's streams.

A connection is known by its id, never by its name. What the server does not tell counts as its worst case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pulumi_airbyte_wb.live.marks import is_incomplete_of
from pulumi_airbyte_wb.live.run_tables import Taken
from pulumi_airbyte_wb.live.schema import same_columns
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.live.table_index import Filled, Fillers, TableIndex, naming_of, table_index
from pulumi_airbyte_wb.models import ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import Earlier
from pulumi_airbyte_wb.spec.resets import OnRemove, Policy
from pulumi_airbyte_wb.spec.streams import StreamSpec, observe
from pulumi_airbyte_wb.spec.tables import NAMING, Sameness, Table, table_of_key
from pulumi_airbyte_wb.state.baseline import Baseline

_SCHEMA_FIELDS = ("schema", "default_schema", "dataset_id", "database")
"""Where a destination's configuration names its default namespace, the closest first."""


@dataclass(frozen=True)
class Subject:
    """The connection that a decision is about.

    Args:
        session: the server.
        before: the recorded or live baseline; ``None`` for a connection that does not exist.
        after: what is declared.
        connection: the live connection, where it is known.
        urn: the resource, whose incomplete connection does not count: it has never synced.
    """

    session: Session
    before: Baseline | None
    after: Baseline
    connection: ConnectionRead | None = None
    urn: str = ""

    @property
    def default_namespace(self) -> str | None:
        """That of the destination."""
        return default_namespace(self.session, self.after.spec.destination_id)

    def owns(self, other: ConnectionRead) -> bool:
        """Whether this is the connection itself, or what an earlier run has left of it."""
        if self.connection is not None:
            return other.connection_id == self.connection.connection_id
        if is_incomplete_of(self.urn, other.name):
            return True
        # It is not found by its name: it can only be one that has its ends and names its tables as is recorded.
        spec = self.after.spec
        return (
            self.before is not None
            and not other.deleted
            and (other.source_id, other.destination_id) == (spec.source_id, spec.destination_id)
            and naming_of(other) == self.before.naming
        )


def default_namespace(session: Session, destination_id: str | None) -> str | None:
    """The namespace that a destination uses by default; ``None`` where its configuration does not tell it."""
    configuration = session.destination(destination_id).connection_configuration if destination_id else None
    if not isinstance(configuration, Mapping):
        return None
    for name in _SCHEMA_FIELDS:
        value = configuration.get(name)
        if isinstance(value, str) and value.strip():
            return None if set(value) == {"*"} else value
    return None


def renamed_tables(subject: Subject) -> dict[StreamDescriptor, Sameness]:
    """The streams of the connection whose naming changes, with whether their table is another one."""
    before, after = subject.before, subject.after
    if before is None or not before.names_change(after):
        return {}
    default = subject.default_namespace
    return {
        stream: before.renames(after, stream, default)
        for stream in (*before.streams, *before.memory.unmanaged, *before.memory.departed)
    }


@dataclass
class _Places:
    """The tables that are asked about, found by their names."""

    default_namespace: str | None
    by_name: dict[str, list[tuple[Table, StreamDescriptor]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, stream: StreamDescriptor, table: Table) -> None:
        self.by_name[table.folded.name].append((table, stream))

    def hit(self, table: Table) -> Iterator[StreamDescriptor]:
        """The streams whose table this may be."""
        for place, stream in self.by_name.get(table.folded.name, ()):
            if place.may_be(table, self.default_namespace):
                yield stream


def filled_tables(
    subject: Subject, moved: Collection[StreamDescriptor] = ()
) -> tuple[dict[StreamDescriptor, Earlier], bool]:
    """The tables of declared streams that were filled before, and whether that is all of them.

    Args:
        subject: the connection.
        moved: declared streams that it has moved itself, whatever is recorded of them.
    """
    places = _Places(subject.default_namespace)
    for stream in subject.after.streams:
        places.add(stream, subject.after.naming.table(stream))
    earlier: dict[StreamDescriptor, list[Earlier]] = defaultdict(list)
    for stream in moved:
        earlier[stream].append(Earlier(own=True))
    if subject.before is not None:
        for stream, found in _own(subject, subject.before, places):
            earlier[stream].append(found)
    index = _index(subject)
    for stream, found in _of_others(subject, index, places) if index else ():
        earlier[stream].append(found)
    return {stream: _worst(found) for stream, found in earlier.items()}, index is not None


def begun(subject: Subject) -> Iterator[Taken]:
    """The tables that the connection begins to write, where the program does not say ``skip`` of the stream."""
    before, after = subject.before, subject.after
    if after.spec.destination_id is None:
        return
    there = set() if before is None or before.names_change(after) else before.streams.keys()
    for stream in after.streams.keys() - there:
        if after.resets.policy(stream) is not Policy.SKIP:
            yield Taken(
                urn=subject.urn,
                connection_id=subject.connection.connection_id if subject.connection else "",
                destination_id=after.spec.destination_id,
                table=after.naming.table(stream),
                stream=stream,
                hidden=bool({*NAMING, "streams"} & after.spec.secret),
            )


def writers(subject: Subject, streams: Collection[StreamDescriptor]) -> dict[StreamDescriptor, tuple[str, ...]]:
    """The other live connections, by name, that write the tables which recorded streams have written."""
    if subject.before is None or not streams:
        return {}
    places = _Places(subject.default_namespace)
    for stream in streams:
        places.add(stream, subject.before.naming.table(stream))
    found: dict[StreamDescriptor, set[str]] = defaultdict(set)
    index = _index(subject)
    for mine, filled in _fillers(subject, index.listed, places) if index else ():
        other = filled.connection
        if not other.deleted and filled.entry is not None and filled.entry.config.selected:
            found[mine].add(other.name)
    return {stream: tuple(sorted(names)) for stream, names in found.items()}


def _index(subject: Subject) -> TableIndex | None:
    spec = subject.after.spec
    workspace = subject.session.source(spec.source_id or "").workspace_id or ""
    return table_index(subject.session, workspace, spec.destination_id, subject.default_namespace)


def _fillers(subject: Subject, fillers: Fillers, places: _Places) -> Iterator[tuple[StreamDescriptor, Filled]]:
    """The streams that are asked about, each with what other connections fill its table with."""
    for table, stream in (place for found in places.by_name.values() for place in found):
        yield from ((stream, each) for each in fillers.of(table) if not subject.owns(each.connection))


def _own(subject: Subject, before: Baseline, places: _Places) -> Iterator[tuple[StreamDescriptor, Earlier]]:
    """What this connection itself has filled under other names, or by other streams."""
    departed, abandoned = dict(before.memory.departed), before.memory.abandoned_tables
    after = subject.after
    leaving = {s: spec for s, spec in before.streams.items() if s not in after.streams}
    if after.spec.options.on_remove is OnRemove.CLEAR or after.spec.streams is None:
        leaving = {}
    if subject.connection is not None and (departed or abandoned or leaving):
        history = subject.session.history(subject.connection.connection_id)
        if history.is_idle:
            return
        if departed:
            emptied = history.cleared()
            departed = {stream: spec for stream, spec in departed.items() if stream not in emptied}
    for stream, spec in departed.items():
        # Its sync state was kept, but under another name it would leave out all older rows.
        kept = spec if before.renames(after, stream, places.default_namespace) is Sameness.SAME else None
        again = kept is not None and stream in after.streams
        same = again and same_columns(subject.session, before, after, subject.connection, stream)
        yield stream, Earlier(own=True, spec=kept, resumes=kept is not None, retyped=not same)
    gone: dict[StreamDescriptor, StreamSpec | None] = {**departed, **leaving}
    for stream, spec in gone.items():
        for mine in places.hit(before.naming.table(stream)):
            if mine != stream:
                yield mine, Earlier(own=True, spec=spec)
    for key in abandoned:
        for mine in places.hit(table_of_key(key)):
            yield mine, Earlier(own=True)
    stays = {} if after.spec.exclusive else before.memory.unmanaged
    for stream, other in stays.items():
        for mine in places.hit(after.naming.table(stream)):
            if mine != stream:
                yield mine, Earlier(own=False, spec=other, live=True)


def _of_others(subject: Subject, index: TableIndex, places: _Places) -> Iterator[tuple[StreamDescriptor, Earlier]]:
    """What other connections fill, or have filled."""
    for mine, filled in _fillers(subject, index.listed, places):
        other = filled.connection
        # A connection that is there may fill its tables yet; of a deleted one only its history counts.
        if not other.deleted or filled.stream in subject.session.history(other.connection_id).moved():
            yield mine, _earlier(subject, filled)
    for other, left in _left_in_run(subject, index):
        found = {mine for table in left for mine in places.hit(table)}
        if found and not subject.session.history(other.connection_id).is_idle:
            yield from ((mine, Earlier(own=False)) for mine in found)
    tables = [table for found in places.by_name.values() for table, _ in found]
    for naming, connections in index.namings(tables).items():
        if not all(map(subject.owns, connections)):
            for mine, filled in _fillers(subject, index.left(naming, connections), places):
                yield mine, _earlier(subject, filled)


def _left_in_run(subject: Subject, index: TableIndex) -> Iterator[tuple[ConnectionRead, frozenset[Table]]]:
    """The other connections of the destination that left tables behind in this run."""
    for connection_id, left in subject.session.tables.left().items():
        other = index.connections.get(connection_id)
        if other is not None and not subject.owns(other):
            yield other, left


def _earlier(subject: Subject, filled: Filled) -> Earlier:
    """What another connection does, or has done, to a table."""
    other = filled.connection
    found = Earlier(own=False, spec=observe(filled.entry) if filled.entry else None)
    if filled.entry is None or other.deleted:
        return found
    # The name may be a secret of the program.
    hidden = "name" in subject.session.hidden(other.connection_id)
    name = "another connection of this program" if hidden else other.name
    same = other.source_id == subject.after.spec.source_id
    return replace(found, live=True, writers=(name,), duplicate=f"{name} ({other.connection_id})" if same else "")


def _worst(found: list[Earlier]) -> Earlier:
    """Of several that filled one table, what holds for all of them."""
    specs = {item.spec for item in found}
    return Earlier(
        own=all(item.own for item in found),
        spec=found[0].spec if len(specs) == 1 else None,
        resumes=len(found) == 1 and found[0].resumes,
        retyped=any(item.retyped for item in found),
        live=any(item.live for item in found),
        writers=tuple(sorted({name for item in found for name in item.writers})),
        duplicate=next((item.duplicate for item in found if item.duplicate), ""),
    )
