"""`python -m tools.proof.mutants FILE... -- TEST...`: breaks FILE in one place after another; do the TESTs notice?

Each mutant is a copy of the checkout with one change: a comparison or a boolean operator turned round, a condition
negated, one action or family in place of another, a returned value dropped. Those that no test notices are printed.
"""

from __future__ import annotations

import ast
import copy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

WORKERS = 2
_SECONDS = 300
_OTHERS = {
    "NONE": "CLEAR",
    "MERGE": "TRUNCATE",
    "TRUNCATE": "MERGE",
    "CLEAR": "NONE",
    "REFUSE": "NONE",
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


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """The line, what was done there, and the broken text."""
    tree = ast.parse(source)
    for index, node in enumerate(ast.walk(tree)):
        for what, broken in _broken(node):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[index]
            for name, value in vars(broken).items():
                setattr(target, name, value)
            if type(target) is not type(broken):
                target.__class__ = type(broken)
            yield getattr(node, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(changed))


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
        case ast.Attribute(value=ast.Name(id="Action" | "Family"), attr=attr) if attr in _OTHERS:
            yield f"{node.value.id} {attr} => {_OTHERS[attr]}", ast.Attribute(node.value, _OTHERS[attr], node.ctx)  # type: ignore[attr-defined]
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield f"return None for {ast.unparse(value)[:60]}", ast.Return(ast.Constant(None))


def main() -> int:
    """Break, test, and print the survivors; 1 when there are some, 2 when the tests fail anyway."""
    split = sys.argv.index("--")
    files, tests = sys.argv[1:split], sys.argv[split + 1 :]
    root = Path(__file__).parents[2]
    work = [(name, *mutant) for name in files for mutant in mutants((root / name).read_text())]
    copies: SimpleQueue[Path] = SimpleQueue()
    survivors = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for number in range(WORKERS):
            place = Path(folder) / str(number)
            ignored = shutil.ignore_patterns(".venv", ".git", "*cache*", "build")
            copies.put(Path(shutil.copytree(root, place, ignore=ignored)))

        def passes(place: Path) -> bool:
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
            try:
                done = subprocess.run(command, cwd=place, capture_output=True, timeout=_SECONDS, check=False)
            except subprocess.TimeoutExpired:
                return False
            return done.returncode == 0

        def survives(task: tuple[str, int, str, str]) -> bool:
            name, _line, _what, text = task
            place = copies.get()
            original = (place / name).read_text()
            try:
                (place / name).write_text(text)
                return passes(place)
            finally:
                (place / name).write_text(original)
                copies.put(place)

        if not passes(Path(folder) / "0"):
            print("the tests fail on what is not broken, or take too long: no mutant was tried")
            return 2
        with ThreadPoolExecutor(WORKERS) as pool:
            for task, alive in zip(work, pool.map(survives, work), strict=True):
                if alive:
                    survivors.append(task)
                    print(f"{task[0]}:{task[1]}: {task[2]}", flush=True)
    print(f"{len(work)} mutants, {len(survivors)} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
