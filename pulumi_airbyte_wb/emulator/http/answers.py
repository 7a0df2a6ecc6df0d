"""How documents look in answers, by version (semantics §1, §3.5, §14)."""

from typing import Any

from pulumi_airbyte_wb.emulator.catalog.configured import api_catalog_of
from pulumi_airbyte_wb.emulator.catalog.discovery import api_catalog
from pulumi_airbyte_wb.emulator.catalog.merge import merged_catalog
from pulumi_airbyte_wb.emulator.connection.sync_operations import operation_read
from pulumi_airbyte_wb.emulator.core.server import UNFINISHED, Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.actor_answers import actor_read, definition_version, snippet
from pulumi_airbyte_wb.emulator.jobs import history

DATAPLANE_GROUP = "40000000-0000-4000-8000-000000000001"
ORGANIZATION = "00000000-0000-0000-0000-000000000000"


def without_nulls(doc: Doc) -> Doc:
    """Answers never hold nulls (§1.1)."""
    return {name: value for name, value in doc.items() if value is not None}


def workspace_read(airbyte: Airbyte, workspace: Doc) -> Doc:
    """A WorkspaceRead."""
    rules = airbyte.rules
    answer: Doc = {
        "workspaceId": workspace["workspaceId"],
        "customerId": workspace["workspaceId"],
        "name": workspace["name"],
        "slug": workspace["slug"],
        "initialSetupComplete": True,
        "displaySetupWizard": False,
        "anonymousDataCollection": False,
        "news": False,
        "securityUpdates": False,
        "notifications": [],
    }
    if workspace.get("webhookConfigs"):
        answer["webhookConfigs"] = workspace["webhookConfigs"]
    if rules.has("notificationSettings"):
        answer["notificationSettings"] = {}
    if rules.has("organization"):
        answer["organizationId"] = ORGANIZATION
        answer["tombstone"] = False
    if rules.has("geography"):
        answer["defaultGeography"] = "auto"
    if rules.has("dataplaneGroupId"):
        answer["dataplaneGroupId"] = DATAPLANE_GROUP
    return answer


def connection_read(airbyte: Airbyte, connection: Doc) -> Doc:
    """A ConnectionRead: its catalog holds the selected streams only (§1.2)."""
    rules = airbyte.rules
    answer = _common(airbyte, connection)
    answer |= {
        "syncCatalog": api_catalog_of(airbyte.configured(connection["connectionId"]), rules),
        "sourceCatalogId": connection["sourceCatalogId"],
        "breakingChange": connection["breakingChange"],
    }
    if rules.has("createdAt"):
        answer["created_at"] = int(connection["createdAt"])
    return without_nulls(answer)


def web_connection_read(
    airbyte: Airbyte, connection: Doc, *, discovered: Doc | None = None, diff: Doc | None = None, created: bool = False
) -> Doc:
    """A WebBackendConnectionRead (§3.5); ``discovered`` is the catalog of a refresh.

    The answer of a create (``created``) holds the selected streams alone (real-server.md 8).
    """
    rules = airbyte.rules
    source = airbyte.source(connection["sourceId"])
    destination = airbyte.destination(connection["destinationId"])
    sync = history.newest_sync(airbyte, connection["connectionId"])
    answer = _common(airbyte, connection)
    answer |= {
        "syncCatalog": sync_catalog(airbyte, connection, discovered, created=created),
        "catalogId": connection["sourceCatalogId"] if discovered is None else discovered["catalogId"],
        "source": actor_read(airbyte, source, "source"),
        "destination": actor_read(airbyte, destination, "destination"),
        "operations": _operations(airbyte, connection),
        "isSyncing": sync is not None and sync["status"] in UNFINISHED,
        "latestSyncJobCreatedAt": None if sync is None else int(sync["createdAt"]),
        "latestSyncJobStatus": None if sync is None else sync["status"],
        "schemaChange": schema_change(airbyte, connection),
        "catalogDiff": diff,
    }
    if rules.has("createdAt"):
        answer["createdAt"] = int(connection["createdAt"])
    if rules.has("actorDefinitionVersion"):
        answer["sourceActorDefinitionVersion"] = definition_version(airbyte, source)
        answer["destinationActorDefinitionVersion"] = definition_version(airbyte, destination)
    return without_nulls(answer)


