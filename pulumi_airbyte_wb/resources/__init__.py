"""What programs see: the one list of public names, which the package itself hands on."""

import typing as _typing

from pulumi_airbyte_wb._on_first_use import on_first_use as _on_first_use
from pulumi_airbyte_wb.errors import AirbyteError
from pulumi_airbyte_wb.providers.process import set_testing
from pulumi_airbyte_wb.resources.catalog import Catalog
from pulumi_airbyte_wb.resources.connection import Connection
from pulumi_airbyte_wb.resources.operation import Operation, OperationArgsDict
from pulumi_airbyte_wb.resources.program import ProgramError
from pulumi_airbyte_wb.resources.resets import Resets, ResetsArgsDict
from pulumi_airbyte_wb.resources.schedules import cron, every, manual
from pulumi_airbyte_wb.resources.streams import Stream, StreamArgsDict, stream, streams

if _typing.TYPE_CHECKING:
    from pulumi_airbyte_wb.resources.lookups.actors import (
        discover_streams,
        discover_streams_output,
        get_destination,
        get_destination_output,
        get_source,
        get_source_output,
    )
    from pulumi_airbyte_wb.resources.lookups.connections import (
        get_connection,
        get_connection_output,
        get_connections,
        get_connections_output,
        get_state_type,
        get_state_type_output,
    )
    from pulumi_airbyte_wb.resources.lookups.workspaces import (
        check_updates,
        check_updates_output,
        get_dataplane_groups,
        get_dataplane_groups_output,
        get_geographies,
        get_geographies_output,
        get_workspace,
        get_workspace_output,
        get_workspace_state,
        get_workspace_state_output,
    )
    from pulumi_airbyte_wb.resources.stream_files import streams_from_file
else:
    __getattr__, __dir__ = _on_first_use(
        globals(), ("stream_files", "lookups.actors", "lookups.connections", "lookups.workspaces")
    )

__all__ = [
    "AirbyteError",
    "Catalog",
    "Connection",
    "Operation",
    "OperationArgsDict",
    "ProgramError",
    "Resets",
    "ResetsArgsDict",
    "Stream",
    "StreamArgsDict",
    "check_updates",
    "check_updates_output",
    "cron",
    "discover_streams",
    "discover_streams_output",
    "every",
    "get_connection",
    "get_connection_output",
    "get_connections",
    "get_connections_output",
    "get_dataplane_groups",
    "get_dataplane_groups_output",
    "get_destination",
    "get_destination_output",
    "get_geographies",
    "get_geographies_output",
    "get_source",
    "get_source_output",
    "get_state_type",
    "get_state_type_output",
    "get_workspace",
    "get_workspace_output",
    "get_workspace_state",
    "get_workspace_state_output",
    "manual",
    "set_testing",
    "stream",
    "streams",
    "streams_from_file",
]
