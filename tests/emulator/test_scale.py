"""Many connections of many streams: what a list costs does not grow with the streams that it does not show.

How long it takes with 5,000 connections of 50 streams is measured by ``make bench``.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest

from pulumi_airbyte_wb.emulator import Emulator, World
from pulumi_airbyte_wb.emulator.core.world import Connection, Destination, Source, Stream

CONNECTIONS = 200


def _world(streams: int) -> World:
    tables = [Stream(name=f"table_{number}", columns={"id": "integer"}) for number in range(streams)]
    return World(
        sources=[Source(name="source", streams=tables)],
        destinations=[Destination(name="destination")],
        connections=[
            Connection(name=f"connection-{number:04}", source="source", destination="destination")
            for number in range(CONNECTIONS)
        ],
    )


def _steps(act: Callable[[], Any]) -> int:
    """How many Python functions are called meanwhile: unlike seconds, the same on every machine."""
    steps = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal steps
        steps += event == "call"

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return steps


def _list(emulator: Emulator) -> None:
    (workspace,) = emulator.server.store.ids("workspace")
    body = {"workspaceId": workspace, "pageSize": CONNECTIONS}
    with httpx.Client(transport=emulator.transport(), base_url="http://emulator") as client:
        answer = client.post("/api/v1/web_backend/connections/list", json=body).json()
    assert len(answer["connections"]) == CONNECTIONS


@pytest.mark.parametrize("stored", [False, True], ids=["memory", "file"])
def test_listing_does_not_walk_the_streams(tmp_path: Path, stored: bool) -> None:
    steps = {}
    for streams in (1, 50):
        emulator = Emulator(_world(streams), data=tmp_path / f"{streams}.sqlite" if stored else None)
        _list(emulator)
        steps[streams] = _steps(lambda: _list(emulator))  # noqa: B023 - called at once
        emulator.stop()
    assert steps[50] < steps[1] * 1.05
    assert steps[50] < 150 * CONNECTIONS


def test_starting_from_a_file_reads_no_document(tmp_path: Path) -> None:
    steps = {}
    for streams in (1, 50):
        data = tmp_path / f"{streams}.sqlite"
        Emulator(_world(streams), data=data).stop()
        steps[streams] = _steps(lambda: Emulator(data=data).stop())  # noqa: B023 - called at once
    assert steps[50] < steps[1] * 1.05
