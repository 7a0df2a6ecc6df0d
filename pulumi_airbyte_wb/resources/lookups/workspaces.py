"""Workspaces, and what the whole server has."""

from __future__ import annotations

import pulumi

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.models import (
    AvailableUpdates,
    DataplaneGroup,
    WorkspaceRead,
    WorkspaceState,
)
from pulumi_airbyte_wb.resources.lookups.asking import Text, as_output, by_id, by_name, call
from pulumi_airbyte_wb.resources.program import ProgramError


def get_workspace(*, name: str | None = None, workspace_id: str | None = None, server: str = "") -> WorkspaceRead:
    """Look up a workspace by name or id (``workspaces/get``, and the list that the server's version has).

    With neither, the only workspace that there is. The errors are those of ``get_source``.
    """

    def ask(airbyte: AirbyteClient) -> WorkspaceRead:
        if workspace_id is not None:
            return by_id("workspace", workspace_id, airbyte.get_workspace, airbyte)
        found = airbyte.list_workspaces()
        if name is None and len(found) == 1:
            return found[0]
        if name is None:
            names = ", ".join(repr(each.name) for each in found[:12]) or "none"
            raise ProgramError(f"get_workspace: the server has {len(found)} workspaces ({names}); give a name")
        return by_name("workspace", name, found, lambda each: each.name, lambda each: each.workspace_id)

    return call("getWorkspace", {"name": name, "workspace_id": workspace_id}, server, WorkspaceRead, ask)


def get_workspace_output(
    *, name: Text = None, workspace_id: Text = None, server: str = ""
) -> pulumi.Output[WorkspaceRead]:
    """As ``get_workspace``, with Outputs."""
    return as_output(get_workspace, name=name, workspace_id=workspace_id, server=server)


def get_workspace_state(workspace_id: str, *, server: str = "") -> WorkspaceState:
    """Whether a workspace holds anything (``web_backend/workspace/state``); one that does not exist holds nothing."""
    return call(
        "getWorkspaceState",
        {"workspace_id": workspace_id},
        server,
        WorkspaceState,
        lambda airbyte: airbyte.get_workspace_state(workspace_id),
    )


def get_workspace_state_output(workspace_id: pulumi.Input[str], *, server: str = "") -> pulumi.Output[WorkspaceState]:
    """As ``get_workspace_state``, with Outputs."""
    return as_output(get_workspace_state, workspace_id=workspace_id, server=server)


def get_geographies(*, server: str = "") -> list[str]:
    """Where syncs can run (``web_backend/geographies/list``, server up to 1.6.0).

    Raises:
        ProgramError: the server is newer; it has groups of data planes: ``get_dataplane_groups``.
    """
    return call("getGeographies", {}, server, list[str], lambda airbyte: airbyte.list_geographies())


def get_geographies_output(*, server: str = "") -> pulumi.Output[list[str]]:
    """As ``get_geographies``, as an Output."""
    return as_output(get_geographies, server=server)


def get_dataplane_groups(*, server: str = "") -> list[DataplaneGroup]:
    """Where syncs can run (``dataplane_group/list``, server 1.6.0 on).

    Raises:
        ProgramError: the server is older; it has geographies: ``get_geographies``.
    """
    return call("getDataplaneGroups", {}, server, list[DataplaneGroup], lambda airbyte: airbyte.list_dataplane_groups())


def get_dataplane_groups_output(*, server: str = "") -> pulumi.Output[list[DataplaneGroup]]:
    """As ``get_dataplane_groups``, as an Output."""
    return as_output(get_dataplane_groups, server=server)


def check_updates(*, server: str = "") -> AvailableUpdates:
    """How many connector definitions could be updated (``web_backend/check_updates``); 0 where no registry is read."""
    return call("checkUpdates", {}, server, AvailableUpdates, lambda airbyte: airbyte.check_updates())


def check_updates_output(*, server: str = "") -> pulumi.Output[AvailableUpdates]:
    """As ``check_updates``, as an Output."""
    return as_output(check_updates, server=server)
