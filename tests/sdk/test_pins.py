"""The pinned packages fit together, and are the bounds that pyproject.toml promises."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools.pulumi.cache import Cache
from tools.pulumi.environments import SDKS, with_sdk
from tools.pulumi.pins import PINNED_PACKAGES, PROJECT
from tools.pulumi.talk import SetupError

DEPENDENCIES = [
    Requirement(line) for line in tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
]


def pinned(pins: Path) -> dict[str, Version]:
    found = re.findall(r"^([\w.-]+)==(\S+)$", pins.read_text(), re.MULTILINE)
    return {name.lower().replace("_", "-"): Version(version) for name, version in found}


def oldest(dependency: Requirement) -> Version | None:
    return next((Version(each.version) for each in dependency.specifier if each.operator == ">="), None)


@pytest.mark.parametrize("pins", [*SDKS.values(), PINNED_PACKAGES], ids=lambda pins: pins.stem)
def test_the_pins_are_versions_that_the_package_takes(pins: Path) -> None:
    versions = pinned(pins)
    for dependency in DEPENDENCIES:
        assert versions[dependency.name.lower()] in dependency.specifier, dependency


def test_the_oldest_versions_are_the_lower_bounds() -> None:
    versions = pinned(SDKS["oldest"])
    for dependency in DEPENDENCIES:
        bound = oldest(dependency)
        if bound is not None:
            assert versions[dependency.name.lower()].release[:2] == (*bound.release, 0)[:2], dependency


def test_the_pinned_sdk_lies_between() -> None:
    between = pinned(PINNED_PACKAGES)["pulumi"]
    assert pinned(SDKS["oldest"])["pulumi"] < between <= pinned(SDKS["newest"])["pulumi"]


def test_the_examples_ask_for_the_same_sdk() -> None:
    (bound,) = [dependency for dependency in DEPENDENCIES if dependency.name == "pulumi"]
    for path in (PROJECT / "examples").glob("*/requirements.txt"):
        lines = [Requirement(line) for line in path.read_text().splitlines()]
        assert [line for line in lines if line.name == "pulumi"] in ([], [bound]), path


def test_the_packages_of_each_environment_fit_together(sdk: Path) -> None:
    check(sdk / "bin" / "python")


def test_the_packages_of_this_environment_fit_together() -> None:
    check(Path(sys.executable))


def check(python: Path) -> None:
    result = subprocess.run([python, "-m", "pip", "check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_an_environment_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(SetupError) as caught:
        with_sdk(Cache(tmp_path), SDKS["oldest"])
    assert str(caught.value).startswith("The packages of requirements/sdk-oldest.txt cannot be installed here (`")
    assert str(caught.value).endswith("): connect to a package index once.")
    assert [each.name for each in tmp_path.iterdir()] == ["lock"]
