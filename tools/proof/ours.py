"""Our program: one connection, through the provider class that ships, called as the engine calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import JobError
from pulumi_airbyte_wb.plan import Plan, planned_of
from pulumi_airbyte_wb.providers.process import set_testing
from pulumi_airbyte_wb.spec.resets import SchemaChanges
from tools.engine import Diff, RefusedError, Resource, Run, Values, new_run
from tools.proof.lines import Line
from tools.proof.shapes import NAMESPACE
from tools.proof.worlds import Setup

_URL = "http://emulator"
_FILLED = "filled"
_PATIENCE = 6
_PERIOD = 30 * 24 * 3600
_LOADING = {
    "direct-load": "direct_load",
    "typing-deduping": "typing_deduping",
    "normalization": "normalization",
}


class ClockTransport(httpx.BaseTransport):
    """Lets half a minute of the virtual clock pass whenever somebody looks how a job is doing.

    Who does nothing but look waits for the schedule, and its next sync begins.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator, self._looks = emulator, 0
        self._inner = emulator.transport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._looks = self._looks + 1 if "/jobs/" in request.url.path else 0
        if self._looks:
            self._emulator.advance(30 if self._looks < _PATIENCE else _PERIOD)
        return self._inner.handle_request(request)


@dataclass(frozen=True)
class Desired:
    """What a program declares.

    Args:
        lines: the streams.
        prefix: of the table names.
        active: whether the connection runs.
        anew: whether the connection is deleted and declared again.
        word: whether a blocked stream gets the word ``reset``; else it stays as it was.
        refresh: whether a refresh goes before.
        clear: whether the tables of streams that leave are cleared.
        accept: whether the source's newer schema is taken over.
        wait: what the update waits for.
        secret: the inputs that are secrets of the program: ``streams``, ``prefix``, or single streams.
        twice: whether the program is run once more, with nothing between.
        adopt: whether the stack has lost the connection, and takes it over by its id.
    """

    lines: Mapping[str, Line]
    prefix: str = ""
    active: bool = True
    anew: bool = False
    word: bool = False
    refresh: bool = False
    clear: bool = False
    accept: bool = False
    wait: str = "job"
    secret: frozenset[str] = frozenset()
    twice: bool = False
    adopt: bool = False


@dataclass(frozen=True)
class Checked:
    """A preview, and the run that it is the beginning of.

    Args:
        run: the run.
        declared: what the program declares.
        inputs: the checked inputs.
        diff: what is different from the state.
        plan: what is planned; ``None`` where nothing changes, or the declaration was refused.
        refused: why it was.
    """

    run: Run
    declared: Values
    inputs: Values = field(default_factory=dict)
    diff: Diff = field(default_factory=lambda: Diff(changes=False))
    plan: Plan | None = None
    refused: str = ""