def sync_catalog(airbyte: Airbyte, connection: Doc, discovered: Doc | None, *, created: bool) -> Doc:
    """The syncCatalog of a web_backend answer (§3.2 step 3)."""
    rules = airbyte.rules
    configured = api_catalog_of(airbyte.configured(connection["connectionId"]), rules)
    original = original_catalog(airbyte, connection)
    if created or (discovered is None and original is None):
        return configured
    modes = airbyte.destination(connection["destinationId"])["supportedDestinationSyncModes"]
    shown = None if original is None else api_catalog(original, rules, modes)
    newest = shown if discovered is None else api_catalog(discovered, rules, modes)
    if newest is None:
        raise RuntimeError("unreachable: one of the two is there")
    return merged_catalog(configured, shown if shown is not None else configured, newest, rules)


def original_catalog(airbyte: Airbyte, connection: Doc) -> Doc | None:
    """The discovered catalog stored under the connection's sourceCatalogId (§3.1)."""
    catalog_id = connection["sourceCatalogId"]
    return None if catalog_id is None else airbyte.store.get("catalog", catalog_id)


def schema_change(airbyte: Airbyte, connection: Doc) -> str:
    """no_change, breaking or non_breaking, in the server's order of questions (§3.5)."""
    if connection["sourceCatalogId"] is None:
        return "no_change"
    if connection["breakingChange"]:
        return "breaking"
    fetch = airbyte.store.get("fetch", connection["sourceId"])
    if fetch is not None and fetch["catalogId"] != connection["sourceCatalogId"]:
        return "non_breaking"
    return "no_change"


def list_item(airbyte: Airbyte, connection: Doc) -> Doc:
    """A WebBackendConnectionListItem (§1.1): no catalog, no operations, no ids at its top."""
    rules = airbyte.rules
    source = airbyte.source(connection["sourceId"])
    destination = airbyte.destination(connection["destinationId"])
    sync = history.newest_sync(airbyte, connection["connectionId"], in_list=True)
    syncing = ("running",) if rules.has("cursorPaging") else UNFINISHED
    answer: Doc = {
        "connectionId": connection["connectionId"],
        "name": connection["name"],
        "scheduleType": connection["scheduleType"],
        "scheduleData": connection["scheduleData"],
        "status": connection["status"],
        "source": snippet(source, "source"),
        "destination": snippet(destination, "destination"),
        "isSyncing": sync is not None and sync["status"] in syncing,
        "schemaChange": schema_change(airbyte, connection),
        "latestSyncJobCreatedAt": None if sync is None else int(sync["createdAt"]),
        "latestSyncJobStatus": None if sync is None else sync["status"],
    }
    if rules.has("actorDefinitionVersion"):
        answer["sourceActorDefinitionVersion"] = definition_version(airbyte, source)
        answer["destinationActorDefinitionVersion"] = definition_version(airbyte, destination)
    if rules.has("tags"):
        answer["tags"] = _tags(airbyte, connection)
    return without_nulls(answer)


def _common(airbyte: Airbyte, connection: Doc) -> Doc:
    rules = airbyte.rules
    data = connection["scheduleData"] or {}
    answer: Doc = {
        name: connection[name]
        for name in (
            "connectionId",
            "name",
            "namespaceDefinition",
            "namespaceFormat",
            "prefix",
            "sourceId",
            "destinationId",
            "scheduleType",
            "scheduleData",
            "status",
            "resourceRequirements",
            "notifySchemaChanges",
        )
    }
    answer["schedule"] = data.get("basicSchedule")
    answer["operationIds"] = list(connection["operationIds"])
    answer["nonBreakingChangesPreference"] = connection["nonBreakingChangesPreference"] or "ignore"
    if rules.has("notifySchemaChangesByEmail"):
        answer["notifySchemaChangesByEmail"] = connection["notifySchemaChangesByEmail"]
    if rules.has("backfillPreference"):
        answer["backfillPreference"] = connection["backfillPreference"] or "disabled"
    if rules.has("geography"):
        answer["geography"] = connection["geography"]
    if rules.has("destinationCatalogId"):
        answer["destinationCatalogId"] = connection["destinationCatalogId"]
    if rules.has("tags"):
        answer["tags"] = _tags(airbyte, connection)
    return answer


def _tags(airbyte: Airbyte, connection: Doc) -> list[Any]:
    if not airbyte.rules.has("tags.effective"):
        return []
    tags = (airbyte.store.get("tag", tag_id) for tag_id in connection["tagIds"])
    return [tag for tag in tags if tag is not None]


def _operations(airbyte: Airbyte, connection: Doc) -> list[Doc]:
    operations = (airbyte.store.get("operation", operation_id) for operation_id in connection["operationIds"])
    return [
        operation_read(operation, airbyte.rules) for operation in operations if operation and not operation["tombstone"]
    ]
