"""The pytest plugin: an emulator for each test, and a way to run a Pulumi program against it.

Installed as an entry point. Every test gets a server on a port and with a world of its own, also under xdist.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pulumi_airbyte_wb.emulator.emulator import Emulator, WorldLike

STACK = "test"


@pytest.fixture
def airbyte_world() -> "WorldLike":
    """The world that ``airbyte`` starts with: a path, plain data or a World. Override it; else the built-in one."""
    return None


@pytest.fixture
def airbyte_version() -> str | None:
    """The server version that ``airbyte`` simulates. Override it; the newest common one otherwise."""
    return None


@pytest.fixture
def airbyte(airbyte_world: "WorldLike", airbyte_version: str | None) -> "Iterator[Emulator]":
    """A running emulator; ``airbyte.url`` is where."""
    try:
        from pulumi_airbyte_wb.emulator import Emulator
    except ModuleNotFoundError as missing:
        pytest.fail(str(missing), pytrace=False)
    with Emulator(airbyte_world, airbyte_version) as emulator:
        yield emulator


class PulumiProgram:
    """A program in a project folder with a stack of its own; every command raises ``AssertionError`` when it fails.

    Attributes:
        folder: the project's folder; modules and files that the program needs go there.
        stack: the stack as other programs name it, in ``pulumi.StackReference(stack)``.
    """

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.stack = f"organization/{folder.name}/{STACK}"
        self._env = env

    def write(self, program: str | Path) -> None:
        """Put the text of another ``__main__.py``, or that of a file, in the place of the program.

        The next command runs it, on the same stack.
        """
        text = program.read_text(encoding="utf-8") if isinstance(program, Path) else program
        (self.folder / "__main__.py").write_text(text, encoding="utf-8")

    def pulumi(self, *arguments: str) -> str:
        """Run ``pulumi`` and return what it printed."""
        done = subprocess.run(  # noqa: S603 - the arguments are the test's own
            ["pulumi", *arguments, "--non-interactive"],  # noqa: S607 - pulumi is found on PATH
            cwd=self.folder,
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"pulumi {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def preview(self, *arguments: str) -> str:
        """Preview."""
        return self.pulumi("preview", *arguments)

    def up(self, *arguments: str) -> str:
        """Carry out."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments)

    def refresh(self, *arguments: str) -> str:
        """Refresh the state from the server."""
        return self.pulumi("refresh", "--yes", "--skip-preview", *arguments)

    def destroy(self, *arguments: str) -> str:
        """Delete everything."""
        return self.pulumi("destroy", "--yes", "--skip-preview", *arguments)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        return json.loads(self.pulumi("stack", "output", "--json", "--show-secrets"))  # type: ignore[no-any-return]


@pytest.fixture
def pulumi_program(airbyte: "Emulator", tmp_path: Path) -> Callable[..., PulumiProgram]:
    """Make a project: ``pulumi_program(source, config={...})`` with the text of a ``__main__.py`` or its path.

    It runs on the real engine with a file backend in the test's folder, and talks to ``airbyte``. Each call makes
    another project with a stack of its own, beside those that the test has made before.
    """
    backend = tmp_path / "backend"
    numbers = count(1)

    def make(program: str | Path, config: dict[str, str] | None = None) -> PulumiProgram:
        number = next(numbers)
        folder = tmp_path / ("program" if number == 1 else f"program-{number}")
        folder.mkdir()
        backend.mkdir(exist_ok=True)
        (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n", encoding="utf-8")
        made = PulumiProgram(folder, _environment(backend))
        made.write(program)
        made.pulumi("stack", "init", STACK)
        for key, value in {"airbyte-wb:url": airbyte.url, **(config or {})}.items():
            made.pulumi("config", "set", key, value)
        return made

    return make


def _environment(backend: Path) -> dict[str, str]:
    return os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
