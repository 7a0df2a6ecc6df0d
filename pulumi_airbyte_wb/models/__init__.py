"""Airbyte's API as types: tolerant of what newer servers add when reading, strict about what is sent."""

import typing as _typing

from pulumi_airbyte_wb._on_first_use import on_first_use as _on_first_use
from pulumi_airbyte_wb.models.enums import (
    BackfillPreference,
    ConnectionStatus,
    DestinationSyncMode,
    JobConfigType,
    JobStatus,
    NamespaceDefinition,
    NonBreakingChangesPreference,
    OperatorType,
    RefreshMode,
    ScheduleType,
    StateType,
    SyncMode,
    TimeUnit,
)
from pulumi_airbyte_wb.models.names import StreamDescriptor

if _typing.TYPE_CHECKING:
    from pulumi_airbyte_wb.models.actor import (
        ActorDefinitionVersion,
        DestinationRead,
        DiscoveredSchema,
        SourceRead,
    )
    from pulumi_airbyte_wb.models.base import ReadModel, WriteModel
    from pulumi_airbyte_wb.models.catalog import (
        AirbyteStream,
        ConfiguredStream,
        SelectedField,
        StreamConfiguration,
        SyncCatalog,
    )
    from pulumi_airbyte_wb.models.connection import (
        BasicSchedule,
        ConnectionCreate,
        ConnectionListItem,
        ConnectionRead,
        ConnectionUpdate,
        CronSchedule,
        PlainConnectionUpdate,
        ScheduleData,
        Tag,
    )
    from pulumi_airbyte_wb.models.job import (
        AttemptRead,
        JobRead,
        JobWithAttempts,
        StreamName,
        StreamStats,
        StreamTotals,
        SyncStats,
    )
    from pulumi_airbyte_wb.models.operation import (
        DbtCloudJob,
        DbtOperator,
        InlineOperation,
        NormalizationOperator,
        OperationCreate,
        OperationRead,
        OperationUpdate,
        OperatorConfiguration,
        WebhookOperator,
    )
    from pulumi_airbyte_wb.models.workspace import (
        AvailableUpdates,
        DataplaneGroup,
        InstanceConfiguration,
        WorkspaceRead,
        WorkspaceState,
    )
else:
    __getattr__, __dir__ = _on_first_use(
        globals(), ("catalog", "actor", "connection", "job", "operation", "workspace", "base")
    )

__all__ = [
    "ActorDefinitionVersion",
    "AirbyteStream",
    "AttemptRead",
    "AvailableUpdates",
    "BackfillPreference",
    "BasicSchedule",
    "ConfiguredStream",
    "ConnectionCreate",
    "ConnectionListItem",
    "ConnectionRead",
    "ConnectionStatus",
    "ConnectionUpdate",
    "CronSchedule",
    "DataplaneGroup",
    "DbtCloudJob",
    "DbtOperator",
    "DestinationRead",
    "DestinationSyncMode",
    "DiscoveredSchema",
    "InlineOperation",
    "InstanceConfiguration",
    "JobConfigType",
    "JobRead",
    "JobStatus",
    "JobWithAttempts",
    "NamespaceDefinition",
    "NonBreakingChangesPreference",
    "NormalizationOperator",
    "OperationCreate",
    "OperationRead",
    "OperationUpdate",
    "OperatorConfiguration",
    "OperatorType",
    "PlainConnectionUpdate",
    "ReadModel",
    "RefreshMode",
    "ScheduleData",
    "ScheduleType",
    "SelectedField",
    "SourceRead",
    "StateType",
    "StreamConfiguration",
    "StreamDescriptor",
    "StreamName",
    "StreamStats",
    "StreamTotals",
    "SyncCatalog",
    "SyncMode",
    "SyncStats",
    "Tag",
    "TimeUnit",
    "WebhookOperator",
    "WorkspaceRead",
    "WorkspaceState",
    "WriteModel",
]
