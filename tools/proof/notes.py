"""What happened in a history, for the judge: what each change leaves behind and has to keep, and what jobs moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.plan import Action, Effect, Plan
from tools.proof import shapes
from tools.proof.lines import HIDING, START, Columns, Line, Row
from tools.proof.ours import Desired, Program
from tools.proof.shapes import NAMESPACE
from tools.proof.truth import Event, Item, Untouched, Version, Wrong, counted, version_of
from tools.proof.worlds import Book, Setup

Mark = tuple[dict[str, "Stream"], dict[str, list[Row]], int]


@dataclass
class Met:
    """A decision: the row, what it called for, at which event, and what is done once the connection is active."""

    code: str
    action: Action
    stream: str
    event: int
    deferred: Action = Action.NONE


@dataclass
class Played:
    """What a history came to."""

    events: list[Event]
    met: list[Met] = field(default_factory=list)
    changes: int = 0
    refused: int = 0
    drifted: int = 0
    worded: int = 0
    syncs: int = 0
    read: int = 0
    resynced: int = 0
    empty_minutes: float = 0.0
    problems: list[str] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    behind: int = 0
    ways: Counter[str] = field(default_factory=Counter)

    @property
    def wrong_rows(self) -> int:
        """How many rows are wrong."""
        return sum(wrong.count for wrong in self.wrong)


@dataclass
class Stream:
    """What is known of a declared stream since its last change; ``Item`` says what each means."""

    line: Line
    columns: Columns
    since: int
    before: Counter[Version] = field(default_factory=Counter)
    floor: Counter[Version] = field(default_factory=Counter)
    copies: bool = False
    thin: dict[str, frozenset[Version]] = field(default_factory=dict)
    kept_out: tuple[Line, ...] = ()
    piled: bool = False
    raw: int = 0
    resumed: bool = False
    was: Line | None = None
    edge: int = 0
    replaced: bool = False
    moved: bool = False
    failed: bool = False
    run: int = 0


class Notes:
    """Notes of a history.

    Args:
        setup: the installation.
        emulator: the server.
        book: the source's rows.
        program: whose connection it is about.
        planned: whether that program decides what is done.

    Attributes:
        played: what the history has come to.
        desired: the declaration in force.
        streams: its streams.
        left: the tables that nothing may change any more, as they were.
        edits: how many edits of a stream no job has seen.
        jobs_seen: how many jobs of the connection are noted.
        run: the run that is under way, as a number.
        strayed: streams that go on under a name that a person gave, without the rows of the table before.
    """

    def __init__(self, setup: Setup, emulator: Emulator, book: Book, program: Program, *, planned: bool) -> None:
        self.setup, self.emulator, self.book, self.program, self.planned = setup, emulator, book, program, planned
        self.played = Played([Event()])
        self.desired = Desired({})
        self.streams: dict[str, Stream] = {}
        self.left: dict[str, list[Row]] = {}
        self.edits: Counter[str] = Counter()
        self.jobs_seen = 0
        self.run = 0
        self.strayed: set[str] = set()
        self._newest_moved = 0
        self._lines: dict[str, Line] = {}
        self._columns: dict[str, Columns] = {}
        self._thin: dict[str, dict[str, frozenset[Version]]] = {}
        self._versions_seen: dict[str, set[int]] = {}
        self._emptied: dict[str, float] = {}

    def mark(self) -> Mark:
        """Where the notes are now."""
        return dict(self.streams), dict(self.left), len(self.played.events)

    def back_to(self, mark: Mark) -> None:
        """Forget what was noted since: it did not happen."""
        self.streams, self.left, length = mark
        del self.played.events[length:]

    def stray(self) -> None:
        """A person has given the tables other names: what does not read everything lacks the older rows there."""
        moved = {name for name, state in self.streams.items() if state.line.incremental and self.jobs_seen}
        self.strayed |= moved

    def end_connection(self) -> None:
        """The connection was deleted."""
        self.strayed = set()
        self.streams, self.jobs_seen = {}, 0
        self.desired = replace(self.desired, lines={})

    def met(self, effect: Effect) -> Met:
        """The decision of an effect."""
        event = len(self.played.events)
        return Met(effect.code.value, effect.action, effect.stream.name, event, effect.deferred)

    def meet(self, plan: Plan) -> None:
        """Note the decisions of a plan that is carried out."""
        self.played.met += [self.met(effect) for effect in plan.effects]
        self.played.changes += len(plan.effects)

    def change(self, accepted: Desired, plan: Plan | None, worded: set[str], schema: Mapping[str, Columns]) -> None:
        """What a change leaves behind and has to keep."""
        tables = self._tables()
        index = len(self.played.events)
        moved = accepted.prefix != self.desired.prefix
        actions = {} if plan is None else {stream.name: action for stream, action in plan.actions().items()}
        selected = {effect.stream.name for effect in (() if plan is None else plan.effects) if effect.code == "AWB250"}
        for name in self.streams.keys() - accepted.lines.keys():
            self._leave(f"{self.desired.prefix}{name}", tables)
            self._thin[f"{self.desired.prefix}{name}"] = self.streams.pop(name).thin
        if moved:
            for name in self.streams:
                self._leave(f"{self.desired.prefix}{name}", tables)
        for name, line in accepted.lines.items():
            old = self.streams.get(name)
            columns = line.moved(schema.get(name, START))
            replaced = actions.get(name, Action.NONE) in {Action.TRUNCATE, Action.CLEAR}
            unchanged = (
                old is not None and replace(old.line, guarantees=line.guarantees) == line and old.columns == columns
            )
            if unchanged and not moved and not replaced:
                continue
            table = f"{accepted.prefix}{name}"
            self.left.pop(table, None)
            rows = tables.get(table, [])
            before = counted(rows)
            wrote, had = self._lines.get(table), dict(self._columns.get(table, ()))
            state = Stream(line, columns, index, before=before, run=self.run)
            if old is not None and old.run == self.run and replaced:
                # What this very run has written is re-synced, too.
                state.floor = old.floor
            elif line.appends and wrote is not None and wrote.appends and not (replaced and name in worded):
                state.floor = before
            # as planned: from a pile of whole copies on, there is one more
            piles = [each for each in (wrote, None if old is None else old.line) if each is not None]
            state.copies = line.incremental and any(each.mode == "full_refresh_append" for each in piles)
            state.replaced = replaced
            state.edge = max(self.book.versions[name])
            if old is not None and not moved and not replaced and _continues(old.line, line):
                state.was = old.line
            codes = {effect.code for effect in (() if plan is None else plan.effects) if effect.stream.name == name}
            state.resumed = "AWB204" in codes or (old is not None and old.resumed and not replaced)
            if old is not None and old.line.appends and not line.overwrites and not replaced and not moved:
                state.kept_out = (*old.kept_out, old.line)
            state.piled = wrote is not None and wrote.appends and line.dedup and not replaced
            state.raw = len(self._raw(table))
            if not replaced:
                state.thin = dict(self._thin.get(table, {}) if old is None or moved else old.thin)
                if wrote is not None and (name in selected or not self.planned or old is None):
                    shown = frozenset(version_of(row) for row in rows)
                    for column in (wrote.dropped - line.dropped) | {each for each, _ in columns if each not in had}:
                        state.thin[column] = state.thin.get(column, frozenset()) | shown
            self.streams[name] = state
        whole = {name for name, line in accepted.lines.items() if moved or line.overwrites} | actions.keys()
        self.strayed = (self.strayed & self.streams.keys()) - whole

    def _leave(self, table: str, tables: Mapping[str, list[Row]]) -> None:
        if table in tables:
            self.left[table] = tables[table]

    def _tables(self) -> dict[str, list[Row]]:
        self.emulator.settle("main")
        return {name.removeprefix(f"{NAMESPACE}."): rows for name, rows in self.emulator.tables("main").items()}

    def _raw(self, table: str) -> list[Row]:
        return self.emulator.raw_tables("main").get(f"{NAMESPACE}.{table}", [])

    def jobs(self) -> None:
        """Note the jobs that have ended since the last look."""
        prefix = self.desired.prefix
        jobs = self.emulator.jobs(self.program.connection_id)
        for number, entry in enumerate(jobs[self.jobs_seen :], self.jobs_seen + 1):
            job, moved = entry["job"], entry["job"]["configType"] != "reset_connection"
            if job["status"] not in {"succeeded", "failed"}:
                continue
            if not moved:
                for part in job["resetConfig"]["streamsToReset"]:
                    self._emptied.setdefault(part["name"], job["updatedAt"])
                    if part["name"] in self.streams:
                        self.streams[part["name"]].replaced = True
                continue
            index, named = len(self.played.events), _refreshed(job)
            moving = {part["name"] for part in job["enabledStreams"]}
            for name in self.streams.keys() - moving:
                # A connection that replaces rows first is created with these streams alone.
                self.streams[name].since = index + 1
            streams = {name: state for name, state in self.streams.items() if name in moving}
            later = {name for each in jobs[number:] for name in _refreshed(each["job"]) or ()}
            for name, state in streams.items():
                # A sync that the schedule has started before the refresh replaces nothing.
                if state.replaced and (name not in later if named is None else name in named):
                    # What came before in the same update, for other streams, is not there any more.
                    state.since, state.replaced = index, False
            self._note_misfits()
            self.played.events.append(Event(move=True))
            reads: Counter[str] = Counter()
            for attempt in entry["attempts"]:
                for stats in attempt["streamStats"]:
                    reads[stats["streamName"]] += stats["stats"]["recordsEmitted"]
            for name, state in streams.items():
                self._lines[f"{prefix}{name}"] = state.line
                self._columns[f"{prefix}{name}"] = state.columns
                state.moved, state.failed = True, job["status"] == "failed"
                # a filter may have kept out all that was read
                state.piled = state.piled and (not reads[name] or 0 < len(self._raw(f"{prefix}{name}")) == state.raw)
                self._count_reads(name, state, reads[name])
                if name in self._emptied:
                    self.played.empty_minutes += (job["updatedAt"] - self._emptied.pop(name)) / 60
        self.jobs_seen = len(jobs)

    def _note_misfits(self) -> None:
        """What a job moves although the schema that the connection has leaves no place for it: it arrives as null."""
        for name, state in self.streams.items():
            there = self.book.columns.get(name, ())
            told: list[tuple[int, Row]] = []
            if state.columns != state.line.moved(there):
                moved = {column for column, _ in there}
                rows = self.book.present[name].values()
                told += [(row["v"], {c: value for c, value in row.items() if c in moved}) for row in rows]
            if self.setup.log:
                told += [pair for pair in self.book.told[name].items() if pair[0] > self._newest_moved]
            for version, row in told:
                for column, kind in state.columns:
                    if column not in row or not shapes.fits(row[column], kind):
                        state.thin[column] = state.thin.get(column, frozenset()) | {version}
        self._newest_moved = max(max(versions, default=0) for versions in self.book.versions.values())

    def _count_reads(self, name: str, state: Stream, read: int) -> None:
        self.played.read += read
        present = {row["v"] for row in self.book.present[name].values()}
        new = max(len(present - self._versions_seen.get(name, set())), self.edits.pop(name, 0))
        if state.line.incremental:
            self.played.resynced += max(0, read - new)
        self._versions_seen[name] = present

    def judge(self) -> None:
        """Let the judge look at the tables."""
        tables = self._tables()
        raw = self.emulator.raw_tables("main") if any(HIDING & {*s.line.mappers} for s in self.streams.values()) else {}
        items = [
            Item(
                name,
                state.line,
                state.columns,
                state.since,
                tables.get(f"{self.desired.prefix}{name}", []),
                raw.get(f"{NAMESPACE}.{self.desired.prefix}{name}", []),
                state.before,
                state.floor,
                state.copies,
                state.thin,
                dict(self.book.present[name]),
                state.failed,
                state.kept_out,
                state.piled,
                state.resumed,
                state.was,
                state.edge,
            )
            for name, state in self.streams.items()
            if state.moved and self.desired.active and name not in self.strayed
        ]
        untouched = [Untouched(name, was, tables.get(name, [])) for name, was in self.left.items()]
        self.played.events.append(Event(items=items, untouched=untouched))


def _refreshed(job: Mapping[str, Any]) -> set[str] | None:
    """The streams that a refresh is about; ``None`` where a job is none, or about all."""
    named = (job.get("refreshConfig") or {}).get("streamsToRefresh")
    return None if named is None else {part["name"] for part in named}


def _continues(old: Line, new: Line) -> bool:
    """Whether an incremental dedup stream goes on as one, with its key."""
    return old.incremental and old.dedup and new.incremental and new.dedup and old.key == new.key
