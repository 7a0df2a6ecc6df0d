"""What changed in a source's schema: a catalog diff as lines, and notes as changes to be decided."""

from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.schema_changes import accepted, schema_changes
from pulumi_airbyte_wb.plan.words import detail_text
from pulumi_airbyte_wb.spec.changes import Kind
from pulumi_airbyte_wb.spec.streams import StreamSpec

USERS = {"name": "users", "namespace": "public"}
LOST = {"transformType": "remove_field", "fieldName": ["email"], "breaking": True}
COME = {"transformType": "add_field", "fieldName": ["a", "b"], "breaking": False}
KEY = {"transformType": "update_primary_key", "breaking": False}


@pytest.mark.parametrize(
    ("transforms", "lines"),
    [
        ([], []),
        ([{"transformType": "add_stream", "streamDescriptor": {"name": "x"}}], ["x is new at the source"]),
        ([{"transformType": "remove_stream", "streamDescriptor": USERS}], ["public.users is gone from the source"]),
        (
            [{"transformType": "update_stream", "streamDescriptor": USERS, "updateStream": [LOST, COME]}],
            [
                "public.users has lost the column email, which breaks this connection",
                "public.users has the new column a.b",
            ],
        ),
        (
            [
                {
                    "transformType": "update_stream",
                    "streamDescriptor": USERS,
                    "updateStream": {"fieldTransforms": [COME], "streamAttributeTransforms": [KEY]},
                }
            ],
            ["public.users has another key of the source's own", "public.users has the new column a.b"],
        ),
        ([{"transformType": "paint_stream", "streamDescriptor": USERS}], ["public.users changed"]),
        ([{"transformType": "update_stream", "streamDescriptor": USERS}], []),
        (
            [{"transformType": "update_stream", "streamDescriptor": USERS, "updateStream": [{"transformType": "x"}]}],
            ["public.users changed"],
        ),
        (
            [
                {
                    "transformType": "update_stream",
                    "streamDescriptor": USERS,
                    "updateStream": {"fieldTransforms": None, "streamAttributeTransforms": None},
                }
            ],
            [],
        ),
    ],
)
def test_a_diff_is_told_stream_by_stream(transforms: list[dict[str, Any]], lines: list[str]) -> None:
    assert list(schema_changes({"transforms": transforms})) == lines


def test_a_diff_without_transforms_says_nothing() -> None:
    assert list(schema_changes({})) == list(schema_changes({"transforms": None})) == []


def test_streams_come_in_the_order_of_their_lines() -> None:
    transforms = [{"transformType": "add_stream", "streamDescriptor": {"name": name}} for name in ("b", "a")]
    assert list(schema_changes({"transforms": transforms})) == ["a is new at the source", "b is new at the source"]


STREAM = StreamDescriptor("public", "users")
DEDUP, APPEND = StreamSpec.parse("incremental_append_dedup key=id"), StreamSpec.parse("incremental_append")


@pytest.mark.parametrize(
    ("notes", "kind", "what"),
    [
        (["new a", "new b"], Kind.SELECTED, "new at the source: a, b"),
        (["gone a"], Kind.DESELECTED, "gone from the source: a"),
        (["widened a integer => number"], Kind.TYPE_WIDENED, "type at the source: a integer => number"),
        (["retyped a number => integer"], Kind.TYPE_CHANGED, "type at the source: a number => integer"),
        (["key id => n"], Kind.KEY, "key of the source, which breaks the connection: id => n"),
    ],
)
def test_notes_of_one_kind_are_one_change(notes: list[str], kind: Kind, what: str) -> None:
    (change,) = accepted(STREAM, DEDUP, notes)
    assert (change.stream, change.kind, change.before, change.after) == (STREAM, kind, DEDUP, DEDUP)
    assert detail_text(change.detail) == what


def test_notes_of_several_kinds_are_several_changes() -> None:
    changes = accepted(STREAM, APPEND, ["new a", "gone b", "new c"])
    assert [(change.kind, detail_text(change.detail)) for change in changes] == [
        (Kind.SELECTED, "new at the source: a, c"),
        (Kind.DESELECTED, "gone from the source: b"),
    ]


@pytest.mark.parametrize("note", ["key id => n", "dropped", "painted a"])
def test_a_note_that_changes_nothing_of_an_appending_stream(note: str) -> None:
    assert list(accepted(STREAM, APPEND, [note])) == []


def test_another_difference_is_another_change() -> None:
    keys = {
        next(accepted(STREAM, DEDUP, [note])).key for note in ("new a", "new b", "retyped a x => y", "widened a x => y")
    }
    assert len(keys) == 4
    assert next(accepted(STREAM, DEDUP, ["new a"], ("a",))).key not in keys
