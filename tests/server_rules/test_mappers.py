"""What mappers make of an update: the columns that are compared, what is refused, and what a masked key does."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.server_rules.resets import ServerUpdate, check_sent, server_update
from tests.server_rules.builders import (
    COLUMNS,
    DEDUP,
    Json,
    catalog,
    dropping,
    fields,
    hashing,
    mapper,
    renaming,
    selection,
    stream,
)

A = StreamDescriptor(None, "a")


def update(old: Json, new: Json, version: str = "2.0.0") -> ServerUpdate:
    return server_update(old, new, server_version=version)


def refusal(old: Json, new: Json, version: str = "2.0.0") -> str:
    with pytest.raises(CatalogError) as caught:
        update(old, new, version)
    return caught.value.code


def mapped(*mappers: Json, **config: Any) -> Json:
    return catalog(stream(json_schema=COLUMNS, **config, mappers=list(mappers)))


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


REFUSED: list[list[Json]] = [
    [renaming("ghost", "y")],
    [dropping("ghost")],
    [hashing("ghost")],
    [renaming("x", "id")],
    [renaming("x", "y"), renaming("t", "y")],
    [hashing("x"), dropping("x")],
    [dropping("x"), dropping("x")],
]


@pytest.mark.parametrize("version", ["1.2.0", "1.3.0", "1.4.0", "2.0.0"])
@pytest.mark.parametrize("mappers", REFUSED)
def test_a_mapper_that_cannot_be_applied_is_refused(mappers: list[Json], version: str) -> None:
    assert refusal(mapped(), mapped(*mappers), version) == "mapper-refused"


def test_only_what_is_configured_is_refused() -> None:
    ghost = [renaming("ghost", "y")]
    assert update(mapped(), mapped(*ghost), "1.1.0").reset == ()  # mappers are not read yet
    unselected = catalog(*mapped()["streams"], stream("b", selected=False, mappers=ghost))
    assert update(mapped(), unselected).reset == ()


def test_a_field_that_is_not_selected_cannot_be_mapped() -> None:
    some = {"json_schema": COLUMNS, **selection("id", "t")}
    assert refusal(catalog(stream(**some)), catalog(stream(**some, mappers=[hashing("x")]))) == "mapper-refused"


def test_a_mapper_of_the_stored_catalog_whose_field_has_gone_is_passed_over() -> None:
    for passed_over in (renaming("ghost", "y"), renaming("x", "id"), dropping("ghost"), hashing("ghost")):
        assert update(mapped(passed_over, **DEDUP), mapped(**DEDUP)).reset == ()


def test_a_mapper_that_is_passed_over_leaves_cursor_and_key_alone_too() -> None:
    how: Json = {"sync_mode": "incremental", "cursor": ["ghost"], "key": [["ghost"]]}
    assert update(mapped(renaming("ghost", "y"), **how), mapped(**how)).reset == ()
    assert update(mapped(dropping("ghost"), **how), mapped(**how)).reset == ()
    assert update(mapped(dropping("ghost")), mapped()).reset == ()


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


AES: Json = {"algorithm": "AES", "targetField": "x", "fieldNameSuffix": "_e"}
RSA_KEY = "305c300d06092a864886f70d0101010500034b003048024100" + "c3" * 64 + "0203010001"


@pytest.mark.parametrize(
    ("config", "works"),
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
def test_an_encryption_that_cannot_work_is_refused(config: Json, works: bool) -> None:
    encrypted = mapped(mapper("encryption", **config))
    if works:
        update(mapped(), encrypted)
    else:
        assert refusal(mapped(), encrypted) == "mapper-refused"


AES_BY_KEY: Json = {**AES, "mode": "CBC", "padding": "PKCS5Padding", "key": "0f" * 16}
ENCRYPTED = {("remove_field", "x", False), ("add_field", "x_e", False)}
PLAIN = {("remove_field", "x_e", False), ("add_field", "x", False)}


def test_rsa_changes_its_column() -> None:
    rsa = mapped(
        mapper("encryption", algorithm="RSA", targetField="x", fieldNameSuffix="_e", publicKey=RSA_KEY),
    )
    assert fields(update(mapped(), rsa)) == ENCRYPTED
    assert update(rsa, rsa).reset == ()


@pytest.mark.parametrize("version", ["1.4.0", "1.8.0", "2.0.0"])
def test_aes_is_reset_at_every_update_but_the_first(version: str) -> None:
    aes = mapped(mapper("encryption", **AES_BY_KEY))
    assert update(mapped(), aes, version).reset == ()
    again = update(aes, aes, version)
    assert (again.reset, fields(again)) == ((A,), PLAIN)
    assert fields(update(aes, mapped(), version)) == PLAIN


def test_aes_is_not_seen_before_columns_are_compared_as_mapped() -> None:
    aes = mapped(mapper("encryption", **AES_BY_KEY))
    for old, new in ((mapped(), aes), (aes, aes), (aes, mapped())):
        assert update(old, new, "1.3.0").reset == ()


def test_the_mask_stands_for_the_stored_key_but_cannot_be_sent() -> None:
    aes, masked = (mapped(mapper("encryption", **AES_BY_KEY | {"key": key})) for key in ("0f" * 16, "**********"))
    assert fields(update(masked, aes)) == PLAIN
    assert fields(update(masked, mapped())) == PLAIN
    assert refusal(masked, masked) == "mapper-refused"


def test_an_update_without_streams_resets_what_is_encrypted_and_sends_no_mask() -> None:
    masked = mapped(mapper("encryption", **AES_BY_KEY | {"key": "**********"}))
    sent_none = server_update(masked, None, server_version="2.0.0", discovered=mapped())
    assert (sent_none.reset, fields(sent_none)) == ((A,), PLAIN)
    assert server_update(masked, None, server_version="1.3.0").reset == ()
    assert server_update(mapped(hashing("x", "_h")), None, server_version="2.0.0").reset == ()


def test_what_is_sent_is_refused_whatever_skip_reset_says() -> None:
    def refused(catalog: Json, version: str = "2.0.0") -> str:
        try:
            check_sent(catalog, server_version=version)
        except CatalogError as error:
            return error.code
        return ""

    masked = mapped(mapper("encryption", **AES_BY_KEY | {"key": "**********"}))
    assert [refused(masked, version) for version in ("1.0.0", "1.3.0", "2.0.0")] == ["", *["mapper-refused"] * 2]
    assert refused(mapped(hashing("gone", "_h"))) == "mapper-refused"
    assert refused(mapped(hashing("x", "_h"))) == ""
    assert refused(mapped(mapper("newer"))) == "internal"
    chosen = stream(json_schema=COLUMNS, **DEDUP, **selection("id", "t"), mappers=[hashing("x", "_h")])
    assert refused(catalog(chosen)) == "mapper-refused"
    plain = stream(json_schema=COLUMNS)
    assert refused(catalog(plain, plain)) == "duplicate-stream"
    assert refused(catalog(plain, plain), "0.50.0") == ""


def test_an_encrypted_key_column_is_a_changed_configuration() -> None:
    aes = mapped(mapper("encryption", **AES_BY_KEY | {"targetField": "id"}), **DEDUP)
    assert update(aes, aes).config_changed == (A,)


def test_what_follows_aes_is_passed_over_where_the_key_is_masked() -> None:
    both = mapped(mapper("encryption", **AES_BY_KEY), renaming("x_e", "y"))
    assert fields(update(both, both)) == {("remove_field", "y", False), ("add_field", "x", False)}


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
