"""Workspaces and what is known of a whole instance."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pulumi_airbyte_wb.models.base import ReadModel


class WorkspaceRead(ReadModel):
    """A workspace, as far as connections need it."""

    workspace_id: str
    name: str = ""
    slug: str | None = None
    tombstone: bool | None = None
    organization_id: str | None = None
    default_geography: str | None = None
    dataplane_group_id: str | None = None
    webhook_configs: list[dict[str, Any]] = Field(default_factory=list)


class WorkspaceState(ReadModel):
    """Whether a workspace holds anything (``web_backend/workspace/state``)."""

    has_connections: bool
    has_sources: bool
    has_destinations: bool


class AvailableUpdates(ReadModel):
    """How many connector definitions have a newer version in the registry (``web_backend/check_updates``)."""

    destination_definitions: int
    source_definitions: int


class DataplaneGroup(ReadModel):
    """Where syncs run, from server 1.6.0 on (``dataplane_group/list``); this part of the API writes snake case."""

    dataplane_group_id: str = Field(alias="dataplane_group_id")
    name: str
    enabled: bool = True


class InstanceConfiguration(ReadModel):
    """What a server says of itself (``instance_configuration``); the version from 0.57.4 on."""

    version: str | None = None
    edition: str | None = None
    default_workspace_id: str | None = None
    default_organization_id: str | None = None