class Program:
    """One stack with one connection."""

    def __init__(self, emulator: Emulator, setup: Setup) -> None:
        self._emulator, self._setup = emulator, setup
        self._transport = ClockTransport(emulator)
        self.client = AirbyteClient(ServerSettings(_URL), transport=self._transport)
        (self._source,) = emulator.server.store.ids("source")
        self.destination = next(
            doc["destinationId"] for doc in emulator.server.store.all("destination") if doc["name"] == "main"
        )
        self.connection = Resource("ours")
        self._adopted = ""
        self._declared: Values = {}
        set_testing()  # virtual time passes by itself

    @property
    def connection_id(self) -> str:
        """The connection; empty where there is none."""
        return self.connection.id

    @property
    def accepts(self) -> bool:
        """Whether the next update takes over what the source has: it was announced that it does."""
        return self.connection.inputs.get("schema_changes") == SchemaChanges.ACCEPT

    def declared(self, desired: Desired, overrides: Mapping[str, str]) -> Values:
        """The inputs of a program."""
        words = {f"{NAMESPACE}.{stream}": word for stream, word in overrides.items() if stream in desired.lines}
        resets: Values = {"wait": desired.wait, "overrides": words}
        if self._setup.backfill:
            resets["backfill"] = True
        if self._setup.told:
            resets["destination_loading"] = _LOADING[self._setup.broad_family]
        inputs = {
            "source_id": self._source,
            "destination_id": self.destination,
            "prefix": desired.prefix,
            "status": "active" if desired.active else "inactive",
            "streams": {
                f"{NAMESPACE}.{name}": line.text(log=self._setup.log, mappers=self._setup.mappers)
                for name, line in desired.lines.items()
            },
            "resets": resets,
            "on_remove": "clear" if desired.clear else "keep",
            "schema_changes": "accept" if desired.accept else "keep",
        }
        if desired.wait == _FILLED:
            inputs["schedule"] = "every 30 days"
        if self._adopted:
            inputs["adopt"] = self._adopted
        return inputs | _secrets(desired)

    def check(self, desired: Desired, overrides: Mapping[str, str]) -> Checked:
        """The first half of an ``up``.

        Raises:
            AirbyteError: as the provider raises it.
        """
        run, declared = self._run(), self.declared(desired, overrides)
        try:
            inputs = run.check(self.connection, declared)
        except RefusedError as refused:
            return Checked(run, declared, refused=str(refused))
        diff = run.diff(self.connection, inputs)
        return Checked(run, declared, inputs, diff, planned_of(inputs) if diff.changes else None)

    def update(self, checked: Checked) -> str:
        """The second half; what went wrong with a job, in words.

        Raises:
            AirbyteError: as the provider raises it.
        """
        problem = ""
        try:
            checked.run.carry_out(self.connection, checked.declared, checked.inputs, checked.diff)
        except JobError as error:
            problem = str(error)
        self._declared = checked.declared
        self._emulator.finish_jobs(self.connection_id)
        return problem

    def again(self) -> Plan | None:
        """The same program is run once more; answers what it did, if it was not as good as nothing."""
        run = self._run()
        inputs = run.check(self.connection, self._declared)
        diff = run.diff(self.connection, inputs)
        run.carry_out(self.connection, self._declared, inputs, diff)
        return planned_of(inputs) if diff.changes else None

    def refresh(self) -> bool:
        """The live connection is taken for what is recorded; whether that is something else."""
        return self._run().refresh(self.connection)

    @property
    def owes(self) -> bool:
        """Whether something is remembered that has still to be done to the rows."""
        memory = self.connection.inputs.get("memory", {})
        return any("pending" in entry for entry in memory.get("streams", {}).values())

    def adopt(self, desired: Desired) -> bool:
        """The stack loses the connection, and takes it over by its id; whether it did: the program may be refused.

        Raises:
            AssertionError: it wrote to the server.
        """
        lost, adopted, self._adopted = self.connection, self._adopted, self.connection_id
        self.connection = Resource("ours")
        self._emulator.log.clear()
        checked = self.check(desired, {})
        if checked.refused or (checked.plan is not None and checked.plan.is_blocked):
            self.connection, self._adopted = lost, adopted
            return False
        self.update(checked)
        written = [path for path in self._emulator.log.counts if path.endswith(("/update", "/create", "/sync"))]
        if written:
            raise AssertionError(f"an adoption wrote: {written}")
        return True

    def delete(self) -> None:
        """The resource leaves the program."""
        self._run().destroy(self.connection)
        self._adopted = ""

    def _run(self) -> Run:
        return new_run(_URL, self._transport)


def _secrets(desired: Desired) -> Values:
    """What the resource class says of secrets: streams by name, where the program names them one by one."""
    single = sorted(f"{NAMESPACE}.{stream}" for stream in desired.secret & desired.lines.keys())
    whole = sorted(desired.secret & {"prefix", "streams"})
    return ({"secret_inputs": whole} if whole else {}) | ({"secret_streams": single} if single else {})
