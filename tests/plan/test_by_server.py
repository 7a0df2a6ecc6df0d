"""What is left to Airbyte, and how the plan says so; the emulator's own answer is held against it elsewhere."""

from __future__ import annotations

import pytest
from pulumi_airbyte_wb.plan.server_default import server_default

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Change, Facts, Kind, Policy, Resets, decide

USERS = StreamDescriptor("public", "users")
D, A = "incremental_append_dedup cursor=ts key=id", "incremental_append cursor=ts"
HASH = '{"type":"hashing","mapperConfiguration":{"targetField":"email"}}'
ROWS = '{"type":"row-filtering","mapperConfiguration":{"conditions":{}}}'
DROP = '{"type":"field-filtering","mapperConfiguration":{"targetField":"email"}}'
NEW, OLD = Facts(can_refresh=True, sees_mappers=True), Facts()


def change(kind: Kind, before: str | None = D, after: str | None = D) -> Change:
    sides = [None if text is None else StreamSpec.parse(text) for text in (before, after)]
    return Change(USERS, kind, sides[0], sides[1], "what")


@pytest.mark.parametrize(
    ("asked", "resets"),
    [
        (change(Kind.ADDED, None), True),
        (change(Kind.MODE), True),
        (change(Kind.CURSOR), True),
        (change(Kind.KEY), True),
        (change(Kind.SELECTED), True),
        (change(Kind.DESELECTED), True),
        (change(Kind.TABLE_RENAMED), False),
        (change(Kind.FILES), False),
        (change(Kind.MASKED, A, f"{A} mappers=[{ROWS}]"), False),
        (change(Kind.FILTER_RELAXED, f"{A} mappers=[{ROWS}]", A), False),
        (change(Kind.MASKED, f"{A} mappers=[{HASH},{ROWS}]", f"{A} mappers=[{ROWS},{HASH}]"), False),
        (change(Kind.DESELECTED, A, f"{A} mappers=[{DROP}]"), True),
    ],
)
def test_what_airbyte_resets(asked: Change, resets: bool) -> None:
    assert server_default(asked, NEW)[0] is (Action.MERGE if resets else Action.NONE)
    assert server_default(asked, OLD)[0] is (Action.CLEAR if resets else Action.NONE)


@pytest.mark.parametrize("kind", [Kind.MASKED, Kind.COLUMN_RENAMED])
def test_mappers_are_seen_from_1_4_0_on(kind: Kind) -> None:
    hidden = change(kind, A, f"{A} mappers=[{HASH}]")
    assert server_default(hidden, NEW)[0] is Action.MERGE
    assert server_default(hidden, Facts(can_refresh=True))[0] is Action.NONE


@pytest.mark.parametrize(
    ("asked", "facts", "action", "because"),
    [
        (
            change(Kind.KEY),
            NEW,
            Action.MERGE,
            "the program says 'server': Airbyte reads it again beside the rows that are there, although the table says "
            "truncate: rows written under the old key would never merge with the new ones",
        ),
        (
            change(Kind.KEY),
            OLD,
            Action.CLEAR,
            "the program says 'server': Airbyte empties the table, and its next sync fills it; as the table has it: "
            "rows written under the old key would never merge with the new ones",
        ),
        (
            change(Kind.TABLE_RENAMED, "full_refresh_overwrite", "full_refresh_overwrite"),
            Facts(tables_known=True),
            Action.NONE,
            "the program says 'server': Airbyte does nothing about it; as the table has it: the next sync fills the "
            "new table; the old one stays behind",
        ),
    ],
)
def test_the_reason_says_where_it_stands_against_the_table(
    asked: Change, facts: Facts, action: Action, because: str
) -> None:
    effect = decide(asked, facts, Resets(default=Policy.SERVER))
    assert (effect.action, effect.because) == (action, because)


def test_what_no_re_read_mends_is_not_left_to_airbyte() -> None:
    files = decide(change(Kind.FILES), NEW, Resets(default=Policy.SERVER))
    assert (files.code, files.action) == ("AWB298", Action.BLOCK)
    gone = decide(change(Kind.REMOVED, D, None), NEW, Resets(default=Policy.SERVER))
    assert (gone.code, gone.action) == ("AWB203", Action.NONE)
