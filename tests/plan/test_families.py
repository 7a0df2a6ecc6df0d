"""What destinations can do with rows, by their families."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.plan import Action, Facts
from pulumi_airbyte_wb.plan.table import hashes_keys, merging, numbers_generations, replacing
from pulumi_airbyte_wb.spec.resets import Family

NONE, MERGE, TRUNCATE, CLEAR, BLOCK = Action


@pytest.mark.parametrize(
    ("family", "can_refresh", "replaces", "merges", "hashes", "numbers"),
    [
        (Family.DIRECT_LOAD, True, TRUNCATE, MERGE, False, True),
        (Family.DIRECT_LOAD, False, CLEAR, CLEAR, False, True),
        (Family.TYPING_DEDUPING, True, TRUNCATE, MERGE, False, False),
        (Family.TYPING_DEDUPING, False, CLEAR, CLEAR, False, False),
        (Family.NORMALIZATION, True, CLEAR, CLEAR, True, False),
        (Family.NORMALIZATION, False, CLEAR, CLEAR, True, False),
        (Family.UNKNOWN, True, TRUNCATE, MERGE, False, True),
        (Family.UNKNOWN, False, CLEAR, CLEAR, True, False),
    ],
)
def test_what_a_family_of_destinations_can_do(
    family: Family, can_refresh: bool, replaces: Action, merges: Action, hashes: bool, numbers: bool
) -> None:
    facts = Facts(family=family, can_refresh=can_refresh)
    assert (replacing(facts), merging(facts)) == (replaces, merges)
    assert (hashes_keys(facts), numbers_generations(facts)) == (hashes, numbers)
