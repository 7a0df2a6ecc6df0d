"""``sources/*``, ``destinations/*`` and ``actor_definition_versions/*`` (semantics §1.2)."""

from pulumi_airbyte_wb.emulator.catalog.discovery import DiscoveryError, api_catalog, fetch_catalog, newest_catalog
from pulumi_airbyte_wb.emulator.connection.schema_refresh import apply_discovery
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.answers import actor_read, definition_version
from pulumi_airbyte_wb.emulator.http.paging import actor_page
from pulumi_airbyte_wb.emulator.http.registry import operation
from pulumi_airbyte_wb.emulator.http.requests import ACTOR_LIST, DESTINATION_ID, DISCOVER, SOURCE_ID


def _list(airbyte: Airbyte, body: Doc, kind: str) -> Doc:
    workspace_id = body.get("workspaceId")
    actors = [actor for actor in airbyte.store.all(kind) if actor["workspaceId"] == workspace_id]
    if not airbyte.rules.has("cursorPaging"):
        return {f"{kind}s": [actor_read(airbyte, actor, kind) for actor in actors]}
    page = actor_page(actors, body, kind)
    answer: Doc = {f"{kind}s": [actor_read(airbyte, actor, kind) for actor in page]}
    return answer | {"page_size": body.get("pageSize") or len(page), "num_connections": len(actors)}


@operation("sources/list", ACTOR_LIST)
def list_sources(airbyte: Airbyte, body: Doc) -> Doc:
    """The sources of a workspace."""
    return _list(airbyte, body, "source")


@operation("destinations/list", ACTOR_LIST)
def list_destinations(airbyte: Airbyte, body: Doc) -> Doc:
    """The destinations of a workspace."""
    return _list(airbyte, body, "destination")


@operation("sources/get", SOURCE_ID)
def get_source(airbyte: Airbyte, body: Doc) -> Doc:
    """A source."""
    return actor_read(airbyte, airbyte.source(body.get("sourceId") or "null"), "source")


@operation("destinations/get", DESTINATION_ID)
def get_destination(airbyte: Airbyte, body: Doc) -> Doc:
    """A destination."""
    return actor_read(airbyte, airbyte.destination(body.get("destinationId") or "null"), "destination")


@operation("actor_definition_versions/get_for_source", SOURCE_ID)
def version_of_source(airbyte: Airbyte, body: Doc) -> Doc:
    """The connector version of a source."""
    return definition_version(airbyte, airbyte.source(body.get("sourceId") or "null"))


@operation("actor_definition_versions/get_for_destination", DESTINATION_ID)
def version_of_destination(airbyte: Airbyte, body: Doc) -> Doc:
    """The connector version of a destination; says whether it supports refreshes from v0.62.1."""
    return definition_version(airbyte, airbyte.destination(body.get("destinationId") or "null"))


@operation("sources/discover_schema", DISCOVER)
def discover_schema(airbyte: Airbyte, body: Doc) -> Doc:
    """Discover a source's schema; with a connectionId this writes (§3.4)."""
    source = airbyte.source(body.get("sourceId") or "null")
    cached = None if body.get("disable_cache") else newest_catalog(airbyte, source["sourceId"])
    started = airbyte.now()
    job: Doc = {
        "id": airbyte.new_id(),
        "configType": "discover_schema",
        "configId": source["sourceId"],
        "createdAt": started,
        "endedAt": airbyte.now(),
        "succeeded": True,
        "connectorConfigurationUpdated": False,
        "logs": {"logLines": []},
    }
    try:
        catalog = cached if cached is not None else fetch_catalog(airbyte, source)
    except DiscoveryError as problem:
        reason = {"failureOrigin": "source", "externalMessage": str(problem), "timestamp": airbyte.now() * 1000}
        return {"jobInfo": {**job, "succeeded": False, "failureReason": reason}}
    answer: Doc = {
        "catalog": api_catalog(catalog, airbyte.rules),
        "catalogId": catalog["catalogId"],
        "jobInfo": job,
    }
    if body.get("connectionId") is not None:
        connection = airbyte.connection(body["connectionId"])
        diff = apply_discovery(airbyte, connection, catalog)
        answer |= {
            "catalogDiff": {"transforms": diff},
            "breakingChange": connection["breakingChange"],
            "connectionStatus": connection["status"],
        }
    return answer
