"""Runs the real Pulumi engine on small projects.

    project = new_project(tmp_path, program="import pulumi\npulumi.export('answer', 42)")
    result = project.up()
    assert result.code == 0, result.out

Each project has a backend, a Pulumi home and a passphrase of its own, so tests don't touch each other. The program runs
with the Python that runs the tests.
"""

import atexit
import functools
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.pulumi.cache import Cache
from tools.pulumi.locate import ready
from tools.warm_python import WarmPython

PROJECT = "example"
STACK = "dev"
BACKEND = "PULUMI_BACKEND_URL"


@dataclass(frozen=True)
class Result:
    """What a Pulumi command did.

    Attributes:
        code: Its exit code.
        stdout: What it printed on stdout.
        stderr: What it printed on stderr.
    """

    code: int
    stdout: str
    stderr: str

    @property
    def out(self) -> str:
        """All that a user sees."""
        return self.stdout + self.stderr

    def json(self) -> Any:
        """The JSON that the command printed, after `--json`."""
        return json.loads(self.stdout)


@dataclass(frozen=True)
class PulumiProject:
    """A project folder and the environment to run `pulumi` in; no method raises because a command fails.

    Attributes:
        folder: The project folder.
        env: The environment variables of every command; a test may change them.
        time_limit: Seconds after which a command is stopped.
        stack: The stack that was made with it.
    """

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    time_limit: float = 300
    stack: str = STACK

    def run(self, *args: str) -> Result:
        """Runs `pulumi ARGS`."""
        process = self.start(*args)
        try:
            stdout, stderr = process.communicate(timeout=self.time_limit)
        except BaseException:  # the test's own time limit, say: nothing may be left running
            end(process)
            raise
        return Result(process.returncode, stdout, stderr)

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Starts `pulumi ARGS` in a process group of its own, as a terminal does, and returns at once."""
        return subprocess.Popen(
            ["pulumi", *args],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def preview(self, *args: str) -> Result:
        """`pulumi preview`."""
        return self.run("preview", *args)

    def up(self, *args: str) -> Result:
        """`pulumi up`, without a question and without the preview before it."""
        return self.run("up", "--yes", "--skip-preview", *args)

    def refresh(self, *args: str) -> Result:
        """`pulumi refresh`, without a question and without the preview before it."""
        return self.run("refresh", "--yes", "--skip-preview", *args)

    def destroy(self, *args: str) -> Result:
        """`pulumi destroy`, without a question and without the preview before it."""
        return self.run("destroy", "--yes", "--skip-preview", *args)

    def set_config(self, key: str, value: str) -> None:
        """Writes a value into the stack's configuration file, where `pulumi config set` writes it."""
        file = self.folder / f"Pulumi.{self.stack}.yaml"
        settings = yaml.safe_load(file.read_text()) or {}
        settings.setdefault("config", {})[key if ":" in key else f"{PROJECT}:{key}"] = value
        file.write_text(yaml.safe_dump(settings))

    def set_secret(self, key: str, value: str) -> None:
        """`pulumi config set --secret`."""
        done = self.run("config", "set", "--secret", key, "--", value)
        assert done.code == 0, done.out

    def events(self, *args: str) -> tuple[Result, list[dict[str, Any]]]:
        """Runs `pulumi ARGS` and returns the engine's events too, in their order."""
        log = self.folder / "events.json"
        log.unlink(missing_ok=True)
        result = self.run(*args, "--event-log", str(log))
        lines = log.read_text().splitlines() if log.exists() else []
        return result, [json.loads(line) for line in lines]

    def state(self) -> dict[str, Any]:
        """The deployment in the stack's state; empty before the first `up`."""
        exported = self.run("stack", "export").json()
        return dict(exported.get("deployment") or {})

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the stack's state, those that the engine keeps for itself left out."""
        found = self.state().get("resources", [])
        return [each for each in found if not each["type"].startswith("pulumi:")]

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in the clear."""
        return dict(self.run("stack", "output", "--json", "--show-secrets").json())


def new_project(
    folder: Path,
    program: str,
    *,
    files: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    stack: str = STACK,
    env: Mapping[str, str] | None = None,
    fresh_python: bool = False,
) -> PulumiProject:
    """Writes a project with one stack and no configuration; skips the test where there is no Pulumi CLI.

    Args:
        folder: An empty folder; the project is made in `project` below it.
        program: The text of `__main__.py`.
        files: More files of the project: their texts by their names.
        options: `runtime.options` in `Pulumi.yaml`.
        stack: The name of the stack.
        env: Variables of every command besides `environment`'s, for example of another backend.
        fresh_python: Whether the host, the program and the provider start Pythons of their own, as a user's do.
    """
    root = folder / "project"
    runtime = {"name": "python", "options": dict(options or {})}
    settings = yaml.safe_dump({"name": PROJECT, "runtime": runtime})
    for name, text in {"Pulumi.yaml": settings, "__main__.py": program, **(files or {})}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = PulumiProject(root, environment(folder, fresh_python=fresh_python) | dict(env or {}), stack=stack)
    own = stack != STACK or "Pulumi.yaml" in (files or {}) or BACKEND in (env or {})
    if not own and _copy_stack(folder):
        return project
    (folder / "backend").mkdir()
    created = project.run("stack", "init", stack)
    assert created.code == 0, created.out
    return project


def _copy_stack(folder: Path) -> bool:
    """Gives a new project the stack that was made once; False where this Pulumi keeps its selection in another way."""
    made = _made_stack()
    selection = made / "home" / "workspaces" / _selection_file(made)
    if not selection.exists():
        return False
    shutil.copytree(made / "backend", folder / "backend")
    shutil.copy(made / "project" / f"Pulumi.{STACK}.yaml", folder / "project")
    copied = folder / "home" / "workspaces" / _selection_file(folder)
    copied.parent.mkdir(parents=True)
    copied.write_text(selection.read_text().replace(made.as_uri(), folder.as_uri()))
    return True


def _selection_file(folder: Path) -> str:
    """The file in which Pulumi keeps which stack is selected in a project."""
    path = str(folder / "project" / "Pulumi.yaml")
    return f"{PROJECT}-{hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()}-workspace.json"


@functools.cache
def _made_stack() -> Path:
    """A folder with a project whose stack `pulumi stack init` has made, once for all tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="stack-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("project", "backend"):
        (folder / name).mkdir()
    (folder / "project" / "Pulumi.yaml").write_text(yaml.safe_dump({"name": PROJECT, "runtime": "python"}))
    made = PulumiProject(folder / "project", environment(folder)).run("stack", "init", STACK)
    assert made.code == 0, made.out
    return folder


