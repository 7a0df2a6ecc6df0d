"""``workspaces/*`` (semantics §1.2)."""

from pulumi_airbyte_wb.emulator.core.failures import needed
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.answers import DATAPLANE_GROUP, ORGANIZATION, workspace_read
from pulumi_airbyte_wb.emulator.http.paging import offset_page
from pulumi_airbyte_wb.emulator.http.registry import operation
from pulumi_airbyte_wb.emulator.http.requests import DATAPLANE_GROUPS, ORGANIZATION_ID, WORKSPACE_ID, WORKSPACES_PAGE


@operation("workspaces/get", WORKSPACE_ID)
def get(airbyte: Airbyte, body: Doc) -> Doc:
    """A workspace."""
    return workspace_read(airbyte, airbyte.workspace(needed(body, "workspaceId", airbyte.rules)))


@operation("workspaces/list")
def list_workspaces(airbyte: Airbyte, body: Doc) -> Doc:  # noqa: ARG001 - a handler
    """All workspaces; gone from v1.7.0."""
    return {"workspaces": [workspace_read(airbyte, workspace) for workspace in airbyte.store.all("workspace")]}


@operation("workspaces/list_by_organization_id", ORGANIZATION_ID)
def list_by_organization(airbyte: Airbyte, body: Doc) -> Doc:
    """The workspaces of an organization; a self-managed server has one."""
    workspaces = airbyte.store.all("workspace") if body.get("organizationId") == ORGANIZATION else []
    return {"workspaces": [workspace_read(airbyte, workspace) for workspace in workspaces]}


@operation("workspaces/list_paginated", WORKSPACES_PAGE)
def list_paginated(airbyte: Airbyte, body: Doc) -> Doc:
    """The named workspaces, by row offset."""
    wanted = body.get("workspaceIds") or []
    workspaces = [workspace for workspace in airbyte.store.all("workspace") if workspace["workspaceId"] in wanted]
    page = offset_page(workspaces, body.get("pagination"), len(workspaces) or 1)
    return {"workspaces": [workspace_read(airbyte, workspace) for workspace in page]}


@operation("dataplane_group/list", DATAPLANE_GROUPS)
def list_dataplane_groups(airbyte: Airbyte, body: Doc) -> Doc:  # noqa: ARG001 - a handler
    """Where syncs run, in place of geographies from v1.7.0: an open-source install has one group."""
    if ORGANIZATION not in (body.get("organization_id"), body.get("organizationId")):
        return {"dataplaneGroups": []}
    moment = "2025-01-01T00:00:00Z"
    group = {
        "dataplane_group_id": DATAPLANE_GROUP,
        "name": "AUTO",
        "organization_id": ORGANIZATION,
        "enabled": True,
        "created_at": moment,
        "updated_at": moment,
        "dataplanes": [],
    }
    return {"dataplaneGroups": [group]}
