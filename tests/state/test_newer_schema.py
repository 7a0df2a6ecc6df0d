"""What a stored schema and the source's differ in."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.models import AirbyteStream, ConfiguredStream, StreamConfiguration, SyncCatalog
from pulumi_airbyte_wb.state.newer_schema import columns_digest, on_schema, schema_notes

INTEGER, NUMBER, STRING = {"type": "integer"}, {"type": "number"}, {"type": "string"}
DAY = {"type": "string", "format": "date"}


def offer(key: list[list[str]] | None = None, **columns: Any) -> AirbyteStream:
    return AirbyteStream(
        name="users",
        namespace="public",
        json_schema={"type": "object", "properties": columns},
        source_defined_primary_key=key or [],
    )


def stored(stream: AirbyteStream, **config: Any) -> ConfiguredStream:
    given = {"sync_mode": "incremental", "destination_sync_mode": "append", "selected": True, **config}
    return ConfiguredStream(stream=stream, config=StreamConfiguration.model_validate(given))


@pytest.mark.parametrize(
    ("old", "new", "notes"),
    [
        ({"id": INTEGER}, {"id": INTEGER}, ()),
        ({"id": INTEGER}, {"id": {"type": ["null", "integer"], "description": "x"}}, ()),
        ({"id": {"type": "number", "airbyte_type": "integer"}}, {"id": INTEGER}, ()),
        ({"a": {"type": "object", "properties": {}}}, {"a": {"type": "object", "properties": {"b": STRING}}}, ()),
        ({"id": INTEGER}, {"id": INTEGER, "b": STRING, "a": STRING}, ("new a", "new b")),
        ({"id": INTEGER, "a": STRING}, {"id": INTEGER}, ("gone a",)),
        ({"a": INTEGER}, {"a": NUMBER}, ("widened a integer => number",)),
        ({"a": NUMBER}, {"a": INTEGER}, ("retyped a number => integer",)),
        ({"a": NUMBER}, {"a": STRING}, ("widened a number => string",)),
        ({"a": STRING}, {"a": DAY}, ("retyped a string => date",)),
        ({"a": DAY}, {"a": STRING}, ("retyped a date => string",)),
        ({"a": INTEGER}, {"a": {"type": ["integer", "string"]}}, ("retyped a integer => union",)),
        ({"a": INTEGER}, {"a": {"oneOf": [INTEGER, STRING]}}, ("retyped a integer => union",)),
        ({"a": INTEGER}, {"a": {}}, ("retyped a integer => unknown",)),
        ({"a": INTEGER}, {"a": True}, ("retyped a integer => unknown",)),
    ],
)
def test_columns_are_told_apart_as_destinations_do(
    old: dict[str, Any], new: dict[str, Any], notes: tuple[str, ...]
) -> None:
    assert schema_notes(stored(offer(**old)), offer(**new)) == notes


def test_only_selected_columns_count() -> None:
    some = stored(
        offer(id=INTEGER, a=STRING, b=STRING),
        fieldSelectionEnabled=True,
        selectedFields=[{"fieldPath": ["id"]}, {"fieldPath": ["a"]}],
    )
    assert schema_notes(some, offer(id=INTEGER, a=INTEGER, c=STRING)) == ("retyped a string => integer",)
    moved = on_schema(SyncCatalog(streams=[some]), SyncCatalog(streams=[stored(offer(id=INTEGER, c=STRING))]))
    assert [field.field_path for field in moved.streams[0].config.selected_fields or ()] == [["id"]]


def test_the_sources_own_key_moves_with_it_and_a_declared_one_does_not() -> None:
    own = stored(offer(key=[["id"]], id=INTEGER, n=INTEGER), primaryKey=[["id"]])
    declared = stored(offer(key=[["id"]], id=INTEGER, n=INTEGER), primaryKey=[["n"]])
    fresh = offer(key=[["id"], ["n"]], id=INTEGER, n=INTEGER)
    assert schema_notes(own, fresh) == ("key id => id,n",)
    for entry, key in ((own, [["id"], ["n"]]), (declared, [["n"]])):
        moved = on_schema(SyncCatalog(streams=[entry]), SyncCatalog(streams=[stored(fresh)]))
        assert moved.streams[0].config.primary_key == key
        assert moved.streams[0].stream == fresh


def test_a_stream_that_is_gone() -> None:
    entry = stored(offer(id=INTEGER))
    assert schema_notes(entry, None) == ("dropped",)
    assert on_schema(SyncCatalog(streams=[entry]), SyncCatalog()).streams == []


def test_what_is_not_selected_stays_out() -> None:
    out = stored(offer(id=INTEGER), selected=False)
    assert on_schema(SyncCatalog(streams=[out]), SyncCatalog(streams=[stored(offer(id=INTEGER))])).streams == []


def test_a_digest_is_of_the_names_and_types_of_the_chosen_columns() -> None:
    stream = offer(id=INTEGER, a=STRING)
    assert columns_digest(stream) == columns_digest(offer(a={**STRING, "title": "A"}, id=INTEGER))
    assert columns_digest(stream) != columns_digest(offer(id=INTEGER, a=INTEGER))
    assert columns_digest(stream) != columns_digest(offer(id=INTEGER))
    assert columns_digest(stream, ["id"]) == columns_digest(offer(id=INTEGER))
