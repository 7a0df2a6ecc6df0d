"""The pytest plugin, as its users meet it: in a pytest run of their own (issue "emulator", item 7)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine import cli_folder

OWN_TESTS = """
import httpx
import pytest

seen = []

@pytest.fixture
def airbyte_version():
    return "0.50.0"

@pytest.mark.parametrize("number", range(4))
def test_every_test_has_its_own(airbyte, number):
    assert airbyte.url not in seen
    seen.append(airbyte.url)
    workspace = "10000000-0000-4000-8000-000000000001"
    url = airbyte.url + "/api/v1/web_backend/connections/list"
    assert httpx.post(url, json={"workspaceId": workspace}).json() == {"connections": []}
    assert str(airbyte.server.rules.version) == "0.50.0"
    body = {"sourceId": "20000000-0000-4000-8000-000000000001",
            "destinationId": "30000000-0000-4000-8000-000000000001", "status": "active"}
    assert httpx.post(airbyte.url + "/api/v1/web_backend/connections/create", json=body).status_code == 200

class TestWorld:
    @pytest.fixture
    def airbyte_world(self):
        return {"sources": [{"name": "mine"}]}

    def test_its_own_world(self, airbyte):
        assert [source["name"] for source in airbyte.server.store.all("source")] == ["mine"]
"""


def _pytest(folder: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "PULUMI_"))}
    env["PATH"] = os.pathsep.join([*([path] if path else []), env["PATH"]])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_fixtures(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(OWN_TESTS)
    for arguments in ((), ("-n", "2")):
        done = _pytest(tmp_path, *arguments)
        assert "5 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.engine
def test_the_documented_test_of_a_users_program(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")
    test = page.split("```python\n", 1)[1].split("```", 1)[0]
    assert len(test.strip().splitlines()) <= 15
    (tmp_path / "test_program.py").write_text(test)
    done = _pytest(tmp_path, path=str(cli_folder()))
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_plugin_imports_no_server_until_it_is_used(tmp_path: Path) -> None:
    code = "import sys, pulumi_airbyte_wb.emulator.pytest_plugin; assert 'fastapi' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
