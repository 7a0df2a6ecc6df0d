"""Airbyte connections as code, with Pulumi.

``import pulumi_airbyte_wb as airbyte`` gives a program everything: the resources, the helpers that declare streams and
schedules, lookups by name, and the errors. The client (``pulumi_airbyte_wb.api``), the plan engine
(``pulumi_airbyte_wb.plan``, ``.catalog``) and the emulator (``.emulator``) are imported by their own names.
"""

from pulumi_airbyte_wb._version import __version__
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
    cron,
    every,
    get_destination,
    get_source,
    manual,
    stream,
    streams,
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
    "cron",
    "every",
    "get_destination",
    "get_source",
    "manual",
    "stream",
    "streams",
]
