"""The row of a connection: how a create makes it, and how an update patches it (semantics §2, §4)."""

from pulumi_airbyte_wb.emulator.catalog.checks import check_entry, selection_failure, stored_catalog
from pulumi_airbyte_wb.emulator.catalog.diff import catalog_diff, configured_by_key, is_breaking
from pulumi_airbyte_wb.emulator.catalog.discovery import newest_catalog
from pulumi_airbyte_wb.emulator.catalog.selection import SelectionError, all_streams, selected_streams
from pulumi_airbyte_wb.emulator.connection.schedule import (
    check_patch,
    plan_next_run,
    schedule_of_create,
    schedule_of_update,
)
from pulumi_airbyte_wb.emulator.connection.states import delete_states_of_changed_modes
from pulumi_airbyte_wb.emulator.connection.sync_operations import create_operation
from pulumi_airbyte_wb.emulator.core.failures import InternalError, database
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc

# set when given; nothing can be set back to null (§4.2)
_PATCHED = (
    "name",
    "namespaceDefinition",
    "namespaceFormat",
    "prefix",
    "status",
    "sourceCatalogId",
    "resourceRequirements",
    "nonBreakingChangesPreference",
    "backfillPreference",
    "destinationCatalogId",
    "geography",
)

_NAME_WIDTH = 256


def create_connection(airbyte: Airbyte, request: Doc, connection_id: str | None = None) -> Doc:
    """web_backend create, in the server's order of work (§2.1): operations come first and stay if the rest fails."""
    operations = [create_operation(airbyte, part) for part in request.get("operations") or []]
    airbyte.passed("operations")
    source = airbyte.source(request["sourceId"])
    destination = airbyte.destination(request["destinationId"])
    workspaces = {source["workspaceId"], destination["workspaceId"], *(part["workspaceId"] for part in operations)}
    if len(workspaces) > 1:
        raise InternalError("source, destination and operations must belong to the same workspace")
    _check_name(airbyte, request.get("name"))
    catalog = stored_catalog(request.get("syncCatalog") or {"streams": []}, airbyte.rules)
    connection = _new_row(airbyte, request, source, destination)
    if connection_id is not None:
        connection["connectionId"] = connection_id
    connection["operationIds"] = [operation["operationId"] for operation in operations]
    _check_catalog_id(airbyte, connection["sourceCatalogId"])
    airbyte.keep_configured(connection["connectionId"], catalog)
    plan_next_run(airbyte, connection)
    airbyte.passed("row")
    return connection


def _new_row(airbyte: Airbyte, request: Doc, source: Doc, destination: Doc) -> Doc:
    """The row of a new connection (§2.2)."""
    preference = request.get("nonBreakingChangesPreference")
    name = request.get("name")
    return {
        "connectionId": airbyte.new_id(),
        "workspaceId": source["workspaceId"],
        "sourceId": source["sourceId"],
        "destinationId": destination["destinationId"],
        "name": name if name is not None else f"{source['name']} <> {destination['name']}",
        "namespaceDefinition": request.get("namespaceDefinition") or "source",
        "namespaceFormat": request.get("namespaceFormat"),
        "prefix": request.get("prefix"),
        "status": request.get("status"),
        **schedule_of_create(request, airbyte.rules),
        "sourceCatalogId": request.get("sourceCatalogId"),
        "destinationCatalogId": request.get("destinationCatalogId"),
        "resourceRequirements": request.get("resourceRequirements"),
        "geography": request.get("geography") or "auto",
        "notifySchemaChanges": bool(request.get("notifySchemaChanges")),
        "notifySchemaChangesByEmail": False,
        "nonBreakingChangesPreference": preference,
        "backfillPreference": None if preference is None else request.get("backfillPreference"),
        "tagIds": _known_tags(airbyte, request.get("tags"), source["workspaceId"]),
        "operationIds": [],
        "breakingChange": False,
        "createdAt": airbyte.moment,
        "number": airbyte.next_number("connection"),
        "due": None,
    }


