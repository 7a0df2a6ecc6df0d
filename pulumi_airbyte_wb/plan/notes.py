"""What a check or a refresh notes among a resource's inputs, for a later check to know."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_airbyte_wb.catalog.streams import Streams, StreamSpec
from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.inputs import mapping, names, noted, stream_key

NOTES = (
    *("retired", "columns", "parted", "left", "unsettled", "owed", "others", "naming", "schema"),
    *("queued", "legacy", "ordered", "due"),
)
"""Inputs in which a check or a refresh notes what a later check has to know."""


@dataclass(frozen=True)
class Ordered:
    """A replacement of a stream's rows that is on its way.

    Args:
        after: the newest job of the connection when it was ordered.
        why: the code that called for it, and the change in words.
    """

    after: int
    why: str

    @property
    def line(self) -> str:
        """As state keeps it."""
        return f"{self.after} {self.why}"


def read_streams(value: object, path: str) -> Streams:
    """Streams with their lines."""
    return {stream_key(key, path): StreamSpec.parse(line) for key, line in mapping(value, path).items()}


def read_retired(value: object, path: str) -> dict[StreamDescriptor, StreamSpec | None]:
    """Streams that left, with their lines where these are known."""
    return {
        stream_key(key, path): StreamSpec.parse(line) if line else None for key, line in mapping(value, path).items()
    }


def read_ordered(value: object, path: str) -> dict[StreamDescriptor, Ordered]:
    """Replacements that are on their way."""
    found = {}
    for key, line in noted(value, path).items():
        after, _, rest = line.partition(" ")
        if not after.isdecimal():
            raise DeclarationError(f'{path}["{key}"]', line, "does not begin with the number of a job")
        found[stream_key(key, path)] = Ordered(int(after), rest)
    return found


def read_schema(value: object, path: str) -> dict[StreamDescriptor, tuple[str, ...]]:
    """What is different at the source, by stream."""
    return {stream_key(key, path): names(notes, f'{path}["{key}"]') for key, notes in mapping(value, path).items()}
