"""An emulated server with answers in random order, and projects that declare connections on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import PulumiProject, new_project

WORKSPACE = "10000000-0000-4000-8000-000000000001"
SHOP = "20000000-0000-4000-8000-000000000001"
CRM = "20000000-0000-4000-8000-000000000002"
WAREHOUSE = "30000000-0000-4000-8000-000000000001"

HEAD = f"""
import pulumi
import pulumi_airbyte_wb as airbyte
SHOP, CRM, WAREHOUSE = "{SHOP}", "{CRM}", "{WAREHOUSE}"
"""

Projects = Callable[[str], PulumiProject]


@pytest.fixture
def server() -> Iterator[Emulator]:
    """A running emulator whose answers come in another order each time."""
    with Emulator() as emulator:
        emulator.set_shuffle(True)
        yield emulator


@pytest.fixture
def api(server: Emulator) -> Iterator[AirbyteClient]:
    """A client of the emulator, to look at what is there and to be somebody else."""
    with AirbyteClient(ServerSettings(server.url)) as client:
        yield client


@pytest.fixture
def projects(server: Emulator, tmp_path: Path) -> Projects:
    """Makes a project from the part of a program that comes after the imports."""

    def make(program: str) -> PulumiProject:
        project = new_project(tmp_path, HEAD + program)
        project.set_config("airbyte-wb:url", server.url)
        return project

    return make


def write(project: PulumiProject, program: str) -> None:
    """Change the program, as a person does."""
    (project.folder / "__main__.py").write_text(HEAD + program)
