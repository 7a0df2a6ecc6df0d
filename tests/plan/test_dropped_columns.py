"""Columns that a source takes away and gives back: until a sync comes, the table has them as they were."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.changes import Kind
from pulumi_airbyte_wb.plan.schema_changes import accepted, parted
from pulumi_airbyte_wb.plan.words import detail_text

USERS = StreamDescriptor("public", "users")
SPEC = StreamSpec.parse("incremental_append_dedup cursor=ts key=id")


@pytest.mark.parametrize(
    ("away", "notes", "expected"),
    [
        ((), ("gone total",), ("total",)),
        (("total",), (), ("total",)),
        (("total",), ("new total",), ()),
        (("total",), ("new other", "gone more"), ("more", "total")),
        (("total",), ("retyped total string => integer",), ("total",)),
    ],
)
def test_a_column_is_away_until_it_comes_back(
    away: tuple[str, ...], notes: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert parted(away, notes) == expected


def test_a_column_that_comes_back_counts_as_one_of_another_type() -> None:
    found = accepted(USERS, SPEC, ("new other", "new total"), ("total",))
    assert {change.kind: detail_text(change.detail) for change in found} == {
        Kind.SELECTED: "new at the source: other",
        Kind.TYPE_CHANGED: "back at the source: total",
    }