def patch_connection(airbyte: Airbyte, connection: Doc, request: Doc, breaking: bool | None) -> None:
    """ConnectionsHandler.updateConnection: checks, state deletion, one write of the whole row (§4.1 steps 5 to 9)."""
    connection_id = connection["connectionId"]
    check_patch(request)
    old = airbyte.configured(connection_id)
    catalog = request.get("syncCatalog")
    if catalog is not None:
        for entry in catalog["streams"]:
            check_entry(entry)
        chosen = {"streams": [entry for entry in catalog["streams"] if entry["config"]["selected"]]}
        delete_states_of_changed_modes(airbyte, connection_id, old, chosen)
    changes = schedule_of_update(request, airbyte.rules)
    stored = None if catalog is None else stored_catalog(catalog, airbyte.rules)
    changes |= {name: request[name] for name in _PATCHED if request.get(name) is not None}
    changes |= _notifications(connection, request)
    if airbyte.rules.has("tags.effective") and request.get("tags") is not None:
        changes["tagIds"] = _known_tags(airbyte, request["tags"], connection["workspaceId"])
    if breaking is not None:
        changes["breakingChange"] = breaking
    _check_name(airbyte, request.get("name"))
    _check_catalog_id(airbyte, changes.get("sourceCatalogId"))
    connection.update(changes)
    airbyte.store.put("connection", connection_id, connection)
    if stored is not None:
        airbyte.keep_configured(connection_id, stored)
    if connection["status"] != "deprecated":
        plan_next_run(airbyte, connection)


def _notifications(connection: Doc, request: Doc) -> Doc:
    """The quirk of §4.2: the e-mail row is compared with notifySchemaChanges, not with its own wish."""
    changes: Doc = {}
    webhook, email = request.get("notifySchemaChanges"), request.get("notifySchemaChangesByEmail")
    if webhook is not None:
        changes["notifySchemaChanges"] = webhook
    if email is not None:
        present = connection.get("emailRow", False)
        if not present or connection["notifySchemaChangesByEmail"] != bool(webhook):
            changes["notifySchemaChangesByEmail"] = email
        changes["emailRow"] = True
    return changes


def breaking_of_update(airbyte: Airbyte, connection: Doc, request: Doc) -> bool | None:
    """breakingChange, recomputed from the request's catalog to the newest one (§4.3)."""
    catalog = request.get("syncCatalog")
    newest = newest_catalog(airbyte, connection["sourceId"])
    if catalog is None or newest is None:
        return None
    for entry in catalog["streams"]:
        check_entry(entry)
    try:
        streams = all_streams(catalog, airbyte.rules)
        configured = configured_by_key(selected_streams(catalog, airbyte.rules))
    except SelectionError as problem:
        raise selection_failure(problem) from None
    return is_breaking(catalog_diff(streams, newest["streams"], configured, airbyte.rules))


def _known_tags(airbyte: Airbyte, tags: list[Doc] | None, workspace_id: str) -> list[str]:
    """Tags of other workspaces and unknown ones are silently left out (§2.2)."""
    if not airbyte.rules.has("tags.effective"):
        return []
    found = (airbyte.store.get("tag", str(tag.get("tagId"))) for tag in tags or [])
    return list(dict.fromkeys(tag["tagId"] for tag in found if tag is not None and tag["workspaceId"] == workspace_id))


def _check_name(airbyte: Airbyte, name: str | None) -> None:
    """Names have no rule but the column's width (§11.3)."""
    if name is not None and len(name) > _NAME_WIDTH:
        raise database(f"value too long for type character varying({_NAME_WIDTH})", airbyte.rules)


def _check_catalog_id(airbyte: Airbyte, catalog_id: str | None) -> None:
    if catalog_id is not None and airbyte.store.get("catalog", catalog_id) is None:
        raise database('insert or update on table "connection" violates foreign key constraint', airbyte.rules)
