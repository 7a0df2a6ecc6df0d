"""Mistakes in the declaration of a stream, with and without what the source offers."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import AirbyteStream
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.validation import check_declared, check_offered

DEDUP = "incremental_append_dedup"


def offer(*columns: str, **said: Any) -> AirbyteStream:
    """A stream that can be read both ways, of these columns."""
    schema = {"properties": {column: {"type": "string"} for column in columns}}
    modes = ["full_refresh", "incremental"]
    return AirbyteStream.model_validate(
        {"name": "users", "namespace": "public", "jsonSchema": schema, "supportedSyncModes": modes, **said}
    )


def declared(line: str) -> list[DeclarationError]:
    return list(check_declared(StreamSpec.parse(line), "s"))


def held(line: str, stream: AirbyteStream) -> list[DeclarationError]:
    return list(check_offered(StreamSpec.parse(line), stream, "s"))


def only(problems: list[DeclarationError], path: str, words: str) -> None:
    assert [problem.path for problem in problems] == [path]
    assert words in problems[0].reason


@pytest.mark.parametrize(
    "line",
    [
        "full_refresh_overwrite",
        "full_refresh_append cursor= key=",
        "full_refresh_overwrite_dedup key=id",
        "incremental_append cursor=ts fields=id,ts",
        "incremental_append_dedup cursor=ts key=id,region",
        "incremental_append_dedup key=id fields=id",
        "incremental_append_dedup cursor=ts key=id fields=*",
    ],
)
def test_what_is_right_in_itself(line: str) -> None:
    assert declared(line) == []


@pytest.mark.parametrize(
    ("line", "path", "words"),
    [
        ("full_refresh_append cursor=ts", "s.cursor", "has no use in full_refresh_append"),
        ("incremental_append key=id", "s.key", "has no use in incremental_append"),
        ("incremental_append cursor=ts fields=id", "s.fields", "leaves out 'ts', which is the cursor"),
        ("incremental_append_dedup key=id fields=ts", "s.fields", "leaves out 'id', which is the key"),
    ],
)
def test_what_is_wrong_in_itself(line: str, path: str, words: str) -> None:
    only(declared(line), path, words)


@pytest.mark.parametrize(
    ("line", "columns", "path", "words"),
    [
        ("incremental_append cursor=a.b", ("a",), "s.cursor", "is nested: destinations use its first element only"),
        (f"{DEDUP} cursor=ts key=a.b", ("ts", "a"), "s.key", "is nested"),
        (
            "incremental_append cursor=a.b",
            ("a.b",),
            "s.cursor",
            "this one has a dot in its name; write cursor=['a.b'], or cursor=\"a.b\" in a line",
        ),
        (
            "full_refresh_overwrite_dedup key=a.b",
            ("a.b",),
            "s.key",
            "this one has a dot in its name; write key=[['a.b']], or key=\"a.b\" in a line",
        ),
        ("full_refresh_overwrite_dedup key=a.b", ("a", "b"), "s.key", "write key=['a', 'b']"),
        ("full_refresh_append fields=a.b", ("a",), "s.fields", "only whole columns can be selected: select 'a'"),
    ],
)
def test_a_dot_in_a_column(line: str, columns: tuple[str, ...], path: str, words: str) -> None:
    only(held(line, offer(*columns)), path, words)


@pytest.mark.parametrize(
    "line",
    ["full_refresh_append fields=a.b", 'incremental_append cursor="a.b"', 'full_refresh_overwrite_dedup key="a.b"'],
)
def test_a_column_may_have_a_dot_in_its_name(line: str) -> None:
    assert held(line, offer("a.b")) == []
    assert held("full_refresh_append fields=a.b", offer("a.b")) == []


def test_a_mode_that_the_source_does_not_have() -> None:
    only(held("incremental_append", offer(supportedSyncModes=["full_refresh"])), "s.mode", "only by full_refresh;")
    assert held("full_refresh_append", offer(supportedSyncModes=["full_refresh"])) == []


def test_a_source_that_names_no_modes_is_read_in_full() -> None:
    assert held("full_refresh_append", offer(supportedSyncModes=[])) == []
    only(held("incremental_append cursor=ts", offer(supportedSyncModes=[])), "s.mode", "only by full_refresh;")


def test_nothing_else_is_said_of_a_mode_that_is_not_possible() -> None:
    only(held("incremental_append cursor=x", offer("id", supportedSyncModes=["full_refresh"])), "s.mode", "is not")


def test_a_cursor_that_the_source_itself_defines() -> None:
    fixed = offer("id", "ts", sourceDefinedCursor=True, defaultCursorField=["ts"])
    assert held("incremental_append", fixed) == []
    assert held("incremental_append cursor=ts", fixed) == []
    only(held("incremental_append cursor=id", fixed), "s.cursor", "the source itself defines the cursor (ts)")


def test_a_source_that_defines_its_cursor_may_keep_it_to_itself() -> None:
    unnamed = offer("id", sourceDefinedCursor=True)
    assert held("incremental_append", unnamed) == []
    assert held("incremental_append cursor=id", unnamed) == []


def test_a_cursor_is_declared_where_the_source_suggests_none() -> None:
    assert held("incremental_append", offer("id", "ts", defaultCursorField=["ts"])) == []
    only(held("incremental_append", offer("id", "ts")), "s.cursor", "declare one of id, ts")


def test_a_cursor_is_a_column() -> None:
    assert held("incremental_append cursor=ts", offer("id", "ts")) == []
    only(held("incremental_append cursor=tss", offer("id", "ts")), "s.cursor", "did you mean 'ts'?")


def test_the_cursor_of_a_full_read_is_not_looked_at() -> None:
    assert held("full_refresh_append cursor=x", offer("id")) == []


def test_a_key_that_the_source_itself_defines() -> None:
    fixed = offer("a", "b", sourceDefinedPrimaryKey=[["a"], ["b"]], defaultCursorField=["a"])
    assert held("incremental_append_dedup", fixed) == []
    assert held("incremental_append_dedup key=b,a", fixed) == []
    only(held("incremental_append_dedup key=a", fixed), "s.key", "the source itself defines the key (a,b)")


def test_the_sources_own_key_need_not_be_a_described_column() -> None:
    fixed = offer("ts", sourceDefinedPrimaryKey=[["id"]], defaultCursorField=["ts"])
    assert held("incremental_append_dedup key=id", fixed) == []


def test_a_deduplicated_stream_needs_a_key() -> None:
    only(held("full_refresh_overwrite_dedup", offer("id", "ts")), "s.key", "declare one or more of id, ts")
    only(held("full_refresh_overwrite_dedup key=", offer("id")), "s.key", "declare one or more of id")
    assert held("full_refresh_overwrite_dedup key=id", offer("id", "ts")) == []


def test_a_key_is_made_of_columns() -> None:
    only(held("full_refresh_overwrite_dedup key=id,ip", offer("id", "ts")), "s.key", "is no column of public.users")


def test_the_key_of_a_stream_that_keeps_every_row_is_not_looked_at() -> None:
    assert held("full_refresh_append key=x", offer("id")) == []


def test_selected_fields_are_columns() -> None:
    assert held("full_refresh_append fields=id", offer("id", "ts")) == []
    only(held("full_refresh_append fields=id,zzz", offer("id", "ts")), "s.fields", "it has id, ts")


def test_columns_that_a_source_fills_undescribed_are_taken_as_given() -> None:
    assert held("incremental_append cursor=_ab_cdc_lsn", offer("id")) == []
    assert held("incremental_append cursor=ts", offer()) == []


def test_the_columns_of_an_empty_schema_are_not_listed() -> None:
    only(held("incremental_append", offer()), "s.cursor", "declare one of its columns")


@pytest.mark.parametrize(("count", "end"), [(12, ", c11"), (13, ", c11 and 1 more")])
def test_a_long_list_of_columns_is_cut(count: int, end: str) -> None:
    problems = held("incremental_append", offer(*(f"c{number:02}" for number in range(count))))
    assert problems[0].hint.endswith(end)


OWN = {"sourceDefinedCursor": True, "defaultCursorField": ["ts"], "sourceDefinedPrimaryKey": [["id"]]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{DEDUP} cursor=ts key=id", {}),
        (f"{DEDUP} key=id", {"defaultCursorField": ["ts"]}),
        (DEDUP, OWN),
        (f"{DEDUP} cursor=ts", OWN),
    ],
)
def test_key_and_cursor_in_force_stay_as_they_are_whoever_defines_them(line: str, said: dict[str, Any]) -> None:
    columns = offer("id", "ts", "email", **said)

    def mapped(column: str) -> list[DeclarationError]:
        mapper = f'{{"type":"field-filtering","mapperConfiguration":{{"targetField":"{column}"}}}}'
        return held(f"{line} mappers=[{mapper}]", columns)

    assert mapped("email") == []
    only(mapped("zzz"), "s.mappers[0].targetField", "is no column of public.users")
    only(mapped("id"), "s.mappers[0].targetField", "is part of the key, which a field-filtering mapper would change")
    only(mapped("ts"), "s.mappers[0].targetField", "is the cursor, which a field-filtering mapper would change")


@pytest.mark.parametrize("line", [DEDUP, f"{DEDUP} key=id", f"{DEDUP} cursor=ts"])
def test_a_selection_must_have_the_key_and_cursor_that_the_source_defines(line: str) -> None:
    columns = offer("id", "ts", "email", **OWN)
    assert held(f"{line} fields=id,ts", columns) == []
    only(held(f"{line} fields=ts", columns), "s.fields", "'ts' leaves out 'id', which is part of the key")
    only(held(f"{line} fields=id", columns), "s.fields", "'id' leaves out 'ts', which is the cursor; select it too")
    assert held("full_refresh_append fields=email", columns) == []


@pytest.mark.parametrize(("described", "problems"), [(("id", "_ab_cdc_lsn"), 1), (("id",), 0)])
def test_a_cursor_that_the_source_does_not_describe_cannot_be_selected(
    described: tuple[str, ...], problems: int
) -> None:
    columns = offer(*described, sourceDefinedCursor=True, defaultCursorField=["_ab_cdc_lsn"])
    assert len(held(f"{DEDUP} key=id fields=id", columns)) == problems