def environment(folder: Path, *, fresh_python: bool = False) -> dict[str, str]:
    """The variables of a `pulumi` process that keeps its backend and its home in `folder`.

    Its host, program and provider run in the warm Python of `tools.warm_python`, unless they are to start their own.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    path = [str(Path(sys.executable).parent), str(cli_folder()), os.environ.get("PATH", "")]
    warm = {} if fresh_python else warm_python().environment
    return inherited | {
        "GOGC": "off",  # a command ends before it needs what it has used
        "GOMEMLIMIT": "1GiB",
        "PATH": os.pathsep.join(path),
        BACKEND: (folder / "backend").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "correct horse battery staple",
        "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **warm,
    }


@functools.cache
def warm_python() -> WarmPython:
    """The Python from which the programs of this process's tests are forked."""
    warm = WarmPython()
    atexit.register(warm.close)
    return warm


def end(process: subprocess.Popen[str]) -> None:
    """Stops a command and everything it started, plugins included."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
    # Each plugin leads a process group of its own, in the command's session.
    for pid in session_members(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.communicate()


def session_members(session: int) -> list[int]:
    """The processes that belong to a session: all that a command started by `PulumiProject.start` has running."""
    listed = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, text=True, check=True).stdout
    return [pid for pid in map(int, listed.split()) if _session(pid) == session]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:  # it has ended in the meantime
        return None


@functools.cache
def cli_folder() -> Path:
    """The folder of the Pulumi CLI; skips the test where there is none: making one takes minutes."""
    cli = ready(Cache.from_environment())
    if cli is None:
        pytest.skip("there is no Pulumi CLI; `make test` makes one")
    return cli.folder
