"""The quickstart on every Pulumi SDK that pip may install: it runs, and nothing warns."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.sdk.conftest import Projects
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
