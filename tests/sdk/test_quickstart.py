"""The quickstart on every Pulumi SDK that pip may install: it runs, and nothing warns."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import new_project
from tests.sdk.conftest import Projects
from tools.pulumi.cache import Cache
from tools.pulumi.environments import SDKS, with_sdk
from tools.pulumi.pins import PROJECT

pytestmark = pytest.mark.engine


def test_the_quickstart(projects: Projects) -> None:
    program = (PROJECT / "examples" / "quickstart" / "__main__.py").read_text()
    with Emulator() as server:
        project = projects(program, server.url)
        for command, words in (("up", "+ 3 created"), ("refresh", "3 unchanged"), ("destroy", "- 3 deleted")):
            result = project.run(command, "--yes", "--skip-preview")
            assert result.code == 0, result.out
            assert words in result.out
            assert "warn" not in result.out.lower(), result.out
            assert result.stderr == ""


def test_another_sdk_finds_nothing_to_change(tmp_path: Path) -> None:
    """What the oldest has written, the newest reads without a word, and the other way round."""
    cache = Cache.from_environment()
    oldest, newest = (str(with_sdk(cache, SDKS[name])) for name in ("oldest", "newest"))
    program = (PROJECT / "examples" / "quickstart" / "__main__.py").read_text()
    with Emulator() as server:
        env = {"PYTHONPATH": str(PROJECT), "AIRBYTE_WB_URL": server.url}
        project = new_project(tmp_path, program, options={"virtualenv": oldest}, env=env)
        settings = project.folder / "Pulumi.yaml"
        assert project.up().code == 0
        settings.write_text(settings.read_text().replace(oldest, newest))
        assert project.run("up", "--yes", "--refresh", "--expect-no-changes").code == 0
        settings.write_text(settings.read_text().replace(newest, oldest))
        assert project.run("preview", "--refresh", "--expect-no-changes").code == 0
