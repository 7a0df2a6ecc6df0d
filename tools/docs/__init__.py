"""Makes `docs/resets.md` from the decision table: `python -m tools.docs`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pulumi_airbyte_wb.plan import MEANING, TABLE, Action
from pulumi_airbyte_wb.spec.codes import Code
from tools.docs.outcomes import DESTINATIONS, KNOWN_MODES, modes_of, outcomes

PAGE = Path(__file__).parents[2] / "docs" / "resets.md"

_HEAD = """# What a change does to the rows

<!-- Made by `python -m tools.docs` from pulumi_airbyte_wb/plan/table.py; do not edit. -->

Every change of a stream is judged by the first row below that is about it. Two rules stand above all rows: a table that
is written by appending is never cleared without explicit approval, and a fact that is not known counts as its worst
case.
The tables below are made by asking the code for every kind of stream and of destination. `truncate; none if guaranteed`
means that a stream with `guarantees=("cursor_monotonic", "key_unique")` needs nothing; `or` stands where more than the
destination decides; an empty cell is decided by another row. The columns are the ways in which a destination loads its
tables, which the program tells: `resets={"destination_loading": "direct_load"}`.

A stream of a connection that has never synced needs nothing, whatever the row says, if no other connection has filled
its table: no row is there that could be wrong. While a connection is inactive, what has to be done for a stream is
deferred until it is activated; the preview says so under the code of its row.

A change for which no job is started may still show in the table: the preview says what the next sync does (it replaces
all rows, drops columns, reads the stream in full, or resumes where it stood), and counts it. Where that loses what only
an appended table has, AWB230 and AWB251 block the change. A permission lets it happen, and so does every policy for the
stream but `auto` and `refuse`; neither starts a job: `resets={"permits": ["public.users AWB251 once"]}`.

| action | what it means |
| --- | --- |
"""

_CONNECTION = "## About the connection as a whole\n"
_IN_THE_WAY = """## What stands in the way of an update

