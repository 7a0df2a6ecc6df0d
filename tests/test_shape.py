"""How large a file and a function of the package may be, and how many parameters one may have; exceptions say why."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pulumi_airbyte_wb

ROOT = Path(pulumi_airbyte_wb.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
FILE_LINES, FUNCTION_LINES, PARAMETERS = 300, 40, 6

PROGRAMS = "what programs write: one argument for each property"
LONG_FILES = {"plan/table.py": "one table, whose rows are read beside each other"}
LONG_FUNCTIONS = {"resources/connection.py::Connection.__init__": PROGRAMS}
MANY_PARAMETERS = {
    "emulator/commands.py::run": "the options of a command",
    "resources/catalog.py::Catalog.__init__": PROGRAMS,
    "resources/connection.py::Connection.__init__": PROGRAMS,
    "resources/operation.py::Operation.__init__": PROGRAMS,
    "resources/resets.py::Resets.__init__": PROGRAMS,
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(node: ast.AST, path: str) -> Iterator[tuple[str, Function]]:
    """The functions of a file with their places, such as ``plan/build.py::build_plan``."""
    for child in ast.iter_child_nodes(node):
        place = path
        if isinstance(child, Function | ast.ClassDef):
            place = f"{path}.{child.name}" if "::" in path else f"{path}::{child.name}"
        if isinstance(child, Function):
            yield place, child
        yield from functions(child, place)


def parameters(function: Function) -> list[str]:
    arguments = function.args
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [each.arg for each in found if each is not None and each.arg not in {"self", "cls"}]


def lines(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


FUNCTIONS = dict(pair for path in FILES for pair in functions(ast.parse(path.read_text()), str(path.relative_to(ROOT))))


@pytest.mark.parametrize(
    ("found", "limit", "exceptions"),
    [
        ({str(path.relative_to(ROOT)): path.read_text().count("\n") for path in FILES}, FILE_LINES, LONG_FILES),
        ({place: lines(each) for place, each in FUNCTIONS.items()}, FUNCTION_LINES, LONG_FUNCTIONS),
        ({place: len(parameters(each)) for place, each in FUNCTIONS.items()}, PARAMETERS, MANY_PARAMETERS),
    ],
    ids=["lines of a file", "lines of a function", "parameters of a function"],
)
def test_limits(found: dict[str, int], limit: int, exceptions: dict[str, str]) -> None:
    """What is over a limit is an exception, and what is an exception is over the limit."""
    assert {place: size for place, size in found.items() if size > limit}.keys() == exceptions.keys()
