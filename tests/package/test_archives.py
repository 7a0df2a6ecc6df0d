"""The wheel and the source archive: what they hold, and that one makes the other."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(folder: Path, target: Path, *options: str) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel and a source archive of the files that git would commit."""
    folder = tmp_path_factory.mktemp("package")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).exists():
            (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / "source" / name)
    build(folder / "source", folder / "dist", "--sdist", "--wheel")
    (wheel,) = (folder / "dist").glob("*.whl")
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    return wheel, sdist


def test_an_index_takes_both(built: tuple[Path, Path]) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2


def test_the_source_archive_builds_the_same_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, sdist = built
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    build(source, tmp_path / "dist", "--wheel")
    (again,) = (tmp_path / "dist").glob("*.whl")
    assert again.name == wheel.name
    assert contents(again) == contents(wheel)


def test_pages_and_examples_travel_in_the_wheel(built: tuple[Path, Path]) -> None:
    names = contents(built[0]).keys()
    pages = {f"pulumi_airbyte_wb/docs/{path.relative_to(ROOT / 'docs')}" for path in (ROOT / "docs").rglob("*.md")}
    assert pages <= names
    assert {"pulumi_airbyte_wb/README.md", "pulumi_airbyte_wb/examples/quickstart/__main__.py"} <= names
    assert not [name for name in names if name.startswith(("tests/", "tools/"))]


def test_the_page_of_the_index_has_no_dead_link(built: tuple[Path, Path]) -> None:
    (metadata,) = (text for name, text in contents(built[0]).items() if name.endswith("/METADATA"))
    assert "](docs/" not in metadata.decode()
    assert "](examples/" not in metadata.decode()
    assert "airbyte-wb docs resets" in metadata.decode()
