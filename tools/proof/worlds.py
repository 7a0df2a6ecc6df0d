"""What a source holds, how it changes, and where it is written to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pulumi_airbyte_wb.emulator import Emulator
from tools.proof.lines import COLUMNS, START, Columns, Row
from tools.proof.shapes import NAMESPACE, Reshape

STREAMS = ("accounts", "bills", "calls", "deals")

VERSIONS = ("0.50.0", "0.63.0", "1.0.0", "1.8.0", "2.0.0")
SOURCES: dict[str, Row] = {
    "sql gt": {"kind": "sql", "boundary": "gt"},
    "sql ge": {"kind": "sql", "boundary": "ge"},
    "sql lookback": {"kind": "sql", "boundary": "ge_lookback", "lookback": 2},
    "cdc": {"kind": "cdc"},
    "api": {"kind": "api", "boundary": "ge_lookback", "lookback": 1},
}
FAMILIES: dict[str, Row] = {
    "direct-load": {"family": "direct-load"},
    "direct-load postgres": {"family": "direct-load", "nullKeys": "postgres"},
    "direct-load background": {"family": "direct-load", "engine": "background"},
    "typing-deduping delete": {"family": "typing-deduping", "engine": "delete"},
    "typing-deduping merge": {"family": "typing-deduping", "engine": "merge"},
    "normalization": {"family": "normalization"},
}


@dataclass(frozen=True)
class Setup:
    """One installation.

    Args:
        version: the server's.
        source: of ``SOURCES``.
        family: of ``FAMILIES``.
        told: whether the program says which family the destination is of.
        backfill: whether columns that are selected are filled in older rows too.
        masks: whether the server masks the destination's default namespace.
        honest: whether cursors only grow and keys are never null nor changed, so that a program may guarantee it.
    """

    version: str = "1.8.0"
    source: str = "sql gt"
    family: str = "direct-load"
    told: bool = False
    honest: bool = False
    backfill: bool = False
    masks: bool = False

    @property
    def log(self) -> bool:
        """Whether the source reads a log."""
        return self.source == "cdc"

    @property
    def own_cursor(self) -> str | None:
        """The cursor that the source itself defines."""
        return {"cdc": "_ab_cdc_lsn", "api": "at"}.get(self.source)

    @property
    def own_key(self) -> tuple[str, ...]:
        """The key that the source itself defines."""
        return ("id",) if self.own_cursor else ()

    @property
    def number(self) -> tuple[int, ...]:
        """The version as numbers."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def mappers(self) -> bool:
        """Whether the server has mappers."""
        return self.number >= (1, 2)

    @property
    def encrypts(self) -> bool:
        """Whether the server has mappers that encrypt."""
        return self.number >= (1, 3)

    @property
    def names_objects(self) -> bool:
        """Whether the server's streams can have the name of an object."""
        return self.number >= (1, 8)

    @property
    def broad_family(self) -> str:
        """The family without its variant."""
        return self.family.split()[0]

    @property
    def broad_source(self) -> str:
        """The source's kind without its variant."""
        return self.source.split()[0]


@dataclass(frozen=True)
class Edit:
    """A change of one source row: ``values`` of a new row, or of an update; ``None`` deletes."""

    stream: str
    kind: str
    row_id: int
    values: Row | None


def apply(emulator: Emulator, edits: Iterable[Edit]) -> None:
    """Change a source."""
    for edit in edits:
        if edit.kind == "insert":
            emulator.insert("source", edit.stream, [dict(edit.values or {})], NAMESPACE)
        elif edit.kind == "update":
            emulator.update("source", edit.stream, {"id": edit.row_id}, dict(edit.values or {}), NAMESPACE)
        else:
            emulator.delete("source", edit.stream, {"id": edit.row_id}, NAMESPACE)


def emulator(setup: Setup, rows: dict[str, list[Row]], destinations: Iterable[str]) -> Emulator:
    """A server with one source, and destinations of one kind."""
    streams = []
    for name, content in rows.items():
        stream: Row = {
            "name": name,
            "namespace": NAMESPACE,
            "columns": COLUMNS,
            "rows": content,
            "sourceDefinedPrimaryKey": [list(setup.own_key)] if setup.own_key else [],
        }
        if setup.source == "api":
            stream |= {"sourceDefinedCursor": True, "defaultCursorField": ["at"]}
        streams.append(stream)
    hidden = {"configuration": {"schema": "**********"}} if setup.masks else {}
    world: dict[str, Any] = {
        "sources": [{"name": "source", **SOURCES[setup.source], "streams": streams}],
        "destinations": [{"name": name, **FAMILIES[setup.family], **hidden} for name in destinations],
        "pace": {"speed": 0, "recordsPerSecond": 10000},
    }
    return Emulator(world, server_version=setup.version)


@dataclass
class Book:
    """Every version of every source row, by stream and version number; versions are numbered over all streams.

    A changed schema makes no new version: ``forms`` are the values that a loose column has had in a version, ``told``
    are those that a log tells of it.
    """

    versions: dict[str, dict[int, Row]] = field(default_factory=lambda: {stream: {} for stream in STREAMS})
    present: dict[str, dict[int, Row]] = field(default_factory=lambda: {stream: {} for stream in STREAMS})
    forms: dict[str, dict[int, dict[str, list[Any]]]] = field(
        default_factory=lambda: {stream: {} for stream in STREAMS}
    )
    told: dict[str, dict[int, Row]] = field(default_factory=lambda: {stream: {} for stream in STREAMS})
    columns: dict[str, Columns] = field(default_factory=dict)

    def start(self, rows: dict[str, list[Row]]) -> None:
        """Note what is there at the beginning."""
        for stream, content in rows.items():
            self.columns[stream] = START
            self._put(stream, content)

    def note(self, edits: Iterable[Edit]) -> int:
        """Note changes; how many there were."""
        count = 0
        for edit in edits:
            count += 1
            if edit.kind == "delete":
                self.present[edit.stream].pop(edit.row_id, None)
                continue
            row = {**self.present[edit.stream].get(edit.row_id, {}), **(edit.values or {})}
            self.present[edit.stream][edit.row_id] = row
            self.versions[edit.stream][row["v"]] = row
            self._note_form(edit.stream, row)
        return count

    def reshape(self, change: Reshape) -> None:
        """Note another schema of a stream."""
        if change.columns is None:
            del self.columns[change.stream]
        else:
            self.columns[change.stream] = change.columns
        self._put(change.stream, change.rows)

    def _put(self, stream: str, rows: Iterable[Row]) -> None:
        self.present[stream] = {row["id"]: dict(row) for row in rows}
        for row in self.present[stream].values():
            self.versions[stream].setdefault(row["v"], row)
            self._note_form(stream, row)

    def _note_form(self, stream: str, row: Row) -> None:
        forms = self.forms[stream].setdefault(row["v"], {})
        loose = {name: row.get(name) for name, _ in self.columns[stream]}
        self.told[stream].setdefault(row["v"], loose)
        for name, value in loose.items():
            forms.setdefault(name, []).append(value)
