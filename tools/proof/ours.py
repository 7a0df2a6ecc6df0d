"""The way of the provider: check, create, update and read, as the engine would call them, without the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import JobError
from pulumi_airbyte_wb.lifecycle import read
from pulumi_airbyte_wb.lifecycle.check import Checked, check_declaration
from pulumi_airbyte_wb.lifecycle.create import create_connection
from pulumi_airbyte_wb.lifecycle.update import carry_out
from pulumi_airbyte_wb.live.context import Context
from pulumi_airbyte_wb.live.schema import with_columns_left
from pulumi_airbyte_wb.live.server_queue import with_pending
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.plan import planned_of
from pulumi_airbyte_wb.providers.base import as_recorded
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.process import process, set_testing
from pulumi_airbyte_wb.spec.resets import SchemaChanges
from pulumi_airbyte_wb.state.baseline import Baseline, read_baseline
from tools.proof.lines import Line
from tools.proof.shapes import NAMESPACE
from tools.proof.worlds import Setup

URN = "urn:pulumi:dev::proof::pulumi-python:dynamic/airbyte:Connection::ours"
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


class Program:
    """One stack with one connection."""

    def __init__(self, emulator: Emulator, setup: Setup) -> None:
        self._emulator, self._setup = emulator, setup
        self.client = AirbyteClient(ServerSettings("http://emulator"), transport=ClockTransport(emulator))
        (self._source,) = emulator.server.store.ids("source")
        self.destination = next(
            doc["destinationId"] for doc in emulator.server.store.all("destination") if doc["name"] == "main"
        )
        self.inputs: dict[str, Any] = {}
        self.connection_id = ""
        set_testing()  # virtual time passes by itself

    @property
    def accepts(self) -> bool:
        """Whether the next update takes over what the source has: it was announced that it does."""
        return bool(self.inputs) and _declaration(self.inputs).spec.options.schema_changes is SchemaChanges.ACCEPT

    def news(self, desired: Desired, overrides: Mapping[str, str]) -> dict[str, Any]:
        """The inputs of a program."""
        words = {f"{NAMESPACE}.{stream}": word for stream, word in overrides.items() if stream in desired.lines}
        resets: dict[str, Any] = {"wait": "job", "overrides": words}
        if self._setup.backfill:
            resets["backfill"] = True
        if self._setup.told:
            resets["destination_loading"] = _LOADING[self._setup.broad_family]
        return {
            "source_id": self._source,
            "destination_id": self.destination,
            "name": "ours",
            "prefix": desired.prefix,
            "status": "active" if desired.active else "inactive",
            "streams": {
                f"{NAMESPACE}.{name}": line.text(log=self._setup.log, mappers=self._setup.mappers)
                for name, line in desired.lines.items()
            },
            "resets": resets,
            "on_remove": "clear" if desired.clear else "keep",
            "resource_urn": URN,
            "schema_changes": "accept" if desired.accept else "keep",
        }

    def check(self, desired: Desired, overrides: Mapping[str, str]) -> Checked:
        """A preview."""
        session = Session(self.client)
        return check_declaration(self.inputs, self.news(desired, overrides), frozenset(), lambda _server: session)

    def update(self, checked: Checked) -> str:
        """An update after its preview, in a run of its own; what went wrong with a job, in words."""
        if checked.plan is None and self.connection_id:
            self.inputs = checked.inputs  # nothing changed, so the engine calls no update
            return ""
        session = Session(self.client)
        context = Context(
            session, Console(), _declaration(checked.inputs), planned_of(checked.inputs), URN, process.waiting
        )
        problem = ""
        try:
            if self.connection_id:
                recorded = _declaration(self.inputs)
                carry_out(as_recorded(context, recorded), self.connection_id, "", recorded)
            else:
                self.connection_id = create_connection(context).connection_id
        except JobError as error:
            problem = str(error)
        else:
            self.inputs = checked.inputs
        self._emulator.finish_jobs(self.connection_id)
        return problem

    def refresh(self) -> None:
        """A refresh: the live connection is taken for what is recorded."""
        recorded = _declaration(self.inputs)
        connection = self.client.get_connection(self.connection_id)
        session = Session(self.client)
        resumable = read.resumable(session, connection, recorded)
        live = read.refreshed(connection, recorded, resumable)
        live = read.with_renamed(session, connection, live, recorded)
        live = with_columns_left(session, connection, read.with_newer_schema(session, connection, live))
        live = with_pending(session, connection, live)
        self.inputs = read.inputs(live, read.control_of(self.inputs))

    def delete(self) -> None:
        """The resource leaves the program."""
        self.client.delete_connection(self.connection_id)
        self.inputs, self.connection_id = {}, ""


def _declaration(inputs: Mapping[str, Any]) -> Baseline:
    return read_baseline(inputs)
