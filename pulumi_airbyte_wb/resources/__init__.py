"""What programs see."""

from pulumi_airbyte_wb.resources.catalog import Catalog
from pulumi_airbyte_wb.resources.connection import Connection, Resets
from pulumi_airbyte_wb.resources.lookups import get_destination, get_source
from pulumi_airbyte_wb.resources.operation import Operation, OperationArgsDict
from pulumi_airbyte_wb.resources.program import ProgramError
from pulumi_airbyte_wb.resources.schedules import cron, every, manual
from pulumi_airbyte_wb.resources.streams import Stream, StreamArgsDict, stream, streams

__all__ = [
    "Catalog",
    "Connection",
    "Operation",
    "OperationArgsDict",
    "ProgramError",
    "Resets",
    "Stream",
    "StreamArgsDict",
    "cron",
    "every",
    "get_destination",
    "get_source",
    "manual",
    "stream",
    "streams",
]
