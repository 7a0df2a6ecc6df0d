"""The headline: what 200 generated change scripts do to the rows, ours against what one would do without it.

The scripts are those of ``tools.proof.scripts``, plain ones, seeds 0 to 199. Their distribution: every pair of the six
destination variants (direct load three times, typing and deduping twice, normalization) and five sources (SQL with an
exclusive, an inclusive and a looking-back boundary, CDC, API) in turn, over the server versions 0.50.0, 0.63.0, 1.0.0,
1.8.0 and 2.0.0; 50 rows in each of three or four streams; four to six changed declarations, each followed by one or two
syncs with edits of the source between (35 % inserts, 50 % updates, 15 % deletions; in two of three scripts 8 % of the
cursors are null and some fall). A changed declaration renames the tables in 12 %, and changes one to three streams: a
stream leaves in 15 %, else mode, cursor, key, columns or mappers change, as far as the stream and the server have them.

*ours* is ``auto`` without approvals: what it blocks stays as it was, and is counted at each later change of the
program that asks for it again. *server* sends the same catalogs with ``skipReset=false``, *skip* with
``skipReset=true``. The declaration that is in force is what the tables are judged by: missing, doubled, stale and lost
rows, and clear text that was to be hidden, at each change and at the end. *Re-synced* are rows of incremental streams
that were read although the stream had read them before. *Empty* is the time that a table which had rows was without
them, with a sync an hour.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from rich.table import Table

from tools.proof.play import OURS, SERVER, SKIP, play
from tools.proof.scripts import script

WAYS = {OURS: "ours", SERVER: "server default (skipReset=false)", SKIP: "always skip (skipReset=true)"}


def headline(count: int = 200, workers: int = 2) -> Table:
    """Play the scripts in each way."""
    totals = {way: Counter[str]() for way in WAYS}
    with ProcessPoolExecutor(workers) as pool:
        for way, result in pool.map(_played, [(seed, way) for seed in range(count) for way in WAYS], chunksize=12):
            totals[way].update(result)
    table = Table(
        *("way", "wrong rows", "scripts with any", "rows re-synced", "rows read", "hours empty", "blocked"),
        title=f"{count} change scripts",
    )
    for way, name in WAYS.items():
        total = totals[way]
        refused = f"{total['refused']} of {total['changes']}" if way == OURS else "-"
        table.add_row(
            name,
            f"{total['wrong']:,}",
            str(total["bad"]),
            f"{total['resynced']:,}",
            f"{total['read']:,}",
            f"{total['minutes'] / 60:.0f}",
            refused,
        )
    return table


def _played(task: tuple[int, str]) -> tuple[str, dict[str, int]]:
    seed, way = task
    played = play(script(seed, plain=True), way)
    return way, {
        "wrong": played.wrong_rows,
        "bad": int(played.wrong_rows > 0),
        "read": played.read,
        "resynced": played.resynced,
        "minutes": round(played.empty_minutes),
        "refused": played.refused,
        "changes": played.changes + played.refused,
    }
