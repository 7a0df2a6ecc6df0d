"""Work on a stream's rows that is not done, or was not seen to be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.spec.changes import Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.inputs import flag, mapping, noted_text
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.record import check_known


@dataclass(frozen=True)
class Deferred:
    """A change whose re-sync waits until the connection is active.

    Args:
        written: the stream as it was when its rows were written.
    """

    word: ClassVar[str] = "deferred"
    written: StreamSpec

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        return {"written": self.written.line}

    @classmethod
    def read(cls, given: Mapping[str, Any], path: str) -> Deferred:
        """Read what ``record`` gave."""
        return cls(_line(given, "written", path))


@dataclass(frozen=True)
class Required:
    """A replacement of a stream's rows that has still to be done, whatever its line says.

    Args:
        code: the row of the table that called for it.
        kind: what changed.
        detail: the change as it is told.
    """

    word: ClassVar[str] = "required"
    code: Code
    kind: Kind
    detail: Detail

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        items = [[each.name, each.before, each.after] for each in self.detail.items]
        return {"code": self.code.value, "change": self.kind.name, "what": self.detail.what.value, "items": items}

    @classmethod
    def read(cls, given: Mapping[str, Any], path: str) -> Required:
        """Read what ``record`` gave."""
        try:
            items = tuple(Item(*item) for item in given["items"])
            return cls(Code(given["code"]), Kind[given["change"]], Detail(What(given["what"]), items))
        except (KeyError, TypeError, ValueError):
            raise DeclarationError(path, dict(given), "is not a replacement that has still to be done") from None


@dataclass(frozen=True)
class InFlight:
    """A replacement of a stream's rows that was ordered and not seen to succeed.

    Args:
        after_job: the id of the connection's newest job when it was ordered; 0 where there was none.
        required: what called for it.
    """

    word: ClassVar[str] = "in_flight"
    after_job: int
    required: Required

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        return {"after_job": self.after_job, **self.required.record()}

    @classmethod
    def read(cls, given: Mapping[str, Any], path: str) -> InFlight:
        """Read what ``record`` gave."""
        return cls(_job(given, path), Required.read(given, path))


@dataclass(frozen=True)
class Interrupted:
    """A change that is live although no re-sync was seen: a run was interrupted, or another tool made the change.

    Args:
        live: the stream as it is live; its recorded line is the one that its rows were written under.
    """

    word: ClassVar[str] = "interrupted"
    live: StreamSpec

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        return {"live": self.live.line}

    @classmethod
    def read(cls, given: Mapping[str, Any], path: str) -> Interrupted:
        """Read what ``record`` gave."""
        return cls(_line(given, "live", path))


@dataclass(frozen=True)
class ServerQueued:
    """What Airbyte does without being asked when the inactive connection is activated.

    Args:
        clears: whether it clears the table; else it re-syncs the stream beside the rows that are there.
    """

    word: ClassVar[str] = "server_queued"
    clears: bool

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        return {"clears": self.clears}

    @classmethod
    def read(cls, given: Mapping[str, Any], path: str) -> ServerQueued:
        """Read what ``record`` gave."""
        if not isinstance(given.get("clears"), bool):
            raise DeclarationError(path, dict(given), "does not say what Airbyte does")
        return cls(given["clears"])


@dataclass(frozen=True)
class Unsynced:
    """A change that the next sync makes right, and that none was seen to follow: the rows are those of before it.

    Args:
        written: the stream as it was when its rows were written.
        after_job: the id of the connection's newest job at the change; 0 where there was none.
        renamed: whether its table got another name, which no sync has filled yet.
    """

    word: ClassVar[str] = "unsynced"
    written: StreamSpec
    after_job: int
    renamed: bool = False

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        renamed = {"renamed": True} if self.renamed else {}
        return {"written": self.written.line, "after_job": self.after_job, **renamed}

    @classmethod
    def read(cls, given: Mapping[str, Any], path: str) -> Unsynced:
        """Read what ``record`` gave."""
        return cls(_line(given, "written", path), _job(given, path), flag(given.get("renamed", False), path))


Pending = Deferred | Required | InFlight | Interrupted | ServerQueued | Unsynced
KINDS: tuple[type[Pending], ...] = (Deferred, Required, InFlight, Interrupted, ServerQueued, Unsynced)
_REQUIRED = ("code", "change", "what", "items")
_KEYS: Mapping[str, tuple[str, ...]] = {
    Deferred.word: ("written",),
    Required.word: _REQUIRED,
    InFlight.word: ("after_job", *_REQUIRED),
    Interrupted.word: ("live",),
    ServerQueued.word: ("clears",),
    Unsynced.word: ("written", "after_job", "renamed"),
}
_READERS: Mapping[str, Callable[[Mapping[str, Any], str], Pending]] = {kind.word: kind.read for kind in KINDS}


def read_pending(value: object, path: str) -> tuple[Pending, ...]:
    """The pending work of one stream, as ``record_pending`` gave it.

    Raises:
        DeclarationError: it is something else.
        PlanError: it is of a kind that only a newer version of this package knows.
    """
    given = mapping(value, path)
    check_known(given, _READERS, path)
    return tuple(_read(kind, each, f"{path}.{kind}") for kind, each in given.items())


def _read(kind: str, value: object, path: str) -> Pending:
    given = mapping(value, path)
    check_known(given, _KEYS[kind], path)
    return _READERS[kind](given, path)


def record_pending(pending: tuple[Pending, ...]) -> dict[str, Any]:
    """The pending work of one stream, by its kind."""
    return {each.word: each.record() for each in sorted(pending, key=lambda each: each.word)}


def _job(given: Mapping[str, Any], path: str) -> int:
    after = given.get("after_job")
    if isinstance(after, bool) or not isinstance(after, int | float) or after % 1:
        raise DeclarationError(path, dict(given), "does not name the job before it")
    return int(after)


def _line(given: Mapping[str, Any], name: str, path: str) -> StreamSpec:
    return StreamSpec.parse(noted_text(given.get(name), f"{path}.{name}"), f"{path}.{name}")
