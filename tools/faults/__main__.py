"""``python -m tools.faults``: the fault matrix.

Every request of every operation meets every fault, in a real provider process; then one more ``up`` has to finish the
job. It prints how many cells were tried and what went wrong, which must be nothing, and exits with 1 where something
did. All are played, for more than an hour. ``--share 0.4 --early 0.03`` plays some, for ten minutes: cells are drawn
with a seed that is printed, fewer of those whose fault strikes before anything is written, as they are much alike.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tools.faults.cell import Bench, Cell, Outcome
from tools.faults.kinds import KINDS
from tools.faults.operations import OPERATIONS
from tools.faults.playing import choose, play

WRONG = ("unfinished", "doubled", "lost", "unplanned", "orphans", "rows", "message")


def main() -> int:
    """Parse the command line, play, print."""
    parser = argparse.ArgumentParser(prog="python -m tools.faults", description="Play the fault matrix.")
    parser.add_argument("--cell", help="play one cell and tell what happened, such as 'update/7/cut after/refresh'")
    parser.add_argument("--operation", action="append", choices=sorted(OPERATIONS), help="only this one; repeatable")
    parser.add_argument("--fault", action="append", choices=sorted(KINDS), help="only this one; repeatable")
    parser.add_argument("--share", type=float, default=1.0, help="the share of the cells that is played (1)")
    parser.add_argument("--early", type=float, default=1.0, help="that of those before anything is written (1)")
    parser.add_argument("--seed", type=int, default=7, help="of what is drawn (7)")
    parser.add_argument("--workers", type=int, default=(os.cpu_count() or 1) + 1, help="processes that play")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        if options.cell:
            return _tell(Cell.parse(options.cell), Path(folder))
        began = time.monotonic()
        chosen, possible = choose(
            Path(folder),
            options.operation or list(OPERATIONS),
            options.fault or list(KINDS),
            random.Random(options.seed),  # noqa: S311 - a sample
            share=options.share,
            early=options.early,
        )
        shown = track(
            play(chosen, Path(folder), options.workers),
            "playing",
            len(chosen),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        outcomes = list(shown)
    return _print(outcomes, possible, options.seed, time.monotonic() - began)


def _tell(cell: Cell, folder: Path) -> int:
    bench = Bench(folder)
    try:
        outcome = bench.play(cell)
    finally:
        bench.close()
    print(f"{cell}: {'met its fault' if outcome.met else 'ended before its fault'}")
    for number, path in enumerate(outcome.paths):
        print(f"  {number:>2} {path}")
    print(f"the run under the fault said: {outcome.error or 'nothing'}")
    print(f"besides one more up: {', '.join(outcome.told) or 'nothing'}")
    print(f"what no one was told of, as the provider was killed: {', '.join(outcome.untold) or 'nothing'}")
    print("\n".join(outcome.wrong) or "nothing is wrong")
    return 1 if outcome.wrong else 0


def _print(outcomes: list[Outcome], possible: int, seed: int, seconds: float) -> int:
    console = Console(width=None if sys.stdout.isatty() else 170)
    wrong = Counter(_column(text) for outcome in outcomes for text in outcome.wrong)
    for title, name in (("operation", "operation"), ("fault", "kind")):
        console.print(_table(title, name, outcomes))
    for outcome in sorted((outcome for outcome in outcomes if outcome.wrong), key=lambda outcome: str(outcome.cell)):
        console.print(f"{outcome.cell}: {'; '.join(outcome.wrong)}", style="red", markup=False)
    good = [outcome for outcome in outcomes if not outcome.wrong]
    told = Counter(word for outcome in good for word in outcome.told)
    console.print(f"cells tried {len(outcomes)} of {possible}, drawn with seed {seed}, in {seconds / 60:.1f} minutes")
    console.print(
        f"finished by one more up {len(good)}, of these with a refresh that the message asked for {told['refresh']}, "
        f"with an adopt that it asked for {told['adopt']}"
    )
    untold = Counter(word for outcome in good for word in outcome.untold)
    console.print(
        f"an operation was left behind that no call finds, as the message said {told['stray']}, "
        f"where the provider was killed and nothing could say so {untold['stray']}"
    )
    console.print(
        "a request that the message said the server may still be working on came so late that no run finds what it "
        f"left, a marked connection, an operation, or rows appended once more {told['late']}"
    )
    console.print(", ".join(f"{column} = {wrong[column]}" for column in WRONG))
    return 1 if wrong or not outcomes else 0


def _table(title: str, name: str, outcomes: list[Outcome]) -> Table:
    table = Table(title=f"by {title}")
    table.add_column(title, no_wrap=True)
    columns = (
        "cells",
        "failed first",
        "finished",
        "told: refresh",
        "told: adopt",
        "told: stray",
        "stray",
        "told: late",
        *WRONG,
    )
    for column in columns:
        table.add_column(column, justify="right")
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(str(getattr(outcome.cell, name)), []).append(outcome)
    order = list(OPERATIONS) + list(KINDS)
    for group in sorted(groups, key=order.index):
        members = groups[group]
        wrong = Counter(_column(text) for outcome in members for text in outcome.wrong)
        told = Counter(word for outcome in members for word in outcome.told)
        counts = (
            len(members),
            sum(1 for outcome in members if outcome.error),
            sum(1 for outcome in members if not outcome.wrong),
            told["refresh"],
            told["adopt"],
            told["stray"],
            sum(len(outcome.untold) for outcome in members),
            told["late"],
            *(wrong[column] for column in WRONG),
        )
        table.add_row(group, *(str(count) for count in counts))
    return table


def _column(text: str) -> str:
    return text.partition(":")[0]


if __name__ == "__main__":
    sys.exit(main())
