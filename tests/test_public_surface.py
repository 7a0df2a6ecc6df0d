"""A new public name is a decision; a provider's path is a contract for ever."""

import base64
import importlib
import inspect
import json
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import dill
import pytest

import pulumi_airbyte_wb
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.providers.reference import reference
from pulumi_airbyte_wb.resources.connection import TYPE

ROOT = Path(__file__).parent.parent
PUBLIC = ["pulumi_airbyte_wb", *(f"pulumi_airbyte_wb.{name}" for name in ("api", "models", "plan", "resources"))]


@pytest.mark.parametrize("name", PUBLIC)
def test_all_is_sorted_and_complete(name: str) -> None:
    module = importlib.import_module(name)
    assert list(module.__all__) == sorted(set(module.__all__), key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    public = {n for n, value in vars(module).items() if not n.startswith("_") and not inspect.ismodule(value)}
    assert public == set(module.__all__) - {"__version__"}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    bare = [
        n
        for n in module.__all__
        if (inspect.isclass(value := getattr(module, n)) or inspect.isfunction(value)) and not inspect.getdoc(value)
    ]
    assert bare == []


def test_provider_is_stored_by_reference() -> None:
    """What every stack's state holds: renaming the module or the class would strand all of them."""
    text = reference(ConnectionProvider)
    assert base64.b64decode(text) == b"cpulumi_airbyte_wb.providers.connection\nConnectionProvider\n)\x81."
    assert type(dill.loads(base64.b64decode(text))) is ConnectionProvider


def test_type_token() -> None:
    assert TYPE == "pulumi-python:dynamic/airbyte:Connection"


def test_one_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert version("pulumi_airbyte_wb") == pulumi_airbyte_wb.__version__
    assert f"## {pulumi_airbyte_wb.__version__}" in changelog
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"]


def test_package_says_that_it_is_no_plugin() -> None:
    """Without this file the CLI looks for a resource plugin of this name, which does not exist."""
    package = Path(pulumi_airbyte_wb.__file__).parent
    assert json.loads((package / "pulumi-plugin.json").read_text()) == {"resource": False}
    assert (package / "py.typed").exists()


def test_console_script() -> None:
    (script,) = (entry for entry in entry_points(group="console_scripts") if entry.name == "airbyte-wb")
    assert script.value == "pulumi_airbyte_wb.cli:main"
