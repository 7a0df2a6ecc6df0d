"""What an update resets, and what it is refused for, beyond what changed from version to version."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.catalog import ServerUpdate, server_resets, server_update
from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.models import StreamDescriptor
from tests.catalog.builders import (
    INTEGER,
    STRING,
    Json,
    catalog,
    dropping,
    hashing,
    mapper,
    renaming,
    schema,
    selection,
    stream,
)

A, B = StreamDescriptor(None, "a"), StreamDescriptor(None, "b")
COLUMNS = schema(id=STRING, t=STRING, x=INTEGER, o={"type": "object", "properties": {"n": STRING}})
ERAS = ["0.50.0", "0.57.0", "0.63.0", "1.3.0", "1.4.0", "1.8.0", "2.0.0"]
DEDUP: Json = {"sync_mode": "incremental", "destination_sync_mode": "append_dedup", "cursor": ["t"], "key": [["id"]]}


def update(old: Json, new: Json, version: str = "2.0.0") -> ServerUpdate:
    return server_update(old, new, server_version=version)


def fields(result: ServerUpdate) -> set[tuple[str, str, bool]]:
    return {
        (change["transformType"], ".".join(change["fieldName"]), change["breaking"])
        for transform in result.diff.transforms
        for change in transform["updateStream"]["fieldTransforms"]
    }


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


def test_what_mappers_make_of_columns() -> None:
    plain = catalog(stream(json_schema=COLUMNS, **DEDUP))

    def with_mappers(*mappers: Json) -> Json:
        return catalog(stream(json_schema=COLUMNS, **DEDUP, mappers=list(mappers)))

    hashed = update(plain, with_mappers(hashing("x", "_h")))
    assert fields(hashed) == {("remove_field", "x", False), ("add_field", "x_h", False)}
    assert hashed.config_changed == ()
    dropped = update(plain, with_mappers(dropping("x")))
    assert fields(dropped) == {("remove_field", "x", False)}
    assert dropped.config_changed == ()
    assert dropped.diff.transforms[0]["updateStream"]["streamAttributeTransforms"] == []
    chain = update(plain, with_mappers(renaming("x", "y"), renaming("y", "z")))
    assert fields(chain) == {("remove_field", "x", False), ("add_field", "z", False)}
    assert update(plain, with_mappers(hashing("t", ""))).reset == ()  # a string already
    assert fields(update(plain, with_mappers(hashing("x", "")))) == {("update_field_schema", "x", False)}


def test_mappers_that_the_server_passes_over() -> None:
    plain = catalog(stream(json_schema=COLUMNS, **DEDUP))
    for passed_over in (renaming("ghost", "y"), renaming("x", "id"), dropping("ghost"), hashing("ghost")):
        assert update(plain, catalog(stream(json_schema=COLUMNS, **DEDUP, mappers=[passed_over]))).reset == ()


def test_a_mapper_that_is_passed_over_leaves_cursor_and_key_alone_too() -> None:
    how: Json = {"sync_mode": "incremental", "cursor": ["ghost"], "key": [["ghost"]]}
    plain, empty = catalog(stream(json_schema=COLUMNS, **how)), catalog(stream(json_schema=COLUMNS))
    assert update(plain, catalog(stream(json_schema=COLUMNS, **how, mappers=[renaming("ghost", "y")]))).reset == ()
    assert update(plain, catalog(stream(json_schema=COLUMNS, **how, mappers=[dropping("ghost")]))).reset == ()
    assert update(empty, catalog(stream(json_schema=COLUMNS, mappers=[dropping("ghost")]))).reset == ()


@pytest.mark.parametrize("method", ["MD2", "MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"])
def test_hashing_methods(method: str) -> None:
    hashed = mapper("hashing", targetField="x", method=method, fieldNameSuffix="_h")
    assert update(catalog(stream(json_schema=COLUMNS)), catalog(stream(json_schema=COLUMNS, mappers=[hashed]))).reset


def test_cursor_and_key_follow_a_renaming() -> None:
    plain = catalog(stream(json_schema=COLUMNS, **DEDUP))
    renamed = catalog(stream(json_schema=COLUMNS, **DEDUP, mappers=[renaming("t", "u")]))
    result = update(plain, renamed)
    assert result.config_changed == (A,)
    # The cursor of the connection is u by then, so that the loss of t breaks nothing.
    assert fields(result) == {("remove_field", "t", False), ("add_field", "u", False)}


def test_a_renamed_object_is_not_seen_under_its_new_name() -> None:
    plain = catalog(stream(json_schema=COLUMNS, **DEDUP))
    result = update(plain, catalog(stream(json_schema=COLUMNS, **DEDUP, mappers=[renaming("o", "p")])))
    assert fields(result) == {("remove_field", "o", False), ("remove_field", "o.n", False)}


def test_a_source_key_follows_its_mappers_too() -> None:
    how = DEDUP | {"source_key": [["id"]]}
    plain, renamed = (catalog(stream(json_schema=COLUMNS, **how, mappers=each)) for each in ([], [renaming("id", "k")]))
    attributes = update(plain, renamed).diff.transforms[0]["updateStream"]["streamAttributeTransforms"]
    assert attributes == [
        {
            "transformType": "update_primary_key",
            "breaking": False,
            "updatePrimaryKey": {"oldPrimaryKey": [["id"]], "newPrimaryKey": [["k"]]},
        }
    ]


def test_dropping_a_field_nulls_lists_that_are_empty() -> None:
    keyed: Json = {"key": [["id"]]}
    plain = catalog(stream(json_schema=COLUMNS, **keyed))
    dropped = catalog(stream(json_schema=COLUMNS, **keyed, mappers=[dropping("x")]))
    assert update(plain, dropped).config_changed == (A,)  # the empty cursor became null
    assert update(dropped, dropped).reset == ()
    unkeyed = catalog(stream(json_schema=COLUMNS)), catalog(stream(json_schema=COLUMNS, mappers=[dropping("x")]))
    for old, new in (unkeyed, unkeyed[::-1]):
        with pytest.raises(CatalogError) as caught:
            update(old, new)
        assert caught.value.code == "internal"  # the empty key became null, and nulls cannot be compared as sets


def test_a_dropped_key_that_a_deduplicating_stream_would_need() -> None:
    how = DEDUP | {"source_key": [["x"]]}
    plain = catalog(stream(json_schema=COLUMNS, **how))
    with pytest.raises(CatalogError) as caught:
        update(plain, catalog(stream(json_schema=COLUMNS, **how, mappers=[dropping("id")])))
    assert caught.value.code == "internal"


def test_field_selection_and_mappers_together() -> None:
    how = DEDUP | selection("id", "t")
    plain = catalog(stream(json_schema=COLUMNS, **how))
    result = update(plain, catalog(stream(json_schema=COLUMNS, **how, mappers=[renaming("id", "k")])))
    assert fields(result) == {("remove_field", "id", False), ("add_field", "k", False)}


def test_a_dropped_cursor_is_no_deselected_one() -> None:
    how = DEDUP | selection("id", "t")
    plain = catalog(stream(json_schema=COLUMNS, **how))
    result = update(plain, catalog(stream(json_schema=COLUMNS, **how, mappers=[dropping("t")])))
    assert result.config_changed == (A,)
    assert fields(result) == {("remove_field", "t", False)}


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


AES: Json = {"algorithm": "AES", "targetField": "x", "fieldNameSuffix": "_e"}
RSA_KEY = "305c300d06092a864886f70d0101010500034b003048024100" + "c3" * 64 + "0203010001"


@pytest.mark.parametrize(
    ("config", "applied"),
    [
        ({**AES, "mode": "CBC", "padding": "PKCS5Padding", "key": "0f" * 16}, True),
        ({**AES, "mode": "CTR", "padding": "NoPadding", "key": "0F" * 32}, True),
        ({**AES, "mode": "OFB", "padding": "NoPadding", "key": "0f" * 24}, True),
        ({**AES, "mode": "CFB", "padding": "PKCS5Padding", "key": "0f" * 16}, True),
        ({**AES, "mode": "CBC", "padding": "NoPadding", "key": "0f" * 16}, False),
        ({**AES, "mode": "ECB", "padding": "PKCS5Padding", "key": "0f" * 16}, False),
        ({**AES, "mode": "GCM", "padding": "NoPadding", "key": "0f" * 16}, False),
        ({**AES, "mode": "CBC", "padding": "PKCS5Padding", "key": "0f" * 15}, False),
        ({**AES, "mode": "CBC", "padding": "PKCS5Padding", "key": "**********"}, False),
        ({"algorithm": "RSA", "targetField": "x", "fieldNameSuffix": "_e", "publicKey": RSA_KEY}, True),
        ({"algorithm": "RSA", "targetField": "x", "fieldNameSuffix": "_e", "publicKey": RSA_KEY[1:]}, False),
        ({"algorithm": "RSA", "targetField": "x", "fieldNameSuffix": "_e", "publicKey": RSA_KEY + "0"}, False),
        ({"algorithm": "RSA", "targetField": "x", "fieldNameSuffix": "_e", "publicKey": "abcd"}, False),
    ],
)
def test_encryption_is_applied_where_it_works(config: Json, applied: bool) -> None:
    plain = catalog(stream(json_schema=COLUMNS))
    result = update(plain, catalog(stream(json_schema=COLUMNS, mappers=[mapper("encryption", **config)])))
    changes = {("remove_field", "x", False), ("add_field", "x_e", False)}
    assert fields(result) == (changes if applied else set())


def test_encryption_without_a_suffix_keeps_the_name() -> None:
    config: Json = {"algorithm": "RSA", "targetField": "x", "publicKey": RSA_KEY}
    result = update(
        catalog(stream(json_schema=COLUMNS)),
        catalog(stream(json_schema=COLUMNS, mappers=[mapper("encryption", **config)])),
    )
    assert fields(result) == {("update_field_schema", "x", False)}


def test_row_filters_leave_columns_alone() -> None:
    equal = {"type": "EQUAL", "fieldName": "id", "comparisonValue": "7"}
    for condition in (equal, {"type": "NOT", "conditions": [equal, {"type": "NOT", "conditions": []}]}):
        mappers = [mapper("row-filtering", conditions=condition)]
        assert update(catalog(stream()), catalog(stream(mappers=mappers))).reset == ()


@pytest.mark.parametrize(
    "unreadable",
    [
        None,
        {"type": "hashing"},
        {"type": None, "mapperConfiguration": {}},
        mapper("unknown"),
        mapper("hashing", targetField="x", method="SHA-256"),
        mapper("hashing", targetField="x", method="sha-256", fieldNameSuffix="_h"),
        mapper("hashing", method="SHA-256", fieldNameSuffix="_h"),
        mapper("field-renaming", originalFieldName="x"),
        mapper("field-renaming", newFieldName="x"),
        mapper("field-filtering"),
        mapper("row-filtering"),
        mapper("row-filtering", conditions={"type": "AND", "conditions": []}),
        mapper("row-filtering", conditions={"type": "EQUAL", "fieldName": "x"}),
        mapper("row-filtering", conditions={"type": "NOT", "conditions": [{}]}),
        mapper("encryption", targetField="x"),
        mapper("encryption", targetField="x", algorithm="DES"),
        mapper("encryption", targetField="x", algorithm="RSA"),
        mapper("encryption", **AES, mode="XTS", padding="NoPadding", key="0f" * 16),
        mapper("encryption", **AES, mode="CBC", padding="Zero", key="0f" * 16),
        mapper("encryption", **AES, mode="CBC", padding="PKCS5Padding"),
    ],
)
def test_mappers_that_the_server_cannot_read(unreadable: Any) -> None:
    with pytest.raises(CatalogError) as caught:
        update(catalog(stream()), catalog(stream(mappers=[unreadable])))
    assert caught.value.code == "internal"


def test_hashed_fields_need_a_path() -> None:
    odds: list[Any] = [{"fieldPath": []}, {}, None]
    for odd in odds:
        with pytest.raises(CatalogError) as caught:
            update(catalog(stream()), catalog(stream(hashedFields=[odd])))
        assert caught.value.code == "internal"
