"""Playing a script: a source changes, a program is changed, syncs run; what happened is told to the judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx

from pulumi_airbyte_wb.errors import DeclarationError, DriftedError, PlanError
from pulumi_airbyte_wb.live.merge import merge_catalogs
from pulumi_airbyte_wb.models import ConnectionUpdate, RefreshMode, StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Operation, Plan
from pulumi_airbyte_wb.plan.blocking import blocked_by
from pulumi_airbyte_wb.spec.changes import What
from pulumi_airbyte_wb.spec.streams import StreamSpec
from tools.proof import shapes, truth, worlds
from tools.proof.lines import START, Columns, Line, Row
from tools.proof.ours import Checked, Desired, Program
from tools.proof.shapes import NAMESPACE, Reshape
from tools.proof.truth import Event, Item, Untouched, Version, Wrong, counted, version_of
from tools.proof.worlds import Book, Edit, Setup

OURS, SERVER, SKIP, AGAIN = "ours", "server", "skip", "again"
"""What is done: as planned; what the server does by itself; nothing; as planned, and then all is replaced once more."""
_HOUR = 3600

T = TypeVar("T")
Look = Callable[[Desired, Mapping[str, str]], list[Checked]]
Step = Sequence[Edit] | Reshape | Desired | None
"""Edits of the source, another schema of it, a declaration, or (``None``) a sync."""
_OF_SCHEMAS = frozenset({What.NEW_AT_SOURCE, What.BACK_AT_SOURCE, What.GONE_FROM_SOURCE, What.TYPE_AT_SOURCE})
"""Changes that come with the source's newer schema."""


@dataclass(frozen=True)
class Script:
    """A history to be: everything but what is decided.

    Args:
        setup: the installation.
        rows: what the source holds at the beginning.
        steps: what happens.
        foreign: streams that another connection had written before, and was deleted.
        foreign_prefix: the prefix of its tables.
        part: the streams that a ``Catalog`` beside the connection declares.
    """

    setup: Setup
    rows: dict[str, list[Row]]
    steps: Sequence[Step]
    foreign: Mapping[str, Line] = field(default_factory=dict)
    foreign_prefix: str = ""
    part: frozenset[str] = frozenset()


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
    reread: int = 0
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
class _Stream:
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


def play(script: Script, way: str = OURS, overrides: Mapping[str, str] | None = None) -> Played:
    """Play a script to its end and judge it."""
    player = _Player(script, way, overrides or {})
    played = player.run()
    found = truth.judge(script.setup, script.rows, played.events)
    played.wrong = [wrong for wrong in found if wrong.kind != truth.BEHIND]
    played.behind = len(found) - len(played.wrong)
    return played


