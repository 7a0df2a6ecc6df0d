"""Mappers as the server answers them, held against those that are declared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_airbyte_wb.spec.mappers import (
    MASK,
    dropped_settings,
    is_masked,
    plain_mapper,
    sent_mappers,
    shown_mapper,
    unmasked,
    with_secrets,
)
from pulumi_airbyte_wb.spec.streams import StreamSpec

AES = {"algorithm": "AES", "targetField": "email", "fieldNameSuffix": "_enc", "mode": "CBC", "padding": "PKCS5Padding"}
KEY, OTHER = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"


def encryption(key: str, **other: str) -> str:
    return plain_mapper({"type": "encryption", "mapperConfiguration": {**AES, "key": key, **other}})


RENAME = plain_mapper(
    {"type": "field-renaming", "mapperConfiguration": {"originalFieldName": "note", "newFieldName": "memo"}}
)


def rows(value: str) -> str:
    equal = {"type": "EQUAL", "fieldName": "region", "comparisonValue": value}
    return plain_mapper({"type": "row-filtering", "mapperConfiguration": {"conditions": equal}})


@pytest.mark.parametrize(
    ("live", "declared", "expected"),
    [
        ([encryption(MASK)], [encryption(KEY)], [encryption(KEY)]),
        ([encryption(OTHER)], [encryption(KEY)], [encryption(OTHER)]),
        ([encryption(MASK, mode="OFB")], [encryption(KEY)], [encryption(MASK, mode="OFB")]),
        ([encryption(MASK)], [], [encryption(MASK)]),
        ([encryption(MASK)], [RENAME], [encryption(MASK)]),
        ([RENAME, encryption(MASK)], [RENAME, encryption(KEY)], [RENAME, encryption(KEY)]),
        ([RENAME, encryption(MASK)], [encryption(KEY)], [RENAME, encryption(KEY)]),
        ([encryption(MASK)] * 2, [encryption(KEY)], [encryption(KEY), encryption(MASK)]),
        (
            [encryption(MASK), encryption(MASK, targetField="name")],
            [encryption(OTHER, targetField="name")],
            [encryption(MASK), encryption(OTHER, targetField="name")],
        ),
        ([rows("**********")], [rows("eu")], [rows("**********")]),
        ([RENAME], [RENAME, encryption(KEY)], [RENAME]),
        ([], [encryption(KEY)], []),
        ([encryption(MASK)], ['{"mapperConfiguration":"x","type":"encryption"}'], [encryption(MASK)]),
    ],
)
def test_what_the_server_masks_is_taken_to_be_what_is_declared(
    live: list[str], declared: list[str], expected: list[str]
) -> None:
    assert list(unmasked(live, declared)) == expected


def test_a_masked_stream_is_as_it_is_declared_and_one_without_declared_mappers_leaves_them_alone() -> None:
    def line(key: str) -> str:
        return f"full_refresh_overwrite mappers=[{encryption(key)}]"

    live = StreamSpec.parse(line(MASK))
    assert StreamSpec.parse(line(KEY)).in_words(live) == StreamSpec.parse(line(KEY))
    assert StreamSpec.parse("full_refresh_overwrite").in_words(live).mappers is None
    assert StreamSpec.parse("full_refresh_overwrite mappers=[]").in_words(live) == live


def test_what_the_server_adds_to_a_mapper_is_no_part_of_it() -> None:
    equal = {"type": "EQUAL", "fieldName": "region", "comparisonValue": "eu"}

    def rows(conditions: Any, **other: str) -> str:
        return plain_mapper({"type": "row-filtering", "mapperConfiguration": {"conditions": conditions}, **other})

    assert rows({**equal, "conditions": []}, id="x") == rows(equal)
    assert '{"conditions":{"comparisonValue":"eu","fieldName":"region","type":"EQUAL"}}' in rows(equal)
    assert rows({"type": "NOT", "conditions": [{**equal, "conditions": []}]}) == rows(
        {"type": "NOT", "conditions": [equal]}
    )
    assert json.loads(rows({"type": "NOT", "conditions": []}))["mapperConfiguration"]["conditions"]["conditions"] == []


HASHING = {"targetField": "email", "method": "MD5", "fieldNameSuffix": "_h"}


def hashing(**other: Any) -> str:
    return plain_mapper({"type": "hashing", "mapperConfiguration": {**HASHING, **other}})


@pytest.mark.parametrize(
    ("seen", "said", "same", "dropped"),
    [
        (hashing(), hashing(salt="x", pepper=1), True, ("pepper", "salt")),
        (hashing(salt="y"), hashing(salt="x"), False, ()),
        (hashing(salt="x"), hashing(salt="x", pepper=1), True, ("pepper",)),
        (hashing(method="MD2"), hashing(salt="x"), False, ("salt",)),
        (hashing(salt="x"), hashing(), False, ()),
        (encryption(MASK), encryption(KEY, salt="x"), True, ("salt",)),
        (encryption(MASK), encryption(KEY, publicKey="x"), True, ("publicKey",)),
        ('{"mapperConfiguration":{},"type":"newer"}', '{"mapperConfiguration":{"a":1},"type":"newer"}', True, ("a",)),
        ('{"mapperConfiguration":{},"type":"hashing"}', hashing(), False, ()),
        ('{"mapperConfiguration":{},"type":"row-filtering"}', rows("eu"), False, ()),
        ('{"type":"newer"}', '{"mapperConfiguration":{"a":1},"type":"newer"}', False, ()),
    ],
)
def test_a_setting_that_no_such_mapper_has_and_the_server_drops_is_no_difference(
    seen: str, said: str, same: bool, dropped: tuple[str, ...]
) -> None:
    assert list(unmasked([seen], [said])) == [said if same else seen]
    assert dropped_settings(seen, said) == dropped


def test_a_mapper_is_shown_without_its_key() -> None:
    assert shown_mapper(encryption(KEY)) == encryption(MASK)
    assert shown_mapper(hashing()) == hashing()
    assert shown_mapper('{"mapperConfiguration":"key","type":"x"}') == '{"mapperConfiguration":"key","type":"x"}'


def live(text: str, id_: str) -> dict[str, Any]:
    return {"id": id_, **json.loads(text)}


def test_what_the_server_masks_is_put_in_again_and_its_ids_stay() -> None:
    there = [live(RENAME, "1"), live(encryption(MASK), "2"), live(encryption(MASK, targetField="name"), "3")]
    found = with_secrets(there, [encryption(KEY)])
    assert found == [live(RENAME, "1"), live(encryption(KEY), "2"), live(encryption(MASK, targetField="name"), "3")]
    assert list(map(is_masked, found)) == [False, False, True]
    assert not is_masked({"type": "encryption"})


@pytest.mark.parametrize(
    ("declared", "ids"),
    [
        ([encryption(KEY), RENAME], ["2", "1"]),
        ([encryption(OTHER)], ["2"]),
        ([rows("eu"), encryption(KEY)], [None, "2"]),
        ([encryption(OTHER), encryption(KEY)], [None, "2"]),
        ([encryption(KEY, targetField="name"), '{"type":"newer"}'], [None, None]),
        ([], []),
    ],
)
def test_a_mapper_is_sent_with_the_id_that_the_server_gave_it(declared: list[str], ids: list[str | None]) -> None:
    sent = sent_mappers(declared, [live(RENAME, "1"), live(encryption(KEY), "2")])
    assert [each.get("id") for each in sent] == ids
    assert [plain_mapper(each) for each in sent] == declared
    assert all("id" not in each for each in sent_mappers(declared, []))
