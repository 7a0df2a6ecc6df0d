"""A sample of the fault matrix; `make faults` plays more of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tools.faults.cell import Bench, Cell
from tools.faults.kinds import KINDS
from tools.faults.operations import OPERATIONS
from tools.faults.playing import WRITING

SLOW = {"timeout before", "timeout after"}
QUICK = [kind for kind in KINDS if kind not in SLOW]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("faults"))
    yield bench
    bench.close()


def sample(bench: Bench, name: str) -> list[Cell]:
    """Three cells of the operation, two of them at writes, each with another fault."""
    paths = bench.beginning(name).paths
    row = list(OPERATIONS).index(name)
    kinds = itertools.cycle(QUICK[row * 3 % len(QUICK) :] + QUICK[: row * 3 % len(QUICK)])
    writes = [index for index, path in enumerate(paths) if WRITING.search(path)]
    chosen = {row % len(paths), *(writes[(row + more) % len(writes)] for more in range(2) if writes)}
    cells = []
    for index, path in enumerate(paths):
        if index in chosen:
            kind = next(kind for kind in kinds if not KINDS[kind].only or path in KINDS[kind].only)
            cells.append(Cell(name, index, kind, (row + index) % 2 == 0))
    return cells


@pytest.mark.parametrize("name", OPERATIONS)
def test_one_more_up_finishes_the_job(bench: Bench, name: str) -> None:
    cells = sample(bench, name)
    assert cells
    wrong = {str(cell): outcome.wrong for cell in cells if (outcome := bench.play(cell)).wrong}
    assert wrong == {}


def test_a_cell_is_named_and_found_again() -> None:
    cell = Cell("update, clear/stream", 7, "cut after", refresh=True)
    assert Cell.parse(str(cell)) == cell
    with pytest.raises(ValueError, match="update/7/cut backwards/up"):
        Cell.parse("update/7/cut backwards/up")
