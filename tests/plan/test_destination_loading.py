"""What destinations can do with rows, by how they load tables."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.plan import Action, Facts
from pulumi_airbyte_wb.plan.table import hashes_keys, merging, numbers_generations, replacing
from pulumi_airbyte_wb.spec.resets import Loading

NONE, MERGE, TRUNCATE, CLEAR, BLOCK = Action


@pytest.mark.parametrize(
    ("loading", "can_refresh", "replaces", "merges", "hashes", "numbers"),
    [
        (Loading.DIRECT_LOAD, True, TRUNCATE, MERGE, False, True),
        (Loading.DIRECT_LOAD, False, CLEAR, CLEAR, False, True),
        (Loading.TYPING_DEDUPING, True, TRUNCATE, MERGE, False, False),
        (Loading.TYPING_DEDUPING, False, CLEAR, CLEAR, False, False),
        (Loading.NORMALIZATION, True, CLEAR, CLEAR, True, False),
        (Loading.NORMALIZATION, False, CLEAR, CLEAR, True, False),
        (Loading.UNKNOWN, True, TRUNCATE, MERGE, False, True),
        (Loading.UNKNOWN, False, CLEAR, CLEAR, True, False),
    ],
)
def test_what_destinations_can_do_by_how_they_load_tables(
    loading: Loading, can_refresh: bool, replaces: Action, merges: Action, hashes: bool, numbers: bool
) -> None:
    facts = Facts(loading=loading, can_refresh=can_refresh)
    assert (replacing(facts), merging(facts)) == (replaces, merges)
    assert (hashes_keys(facts), numbers_generations(facts)) == (hashes, numbers)
