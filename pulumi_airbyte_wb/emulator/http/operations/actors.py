"""``sources/*``, ``destinations/*`` and ``actor_definition_versions/*`` (semantics §1.2)."""

from pulumi_airbyte_wb.emulator.catalog.discovery import DiscoveryError, api_catalog, fetch_catalog, newest_catalog
from pulumi_airbyte_wb.emulator.connection.schema_refresh import apply_discovery, refresh_connections
from pulumi_airbyte_wb.emulator.core.failures import NotFoundError, needed
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.actor_answers import (
    actor_read,
    definition_read,
    definition_version,
    listed_actor,
)
from pulumi_airbyte_wb.emulator.http.paging import actor_page
from pulumi_airbyte_wb.emulator.http.registry import operation
from pulumi_airbyte_wb.emulator.http.requests import DEFINITIONS, DESTINATION_ID, DISCOVER, SOURCE_ID, actor_list_shape


def _list(airbyte: Airbyte, body: Doc, kind: str) -> Doc:
    workspace_id = needed(body, "workspaceId", airbyte.rules) if airbyte.rules.has("cursorPaging") else None
    workspace_id = workspace_id or body.get("workspaceId")
    actors = [actor for actor in airbyte.store.all(kind) if actor["workspaceId"] == workspace_id]
    if not airbyte.rules.has("cursorPaging"):
        return {f"{kind}s": [listed_actor(airbyte, actor, kind) for actor in actors]}
    page, size = actor_page(actors, body, kind)
    answer: Doc = {f"{kind}s": [listed_actor(airbyte, actor, kind) for actor in page]}
    return answer | {"page_size": size, "num_connections": len(actors)}


@operation("sources/list", by_version=actor_list_shape)
def list_sources(airbyte: Airbyte, body: Doc) -> Doc:
    """The sources of a workspace."""
    return _list(airbyte, body, "source")


@operation("destinations/list", by_version=actor_list_shape)
def list_destinations(airbyte: Airbyte, body: Doc) -> Doc:
    """The destinations of a workspace."""
    return _list(airbyte, body, "destination")


@operation("sources/get", SOURCE_ID)
def get_source(airbyte: Airbyte, body: Doc) -> Doc:
    """A source."""
    return actor_read(airbyte, airbyte.source(needed(body, "sourceId", airbyte.rules)), "source")


@operation("destinations/get", DESTINATION_ID)
def get_destination(airbyte: Airbyte, body: Doc) -> Doc:
    """A destination."""
    return actor_read(airbyte, airbyte.destination(needed(body, "destinationId", airbyte.rules)), "destination")


@operation("actor_definition_versions/get_for_source", SOURCE_ID)
def version_of_source(airbyte: Airbyte, body: Doc) -> Doc:
    """The connector version of a source."""
    return definition_version(airbyte, airbyte.source(needed(body, "sourceId", airbyte.rules)))


@operation("actor_definition_versions/get_for_destination", DESTINATION_ID)
def version_of_destination(airbyte: Airbyte, body: Doc) -> Doc:
    """The connector version of a destination; says whether it supports refreshes from v0.62.1."""
    return definition_version(airbyte, airbyte.destination(needed(body, "destinationId", airbyte.rules)))


def _definition(airbyte: Airbyte, body: Doc, kind: str) -> Doc:
    definition_id = needed(body, f"{kind}DefinitionId", airbyte.rules)
    for actor in airbyte.store.all(kind):
        if actor["definition"]["definitionId"] == definition_id:
            return definition_read(airbyte, actor, kind)
    raise NotFoundError(f"STANDARD_{kind.upper()}_DEFINITION", definition_id)


@operation("source_definitions/get", DEFINITIONS["source"])
def get_source_definition(airbyte: Airbyte, body: Doc) -> Doc:
    """A connector of sources: the emulator knows those that its sources have."""
    return _definition(airbyte, body, "source")


@operation("destination_definitions/get", DEFINITIONS["destination"])
def get_destination_definition(airbyte: Airbyte, body: Doc) -> Doc:
    """A connector of destinations."""
    return _definition(airbyte, body, "destination")


@operation("sources/discover_schema", DISCOVER)
def discover_schema(airbyte: Airbyte, body: Doc) -> Doc:
    """Discover a source's schema; with a connectionId this writes (§3.4)."""
    source = airbyte.source(needed(body, "sourceId", airbyte.rules))
    cached = None if body.get("disable_cache") else newest_catalog(airbyte, source["sourceId"])
    job = _discover_job(airbyte, source, cached=cached is not None)
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
    return answer | _effects(airbyte, body.get("connectionId"), source, catalog)


def _effects(airbyte: Airbyte, connection_id: str | None, source: Doc, catalog: Doc) -> Doc:
    """What a discovery does to the connection that it names; up to v1.3.0 to all of the source, known or not (4)."""
    if connection_id is None:
        return {}
    known = airbyte.store.get("connection", connection_id)
    if known is None and not airbyte.rules.has("discover.onlyNamedConnection"):
        refresh_connections(airbyte, source, catalog)
        return {}
    connection = airbyte.connection(connection_id)
    diff = apply_discovery(airbyte, connection, catalog)
    return {
        "catalogDiff": {"transforms": diff},
        "breakingChange": connection["breakingChange"],
        "connectionStatus": connection["status"],
    }


def _discover_job(airbyte: Airbyte, source: Doc, *, cached: bool) -> Doc:
    """A SynchronousJobRead: its times are milliseconds, and there is no job where the catalog was at hand (12)."""
    moment = 0 if cached else airbyte.now() * 1000
    job: Doc = {
        "id": airbyte.new_id(),
        "configType": "discover_schema",
        "configId": "NoConfiguration" if cached else f"Optional[{source['definition']['definitionId']}]",
        "createdAt": moment,
        "endedAt": moment,
        "succeeded": True,
        "connectorConfigurationUpdated": False,
        "logs": {"logLines": []},
    }
    if airbyte.rules.has("structuredLogs"):
        job |= {"logType": "formatted", "logs": {"events": [], "logLines": []}}
    return job
