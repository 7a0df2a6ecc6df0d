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
from pulumi_airbyte_wb import resources
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.providers.reference import reference
from pulumi_airbyte_wb.resources.connection import TYPE

ROOT = Path(__file__).parent.parent
PUBLIC = ["pulumi_airbyte_wb", *(f"pulumi_airbyte_wb.{name}" for name in ("api", "models", "plan", "resources"))]


@pytest.mark.parametrize("name", PUBLIC[1:])
def test_all_is_sorted_and_complete(name: str) -> None:
    module = importlib.import_module(name)
    assert list(module.__all__) == sorted(set(module.__all__), key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    names = {n for n in {*vars(module), *dir(module)} if not n.startswith("_")}
    public = {n for n in names if not inspect.ismodule(getattr(module, n))}
    assert public == set(module.__all__)


def test_the_package_hands_on_the_names_of_its_one_list() -> None:
    """To a type checker, its star import does; ``make lint`` checks the uses of names that do and do not exist."""
    package = importlib.import_module("pulumi_airbyte_wb")
    assert package.__all__ == [*resources.__all__, "__version__"]
    assert dir(package) == sorted(package.__all__)
    assert all(getattr(package, name) is getattr(resources, name) for name in resources.__all__)
    tree = ast.parse(Path(pulumi_airbyte_wb.__file__).read_text(encoding="utf-8"))
    (block,) = (n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "_typing.TYPE_CHECKING")
    assert [ast.unparse(each) for each in block.body] == ["from pulumi_airbyte_wb.resources import *"]


@pytest.mark.process
def test_a_module_of_the_package_is_imported_without_the_names() -> None:
    program = """
import sys
from pulumi_airbyte_wb import errors
print("pulumi" in sys.modules, "pulumi_airbyte_wb.resources" in sys.modules)
from pulumi_airbyte_wb import *
print(Connection.__name__, __version__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "Connection", pulumi_airbyte_wb.__version__]


@pytest.mark.process
def test_a_program_that_asks_no_server_imports_nothing_that_does() -> None:
    """It is imported by every program: the lookups bring httpx and pydantic, and a planned change brings the plan."""
    program = """
import sys
import pulumi_airbyte_wb as airbyte
airbyte.Connection, airbyte.Catalog, airbyte.Operation, airbyte.stream, airbyte.Resets, airbyte.cron
ours = {name.split(".")[1] for name in sys.modules if name.startswith("pulumi_airbyte_wb.")}
print(sorted({"httpx", "pydantic", "rich", "stamina"} & sys.modules.keys()))
print(sorted(ours & {"api", "lifecycle", "plan"}))
airbyte.get_source
print("httpx" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]", "True"]


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
