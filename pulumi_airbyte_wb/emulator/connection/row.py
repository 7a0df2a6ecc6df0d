"""The row of a connection: how a create makes it, and how an update patches it (semantics §2, §4)."""

from pulumi_airbyte_wb.emulator.catalog.checks import (
    compared_streams,
    configured_streams,
    entries_of,
    is_selected,
    stored_catalog,
)
from pulumi_airbyte_wb.emulator.catalog.diff import catalog_diff, configured_by_key, is_breaking
from pulumi_airbyte_wb.emulator.catalog.discovery import newest_catalog
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
    operations += [airbyte.operation(operation_id) for operation_id in request.get("operationIds") or []]
    airbyte.passed("operations")
    source = airbyte.source(request["sourceId"])
    destination = airbyte.destination(request["destinationId"])
    check_workspaces(source, destination, operations)
    _check_name(airbyte, request.get("name"))
    catalog = stored_catalog(request.get("syncCatalog") or {"streams": []}, airbyte.rules, airbyte.new_id)
    connection = _new_row(airbyte, request, source, destination, connection_id or airbyte.new_id())
    connection["operationIds"] = [operation["operationId"] for operation in operations]
    _check_catalog_id(airbyte, connection["sourceCatalogId"])
    airbyte.keep_configured(connection["connectionId"], catalog)
    plan_next_run(airbyte, connection)
    airbyte.passed("row")
    return connection


def check_workspaces(source: Doc, destination: Doc, operations: list[Doc]) -> None:
    """Source, destination and operations must belong to one workspace (§2.1, §4.1)."""
    workspace_id = source["workspaceId"]
    if destination["workspaceId"] != workspace_id:
        raise InternalError(
            "Source and destination do not belong to the same workspace. "
            f"Source workspace id: {workspace_id}, Destination workspace id: {destination['workspaceId']}"
        )
    for operation in operations:
        if operation["workspaceId"] != workspace_id:
            raise InternalError(
                "Operation and connection do not belong to the same workspace. "
                f"Workspace id: {workspace_id}, Operation id: {operation['operationId']}, "
                f"Operation workspace id: {operation['workspaceId']}"
            )


def _new_row(airbyte: Airbyte, request: Doc, source: Doc, destination: Doc, connection_id: str) -> Doc:
    """The row of a new connection (§2.2)."""
    preference = request.get("nonBreakingChangesPreference")
    name = request.get("name")
    return {
        "connectionId": connection_id,
        "workspaceId": source["workspaceId"],
        "sourceId": source["sourceId"],
        "destinationId": destination["destinationId"],
        "name": name if name is not None else f"{source['name']} <> {destination['name']}",
        "namespaceDefinition": request.get("namespaceDefinition") or "source",
        "namespaceFormat": request.get("namespaceFormat"),
        "prefix": request.get("prefix"),
        "status": request.get("status"),
        **schedule_of_create(request, airbyte.rules, connection_id),
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


def patch_connection(
    airbyte: Airbyte, connection: Doc, request: Doc, breaking: bool | None, operation_ids: list[str] | None
) -> None:
    """ConnectionsHandler.updateConnection: checks, state deletion, one write of the whole row (§4.1 steps 5 to 9).

    Operations are attached with the row: what breaks off before it leaves new ones unattached (real-server.md D2).
    """
    connection_id = connection["connectionId"]
    ends = airbyte.source(connection["sourceId"]), airbyte.destination(connection["destinationId"])
    check_workspaces(*ends, [airbyte.operation(operation_id) for operation_id in operation_ids or []])
    check_patch(request)
    old = airbyte.configured(connection_id)
    catalog = request.get("syncCatalog")
    if catalog is not None:
        chosen = {"streams": [entry for entry in entries_of(catalog) if is_selected(entry)]}
        delete_states_of_changed_modes(airbyte, connection_id, old, chosen)
    changes = schedule_of_update(request, airbyte.rules, connection_id)
    stored = None if catalog is None else stored_catalog(catalog, airbyte.rules, airbyte.new_id)
    changes |= {name: request[name] for name in _PATCHED if request.get(name) is not None}
    changes |= _notifications(connection, request)
    if operation_ids is not None:
        changes["operationIds"] = operation_ids
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
    """The rows of notifications: a row that is there is rewritten only if it differs from notifySchemaChanges.

    That holds for the e-mail's row too, which exists once it was on (real-server.md D1, A4).
    """
    merged = {
        name: connection[name] if request.get(name) is None else request[name]
        for name in ("notifySchemaChanges", "notifySchemaChangesByEmail")
    }
    webhook, email = merged["notifySchemaChanges"], merged["notifySchemaChangesByEmail"]
    stored = connection["notifySchemaChangesByEmail"]
    row = connection.get("emailRow", stored)
    rewritten = stored != webhook if row else email
    return {
        "notifySchemaChanges": webhook,
        "notifySchemaChangesByEmail": email if rewritten else stored,
        "emailRow": row or email,
    }


def breaking_of_update(airbyte: Airbyte, connection: Doc, request: Doc) -> bool | None:
    """breakingChange, recomputed from the request's catalog to the newest one (§4.3)."""
    catalog = request.get("syncCatalog")
    newest = newest_catalog(airbyte, connection["sourceId"])
    if catalog is None or newest is None:
        return None
    chosen = [entry for entry in entries_of(catalog) if is_selected(entry)]
    configured = configured_by_key({"streams": configured_streams(chosen, airbyte.rules)})
    streams = compared_streams(catalog, airbyte.rules)
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
