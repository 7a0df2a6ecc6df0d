"""A cell of the matrix: one request of an operation meets one fault; then one more run has to finish the job."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.providers.operation import OperationProvider
from tools.engine import Resource
from tools.faults.engine import Effects, KilledError, Run, StepError, run, says_what_to_do
from tools.faults.kinds import FOREVER, KINDS, Kind
from tools.faults.operations import OPERATIONS, Declared, Operation, Stage, act, with_ids
from tools.faults.process_pool import ProcessPool
from tools.faults.server import Server


@dataclass(frozen=True)
class Cell:
    """Which one: ``update, refresh/7/cut after/refresh``."""

    operation: str
    index: int
    kind: str
    refresh: bool

    def __str__(self) -> str:
        return f"{self.operation}/{self.index}/{self.kind}/{'refresh' if self.refresh else 'up'}"

    @classmethod
    def parse(cls, text: str) -> Cell:
        """The cell of a text.

        Raises:
            ValueError: there is none of this name.
        """
        operation, _, rest = text.partition("/")
        while operation not in OPERATIONS and "/" in rest:
            more, _, rest = rest.partition("/")
            operation = f"{operation}/{more}"
        index, kind, then = rest.split("/")
        if operation not in OPERATIONS or kind not in KINDS or then not in {"up", "refresh"}:
            raise ValueError(text)
        return cls(operation, int(index), kind, then == "refresh")


@dataclass
class Outcome:
    """What became of a cell.

    Attributes:
        met: whether the fault struck; an operation that ended before needs no second run.
        error: what the run under the fault said; empty where it ended well all the same, or was killed.
        told: what a person had to do because a message said so, besides one more ``up``; ``stray`` where it said that
            an operation may stay behind, and one did; ``late`` where it said that the server may still be working, and
            that left what no run finds.
        untold: what no one could be told of, as the provider was killed: ``stray`` as above.
        wrong: what is not as it has to be, each in words: the first word is the column that counts it.
    """

    cell: Cell
    met: bool = True
    error: str = ""
    told: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@dataclass
class End:
    """How a server is, in what a program can decide: the same in every run that ends as declared."""

    connections: list[str]
    orphans: list[str]
    effects: Effects
    lively: Effects
    tables: dict[str, list[str]]


@dataclass
class Beginning:
    """An operation, ready to be done again and again.

    Attributes:
        paths: the requests that it sends.
        lengths: how many of them each of its runs sends.
        end: how the server is when it is done.
        owes: whether a preview after it shows a change.
    """

    operation: Operation
    snapshot: str
    resources: list[Declared]
    jobs: set[str]
    paths: list[str]
    lengths: list[int]
    end: End
    owes: bool

    def place(self, index: int) -> tuple[int, int]:
        """Which run sends a request, and the how-manieth of that run it is."""
        for number, length in enumerate(self.lengths):
            if index < length:
                return number, index
            index -= length
        return len(self.lengths) - 1, index + self.lengths[-1]

    def program(self) -> list[Declared]:
        """The resources, to be changed apart."""
        return [(resource.copy(), declared) for resource, declared in self.resources]


class Bench:
    """Does cells: holds the processes and the beginnings.

    Args:
        folder: for the data files of servers that are killed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.pool = ProcessPool()
        self._servers: dict[tuple[str, bool], Server] = {}
        self._beginnings: dict[str, Beginning] = {}

    def close(self) -> None:
        """End every process."""
        for server in self._servers.values():
            server.stop()
        self.pool.__exit__(None, None, None)

    def beginning(self, name: str) -> Beginning:
        """An operation's beginning, and what it comes to without a fault."""
        if name not in self._beginnings:
            self._beginnings[name] = self._begin(OPERATIONS[name])
        return self._beginnings[name]

    def cells(self, name: str) -> Iterator[Cell]:
        """The cells of an operation."""
        begun = self.beginning(name)
        for index, path in enumerate(begun.paths):
            for kind in KINDS.values():
                if (not kind.only or path in kind.only) and (begun.operation.has_tokens or not kind.login):
                    # What a person has changed is not in state: a refresh that failed has to be run again.
                    for refresh in (True,) if begun.operation.drifted else (False, True):
                        yield Cell(name, index, kind.name, refresh)

    def play(self, cell: Cell) -> Outcome:
        """Do a cell."""
        begun, kind = self.beginning(cell.operation), KINDS[cell.kind]
        server = self._server(begun.operation.version, mortal=kind.kills == "server")
        server.restore(begun.snapshot, kind.login)
        program = begun.program()
        outcome = Outcome(cell)
        before, index = begun.place(cell.index)
        planned: Effects = set()
        for _ in range(before):
            planned |= self._act(begun.operation, program, server)
        server.forget_requests()
        planned |= self._disturbed(begun.operation, program, index, kind, server, outcome)
        outcome.paths = [request["path"] for request in server.requests()]
        outcome.wrong += badly_said(kind, outcome.error)
        self._finish(begun, program, cell, server, outcome, planned)
        return outcome

    def _act(self, operation: Operation, program: list[Declared], server: Server) -> Effects:
        """A run that nothing disturbs; answers what it planned."""
        with run(self.pool, server.config) as started:
            act(started, operation, program)
        return started.planned

    def _disturbed(
        self, operation: Operation, program: list[Declared], index: int, kind: Kind, server: Server, outcome: Outcome
    ) -> Effects:
        """The run under the fault; answers what it planned."""
        how: dict[str, Any] = dict(kind.provider)
        if kind.to:
            how |= {"strays": [index, FOREVER if kind.lasts else index + 1], "to": kind.to}
        else:
            server.add_fault(**kind.fault, skip=index, times=FOREVER if kind.lasts else 1)
            if kind.late == "overtaken":
                server.carry_out_late(kind.late)
            if kind.then:
                server.add_fault(**{"skip": index, **kind.then})
        with run(self.pool, server.config, **how) as started:
            killer = self._killer(kind, started, server)
            try:
                act(started, operation, program)
            except StepError as error:
                outcome.error = str(error)
            except KilledError:
                pass
            outcome.met = bool(kind.to) or kind.lasts or kind.kills == "server" or server.waiting() == bool(kind.then)
            killer.join()
        if kind.kills == "server":
            outcome.met = server.start_if_dead()
        server.clear_faults()
        return started.planned

    def _killer(self, kind: Kind, started: Run, server: Server) -> threading.Thread:
        def kill() -> None:
            if kind.kills == "provider before":
                server.wait_until_struck(0)
            elif kind.kills == "provider after":
                server.wait_until_held()
            if kind.kills in {"provider before", "provider after"}:
                started.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        return killer

    def _finish(
        self,
        begun: Beginning,
        program: list[Declared],
        cell: Cell,
        server: Server,
        outcome: Outcome,
        planned: Effects,
    ) -> None:
        """One more ``up``, or as many as it takes, with a refresh before where the message or the cell says so."""
        operation, kind = begun.operation, KINDS[cell.kind]
        said_late = "may still be working on it" in outcome.error
        if kind.late and kind.late != "overtaken":
            planned |= self._meet_late(operation, program, kind, server, outcome)
        try:
            if operation.act == "refresh" and not outcome.error and not begun.owes:
                outcome.wrong += self._loud(program, server, "the refresh")
            if cell.refresh or "run `pulumi refresh`" in outcome.error:
                if not cell.refresh:
                    outcome.told.append("refresh")
                self._refresh(program, server)
            planned |= self._once_more(operation, program, server, outcome)
        except (StepError, KilledError) as error:
            outcome.wrong.append(f"unfinished: {error or 'the provider died'}")
            return
        found = self._look(begun.jobs, server)
        if is_stray(begun.resources, begun.end.orphans, found.orphans):
            if "attached to nothing and never runs" in outcome.error:
                outcome.told.append("stray")
                found.orphans = begun.end.orphans
            elif KINDS[cell.kind].kills in {"provider before", "provider after"}:
                outcome.untold.append("stray")
                found.orphans = begun.end.orphans
        if kind.late and said_late and leave_out_late(begun.end, found):
            outcome.told.append("late")
        outcome.wrong += _differences(begun.end, found, planned)

    def _meet_late(
        self, operation: Operation, program: list[Declared], kind: Kind, server: Server, outcome: Outcome
    ) -> Effects:
        """The next run, in which the request is carried out whose answer was lost; it may refuse."""
        server.carry_out_late(kind.late)
        with run(self.pool, server.config) as started:
            try:
                act(started, operation, program)
            except StepError as error:
                outcome.error = str(error)
                outcome.wrong += badly_said(kind, outcome.error)
        server.carry_out_late("")
        return started.planned

    def _refresh(self, program: list[Declared], server: Server) -> None:
        with run(self.pool, server.config) as started:
            for resource, _ in program:
                started.refresh(resource)

    def _once_more(self, operation: Operation, program: list[Declared], server: Server, outcome: Outcome) -> Effects:
        if operation.act == "destroy":
            with run(self.pool, server.config) as started:
                act(started, operation, program)
                return started.planned
        planned: Effects = set()
        runs = operation.runs
        while runs:
            runs -= 1
            with run(self.pool, server.config) as started:
                try:
                    self._up(started, program)
                except StepError as error:
                    advice = re.search(r'say adopt="([^"]+)" to take it over', str(error))
                    if advice is None or "adopt" in outcome.told:
                        raise
                    outcome.told.append("adopt")
                    program = [
                        (resource, {**declared, "adopt": advice[1]} if _is_missing(resource) else declared)
                        for resource, declared in program
                    ]
                    runs = 2
                planned |= started.planned
        outcome.wrong += self._loud(program, server, "it")
        return planned

    def _loud(self, program: list[Declared], server: Server, after: str) -> list[str]:
        with run(self.pool, server.config) as again:
            loud = [
                resource.name for resource, declared in program if again.changes(resource, with_ids(declared, program))
            ]
        return [f"unfinished: a preview after {after} still shows a change of {', '.join(loud)}"] if loud else []

    def _up(self, started: Run, program: list[Declared]) -> None:
        for resource, declared in program:
            started.up(resource, with_ids(declared, program))

    def _begin(self, operation: Operation) -> Beginning:
        server = self._server(operation.version)
        server.load(operation.world())
        scene = operation.begin(Stage(self.pool, server))
        server.finish_jobs()
        server.forget_requests()
        snapshot, jobs = server.snapshot(), set(server.docs().get("job", {}))
        program = [(resource.copy(), declared) for resource, declared in scene.resources]
        lengths: list[int] = []
        for _ in range(operation.runs):
            self._act(operation, program, server)
            lengths.append(len(server.requests()) - sum(lengths))
        paths = [request["path"] for request in server.requests()]
        owes = operation.act == "refresh" and bool(self._loud(program, server, "a refresh"))
        if operation.act == "refresh":
            with run(self.pool, server.config) as started:
                self._up(started, program)
        return Beginning(operation, snapshot, scene.resources, jobs, paths, lengths, self._look(jobs, server), owes)

    def _server(self, version: str, *, mortal: bool = False) -> Server:
        if (version, mortal) not in self._servers:
            self._servers[version, mortal] = Server(self.pool, version, self._folder if mortal else None)
        return self._servers[version, mortal]

    def _look(self, before: set[str], server: Server) -> End:
        server.finish_jobs()
        docs = server.docs()
        live = {key: doc for key, doc in docs.get("connection", {}).items() if doc["status"] != "deprecated"}
        operations = {key: doc for key, doc in docs.get("operation", {}).items() if not doc["tombstone"]}
        attached = {each for doc in live.values() for each in doc["operationIds"]}
        jobs = [job for key, job in docs.get("job", {}).items() if key not in before]
        done = [job for job in jobs if job["configType"] in {"reset_connection", "refresh"}]
        shown = [_shown(doc, docs["configured"].get(key, {}), operations) for key, doc in live.items()]
        for key, doc in live.items():
            if doc["status"] == "active":
                server.sync(key)
        return End(
            connections=sorted(shown),
            orphans=sorted(doc["name"] for key, doc in operations.items() if key not in attached),
            effects={effect for job in done for effect in _effects(job)},
            lively={
                effect
                for job in done
                if job["connectionId"] in live and job["status"] == "succeeded"
                for effect in _effects(job)
            },
            tables=server.tables(),
        )


