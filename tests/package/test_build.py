"""What is put on an index."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

from readme_renderer import markdown

from tests.package.conftest import ROOT, Built


def _contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _repository(*folders: str) -> set[str]:
    """The files that git would commit; a copy without a history has no others."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    found = (path for folder in folders for path in [ROOT / folder, *(ROOT / folder).rglob("*")])
    return {path.relative_to(ROOT).as_posix() for path in found if path.is_file() and path.suffix != ".pyc"}


def test_the_archive_of_the_sources_builds_the_same_wheel(built: Built) -> None:
    assert built.wheel.name == built.direct_wheel.name
    assert _contents(built.wheel) == _contents(built.direct_wheel)


def test_the_wheel_holds_the_package_and_what_its_messages_name(built: Built) -> None:
    contents = {name for name in _contents(built.wheel) if ".dist-info/" not in name}
    carried = {f"pulumi_airbyte_wb/{name}" for name in _repository("README.md", "docs", "examples")}
    assert contents == _repository("pulumi_airbyte_wb") | carried


def test_an_index_takes_both(built: Built) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", str(built.wheel), str(built.sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_link_of_the_readme_is_dead_on_an_index(built: Built) -> None:
    """There are no files beside it."""
    (metadata,) = (text for name, text in _contents(built.wheel).items() if name.endswith("/METADATA"))
    readme = Parser().parsestr(metadata.decode()).get_payload()
    assert isinstance(readme, str)
    page = markdown.render(readme)
    assert page is not None
    assert "airbyte-wb docs emulator" in page
    targets = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert [target for target in targets if not target.startswith(("https://", "#user-content-"))] == []
    assert "](" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
