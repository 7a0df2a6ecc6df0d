"""Our program: one connection, through the provider class that ships, called as the engine calls it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import JobError
from pulumi_airbyte_wb.plan import Plan, planned_of
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
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
    """Lets half a minute of the virtual clock pass whenever a client looks how a job is doing.

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
        recreate: whether the connection is deleted and declared again.
        word: whether a blocked stream gets the word ``reset``; else it stays as it was.
        refresh: whether a refresh goes before.
        clear: whether the tables of streams that leave are cleared.
        accept: whether the source's newer schema is taken over.
        wait: what the update waits for.
        secret: the inputs that are secrets of the program: ``streams``, ``prefix``, or single streams.
        twice: whether the program is run once more, with nothing between.
        adopt: whether the stack has lost the connection, and takes it over by its id.
        by_default: whether tables are put into the destination's default namespace, which is that of the source.
    """

    lines: Mapping[str, Line]
    prefix: str = ""
    active: bool = True
    recreate: bool = False
    word: bool = False
    refresh: bool = False
    clear: bool = False
    accept: bool = False
    wait: str = "job"
    secret: frozenset[str] = frozenset()
    twice: bool = False
    adopt: bool = False
    by_default: bool = False


@dataclass(frozen=True)
class Checked:
    """A preview, and the run that it is the beginning of.

    Args:
        run: the run.
        resource: whose it is.
        declared: what the program declares of it.
        inputs: the checked inputs.
        diff: what is different from the state.
        plan: what is planned; ``None`` where nothing changes, or the declaration was refused.
        refused: why it was.
    """

    run: Run
    resource: Resource
    declared: Values
    inputs: Values = field(default_factory=dict)
    diff: Diff = field(default_factory=lambda: Diff(changes=False))
    plan: Plan | None = None
    refused: str = ""


class Program:
    """One stack with one connection, and perhaps a ``Catalog`` beside it.

    Args:
        emulator: the server.
        setup: the installation.
        part: the streams that the ``Catalog`` declares; none where there is no such resource.
    """

    def __init__(self, emulator: Emulator, setup: Setup, part: frozenset[str] = frozenset()) -> None:
        self._emulator, self._setup, self.part = emulator, setup, part
        self._transport = ClockTransport(emulator)
        self.client = AirbyteClient(ServerSettings(_URL), transport=self._transport)
        (self._source,) = emulator.server.store.ids("source")
        self.destination = next(
            doc["destinationId"] for doc in emulator.server.store.all("destination") if doc["name"] == "main"
        )
        self._begin()
        self._begun: Run | None = None
        set_testing()  # virtual time passes by itself

    def _begin(self) -> None:
        """The stack has nothing."""
        self.connection, self.catalog = Resource("ours"), Resource("part", CatalogProvider)
        self._adopted = ""
        self._declared: dict[str, Values] = {}

    @property
    def _resources(self) -> list[Resource]:
        return [self.connection, self.catalog] if self.part else [self.connection]

    @property
    def connection_id(self) -> str:
        """The connection; empty where there is none."""
        return self.connection.id

    @property
    def accepts(self) -> bool:
        """Whether the next update takes over what the source has: it was planned that it does."""
        return self.connection.inputs.get("schema_changes") == SchemaChanges.ACCEPT

    def declared(self, resource: Resource, desired: Desired, overrides: Mapping[str, str]) -> Values:
        """The inputs of a resource."""
        part = resource is self.catalog
        lines = {name: line for name, line in desired.lines.items() if (name in self.part) == part}
        words = {f"{NAMESPACE}.{stream}": word for stream, word in overrides.items() if stream in lines}
        permits = [f"{stream} {word.split()[1]} once" for stream, word in words.items() if word.startswith("permit ")]
        overrides = {stream: word for stream, word in words.items() if not word.startswith("permit ")}
        resets: Values = {"wait": desired.wait, "overrides": overrides, "permits": permits}
        if self._setup.backfill:
            resets["backfill"] = True
        if self._setup.told:
            resets["destination_loading"] = _LOADING[self._setup.broad_family]
        inputs: Values = {
            "streams": {
                f"{NAMESPACE}.{name}": line.text(log=self._setup.log, mappers=self._setup.mappers)
                for name, line in lines.items()
            },
            "resets": resets,
            "on_remove": "clear" if desired.clear else "keep",
            "schema_changes": "accept" if desired.accept else "keep",
            **_secrets(desired, lines, "" if part else "prefix"),
        }
        return inputs | ({"connection_id": self.connection_id} if part else self._fields(desired))

    def _fields(self, desired: Desired) -> Values:
        fields: Values = {
            "source_id": self._source,
            "destination_id": self.destination,
            "prefix": desired.prefix,
            "status": "active" if desired.active else "inactive",
        }
        if desired.by_default:
            fields["namespace_definition"] = "destination"
        if desired.wait == _FILLED:
            fields["schedule"] = "every 30 days"
        if self._adopted:
            fields["adopt"] = self._adopted
        return fields

    def check(self, desired: Desired, overrides: Mapping[str, str], *, part: bool = False) -> Checked:
        """The first half of the turn that a resource has in an ``up``; that of the ``Catalog`` comes second.

        Raises:
            AirbyteError: as the provider raises it.
        """
        if not part:
            self._begun = None
        return self._look(self._begun or self._run(), self.catalog if part else self.connection, desired, overrides)

    def preview(self, desired: Desired, overrides: Mapping[str, str]) -> list[Checked]:
        """What a preview shows of each resource.

        Raises:
            AirbyteError: as the provider raises it.
        """
        run = self._run()
        return [self._look(run, resource, desired, overrides) for resource in self._resources]

    def _look(self, run: Run, resource: Resource, desired: Desired, overrides: Mapping[str, str]) -> Checked:
        declared = self.declared(resource, desired, overrides)
        try:
            inputs = run.check(resource, declared)
        except RefusedError as refused:
            return Checked(run, resource, declared, refused=str(refused))
        diff = run.diff(resource, inputs)
        return Checked(run, resource, declared, inputs, diff, planned_of(inputs) if diff.changes else None)

    def update(self, checked: Checked) -> str:
        """The second half; what went wrong with a job, in words.

        Raises:
            AirbyteError: as the provider raises it.
        """
        problem = ""
        try:
            checked.run.carry_out(checked.resource, checked.declared, checked.inputs, checked.diff)
        except JobError as error:
            problem = str(error)
        self._begun = checked.run
        self._declared[checked.resource.name] = checked.declared
        self._emulator.finish_jobs(self.connection_id)
        return problem

    def again(self) -> list[Plan]:
        """The same program is run once more; answers what it did."""
        run, done = self._run(), []
        for resource in self._resources:
            declared = self._declared[resource.name]
            inputs = run.check(resource, declared)
            diff = run.diff(resource, inputs)
            run.carry_out(resource, declared, inputs, diff)
            done += [planned_of(inputs)] if diff.changes else []
        return done

    def refresh(self) -> bool:
        """The live connection is taken for what is recorded; whether that is something else."""
        run = self._run()
        moved = [run.refresh(resource) for resource in self._resources]
        return any(moved)

    @property
    def owes(self) -> bool:
        """Whether something is remembered that has still to be done to the rows."""
        entries = [each.inputs.get("memory", {}).get("streams", {}).values() for each in self._resources]
        return any("pending" in entry for each in entries for entry in each)

    @property
    def unfinished(self) -> bool:
        """Whether the ``Catalog`` has left something to the next run."""
        return planned_of(self.catalog.inputs).next_run is not None

    def adopt(self, desired: Desired) -> bool:
        """The stack loses what it has, and takes it over by its id; whether it did: the program may be refused.

        Raises:
            AssertionError: it wrote to the server.
        """
        lost = self.connection, self.catalog, self._adopted, self._declared
        adopted = self.connection_id
        self._begin()
        self._adopted = adopted
        self._emulator.log.clear()
        for part in (False, True) if self.part else (False,):
            checked = self.check(desired, {}, part=part)
            if checked.refused or (checked.plan is not None and checked.plan.is_blocked):
                self.connection, self.catalog, self._adopted, self._declared = lost
                return False
            self.update(checked)
        written = [path for path in self._emulator.log.counts if path.endswith(("/update", "/create", "/sync"))]
        if written:
            raise AssertionError(f"an adoption wrote: {written}")
        return True

    def delete(self) -> None:
        """The resources leave the program."""
        run = self._run()
        for resource in reversed(self._resources):
            run.destroy(resource)
        self._begin()

    def _run(self) -> Run:
        return new_run(_URL, self._transport)


def _secrets(desired: Desired, lines: Iterable[str], name: str) -> Values:
    """What the resource class says of secrets: streams by name, where the program names them one by one."""
    single = sorted(f"{NAMESPACE}.{stream}" for stream in desired.secret & set(lines))
    whole = sorted(desired.secret & {name, "streams"})
    return ({"secret_inputs": whole} if whole else {}) | ({"secret_streams": single} if single else {})
