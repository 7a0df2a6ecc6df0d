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


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "PULUMI_"))}


def _pytest(folder: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    env = _environment()
    env["PATH"] = os.pathsep.join([*([path] if path else []), env["PATH"]])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_fixtures(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(OWN_TESTS)
    for arguments in ((), ("-n", "2")):
        done = _pytest(tmp_path, *arguments)
        assert "5 passed" in done.stdout, done.stdout + done.stderr


TWO_PROGRAMS = """
import json
import pytest

FIRST = '''
import pulumi
import pulumi_airbyte_wb as airbyte
shop, warehouse = airbyte.get_source(name="shop-postgres"), airbyte.get_destination(name="warehouse")
connection = airbyte.Connection("shop", source_id=shop.source_id, destination_id=warehouse.destination_id)
pulumi.export("id", connection.connection_id)
pulumi.export("greeting", pulumi.Config().get("greeting"))
'''

SECOND = '''
import pulumi
import pulumi_airbyte_wb as airbyte
other = pulumi.StackReference(pulumi.Config().require("other"))
airbyte.Catalog("users", connection_id=other.get_output("id"),
    streams=[airbyte.stream("public.users", "full_refresh_overwrite")])
'''

def test_two_programs(airbyte, pulumi_program, tmp_path):
    first = pulumi_program(FIRST, {"greeting": "hello"})
    first.up()
    (connection_id,) = airbyte.connection_ids()
    assert first.outputs() == {"id": connection_id, "greeting": "hello"}
    second_file = tmp_path / "second.py"
    second_file.write_text(SECOND)
    second = pulumi_program(second_file, {"other": first.stack})
    assert second.folder != first.folder
    second.up()
    airbyte.sync(connection_id)
    assert len(airbyte.table("warehouse", "users")) == 6
    first.write("raise SystemExit(3)")
    with pytest.raises(AssertionError, match="pulumi preview failed"):
        first.preview()
    first.write(FIRST)
    steps = json.loads(first.preview("--json"))["steps"]
    assert {step["op"] for step in steps} == {"same"}
    second.destroy()
    first.destroy()
    assert airbyte.connection_ids() == []
"""


@pytest.mark.engine
def test_two_programs_in_one_test(tmp_path: Path) -> None:
    (tmp_path / "test_two.py").write_text(TWO_PROGRAMS)
    done = _pytest(tmp_path, path=str(cli_folder()))
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def _modules(folder: Path, *arguments: str) -> set[str]:
    """The modules that a run of pytest has imported in the end."""
    code = "import sys, pytest; pytest.main(sys.argv[1:]); print('imported', *sys.modules)"
    command = [sys.executable, "-c", code, "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=True)
    assert "1 passed" in done.stdout
    return set(done.stdout.rpartition("imported ")[2].split())


def test_a_run_that_does_not_use_the_plugin_imports_four_small_modules(tmp_path: Path) -> None:
    """Nothing of Pulumi, HTTP or the emulator: the time that a plugin costs is that of what it imports."""
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    assert _modules(tmp_path) - _modules(tmp_path, "-p", "no:airbyte-wb") == {
        "pulumi_airbyte_wb",
        "pulumi_airbyte_wb._version",
        "pulumi_airbyte_wb.emulator",
        "pulumi_airbyte_wb.emulator.pytest_plugin",
    }


def test_the_fixture_imports_the_emulator_and_no_pulumi(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_own(airbyte):\n    pass\n")
    imported = _modules(tmp_path)
    assert "pulumi_airbyte_wb.emulator.emulator" in imported
    assert "pulumi" not in imported
