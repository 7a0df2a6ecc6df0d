"""The state that every version so far wrote: read by this one without a word; and, cut by hand, told in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb import __version__
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.state.record import unpack
from tests.bad_input.test_bad_input import READS
from tests.engine import PulumiProject, new_project
from tests.main_job.test_refusals import refused
from tests.state.written import ADDRESS, FOLDER, PROGRAM, as_left

FILES = sorted(FOLDER.glob("*.json"), key=lambda file: [int(part) for part in file.stem.split(".")])


def test_this_version_has_one() -> None:
    assert f"{__version__}.json" in [file.name for file in FILES], "run `python -m tests.state.written`, and keep it"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_recorded_can_be_read(file: Path) -> None:
    records = [
        unpack(resource["outputs"]["recorded"])
        for resource in json.loads(file.read_text())["deployment"]["resources"]
        if "recorded" in resource.get("outputs", {})
    ]
    assert len(records) == 3


@pytest.mark.engine
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_state_of_then_gives_a_silent_preview_now(file: Path, tmp_path: Path) -> None:
    text = file.read_text()
    resources = json.loads(text)["deployment"]["resources"]
    ids = {each["urn"].rsplit("::", 1)[-1]: each["id"] for each in resources if "id" in each}
    with as_left(ids) as server:
        project = new_project(tmp_path, PROGRAM)
        project.set_config("airbyte-wb:url", server.url)
        server.log.clear()
        take(project, json.loads(text.replace(ADDRESS, server.url)))
        silent(project)
        refreshed = project.refresh("--run-program")
        assert refreshed.code == 0, refreshed.out
        assert {each["urn"].rsplit("::", 1)[-1]: each["id"] for each in project.resources()} == {
            name: id_ for name, id_ in ids.items() if not name.startswith("default")
        }
        silent(project)
        assert set(server.log.counts) <= READS | {"sources/list", "destinations/list", "operations/get"}
        cut(project, server, json.loads(text.replace(ADDRESS, server.url)))


def silent(project: PulumiProject) -> None:
    result = project.preview("--diff", "--expect-no-changes")
    assert result.code == 0, result.out


def cut(project: PulumiProject, server: Emulator, state: dict[str, Any]) -> None:
    (connection,) = [each for each in state["deployment"]["resources"] if each["type"].endswith(":Connection")]
    connection["outputs"]["recorded"] = connection["outputs"]["recorded"][:50]
    take(project, state)
    for command in (["preview"], ["refresh", "--yes", "--skip-preview", "--run-program"]):
        error = refused(project, *command)
        assert "this resource's state is damaged: its 'recorded' output cannot be read; restore the stack from" in error
    assert "connections/delete" not in server.log.counts


def take(project: PulumiProject, state: dict[str, Any]) -> None:
    file = project.folder / "state.json"
    file.write_text(json.dumps(state))
    result = project.run("stack", "import", "--file", str(file))
    assert result.code == 0, result.out
