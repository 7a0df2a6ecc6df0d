"""What one provider process knows of a server: one client, and answers that many resources share.

Everything here lives for one run. An answer is asked for once, by whichever of the provider's threads needs it first;
failures are not kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

import httpx

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings, read_settings
from pulumi_airbyte_wb.errors import AirbyteError, ForbiddenError, NoEndpointError, NotFoundError, UnsupportedError
from pulumi_airbyte_wb.live.history import History
from pulumi_airbyte_wb.live.run_tables import RunTables
from pulumi_airbyte_wb.models import (
    ActorDefinitionVersion,
    ConnectionListItem,
    ConnectionRead,
    DestinationRead,
    DiscoveredSchema,
    SourceRead,
    StreamDescriptor,
)
from pulumi_airbyte_wb.spec.streams import StreamSpec

Answer = TypeVar("Answer")
OnRetry: TypeAlias = Callable[[str, float, int, int], None]
_FEW = 3


class Session:
    """Shared, cached reads of one server."""

    def __init__(self, client: AirbyteClient) -> None:
        self.client, self.tables = client, RunTables()
        self._answers: dict[Hashable, Any] = {}
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self._reads = self._looks = 0
        self._claims: dict[Hashable, str] = {}
        self._changing: dict[str, threading.Lock] = {}
        self._declared: dict[str, Mapping[str, str]] = {}
        self._coming: dict[str, Mapping[str, str]] = {}
        self._moving: frozenset[str] = frozenset()
        self._hidden: dict[str, frozenset[str]] = {}
        self._lines: dict[tuple[str, str], StreamSpec] = {}

    def check_workspace(self, workspace_id: str, what: str) -> None:
        """Whether the server that does not know a resource knows the resource's workspace; asked once a run.

        Raises:
            AirbyteError: it does not, so it is another server than the one that the resource was recorded on.
        """
        try:
            self.once(("workspace", workspace_id), lambda: self.client.get_workspace(workspace_id))
        except NotFoundError:
            raise AirbyteError(
                f"the server at {self.client.settings.base_url} does not know the workspace {workspace_id} of this "
                f"{what}: it is another server than the one that the {what} was recorded on, so nothing was taken "
                "out of the state; check airbyte-wb:url"
            ) from None

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

    def foretell(
        self, connection_id: str, declared: Mapping[str, str], changed: Mapping[str, str], *, moves: bool = False
    ) -> None:
        """Note the fields that a resource of this run declares of a connection, and those that it changes.

        ``moves`` says whether its update has jobs, which move all the streams of the connection.
        """
        with self._lock:
            self._declared[connection_id], self._coming[connection_id] = declared, changed
            self._moving = self._moving | {connection_id} if moves else self._moving - {connection_id}

    def is_moved(self, connection_id: str) -> bool:
        """Whether jobs of another resource of this run move the streams of a connection."""
        with self._lock:
            return connection_id in self._moving

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

    def tell_line(self, connection_id: str, stream: str, spec: StreamSpec) -> None:
        """Note what a resource of this run declares of a stream."""
        with self._lock:
            self._lines[connection_id, stream] = spec

    def line(self, connection_id: str, stream: StreamDescriptor) -> StreamSpec | None:
        """What a resource of this run declares of a stream, as far as they had their turn."""
        with self._lock:
            return self._lines.get((connection_id, stream.key))

    def coming(self, connection_id: str) -> Mapping[str, str]:
        """The fields of a connection that another resource of this run changes, as they are when that is done."""
        with self._lock:
            return self._coming.get(connection_id, {})

    def forget(self, key: Hashable) -> None:
        """Ask again next time."""
        with self._lock:
            self._answers.pop(key, None)

    def note_ends(self, connection: ConnectionRead) -> None:
        """Keep what the answer for a connection tells of its source and destination."""
        source, destination = connection.source, connection.destination
        if source is not None and source.workspace_id:
            self.once(("source", connection.source_id), lambda: source)
        if destination is not None and destination.workspace_id:
            self.once(("destination", connection.destination_id), lambda: destination)
        version = connection.destination_actor_definition_version
        if version is not None:
            self.once(("destination version", connection.destination_id), lambda: version)

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
            except (NoEndpointError, UnsupportedError):
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

    def history(self, connection_id: str) -> History:
        """What a connection has done, as it was when it was first asked for, or since ``look_again``."""
        return self.once(("history", connection_id), lambda: History(self.client, connection_id))

    def look_again(self, connection_id: str) -> None:
        """Ask again what a connection has done: a job of it may have started meanwhile."""
        self.forget(("history", connection_id))

    def all_connections(self, workspace_id: str) -> list[ConnectionRead] | None:
        """Every connection of a workspace, deleted ones too; ``None`` where the server does not tell."""

        def ask() -> list[ConnectionRead] | None:
            try:
                return self.client.list_all_connections(workspace_id)
            except (ForbiddenError, NoEndpointError, UnsupportedError):
                return None

        return self.once(("all connections", workspace_id), ask)

    def named(self, name: str, source_id: str, destination_id: str) -> list[str]:
        """The ids of the connections that are not deleted, with just this name and these ends.

        The first few are looked for one by one, so that the answer does not grow with the workspace; then all of the
        workspace are listed with one call.
        """
        key, listed = ("named", name, source_id, destination_id), False
        with self._lock:
            if key not in self._locks:
                self._looks += 1
                listed = self._looks > _FEW
        if not listed:
            return self.once(key, lambda: self.look_for(name, source_id, destination_id))
        ends = (source_id, destination_id)
        names = self.names(self.source(source_id).workspace_id or "")
        return [item.connection_id for item in names if item.name == name and item.ends == ends]

    def look_for(self, name: str, source_id: str, destination_id: str) -> list[str]:
        """The ids of the connections that are not deleted, with just this name and these ends, as they are now.

        All between these ends are listed, from server 1.8.0 on only those that match the name: ``connections/search``
        of real servers finds none, whatever there is.
        """
        plain = name.isascii() and not set(name) & set("\\%_")
        narrow = plain and self.client.capabilities.has("list.filters")
        found = self.client.list_connections_for_workspace(
            self.source(source_id).workspace_id or "",
            source_ids=[source_id],
            destination_ids=[destination_id],
            filters={"searchTerm": name} if narrow else None,
        )
        return [item.connection_id for item in found if item.name == name]

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
