"""Where the pages are followed: a home folder with a copy of this repository in it, and packages that are at hand."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.pulumi.cache import VARIABLE, Cache, digest

ROOT = Path(__file__).parents[2]
CLONE = "pulumi_airbyte_wb"
PORT = "8000"
_PINS = ROOT / "requirements" / "dev.txt"
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "build", "dist")
# The terminal's edge cuts off how long a step took: "created (0".
_CUT = re.compile(r" \([\d.]*$", re.MULTILINE)
_LOGIN = re.compile(r"^Logged in to .* as .* \((file://~)\)", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A place of its own: port 8000 is a free one here, and `--local`, which is the user's real home, is this home.

    Attributes:
        home: The home folder; the clone is in it.
        port: The port that stands for 8000.
        environment: The variables of the shell.
    """

    home: Path
    port: str
    environment: dict[str, str]

    @property
    def clone(self) -> Path:
        """The copy of this repository."""
        return self.home / CLONE

    def typed(self, text: str) -> str:
        """What a page says, for this place."""
        return re.sub(rf"\b{PORT}\b", self.port, text).replace("login --local", f"login {self.home.as_uri()}")

    def told(self, output: str) -> str:
        """What a command printed, as any reader's machine would: nothing of this machine is left."""
        text = output.replace(str(self.home), "~").replace(f":{self.port}", f":{PORT}")
        return _LOGIN.sub(r"Logged in to laptop as you (\1)", _CUT.sub("", text))


@contextmanager
def set_up() -> Iterator[Place]:
    """Make a place; it is removed afterwards."""
    cache = Cache.from_environment()
    packages = _packages(cache)
    with tempfile.TemporaryDirectory(prefix="airbyte-wb-docs-") as folder:
        root = Path(folder).resolve()
        home = root / "home"
        shutil.copytree(ROOT, home / CLONE, ignore=_LEFT_OUT)
        _link(Path(sys.prefix), home / CLONE / ".venv")
        (home / CLONE / ".venv" / "ready").touch()
        _link(cache.root, root / "cache", "home", "lock", "versions.json")
        yield Place(home, port := _free_port(), _environment(root, cache, packages, port))


def _environment(root: Path, cache: Cache, packages: Path, port: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LANG", "PATH", "TMPDIR") if name in os.environ}
    # `make test` puts the project's Python and CLI first on PATH: a reader's shell has neither.
    own = (Path(sys.prefix), cache.root) if sys.prefix != sys.base_prefix else (cache.root,)
    path = [part for part in os.get_exec_path() if not any(Path(part).is_relative_to(each) for each in own)]
    return kept | {
        "AIRBYTE_WB_EMULATOR_URL": f"http://localhost:{port}",
        "HOME": str(root / "home"),
        "PATH": os.pathsep.join(path),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": str(packages),
        "PIP_NO_COMPILE": "1",
        "PIP_NO_INDEX": "1",
        "PIP_QUIET": "1",
        VARIABLE: str(root / "cache"),
    }


def _link(source: Path, target: Path, *left_out: str) -> None:
    target.mkdir()
    for each in source.iterdir():
        if each.name not in {"ready", *left_out}:
            (target / each.name).symlink_to(each)


def _packages(cache: Cache) -> Path:
    """The pinned wheels of all that a reader installs: made once, then no network is needed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["emulator"], "pytest"]
    folder = cache.root / f"wheels-{digest([_PINS], *wanted, sys.version.split()[0])}"
    if not folder.exists():
        cache.root.mkdir(parents=True, exist_ok=True)
        with cache.filling(folder) as made:
            command = [sys.executable, "-m", "pip", "wheel", "--quiet", "-c", str(_PINS), "-w", str(made), *wanted]
            environment = os.environ | {"PIP_CACHE_DIR": str(cache.pip), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
            subprocess.run(command, check=True, env=environment)
    return folder


def _free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])
