"""Each row of the decision table, on rows: what it calls for ends right, and the opposite ends wrong or reads more."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from pulumi_airbyte_wb.plan import TABLE, Action
from tests.plan.test_outcomes import test_each_row_of_the_table as unit_test
from tools.proof.__main__ import NOT_PLAYED
from tools.proof.lines import Line, Row
from tools.proof.notes import Played
from tools.proof.ours import Desired
from tools.proof.play import AGAIN, OURS, Script, play
from tools.proof.worlds import STREAMS, Edit, Setup

NONE, MERGE, TRUNCATE, CLEAR, BLOCK = Action
STREAM = "accounts"
ELSEWHERE = ("AWB212", "AWB245", "AWB253", "AWB263", "AWB270", "AWB271", "AWB298")
"""Rows with tests of their own: in test_schema_rows.py, below, and AWB245 in tests/providers/test_tables.py."""
LOSING = {("AWB230", Action.BLOCK), ("AWB251", Action.BLOCK)}
"""What is blocked as the next sync would lose it: in test_losses.py."""

D = Line("incremental_append_dedup", "at", ("id",))
A = Line("incremental_append", "at")
FD = Line("full_refresh_append_dedup", None, ("id",))
FA = Line("full_refresh_append")
O = Line("full_refresh_overwrite")  # noqa: E741 - the letter of the mode
OD = Line("full_refresh_overwrite_dedup", None, ("id",))
OWN_D, OWN_A = replace(D, cursor=None, key=()), replace(A, cursor=None)
GUARANTEED = frozenset({"cursor_monotonic", "key_unique"})
SEQ = replace(D, cursor="seq")

DL, DL_TOLD = Setup(), Setup(told=True)
TD = Setup(family="typing-deduping delete", told=True)
TD_MERGE = Setup(family="typing-deduping merge", told=True)
NZ = Setup(family="normalization", told=True)
HONEST = replace(DL, honest=True)
API = replace(DL, source="api")


@dataclass(frozen=True)
class Case:
    """A change, what the table says of it, and what else one could do.

    Args:
        code: the row.
        action: what it calls for.
        setup: the installation.
        lines: the stream's declarations one after the other; ``None`` where it is not declared.
        prefixes: the prefixes that go with them.
        last: which of the declarations is meant: the row is met there.
        foreign: what another connection had written.
        foreign_prefix: and where.
        opposite: ``skip`` leaves the rows as they are, ``again`` replaces them all, ``clear`` clears what leaves.
    """

    code: str
    action: Action
    setup: Setup
    lines: tuple[Line | None, ...]
    prefixes: tuple[str, ...] = ()
    last: int = -1
    foreign: Line | None = None
    foreign_prefix: str = ""
    opposite: str = ""

    def __str__(self) -> str:
        modes = "→".join("no" if line is None else line.mode for line in self.lines)
        return f"{self.code}-{self.action.word}-{self.setup.family}-{self.setup.source}-{modes}"


def mapped(line: Line, *names: str) -> Line:
    return replace(line, mappers=names)


def sure(line: Line) -> Line:
    return replace(line, guarantees=GUARANTEED)


BARE = frozenset({"email"})
CASES = [
    Case("AWB201", NONE, DL, (None, D)),
    Case("AWB202", NONE, TD, (None, O), foreign=O),
    Case("AWB203", NONE, DL, (D, None), opposite="clear"),
    Case("AWB203", NONE, NZ, (A, None), opposite="clear"),
    Case("AWB204", NONE, DL, (A, None, A)),
    Case("AWB204", NONE, TD, (D, None, D)),
    Case("AWB205", NONE, replace(TD, honest=True), (None, sure(D)), foreign=D),
    Case("AWB206", TRUNCATE, DL, (D, None, SEQ)),
    Case("AWB206", TRUNCATE, TD_MERGE, (D, None, SEQ)),
    Case("AWB206", CLEAR, NZ, (D, None, SEQ)),
    Case("AWB206", BLOCK, DL, (A, None, replace(A, cursor="seq"))),
    Case("AWB207", BLOCK, TD, (None, A), foreign=A),
    Case("AWB207", BLOCK, NZ, (None, A), foreign=A),
    Case("AWB208", BLOCK, DL, (None, O), foreign=O),
    Case("AWB208", BLOCK, DL_TOLD, (None, A), foreign=A),
    Case("AWB210", TRUNCATE, DL, (D, SEQ)),
    Case("AWB210", TRUNCATE, TD, (D, SEQ)),
    Case("AWB210", CLEAR, NZ, (D, SEQ)),
    Case("AWB210", CLEAR, replace(TD, version="0.50.0"), (D, SEQ)),
    Case("AWB210", NONE, HONEST, (D, sure(SEQ))),
    Case("AWB210", BLOCK, DL, (A, replace(A, cursor="seq"))),
    Case("AWB213", NONE, API, (OWN_D, replace(OWN_D, cursor="at"))),
    Case("AWB220", TRUNCATE, DL, (replace(D, key=("id", "part")), D)),
    Case("AWB220", TRUNCATE, TD_MERGE, (replace(D, key=("id", "part")), D)),
    Case("AWB220", CLEAR, NZ, (replace(D, key=("id", "part")), D)),
    Case("AWB220", NONE, HONEST, (D, sure(replace(D, key=("id", "part"))))),
    Case("AWB221", NONE, API, (OWN_D, replace(OWN_D, key=("id",)))),
    Case("AWB223", NONE, DL, (OD, replace(OD, key=("id", "part")))),
    Case("AWB230", NONE, DL, (D, O)),
    Case("AWB230", NONE, TD, (D, O)),
    Case("AWB230", NONE, NZ, (D, O)),
    Case("AWB231", BLOCK, DL, (A, D)),
    Case("AWB231", BLOCK, NZ, (A, D)),
    Case("AWB231", NONE, TD, (A, D)),
    Case("AWB231", NONE, TD_MERGE, (A, D)),
    Case("AWB232", NONE, DL, (FA, A)),
    Case("AWB232", NONE, TD, (FA, A)),
    Case("AWB233", NONE, DL, (A, FA)),
    Case("AWB233", NONE, DL_TOLD, (D, FA)),
    Case("AWB233", TRUNCATE, TD, (D, FA, replace(FA, dropped=BARE)), last=1),
    Case("AWB234", TRUNCATE, DL, (O, A)),
    Case("AWB234", TRUNCATE, TD, (O, A)),
    Case("AWB234", BLOCK, NZ, (O, A)),
    Case("AWB235", TRUNCATE, DL, (replace(D, key=("part",)), A)),
    Case("AWB235", TRUNCATE, TD, (replace(D, key=("part",)), A)),
    Case("AWB235", BLOCK, NZ, (replace(D, key=("part",)), A)),
    Case("AWB235", NONE, replace(API, told=True), (OWN_D, OWN_A)),
    Case("AWB236", NONE, DL, (D, FD)),
    Case("AWB236", NONE, TD, (D, FD)),
    Case("AWB237", TRUNCATE, DL, (O, SEQ)),
    Case("AWB237", TRUNCATE, TD, (FD, SEQ)),
    Case("AWB237", CLEAR, NZ, (FD, SEQ)),
    Case("AWB237", NONE, HONEST, (O, sure(D))),
    Case("AWB240", NONE, DL, (O, O), ("", "p_")),
    Case("AWB240", NONE, TD, (FD, FD), ("", "p_")),
    Case("AWB241", MERGE, DL, (D, D), ("", "p_")),
    Case("AWB246", NONE, DL, (A, replace(A, object_name="people"))),
    Case("AWB241", MERGE, TD, (A, A), ("", "p_")),
    Case("AWB241", CLEAR, NZ, (A, A), ("", "p_")),
    Case("AWB242", TRUNCATE, DL, (D, D, D), ("", "p_", "")),
    Case("AWB242", CLEAR, NZ, (D, D, D), ("", "p_", "")),
    Case("AWB242", BLOCK, DL, (A, A, A), ("", "p_", "")),
    Case("AWB243", BLOCK, DL, (A, A), ("", "p_"), foreign=A, foreign_prefix="p_"),
    Case("AWB243", BLOCK, DL, (O, O), ("", "p_"), foreign=O, foreign_prefix="p_"),
    Case("AWB243", BLOCK, NZ, (A, A), ("", "p_"), foreign=A, foreign_prefix="p_"),
    Case("AWB250", NONE, DL, (replace(D, dropped=BARE), D)),
    Case("AWB250", NONE, TD, (replace(A, dropped=BARE), A)),
    Case("AWB251", NONE, DL, (D, replace(D, dropped=BARE))),
    Case("AWB251", NONE, NZ, (A, replace(A, dropped=BARE))),
    Case("AWB252", TRUNCATE, replace(DL, backfill=True), (replace(D, dropped=BARE), D)),
    Case("AWB252", MERGE, replace(HONEST, backfill=True), (replace(D, dropped=BARE), sure(D))),
    Case("AWB252", BLOCK, replace(DL, backfill=True), (replace(A, dropped=BARE), A)),
    Case("AWB260", TRUNCATE, DL, (D, mapped(D, "hash"))),
    Case("AWB260", TRUNCATE, TD, (D, mapped(D, "hash"))),
    Case("AWB260", CLEAR, NZ, (D, mapped(D, "hash"))),
    Case("AWB260", BLOCK, TD, (A, mapped(A, "hash"))),
    Case("AWB260", NONE, DL, (O, mapped(O, "hash"))),
    Case("AWB261", TRUNCATE, DL, (D, mapped(D, "rename"))),
    Case("AWB261", TRUNCATE, TD, (mapped(D, "hash"), D)),
    Case("AWB261", CLEAR, NZ, (D, mapped(D, "rename"))),
    Case("AWB261", MERGE, HONEST, (D, sure(mapped(D, "rename")))),
    Case("AWB261", NONE, DL, (FD, mapped(FD, "rename"))),
    Case("AWB261", NONE, TD, (O, mapped(O, "rename"))),
    Case("AWB261", BLOCK, DL, (A, mapped(A, "rename"))),
    Case("AWB262", TRUNCATE, DL, (mapped(D, "filter1"), D)),
    Case("AWB262", TRUNCATE, TD, (mapped(D, "filter1"), D)),
    Case("AWB262", MERGE, HONEST, (mapped(D, "filter1"), sure(D))),
    Case("AWB262", NONE, DL, (mapped(A, "filter1"), A)),
]


def rows_of(stream: str) -> list[Row]:
    base = 1000 * STREAMS.index(stream)
    return [
        {"id": n, "part": n % 3, "at": n, "seq": n, "email": f"secret-{n}", "note": f"note {n}", "v": base + n}
        for n in range(1, 51)
    ]


def edits(turn: int, *, honest: bool) -> list[Edit]:
    """Rows that change, come and go; the second cursor falls, and rows change their second key column."""
    made = []
    for stream in STREAMS:
        version = 10_000 + 1000 * turn + 100 * STREAMS.index(stream)
        for n in range(1, 7):
            row_id = 6 * (turn % 3) + n
            values: Row = {"at": 100 * turn + n, "email": f"secret-{row_id}-{turn}", "note": f"turn {turn}"}
            values |= {"seq": 100 * turn + n if honest else -100 * turn - n, "v": version + n}
            if n > 3 and not honest:
                values["part"] = (row_id + turn) % 3
            made.append(Edit(stream, "update", row_id, values))
        new: Row = {"id": 100 + turn, "part": turn % 3, "at": 100 * turn + 9, "seq": 100 * turn + 9}
        made.append(Edit(stream, "insert", 100 + turn, new | {"email": "secret", "note": "new", "v": version + 9}))
        made.append(Edit(stream, "delete", 40 + turn, None))
    return made


def played(case: Case, way: str = OURS, *, skip: bool = False, clear: bool = False) -> Played:
    steps: list[object] = []
    for number, line in enumerate(case.lines):
        # Where all that is left reads everything each time, the server forgets every state (semantics §9.1).
        lines = {"bills": O} | ({"calls": A} if None in case.lines else {}) | ({} if line is None else {STREAM: line})
        prefix = case.prefixes[number] if case.prefixes else ""
        steps += [Desired(lines, prefix, refresh=number > 0, clear=clear)]
        for turn in (1, 2):
            steps += [edits(2 * number + turn, honest=case.setup.honest), None]
    foreign = {} if case.foreign is None else {STREAM: case.foreign}
    script = Script(case.setup, {stream: rows_of(stream) for stream in STREAMS}, steps, foreign, case.foreign_prefix)  # type: ignore[arg-type]
    return play(script, way, {STREAM: "skip"} if skip else {})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_row_ends_right_and_its_opposite_does_not(case: Case) -> None:
    ours = played(case)
    assert (case.code, case.action) in {(met.code, met.action) for met in ours.met if met.stream == STREAM}
    assert not ours.wrong, ours.wrong[:3]
    assert not ours.problems
    if case.opposite == "clear":
        assert played(case, clear=True).wrong_rows
    elif case.action is NONE:
        again = played(case, AGAIN)
        assert again.wrong_rows or again.read > ours.read
    else:
        skipped = played(case, skip=True)
        assert skipped.wrong_rows or skipped.behind > ours.behind


def test_no_row_and_no_action_of_a_row_lacks_its_proof() -> None:
    proved = {(case.code, case.action) for case in CASES}
    assert {code for code, _ in proved} | {*NOT_PLAYED, *ELSEWHERE} == {row.code for row in TABLE}
    (mark,) = [m for m in unit_test.pytestmark if m.name == "parametrize"]  # type: ignore[attr-defined]
    known = {case[3] for case in mark.args[1] if case[3][0] not in {*NOT_PLAYED, *ELSEWHERE}}
    # A destination that cannot refresh stands for both: its clear is proved at the rows above.
    assert {pair for pair in known - proved - LOSING if pair[1] is not CLEAR} == set()


@pytest.mark.parametrize("line", [SEQ, replace(D, key=("id", "part"))], ids=["cursor", "key"])
def test_what_has_read_nothing_yet_reads_nothing_twice(line: Line) -> None:
    lines = [Desired({STREAM: D}), Desired({STREAM: line}), edits(1, honest=False), None]
    done = play(Script(DL, {stream: rows_of(stream) for stream in STREAMS}, lines))  # type: ignore[arg-type]
    assert not done.wrong
    assert (done.syncs, done.resynced) == (1, 0)


def test_files_are_blocked_and_the_stream_goes_on_as_it_was() -> None:
    done = played(Case("AWB298", BLOCK, DL, (D, replace(D, files=True))))
    assert [(met.code, met.action) for met in done.met if met.stream == STREAM][-1] == ("AWB298", BLOCK)
    assert not done.wrong


@pytest.mark.parametrize("line", [D, A], ids=["dedup", "append"])
@pytest.mark.parametrize("setup", [DL, TD], ids=["direct load", "typing and deduping"])
def test_an_adopted_stream_with_another_key_is_replaced_and_skipping_that_leaves_older_rows(
    setup: Setup, line: Line
) -> None:
    def adopted(key: str, overrides: dict[str, str]) -> Played:
        steps: list[object] = []
        for number, program in enumerate(("encrypt", key)):
            lines = {STREAM: mapped(line, program), "bills": O}
            steps += [Desired(lines, adopt=number > 0, refresh=number > 0), edits(number + 1, honest=False), None]
        return play(Script(setup, {stream: rows_of(stream) for stream in STREAMS}, steps), OURS, overrides)  # type: ignore[arg-type]

    other, same = adopted("encrypt again", {}), adopted("encrypt", {})
    assert ("AWB263", TRUNCATE) in {(met.code, met.action) for met in other.met if met.stream == STREAM}
    assert ("AWB263", NONE) in {(met.code, met.action) for met in same.met if met.stream == STREAM}
    assert not other.wrong
    assert not same.wrong
    assert same.resynced == 0
    assert adopted("encrypt again", {STREAM: "skip"}).wrong_rows
