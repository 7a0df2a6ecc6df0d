"""A server and a resource for each test."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.providers.engine import Resource


@pytest.fixture
def server(server: Emulator) -> Emulator:
    """A server whose clock runs fast, so that jobs take no time."""
    server.set_speed(10_000)
    return server


@pytest.fixture
def shop(server: Emulator) -> Resource:
    return Resource(server.url)
