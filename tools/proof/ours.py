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
_LOADING = {
    "direct-load": "direct_load",
    "typing-deduping": "typing_deduping",
    "normalization": "normalization",
}


class ClockTransport(httpx.BaseTransport):
    """Lets half a minute of the virtual clock pass whenever somebody looks how a job is doing."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._inner = emulator.transport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if "/jobs/" in request.url.path:
            self._emulator.advance(30)
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
    """

    lines: Mapping[str, Line]
    prefix: str = ""
    active: bool = True
    anew: bool = False
    word: bool = False
    refresh: bool = False
    clear: bool = False
    accept: bool = False


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
        resets: Values = {"wait": "job", "overrides": words}
        if self._setup.backfill:
            resets["backfill"] = True
        if self._setup.told:
            resets["destination_loading"] = _LOADING[self._setup.broad_family]
        return {
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
        self._emulator.finish_jobs(self.connection_id)
        return problem

    def refresh(self) -> None:
        """The live connection is taken for what is recorded."""
        self._run().refresh(self.connection)

    def delete(self) -> None:
        """The resource leaves the program."""
        self._run().destroy(self.connection)

    def _run(self) -> Run:
        return new_run(_URL, self._transport)
