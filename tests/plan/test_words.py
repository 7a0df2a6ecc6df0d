"""The sentences of plans: there is one for everything that a plan can hold, and names in them do no harm."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pulumi_airbyte_wb
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Obstacle, Reason, ServerDefault, Why
from pulumi_airbyte_wb.plan.obstacles import obstacle_text
from pulumi_airbyte_wb.plan.words import (
    SENTENCES,
    change_text,
    default_text,
    detail_text,
    escaped,
    reason_text,
    visible,
)
from pulumi_airbyte_wb.spec.changes import ChangeKey, Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Policy

ROOT = Path(pulumi_airbyte_wb.__file__).parent
USERS = StreamDescriptor("public", "users")
ROW = Reason(Why.ROW)
BECAUSE = "rows written under the old key would never merge with the new ones"


def effect(*reasons: Reason, **other: object) -> Effect:
    return Effect(
        ChangeKey(USERS, Kind.KEY), Code.KEY_CHANGED, Action.TRUNCATE, Detail(What.KEY, (Item("", "id", "n"),)),
        reasons, **other,  # type: ignore[arg-type]
    )  # fmt: skip


def test_every_reason_has_a_sentence_and_every_change_its_words() -> None:
    assert SENTENCES.keys() | {Why.ROW} == set(Why)
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    for what in What:
        text = detail_text(Detail(what, (Item("name", "one", "two"),)))
        assert text
        assert "{" not in text


@pytest.mark.parametrize(
    ("what", "item", "text"),
    [
        (What.CURSOR, Item("", None, "ts"), "cursor (undeclared) => ts"),
        (What.CURSOR, Item("", "", "ts"), "cursor (none) => ts"),
        (What.KEY, Item("", "id", ""), "key id => (none)"),
        (What.OBJECT, Item("", None, "a"), "object ? => a"),
        (What.OBJECT, Item("", "", "a"), "object  => a"),
    ],
)
def test_what_was_not_declared_and_what_is_empty_differ(what: What, item: Item, text: str) -> None:
    assert detail_text(Detail(what, (item,))) == text


def test_the_values_of_a_hidden_change_are_not_told() -> None:
    assert change_text(effect(ROW)) == "key id => n"
    assert change_text(effect(ROW, hidden=True)) == "[secret]"
    added = Effect(ChangeKey(USERS, Kind.ADDED), Code.ADDED_TO_FREE_TABLE, Action.NONE, Detail(What.ADDED), hidden=True)
    assert change_text(added) == "added"


# ---- reasons ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reasons", "sentence"),
    [
        ((ROW,), BECAUSE),
        ((ROW, Reason(Why.DOUBLED)), f"{BECAUSE}; every row would be appended a second time"),
        ((Reason(Why.NEVER_SYNCED),), "it has never synced, so no row is there"),
        ((Reason(Why.SAYS_SKIP), ROW), f"the program says 'skip', although {BECAUSE}"),
        ((Reason(Why.SAYS_MEANS, ("clear",)), ROW), f"the program says 'clear'; {BECAUSE}"),
        (
            (Reason(Why.TOO_LATE_INACTIVE), Reason(Why.PERMITTED), ROW, Reason(Why.DOUBLED)),
            "an inactive connection runs no jobs, and after this update it is too late: a permission of the program "
            f"covers it; {BECAUSE}; every row would be appended a second time",
        ),
        (
            (Reason(Why.NEITHER_FIRST, ("public.a", "public.b")), ROW),
            "in the same update public.a, public.b is re-synced for a new column type, and neither job can run first: "
            f"change one, then the other; {BECAUSE}",
        ),
    ],
)
def test_reasons_are_one_sentence_the_last_first(reasons: tuple[Reason, ...], sentence: str) -> None:
    assert reason_text(effect(*reasons)) == sentence


@pytest.mark.parametrize(
    ("called_for", "action", "deferred", "text"),
    [
        (Action.TRUNCATE, Action.MERGE, Action.NONE, "re-syncs it beside the rows that are there, although its rule "),
        (Action.CLEAR, Action.CLEAR, Action.NONE, "clears the table, and its next sync fills it, as its rule says"),
        (Action.TRUNCATE, Action.NONE, Action.NONE, "does nothing about it, although its rule says truncate"),
        (Action.CLEAR, Action.NONE, Action.CLEAR, "clears the table, and its next sync fills it, as its rule says"),
    ],
)
def test_what_is_left_to_airbyte_says_what_airbyte_does(
    called_for: Action, action: Action, deferred: Action, text: str
) -> None:
    left = Effect(
        ChangeKey(USERS, Kind.KEY), Code.KEY_CHANGED, action, Detail(What.KEY), (Reason(Why.SAYS_SERVER), ROW),
        deferred=deferred, overruled_by=Policy.SERVER, called_for=called_for,
    )  # fmt: skip
    assert f"the program says 'server': Airbyte {text}" in reason_text(left)


# ---- what stands in the way ------------------------------------------------------------------------------------------


def obstacles() -> set[Code]:
    """The codes that the package makes obstacles of."""
    trees = (ast.parse(path.read_text()) for path in ROOT.rglob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    made = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Obstacle"]
    return {Code[code.attr] for code in made if isinstance(code, ast.Attribute)}


def test_every_obstacle_has_a_sentence_that_says_what_to_do() -> None:
    assert obstacles() == {
        "AWB280",
        *(f"AWB{number}" for number in range(285, 290)),
        *(f"AWB{number}" for number in range(291, 298)),
    }
    for code in obstacles():
        names = ("AWB220", "clear") if code is Code.MOVED else ("name",)
        text = obstacle_text(Obstacle(code, ("public.users",), names))
        assert "nothing was sent" in text
        assert "{" not in text


def test_a_moved_connection_is_told_with_what_would_be_done() -> None:
    text = obstacle_text(Obstacle(Code.MOVED, ("public.users",), ("AWB220", "clear")))
    assert text.startswith("public.users: the live connection has changed since it was last read")
    assert "(cleared, then filled by the next sync [AWB220])" in text


@pytest.mark.parametrize(
    ("default", "text"),
    [
        (ServerDefault(stale=1), "leave 1 stream with rows that are wrong"),
        (ServerDefault(resynced=3, doubled=2), "re-sync 3 streams and leave 2 streams with doubled rows"),
        (
            ServerDefault(cleared=1, doubled=1, stale=2),
            "clear 1 stream, leave 1 stream with doubled rows and leave 2 streams with rows that are wrong",
        ),
    ],
)
def test_what_airbyte_would_do_is_one_line(default: ServerDefault, text: str) -> None:
    assert default_text(default) == f"Airbyte's own default would {text}"


# ---- names -----------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(), max_size=400))
def test_a_name_stays_on_its_line_whatever_it_is(name: str) -> None:
    for text in (visible(name), escaped(name)):
        assert text.isprintable()
        text.encode()
    assert len(visible(name)) <= 12 * 200


def test_a_long_name_is_shortened_and_still_told_apart() -> None:
    one, other = "x" * 200 + "a", "x" * 200 + "b"
    assert visible("x" * 200) == "x" * 200
    assert visible(one) != visible(other)
    assert len(visible(one)) < 220
    assert escaped(one) == one
