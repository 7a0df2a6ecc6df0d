"""What is remembered of a resource beside what is declared: one entry a stream, and little about the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.inputs import flag, mapping, names, noted, noted_text, stream_key
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.not_taken import Notes, read_not_taken
from pulumi_airbyte_wb.state.pending import (
    Deferred,
    InFlight,
    Pending,
    Required,
    Unsynced,
    read_pending,
    record_pending,
)
from pulumi_airbyte_wb.state.record import check_known
from pulumi_airbyte_wb.state.server_acts import FailedJob, Pause, read_pause

P = TypeVar("P", bound=Pending)

_WHOLE = ("streams", "undeclared_fields", "abandoned_tables", "legacy_state", "not_taken", "paused_by", "failed")
_STREAM = (
    *("unmanaged", "effective", "departed", "departed_columns", "dropped_columns", "newer_schema"),
    *("pending", "not_taken"),
)


@dataclass(frozen=True)
class Memory:
    """What is remembered of a resource.

    Args:
        unmanaged: streams of the connection that the program does not declare, as a refresh found them.
        effective: cursor, key and selected columns of declared streams that are in force, where neither the program
            declares them nor the source defines them; a part that is absent in a stream's entry is not known, or is
            what the source offers.
        departed: streams that left the connection, as they were when they left; ``None`` where that is not known.
        departed_columns: the columns that departed streams had, as ``columns_digest`` gives them.
        dropped_columns: columns that the source took away, by stream: a table has them until its next sync.
        newer_schema: what a refresh has found to be different at the source, where the program takes that over.
        pending: work on the rows of streams that is not done, or was not seen to be done; one of a kind at most.
        undeclared_fields: fields that decide table names and are not declared, as the connection has them; so too the
            status of one that is inactive, and a name that is not the resource's.
        abandoned_tables: the tables, ``namespace.name``, that a changed prefix or namespace left behind.
        legacy_state: whether the sync state is of the old kind, so that a reset of one stream clears them all.
        not_taken: what the server keeps in place of what is declared; under ``None`` of the connection's fields.
        paused_by: why Airbyte itself has paused the connection, which is inactive since; ``None`` where it has not.
        failed: the last re-sync that did not succeed, while the rows that it was to replace have still to be replaced.
    """

    unmanaged: Mapping[StreamDescriptor, StreamSpec] = field(default_factory=dict)
    effective: Mapping[StreamDescriptor, StreamSpec] = field(default_factory=dict)
    departed: Mapping[StreamDescriptor, StreamSpec | None] = field(default_factory=dict)
    departed_columns: Mapping[StreamDescriptor, str] = field(default_factory=dict)
    dropped_columns: Mapping[StreamDescriptor, tuple[str, ...]] = field(default_factory=dict)
    newer_schema: Mapping[StreamDescriptor, tuple[str, ...]] = field(default_factory=dict)
    pending: Mapping[StreamDescriptor, tuple[Pending, ...]] = field(default_factory=dict)
    undeclared_fields: Mapping[str, str] = field(default_factory=dict)
    abandoned_tables: frozenset[str] = frozenset()
    legacy_state: bool = False
    not_taken: Notes = field(default_factory=dict)
    paused_by: Pause | None = None
    failed: FailedJob | None = None

    def of(self, kind: type[P]) -> dict[StreamDescriptor, P]:
        """The pending work of one kind, by stream."""
        found: dict[StreamDescriptor, P] = {}
        for stream, pending in self.pending.items():
            for each in pending:
                if isinstance(each, kind):
                    found[stream] = each
        return found

    def having(self, kind: type[P], found: Mapping[StreamDescriptor, P]) -> Memory:
        """With just this pending work of one kind; that of other kinds stays."""
        grouped: dict[StreamDescriptor, tuple[Pending, ...]] = {}
        for stream, pending in self.pending.items():
            others = tuple(each for each in pending if not isinstance(each, kind))
            if others:
                grouped[stream] = others
        for stream, work in found.items():
            grouped[stream] = (*grouped.get(stream, ()), work)
        return replace(self, pending=grouped)

    @property
    def compared(self) -> Memory:
        """Without what an update learns, and a refresh takes over or forgets: that is no change."""
        return replace(self.having(InFlight, {}).having(Unsynced, {}), not_taken={}, effective={})

    @property
    def unfinished(self) -> set[StreamDescriptor]:
        """The streams whose rows have still to be replaced, or were not seen to be."""
        return {*self.of(Deferred), *self.of(Required), *self.of(InFlight)}

    def record(self) -> dict[str, Any]:
        """As state keeps it; empty where there is nothing to remember."""
        streams: dict[str, dict[str, Any]] = defaultdict(dict)
        for name in ("unmanaged", "effective", "departed"):
            for stream, spec in getattr(self, name).items():
                streams[stream.key][name] = spec.line if spec else ""
        for name in ("departed_columns", "dropped_columns", "newer_schema"):
            for stream, found in getattr(self, name).items():
                streams[stream.key][name] = found if isinstance(found, str) else list(found)
        for stream, pending in self.pending.items():
            streams[stream.key]["pending"] = record_pending(pending)
        not_taken = {stream: [note.record() for note in notes] for stream, notes in self.not_taken.items()}
        for stream, found in not_taken.items():
            if stream is not None:
                streams[stream.key]["not_taken"] = found
        whole: dict[str, Any] = {
            "streams": {key: dict(sorted(streams[key].items())) for key in sorted(streams)},
            "undeclared_fields": dict(sorted(self.undeclared_fields.items())),
            "abandoned_tables": sorted(self.abandoned_tables),
            "legacy_state": self.legacy_state,
            "not_taken": not_taken.get(None),
            "paused_by": self.paused_by.value if self.paused_by else "",
            "failed": self.failed.record() if self.failed else {},
        }
        return {name: value for name, value in whole.items() if value}

    @classmethod
    def read(cls, value: object, path: str = "memory") -> Memory:
        """Read what ``record`` gave.

        Raises:
            DeclarationError: it is something else.
            PlanError: it holds what only a newer version of this package knows.
        """
        given = _known(mapping(value, path), _WHOLE, path)
        streams = {
            stream_key(key, path): _known(mapping(entry, f'{path}["{key}"]'), _STREAM, f'{path}["{key}"]')
            for key, entry in mapping(given.get("streams", {}), path).items()
        }

        def each(name: str) -> Iterable[tuple[StreamDescriptor, Any, str]]:
            for stream, entry in streams.items():
                if name in entry:
                    yield stream, entry[name], f'{path}["{stream.key}"].{name}'

        return cls(
            unmanaged={stream: _spec(line, where) for stream, line, where in each("unmanaged")},
            effective={stream: _spec(line, where) for stream, line, where in each("effective")},
            departed={stream: _spec(line, where) if line else None for stream, line, where in each("departed")},
            departed_columns={stream: noted_text(digest, where) for stream, digest, where in each("departed_columns")},
            dropped_columns={stream: names(found, where) for stream, found, where in each("dropped_columns")},
            newer_schema={stream: names(found, where) for stream, found, where in each("newer_schema")},
            pending={stream: read_pending(found, where) for stream, found, where in each("pending")},
            undeclared_fields=noted(given.get("undeclared_fields", {}), f"{path}.undeclared_fields"),
            abandoned_tables=frozenset(names(given.get("abandoned_tables", ()), f"{path}.abandoned_tables")),
            legacy_state=flag(given.get("legacy_state", False), f"{path}.legacy_state"),
            not_taken={
                **({None: read_not_taken(given["not_taken"], f"{path}.not_taken")} if "not_taken" in given else {}),
                **{stream: read_not_taken(found, where) for stream, found, where in each("not_taken")},
            },
            paused_by=read_pause(given["paused_by"], f"{path}.paused_by") if "paused_by" in given else None,
            failed=FailedJob.read(given["failed"], f"{path}.failed") if "failed" in given else None,
        )


def _known(given: Mapping[str, Any], keys: tuple[str, ...], path: str) -> Mapping[str, Any]:
    check_known(given, keys, path)
    return given


def _spec(line: object, path: str) -> StreamSpec:
    return StreamSpec.parse(noted_text(line, path), path)
