"""`python -m tools.proof.mutants [FILE...] [-- TEST...]`: breaks FILE in one place after another; do tests notice?

Each mutant is a copy of the checkout with one change: a comparison or a boolean operator turned round, a condition
negated, one action or way of loading in place of another, a returned value dropped. Those that no test notices are
printed.
Which tests judge a file, and which mutants mean the same as what they break, stands in `mutants.toml`; without FILE
that is all of `spec/`, `server_rules/`, `state/`, `plan/`, and `live/merge.py`.
"""

from __future__ import annotations

import ast
import copy
import importlib.util
import multiprocessing
import os
import shutil
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import pytest

WORKERS = 2
ROOT = Path(__file__).parents[2]
_SECONDS = 300
_WIDE_SECONDS = 1800
_PLUGIN = "pulumi_airbyte_wb.emulator.pytest_plugin"
# Most of a short run of tests is imports: each process begins with those that no mutant changes.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["pytest", "hypothesis", "pydantic", "pulumi", "httpx", "fastapi", "uvicorn"])
IGNORED = shutil.ignore_patterns(".venv", ".git", ".*cache*", "__pycache__", "build")
"""What the tests do not need of a checkout: the caches of tools, whose names begin with a dot, and what is built."""
_OTHERS = {
    "NONE": "CLEAR",
    "MERGE": "TRUNCATE",
    "TRUNCATE": "MERGE",
    "CLEAR": "NONE",
    "BLOCK": "NONE",
    "DIRECT_LOAD": "NORMALIZATION",
    "TYPING_DEDUPING": "DIRECT_LOAD",
    "NORMALIZATION": "DIRECT_LOAD",
    "UNKNOWN": "DIRECT_LOAD",
}
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.GtE: ast.Lt,
}


class Mutant(NamedTuple):
    """One broken place: where it is, what was done there, and the whole broken text."""

    line: int
    what: str
    text: str


@dataclass(frozen=True)
class Suite:
    """Which tests judge which file, those that are asked next, and the mutants that no test can tell, with reasons."""

    judges: Mapping[str, Sequence[str]]
    wide: Sequence[str]
    explained: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls) -> Suite:
        """The suite of this project."""
        return cls(**tomllib.loads(Path(__file__).with_suffix(".toml").read_text()))

    def verdicts(self, name: str, tried: Mapping[str, bool]) -> Iterator[tuple[str, str]]:
        """What is explained of the mutants of a file, and which explanations are stale; ``tried`` says who survived."""
        for what, reason in self.explained.get(name, {}).items():
            if tried.get(what):
                yield what, f"explained: {reason}"
            else:
                yield what, "explained in vain: " + ("now killed" if what in tried else "there is no such mutant")


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module."""
    tree = ast.parse(source)
    for index, (scope, node) in enumerate(_nodes(tree)):
        for what, broken in _broken(node):
            changed = copy.deepcopy(tree)
            _scope, target = list(_nodes(changed))[index]
            for name, value in vars(broken).items():
                setattr(target, name, value)
            if type(target) is not type(broken):
                target.__class__ = type(broken)
            text = ast.unparse(ast.fix_missing_locations(changed))
            yield Mutant(getattr(node, "lineno", 0), f"{scope}{what}", text)


def _nodes(node: ast.AST, scope: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node, each with the function or class that it stands in."""
    yield scope, node
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = f"{node.name}: "
    for child in ast.iter_child_nodes(node):
        yield from _nodes(child, scope)


