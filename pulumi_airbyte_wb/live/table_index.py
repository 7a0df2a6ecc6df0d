"""The tables of every connection of one destination, found by their names: made once for all resources of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConfiguredStream, ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.spec.tables import Naming, Table


@dataclass(frozen=True)
class Filled:
    """A table that a connection fills, or has filled.

    Args:
        connection: the connection.
        stream: its stream.
        table: the table.
        entry: the stream's configuration; ``None`` where the connection does not have the stream any more.
    """

    connection: ConnectionRead
    stream: StreamDescriptor
    table: Table
    entry: ConfiguredStream | None = None


class Fillers:
    """What fills tables of one destination, found by the tables.

    Args:
        default_namespace: that of the destination; ``None`` where it is not known, so that it may be any.
    """

    def __init__(self, default_namespace: str | None) -> None:
        self._default = default_namespace
        self._found: dict[str, dict[str, list[Filled]]] = defaultdict(lambda: defaultdict(list))

    def add(self, filled: Filled) -> None:
        """Take note of one."""
        namespace, name = filled.table.resolved(self._default).folded
        self._found[name][namespace].append(filled)

    def of(self, table: Table) -> Iterator[Filled]:
        """Those whose table this may be."""
        namespace, name = table.resolved(self._default).folded
        by_namespace = self._found.get(name, {})
        any_namespace = not namespace and self._default is None
        for key in by_namespace if any_namespace else sorted({"", namespace} & by_namespace.keys()):
            yield from (each for each in by_namespace[key] if each.table.may_be(table, self._default))


class TableIndex:
    """Which connections fill which tables of one destination.

    Args:
        session: the server.
        connections: all connections of the destination, deleted ones too.
        default_namespace: that of the destination; ``None`` where it is not known.
    """

    def __init__(self, session: Session, connections: Iterable[ConnectionRead], default_namespace: str | None) -> None:
        self._session, self._default = session, default_namespace
        self.listed = Fillers(default_namespace)
        # By the folded prefix, then by the folded namespace; by None where that is the source's.
        self._namings: dict[str, dict[str | None, dict[Naming, list[ConnectionRead]]]] = {}
        self.connections = {each.connection_id: each for each in connections}
        for connection in self.connections.values():
            naming = naming_of(connection)
            namespace, prefix = naming.table(StreamDescriptor(None, "")).resolved(default_namespace).folded
            by_namespace = self._namings.setdefault(prefix, {})
            by_naming = by_namespace.setdefault(None if naming.keeps_namespace else namespace, {})
            by_naming.setdefault(naming, []).append(connection)
            for stream, entry in connection.sync_catalog.by_descriptor().items():
                self.listed.add(Filled(connection, stream, naming.table(stream), entry))

    def namings(self, tables: Iterable[Table]) -> dict[Naming, list[ConnectionRead]]:
        """The namings under which some stream may land in one of these tables, with their connections."""
        found: dict[Naming, list[ConnectionRead]] = {}
        for table in tables:
            namespace, name = table.resolved(self._default).folded
            any_namespace = not namespace and self._default is None
            for by_namespace in (self._namings.get(name[:length], {}) for length in range(len(name) + 1)):
                for key in by_namespace if any_namespace else by_namespace.keys() & {None, "", namespace}:
                    found |= by_namespace[key]
        return found

    def left(self, naming: Naming, connections: Iterable[ConnectionRead]) -> Fillers:
        """What connections of a naming have moved and do not list; asks what each of them has done, once a run."""
        return self._session.once(("left tables", id(self), naming), lambda: self._left(naming, connections))

    def _left(self, naming: Naming, connections: Iterable[ConnectionRead]) -> Fillers:
        found = Fillers(self._default)
        for connection in connections:
            moved = self._session.history(connection.connection_id).moved()
            for stream in moved - connection.sync_catalog.by_descriptor().keys():
                found.add(Filled(connection, stream, naming.table(stream)))
        return found


def naming_of(connection: ConnectionRead) -> Naming:
    """How a live connection names its tables."""
    return Naming.of(connection.namespace_definition, connection.namespace_format, connection.prefix)


def table_index(
    session: Session, workspace_id: str, destination_id: str | None, default_namespace: str | None
) -> TableIndex | None:
    """The tables of a destination; ``None`` where the server does not list all connections of the workspace."""
    known = session.all_connections(workspace_id)
    if known is None:
        return None
    there = (each for each in known if each.destination_id == destination_id)
    return session.once(("tables", workspace_id, destination_id), lambda: TableIndex(session, there, default_namespace))
