"""``web_backend/*`` (semantics §1.1 to §5)."""

from typing import Any

from pulumi_airbyte_wb.emulator.catalog.discovery import DiscoveryError, fetch_catalog
from pulumi_airbyte_wb.emulator.connection.row import create_connection
from pulumi_airbyte_wb.emulator.connection.schema_refresh import apply_discovery
from pulumi_airbyte_wb.emulator.connection.states import state_type
from pulumi_airbyte_wb.emulator.core.failures import asked, needed, null_pointer
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.answers import list_item, web_connection_read
from pulumi_airbyte_wb.emulator.http.connection_requests import update_shape, web_create_shape
from pulumi_airbyte_wb.emulator.http.paging import web_list_page
from pulumi_airbyte_wb.emulator.http.registry import operation
from pulumi_airbyte_wb.emulator.http.requests import (
    CONNECTION_ID,
    WEB_GET,
    WEB_LIST,
    WORKSPACE_STATE,
)
from pulumi_airbyte_wb.emulator.jobs.connection_changes import update_connection


@operation("web_backend/connections/create", by_version=web_create_shape)
def create(airbyte: Airbyte, body: Doc) -> Doc:
    """Create a connection."""
    for name in ("sourceId", "destinationId"):
        needed(body, name, airbyte.rules)
    return web_connection_read(airbyte, create_connection(airbyte, body), created=True)


@operation("web_backend/connections/get", WEB_GET)
def get(airbyte: Airbyte, body: Doc) -> Doc:
    """Get a connection; with a refreshed catalog this writes (§3.4)."""
    connection = airbyte.connection(needed(body, "connectionId", airbyte.rules))
    if not body.get("withRefreshedCatalog"):
        return web_connection_read(airbyte, connection)
    try:
        discovered = fetch_catalog(airbyte, airbyte.source(connection["sourceId"]))
    except DiscoveryError:
        raise null_pointer("discoveredCatalog") from None
    original_id = connection["sourceCatalogId"]
    diff = apply_discovery(airbyte, connection, discovered)
    answer = web_connection_read(airbyte, connection, discovered=discovered, diff={"transforms": diff})
    if original_id is None:
        answer["schemaChange"] = "no_change"
    return answer


@operation("web_backend/connections/update", by_version=update_shape)
def update(airbyte: Airbyte, body: Doc) -> Doc:
    """Update a connection."""
    body["connectionId"] = needed(body, "connectionId", airbyte.rules)
    return web_connection_read(airbyte, update_connection(airbyte, body))


@operation("web_backend/connections/list", WEB_LIST)
def list_connections(airbyte: Airbyte, body: Doc) -> Doc:
    """List a workspace's connections; pages of 20 from v1.8.0 (§1.1)."""
    connections = airbyte.connections(workspace_ids=[body.get("workspaceId") or ""])
    for name in ("sourceId", "destinationId"):
        if body.get(name):
            connections = [connection for connection in connections if connection[name] in body[name]]
    if not airbyte.rules.has("cursorPaging"):
        return {"connections": [list_item(airbyte, connection) for connection in connections]}
    page, size, total = web_list_page(airbyte, connections, body)
    return {
        "connections": [list_item(airbyte, connection) for connection in page],
        "page_size": size,
        "num_connections": total,
    }


@operation("web_backend/state/get_type", CONNECTION_ID)
def get_state_type(airbyte: Airbyte, body: Doc) -> str:
    """The state's type; an unknown connection is not_set."""
    return state_type(airbyte, asked(body, "connectionId", airbyte.rules))


@operation("web_backend/check_updates")
def check_updates(airbyte: Airbyte, body: Doc) -> Doc:  # noqa: ARG001 - a handler
    """How many connectors have updates: the emulator knows no registry."""
    return {"destinationDefinitions": 0, "sourceDefinitions": 0}


@operation("web_backend/workspace/state", WORKSPACE_STATE)
def workspace_state(airbyte: Airbyte, body: Doc) -> Doc:
    """Whether a workspace holds anything; unknown ones hold nothing."""
    workspace_id = body.get("workspaceId") or ""

    def holds(docs: Any) -> bool:
        return any(doc["workspaceId"] == workspace_id for doc in docs)

    return {
        "hasConnections": holds(airbyte.connections()),
        "hasSources": holds(airbyte.store.all("source")),
        "hasDestinations": holds(airbyte.store.all("destination")),
    }


@operation("web_backend/geographies/list")
def geographies(airbyte: Airbyte, body: Doc) -> Doc:  # noqa: ARG001 - a handler
    """The geographies of an open-source install."""
    return {"geographies": ["auto"]}
