"""Fixtures of the emulator's tests: a still clock, an emulator per version."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb.emulator import Emulator

from .api import VERSIONS, Api
from .openapi import ABSENT, slices

MakeApi = Callable[..., Api]


@pytest.fixture
def make_api() -> Iterator[MakeApi]:
    """Builds emulators whose clock stands still; every answer is shuffled."""
    made: list[Emulator] = []

    def make(version: str | None = "1.8.0", world: Any = None, data: Path | None = None) -> Api:
        emulator = Emulator(world, server_version=version, data=data)
        emulator.set_speed(0)
        emulator.set_shuffle(on=True)
        made.append(emulator)
        return Api(emulator)

    yield make
    for emulator in made:
        emulator.stop()


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """An emulator of version 1.8.0."""
    return make_api()


@pytest.fixture(params=VERSIONS)
def any_api(request: pytest.FixtureRequest, make_api: MakeApi) -> Api:
    """An emulator of each version."""
    return make_api(request.param)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was left out."""
    if slices() is None:
        terminalreporter.write_line(f"emulator tests: {ABSENT}")
