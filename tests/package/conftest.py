"""The package as `make wheel` builds it, and as an installed one runs."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Built:
    """What a build made: the archive of the sources, the wheel of it, and a wheel that was built without it."""

    sources: Path
    wheel: Path
    direct_wheel: Path


@dataclass(frozen=True)
class Installed:
    """A folder into which the wheel was unpacked; nothing of the repository is beside it."""

    packages: Path
    elsewhere: Path

    def run(
        self, *arguments: str, code: str = "", environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``airbyte-wb`` of the unpacked package."""
        program = f"{code}\nfrom pulumi_airbyte_wb.cli import main\nmain()"
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=self.elsewhere,
            env=os.environ | {"PYTHONPATH": str(self.packages)} | (environment or {}),
            capture_output=True,
            text=True,
            check=False,
        )


def _build(folder: Path, *options: str) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), *options, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The package, built twice."""
    both, direct = tmp_path_factory.mktemp("both"), tmp_path_factory.mktemp("direct")
    _build(both)
    _build(direct, "--wheel")
    (sources,), (wheel,), (direct_wheel,) = both.glob("*.tar.gz"), both.glob("*.whl"), direct.glob("*.whl")
    return Built(sources, wheel, direct_wheel)


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, unpacked."""
    packages = tmp_path_factory.mktemp("packages")
    with zipfile.ZipFile(built.wheel) as wheel:
        wheel.extractall(packages)
    compileall.compile_dir(packages, quiet=2)  # as pip does
    return Installed(packages, tmp_path_factory.mktemp("elsewhere"))
