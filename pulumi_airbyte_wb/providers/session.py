"""What one provider process knows of a server: one client, and answers that many resources share.

Everything here lives for one run. An answer is asked for once, by whichever of the provider's threads needs it first;
failures are not kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings, read_settings
from pulumi_airbyte_wb.errors import NotFoundError, StatusError, UnsupportedError
from pulumi_airbyte_wb.models import (
    ActorDefinitionVersion,
    ConnectionRead,
    DestinationRead,
    DiscoveredSchema,
    SourceRead,
)

Answer = TypeVar("Answer")
MARK = " [creating "
"""What stands behind the name of a connection that is created only half."""


class Session:
    """Shared, cached reads of one server."""

    def __init__(self, client: AirbyteClient) -> None:
        self.client = client
        self._answers: dict[Hashable, Any] = {}
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self._tables: dict[Hashable, str] = {}

    def once(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The kept answer of ``key``, or that of ``ask``; several threads with one key ask once."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._answers:
                self._answers[key] = ask()
            answer: Answer = self._answers[key]
            return answer

    def first_to_fill(self, table: Hashable, urn: str) -> str:
        """Who of this run's new connections was the first to claim a table: ``urn`` itself, or another."""
        with self._lock:
            return self._tables.setdefault(table, urn)

    def forget(self, key: Hashable) -> None:
        """Ask again next time."""
        with self._lock:
            self._answers.pop(key, None)

    def source(self, source_id: str) -> SourceRead:
        """One source."""
        return self.once(("source", source_id), lambda: self.client.get_source(source_id))

    def destination(self, destination_id: str) -> DestinationRead:
        """One destination."""
        return self.once(("destination", destination_id), lambda: self.client.get_destination(destination_id))

    def destination_version(self, destination_id: str) -> ActorDefinitionVersion:
        """The connector version of a destination; empty on servers that do not tell (before 0.50.6)."""

        def ask() -> ActorDefinitionVersion:
            try:
                return self.client.get_destination_version(destination_id)
            except (NotFoundError, UnsupportedError):
                return ActorDefinitionVersion()

        return self.once(("destination version", destination_id), ask)

    def discovered(self, source_id: str) -> DiscoveredSchema:
        """What a source offers, from the server's cache where that is fresh."""
        return self.once(("discovered", source_id), lambda: self.client.discover_schema(source_id))

    def all_connections(self, workspace_id: str) -> list[ConnectionRead] | None:
        """Every connection of a workspace, deleted ones too; ``None`` where the server does not tell."""

        def ask() -> list[ConnectionRead] | None:
            try:
                return self.client.list_all_connections(workspace_id)
            except StatusError:
                return None

        return self.once(("all connections", workspace_id), ask)

    def half_created(self, workspace_id: str) -> dict[str, str]:
        """The ids of connections that were created only half, by their marked names."""

        def ask() -> dict[str, str]:
            items = self.client.list_connections_for_workspace(workspace_id)
            return {item.name: item.connection_id for item in items if MARK in item.name}

        return self.once(("half created", workspace_id), ask)


_sessions: dict[ServerSettings, Session] = {}
_sessions_lock = threading.Lock()


def session_for(get: Callable[[str], object | None], server: str = "") -> Session:
    """The session of the configured server.

    Args:
        get: looks up a stack config key.
        server: the name of a further server; empty for the default one.

    Raises:
        ConfigurationError: the settings are missing or contradictory.
    """
    settings = read_settings(get, server=server)
    with _sessions_lock:
        if settings not in _sessions:
            _sessions[settings] = Session(AirbyteClient(settings))
        return _sessions[settings]
