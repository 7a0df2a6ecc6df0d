"""The built CLI with our own language host behaves as the official one does."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.engine import PulumiProject, end, new_project, session_members
from tests.toolchain.programs import COMPONENT_PLUGIN, COMPONENT_PROGRAM, POLICY_PACK, PROGRAM, PROVIDER

pytestmark = pytest.mark.engine

DYNAMIC_TYPE = "pulumi-python:dynamic/test:Thing"


def fresh_project(folder: Path, program: str, **more: Any) -> PulumiProject:
    """A project whose programs and providers are started as a user's are."""
    return new_project(folder, program, fresh_python=True, **more)


@pytest.fixture
def project(tmp_path: Path) -> PulumiProject:
    return fresh_project(tmp_path, PROGRAM, files={"provider.py": PROVIDER})


def test_a_dynamic_resource_lives_its_whole_life(project: PulumiProject) -> None:
    preview = project.preview("--json")
    assert preview.code == 0, preview.out
    assert [(step["op"], step["urn"].split("::")[-1]) for step in preview.json()["steps"]] == [
        ("create", "example-dev"),
        ("create", "thing"),
    ]

    assert project.up().code == 0
    [thing] = project.resources()
    assert (thing["type"], thing["id"], thing["outputs"]["value"]) == (DYNAMIC_TYPE, "an-id", "one")

    (project.folder / "live").write_text("drifted")
    assert project.refresh().code == 0
    assert project.resources()[0]["outputs"]["value"] == "drifted"

    project.set_config("value", "two")
    update, events = project.events("up", "--yes", "--skip-preview")
    assert update.code == 0, update.out
    steps = [event["resOutputsEvent"]["metadata"] for event in events if "resOutputsEvent" in event]
    assert [step["op"] for step in steps if step["type"] == DYNAMIC_TYPE] == ["update"]

    assert project.destroy().code == 0
    assert (project.folder / "deleted").exists()
    assert project.resources() == []


def test_configuration_reaches_program_and_provider_and_secrets_stay_secret(tmp_path: Path) -> None:
    program = PROGRAM + (
        "pulumi.export('plain', config.require('plain'))\n"
        "pulumi.export('secret', config.require_secret('secret'))\n"
        "pulumi.export('keys', pulumi.runtime.is_config_secret('example:secret'))\n"
        "pulumi.export('seen', thing.seen if hasattr(thing, 'seen') else None)\n"
    )
    project = fresh_project(tmp_path, program, files={"provider.py": PROVIDER})
    project.set_config("plain", "a 'quoted' ünicode value")
    project.set_secret("secret", "hidden-value")
    result = project.up()
    assert result.code == 0, result.out
    assert "hidden-value" not in result.out
    outputs = project.outputs()
    assert outputs["plain"] == "a 'quoted' ünicode value"
    assert outputs["secret"] == "hidden-value"
    assert outputs["keys"] is True
    assert project.resources()[0]["outputs"]["seen"] == "hidden-value"


def test_the_virtualenv_option_chooses_the_python_of_program_and_provider(tmp_path: Path) -> None:
    program = "import sys\n" + PROGRAM + "pulumi.export('prefix', sys.prefix)\n"
    # Relative, and not the folder that PATH leads to.
    venv = tmp_path / "project" / "env"
    venv.parent.mkdir()
    venv.symlink_to(sys.prefix)
    project = fresh_project(tmp_path, program, files={"provider.py": PROVIDER}, options={"virtualenv": "env"})
    project.env["PATH"] = project.env["PATH"].removeprefix(str(Path(sys.executable).parent))
    project.env.pop("VIRTUAL_ENV", None)
    result = project.up()
    assert result.code == 0, result.out
    assert project.outputs()["prefix"] == str(venv)
    assert project.resources()[0]["outputs"]["value"] == "one"


def test_a_missing_virtualenv_is_named_and_nothing_is_run(tmp_path: Path) -> None:
    project = fresh_project(tmp_path, PROGRAM, files={"provider.py": PROVIDER}, options={"virtualenv": "nowhere"})
    result = project.preview()
    assert result.code != 0
    assert f"the 'virtualenv' option in Pulumi.yaml is set to 'nowhere', but {project.folder}/nowhere" in result.out
    assert "Traceback" not in result.out


