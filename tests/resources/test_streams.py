"""Streams as a program writes them."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb import ProgramError, stream, streams
from pulumi_airbyte_wb.resources.streams import stream_lines


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"cursor": "ts"}, "incremental_append cursor=ts"),
        ({"cursor": ["ts"]}, "incremental_append cursor=ts"),
        ({"key": "id"}, "incremental_append key=id"),
        ({"key": ["id", "region"]}, "incremental_append key=id,region"),
        ({"key": [["id"], ["region"]]}, "incremental_append key=id,region"),
        ({"key": "order id"}, 'incremental_append key="order id"'),
        ({"fields": "*"}, "incremental_append fields=*"),
        ({"fields": ["a", "b"]}, "incremental_append fields=a,b"),
        ({"mappers": [{"type": "hashing"}]}, 'incremental_append mappers=[{"type":"hashing"}]'),
        ({"include_files": False}, "incremental_append files=no"),
        ({"guarantees": "key_unique"}, "incremental_append guarantees=key_unique"),
        (
            {"guarantees": ["key_unique", "cursor_monotonic"]},
            "incremental_append guarantees=key_unique,cursor_monotonic",
        ),
    ],
)
def test_a_stream_is_one_line(arguments: dict[str, Any], line: str) -> None:
    assert stream_lines([stream("s", "incremental_append", **arguments)]) == {"s": line}
    assert stream_lines([{"name": "s", "mode": "incremental_append", **arguments}]) == {"s": line}
    assert stream_lines({"s": {"mode": "incremental_append", **arguments}}) == {"s": line}
    assert stream_lines({"s": line}) == {"s": line}


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ([stream("s", "incremental_append", cursor=5)], "cursor=5 is no column"),  # type: ignore[arg-type]
        ([stream("s", "incremental_append", key=7)], "key=7 is no column"),  # type: ignore[arg-type]
        ([stream("s", "incremental_append", key=[[1]])], "key=[1] is no column"),  # type: ignore[list-item]
        ([stream("s", "incremental_append", fields=5)], "fields=5 is no column"),  # type: ignore[arg-type]
        ([stream("s", "incremental_append", fields=[])], "fields=[] selects nothing"),
        ([stream("s", "incremental_append", guarantees=5)], "guarantees=5 is not a list of words"),  # type: ignore[arg-type]
        ([stream("s", "incremental_append", mappers=[object()])], "is no JSON"),  # type: ignore[list-item]
        ([stream("s", None)], "mode=None is not a text"),  # type: ignore[arg-type]
        ([stream(None, "incremental_append")], "the name is None, and has to be a text"),  # type: ignore[arg-type]
        ([stream("s", "incremental_append"), stream("s", "full_refresh_append")], "'s' is declared twice"),
        ([5], "5 is not a stream"),
        ("public.users", "is not a list of streams"),
        ({"s": 5}, "5 is no line; write for example"),
        ([{"name": "s"}], "mode is missing"),
        ([{"name": "s", "mode": "m", "curser": "x"}], "did you mean 'cursor'?"),
    ],
)
def test_a_stream_of_a_wrong_type_is_one_sentence(declared: object, words: str) -> None:
    with pytest.raises(ProgramError) as caught:
        stream_lines(declared)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pattern_takes_what_a_stream_takes() -> None:
    line = streams("a.*", "incremental_append", cursor="ts", guarantees="cursor_monotonic", include_files=True).line
    assert line == "incremental_append cursor=ts files=yes guarantees=cursor_monotonic"
    with pytest.raises(ProgramError, match="destination_object_name='x' is no argument"):
        streams("a.*", "incremental_append", destination_object_name="x")  # type: ignore[arg-type]
