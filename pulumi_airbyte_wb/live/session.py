"""What one provider process knows of a server: one client, and answers that many resources share.

Everything here lives for one run. An answer is asked for once, by whichever of the provider's threads needs it first;
failures are not kept.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

import httpx

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings, read_settings
from pulumi_airbyte_wb.api.configuration import ConnectionState
from pulumi_airbyte_wb.errors import NotFoundError, StatusError, UnsupportedError
from pulumi_airbyte_wb.models import (
    ActorDefinitionVersion,
    ConnectionListItem,
    ConnectionRead,
    DestinationRead,
    DiscoveredSchema,
    JobConfigType,
    JobStatus,
    JobWithAttempts,
    SourceRead,
    StreamDescriptor,
)

Answer = TypeVar("Answer")
OnRetry: TypeAlias = Callable[[str, float, int, int], None]
MARK = " [creating "
"""What stands behind the name of an incomplete connection."""


_FEW = 3


def mark_of(urn: str, *content: str | None) -> str:
    """What stands behind the name of an incomplete connection: whose it is, and what it is to become.

    Both count: another backend may hold a resource of the same URN, whose creation is under way just now.
    """
    return f"{MARK}{_digest(urn)}-{_digest(json.dumps(content))}]"


def is_half_of(urn: str, name: str) -> bool:
    """Whether a name is that of an incomplete connection of this resource, whatever it was to become."""
    return f"{MARK}{_digest(urn)}-" in name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


class Session:
    """Shared, cached reads of one server."""

    def __init__(self, client: AirbyteClient) -> None:
        self.client = client
        self._answers: dict[Hashable, Any] = {}
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self._reads = 0
        self._claims: dict[Hashable, str] = {}
        self._changing: dict[str, threading.Lock] = {}
        self._declared: dict[str, Mapping[str, str]] = {}
        self._coming: dict[str, Mapping[str, str]] = {}
        self._hidden: dict[str, frozenset[str]] = {}

    def once(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The kept answer of ``key``, or that of ``ask``; several threads with one key ask once."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._answers:
                self._answers[key] = ask()
            answer: Answer = self._answers[key]
            return answer

    def reserve(self, thing: Hashable, urn: str) -> str:
        """Reserve a thing that only one resource of a run may have; answers which one has it: ``urn``, or another."""
        with self._lock:
            return self._claims.setdefault(thing, urn)

    def claimed(self, thing: Hashable) -> str | None:
        """Which resource of this run has claimed a thing, if any."""
        with self._lock:
            return self._claims.get(thing)

    @contextmanager
    def changing(self, connection_id: str) -> Iterator[None]:
        """Keep the other resources of this run from changing a connection: an update replaces it as a whole."""
        with self._lock:
            lock = self._changing.setdefault(connection_id, threading.Lock())
        with lock:
            yield

    def foretell(self, connection_id: str, declared: Mapping[str, str], changed: Mapping[str, str]) -> None:
        """Note the fields that a resource of this run declares of a connection, and those that it changes."""
        with self._lock:
            self._declared[connection_id], self._coming[connection_id] = declared, changed

    def declared(self, connection_id: str) -> Mapping[str, str]:
        """The fields of a connection that another resource of this run declares."""
        with self._lock:
            return self._declared.get(connection_id, {})

    def hide(self, connection_id: str, inputs: Iterable[str]) -> None:
        """Note which inputs of a connection are secrets of the program."""
        with self._lock:
            self._hidden[connection_id] = frozenset(inputs)

    def hidden(self, connection_id: str) -> frozenset[str]:
        """The inputs of a connection that are secrets of another resource of this run."""
        with self._lock:
            return self._hidden.get(connection_id, frozenset())

    def coming(self, connection_id: str) -> Mapping[str, str]:
        """The fields of a connection that another resource of this run changes, as they are when that is done."""
        with self._lock:
            return self._coming.get(connection_id, {})

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

    def discovered_fresh(self, source_id: str) -> DiscoveredSchema:
        """What a source offers now, past the server's cache; from then on that is what ``discovered`` answers."""

        def ask() -> DiscoveredSchema:
            schema = self.client.discover_schema(source_id, disable_cache=True)
            self.forget(("discovered", source_id))
            return self.once(("discovered", source_id), lambda: schema)

        return self.once(("discovered fresh", source_id), ask)

    def moved_by(self, connection_id: str) -> set[StreamDescriptor]:
        """The streams that a connection has moved, and not cleared since, as far as its state and its jobs tell."""
        return self._history(connection_id)[0]

    def cleared_by(self, connection_id: str) -> set[StreamDescriptor]:
        """The streams that a connection has cleared, and not moved since."""
        moved, cleared = self._history(connection_id)
        return cleared - moved

    def is_idle(self, connection_id: str) -> bool:
        """Whether a connection has never moved anything: it has no sync state, and no job but clears."""
        kinds = {entry.job.config_type for entry in self.jobs(connection_id)}
        return kinds <= {JobConfigType.RESET_CONNECTION} and self._state(connection_id).empty

    def forget_jobs(self, connection_id: str) -> None:
        """Ask again what a connection has moved: a job of it may have started meanwhile."""
        for about in ("jobs", "moved by", "state"):
            self.forget((about, connection_id))

    def jobs(self, connection_id: str) -> list[JobWithAttempts]:
        """The newest jobs of a connection, as they were when they were first asked for."""
        return self.once(("jobs", connection_id), lambda: self.client.list_jobs(connection_id, limit=200))

    def _history(self, connection_id: str) -> tuple[set[StreamDescriptor], set[StreamDescriptor]]:
        def ask() -> tuple[set[StreamDescriptor], set[StreamDescriptor]]:
            moved: set[StreamDescriptor] = set()
            cleared: set[StreamDescriptor] = set()
            for entry in self.jobs(connection_id):
                job = entry.job
                if job.config_type == JobConfigType.RESET_CONNECTION:
                    # A clear leaves the table of a stream alone that is not in the connection any more (§9.3).
                    done = job.streams() & job.enabled() if job.status == JobStatus.SUCCEEDED else set()
                    cleared |= done - moved
                else:
                    moved |= entry.moved() - cleared
            return moved | self._state(connection_id).streams(), cleared

        return self.once(("moved by", connection_id), ask)

    def _state(self, connection_id: str) -> ConnectionState:
        return self.once(("state", connection_id), lambda: self.client.get_state(connection_id))

    def all_connections(self, workspace_id: str) -> list[ConnectionRead] | None:
        """Every connection of a workspace, deleted ones too; ``None`` where the server does not tell."""

        def ask() -> list[ConnectionRead] | None:
            try:
                return self.client.list_all_connections(workspace_id)
            except StatusError:
                return None

        return self.once(("all connections", workspace_id), ask)

    def names(self, workspace_id: str) -> list[ConnectionListItem]:
        """The connections of a workspace that are not deleted: names, sources and destinations."""
        return self.once(
            ("names", workspace_id), lambda: list(self.client.list_connections_for_workspace(workspace_id))
        )

    def connection(self, connection_id: str, workspace_id: str) -> ConnectionRead:
        """A connection to be read, not changed: the first few one by one, then all of the workspace with one call.

        Raises:
            NotFoundError: the server does not have it.
        """
        with self._lock:
            self._reads += 1
            many = self._reads > _FEW
        if many and workspace_id:
            listed = self.once(("listed", workspace_id), lambda: self._listed(workspace_id))
            if connection_id in listed:
                return listed[connection_id]
        return self.client.get_connection(connection_id)

    def _listed(self, workspace_id: str) -> dict[str, ConnectionRead]:
        return {each.connection_id: each for each in self.client.list_connections(workspace_id)}


class Sessions:
    """One session for each server.

    Args:
        on_retry: told of each call that is tried again, as ``AirbyteClient`` tells it.
        transport: an httpx transport in place of the network, for tests.
    """

    def __init__(self, on_retry: OnRetry | None = None, transport: httpx.BaseTransport | None = None) -> None:
        self._on_retry, self._transport = on_retry, transport
        self._lock = threading.Lock()
        self._sessions: dict[ServerSettings, Session] = {}

    def get(self, get: Callable[[str], object | None], server: str = "") -> Session:
        """The session of the configured server.

        Args:
            get: looks up a stack config key.
            server: the name of a further server; empty for the default one.

        Raises:
            ConfigurationError: the settings are missing or contradictory.
        """
        settings = read_settings(get, server=server)
        with self._lock:
            if settings not in self._sessions:
                self._sessions[settings] = Session(
                    AirbyteClient(settings, transport=self._transport, on_retry=self._on_retry)
                )
            return self._sessions[settings]
