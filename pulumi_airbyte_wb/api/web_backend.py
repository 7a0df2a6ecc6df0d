"""The documented operations of ``web_backend``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NotRequired, TypedDict

from pulumi_airbyte_wb.api.base import Caller
from pulumi_airbyte_wb.api.capabilities import check, restricted
from pulumi_airbyte_wb.api.transport import Kind
from pulumi_airbyte_wb.errors import AnswerError
from pulumi_airbyte_wb.models import (
    AvailableUpdates,
    ConnectionCreate,
    ConnectionListItem,
    ConnectionRead,
    ConnectionUpdate,
    ReadModel,
    StateType,
    WorkspaceState,
)


class ConnectionFilters(TypedDict):
    """Filters of a list of connections, all of which have to fit (server 1.8.0 on)."""

    searchTerm: NotRequired[str]
    sourceDefinitionIds: NotRequired[list[str]]
    destinationDefinitionIds: NotRequired[list[str]]
    statuses: NotRequired[list[Literal["healthy", "failed", "running", "paused"]]]
    states: NotRequired[list[Literal["active", "inactive"]]]
    tagIds: NotRequired[list[str]]


ConnectionSortKey = Literal[
    "connectionName_asc",
    "connectionName_desc",
    "sourceName_asc",
    "sourceName_desc",
    "destinationName_asc",
    "destinationName_desc",
    "lastSync_asc",
    "lastSync_desc",
]


class _Geographies(ReadModel):
    geographies: list[str]


class WebBackend(Caller):
    """The eight ``web_backend`` operations; every method raises the ``ApiError`` family.

    ``UnsupportedError`` says that the server's version does not have the call, or a field of the request; a request
    that holds such a field is not sent.
    """

    def get_state_type(self, connection_id: str) -> StateType:
        """Which kind of sync state a connection holds (``web_backend/state/get_type``).

        An unknown connection is answered with ``not_set``, as one that never synced.
        """
        operation = "web_backend/state/get_type"
        answer = self._transport.call_raw(operation, {"connectionId": connection_id})
        try:
            return StateType(answer)
        except ValueError:
            raise AnswerError(f"{operation}: unknown state type {answer!r}", operation=operation) from None

    def check_updates(self) -> AvailableUpdates:
        """How many connector definitions could be updated (``web_backend/check_updates``).

        A server that cannot read the connector registry answers 0, not an error.
        """
        return self._transport.call("web_backend/check_updates", {}, AvailableUpdates)

    def create_connection(self, request: ConnectionCreate) -> ConnectionRead:
        """Create a connection (``web_backend/connections/create``); never repeated unless it certainly did nothing.

        A refused create can leave its ``operations`` behind, attached to nothing; a repeated one makes a second
        connection. An unknown source or destination is a ``NotFoundError``.
        """
        operation = "web_backend/connections/create"
        body = request.wire()
        self._check(body, "create", operation)
        return self._transport.call(operation, body, ConnectionRead, Kind.CREATE)

    def get_connection(self, connection_id: str, *, with_refreshed_catalog: bool = False) -> ConnectionRead:
        """Read a connection (``web_backend/connections/get``); a deleted one comes with status ``deprecated``.

        ``with_refreshed_catalog`` runs the source's discovery, takes minutes, and **writes**: the server may pause the
        connection, before 1.4.0 every connection of that source (semantics §3.4). Never set it for a mere look.
        """
        body: dict[str, Any] = {"connectionId": connection_id}
        if with_refreshed_catalog:
            body["withRefreshedCatalog"] = True
        kind = Kind.DISCOVER if with_refreshed_catalog else Kind.READ
        return self._transport.call("web_backend/connections/get", body, ConnectionRead, kind)

    def get_workspace_state(self, workspace_id: str) -> WorkspaceState:
        """Whether a workspace holds anything (``web_backend/workspace/state``); an unknown one holds nothing."""
        return self._transport.call("web_backend/workspace/state", {"workspaceId": workspace_id}, WorkspaceState)

    def list_connections_for_workspace(
        self,
        workspace_id: str,
        *,
        source_ids: Iterable[str] = (),
        destination_ids: Iterable[str] = (),
        filters: ConnectionFilters | None = None,
        sort_key: ConnectionSortKey | None = None,
    ) -> Iterator[ConnectionListItem]:
        """Every connection of a workspace that is not deleted (``web_backend/connections/list``).

        Servers up to 1.7.0 answer with all at once, later ones with pages; both end here as one sequence. An unknown
        workspace has no connections.

        Args:
            workspace_id: the workspace.
            source_ids: only connections from these sources; all where it is empty.
            destination_ids: only connections to these destinations; all where it is empty.
            filters: see ``ConnectionFilters`` (server 1.8.0 on).
            sort_key: the order (server 1.8.0 on); left out, newer servers order by name and older ones not at all.
        """
        operation = "web_backend/connections/list"
        body: dict[str, Any] = {"workspaceId": workspace_id}
        for name, value in (("sourceId", list(source_ids)), ("destinationId", list(destination_ids))):
            body |= {name: value} if value else {}
        for name, given in (("filters", filters), ("sortKey", sort_key)):
            body |= {name: given} if given else {}
        check(self._capabilities_for(body, "list"), ((f"list.{name}", name) for name in body), operation)
        return self._pages(operation, body, "connections", ConnectionListItem, lambda item: item.connection_id)

    def list_geographies(self) -> list[str]:
        """Where syncs can run (``web_backend/geographies/list``, server up to 1.6.0).

        Later servers have groups of data planes in place of geographies: ``list_dataplane_groups``.
        """
        return self._transport.call("web_backend/geographies/list", {}, _Geographies).geographies

    def update_connection(self, request: ConnectionUpdate) -> ConnectionRead:
        """Change a connection (``web_backend/connections/update``).

        Repeated after a lost answer: what it sets is absolute, so twice is as once, but for ``operations`` without ids.
        """
        operation = "web_backend/connections/update"
        body = request.wire()
        self._check(body, "update", operation)
        adds = any(each.operation_id is None for each in request.operations or ())
        return self._transport.call(operation, body, ConnectionRead, Kind.CREATE if adds else Kind.WRITE)

    def _check(self, body: dict[str, Any], kind: str, operation: str) -> None:
        found = list(restricted(body, kind))
        if found:
            check(self.capabilities, iter(found), operation)
