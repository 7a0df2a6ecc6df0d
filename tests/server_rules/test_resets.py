"""What an update resets, and what it is refused for, beyond what changed from version to version."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.server_rules.resets import ServerUpdate, server_resets, server_update
from tests.server_rules.builders import COLUMNS, DEDUP, INTEGER, STRING, Json, catalog, schema, selection, stream

A, B = StreamDescriptor(None, "a"), StreamDescriptor(None, "b")
ERAS = ["0.50.0", "0.57.0", "0.63.0", "1.3.0", "1.4.0", "1.8.0", "2.0.0"]


def update(old: Json, new: Json, version: str = "2.0.0") -> ServerUpdate:
    return server_update(old, new, server_version=version)


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "change",
    [
        {"sync_mode": "full_refresh"},
        {"destination_sync_mode": "append"},
        {"cursor": ["x"]},
        {"cursor": []},
        {"key": [["id"], ["x"]]},
        {"key": [["o", "n"]]},
    ],
)
def test_modes_cursor_and_key_are_configuration(version: str, change: Json) -> None:
    old, new = catalog(stream(json_schema=COLUMNS, **DEDUP)), catalog(stream(json_schema=COLUMNS, **DEDUP | change))
    for one, other in ((old, new), (new, old)):
        result = update(one, other, version)
        assert (result.reset, result.config_changed, result.diff.transforms) == ((A,), (A,), ())


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "change",
    [
        {"key": [["x"], ["id"]]},
        {"key": [["id"], ["x"], ["id"]]},
        {"aliasName": "other"},
        {"suggested": True},
        {"includeFiles": True},
        {"destinationObjectName": "other"},
        {"generationId": 4},
        {"mappers": []},
    ],
)
def test_the_rest_is_not(version: str, change: Json) -> None:
    how = DEDUP | {"key": [["id"], ["x"]]}
    old, new = catalog(stream(json_schema=COLUMNS, **how)), catalog(stream(json_schema=COLUMNS, **how | change))
    assert update(old, new, version).reset == ()


@pytest.mark.parametrize("version", ERAS)
def test_streams_come_and_go(version: str) -> None:
    one, both = catalog(stream("a")), catalog(stream("a"), stream("b"))
    off = catalog(stream("a"), stream("b", selected=False))
    for old, new, kind in ((one, both, "add_stream"), (both, one, "remove_stream"), (both, off, "remove_stream")):
        result = update(old, new, version)
        assert (result.reset, result.config_changed) == ((B,), ())
        assert [each["transformType"] for each in result.diff.transforms] == [kind]
    assert update(one, off, version).reset == ()


@pytest.mark.parametrize("version", ERAS)
def test_a_namespace_names_another_stream(version: str) -> None:
    old, new = catalog(stream("a")), catalog(stream("a", namespace=""))
    assert set(update(old, new, version).reset) == {A, StreamDescriptor("", "a")}


@pytest.mark.parametrize("version", ERAS)
def test_a_stream_changed_in_both_ways_is_reset_once(version: str) -> None:
    old, new = catalog(stream()), catalog(stream(json_schema=schema(id=INTEGER), sync_mode="incremental"))
    result = update(old, new, version)
    assert (result.reset, result.config_changed, result.diff.streams) == ((A,), (A,), (A,))


@pytest.mark.parametrize("version", ERAS)
def test_selection_of_all_columns_resets_nothing_and_of_fewer_does(version: str) -> None:
    old = catalog(stream(json_schema=schema(id=STRING, x=STRING)))
    assert update(old, catalog(stream(json_schema=schema(id=STRING, x=STRING), **selection("id", "x"))), version) == (
        update(old, old, version)
    )
    assert update(old, catalog(stream(json_schema=schema(id=STRING, x=STRING), **selection("id"))), version).reset == (
        A,
    )


REFUSED: list[tuple[str, Json]] = [
    ("cursor-deselected", {**DEDUP, **selection("id")}),
    ("key-deselected", {**DEDUP, **selection("t")}),
    ("selection-path-empty", {"fieldSelectionEnabled": True, "selectedFields": [{"fieldPath": []}]}),
    ("selection-nested", {"fieldSelectionEnabled": True, "selectedFields": [{"fieldPath": ["o", "n"]}]}),
    ("internal", {"fieldSelectionEnabled": True, "selectedFields": [None]}),
    ("internal", {**DEDUP, "key": [[]], **selection("t")}),
    ("internal", {"selected": None}),
    ("internal", {"sync_mode": None}),
    ("internal", {"destination_sync_mode": None}),
]


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(("code", "config"), REFUSED)
def test_refused_configurations(version: str, code: str, config: Json) -> None:
    with pytest.raises(CatalogError) as caught:
        update(catalog(stream(json_schema=COLUMNS)), catalog(stream(json_schema=COLUMNS, **config)), version)
    assert caught.value.code == code


@pytest.mark.parametrize("version", ERAS)
def test_a_selection_needs_properties(version: str) -> None:
    odds: list[Any] = [{"type": "object"}, {"properties": []}, True, None]
    for odd in odds:
        new = stream(**selection("id"))
        new["stream"]["jsonSchema"] = odd
        with pytest.raises(CatalogError) as caught:
            update(catalog(stream()), catalog(new), version)
        assert caught.value.code == "selection-without-properties"


@pytest.mark.parametrize("version", ERAS)
def test_null_cursor_and_key_lists_with_a_selection(version: str) -> None:
    for name in ("cursorField", "primaryKey"):
        new = stream(json_schema=COLUMNS, **DEDUP, **selection("id", "t"))
        new["config"][name] = None
        with pytest.raises(CatalogError) as caught:
            update(catalog(stream()), catalog(new), version)
        assert caught.value.code == "internal"


@pytest.mark.parametrize("version", ["0.50.0", "2.0.0"])
@pytest.mark.parametrize(
    "broken",
    [
        {"streams": None},
        {"streams": {}},
        {"streams": [None]},
        {"streams": [{"config": {"selected": True}}]},
        {"streams": [{"stream": {"name": "a"}}]},
    ],
)
def test_catalogs_that_are_none(version: str, broken: Json) -> None:
    with pytest.raises(CatalogError) as caught:
        update(catalog(), broken, version)
    assert caught.value.code == "internal"


@pytest.mark.parametrize("version", ["0.50.0", "2.0.0"])
def test_streams_that_lack_what_they_need(version: str) -> None:
    def refusal(name: str) -> str | None:
        new = stream()
        del new["stream"][name]
        try:
            update(catalog(), catalog(new), version)
        except CatalogError as error:
            return error.code
        return None

    assert refusal("name") == refusal("jsonSchema") == "internal"
    assert refusal("supportedSyncModes") == ("internal" if version == "0.50.0" else None)
    nulled = stream()
    nulled["stream"]["supportedSyncModes"] = None
    with pytest.raises(CatalogError, match="no list of sync modes") as caught:
        update(catalog(), catalog(nulled), version)
    assert caught.value.code == "internal"


def test_a_catalog_without_a_list_of_streams() -> None:
    assert update({}, {}, "2.0.0").reset == ()
    with pytest.raises(CatalogError) as caught:
        update({}, {}, "0.50.0")
    assert caught.value.code == "internal"


def test_absent_lists_under_field_selection() -> None:
    old = catalog(stream(json_schema=COLUMNS))
    no_selection, no_cursor, no_key = (stream(json_schema=COLUMNS, **DEDUP, **selection("id", "t")) for _ in range(3))
    del no_selection["config"]["selectedFields"]
    del no_cursor["config"]["cursorField"]
    del no_key["config"]["primaryKey"]
    for new, refusal in ((no_selection, "selection-without-fields"), (no_cursor, "internal"), (no_key, "internal")):
        with pytest.raises(CatalogError) as caught:
            update(old, catalog(new), "0.50.0")
        assert caught.value.code == refusal
    with pytest.raises(CatalogError) as caught:
        update(old, catalog(no_selection))  # selects nothing, not even the cursor
    assert caught.value.code == "cursor-deselected"
    for new in (no_cursor, no_key):
        assert update(old, catalog(new)).reset == (A,)


def test_hashed_fields_are_not_read_before_they_count() -> None:
    odd = catalog(stream(hashedFields=[{"fieldPath": []}]))
    assert update(catalog(stream()), odd, "0.64.4").reset == ()
    with pytest.raises(CatalogError):
        update(catalog(stream()), odd, "0.64.5")


def test_what_is_no_catalog_at_all() -> None:
    odds: list[Any] = [None, [], "streams"]
    for odd in odds:
        with pytest.raises(TypeError, match="not"):
            update(odd, catalog())


def test_of_several_refusals_the_first_counts_unless_the_server_cannot_go_on() -> None:
    def codes(*configs: Json) -> str:
        entries = [stream(f"s{n}", json_schema=COLUMNS, **each) for n, each in enumerate(configs)]
        with pytest.raises(CatalogError) as caught:
            server_resets(catalog(), catalog(*entries), server_version="2.0.0")
        return caught.value.code

    cursor, key = {**DEDUP, **selection("id")}, {**DEDUP, **selection("t")}
    nested: Json = {"fieldSelectionEnabled": True, "selectedFields": [{"fieldPath": ["o", "n"]}]}
    assert codes(cursor, key) == "cursor-deselected"
    assert codes(key, cursor) == "key-deselected"
    assert codes(key, nested) == "selection-nested"
    assert codes(key, {"sync_mode": None}) == "internal"