def test_a_failing_program_reports_its_error_once(tmp_path: Path) -> None:
    result = fresh_project(tmp_path, "raise ValueError('the only line')").preview()
    assert result.code != 0
    assert result.out.count("ValueError: the only line") == 1
    assert "language_host" not in result.out
    assert "non-zero exit code" not in result.out


def test_a_program_that_exits_says_with_which_code(tmp_path: Path) -> None:
    result = fresh_project(tmp_path, "import os\nos._exit(3)").preview()
    assert result.code != 0
    assert "program exited with non-zero exit code: 3" in result.out
    assert "Traceback" not in result.out


def test_what_the_program_prints_is_shown(tmp_path: Path) -> None:
    result = fresh_project(tmp_path, "import sys\nprint('on stdout')\nprint('on stderr', file=sys.stderr)").preview()
    assert "on stdout" in result.out
    assert "on stderr" in result.out


def test_a_policy_pack_knows_the_stack_and_blocks_a_preview(project: PulumiProject, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text(POLICY_PACK)
    project.set_config("forbidden", "bad")
    allowed = project.preview("--policy-pack", str(pack))
    assert allowed.code == 0, allowed.out

    project.set_config("value", "bad")
    blocked = project.preview("--policy-pack", str(pack))
    assert blocked.code != 0
    assert "no-forbidden-value" in blocked.out
    assert "not in dev" in blocked.out


def test_a_policy_pack_that_does_not_start_shows_its_own_error(project: PulumiProject, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text("import module_that_is_not_there\n")
    result = project.preview("--policy-pack", str(pack))
    assert result.code != 0
    assert "No module named 'module_that_is_not_there'" in result.out


def test_a_plugin_written_in_python_runs(tmp_path: Path) -> None:
    files = {"plugin/PulumiPlugin.yaml": "runtime: python\n", "plugin/__main__.py": COMPONENT_PLUGIN}
    project = fresh_project(tmp_path, COMPONENT_PROGRAM, files=files)
    with (project.folder / "Pulumi.yaml").open("a") as settings:
        settings.write("plugins: {providers: [{name: greet, path: ./plugin}]}\n")
    result = project.up()
    assert result.code == 0, result.out
    assert project.outputs()["text"] == "hello you"


@pytest.mark.parametrize("where", ["program", "provider"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_without_a_word_too_much(tmp_path: Path, number: signal.Signals, where: str) -> None:
    program = PROGRAM
    if where == "program":
        # With a process of the program's own, which must go too.
        program += (
            "import subprocess, time, pathlib\n"
            "sleeper = subprocess.Popen(['sleep', '60'])\n"
            "pathlib.Path('creating').touch()\n"
            "time.sleep(60)\n"
        )
    project = fresh_project(tmp_path, program, files={"provider.py": PROVIDER})
    project.set_config("seconds", "3")  # the engine waits for what is being created
    process = project.start("up", "--yes", "--skip-preview")
    try:
        _wait_for(project.folder / "creating")
        os.killpg(process.pid, number)
        stdout, stderr = process.communicate(timeout=30)
    finally:
        end(process)
    assert process.returncode != 0
    assert "Traceback" not in stdout + stderr
    assert "KeyboardInterrupt" not in stdout + stderr
    assert "exit code" not in stdout + stderr


def test_nothing_is_left_running(project: PulumiProject) -> None:
    project.set_config("seconds", "2")
    process = project.start("up", "--yes", "--skip-preview")
    _wait_for(project.folder / "creating")
    assert session_members(process.pid), "the plugins are found"
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    assert session_members(process.pid) == []


def test_the_host_goes_when_the_engine_is_killed(tmp_path: Path) -> None:
    project = fresh_project(tmp_path, "import pathlib, time\npathlib.Path('creating').touch()\ntime.sleep(60)")
    process = project.start("preview")
    _wait_for(project.folder / "creating")
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while left := session_members(process.pid):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_packages_are_left_to_the_user(project: PulumiProject) -> None:
    result = project.run("install")
    assert "installs no packages" in result.out


def test_about_names_the_python(project: PulumiProject) -> None:
    result = project.run("about")
    assert result.code == 0, result.out
    assert "python" in result.out


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.05)
