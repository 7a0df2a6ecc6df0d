"""5,000 connections of 50 streams: a start in under five seconds, a list in under one (issue "emulator")."""

import time
from pathlib import Path

import httpx

from pulumi_airbyte_wb.emulator import Emulator, World
from pulumi_airbyte_wb.emulator.world import Connection, Destination, Source, Stream

CONNECTIONS, STREAMS = 5000, 50


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


def _seconds_to_list(emulator: Emulator) -> float:
    (workspace,) = emulator.server.store.ids("workspace")
    body = {"workspaceId": workspace, "pageSize": CONNECTIONS}
    with httpx.Client(transport=emulator.transport(), base_url="http://emulator") as client:
        started = time.process_time()
        answer = client.post("/api/v1/web_backend/connections/list", json=body).json()
        took = time.process_time() - started
    assert len(answer["connections"]) == CONNECTIONS
    return took


def test_a_large_server(tmp_path: Path) -> None:
    data = tmp_path / "large.sqlite"
    Emulator(_world(), data=data).stop()
    for arguments in ({"world": _world()}, {"data": data}):
        started = time.process_time()
        emulator = Emulator(**arguments)
        assert time.process_time() - started < 5
        assert _seconds_to_list(emulator) < 1
        emulator.stop()
