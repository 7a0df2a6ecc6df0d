"""What the plan is made of is written in one place each: codes, the ``planned`` input, and state that lasts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pulumi_airbyte_wb
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.input_names import PLANNED

ROOT = Path(pulumi_airbyte_wb.__file__).parent
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text())


def within(*folders: str) -> list[str]:
    return [module for module in MODULES if module.split("/")[0] in folders]


# ---- codes -----------------------------------------------------------------------------------------------------------

_PERMISSION = re.compile(r"AWB\d{3} (\d{4}-\d{2}-\d{2}|once)")
"""A code in an example of a permission, which an error about a permission shows."""


def docstrings(module: ast.Module) -> set[int]:
    """The texts that stand alone: docstrings of modules, classes and functions, and of what is assigned."""
    alone = (node.value for node in ast.walk(module) if isinstance(node, ast.Expr))
    return {id(text) for text in alone if isinstance(text, ast.Constant)}


def codes_in(module: ast.Module) -> Iterator[str]:
    """The texts of a module in which a code stands, or the beginning of one."""
    documented = docstrings(module)
    for node in ast.walk(module):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if id(node) not in documented and "AWB" in _PERMISSION.sub("", text):
            yield text


def test_a_code_is_written_once() -> None:
    assert len({code.value for code in Code}) == len(Code.__members__)
    assert all(re.fullmatch(r"AWB\d{3}", code.value) for code in Code)
    assert len(list(codes_in(tree("spec/codes.py")))) == len(Code)


@pytest.mark.parametrize("module", [module for module in MODULES if module != "spec/codes.py"])
def test_no_other_module_writes_a_code(module: str) -> None:
    assert list(codes_in(tree(module))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('x = "AWB220"', True),
        ('x = f"AWB{number}"', True),
        ('x = "AWB" + number', True),
        ("x = f\"write 'public.events AWB210 2026-12-31'\"", False),
        ('x = "public.events AWB210 once"', False),
        ('x = "AWB210 once, AWB220"', True),
        ('"""For example AWB210."""', False),
        ('def f():\n    """For example AWB210."""', False),
        ('def f():\n    return """AWB210."""', True),
    ],
)
def test_what_counts_as_a_code(source: str, found: bool) -> None:
    assert bool(list(codes_in(ast.parse(source)))) is found


# ---- the input -------------------------------------------------------------------------------------------------------


def planned_keys(module: ast.Module) -> Iterator[ast.expr]:
    """The places where a module reads or writes the ``planned`` input by its name."""
    for node in ast.walk(module):
        keys: list[ast.expr | None] = []
        if isinstance(node, ast.Subscript):
            keys = [node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            keys = [node.args[0]] if node.func.attr in {"get", "pop", "setdefault"} else []
        elif isinstance(node, ast.Dict):
            keys = list(node.keys)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            keys = [node.left]
        yield from (key for key in keys if isinstance(key, ast.Constant) and key.value == PLANNED)


@pytest.mark.parametrize("module", [module for module in MODULES if module != "plan/codec.py"])
def test_only_the_codec_reads_and_writes_the_planned_input(module: str) -> None:
    assert list(planned_keys(tree(module))) == []


def test_its_name_is_used_only_where_inputs_are_made() -> None:
    uses = {
        module
        for module in MODULES
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "PLANNED" for alias in node.names)
    }
    assert uses <= {*within("providers"), "lifecycle/check.py", "plan/codec.py", "resources/properties.py"}
    assert "lifecycle/check.py" in uses


@pytest.mark.parametrize(
    "source", ['x["planned"]', 'x.get("planned")', 'x.pop("planned", None)', '{"planned": 1}', '"planned" in x']
)
def test_what_counts_as_a_use_of_the_planned_input(source: str) -> None:
    assert len(list(planned_keys(ast.parse(source)))) == 1


# ---- patterns --------------------------------------------------------------------------------------------------------

_PATTERNS = {
    *(
        "state/record.py",
        "spec/resets.py",
        "spec/fields.py",
        "spec/mapper_checks.py",
        "spec/operations.py",
        "spec/other_words.py",
        "spec/patterns.py",
        "spec/quartz.py",
    ),  # what a person writes
    "live/merge_note.py",  # the mark in a name
}


def test_no_plan_is_read_by_patterns_of_text() -> None:
    found = {
        module
        for module in within("spec", "state", "plan", "live", "lifecycle", "providers")
        for node in ast.walk(tree(module))
        if (isinstance(node, ast.Import) and any(alias.name == "re" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "re")
    }
    assert found == _PATTERNS


# ---- state -----------------------------------------------------------------------------------------------------------

_FIXED = {
    "frozenset",
    "tuple",
    "MappingProxyType",
    "compile",
    "TypeVar",
    "ParamSpec",
    "getattr",
    "getLogger",
    "ContextVar",
}
"""What a module may call for its own: values that do not change, names of loggers, and what each context has."""
_CHANGING = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_REMEMBERING = {"cache", "lru_cache"}


def state(module: ast.Module) -> Iterator[str]:
    """What a module, or a class of it, holds that can change while the process lives."""
    bodies = [module.body, *(node.body for node in ast.walk(module) if isinstance(node, ast.ClassDef))]
    for body in bodies:
        for node in body:
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            called = value.func if isinstance(value, ast.Call) else None
            name = (
                called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
            )
            if isinstance(value, _CHANGING) or (name and name not in _FIXED | {"field"}):
                yield ast.unparse(node)
    for each in ast.walk(module):
        if isinstance(each, ast.Global):
            yield ast.unparse(each)
        if isinstance(each, ast.FunctionDef):
            words = {word.id for part in each.decorator_list for word in ast.walk(part) if isinstance(word, ast.Name)}
            words |= {
                word.attr for part in each.decorator_list for word in ast.walk(part) if isinstance(word, ast.Attribute)
            }
            if words & _REMEMBERING:
                yield each.name


@pytest.mark.parametrize("module", within("resources", "providers", "lifecycle", "live"))
def test_no_module_holds_state_but_the_one_of_the_process(module: str) -> None:
    found = [each for each in state(tree(module)) if not each.startswith("__all__ = ")]
    assert found == (["process = Process()"] if module == "providers/process.py" else [])


@pytest.mark.parametrize(
    "source",
    [
        "x = []",
        "x: dict[str, int] = {}",
        "x = {1}",
        "x = set()",
        "x = threading.Lock()",
        "x = [y for y in z]",
        "class A:\n    x = []",
        "class A:\n    x: ClassVar[dict] = defaultdict(list)",
        "def f():\n    global x",
        "@cache\ndef f(): ...",
        "@functools.lru_cache(maxsize=1)\ndef f(): ...",
    ],
)
def test_what_counts_as_state(source: str) -> None:
    assert len(list(state(ast.parse(source)))) == 1


@pytest.mark.parametrize("source", ["x = 1", "x = (1, 2)", "x = frozenset({1})", "def f():\n    x = []", "x: int"])
def test_what_counts_as_no_state(source: str) -> None:
    assert list(state(ast.parse(source))) == []
