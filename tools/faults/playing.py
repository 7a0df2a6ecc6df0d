"""Which cells are played, and playing them side by side."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tools.faults.cell import Bench, Cell, Outcome

WRITING = re.compile(r"/(create|update|delete|refresh|sync|stream|cancel)$")


def choose(
    folder: Path, operations: Iterable[str], faults: Iterable[str], draw: random.Random, *, share: float, early: float
) -> tuple[list[Cell], int]:
    """The cells to play, and how many there are: with fewer kinds of operations and faults, fewer."""
    chosen, possible, wanted = [], 0, set(faults)
    bench = Bench(folder)
    try:
        for operation in operations:
            paths = bench.beginning(operation).paths
            written = next((index for index, path in enumerate(paths) if WRITING.search(path)), 0)
            for cell in bench.cells(operation):
                if cell.kind in wanted:
                    possible += 1
                    if draw.random() < (share if cell.index >= written else early):
                        chosen.append(cell)
    finally:
        bench.close()
    return chosen, possible


def play(cells: list[Cell], folder: Path, workers: int) -> Iterator[Outcome]:
    """Play cells in several processes, each with servers of its own."""
    parts = [cells[start : start + 60] for start in range(0, len(cells), 60)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for outcomes in pool.map(_play, parts, [folder] * len(parts)):
            yield from outcomes


def _play(cells: list[Cell], folder: Path) -> list[Outcome]:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        bench = Bench(Path(own))
        try:
            return [_one(bench, cell) for cell in cells]
        finally:
            bench.close()


def _one(bench: Bench, cell: Cell) -> Outcome:
    try:
        return bench.play(cell)
    except Exception as error:  # noqa: BLE001 - one cell that cannot be played must not hide the others
        return Outcome(cell, wrong=[f"unfinished: the cell could not be played: {type(error).__name__}: {error}"])
