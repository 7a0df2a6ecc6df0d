"""A server and a resource for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from tests.providers.engine import Resource


@pytest.fixture
def server() -> Iterator[Emulator]:
    """A server whose clock runs fast, so that jobs take no time."""
    with Emulator() as emulator:
        emulator.set_shuffle(True)
        emulator.set_speed(10_000)
        yield emulator


@pytest.fixture
def api(server: Emulator) -> Iterator[AirbyteClient]:
    with AirbyteClient(ServerSettings(server.url)) as client:
        yield client


@pytest.fixture
def shop(server: Emulator) -> Resource:
    return Resource(server.url)
