"""How an emulator with 5,000 connections of 50 streams starts and answers, over HTTP as its users see it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import httpx
from rich.table import Table

from pulumi_airbyte_wb.emulator import Emulator, World
from pulumi_airbyte_wb.emulator.core.world import Connection, Destination, Source, Stream

CONNECTIONS, STREAMS = 5000, 50


def large_emulator() -> Table:
    """Measure: start from a world and from a file, list all in one answer, list a page, get one."""
    table = Table(
        "what the emulator does", "seconds", title=f"emulator: {CONNECTIONS:,} connections of {STREAMS} streams"
    )
    with tempfile.TemporaryDirectory(prefix="airbyte-wb-bench-") as folder:
        data = Path(folder) / "data.sqlite"
        for title, arguments in (("a world", {"world": _world(), "data": data}), ("its file", {"data": data})):
            started = time.monotonic()
            with Emulator(**arguments) as emulator:
                table.add_row(f"start from {title}", f"{time.monotonic() - started:.2f}")
                _ask(table, emulator)
    return table


def _ask(table: Table, emulator: Emulator) -> None:
    (workspace,) = emulator.server.store.ids("workspace")
    connection = emulator.server.store.ids("connection")[0]
    whole = {"workspaceId": workspace, "pageSize": CONNECTIONS}
    questions = [
        ("web_backend list of all", "web_backend/connections/list", whole),
        ("web_backend list, a page of 20", "web_backend/connections/list", {"workspaceId": workspace}),
        ("get one connection", "web_backend/connections/get", {"connectionId": connection}),
    ]
    with httpx.Client(base_url=f"{emulator.url}/api/v1/", timeout=120) as client:
        for title, path, body in questions:
            started = time.monotonic()
            client.post(path, json=body).raise_for_status()
            table.add_row(f"  {title}", f"{time.monotonic() - started:.2f}")


def _world() -> World:
    columns: dict[str, str | dict[str, object]] = {"id": "integer", "updated_at": "timestamp"}
    columns |= {f"column_{number}": "string" for number in range(8)}
    streams = [Stream(name=f"table_{number}", namespace="public", columns=columns) for number in range(STREAMS)]
    return World(
        sources=[Source(name="source", streams=streams)],
        destinations=[Destination(name="destination")],
        connections=[
            Connection(name=f"connection-{number:04}", source="source", destination="destination")
            for number in range(CONNECTIONS)
        ],
    )
