"""An emulated server with answers in random order, and projects that declare connections on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import PulumiProject, new_project
from tools.builtin_world import CRM, SHOP, WAREHOUSE, WORKSPACE

__all__ = ["CRM", "SHOP", "WAREHOUSE", "WORKSPACE"]

HEAD = f"""
import pulumi
import pulumi_airbyte_wb as airbyte
SHOP, CRM, WAREHOUSE = "{SHOP}", "{CRM}", "{WAREHOUSE}"
"""

Projects = Callable[[str], PulumiProject]


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
