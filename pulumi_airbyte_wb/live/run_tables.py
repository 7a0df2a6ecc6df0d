"""Which tables the resources of one run have left behind under other names, and which they begin to write.

A server tells how a connection names its tables now, not how it did before: only the state of its resource does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import NamedTuple

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.tables import Table


class Taken(NamedTuple):
    """A table that a resource begins to write.

    Args:
        urn: the resource.
        connection_id: its connection; empty where that does not exist yet.
        destination_id: where the table is.
        table: its name.
        stream: what is written into it.
        hidden: whether no message may name it.
    """

    urn: str
    connection_id: str
    destination_id: str
    table: Table
    stream: StreamDescriptor
    hidden: bool


class RunTables:
    """What is known of them so far, in a run whose resources have their turns in any order, and several at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[str, frozenset[Table]] = {}
        self._taken: list[Taken] = []

    def leave(self, connection_id: str, tables: Iterable[Table]) -> None:
        """Note the tables that a connection has filled under names that it does not use any more."""
        with self._lock:
            self._left[connection_id] = self._left.get(connection_id, frozenset()) | frozenset(tables)

    def left(self) -> dict[str, frozenset[Table]]:
        """The tables that connections have left behind, by their ids, as far as their resources had their turn."""
        with self._lock:
            return dict(self._left)

    def take(self, taken: Iterable[Taken]) -> None:
        """Note tables that a resource begins to write; it looks at what was left behind afterwards."""
        with self._lock:
            self._taken.extend(taken)

    def taken(self, urn: str, connection_id: str) -> list[Taken]:
        """What others than this resource and this connection begin to write, as far as they had their turn."""
        with self._lock:
            return [each for each in self._taken if urn != each.urn and connection_id != each.connection_id]
