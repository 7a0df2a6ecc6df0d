"""Workspaces."""

from __future__ import annotations

from pulumi_airbyte_wb.models.base import ReadModel


class WorkspaceRead(ReadModel):
    """A workspace, as far as connections need it."""

    workspace_id: str
    name: str = ""
    slug: str | None = None
    tombstone: bool | None = None
