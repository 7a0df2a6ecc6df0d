"""`pulumi up` carries out what its own preview has shown; the engine checks once for each of the two."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import PulumiProject
from tests.main_job.conftest import Projects, write

pytestmark = pytest.mark.engine

PROGRAM = """
key = {key}
shop = airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule="manual", streams=[
    airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key=key)])
pulumi.export("id", shop.id)
"""
MOVED = """["id"] if pulumi.runtime.is_dry_run() else ["id", "name"]"""


@pytest.fixture
def project(server: Emulator, projects: Projects, tmp_path: Path) -> PulumiProject:
    """A connection that has synced, and a Python of its own for each process, as users have."""
    project = projects(PROGRAM.format(key='["id"]'))
    project.env.pop("PULUMI_PYTHON_CMD", None)
    project.env.pop("AIRBYTE_WB_LANGUAGE_HOST", None)
    (tmp_path / "tmp").mkdir()
    project.env["TMPDIR"] = str(tmp_path / "tmp")
    assert project.up().code == 0
    server.sync(project.run("stack", "output", "id").stdout.strip())
    return project


def kinds(server: Emulator) -> list[str]:
    return [job["job"]["configType"] for job in server.jobs(server.server.store.ids("connection")[0])]


def notes(tmp_path: Path) -> list[str]:
    return [str(each) for each in (tmp_path / "tmp").rglob("airbyte-wb-*/*/*")]


def test_an_update_does_no_more_than_its_preview_has_shown(
    server: Emulator, project: PulumiProject, tmp_path: Path
) -> None:
    write(project, PROGRAM.format(key=MOVED))
    result = project.run("up", "--yes")
    assert result.code != 0
    assert "this is not what the preview of this command has shown" in result.out
    assert "Traceback" not in result.out
    assert kinds(server) == ["sync"]
    assert notes(tmp_path) == []
    write(project, PROGRAM.format(key='["id", "name"]'))
    result = project.run("up", "--yes")
    assert result.code == 0, result.out
    assert kinds(server)[-1] == "refresh"
    assert notes(tmp_path) == []


def test_without_a_preview_the_update_says_so(server: Emulator, project: PulumiProject) -> None:
    write(project, PROGRAM.format(key=MOVED))
    result = project.up()
    assert result.code == 0, result.out
    assert "no preview has shown this: it is carried out as it is planned here" in result.out
    assert kinds(server)[-1] == "refresh"


def test_a_preview_alone_leaves_nothing(project: PulumiProject, tmp_path: Path) -> None:
    write(project, PROGRAM.format(key='["id", "name"]'))
    assert project.preview().code == 0
    assert notes(tmp_path) == []