def _is_missing(resource: Resource) -> bool:
    return not resource.id and resource.provider is ConnectionProvider


def _effects(job: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for stream, kind in zip(job["streams"], job["refreshTypes"], strict=True):
        yield ".".join(filter(None, (stream.get("namespace"), stream["name"]))), kind.lower()


_PASSING = {"connectionId", "createdAt", "number", "due", "sourceCatalogId", "operationIds", "emailRow"}


def _shown(connection: dict[str, Any], configured: dict[str, Any], operations: dict[str, Any]) -> str:
    """A connection without ids and times."""
    attached = [operations.get(each, {"name": "?", "configuration": None}) for each in connection["operationIds"]]
    return json.dumps(
        {
            **{name: value for name, value in connection.items() if name not in _PASSING},
            "operations": sorted(
                [each["name"], json.dumps(each["configuration"], sort_keys=True)] for each in attached
            ),
            "streams": sorted(json.dumps(entry, sort_keys=True) for entry in configured.get("streams", [])),
        },
        sort_keys=True,
    )


def is_stray(resources: list[Declared], wanted: list[str], found: list[str]) -> bool:
    """Whether an operation that the program creates is left behind: no call finds one that is attached to nothing.

    ``wanted`` and ``found`` are the names of the operations that are attached to nothing.
    """
    created = {declared["name"] for each, declared in resources if each.provider is OperationProvider and not each.id}
    more, less = Counter(found) - Counter(wanted), Counter(wanted) - Counter(found)
    return more.total() == 1 and more.keys() <= created and not less


def leave_out_late(wanted: End, found: End) -> bool:
    """Take out what no run can find or undo that a request leaves which is carried out late; whether there is any.

    An inactive connection with a mark, an operation that is attached to nothing, or rows that are appended once more.
    """
    more = [each for each in found.connections if each not in wanted.connections]
    marked = [each for each in more if '"status": "inactive"' in each and " [creating " in each]
    strays = Counter(found.orphans) - Counter(wanted.orphans)
    twice = [
        table for table, rows in wanted.tables.items() if rows and sorted([*rows, *rows]) == found.tables.get(table)
    ]
    if len(marked) + strays.total() + len(twice) != 1:
        return False
    found.connections = [each for each in found.connections if each not in marked]
    found.orphans = sorted((Counter(found.orphans) - strays).elements())
    found.tables = found.tables | {table: wanted.tables[table] for table in twice}
    return True


def badly_said(kind: Kind, error: str) -> Iterator[str]:
    """What is wrong with the error of a run; one without is well."""
    if error and (problem := says_what_to_do(error)):
        yield f"message: {problem}: {error}"
    elif error and not re.search(kind.says, error):
        yield f"message: does not say {kind.says!r}: {error}"
    elif error and kind.unhurt:
        yield f"message: the run should have ended well: {error}"


def _differences(wanted: End, found: End, planned: Effects) -> Iterator[str]:
    more = Counter(found.connections) - Counter(wanted.connections)
    less = Counter(wanted.connections) - Counter(found.connections)
    if len(found.connections) > len(wanted.connections):
        yield f"doubled: {len(found.connections)} connections, not {len(wanted.connections)}"
    elif more or less:
        yield f"unfinished: the connection is {', '.join(more) or 'gone'}, not {', '.join(less)}"
    if found.orphans != wanted.orphans:
        yield f"orphans: {', '.join(found.orphans)}"
    lost = wanted.lively - found.lively
    if lost:
        yield f"lost: {_words(lost)}"
    surprise = found.effects - planned
    if surprise:
        yield f"unplanned: {_words(surprise)}"
    for table in sorted(wanted.tables.keys() | found.tables.keys()):
        if wanted.tables.get(table, []) != found.tables.get(table, []):
            counts = len(found.tables.get(table, [])), len(wanted.tables.get(table, []))
            yield f"rows: {table} holds other rows ({counts[0]}, not {counts[1]})"


def _words(effects: Effects) -> str:
    return ", ".join(f"{stream} {action}" for stream, action in sorted(effects))
