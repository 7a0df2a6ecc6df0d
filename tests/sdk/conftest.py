"""Environments with the oldest and the newest Pulumi SDK that this package takes, and projects that run in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import PulumiProject, new_project
from tools.pulumi.cache import Cache
from tools.pulumi.environments import SDKS, with_sdk
from tools.pulumi.pins import PROJECT
from tools.pulumi.talk import SetupError

Projects = Callable[[str, str], PulumiProject]


@pytest.fixture(params=sorted(SDKS, reverse=True), scope="session")
def sdk(request: pytest.FixtureRequest) -> Path:
    """The folder of the environment; a machine on which it cannot be made fails the test, and says why."""
    try:
        return with_sdk(Cache.from_environment(), SDKS[request.param])
    except SetupError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def projects(sdk: Path, tmp_path: Path) -> Projects:
    """Makes a project from a program and the address of a server; the program runs in the SDK's environment."""

    def make(program: str, url: str) -> PulumiProject:
        return new_project(
            tmp_path, program, options={"virtualenv": str(sdk)}, env={"PYTHONPATH": str(PROJECT), "AIRBYTE_WB_URL": url}
        )

    return make
