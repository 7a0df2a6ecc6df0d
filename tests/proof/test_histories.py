"""A sample of the random histories; `make proof` plays many more."""

from __future__ import annotations

import time

import pytest

from tools.proof.__main__ import ELSEWHERE, NOT_PLAYED, codes, tally_of
from tools.proof.scripts import script, setup_of
from tools.proof.worlds import Edit

SECONDS = 2
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories_end_right(part: int) -> None:
    """As many as a moment allows: seeds that `make proof` does not reach, the same ones in each run."""
    started, count = time.monotonic(), 0
    while time.monotonic() - started < SECONDS or count < 10:
        seed = 100_000 + PARTS * count + part
        tally = tally_of(seed)
        assert tally.wrong_rows == 0, f"python -m tools.proof --history {seed}: {tally.wrong}"
        count += 1


@pytest.mark.parametrize("seed", [1192, 3218, 3440, 3691, 4513, 4653, 100_035])
def test_a_history_that_once_ended_wrong_or_not_at_all(seed: int) -> None:
    tally = tally_of(seed, ways=False)
    assert tally.wrong_rows == 0, tally.wrong


@pytest.mark.parametrize("seed", range(60))
def test_a_history_is_as_long_as_it_must_be(seed: int) -> None:
    made = script(seed)
    assert made == script(seed)
    declared = [step for step in made.steps if step is not None and not isinstance(step, list)]
    assert len(declared) >= 5
    assert sum(step is None for step in made.steps) >= 6
    assert len(declared[0].lines) >= 3  # type: ignore[union-attr]
    assert all(len(rows) >= 50 for rows in made.rows.values())
    assert any(isinstance(step, list) and any(isinstance(edit, Edit) for edit in step) for step in made.steps)


def test_the_report_knows_every_row() -> None:
    assert {*ELSEWHERE, *NOT_PLAYED} <= set(codes())


def test_installations_go_round() -> None:
    setups = [setup_of(seed) for seed in range(300)]
    assert len({(setup.family, setup.source) for setup in setups}) == 30
    assert len({(setup.broad_family, setup.version) for setup in setups}) >= 14
