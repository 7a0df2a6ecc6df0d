"""Makes `docs/resets.md` from the decision table: `python -m tools.docs`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pulumi_airbyte_wb.plan import MEANING, TABLE, Action
from tools.docs.outcomes import DESTINATIONS, KNOWN_MODES, modes_of, outcomes

PAGE = Path(__file__).parents[2] / "docs" / "resets.md"

_HEAD = """# What a change does to the rows

<!-- Made by `python -m tools.docs` from pulumi_airbyte_wb/plan/table.py; do not edit. -->

Every change of a stream is judged by the first row below that is about it. Two rules stand above all rows: a table that
is written by appending is never emptied unless a person says so, and a fact that is not known counts as its worst case.
The tables below are made by asking the code for every kind of stream and of destination. `truncate; none if vouched`
means that a stream with `vouch="cursor_grows,key_unique"` needs nothing; `or` stands where more than the destination
decides; an empty cell is decided by another row. A destination's family is what the program tells (`resets`, `family`).

A stream of a connection that has never synced needs nothing, whatever the row says, if nobody else has filled its
table: no row is there that could be wrong.

| action | what it means |
| --- | --- |
"""

_MORE = {
    "AWB101": ("adopt", "a live connection is taken over", "the program names it with `adopt`"),
    "AWB102": ("attach", "a Catalog begins to declare streams of a connection", "the program names the connection"),
    "AWB103": ("keep", "a field is declared no longer", "it is handed back with the value that it has"),
    "AWB104": (
        "fill",
        "tables are emptied",
        "a sync of the connection is started when they are, or `after_clear='schedule'` leaves it to the next one; "
        "with `server`, Airbyte starts one up to 0.57.4, and leaves it to the next one from 0.58.0 on",
    ),
    "AWB190": (
        "later",
        "inputs are not known yet",
        "what happens to streams is decided, and guarded, during the update",
    ),
    "AWB244": (
        "none",
        "tables get other names, with them those of streams that the program does not declare with the connection",
        "whoever declares them has to have them read again; a `Catalog` of the same program does that by itself",
    ),
    "AWB281": (
        "none",
        "the connection is inactive",
        "what has to be read again is owed, and done when it is activated",
    ),
    "AWB282": (
        "clear or merge",
        "an inactive connection is activated for which a reset or a refresh was ordered",
        "Airbyte carries it out as soon as it can, whatever the program says; 'refuse' stops the preview",
    ),
    "AWB283": (
        "clear",
        "a stream is reset on a server up to 0.59.1 whose sync state is of the old kind",
        "that state is one for the connection, so all its streams are emptied; one that appends is refused",
    ),
    "AWB290": (
        "replace",
        "the source or the destination changed",
        "neither can be changed; the program allows it by name",
    ),
}


def page() -> str:
    """The text of the page."""
    actions = "".join(f"| `{action.word}` | {MEANING[action]} |\n" for action in Action)
    return f"{_HEAD}{actions}\n{''.join(_rows())}\n## About the connection as a whole\n{''.join(_whole())}"


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
        return "`refuse`, whatever the destination.\n\n"
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
    for code, (word, title, because) in sorted(_MORE.items()):
        yield f"\n### {code}\n\n**{word}**: {title}; {because}.\n"
