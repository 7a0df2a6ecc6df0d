"""What a change is called, word for word: people read it in previews, and guards hold updates against it."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Kind, changes
from pulumi_airbyte_wb.plan.changes import Change, moved

USERS = StreamDescriptor("public", "users")
D, A = "incremental_append_dedup", "incremental_append"
DROP = '{"type":"field-filtering","mapperConfiguration":{"targetField":"email"}}'
HASH = '{"type":"hashing","mapperConfiguration":{"targetField":"email"}}'
RENAME = '{"type":"field-renaming","mapperConfiguration":{"originalFieldName":"note","newFieldName":"memo"}}'
ROWS = '{"type":"row-filtering","mapperConfiguration":{"conditions":{}}}'
OTHER = '{"type":"shuffling"}'


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (A, f"{A} cursor=ts", (Kind.CURSOR, "cursor (undeclared) => ts")),
        (f"{A} cursor=ts", f"{A} cursor=a.b", (Kind.CURSOR, "cursor ts => a.b")),
        (f"{A} cursor=ts", A, None),
        ("full_refresh_append cursor=ts", "full_refresh_append cursor=x", None),
        (D, f"{D} key=id", (Kind.KEY, "key (undeclared) => id")),
        (f"{D} key=id", f"{D} key=id,n", (Kind.KEY, "key id => id,n")),
        (f"{D} key=id", D, None),
        (f"{A} key=id", f"{A} key=n", None),
        (f"{A} fields=a,b", f"{A} fields=a", (Kind.DESELECTED, "columns deselected: b")),
        (f"{A} fields=*", f"{A} fields=a,b", (Kind.DESELECTED, "columns deselected: all but a, b")),
        (f"{A} fields=a", f"{A} fields=a,c,b", (Kind.SELECTED, "columns selected: b, c")),
        (f"{A} fields=a", f"{A} fields=*", (Kind.SELECTED, "columns selected: all")),
        (f"{A} fields=a", A, None),
        (f"{A} fields=a,b", f"{A} fields=b,a", None),
        (f"{A} fields=*", f"{A} fields=*", None),
        (A, f"{A} fields=*", (Kind.SELECTED, "columns selected: all")),
        (A, D, (Kind.MODE, f"{A} => {D}")),
        (f"{D} key=id", f"{A} key=n", (Kind.MODE, f"{D} => {A}")),
        (f"{A} key=id", f"{D} key=n", (Kind.MODE, f"{A} => {D}")),
        ("full_refresh_append_dedup cursor=a", f"{D} cursor=b", (Kind.MODE, f"full_refresh_append_dedup => {D}")),
        (f"{D} cursor=a", "full_refresh_append_dedup cursor=b", (Kind.MODE, f"{D} => full_refresh_append_dedup")),
        (f"{A} mappers=[{HASH}]", A, None),
        (A, f"{A} mappers=[{DROP}]", (Kind.DESELECTED, "mapper added: field-filtering email")),
        (A, f"{A} mappers=[{HASH}]", (Kind.MASKED, "mapper added: hashing email")),
        (A, f"{A} mappers=[{RENAME}]", (Kind.COLUMN_RENAMED, "mapper added: field-renaming note")),
        (A, f"{A} mappers=[{ROWS}]", (Kind.MASKED, "mapper added: row-filtering")),
        (A, f"{A} mappers=[{OTHER}]", (Kind.MASKED, "mapper added: shuffling")),
        (A, f"{A} mappers=[]", None),
        (f"{A} mappers=[{ROWS}]", f"{A} mappers=[]", (Kind.FILTER_RELAXED, "mapper removed: row-filtering")),
        (f"{A} mappers=[{HASH}]", f"{A} mappers=[]", (Kind.COLUMN_RENAMED, "mapper removed: hashing email")),
        (f"{A} mappers=[{HASH},{ROWS}]", f"{A} mappers=[{ROWS},{HASH}]", (Kind.MASKED, "order of mappers")),
        (A, f"{A} files=yes", (Kind.FILES, "files yes")),
        (f"{A} files=yes", f"{A} files=no", (Kind.FILES, "files no")),
        (A, f"{A} files=no", None),
        (f"{A} files=yes", A, None),
        (A, f"{A} object=x", (Kind.TABLE_RENAMED, "object ? => x")),
        (f"{A} object=x", f"{A} object=y", (Kind.TABLE_RENAMED, "object x => y")),
        (f"{A} object=x", A, None),
    ],
)
def test_what_a_change_is_called(before: str, after: str, expected: tuple[Kind, str] | None) -> None:
    found = list(changes({USERS: StreamSpec.parse(before)}, {USERS: StreamSpec.parse(after)}))
    assert [(change.kind, change.what) for change in found] == ([] if expected is None else [expected])


def test_an_undeclared_selection_may_be_any() -> None:
    found = changes({USERS: StreamSpec.parse(A)}, {USERS: StreamSpec.parse(f"{A} fields=a,b")})
    assert [(change.kind, change.what) for change in found] == [
        (Kind.DESELECTED, "columns deselected: all but a, b"),
        (Kind.SELECTED, "columns selected: a, b"),
    ]


def test_some_columns_may_come_while_others_go() -> None:
    found = changes({USERS: StreamSpec.parse(f"{A} fields=a,b")}, {USERS: StreamSpec.parse(f"{A} fields=b,c")})
    assert [(change.kind, change.what) for change in found] == [
        (Kind.DESELECTED, "columns deselected: a"),
        (Kind.SELECTED, "columns selected: c"),
    ]


def test_a_stream_that_comes_and_one_that_goes() -> None:
    spec, other = StreamSpec.parse(A), StreamDescriptor(None, "a")
    assert [(c.stream, c.kind, c.what) for c in changes({USERS: spec}, {other: spec})] == [
        (other, Kind.ADDED, "added"),
        (USERS, Kind.REMOVED, "removed"),
    ]


def test_an_empty_cursor_and_an_empty_key_are_named() -> None:
    none, some = StreamSpec.parse(D), StreamSpec.parse(f"{D} cursor=ts key=id")
    empty = StreamSpec(none.mode, cursor=(), key=frozenset())
    texts = [change.what for change in changes({USERS: some}, {USERS: empty})]
    assert texts == ["cursor ts => (none)", "key id => (none)"]


def test_changed_names_of_tables_move_every_stream_that_stays() -> None:
    spec, other = StreamSpec.parse(A), StreamDescriptor(None, "a")
    fields = {"prefix": ("''", "'b_'"), "namespace_format": ("'x'", "'y'")}
    what = "namespace_format 'x' => 'y', prefix '' => 'b_'"
    assert list(moved({USERS: spec, other: spec}, fields)) == [
        Change(stream, Kind.TABLE_RENAMED, spec, spec, what) for stream in (other, USERS)
    ]
    assert list(moved({USERS: spec}, {})) == []
