"""What a check or a refresh notes among a resource's inputs, for a later check to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.changes import Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.inputs import mapping, names, stream_key
from pulumi_airbyte_wb.spec.streams import Streams, StreamSpec

NOTES = (
    *("retired", "columns", "parted", "left", "unsettled", "owed", "others", "naming", "schema"),
    *("queued", "legacy", "ordered", "due"),
)
"""Inputs in which a check or a refresh notes what a later check has to know."""


@dataclass(frozen=True)
class Required:
    """A replacement of a stream's rows that has still to be done.

    Args:
        code: the row of the table that called for it.
        kind: what changed.
        detail: the change as it is told.
    """

    code: Code
    kind: Kind
    detail: Detail

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        items = [[each.name, each.before, each.after] for each in self.detail.items]
        return {"code": self.code.value, "kind": self.kind.name, "what": self.detail.what.value, "items": items}

    @classmethod
    def read(cls, value: object, path: str) -> Required:
        """Read what ``record`` gave.

        Raises:
            DeclarationError: it is something else.
        """
        try:
            given: Any = value
            items = tuple(Item(*item) for item in given["items"])
            return cls(Code(given["code"]), Kind[given["kind"]], Detail(What(given["what"]), items))
        except (KeyError, TypeError, ValueError):
            raise DeclarationError(path, value, "is not a replacement that has still to be done") from None


@dataclass(frozen=True)
class Ordered:
    """A replacement of a stream's rows that is on its way.

    Args:
        after: the newest job of the connection when it was ordered.
        required: what called for it.
    """

    after: int
    required: Required

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        return {"after_job": self.after, **self.required.record()}

    @classmethod
    def read(cls, value: object, path: str) -> Ordered:
        """Read what ``record`` gave.

        Raises:
            DeclarationError: it is something else.
        """
        after = value.get("after_job") if isinstance(value, Mapping) else None
        if isinstance(after, bool) or not isinstance(after, int | float) or after % 1:
            raise DeclarationError(path, value, "does not name the job before it")
        return cls(int(after), Required.read(value, path))


def read_streams(value: object, path: str) -> Streams:
    """Streams with their lines."""
    return {stream_key(key, path): StreamSpec.parse(line) for key, line in mapping(value, path).items()}


def read_retired(value: object, path: str) -> dict[StreamDescriptor, StreamSpec | None]:
    """Streams that left, with their lines where these are known."""
    return {
        stream_key(key, path): StreamSpec.parse(line) if line else None for key, line in mapping(value, path).items()
    }


def read_required(value: object, path: str) -> dict[StreamDescriptor, Required]:
    """Replacements that have still to be done."""
    return {
        stream_key(key, path): Required.read(each, f'{path}["{key}"]') for key, each in mapping(value, path).items()
    }


def read_ordered(value: object, path: str) -> dict[StreamDescriptor, Ordered]:
    """Replacements that are on their way."""
    return {stream_key(key, path): Ordered.read(each, f'{path}["{key}"]') for key, each in mapping(value, path).items()}


def read_schema(value: object, path: str) -> dict[StreamDescriptor, tuple[str, ...]]:
    """What is different at the source, by stream."""
    return {stream_key(key, path): names(notes, f'{path}["{key}"]') for key, notes in mapping(value, path).items()}
