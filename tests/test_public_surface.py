"""A new public name is a decision; a provider's path is a contract for ever."""

import ast
import base64
import importlib
import inspect
import json
import subprocess
import sys
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
    names = {n for n in {*vars(module), *dir(module)} if not n.startswith("_")}
    public = {n for n in names if not inspect.ismodule(getattr(module, n))}
    assert public == set(module.__all__) - {"__version__"}


def test_type_checkers_see_the_names_that_programs_get() -> None:
    """The package imports its names when they are used; to a type checker they are imported at its top."""
    tree = ast.parse(Path(pulumi_airbyte_wb.__file__).read_text(encoding="utf-8"))
    (block,) = (n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "_typing.TYPE_CHECKING")
    homes = {each.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for each in node.names}
    assert set(homes) == set(pulumi_airbyte_wb.__all__) - {"__version__"}
    for name, home in homes.items():
        assert home is not None
        assert getattr(pulumi_airbyte_wb, name) is getattr(importlib.import_module(home), name)


def test_a_name_that_does_not_exist_is_an_error() -> None:
    assert not hasattr(pulumi_airbyte_wb, "nearest")
    with pytest.raises(AttributeError, match="module 'pulumi_airbyte_wb' has no attribute 'Conection'"):
        pulumi_airbyte_wb.Conection  # type: ignore[attr-defined]  # noqa: B018 - the look-up is the test


@pytest.mark.process
def test_the_package_alone_imports_no_other_package() -> None:
    """The command line, the pytest plugin and the provider process import it first."""
    program = """
import sys, typing, importlib
before = set(sys.modules)
import pulumi_airbyte_wb
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["pulumi_airbyte_wb", "pulumi_airbyte_wb._version"]


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
