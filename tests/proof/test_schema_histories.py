"""Histories in which the source's schema changes: what they found, each by one of its own, and that they notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.plan import Action
from pulumi_airbyte_wb.state import newer_schema as schemas
from tests.proof.test_rows import DL, GUARANTEED, HONEST, NZ, OWN_D, TD, TD_MERGE, A, D, O, rows_of
from tools.proof.lines import START, Columns, Line, Row
from tools.proof.notes import Played
from tools.proof.ours import Desired
from tools.proof.play import Script, play
from tools.proof.scripts import script
from tools.proof.shapes import Reshape, converted, value_of
from tools.proof.worlds import STREAMS, Edit, Setup

CDC = replace(DL, source="cdc")
STREAM, OTHER = STREAMS[:2]
TEXT: Columns = (("size", "string"),)
FAMILIES = pytest.mark.parametrize("setup", [DL, TD, TD_MERGE, NZ], ids=lambda setup: setup.family)


def rows_with_sizes(stream: str, kind: str = "integer") -> list[Row]:
    return [{**row, "size": value_of(kind, row["v"])} for row in rows_of(stream)]


def history(setup: Setup, steps: Sequence[Any], kind: str = "integer") -> Played:
    """Play steps on a source whose sizes are of a type from the start."""
    begin = [] if kind == "integer" else [Reshape(STREAM, (("size", kind),), rows_with_sizes(STREAM, kind))]
    return play(Script(setup, {stream: rows_with_sizes(stream) for stream in STREAMS}, [*begin, *steps]))


def retyped(old: str, new: str, *, seen: bool = True) -> Reshape:
    rows = [{**row, "size": converted(row["size"], old, new, row["v"])} for row in rows_with_sizes(STREAM, old)]
    return Reshape(STREAM, (("size", new),), rows, seen)


def declared(line: Line | None, *, accept: bool = True, word: bool = False) -> Desired:
    # Where all that is left reads everything each time, the server forgets every state (semantics §9.1).
    lines = {OTHER: O, STREAMS[2]: A} | ({} if line is None else {STREAM: line})
    return Desired(lines, word=word, refresh=True, accept=accept)


def codes(played: Played) -> list[tuple[str, Action]]:
    return [(met.code, met.action) for met in played.met if met.stream == STREAM and met.code != "AWB201"]


@FAMILIES
@pytest.mark.parametrize("line", [D, A, O], ids=lambda line: line.mode)
def test_a_schema_that_is_kept_is_what_is_written(setup: Setup, line: Line) -> None:
    steps = [declared(line, accept=False), None, retyped("integer", "string"), None, declared(line, accept=False), None]
    done = history(setup, steps)
    assert not done.wrong, done.wrong[:3]
    assert codes(done) == []


@FAMILIES
@pytest.mark.parametrize(("old", "new", "code"), [("integer", "string", "AWB270"), ("string", "integer", "AWB271")])
def test_a_schema_that_is_accepted_is_what_the_table_has(setup: Setup, old: str, new: str, code: str) -> None:
    done = history(setup, [declared(D), None, retyped(old, new), declared(D), None], old)
    assert not done.wrong, done.wrong[:3]
    assert [each for each, _ in codes(done)] == [code]


@FAMILIES
def test_a_row_that_takes_every_change_for_a_wider_type_is_noticed(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemas, "_WIDER", {"string": {"integer"}})
    done = history(setup, [declared(D), None, retyped("string", "integer"), declared(D), None], "string")
    assert codes(done) == [("AWB270", Action.NONE)]
    assert done.wrong_rows > 20


@FAMILIES
@pytest.mark.parametrize("accept", [True, False], ids=["accept", "keep"])
def test_a_stream_comes_back_as_it_was_only_where_its_columns_are(setup: Setup, accept: bool) -> None:
    steps: list[Any] = [declared(D, accept=accept), None, declared(None, accept=accept), None]
    same = history(setup, [*steps, declared(D, accept=accept), None], "string")
    assert codes(same)[-1] == ("AWB204", Action.NONE)
    assert not same.wrong
    other = history(setup, [*steps, retyped("string", "integer"), declared(D), None, declared(D), None], "string")
    assert not other.wrong, other.wrong[:3]
    assert ("AWB204" in {code for code, _ in codes(other)}) is not accept


def test_a_guaranteed_stream_comes_back_by_its_key_only_where_its_columns_are() -> None:
    guaranteed, later = replace(D, guarantees=GUARANTEED), replace(D, cursor="seq", guarantees=GUARANTEED)
    steps: list[Any] = [declared(guaranteed), None, declared(None), None]
    same = history(HONEST, [*steps, declared(later), None], "string")
    assert codes(same)[-1] == ("AWB205", Action.NONE)
    other = history(HONEST, [*steps, retyped("string", "integer"), declared(later), None], "string")
    assert codes(other)[-1] == ("AWB206", Action.TRUNCATE)
    assert not other.wrong, other.wrong[:3]


def with_extra(kind: str | None) -> Reshape:
    rows = [row if kind is None else {**row, "extra": value_of(kind, row["v"])} for row in rows_with_sizes(STREAM)]
    return Reshape(STREAM, START if kind is None else (("extra", kind), *START), rows)


@FAMILIES
def test_a_column_that_comes_back_between_two_syncs_may_have_another_type(setup: Setup) -> None:
    steps = [declared(D), with_extra("string"), declared(D), None, with_extra(None), declared(D)]
    done = history(setup, [*steps, with_extra("integer"), declared(D), None])
    action = Action.CLEAR if setup is NZ else Action.TRUNCATE
    assert codes(done) == [("AWB250", Action.NONE), ("AWB251", Action.NONE), ("AWB271", action)]
    assert not done.wrong, done.wrong[:3]


@pytest.mark.parametrize("accept", [True, False], ids=["accept", "keep"])
def test_a_stream_that_is_gone_leaves_its_rows(accept: bool) -> None:
    gone = Reshape(STREAM, None)
    steps = [declared(D, accept=accept), None, gone, None, declared(D, accept=accept), None]
    done = history(DL, steps)
    assert not done.wrong, done.wrong[:3]
    assert (("AWB203", Action.NONE) in codes(done)) is accept


def test_a_log_tells_the_values_of_then() -> None:
    number: Columns = (("size", "number"),)
    rows = [{**row, "size": row["id"] + 0.5} for row in rows_of(STREAM)]
    told = [Edit(STREAM, "update", row["id"], {"size": row["size"], "v": 90_000 + row["id"]}) for row in rows[:5]]
    whole = [{**row, "size": row["id"], "v": 90_000 + row["id"]} for row in rows[:5]]
    steps: list[Any] = [
        Desired({STREAM: OWN_D, OTHER: O}),
        None,
        Reshape(STREAM, number, rows),
        told,
        Reshape(STREAM, START, whole + [{**row, "size": row["v"]} for row in rows[5:]]),
        None,
    ]
    done = history(CDC, steps)
    assert not done.wrong, done.wrong[:3]
    (table,) = [item.rows for event in done.events for item in event.items if item.stream == STREAM]
    assert {row["size"] for row in table if row["v"] > 90_000} == {None}


@pytest.mark.parametrize("seed", range(40))
def test_half_of_the_histories_change_schemas_and_a_plain_script_never_does(seed: int) -> None:
    plain = script(seed, plain=True)
    assert not any(isinstance(step, Reshape) or (isinstance(step, Desired) and step.accept) for step in plain.steps)
    assert any(isinstance(step, Reshape) for other in range(10) for step in script(10 * seed + other).steps)


@FAMILIES
def test_what_a_paused_connection_owes_for_a_type_is_owed_beside_what_a_line_changes(setup: Setup) -> None:
    bare = replace(D, dropped=frozenset({"email"}))
    paused = replace(declared(bare), active=False)
    done = history(setup, [declared(D), None, retyped("string", "integer"), paused, declared(bare), None], "string")
    assert not done.wrong, done.wrong[:3]
    action = Action.CLEAR if setup is NZ else Action.TRUNCATE
    assert ("AWB271", Action.NONE, action) in {(met.code, met.action, met.deferred) for met in done.met}