def _broken(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _TURNED:
            other = copy.deepcopy(node)
            other.ops = [_TURNED[type(op)]()]
            yield ast.unparse(other), other
        case ast.BoolOp():
            swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ast.unparse(ast.BoolOp(swapped, node.values)), ast.BoolOp(swapped, node.values)
        case ast.IfExp():
            turned = ast.IfExp(node.test, node.orelse, node.body)
            yield ast.unparse(turned), turned
        case ast.If():
            negated = ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
            yield f"if not ({ast.unparse(node.test)})", negated
        case ast.Attribute(value=ast.Name(id="Action" | "Loading"), attr=attr) if attr in _OTHERS:
            yield f"{node.value.id} {attr} => {_OTHERS[attr]}", ast.Attribute(node.value, _OTHERS[attr], node.ctx)  # type: ignore[attr-defined]
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield f"return None for {ast.unparse(value)[:60]}", ast.Return(ast.Constant(None))


def _judge(place: Path, tests: Sequence[str], *, broken: bool) -> None:
    os.chdir(place)
    sys.path.insert(0, str(place))
    for name in [name for name in sys.modules if name.partition(".")[0] == "tools"]:
        del sys.modules[name]
    if broken:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
    # Looking for plugins takes longer than most of these tests.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    told = "--tb=no" if broken else "--tb=short"
    sys.exit(pytest.main(["-q", "-x", told, "-p", "no:cacheprovider", "-p", _PLUGIN, *tests]))


def _passes(place: Path, tests: Sequence[str], seconds: int = _SECONDS, *, broken: bool = True) -> bool:
    process = _PROCESSES.Process(target=_judge, args=(place, tests), kwargs={"broken": broken})
    process.start()
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode == 0


@dataclass(frozen=True)
class _Copies:
    """Copies of the checkout, each for one mutant at a time."""

    free: SimpleQueue[Path]
    pool: Executor

    @classmethod
    def make(cls, folder: str, pool: Executor) -> _Copies:
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            free.put(Path(shutil.copytree(ROOT, Path(folder) / str(number), ignore=IGNORED)))
        return cls(free, pool)

    def pass_unbroken(self, tests: Sequence[str], seconds: int = _SECONDS) -> bool:
        place = self.free.get()
        passes = _passes(place, tests, seconds, broken=False)
        self.free.put(place)
        if not passes:
            _say("the tests fail on what is not broken, or take too long, and so would judge nothing")
        return passes

    def survivors(
        self, name: str, work: Sequence[Mutant], tests: Sequence[str], seconds: int = _SECONDS
    ) -> list[Mutant]:
        """The mutants of a file that the tests do not notice."""

        def survives(mutant: Mutant) -> bool:
            place = self.free.get()
            path = place / name
            original = path.read_text()
            # Two mutants of one size in one second are one file to Python, which would run the first one's bytecode.
            compiled = Path(importlib.util.cache_from_source(str(path)))
            try:
                compiled.unlink(missing_ok=True)
                path.write_text(mutant.text)
                return _passes(place, tests, seconds)
            finally:
                path.write_text(original)
                compiled.unlink(missing_ok=True)
                self.free.put(place)

        return [mutant for mutant, alive in zip(work, self.pool.map(survives, work), strict=True) if alive]


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """Break, test, and print what survives; 1 when some of it is not explained, 2 when the tests fail anyway."""
    suite = Suite.read()
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    files, tests = sys.argv[1:split] or list(suite.judges), sys.argv[split + 1 :]
    judges = {name: tests or suite.judges.get(name, suite.wide) for name in files}
    asked = sorted({test for each in judges.values() for test in each})
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(WORKERS) as pool:
        copies = _Copies.make(folder, pool)
        if not copies.pass_unbroken(asked):
            return 2
        wide_passes: bool | None = None
        for name in files:
            work = list(mutants((ROOT / name).read_text()))
            alive = copies.survivors(name, work, judges[name])
            explained = suite.explained.get(name, {})
            open_ones = [mutant for mutant in alive if mutant.what not in explained]
            if open_ones and not tests:
                wide_passes = copies.pass_unbroken(suite.wide, _WIDE_SECONDS) if wide_passes is None else wide_passes
                if not wide_passes:
                    return 2
                open_ones = copies.survivors(name, open_ones, suite.wide, _WIDE_SECONDS)
            for mutant in open_ones:
                _say(f"{name}:{mutant.line}: {mutant.what}")
            known = [mutant for mutant in alive if mutant.what in explained]
            tried = {mutant.what: False for mutant in work} | {mutant.what: True for mutant in [*open_ones, *known]}
            for what, verdict in suite.verdicts(name, tried):
                _say(f"{name}: {what}\n  {verdict}")
            killed = len(work) - len(open_ones) - len(known)
            counts = Counter(killed=killed, explained=len(known), survived=len(open_ones))
            _say(f"{name}: {_sum(counts)}")
            total += counts
    _say(_sum(total))
    return 1 if total["survived"] else 0


def _sum(counts: Counter[str]) -> str:
    return f"{counts.total()} mutants, " + ", ".join(
        f"{counts[outcome]} {outcome}" for outcome in ("killed", "explained", "survived")
    )


if __name__ == "__main__":
    sys.exit(main())
