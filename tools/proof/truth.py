"""The truth: two connections for each stream, as it is declared now, that sync at the same times.

*Late* was created empty at the stream's last change, *early* had the declaration from the beginning. They live on a
server of their own, whose source lives through the same changes (rows.md §4, with the notes of §5.3).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.rows.values import cast
from tools.proof import shapes, worlds
from tools.proof.lines import CLEAR_TEXT, COLUMNS, DELETED, HIDING, LOOSE, START, Columns, Line, Row
from tools.proof.shapes import NAMESPACE, Reshape
from tools.proof.worlds import Book, Edit, Setup

Version = Any
LAST_VALUES = 3
"""So many cursor values at the most can a few syncs read twice at their boundary."""
BEHIND = "behind"
"""A row that a fresh copy has newer, but a connection that had always been declared so has not either: not wrong."""


@dataclass(frozen=True)
class Item:
    """A table to judge.

    Args:
        stream: whose it is.
        line: what is declared.
        columns: the loose columns that its table is to have, of the schema that the connection has taken over.
        since: the event of its last change.
        rows: what the table holds.
        raw: what lies in its raw tables.
        before: how often each version was in the table at the last change.
        floor: the versions that an append mode had promised to keep.
        copies: whether the table was a pile of whole copies before, and gets one more.
        thin: columns that older rows lack, as was planned, with the versions that may lack them; and those whose
            value had no place under the schema that the connection had when they were read.
        present: the rows of the source now.
        failed: whether the last job failed.
        kept_out: earlier declarations whose filter kept rows out that an appending stream, as planned, never gets.
        resumed: whether the stream was away for a while and went on where it stood: an update that it missed, and that
            was then followed by one with a null or lower cursor, is never seen.
        was: the declaration before the last change, where that kept an incremental dedup stream's rows and key.
        edge: the newest version that there was at the last change.
        quiet: whether no row arrived since an append stream became one that deduplicates: a typing-deduping table is
            reduced by the next load that brings rows.
    """

    stream: str
    line: Line
    columns: Columns
    since: int
    rows: Sequence[Row]
    raw: Sequence[Row]
    before: Mapping[Version, int]
    floor: Mapping[Version, int]
    copies: bool
    thin: Mapping[str, frozenset[Version]]
    present: Mapping[int, Row]
    failed: bool
    kept_out: Sequence[Line]
    quiet: bool
    resumed: bool
    was: Line | None
    edge: int


@dataclass(frozen=True)
class Untouched:
    """A table that nothing may have changed: what it held, and what it holds."""

    name: str
    was: Sequence[Row]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Event:
    """What happened: edits of the source, another schema of it, a change of the declaration, data that moved, or a
    moment to judge.
    """

    edits: Sequence[Edit] = ()
    reshape: Reshape | None = None
    move: bool = False
    items: Sequence[Item] = ()
    untouched: Sequence[Untouched] = ()


@dataclass(frozen=True)
class Wrong:
    """Rows that are wrong."""

    kind: str
    stream: str
    line: Line
    since: int
    what: str
    count: int = 1


@dataclass
class _Reference:
    stream: str
    line: Line
    columns: Columns
    born: int
    until: int
    connection_id: str = ""
    prefix: str = ""
    failed: bool = False
    synced: bool = False
    rows: list[Row] = field(default_factory=list)


def version_of(row: Row) -> Version:
    """Which version of a source row this is; a delete marker has none and is known by itself."""
    if row.get("v") is None:
        return ("deleted", row.get("id"), row.get(DELETED))
    return row["v"] if row.get(DELETED) is None else ("deleted", row.get("id"), row.get(DELETED))


def counted(rows: Iterable[Row]) -> Counter[Version]:
    """How often each version is there."""
    return Counter(version_of(row) for row in rows)


def judge(setup: Setup, rows: dict[str, list[Row]], events: Sequence[Event]) -> list[Wrong]:
    """Live through the events with the references, and judge each table when its moment comes."""
    references: dict[tuple[str, Line, Columns, int], _Reference] = {}
    for index, event in enumerate(events):
        for item in event.items:
            for born in {0, item.since}:
                identity = (item.stream, item.line, item.columns, born)
                references.setdefault(identity, _Reference(*identity, index)).until = index
    emulator = worlds.emulator(setup, rows, ["references"])
    connections = _Connections(emulator, setup)
    book = Book()
    book.start(rows)
    wrong: list[Wrong] = []
    for index, event in enumerate(events):
        for reference in references.values():
            if reference.born == index:
                connections.make(reference)
        worlds.apply(emulator, event.edits)
        book.note(event.edits)
        if event.reshape is not None:
            shapes.reshape(emulator, event.reshape)
            book.reshape(event.reshape)
        if event.move:
            emulator.advance(60)
            for reference in references.values():
                if reference.born <= index <= reference.until:
                    connections.sync(reference)
        if event.items:
            connections.look(references.values())
        for item in event.items:
            late, early = (references[item.stream, item.line, item.columns, born] for born in (item.since, 0))
            wrong += _judged(setup, item, late, early, book)
        for table in event.untouched:
            lost = Counter(map(_plain, table.was)) - Counter(map(_plain, table.rows))
            if lost:
                wrong.append(Wrong("lost", table.name, Line("removed"), 0, f"{list(lost)[:2]}", lost.total()))
    emulator.stop()
    return wrong


class _Connections:
    """Creates and syncs references, with plain requests."""

    def __init__(self, emulator: Emulator, setup: Setup) -> None:
        self._emulator, self._setup = emulator, setup
        self._http = httpx.Client(transport=emulator.transport(), base_url="http://emulator/api/v1")
        (self._source,) = emulator.server.store.ids("source")
        (self._destination,) = emulator.server.store.ids("destination")
        self._schema = self._call("sources/discover_schema", sourceId=self._source)
        self._count = 0

    def _call(self, path: str, **body: Any) -> Any:
        answer = self._http.post(path, json=body)
        if answer.status_code != 200:
            raise RuntimeError(f"a reference could not be made: {path}: {answer.text[:500]}")
        return answer.json()

    def make(self, reference: _Reference) -> None:
        self._count += 1
        reference.prefix = f"t{self._count}_"
        reference.connection_id = create(
            self._call,
            self._schema,
            self._source,
            self._destination,
            self._setup,
            reference.prefix,
            reference.stream,
            reference.line,
            reference.columns,
        )

    def sync(self, reference: _Reference) -> None:
        job = self._emulator.sync(reference.connection_id)
        reference.failed = (self._emulator.server.store.get("job", str(job)) or {})["status"] != "succeeded"
        reference.synced = True

    def look(self, references: Iterable[_Reference]) -> None:
        self._emulator.settle("references")
        tables = self._emulator.tables("references")
        for reference in references:
            reference.rows = tables.get(f"{NAMESPACE}.{reference.prefix}{reference.stream}", [])


def create(
    call: Any,
    schema: Row,
    source: str,
    destination: str,
    setup: Setup,
    prefix: str,
    stream: str,
    line: Line,
    columns: Columns = START,
) -> str:
    """A connection of one stream, by plain requests; returns its id. The source may not have the stream now."""
    entry = schema["catalog"]["streams"][0]
    config = {**entry["config"], **line.config(setup.own_cursor, setup.own_key, log=setup.log), "aliasName": stream}
    if not setup.mappers:
        config.pop("mappers")
    entries = [{"stream": shapes.with_columns(entry["stream"], stream, columns), "config": config}]
    answer: Row = call(
        "web_backend/connections/create",
        sourceId=source,
        destinationId=destination,
        status="active",
        name=f"{prefix}{stream}",
        prefix=prefix,
        syncCatalog={"streams": entries},
        sourceCatalogId=schema["catalogId"],
    )
    return str(answer["connectionId"])


def _judged(setup: Setup, item: Item, late: _Reference, early: _Reference, book: Book) -> list[Wrong]:
    versions = book.versions[item.stream]
    if late.failed or early.failed or item.quiet:
        return []  # such a declaration cannot be synced whatever came before it
    found: list[Wrong] = []

    def wrong(kind: str, what: object, count: int = 1) -> None:
        if count > 0:
            found.append(Wrong(kind, item.stream, item.line, item.since, str(what), count))

    if item.failed:
        wrong("missing", "the job failed", max(1, len(late.rows)))
        return found
    if HIDING & {*item.line.mappers}:
        clear = [row for row in (*item.rows, *item.raw) if any(str(v).startswith(CLEAR_TEXT) for v in row.values())]
        wrong("clear text", clear[:1], len(clear))
    if item.line.overwrites:
        ours, true = counted(item.rows), counted(late.rows)
        wrong("missing", list((true - ours).items())[:3], (true - ours).total())
        wrong("doubled", list((ours - true).items())[:3], (ours - true).total())
    elif item.line.dedup:
        _judge_dedup(setup, item, late, early, versions, wrong)
    else:
        _judge_append(setup, item, late, early, versions, wrong)
    _judge_values(setup, item, book, wrong)
    return found


def _judge_dedup(
    setup: Setup, item: Item, late: _Reference, early: _Reference, versions: Mapping[int, Row], wrong: Any
) -> None:
    """One row a key, not older than the staler reference has; other keys only where the source has none of them."""
    key = setup.own_key or item.line.key
    single = "id" in key
    ours, lates, earlies = (_by_key(rows, key) for rows in (item.rows, late.rows, early.rows))
    there = {_key(row, key) for row in item.present.values() if item.line.passes(row)}
    column = setup.own_cursor or item.line.cursor or ""
    newest = max((row[column] for row in item.rows if row.get(column) is not None), default=0)
    for identity, rows in lates.items():
        mine, other = ours.get(identity, []), earlies.get(identity, [])
        if not mine:
            out = not all(line.passes(row) for line in item.kept_out for row in rows) or _unseen(
                item, rows, key, versions
            )
            wrong("missing", (identity, rows), 1 if other and not out else 0)
            continue
        wrong("doubled", (identity, mine), len(mine) - max(len(rows), len(other)))
        allowed = min(version_of(row) for row in (*rows, *other)) if other else 0
        for row in mine:
            fine = version_of(row) >= allowed
            if not fine and not single:
                # another row of this key may win by its cursor
                values = [one[column] for one in (*rows, *other) if one.get(column) is not None]
                here = item.present.get(row["id"], {}).get("v") == row["v"]
                fine = here or (row.get(column) is not None and len(values) > 0 and row[column] >= min(values))
            # Some destinations take no null key for another one: the stream's own first rows would still be there too.
            forever = "postgres" in setup.family and None in identity and counted(other) - counted(rows)
            fine = fine or bool(forever)
            cursor = item.present.get(row["id"], {}).get(column)
            fine = fine or (item.resumed and (cursor is None or cursor < newest))
            wrong("stale", (identity, row, rows, other), 0 if fine else 1)
            behind = fine and single and version_of(row) < min(version_of(fresh) for fresh in rows)
            wrong(BEHIND, (identity, row, rows), 1 if behind else 0)
    for identity in ours.keys() - lates.keys() - earlies.keys():
        gone = identity not in there
        strict = setup.log and item.line.incremental
        wrong("stale", ("gone at the source", identity, ours[identity]), 0 if gone and not strict else 1)
    for identity in (ours.keys() & earlies.keys()) - lates.keys():
        wrong("doubled", (identity, ours[identity]), len(ours[identity]) - len(earlies[identity]))


def _unseen(item: Item, rows: Sequence[Row], key: Sequence[str], versions: Mapping[int, Row]) -> bool:
    """Whether rows were not in the table before the last change either, although they should have been as much as now.

    They had come back through a filter without a raised cursor, after the table had been replaced without them.
    """
    if item.was is None or any(not isinstance(v := version_of(row), int) or v > item.edge for row in rows):
        return False
    held = {_key(versions[version], key) for version in item.before if isinstance(version, int)}
    return all(item.was.passes(row) and _key(row, key) not in held for row in rows)


def _judge_append(
    setup: Setup, item: Item, late: _Reference, early: _Reference, versions: Mapping[int, Row], wrong: Any
) -> None:
    """Each version of late once, and what an append mode had delivered before; whole copies count by the sync."""
    ours, lates, earlies = counted(item.rows), counted(late.rows), counted(early.rows)
    before, floor = Counter(item.before), Counter(item.floor)
    doubled: dict[Version, int] = {}
    for version in ours.keys() | lates.keys() | floor.keys():
        count = ours[version]
        if item.line.incremental:
            row = versions.get(version)
            out = row is not None and not all(line.passes(row) for line in item.kept_out)
            needed = 1 if lates[version] and earlies[version] and not out else 0
            boundary = max(0, lates[version] - 1, earlies[version] - 1)
            most = (before[version] + 1 if item.copies else max(before[version], 1)) + boundary
        else:
            needed = lates[version] + floor[version]
            most = lates[version] + before[version]
        wrong("missing", version, 1 if not count and needed else 0)
        wrong("lost", version, floor[version] - count)
        if count > most:
            doubled[version] = count - most
        if not item.line.incremental:
            wrong("missing", version, 0 if not count else needed - count)
    # A source that reads the rows of its last value again may have another last value than the references'.
    cursor = setup.own_cursor or item.line.cursor or ""
    values = {versions.get(version, {}).get(cursor) for version in doubled}
    boundary_only = item.line.incremental and not setup.log and len(values) <= LAST_VALUES
    for version, more in doubled.items():
        wrong("doubled", (version, ours[version]), more - 1 if boundary_only else more)


def _judge_values(setup: Setup, item: Item, book: Book, wrong: Any) -> None:
    versions, forms = book.versions[item.stream], book.forms[item.stream]
    key = setup.own_key or item.line.key
    there = {_key(row, key) for row in item.present.values() if item.line.passes(row)}
    for row in item.rows:
        version = version_of(row)
        if isinstance(version, tuple):
            continue
        expected = item.line.shown(versions[version])
        # A column that is new to the table fills with what the source still has.
        gone = item.line.dedup and _key(row, key) not in there
        # Some destinations take no null key for another one and never touch such a row again.
        gone = gone or (item.line.dedup and "postgres" in setup.family and None in _key(row, key))
        fixed = {*COLUMNS, "email_hashed", "email_encrypted", "memo"} - {*LOOSE}
        shown = {name: value for name, value in row.items() if name in fixed}
        bad = [
            name
            for name in expected.keys() | shown.keys()
            if shown.get(name) != expected.get(name)
            and not (name in expected and shown.get(name) is None and (gone or version in item.thin.get(name, ())))
        ]
        for name, kind in item.columns:
            # What the source has had in this version, as the column's type has it.
            true = [cast(value, kind) for value in forms[version].get(name, ()) if shapes.fits(value, kind)]
            lacks = row.get(name) is None and (gone or version in item.thin.get(name, ()))
            if not lacks and not any(shapes.same(row.get(name), value) for value in true):
                bad.append(name)
                shown, expected = {**shown, name: row.get(name)}, {**expected, name: (kind, true)}
        bad += [name for name in LOOSE if name in row and name not in dict(item.columns)]
        wrong("stale", (bad, shown, expected), 1 if bad else 0)


def _key(row: Row, key: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in key)


def _by_key(rows: Iterable[Row], key: Sequence[str]) -> dict[tuple[Any, ...], list[Row]]:
    grouped: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        grouped.setdefault(_key(row, key), []).append(row)
    return grouped


def _plain(row: Row) -> str:
    return json.dumps(row, sort_keys=True)