A preview looks at the live connection as the update will, and is blocked by what it finds. The update looks again, and
stops before anything is sent.
"""
_WHOLE = {
    Code.ADOPTED: (
        "adopt",
        "a live connection is taken over, which the program names with `adopt`",
        "it is recorded as it is, and nothing is sent; what the program wishes of it is told, and done by the next "
        "`pulumi up`",
    ),
    Code.ATTACHED: (
        "attach",
        "a Catalog begins to declare streams of a connection",
        "streams that the connection has are recorded as they are, and those that need nothing else are added; what "
        "the program wishes beyond that is told, and done by the next `pulumi up`",
    ),
    Code.RELEASED: (
        "no longer managed",
        "a field, or the streams as a whole, were declared and are no longer",
        "they stay as they are, and the value that stays is shown",
    ),
    Code.REFILL: (
        "refill",
        "tables are cleared",
        "a sync of the connection is started when they are, or `after_clear='schedule'` leaves it to the next one; "
        "with `server`, Airbyte starts one up to 0.57.4, and leaves it to the next one from 0.58.0 on",
    ),
    Code.AIRBYTE_DEFAULT: (
        "for comparison",
        "Airbyte's own default would be worse than the plan",
        "it would double rows, leave wrong ones, or re-sync or clear streams that need neither; an exact mirror of the "
        "server's rules tells, so it is left out where the server does not tell its version",
    ),
    Code.UNDECIDED: (
        "undecided",
        "inputs are not known yet",
        "what happens to streams is decided, and guarded, during the update; of a Catalog whose connection is not "
        "there yet, streams whose tables were filled before are left to the `pulumi up` after it",
    ),
    Code.TABLE_OF_UNMANAGED_RENAMED: (
        "none",
        "tables get other names, with them those of streams that the program does not declare with the connection",
        "a `Catalog` of the same program re-syncs its own streams; all others have to be re-synced elsewhere",
    ),
    Code.GIVEN_UP: (
        "none",
        "streams are no longer managed, although their rows have still to be replaced",
        "nothing replaces them from here on, which counts as `skip`",
    ),
    Code.PERFORMED_BY_SERVER: (
        "clear or merge",
        "an inactive connection is activated for which a reset or a refresh was ordered",
        "Airbyte carries it out as soon as it can, whatever the program says; `refuse` blocks the update",
    ),
    Code.CLEARED_WITH_OTHERS: (
        "clear",
        "a stream is reset on a server up to 0.59.1 whose sync state is of the old kind",
        "that state is one for the connection, so all its streams are cleared; one that appends is blocked",
    ),
    Code.RESET_BY_SERVER: (
        "merge or clear",
        "a change of another stream is left to Airbyte (`server`), and Airbyte resets this stream too",
        "it re-syncs the stream beside its rows where the destination can refresh, and clears it where not",
    ),
    Code.REPLACED: (
        "replace",
        "the source or the destination changed",
        "neither can be changed; `allow_replace=True` approves it",
    ),
}
_OBSTACLES = {
    Code.CATALOG_REFUSED: (
        "the server would refuse the streams as they are to be sent, by the rules of its version: a mapper of a column "
        "that the selected ones do not have, a selection without cursor or key, a key that cannot encrypt",
        "change what the message names, in the program or on the connection's page in Airbyte",
    ),
    Code.KEY_MASKED: (
        "streams of the connection have a mapper whose key the program does not declare; servers show a mask in its "
        "place, and refuse an update of any of the connection's streams in which that comes back",
        "declare the mappers of these streams with their key; fields of the connection can be changed without",
    ),
    Code.NOT_AS_SHOWN: (
        "the update of a `pulumi up` would do more than the preview of the same command has shown: something has "
        "changed in between (not on Windows, where the two cannot be told to belong together)",
        "run the same command again, and look at its preview",
    ),
    Code.REPLACEMENT_FORCED: (
        "the engine was told to replace a connection or a Catalog (`--replace`, `pulumi state taint`), which "
        "would delete what the resource has",
        "take that back, a taint with `pulumi state untaint`",
    ),
    Code.CONNECTION_GONE: (
        "the connection was deleted outside the program",
        "run `pulumi refresh`, then `pulumi up` creates it again",
    ),
    Code.NEWCOMERS_CHANGE_OTHERS: (
        "a stream that is added came with a newer schema of the source, which also changes other streams",
        "accept the schema on the connection's page in Airbyte, then run `pulumi refresh` and preview again",
    ),
    Code.MOVED: (
        "the live connection has changed since it was last read, and the update would do more than was planned",
        "run `pulumi refresh`, then preview again",
    ),
    Code.WOULD_LEAVE: (
        "a stream would be taken out of the connection, and the plan does not say so",
        "run `pulumi refresh`, then preview again",
    ),
    Code.STATE_LOST: (
        "a stream was to resume where it stood, but its sync state is gone, so every row would be there twice",
        "run `pulumi refresh`, then preview again",
    ),
    Code.INACTIVE: (
        "streams must be re-synced or cleared, but the connection is not active, so its jobs would be cancelled after "
        "they dropped the sync state",
        "activate it in the same update, or change the streams later",
    ),
    Code.PAUSED_BY_SCHEMA: (
        "the update would activate a connection that Airbyte paused because its source's schema changed in a breaking "
        "way",
        "accept the new schema first: on the connection's page in Airbyte, or by `schema_changes='accept'` with "
        "`status='inactive'`",
    ),
    Code.COLUMN_HIDDEN: (
        "the cursor or a key column of a stream is not among the columns that are selected on the server",
        "declare `fields` with it among them, or select it on the connection's page in Airbyte",
    ),
    Code.SCHEMA_CHANGES_OTHERS: (
        "`schema_changes='accept'` takes over a newer schema of the source, which also changes streams that the "
        "program does not declare",
        "declare these streams too, or accept the schema on the connection's page in Airbyte",
    ),
}


def page() -> str:
    """The text of the page."""
    actions = "".join(f"| `{action.word}` | {MEANING[action]} |\n" for action in Action)
    rows, whole, obstacles = "".join(_rows()), "".join(_whole()), "".join(_obstacles())
    return f"{_HEAD}{actions}\n{rows}\n{_CONNECTION}{whole}\n{_IN_THE_WAY}{obstacles}"


def _rows() -> Iterator[str]:
    seen: set[str] = set()
    for row in sorted(TABLE, key=lambda row: row.code):
        kinds = ", ".join(other.kind.value for other in TABLE if other.code == row.code)
        if row.code not in seen:
            seen.add(row.code)
            yield f"## {row.code}\n\n**{row.title}** ({kinds}). Because {row.because}.\n\n{_outcomes(row.code)}"


def _outcomes(code: str) -> str:
    rows = modes_of(outcomes(code))
    if not rows:
        return "`block`, whatever the destination.\n\n"
    said = {cell for _, cells in rows for cell in cells.values()}
    if len(said) == 1 and all(cells.keys() == DESTINATIONS.keys() for _, cells in rows):
        return f"`{said.pop()}`, whatever the destination, for {_listed(name for name, _ in rows)}.\n\n"
    lines = [f"| stream | {' | '.join(DESTINATIONS)} |", f"| --- |{' --- |' * len(DESTINATIONS)}"]
    lines += [
        f"| {_listed([name])} | {' | '.join(cells.get(destination, '') for destination in DESTINATIONS)} |"
        for name, cells in rows
    ]
    return "\n".join(lines) + "\n\n"


def _listed(names: Iterable[str]) -> str:
    """The modes, shorter where all modes, or all that a stream can come from, are the same."""
    found = [name for group in names for name in group.split(", ")]
    if set(found) == set(KNOWN_MODES):
        return "every mode"
    into: dict[str, list[str]] = defaultdict(list)
    for name in found:
        before, _, after = name.rpartition(" → ")
        into[after].append(before)
    return ", ".join(
        text
        for after, befores in into.items()
        for text in (
            [f"any other → {after}"]
            if set(befores) == set(KNOWN_MODES) - {after}
            else [f"{before} → {after}" if before else after for before in befores]
        )
    )


def _whole() -> Iterator[str]:
    for code, (word, title, because) in sorted(_WHOLE.items()):
        yield f"\n### {code}\n\n**{word}**: {title}; {because}.\n"


def _obstacles() -> Iterator[str]:
    for code, (title, hint) in sorted(_OBSTACLES.items()):
        yield f"\n### {code}\n\n**blocked**: {title}: {hint}.\n"
