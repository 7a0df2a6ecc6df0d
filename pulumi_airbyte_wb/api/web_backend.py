"""The documented operations of ``web_backend``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_airbyte_wb.api.transport import Kind, Transport
from pulumi_airbyte_wb.errors import AnswerError
from pulumi_airbyte_wb.models import (
    ConnectionCreate,
    ConnectionListItem,
    ConnectionRead,
    ConnectionUpdate,
    ReadModel,
    StateType,
)

PAGE_SIZE = 100


class _ConnectionList(ReadModel):
    connections: list[ConnectionListItem]


class WebBackend:
    """Mixin with the ``web_backend`` operations; every method raises the ``ApiError`` family."""

    _transport: Transport

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

    def create_connection(self, request: ConnectionCreate) -> ConnectionRead:
        """Create a connection (``web_backend/connections/create``); never repeated unless it certainly did nothing."""
        return self._transport.call("web_backend/connections/create", request.wire(), ConnectionRead, Kind.CREATE)

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

    def list_connections_for_workspace(self, workspace_id: str) -> Iterator[ConnectionListItem]:
        """Every connection of a workspace that is not deleted (``web_backend/connections/list``).

        Servers up to 1.7.0 answer with all at once, later ones with pages; both end here as one sequence.
        """
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            body: dict[str, Any] = {"workspaceId": workspace_id, "pageSize": PAGE_SIZE}
            if cursor:
                body["cursor"] = cursor
            page = self._transport.call("web_backend/connections/list", body, _ConnectionList).connections
            fresh = [item for item in page if item.connection_id not in seen]
            yield from fresh
            seen.update(item.connection_id for item in fresh)
            # A server without paging answers with everything each time: nothing fresh, or not exactly a page.
            if len(page) != PAGE_SIZE or not fresh:
                return
            cursor = page[-1].connection_id

    def update_connection(self, request: ConnectionUpdate) -> ConnectionRead:
        """Change a connection (``web_backend/connections/update``).

        Repeated after a lost answer: what it sets is absolute, so twice is as once, but for ``operations`` without ids.
        """
        kind = Kind.CREATE if request.operations else Kind.WRITE
        return self._transport.call("web_backend/connections/update", request.wire(), ConnectionRead, kind)
