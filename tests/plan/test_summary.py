"""The paragraph that a preview ends with."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.plan.costs import Cost
from pulumi_airbyte_wb.plan.summary import summarize

KEY = "AWB220 truncate: key id => id,region (because)"
COST = Cost(1000, 2000)


@pytest.mark.parametrize(
    ("plans", "costs", "text"),
    [
        ({}, [], ""),
        ({"shop": {"*": "AWB101 adopt: takes over a connection, as it is"}}, [], ""),
        ({"shop": {"a": "AWB203 none: removed (because)"}}, [], "No stream is read again, and none is emptied."),
        (
            {"shop": {"a": KEY, "b": "AWB251 none: x (y)"}, "crm": {"c": KEY}},
            [COST, None],
            "2 streams are read again, and replaced when that is done:\n  c of crm\n  a of shop\n"
            "together: about 1.0 k records, 2.0 kB (estimated from its jobs), and 1 that no job has moved yet",
        ),
        (
            {"shop": {"a": "AWB203 clear: removed (x)", "b": "AWB210 refuse: x (y)"}},
            [],
            "1 stream is emptied:\n  a of shop",
        ),
        ({"shop": {"a": "AWB203 none: removed (x)"}, "crm": {"*": "AWB290 replace: x"}}, [], ""),
        (
            {"shop": {"a": "AWB241 merge: x (y)", "b": "AWB220 clear: x (y)"}},
            [],
            "1 stream is read again beside the rows that are there:\n  a of shop\n"
            "1 stream is emptied, and then filled again:\n  b of shop",
        ),
    ],
)
def test_the_paragraph(plans: dict[str, dict[str, str]], costs: list[Cost | None], text: str) -> None:
    assert summarize(plans, costs) == text


def test_the_streams_are_sorted_by_resource_and_name() -> None:
    text = summarize({"b": {"y": KEY, "x": KEY}, "a": {"z": KEY}})
    assert text.splitlines()[1:] == ["  z of a", "  x of b", "  y of b"]


@pytest.mark.parametrize("number", [20, 21, 100])
def test_of_many_streams_the_rest_is_counted_and_found_elsewhere(number: int) -> None:
    head, *lines = summarize({"shop": {f"s{index:03}": KEY for index in range(number)}}).splitlines()
    assert head.startswith(f"{number} streams are read again")
    assert lines[:20] == [f"  s{index:03} of shop" for index in range(20)]
    rest = [] if number == 20 else [f"  and {number - 20} more; the plan of each resource names all of its own"]
    assert lines[20:] == rest
