"""What a change is, what it is called, and what makes two changes the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.words import detail_text
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Item, Kind, Moved, What, changes, moved
from pulumi_airbyte_wb.spec.streams import StreamSpec

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
    assert [(change.kind, detail_text(change.detail)) for change in found] == ([] if expected is None else [expected])


def test_an_undeclared_selection_may_be_any() -> None:
    found = changes({USERS: StreamSpec.parse(A)}, {USERS: StreamSpec.parse(f"{A} fields=a,b")})
    assert [(change.kind, detail_text(change.detail)) for change in found] == [
        (Kind.DESELECTED, "columns deselected: all but a, b"),
        (Kind.SELECTED, "columns selected: a, b"),
    ]


def test_some_columns_may_come_while_others_go() -> None:
    found = changes({USERS: StreamSpec.parse(f"{A} fields=a,b")}, {USERS: StreamSpec.parse(f"{A} fields=b,c")})
    assert [(change.kind, detail_text(change.detail)) for change in found] == [
        (Kind.DESELECTED, "columns deselected: a"),
        (Kind.SELECTED, "columns selected: c"),
    ]


def test_a_stream_that_comes_and_one_that_goes() -> None:
    spec, other = StreamSpec.parse(A), StreamDescriptor(None, "a")
    assert [(c.stream, c.kind, detail_text(c.detail)) for c in changes({USERS: spec}, {other: spec})] == [
        (other, Kind.ADDED, "added"),
        (USERS, Kind.REMOVED, "removed"),
    ]


def test_an_empty_cursor_and_an_empty_key_are_named() -> None:
    none, some = StreamSpec.parse(D), StreamSpec.parse(f"{D} cursor=ts key=id")
    empty = StreamSpec(none.mode, cursor=(), key=frozenset())
    texts = [detail_text(change.detail) for change in changes({USERS: some}, {USERS: empty})]
    assert texts == ["cursor ts => (none)", "key id => (none)"]


PREFIX = Moved("prefix", "", "b_", ("''", "'b_'"))
FORMAT = Moved("namespace_format", "x", "y", ("'x'", "'y'"))


def test_changed_names_of_tables_move_every_stream_that_stays() -> None:
    spec, other = StreamSpec.parse(A), StreamDescriptor(None, "a")
    items = (Item("namespace_format", "'x'", "'y'"), Item("prefix", "''", "'b_'"))
    found = list(moved({USERS: spec, other: spec}, [PREFIX, FORMAT]))
    before, after = [["namespace_format", "x"], ["prefix", ""]], [["namespace_format", "y"], ["prefix", "b_"]]
    assert found == [
        Change(ChangeKey.of(stream, Kind.TABLE_RENAMED, before, after), spec, spec, Detail(What.FIELDS, items))
        for stream in (other, USERS)
    ]
    assert detail_text(found[0].detail) == "namespace_format 'x' => 'y', prefix '' => 'b_'"
    assert list(moved({USERS: spec}, [])) == []


def test_a_name_of_a_table_is_the_same_change_whatever_is_shown_of_it() -> None:
    (plain,) = moved({USERS: StreamSpec.parse(A)}, [PREFIX])
    (other,) = moved({USERS: StreamSpec.parse(A)}, [PREFIX._replace(shown=("nothing", "'b_'"))])
    assert plain.detail != other.detail
    assert plain.key == other.key


# ---- what makes two changes the same ---------------------------------------------------------------------------------


def key(before: str, after: str) -> ChangeKey:
    (change,) = changes({USERS: StreamSpec.parse(before)}, {USERS: StreamSpec.parse(after)})
    return change.key


def test_a_change_of_the_same_value_to_another_is_another_change() -> None:
    planned = key(f"{D} key=id", f"{D} key=id,region")
    assert planned.covers(key(f"{D} key=id cursor=ts", f"{D} key=region,id cursor=ts"))
    assert not planned.covers(key(f"{D} key=id", f"{D} key=name"))
    assert not planned.covers(key(f"{D} key=n", f"{D} key=id,region"))
    assert not planned.covers(key(f"{D} cursor=id", f"{D} cursor=region"))
    assert not planned.covers(replace(planned, stream=StreamDescriptor("public", "events")))


def test_what_was_not_declared_before_may_have_been_anything() -> None:
    planned = key(D, f"{D} key=id,region")
    assert planned.before == ""
    assert planned.covers(key(f"{D} key=id", f"{D} key=id,region"))
    assert not planned.covers(key(f"{D} key=id", f"{D} key=n"))
    assert not key(f"{D} key=id", f"{D} key=id,region").covers(planned)


@pytest.mark.parametrize("value", [False, "", [], {}, 0])
def test_a_value_that_is_empty_is_declared(value: object) -> None:
    assert ChangeKey.of(USERS, Kind.FILES, value, None).before != ""
    assert ChangeKey.of(USERS, Kind.FILES, None, value).before == ""


def test_a_stream_that_leaves_does_so_whatever_it_was() -> None:
    gone = [next(changes({USERS: StreamSpec.parse(line)}, {})).key for line in (A, D)]
    assert gone[0] == gone[1]
