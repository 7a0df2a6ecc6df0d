"""Connections as ``web_backend`` reads, creates and updates them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pulumi_airbyte_wb.models.actor import ActorDefinitionVersion, DestinationRead, SourceRead
from pulumi_airbyte_wb.models.base import ReadModel, WriteModel
from pulumi_airbyte_wb.models.catalog import SyncCatalog
from pulumi_airbyte_wb.models.operation import InlineOperation, OperationRead


class BasicSchedule(ReadModel):
    """Every so many units of time."""

    units: int
    time_unit: str


class CronSchedule(ReadModel):
    """A Quartz expression in a time zone."""

    cron_expression: str
    cron_time_zone: str


class ScheduleData(ReadModel):
    """The details of a schedule; which part counts is said by the schedule's type."""

    basic_schedule: BasicSchedule | None = None
    cron: CronSchedule | None = None


class Tag(ReadModel):
    """A label of a workspace (server 1.6.0 on); only the id counts when it is sent."""

    tag_id: str
    workspace_id: str | None = None
    name: str | None = None
    color: str | None = None


class ConnectionRead(ReadModel):
    """The answer of ``web_backend/connections/{get,create,update}`` and, with fewer fields, of ``connections/*``."""

    connection_id: str
    source_id: str
    destination_id: str
    name: str = ""
    status: str = "active"
    namespace_definition: str | None = None
    namespace_format: str | None = None
    prefix: str | None = None
    schedule_type: str | None = None
    schedule_data: ScheduleData | None = None
    sync_catalog: SyncCatalog = Field(default_factory=SyncCatalog)
    catalog_id: str | None = None
    source_catalog_id: str | None = None
    source: SourceRead | None = None
    destination: DestinationRead | None = None
    operations: list[OperationRead] = Field(default_factory=list)
    operation_ids: list[str] = Field(default_factory=list)
    is_syncing: bool = False
    schema_change: str | None = None
    breaking_change: bool | None = None
    catalog_diff: dict[str, Any] | None = None
    resource_requirements: dict[str, str] | None = None
    notify_schema_changes: bool | None = None
    notify_schema_changes_by_email: bool | None = None
    non_breaking_changes_preference: str | None = None
    backfill_preference: str | None = None
    geography: str | None = None
    dataplane_group_id: str | None = None
    tags: list[Tag] = Field(default_factory=list)
    destination_catalog_id: str | None = None
    source_actor_definition_version: ActorDefinitionVersion | None = None
    destination_actor_definition_version: ActorDefinitionVersion | None = None

    @property
    def breaks(self) -> bool:
        """Whether the source's newest schema differs in a way for which the server pauses the connection."""
        return self.schema_change == "breaking" or bool(self.breaking_change)

    @property
    def deleted(self) -> bool:
        """Whether this is the ghost of a deleted connection: the server still answers for it (semantics §10)."""
        return self.status == "deprecated"


class ConnectionListItem(ReadModel):
    """One entry of ``web_backend/connections/list``: no catalog, no operations."""

    connection_id: str
    name: str = ""
    status: str = "active"
    source: SourceRead | None = None
    destination: DestinationRead | None = None
    schedule_type: str | None = None
    schedule_data: ScheduleData | None = None
    is_syncing: bool = False
    schema_change: str | None = None
    latest_sync_job_created_at: int | None = None
    latest_sync_job_status: str | None = None
    tags: list[Tag] = Field(default_factory=list)

    @property
    def ends(self) -> tuple[str | None, str | None]:
        """The ids of the source and the destination."""
        return (
            self.source.source_id if self.source else None,
            self.destination.destination_id if self.destination else None,
        )


class ConnectionFields(WriteModel):
    """What create and update have in common."""

    name: str | None = None
    status: str | None = None
    namespace_definition: str | None = None
    namespace_format: str | None = None
    prefix: str | None = None
    schedule_type: str | None = None
    schedule_data: ScheduleData | None = None
    sync_catalog: SyncCatalog | None = None
    source_catalog_id: str | None = None
    operations: list[InlineOperation] | None = None
    resource_requirements: dict[str, str] | None = None
    notify_schema_changes: bool | None = None
    non_breaking_changes_preference: str | None = None
    backfill_preference: str | None = None
    geography: str | None = None
    tags: list[Tag] | None = None
    destination_catalog_id: str | None = None


class ConnectionCreate(ConnectionFields):
    """The request of ``web_backend/connections/create``.

    It has no place for the notification by mail, which an update sets, nor for ids of operations, which the server
    ignores: attach those with a ``PlainConnectionUpdate``.
    """

    source_id: str
    destination_id: str
    status: str = "active"


class ConnectionUpdate(ConnectionFields):
    """The request of ``web_backend/connections/update``: an absent field is left as it is."""

    connection_id: str
    notify_schema_changes_by_email: bool | None = None
    skip_reset: bool = True


class PlainConnectionUpdate(WriteModel):
    """The request of ``connections/update``, as far as ``web_backend`` cannot do it: attaching operations by id.

    ``operation_ids`` replaces the whole set. Nothing is reset, and no operation is deleted by it.
    """

    connection_id: str
    operation_ids: list[str]
