"""Imports point one way: errors <- models <- spec <- state <- plan <- live <- lifecycle <- providers <- resources."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import pulumi_airbyte_wb

PACKAGE = "pulumi_airbyte_wb"
ROOT = Path(pulumi_airbyte_wb.__file__).parent
_PURE = {"errors", "models", "spec", "server_rules", "state", "plan"}
_LIVE = {*_PURE, "api", "live"}
ALLOWED = {
    "_version": set(),
    "errors": set(),
    "_on_first_use": set(),
    "models": {"_on_first_use", "errors"},
    "spec": {"errors", "models"},
    "server_rules": {"errors", "models"},
    "state": {"_version", "errors", "models", "spec"},
    "plan": {"errors", "models", "spec", "state"},
    "api": {"_version", "errors", "models"},
    "live": {*_PURE, "api"},
    "lifecycle": _LIVE,
    "providers": {*_LIVE, "lifecycle"},
    "resources": {"_on_first_use", *_LIVE, "lifecycle", "providers"},
    "emulator": {"_version", "errors", "models"},
    "pages": {"errors", "spec"},
    "cli": {"_version", *_LIVE, "lifecycle", "providers", "resources", "emulator", "pages"},
    "policy": {"errors", "spec", "plan"},
    "__init__": {"_version", "errors", "resources"},
    "__main__": {"cli"},
}
IN_EMULATOR = ROOT / "emulator"
EMULATOR = {
    "core": set(),
    "catalog": {"core"},
    "rows": {"core", "catalog"},
    "connection": {"core", "catalog", "rows"},
    "jobs": {"core", "catalog", "rows", "connection"},
    "http": {"core", "catalog", "rows", "connection", "jobs"},
    "control": {"core", "catalog", "rows", "connection", "jobs", "http"},
}
PURE = tuple(sorted(_PURE))


def imports(path: Path) -> set[str]:
    """The modules of this package that a file imports, at any depth of it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith(f"{PACKAGE}.")}


def layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_to_lower_layers(path: Path) -> None:
    own = layer(path)
    used = {name.split(".")[1] for name in imports(path)} - {"__version__"}
    assert used <= ALLOWED[own] | {own}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "emulator").glob("*/**/*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_imports_inside_the_emulator_point_to_lower_folders(path: Path) -> None:
    """core <- catalog <- rows <- connection <- jobs <- http <- control; the modules beside the folders are on top."""
    own = path.relative_to(IN_EMULATOR).parts[0]
    used = {name.split(".")[2] for name in imports(path) if name.startswith(f"{PACKAGE}.emulator.")}
    assert used <= EMULATOR[own] | {own}


def test_no_modules_of_the_emulator_import_each_other_in_a_circle() -> None:
    """A package's ``__init__`` does not count: it only names what its modules hold."""
    modules = {
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts): path
        for path in (ROOT / "emulator").rglob("*.py")
    }
    graph = {name: imports(path) & set(modules) for name, path in modules.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(modules)


@pytest.mark.process
@pytest.mark.parametrize("name", PURE)
def test_pure_layers_need_neither_http_nor_pulumi(name: str) -> None:
    """A pure layer is imported in a fresh process where httpx and pulumi cannot be."""
    program = f"""
import sys
sys.modules["httpx"] = sys.modules["pulumi"] = None
import {PACKAGE}.{name}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.process
def test_what_works_on_a_server_needs_no_pulumi() -> None:
    """Every module of ``live`` and ``lifecycle`` is imported in a fresh process where pulumi and grpc cannot be."""
    modules = sorted(
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for name in ("live", "lifecycle")
        for path in (ROOT / name).glob("[a-z]*.py")
    )
    program = f"""
import sys
sys.modules["pulumi"] = sys.modules["grpc"] = None
import {", ".join(modules)}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
