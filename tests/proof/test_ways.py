"""The ways in which histories run their programs: each is played, ends right, and is noticed where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import DriftedError
from pulumi_airbyte_wb.lifecycle import adoption, carry
from pulumi_airbyte_wb.live import facts
from pulumi_airbyte_wb.live.observe import Observation
from pulumi_airbyte_wb.plan import Action
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.pending import Deferred
from tests.proof.test_rows import DL, FA, NZ, OWN_A, OWN_D, TD, A, D, O, edits, rows_of
from tools.proof.lines import HIDING, Line
from tools.proof.notes import Played
from tools.proof.ours import Desired
from tools.proof.play import Renamed, Script, play
from tools.proof.scripts import script
from tools.proof.worlds import STREAMS, Setup

STREAM, OTHER, THIRD = STREAMS[:3]
BY_PART = replace(D, key=("part",))
FAMILIES = pytest.mark.parametrize("setup", [DL, TD, NZ], ids=lambda setup: setup.family)


def history(setup: Setup, programs: Sequence[Desired], part: frozenset[str] = frozenset()) -> Played:
    steps: list[Any] = []
    for number, program in enumerate(programs):
        steps += [program, edits(2 * number + 1, honest=False), None, edits(2 * number + 2, honest=False), None]
    return play(Script(setup, {stream: rows_of(stream) for stream in STREAMS}, steps, part=part))


def program(line: Line, **how: Any) -> Desired:
    return Desired({STREAM: line, OTHER: O, THIRD: A}, **how)


def test_every_way_is_played() -> None:
    drawn = Counter[str]()
    for seed in range(150):
        made = script(seed)
        programs = [step for step in made.steps if isinstance(step, Desired)]
        drawn["part"] += bool(made.part)
        names = {name for each in programs for line in each.lines.values() for name in line.mappers}
        drawn["encrypted"] += bool(names & HIDING - {"hash"})
        drawn["another key"] += HIDING - {"hash"} <= names
        drawn["renamed by a person"] += any(isinstance(step, Renamed) for step in made.steps)
        drawn["default namespace"] += any(each.by_default for each in programs)
        drawn["objects"] += any(line.object_name for each in programs for line in each.lines.values())
        for name in ("twice", "adopt", "secret"):
            drawn[name] += any(getattr(each, name) for each in programs)
        for wait in ("accepted", "job", "filled"):
            drawn[wait] += any(each.wait == wait for each in programs)
        drawn["changed while inactive"] += any(
            not (old.active or new.active) and old.lines != new.lines for old, new in pairwise(programs)
        )
    assert len(drawn) == 13
    assert drawn.pop("another key") >= 5
    assert min(drawn.values()) >= 10


@pytest.mark.parametrize("wait", ["accepted", "job", "filled"])
@FAMILIES
def test_an_update_waits_for_what_it_is_told(setup: Setup, wait: str) -> None:
    done = history(setup, [program(D, wait=wait), program(BY_PART, wait=wait, twice=True)])
    assert not done.wrong, done.wrong[:3]
    assert done.ways[f"wait {wait}"] == 2


@pytest.mark.parametrize("secret", [{"streams"}, {STREAM}, {"prefix"}], ids=str)
@FAMILIES
def test_what_is_secret_is_planned_all_the_same(setup: Setup, secret: set[str]) -> None:
    how: dict[str, Any] = {"secret": frozenset(secret)}
    done = history(setup, [program(D, **how), program(BY_PART, prefix="p_", **how)])
    assert not done.wrong, done.wrong[:3]


@FAMILIES
def test_what_changes_while_a_connection_is_inactive_is_done_when_it_is_activated(setup: Setup) -> None:
    paused = [program(BY_PART, active=False), program(replace(BY_PART, cursor="seq"), active=False, twice=True)]
    done = history(setup, [program(D), *paused, program(replace(BY_PART, cursor="seq"), refresh=True)])
    assert not done.wrong, done.wrong[:3]
    assert (done.ways["changed while inactive"], done.ways["activated"]) == (1, 1)


def test_a_re_sync_that_an_inactive_connection_owes_and_nothing_remembers_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Forgetful(Memory):
        def having(self, kind: Any, found: Any) -> Any:
            return super().having(kind, {} if kind is Deferred else found)

    monkeypatch.setattr(carry, "Memory", Forgetful)
    done = history(DL, [program(D), program(BY_PART, active=False), program(BY_PART)])
    assert done.wrong_rows


def renamed_by_a_person(setup: Setup, then: Desired) -> Played:
    before, after = edits(1, honest=False), edits(2, honest=False)
    steps: list[Any] = [program(D), None, Renamed("ui_"), before, None, then, after, None]
    return play(Script(setup, {stream: rows_of(stream) for stream in STREAMS}, steps))


@FAMILIES
@pytest.mark.parametrize(("prefix", "refresh"), [("ui_", True), ("ui_", False), ("", True)])
def test_other_names_that_a_person_gave_are_noticed_by_the_next_run(setup: Setup, prefix: str, refresh: bool) -> None:
    done = renamed_by_a_person(setup, program(D, prefix=prefix, refresh=refresh))
    assert not done.wrong, done.wrong[:3]
    assert done.ways["prefix changed by a person"] == 1
    assert {met.stream for met in done.met if met.code == "AWB242"} == {STREAM, THIRD}


def test_a_table_that_is_taken_for_a_free_one_after_such_a_sync_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> set[Any]:
        return set()

    monkeypatch.setattr(facts, "filled_since", nothing)
    assert renamed_by_a_person(DL, program(D, prefix="ui_", refresh=True)).wrong_rows


@FAMILIES
@pytest.mark.parametrize("word", [False, True])
@pytest.mark.parametrize("masks", [False, True])
def test_tables_in_the_default_namespace_are_where_they_were(setup: Setup, masks: bool, word: bool) -> None:
    then = program(D, by_default=True, word=word)
    done = history(replace(setup, masks=masks), [program(D), then, replace(then, twice=True)])
    assert not done.wrong, done.wrong[:3]
    unclear = {met.stream for met in done.met if met.code == "AWB245"}
    assert unclear == ({STREAM, OTHER, THIRD} if masks else set())


@FAMILIES
def test_an_adoption_is_changed_by_the_next_run(setup: Setup) -> None:
    done = history(setup, [program(D), program(BY_PART, adopt=True, refresh=True), program(D, adopt=True)])
    assert not done.wrong, done.wrong[:3]
    assert done.ways["adoption"] == 2
    assert [met.action for met in done.met if met.code == "AWB220"] == [
        Action.CLEAR if setup is NZ else Action.TRUNCATE
    ] * 2


def test_an_adoption_that_takes_the_program_for_what_is_live_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wished(Observation):
        @property
        def baseline(self) -> Baseline:
            return self.noted

    monkeypatch.setattr(adoption, "observe", Wished)
    with pytest.raises(DriftedError, match="since it was planned to take it over as it is"):
        history(DL, [program(D), program(BY_PART, adopt=True, refresh=True)])


@FAMILIES
@pytest.mark.parametrize("adopt", [False, True], ids=["kept", "adopted"])
def test_a_catalog_has_its_turn_after_its_connection(setup: Setup, adopt: bool) -> None:
    programs = [program(D), program(BY_PART, adopt=adopt), program(BY_PART, prefix="p_", twice=True)]
    done = history(setup, programs, frozenset({STREAM}))
    assert not done.wrong, done.wrong[:3]
    assert {"AWB220", "AWB241"} <= {met.code for met in done.met if met.stream == STREAM}
    assert done.ways["adoption"] == adopt


@FAMILIES
def test_a_catalog_over_tables_that_were_filled_before_needs_two_runs(setup: Setup) -> None:
    steps: list[Any] = [program(D, word=True), edits(1, honest=False), None]
    rows = {stream: rows_of(stream) for stream in STREAMS}
    done = play(Script(setup, rows, steps, {STREAM: A}, part=frozenset({STREAM})))
    assert not done.wrong, done.wrong[:3]
    assert done.ways["Catalog in a further run"] == 1


@FAMILIES
@pytest.mark.parametrize("line", [A, D], ids=lambda line: line.mode)
def test_a_table_into_which_the_connection_moves_rows_first_gets_none_twice(setup: Setup, line: Line) -> None:
    first, then = ({STREAM: own, OTHER: O, THIRD: line} for own in (D, BY_PART))
    # What no sync has read yet is what the connection's job reads.
    steps: list[Any] = [Desired(first), None, edits(1, honest=False), Desired(then, prefix="p_"), None]
    done = play(Script(setup, {stream: rows_of(stream) for stream in STREAMS}, steps, part=frozenset({THIRD})))
    assert not done.wrong, done.wrong[:3]
    refreshed = Action.MERGE if line is D else Action.TRUNCATE
    assert ("AWB241", Action.CLEAR if setup.family == NZ.family else refreshed, THIRD) in {
        (met.code, met.action, met.stream) for met in done.met
    }


def test_a_catalog_sends_back_no_cursor_that_a_full_read_would_lose_by() -> None:
    """The server answers the source's own cursor for the empty one that the Connection has sent."""
    cdc = replace(TD, family="typing-deduping merge", source="cdc")
    others = {STREAM: OWN_D, OTHER: O, THIRD: OWN_A}
    changed = {STREAM: replace(OWN_D, mode="full_refresh_append_dedup"), OTHER: FA, THIRD: OWN_A}
    done = history(cdc, [Desired(others), Desired(changed)], frozenset({OTHER}))
    assert not done.wrong, done.wrong[:3]
