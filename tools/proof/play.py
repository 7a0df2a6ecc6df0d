"""Playing a script: a source changes, a program is changed, syncs run; what happened is told to the judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx

from pulumi_airbyte_wb.errors import DeclarationError, DriftedError, PlanError
from pulumi_airbyte_wb.live.merge import merge_catalogs
from pulumi_airbyte_wb.live.secrets import sendable
from pulumi_airbyte_wb.models import ConnectionUpdate, RefreshMode, StreamDescriptor
from pulumi_airbyte_wb.plan import Effect, Operation, Plan
from pulumi_airbyte_wb.plan.blocking import blocked_by
from pulumi_airbyte_wb.spec.changes import What
from pulumi_airbyte_wb.spec.connection import ConnectionSpec
from pulumi_airbyte_wb.spec.streams import StreamSpec
from tools.proof import shapes, truth, worlds
from tools.proof.lines import START, Columns, Line, Row
from tools.proof.notes import Notes, Played
from tools.proof.ours import Checked, Desired, Program
from tools.proof.shapes import NAMESPACE, Reshape
from tools.proof.truth import Event
from tools.proof.worlds import Book, Edit, Setup

OURS, SERVER, SKIP, AGAIN = "ours", "server", "skip", "again"
"""What is done: as planned; what the server does by itself; nothing; as planned, and then all is replaced once more."""
_HOUR = 3600

T = TypeVar("T")
Look = Callable[[Desired, Mapping[str, str]], list[Checked]]


@dataclass(frozen=True)
class Renamed:
    """A person gives the tables another prefix, which no program knows of.

    Args:
        prefix: the new one, under which nothing was written before.
    """

    prefix: str


Step = Sequence[Edit] | Reshape | Renamed | Desired | None
"""Edits of the source, another schema of it, other names of the tables, a declaration, or (``None``) a sync."""
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
        self.book = Book()
        self.book.start(script.rows)
        self.notes = Notes(self.setup, self.emulator, self.book, self.program, planned=self.planned)
        self.played = self.notes.played
        self.refreshed = False
        self.prefixes: set[str] = set()
        self.lost: set[str] = set()
        self.other_key: set[str] = set()
        """Streams whose rows are still encrypted with another key than the declared one, since an adoption."""

    def run(self) -> Played:
        for stream, line in self.script.foreign.items():
            self._foreign(stream, line)
        for step in self.script.steps:
            if step is None:
                self._sync()
            elif isinstance(step, Desired):
                self.notes.judge()
                self._declare(step)
            elif isinstance(step, Reshape):
                self._reshape(step)
            elif isinstance(step, Renamed):
                self._rename(step)
            else:
                worlds.apply(self.emulator, step)
                self.book.note(step)
                self.notes.edits.update(edit.stream for edit in step)
                self.played.events.append(Event(edits=step))
        self.notes.judge()
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
        if not self.notes.desired.active or not self.program.connection_id:
            return
        self.emulator.advance(_HOUR)
        self.emulator.sync(self.program.connection_id)
        self.played.syncs += 1
        self.notes.jobs()

    def _reshape(self, step: Reshape) -> None:
        shapes.reshape(self.emulator, step)
        self.book.reshape(step)
        self.played.events.append(Event(reshape=step))
        if step.seen:
            (source,) = self.emulator.server.store.ids("source")
            self.program.client.discover_schema(source, disable_cache=True)

    def _rename(self, step: Renamed) -> None:
        if not self.planned or not self.program.connection_id:
            return
        connection = self.program.connection_id
        self.program.client.update_connection(
            ConnectionUpdate(connection_id=connection, prefix=step.prefix, skip_reset=True)
        )
        renamed = replace(self.notes.desired, prefix=step.prefix)
        self.notes.change(renamed, None, set(), shapes.stored(self.emulator, connection))
        self.notes.stray()
        self.played.events.append(Event())
        self.notes.desired = renamed
        self.prefixes.add(step.prefix)
        self.refreshed = False
        self.played.ways["prefix changed by a person"] += 1

    def _declare(self, wanted: Desired) -> None:
        if wanted.recreate and self.program.connection_id and self.planned:
            self.program.delete()
            self.notes.end_connection()
        # Files cannot be moved here: a stream that has never synced does not ask for them, another one is blocked.
        there = self.notes.desired.lines if self.notes.jobs_seen else ()
        joining = {name: replace(line, files=None) for name, line in wanted.lines.items() if name not in there}
        wanted = replace(wanted, lines={**wanted.lines, **joining})
        self._prepare(wanted)
        while wanted.prefix in self.lost:
            wanted = replace(wanted, prefix=f"{wanted.prefix}a_")
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
        self.notes.run += 1
        if not self.program.part:
            return self._turn(wanted, part=False)
        for _ in range(3):
            if self.program.connection_id:
                wanted = self._settled(wanted, lambda each: self._checked(each, self.program.preview)[1])
            others = {name: line for name, line in self.notes.desired.lines.items() if name in self.program.part}
            own = {name: line for name, line in wanted.lines.items() if name not in self.program.part}
            problem = self._turn(replace(wanted, lines={**others, **own}), part=False)
            lines = {name: line for name, line in self.notes.desired.lines.items() if name not in self.program.part}
            lines |= {name: line for name, line in wanted.lines.items() if name in self.program.part}
            try:
                return problem or self._turn(replace(self.notes.desired, lines=lines, word=wanted.word), part=True)
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
        self.notes.desired = accepted
        self.prefixes.add(accepted.prefix)
        self.notes.jobs()
        return problem

    def _settled(self, wanted: Desired, act: Callable[[Desired], T], *, part: bool = False) -> T:
        """What an act comes to, when a person has done what the messages say."""
        for _ in range(3):
            before = self.notes.mark()
            newcomers = self._newcomers(wanted)
            try:
                return act(wanted)
            except PlanError as error:
                self.notes.back_to(before)
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
                # A stream is gone since the preview, or it was not noticed: the program takes it out.
                self.notes.back_to(before)
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
        # What is still owed to the rows is lost with the state: nothing else knows of it.
        if wanted.adopt and not self.program.owes:
            # All that there is, and no more, is taken over first: what leaves would stay, unmanaged.
            # A part that the program leaves out then is not recorded, so what declares it again is a change.
            there = self.notes.desired.lines
            lines = {
                name: new if _alike(old, new := wanted.lines.get(name, old)) else old for name, old in there.items()
            }
            adopted = self.program.adopt(replace(wanted, lines=lines))
            self.played.ways["adoption"] += adopted
            # No server tells which tables a connection has left behind under other names.
            self.lost |= self.prefixes - {self.notes.desired.prefix} if adopted else set()
        if wanted.refresh:
            moved = self.program.refresh()
            self.refreshed = True
            if adopted and moved:
                raise AssertionError("a refresh after an adoption reports a change")

    def _run_again(self) -> None:
        done = self.program.again()
        if done:
            raise AssertionError(f"the same program, run once more, does something: {done}")
        self.notes.jobs()
        self.played.ways["run twice in a row"] += 1

    def _count_ways(self, new: Desired) -> None:
        if not self.planned:
            return
        old, ways = self.notes.desired, self.played.ways
        ways["default namespace, masked"] += self.setup.masks and new.by_default and not old.by_default
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
            self.notes.meet(plan)
            if plan.operation is Operation.ATTACH:
                added = {effect.stream.name for effect in plan.effects}
                accepted = replace(
                    accepted, lines={**self.notes.desired.lines, **{name: accepted.lines[name] for name in added}}
                )
        columns = self._columns(accepted, plan)
        self.notes.change(accepted, plan, worded, columns)
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
                # An inactive connection replaces the rows later.
                self.other_key -= worded if accepted.active else set()
                return checked, accepted, worded
            for effect in blocked:
                self.played.met.append(self.notes.met(effect))
            for effect in blocked:
                stream = effect.stream.name
                if effect.code == "AWB263" and stream not in words:
                    # Who declares it knows which key is in force.
                    if accepted.lines[stream].mappers != self.notes.desired.lines[stream].mappers:
                        self.other_key.add(stream)
                    words[stream] = "reset" if stream in self.other_key else "permit AWB263"
                    worded |= self.other_key & {stream}
                    continue
                if effect.detail.what is What.RENAMED_OUTSIDE and stream not in words:
                    # Without the rows of the table before, this one is never what is declared.
                    words[stream] = "reset"
                    worded.add(stream)
                    continue
                if effect.code == "AWB245" and accepted.active and stream not in words:
                    # Who declares it knows that it is the same table.
                    alone = all(len(plan.by_stream()[effect.stream]) == 1 for plan in plans if effect in plan.effects)
                    words[stream] = "skip" if alone and not wanted.word else "reset"
                    worded |= {stream} if words[stream] == "reset" else set()
                    continue
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
        old = self.notes.desired
        renames = code in {"AWB240", "AWB241", "AWB242", "AWB245"} and effect.detail.what is not What.RENAMED_UNFILLED
        if renames or accepted.lines.get(stream) == old.lines.get(stream):
            return replace(accepted, prefix=old.prefix, active=old.active, by_default=old.by_default)
        lines = {name: line for name, line in accepted.lines.items() if name != stream}
        if stream in self.notes.desired.lines:
            lines[stream] = self.notes.desired.lines[stream]
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
        """What one does without us: send the new catalog, and leave the rest to the server or to nothing."""
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
        merged = merge_catalogs(connection.sync_catalog, declared, removed, schema.catalog)
        client.update_connection(
            ConnectionUpdate(
                connection_id=connection.connection_id,
                sync_catalog=sendable(merged, ConnectionSpec()),
                source_catalog_id=schema.catalog_id,
                prefix=desired.prefix,
                status="active" if desired.active else "inactive",
                skip_reset=skip,
            )
        )
        self.emulator.finish_jobs(connection.connection_id)


def _alike(old: Line, new: Line) -> bool:
    """Whether two lines declare the same parts of a stream."""
    return (old.cursor is None, not old.key) == (new.cursor is None, not new.key)