class _Player:
    def __init__(self, script: Script, way: str, overrides: Mapping[str, str]) -> None:
        self.script, self.way, self.overrides = script, way, overrides
        self.planned = way in {OURS, AGAIN}
        self.setup = script.setup
        self.emulator = worlds.emulator(self.setup, script.rows, ["main"])
        self.program = Program(self.emulator, self.setup, script.part)
        self.played = Played([Event()])
        self.book = Book()
        self.book.start(script.rows)
        self.streams: dict[str, _Stream] = {}
        self.desired = Desired({})
        self.left: dict[str, list[Row]] = {}
        self.newest_moved = 0
        self.lines_of_tables: dict[str, Line] = {}
        self.columns_of_tables: dict[str, Columns] = {}
        self.thin_of_tables: dict[str, dict[str, frozenset[Version]]] = {}
        self.jobs_seen = 0
        self.versions_seen: dict[str, set[int]] = {}
        self.edits: Counter[str] = Counter()
        self.emptied: dict[str, float] = {}
        self.refreshed = False
        self.prefixes: set[str] = set()
        self.lost: set[str] = set()

    def run(self) -> Played:
        for stream, line in self.script.foreign.items():
            self._foreign(stream, line)
        for step in self.script.steps:
            if step is None:
                self._sync()
            elif isinstance(step, Desired):
                self._judge()
                self._declare(step)
            elif isinstance(step, Reshape):
                self._reshape(step)
            else:
                worlds.apply(self.emulator, step)
                self.book.note(step)
                self.edits.update(edit.stream for edit in step)
                self.played.events.append(Event(edits=step))
        self._judge()
        self.emulator.stop()
        return self.played

    # ---- steps -----------------------------------------------------------------------------------------------------

    def _foreign(self, stream: str, line: Line) -> None:
        """Another connection writes a table of ours and goes."""
        http = httpx.Client(transport=self.emulator.transport(), base_url="http://emulator/api/v1")

        def call(path: str, **body: Any) -> Any:
            answer = http.post(path, json=body)
            return answer.json() if answer.content else None

        (source,), (destination,) = (self.emulator.server.store.ids(kind) for kind in ("source", "destination"))
        schema = call("sources/discover_schema", sourceId=source)
        connection = truth.create(
            call, schema, source, destination, self.setup, self.script.foreign_prefix, stream, line
        )
        for _ in range(12 if line.overwrites else 1):
            self.emulator.sync(connection)
        call("connections/delete", connectionId=connection)

    def _sync(self) -> None:
        if not self.desired.active or not self.program.connection_id:
            return
        self.emulator.advance(_HOUR)
        self.emulator.sync(self.program.connection_id)
        self.played.syncs += 1
        self._note_jobs()

    def _reshape(self, step: Reshape) -> None:
        shapes.reshape(self.emulator, step)
        self.book.reshape(step)
        self.played.events.append(Event(reshape=step))
        if step.seen:
            (source,) = self.emulator.server.store.ids("source")
            self.program.client.discover_schema(source, disable_cache=True)

    def _declare(self, wanted: Desired) -> None:
        if wanted.anew and self.program.connection_id and self.planned:
            self.program.delete()
            self.streams = {}
            self.desired = replace(self.desired, lines={})
            self.jobs_seen = 0
        # Files cannot be moved here: a stream that has never synced does not ask for them, another one is blocked.
        there = self.desired.lines if self.jobs_seen else ()
        joining = {name: replace(line, files=None) for name, line in wanted.lines.items() if name not in there}
        wanted = replace(wanted, lines={**wanted.lines, **joining})
        while wanted.prefix in self.lost:
            wanted = replace(wanted, prefix=f"{wanted.prefix}a_")
        self._prepare(wanted)
        problem = self._run_program(wanted)
        for _ in range(3 if self.program.part else 0):
            if not self.program.unfinished:
                break
            self.played.ways["Catalog in a further run"] += 1
            problem = self._run_program(wanted)
        if wanted.twice and self.planned and not problem:
            self._run_again()

    def _run_program(self, wanted: Desired) -> str:
        """One run; answers what went wrong with a job. The ``Catalog`` has its turn when the connection had its own."""
        if not self.program.part:
            return self._turn(wanted, part=False)
        for _ in range(3):
            if self.program.connection_id:
                wanted = self._settled(wanted, lambda each: self._checked(each, self.program.preview)[1])
            others = {name: line for name, line in self.desired.lines.items() if name in self.program.part}
            own = {name: line for name, line in wanted.lines.items() if name not in self.program.part}
            problem = self._turn(replace(wanted, lines={**others, **own}), part=False)
            lines = {name: line for name, line in self.desired.lines.items() if name not in self.program.part}
            lines |= {name: line for name, line in wanted.lines.items() if name in self.program.part}
            try:
                return problem or self._turn(replace(self.desired, lines=lines, word=wanted.word), part=True)
            except DriftedError:
                self._refresh_as_told()
            finally:
                self.played.ways["Catalog beside a Connection"] += 1
        raise AssertionError("a Catalog is refused for ever")

    def _turn(self, wanted: Desired, *, part: bool) -> str:
        """The turn of one resource."""
        accepted, columns, problem = self._settled(wanted, lambda each: self._up(each, part=part), part=part)
        stored = shapes.stored(self.emulator, self.program.connection_id)
        if any(stored.get(name, START) != columns.get(name, START) for name in accepted.lines):
            raise AssertionError(f"the connection has the schema {stored}, not {columns}")
        if problem:
            self.played.problems.append(problem)
        self._count_ways(accepted)
        self.desired = accepted
        self.prefixes.add(accepted.prefix)
        self._note_jobs()
        return problem

    def _settled(self, wanted: Desired, act: Callable[[Desired], T], *, part: bool = False) -> T:
        """What an act comes to, when a person has done what the messages say."""
        for _ in range(3):
            before = dict(self.streams), dict(self.left), len(self.played.events)
            newcomers = self._newcomers(wanted)
            try:
                return act(wanted)
            except PlanError as error:
                self.streams, self.left, length = before
                del self.played.events[length:]
                if isinstance(error, DriftedError):
                    if part:
                        raise
                    self._refresh_as_told()
                    continue
                # A stream that came with a newer schema, which would change others too: the program leaves it out.
                if not newcomers:
                    raise
                self.played.refused += len(newcomers)
                wanted = replace(wanted, lines={n: ln for n, ln in wanted.lines.items() if n not in newcomers})
            except DeclarationError:
                # A stream is gone since the preview, or nobody had noticed: the program takes it out.
                self.streams, self.left, length = before
                del self.played.events[length:]
                there = self._there(wanted)
                if there == wanted:
                    raise
                wanted = there
        raise AssertionError("an update is refused for ever")

    def _there(self, desired: Desired) -> Desired:
        """A declaration without the streams that the source has no longer."""
        return replace(desired, lines={n: ln for n, ln in desired.lines.items() if n in self.book.columns})

    def _refresh_as_told(self) -> None:
        self.played.drifted += 1
        self.program.refresh()
        self.refreshed = True

    def _prepare(self, wanted: Desired) -> None:
        """What happens to the stack before a program is run: it loses the connection and adopts it, or is refreshed."""
        if not self.planned or not self.program.connection_id:
            return
        adopted = False
        # What is still owed to the rows is lost with the state: nobody else knows of it.
        if wanted.adopt and not self.program.owes:
            # All that there is, and no more, is taken over first: what leaves would stay, unmanaged.
            lines = {name: wanted.lines.get(name, line) for name, line in self.desired.lines.items()}
            adopted = self.program.adopt(replace(wanted, lines=lines))
            self.played.ways["adoption"] += adopted
            # No server tells which tables a connection has left behind under other names.
            self.lost |= self.prefixes - {self.desired.prefix} if adopted else set()
        if wanted.refresh:
            moved = self.program.refresh()
            self.refreshed = True
            if adopted and moved:
                raise AssertionError("a refresh after an adoption reports a change")

    def _run_again(self) -> None:
        done = self.program.again()
        if done:
            raise AssertionError(f"the same program, run once more, does something: {done}")
        self._note_jobs()
        self.played.ways["run twice in a row"] += 1

    def _count_ways(self, new: Desired) -> None:
        if not self.planned:
            return
        old, ways = self.desired, self.played.ways
        ways[f"wait {new.wait}"] += 1
        ways["secret inputs"] += bool(new.secret)
        lines = sum(old.lines.get(name) != new.lines.get(name) for name in old.lines.keys() | new.lines.keys())
        fields = (old.prefix != new.prefix) + (old.active != new.active)
        if old.lines:
            ways["several changes in one update"] += lines + fields > 1
            ways["changed while inactive"] += bool(lines) and not (old.active or new.active)
            ways["activated"] += new.active and not old.active
            ways["no refresh since the last update"] += bool(lines + fields) and not self.refreshed
        self.refreshed = self.refreshed and not lines + fields

    def _up(self, wanted: Desired, *, part: bool) -> tuple[Desired, dict[str, Columns], str]:
        """Preview and update; answers what was accepted, the columns it is to have, and what went wrong with a job."""
        checked, accepted, worded = None, wanted, set[str]()
        if self.planned:
            (checked,), accepted, worded = self._checked(
                wanted, lambda desired, words: [self.program.check(desired, words, part=part)]
            )
        plan = None if checked is None else checked.plan
        if plan is not None:
            self._meet(plan)
            if plan.operation is Operation.ATTACH:
                added = {effect.stream.name for effect in plan.effects}
                accepted = replace(
                    accepted, lines={**self.desired.lines, **{name: accepted.lines[name] for name in added}}
                )
        columns = self._columns(accepted, plan)
        self._note_change(accepted, plan, worded, columns)
        self.played.events.append(Event())
        return accepted, columns, self._carry_out(checked, accepted)

    def _newcomers(self, desired: Desired) -> set[str]:
        """The streams that the connection's schema has not yet."""
        if not self.program.connection_id:
            return set()
        return desired.lines.keys() - shapes.stored(self.emulator, self.program.connection_id).keys()

    def _columns(self, accepted: Desired, plan: Plan | None) -> dict[str, Columns]:
        """The columns that the connection's schema is to have after an update."""
        accepts = plan is not None and accepted.accept and self.program.accepts
        if not self.program.connection_id or accepts or self._newcomers(accepted):
            return shapes.discovered(self.emulator)
        return shapes.stored(self.emulator, self.program.connection_id)

    def _carry_out(self, checked: Checked | None, accepted: Desired) -> str:
        if checked is not None or not self.program.connection_id:
            changed = bool(self.program.connection_id)
            problem = self.program.update(
                self.program.check(accepted, dict.fromkeys(accepted.lines, "skip")) if checked is None else checked
            )
            if self.way == AGAIN and changed:
                self._replace_all(accepted)
            return problem
        self._write(accepted, skip=self.way == SKIP)
        return ""

    def _checked(self, wanted: Desired, look: Look) -> tuple[list[Checked], Desired, set[str]]:
        """A preview; what is blocked stays as it was, or gets the word."""
        accepted, words, worded = wanted, dict(self.overrides), set[str]()
        for _ in range(2 * len(worlds.STREAMS) + 2):
            checked = look(accepted, words)
            refused = [each.refused for each in checked if each.refused]
            if refused:
                # What the source has no longer is taken out of the program.
                there = self._there(accepted)
                if there == accepted:
                    raise AssertionError(f"a script declared what cannot be: {refused}")
                accepted = there
                continue
            plans = [each.plan for each in checked if each.plan is not None]
            blocked = [effect for plan in plans for effect in plan.blocked()]
            obstacles = [obstacle for plan in plans for obstacle in plan.obstacles]
            if obstacles and not blocked:
                raise blocked_by(obstacles[0])
            if not blocked:
                return checked, accepted, worded
            for effect in blocked:
                self.played.met.append(self._met(effect))
            for effect in blocked:
                stream = effect.stream.name
                unknown = effect.code in {"AWB298", "AWB299", "AWB242", "AWB211"} or not wanted.active
                if wanted.word and not unknown and stream not in worded:
                    words[stream] = "reset"
                    worded.add(stream)
                    self.played.worded += 1
                    continue
                self.played.refused += 1
                accepted = self._without(accepted, effect)
        raise AssertionError("a preview is blocked for ever")

    def _without(self, accepted: Desired, effect: Effect) -> Desired:
        stream, code = effect.stream.name, effect.code
        if effect.detail.what in _OF_SCHEMAS:
            return replace(accepted, accept=False)
        if code in {"AWB240", "AWB241", "AWB242"} or accepted.lines.get(stream) == self.desired.lines.get(stream):
            return replace(accepted, prefix=self.desired.prefix, active=self.desired.active)
        lines = {name: line for name, line in accepted.lines.items() if name != stream}
        if stream in self.desired.lines:
            lines[stream] = self.desired.lines[stream]
        return replace(accepted, lines=lines)

    def _replace_all(self, accepted: Desired) -> None:
        client, connection = self.program.client, self.program.connection_id
        streams = [StreamDescriptor(NAMESPACE, name) for name in accepted.lines]
        if client.get_destination_version(self.program.destination).supports_refreshes:
            client.refresh_streams(connection, streams, RefreshMode.TRUNCATE)
        else:
            client.clear_streams(connection, streams)
            self.emulator.finish_jobs(connection)
            client.sync(connection)
        self.emulator.finish_jobs(connection)

    def _write(self, desired: Desired, *, skip: bool) -> None:
        """What one does without us: send the new catalog, and leave the rest to the server or to nobody."""
        client = self.program.client
        connection = client.get_connection(self.program.connection_id)
        declared = {
            StreamDescriptor(NAMESPACE, name): StreamSpec.parse(
                line.text(log=self.setup.log, mappers=self.setup.mappers)
            )
            for name, line in desired.lines.items()
        }
        schema = client.discover_schema(connection.source_id)
        removed = connection.sync_catalog.selected().keys() - declared.keys()
        client.update_connection(
            ConnectionUpdate(
                connection_id=connection.connection_id,
                sync_catalog=merge_catalogs(connection.sync_catalog, declared, removed, schema.catalog),
                source_catalog_id=schema.catalog_id,
                prefix=desired.prefix,
                status="active" if desired.active else "inactive",
                skip_reset=skip,
            )
        )
        self.emulator.finish_jobs(connection.connection_id)

    # ---- notes -----------------------------------------------------------------------------------------------------

    def _met(self, effect: Effect) -> Met:
        event = len(self.played.events)
        return Met(effect.code.value, effect.action, effect.stream.name, event, effect.deferred)

    def _meet(self, plan: Plan) -> None:
        self.played.met += [self._met(effect) for effect in plan.effects]
        self.played.changes += len(plan.effects)

    def _note_change(
        self, accepted: Desired, plan: Plan | None, worded: set[str], schema: Mapping[str, Columns]
    ) -> None:
        """What a change leaves behind and has to keep."""
        tables = self._tables()
        index = len(self.played.events)
        moved = accepted.prefix != self.desired.prefix
        actions = {} if plan is None else {stream.name: action for stream, action in plan.actions().items()}
        selected = {effect.stream.name for effect in (() if plan is None else plan.effects) if effect.code == "AWB250"}
        for name in self.streams.keys() - accepted.lines.keys():
            self._leave(f"{self.desired.prefix}{name}", tables)
            self.thin_of_tables[f"{self.desired.prefix}{name}"] = self.streams.pop(name).thin
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
            wrote, had = self.lines_of_tables.get(table), dict(self.columns_of_tables.get(table, ()))
            state = _Stream(line, columns, index, before=before)
            if line.appends and wrote is not None and wrote.appends and not (replaced and name in worded):
                state.floor = before
            # as announced: from a pile of whole copies on, there is one more
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
                state.thin = dict(self.thin_of_tables.get(table, {}) if old is None or moved else old.thin)
                if wrote is not None and (name in selected or not self.planned or old is None):
                    shown = frozenset(version_of(row) for row in rows)
                    for column in (wrote.dropped - line.dropped) | {each for each, _ in columns if each not in had}:
                        state.thin[column] = state.thin.get(column, frozenset()) | shown
            self.streams[name] = state

    def _leave(self, table: str, tables: Mapping[str, list[Row]]) -> None:
        if table in tables:
            self.left[table] = tables[table]

    def _tables(self) -> dict[str, list[Row]]:
        self.emulator.settle("main")
        return {name.removeprefix(f"{NAMESPACE}."): rows for name, rows in self.emulator.tables("main").items()}

    def _raw(self, table: str) -> list[Row]:
        return self.emulator.raw_tables("main").get(f"{NAMESPACE}.{table}", [])

    def _note_jobs(self) -> None:
        prefix = self.desired.prefix
        jobs = self.emulator.jobs(self.program.connection_id)
        for entry in jobs[self.jobs_seen :]:
            job, moved = entry["job"], entry["job"]["configType"] != "reset_connection"
            if job["status"] not in {"succeeded", "failed"}:
                continue
            if not moved:
                for part in job["resetConfig"]["streamsToReset"]:
                    self.emptied.setdefault(part["name"], job["updatedAt"])
                    if part["name"] in self.streams:
                        self.streams[part["name"]].replaced = True
                continue
            index, named = len(self.played.events), (job.get("refreshConfig") or {}).get("streamsToRefresh")
            moving = {part["name"] for part in job["enabledStreams"]}
            for name in self.streams.keys() - moving:
                # A connection that replaces rows first is created with these streams alone.
                self.streams[name].since = index + 1
            streams = {name: state for name, state in self.streams.items() if name in moving}
            for name, state in streams.items():
                if state.replaced and (named is None or name in {part["name"] for part in named}):
                    # What came before in the same update, for other streams, is not there any more.
                    state.since, state.replaced = index, False
            self._note_misfits()
            self.played.events.append(Event(move=True))
            reads: Counter[str] = Counter()
            for attempt in entry["attempts"]:
                for stats in attempt["streamStats"]:
                    reads[stats["streamName"]] += stats["stats"]["recordsEmitted"]
            for name, state in streams.items():
                self.lines_of_tables[f"{prefix}{name}"] = state.line
                self.columns_of_tables[f"{prefix}{name}"] = state.columns
                state.moved, state.failed = True, job["status"] == "failed"
                # a filter may have kept out all that was read
                state.piled = state.piled and (not reads[name] or 0 < len(self._raw(f"{prefix}{name}")) == state.raw)
                self._count_reads(name, state, reads[name])
                if name in self.emptied:
                    self.played.empty_minutes += (job["updatedAt"] - self.emptied.pop(name)) / 60
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
                told += [pair for pair in self.book.told[name].items() if pair[0] > self.newest_moved]
            for version, row in told:
                for column, kind in state.columns:
                    if column not in row or not shapes.fits(row[column], kind):
                        state.thin[column] = state.thin.get(column, frozenset()) | {version}
        self.newest_moved = max(max(versions, default=0) for versions in self.book.versions.values())

    def _count_reads(self, name: str, state: _Stream, read: int) -> None:
        self.played.read += read
        present = {row["v"] for row in self.book.present[name].values()}
        new = max(len(present - self.versions_seen.get(name, set())), self.edits.pop(name, 0))
        if state.line.incremental:
            self.played.reread += max(0, read - new)
        self.versions_seen[name] = present

    def _judge(self) -> None:
        tables = self._tables()
        raw = self.emulator.raw_tables("main") if any("hash" in s.line.mappers for s in self.streams.values()) else {}
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
            if state.moved and self.desired.active
        ]
        untouched = [Untouched(name, was, tables.get(name, [])) for name, was in self.left.items()]
        self.played.events.append(Event(items=items, untouched=untouched))


def _continues(old: Line, new: Line) -> bool:
    """Whether an incremental dedup stream goes on as one, with its key."""
    return old.incremental and old.dedup and new.incremental and new.dedup and old.key == new.key
