"""Airbyte connections as code, with Pulumi.

``import pulumi_airbyte_wb as airbyte`` gives a program everything: the resources, the helpers that declare streams and
schedules, lookups by name, and the errors. The client (``pulumi_airbyte_wb.api``), the plan engine
(``pulumi_airbyte_wb.plan``, ``.catalog``) and the emulator (``.emulator``) are imported by their own names.

The names below are imported when they are first used: the pytest plugin and the command line need no Pulumi.
"""

import typing as _typing

from pulumi_airbyte_wb._version import __version__

if _typing.TYPE_CHECKING:
    from pulumi_airbyte_wb.errors import AirbyteError
    from pulumi_airbyte_wb.resources import (
        Catalog,
        Connection,
        Operation,
        OperationArgsDict,
        ProgramError,
        Resets,
        Stream,
        StreamArgsDict,
        check_updates,
        check_updates_output,
        cron,
        discover_streams,
        discover_streams_output,
        every,
        get_connection,
        get_connection_output,
        get_connections,
        get_connections_output,
        get_dataplane_groups,
        get_dataplane_groups_output,
        get_destination,
        get_destination_output,
        get_geographies,
        get_geographies_output,
        get_source,
        get_source_output,
        get_state_type,
        get_state_type_output,
        get_workspace,
        get_workspace_output,
        get_workspace_state,
        get_workspace_state_output,
        manual,
        set_testing,
        stream,
        streams,
        streams_from_file,
    )

__all__ = [
    "AirbyteError",
    "Catalog",
    "Connection",
    "Operation",
    "OperationArgsDict",
    "ProgramError",
    "Resets",
    "Stream",
    "StreamArgsDict",
    "__version__",
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


def __dir__() -> list[str]:
    return __all__


# Type checkers take the imports above alone, so that a name that does not exist is an error to them.
if not _typing.TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{'errors' if name == 'AirbyteError' else 'resources'}"), name)
