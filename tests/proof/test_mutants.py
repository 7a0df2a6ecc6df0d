"""The mutation run itself: what it breaks, who judges it, and what it says of the mutants that are explained."""

from __future__ import annotations

import pytest

from tools.proof.mutants import IGNORED, ROOT, Suite, mutants

JUDGED = ("spec", "server_rules", "state", "plan")
ALSO = ROOT / "pulumi_airbyte_wb" / "live" / "merge.py"


@pytest.mark.parametrize(
    ("source", "broken"),
    [
        ("x = a < b", [("a >= b", "x = a >= b")]),
        ("x = a and b", [("a or b", "x = a or b")]),
        ("x = a if b else c", [("c if b else a", "x = c if b else a")]),
        ("x = Action.MERGE", [("Action MERGE => TRUNCATE", "x = Action.TRUNCATE")]),
        ("def f():\n    return 1", [("f: return None for 1", "def f():\n    return None")]),
        ("def f():\n    return", []),
        ("if a:\n    b()", [("if not (a)", "if not a:\n    b()")]),
    ],
)
def test_what_is_broken(source: str, broken: list[tuple[str, str]]) -> None:
    assert [(mutant.what, mutant.text) for mutant in mutants(source)] == broken


def test_explanations_that_no_longer_explain_anything_are_named() -> None:
    suite = Suite({}, [], {"f.py": {"a": "equal", "b": "equal", "c": "equal"}})
    assert list(suite.verdicts("f.py", {"a": True, "b": False, "d": True})) == [
        ("a", "explained: equal"),
        ("b", "explained in vain: now killed"),
        ("c", "explained in vain: there is no such mutant"),
    ]


def test_every_pure_module_has_its_judges() -> None:
    suite = Suite.read()
    modules = [path for folder in JUDGED for path in (ROOT / "pulumi_airbyte_wb" / folder).glob("*.py")] + [ALSO]
    named = {str(path.relative_to(ROOT)) for path in modules if next(mutants(path.read_text()), None)}
    assert named == set(suite.judges)
    assert all((ROOT / test).exists() for tests in [*suite.judges.values(), suite.wide] for test in tests)


def test_a_copy_of_the_checkout_has_every_module() -> None:
    for folder in ("pulumi_airbyte_wb", "tests", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT).parts
            assert not IGNORED("", list(parts)), path


def test_every_explained_mutant_is_there() -> None:
    for name, explained in Suite.read().explained.items():
        assert explained.keys() <= {mutant.what for mutant in mutants((ROOT / name).read_text())}
