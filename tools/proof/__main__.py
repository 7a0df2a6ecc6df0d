"""`python -m tools.proof [N]`: plays N random histories and says how many rows ended wrong, which must be none.

It also says how often each row of the decision table was met in each way of destination loading, source kind and server
version, how many changes were blocked, and how many rows were re-synced. A history is made from its number alone:
`python -m tools.proof --history NUMBER` plays that one and tells it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from pulumi_airbyte_wb.plan import TABLE, Action
from tools.proof.play import play
from tools.proof.scripts import script, setup_of
from tools.proof.worlds import VERSIONS

ENOUGH = 20
FAMILIES = ("direct-load", "typing-deduping", "normalization")
SOURCES = ("sql", "cdc", "api")
PLACES = (*FAMILIES, *SOURCES, *VERSIONS)

_OLD = ("0.50.0", "0.63.0", "1.0.0")
_OWN = ("cdc", "api")
ELSEWHERE: dict[str, tuple[str, ...]] = {
    # what keeps its state when it leaves, so not the shared one of a log
    "AWB204": ("cdc",),
    # merging needs a guaranteed cursor of the program's own; direct load never merges into a table of others
    "AWB205": _OWN,
    "AWB207": ("direct-load",),
    # destinations that can refresh, or are told to load directly
    "AWB208": ("normalization", "0.50.0"),
    "AWB210": _OWN,
    "AWB213": ("sql",),
    "AWB220": _OWN,
    "AWB221": ("sql",),
    "AWB223": (*_OWN, "0.50.0", "0.63.0"),
    # from 1.8.0 on
    "AWB246": _OLD,
    "AWB260": _OLD,
    "AWB261": _OLD,
    "AWB262": _OLD,
    "AWB263": _OLD,
    "AWB298": _OLD,
}
"""Where a row cannot be met: the source has no such thing, or the server's version."""
NOT_PLAYED = {
    "AWB211": "a cursor other than the source's own is an error before the table is asked",
    "AWB212": "no history changes the type of a cursor: tests/proof/test_losses.py plays it",
    "AWB253": "a declared cursor or key that is gone is an error before the table is asked",
    "AWB299": "always blocked: no destination of the emulator knows these modes",
}
"""Rows that no history meets at its preview."""


@dataclass
class Tally:
    """What many histories came to."""

    histories: int = 0
    wrong_rows: int = 0
    wrong: list[str] = field(default_factory=list)
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    actions: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: int = 0
    refused: int = 0
    worded: int = 0
    drifted: int = 0
    syncs: int = 0
    read: int = 0
    resynced: int = 0
    ways: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count another one in."""
        for name, value in vars(other).items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def rare(self) -> list[str]:
        """Rows that were met too seldom somewhere."""
        return [
            f"{code} in {place}: {self.met[code, place]}"
            for code in codes()
            for place in PLACES
            if code not in NOT_PLAYED and place not in ELSEWHERE.get(code, ()) and self.met[code, place] < ENOUGH
        ]


def codes() -> list[str]:
    """The rows of the table."""
    return sorted({row.code for row in TABLE})


def tally_of(seed: int, *, ways: bool = True) -> Tally:
    """What one history came to; ``ways`` as ``script`` has it."""
    setup = setup_of(seed)
    try:
        played = play(script(seed, ways=ways))
    except Exception as error:
        raise RuntimeError(f"history {seed} ({setup}) broke") from error
    tally = Tally(
        histories=1,
        wrong_rows=played.wrong_rows,
        wrong=[f"history {seed} ({setup}): {w.kind} {w.stream}: {w.what[:200]}" for w in played.wrong[:2]],
        changes=played.changes + played.refused,
        refused=played.refused,
        worded=played.worded,
        drifted=played.drifted,
        syncs=played.syncs,
        read=played.read,
        resynced=played.resynced,
        ways=played.ways,
    )
    # What is deferred counts when it is done.
    met_now = {(m.code, m.action, m.stream, m.event): m for m in played.met if m.deferred is Action.NONE}
    for met in met_now.values():
        tally.actions[met.code, met.action.word] += 1
        for place in (setup.broad_family, setup.broad_source, setup.version):
            tally.met[met.code, place] += 1
    return tally


def prove(seeds: range, workers: int = 2) -> Tally:
    """Play the histories of these seeds."""
    total = Tally()
    with ProcessPoolExecutor(workers) as pool:
        for tally in pool.map(tally_of, seeds, chunksize=10):
            total.add(tally)
    return total


def main() -> int:
    """Play and print; 1 when a row ended wrong."""
    if sys.argv[1:2] == ["--history"]:
        tally = tally_of(int(sys.argv[2]))
        print(setup_of(int(sys.argv[2])), *tally.wrong, dict(tally.actions), f"{tally.wrong_rows} wrong rows", sep="\n")
        return 1 if tally.wrong_rows else 0
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4400
    started = time.monotonic()
    tally = prove(range(count))
    console = Console(width=120)
    table = Table("row", "actions", *FAMILIES, *SOURCES, *VERSIONS, title="how often each row of the table was met")
    for code in codes():
        actions = ", ".join(f"{word} {n}" for (of, word), n in sorted(tally.actions.items()) if of == code)
        cells = ["-" if place in ELSEWHERE.get(code, ()) else str(tally.met[code, place]) for place in PLACES]
        table.add_row(code, actions or "not played", *cells)
    console.print(table)
    for code, why in NOT_PLAYED.items():
        console.print(f"{code}: {why}")
    ways = Table("way", "updates", title="how the programs were run")
    for way, number in sorted(tally.ways.items()):
        ways.add_row(way, str(number))
    console.print(ways)
    rare = tally.rare()
    console.print(
        f"{tally.histories} histories (seeds 0 to {count - 1}), {tally.syncs} syncs, "
        f"{tally.changes} changes of streams in {time.monotonic() - started:.0f} s\n"
        f"blocked {tally.refused} ({tally.refused / max(1, tally.changes):.1%}), "
        f"approved by 'reset' {tally.worded}, "
        f"sent back to a refresh by the guard {tally.drifted}\n"
        f"rows read {tally.read:,}, of them re-synced {tally.resynced:,}\n"
        f"met fewer than {ENOUGH} times: {', '.join(rare) or 'none'}\n"
        f"wrong rows: {tally.wrong_rows}",
        highlight=False,
    )
    for line in tally.wrong:
        console.print(line, highlight=False)
    return 1 if tally.wrong_rows else 0


if __name__ == "__main__":
    sys.exit(main())
