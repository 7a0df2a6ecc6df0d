"""Each mapper held against the columns that those before it leave, and against what the server takes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.spec.mapper_checks import check_mappers
from pulumi_airbyte_wb.spec.mappers import MASK, plain_mapper

COLUMNS = ("id", "ts", "email", "region", "note")
NEEDED = {"id": "part of the key", "ts": "the cursor"}
KEY = "0011223344556677889900AABBCCDDEEFF"[:32]

Mapper = dict[str, Any]


def mapper(kind: str, **settings: Any) -> Mapper:
    return {"type": kind, "mapperConfiguration": settings}


def hashing(column: str = "email", method: str = "SHA-256", suffix: str = "_hashed") -> Mapper:
    return mapper("hashing", targetField=column, method=method, fieldNameSuffix=suffix)


def renaming(column: str, name: str) -> Mapper:
    return mapper("field-renaming", originalFieldName=column, newFieldName=name)


def dropping(column: str) -> Mapper:
    return mapper("field-filtering", targetField=column)


def aes(**other: Any) -> Mapper:
    return mapper("encryption", **{
        "algorithm": "AES", "targetField": "email", "fieldNameSuffix": "_enc", "key": KEY, "mode": "CBC",
        "padding": "PKCS5Padding", **other,
    })  # fmt: skip


def rsa(key: str) -> Mapper:
    return mapper("encryption", algorithm="RSA", targetField="email", fieldNameSuffix="_enc", publicKey=key)


def equal(column: str, value: Any = "eu") -> Mapper:
    return {"type": "EQUAL", "fieldName": column, "comparisonValue": value}


def no(*conditions: Mapper) -> Mapper:
    return {"type": "NOT", "conditions": list(conditions)}


def rows(conditions: Any) -> Mapper:
    return mapper("row-filtering", conditions=conditions)


def problems(
    *mappers: Mapper, columns: tuple[str, ...] = COLUMNS, selected: tuple[str, ...] = ()
) -> list[DeclarationError]:
    texts = [plain_mapper(each) for each in mappers]
    return list(check_mappers(texts, "public.users", columns, selected, NEEDED, "s"))


@pytest.mark.parametrize(
    "mappers",
    [
        [hashing()],
        [hashing(suffix="")],
        [hashing(method="MD2")],
        [dropping("note")],
        [renaming("note", "memo"), hashing("memo")],
        [dropping("note"), renaming("email", "note")],
        [renaming("note", "note")],
        [rows(equal("region")), dropping("region")],
        [rows(no(equal("region"), no(equal("note"))))],
        [hashing(), rows(equal("email_hashed", "x"))],
        [rows(equal("_ab_cdc_deleted_at"))],
        [aes()],
        [aes(mode="CTR", padding="NoPadding", key=KEY * 2)],
        [aes(mode="OFB", padding="NoPadding")],
        [rsa("30820122300d06092a864886f70d010101")],
    ],
)
def test_what_the_server_takes(mappers: list[Mapper]) -> None:
    assert problems(*mappers) == []


@pytest.mark.parametrize(
    ("mappers", "path", "words"),
    [
        ([hashing("emial")], "s.mappers[0].targetField", "'emial' is no column of public.users .*did you mean 'email'"),
        ([rows(equal("regoin"))], "s.mappers[0].conditions.fieldName", "'regoin' is no column .*'region'"),
        (
            [rows(no(equal("region"), no(equal("regoin"))))],
            "s.mappers[0].conditions.conditions[1].conditions[0].fieldName",
            "did you mean 'region'",
        ),
        ([renaming("note", "memo"), hashing("note")], "s.mappers[1].targetField", "'note' is no column of"),
        ([dropping("region"), rows(equal("region"))], "s.mappers[1].conditions.fieldName", "mapper takes it out"),
        ([hashing(), hashing()], "s.mappers[1].targetField", "an earlier mapper makes it 'email_hashed'"),
        ([hashing("id")], "s.mappers[0].targetField", "is part of the key, which a hashing mapper would change"),
        ([dropping("ts")], "s.mappers[0].targetField", "is the cursor, which a field-filtering mapper would change"),
        ([renaming("note", "email")], "s.mappers[0].newFieldName", "makes it 'email', which is a column already"),
        ([hashing("email", suffix="")], None, ""),
        ([renaming("note", "n_hashed"), hashing("n_hashed", suffix="")], None, ""),
        ([renaming("note", "email_hashed"), hashing()], "s.mappers[1].fieldNameSuffix", "makes it 'email_hashed'"),
        ([{"type": "hash"}], "s.mappers[0].type", "'hash' is not a mapper of Airbyte's; did you mean 'hashing'"),
        ([{"type": "own"}], "s.mappers[0].type", "use hashing, field-renaming, field-filtering, encryption, row"),
        ([{"type": "hashing"}], "s.mappers[0].mapperConfiguration", "write 'mapperConfiguration': {'targetField': …}"),
        ([mapper("hashing", target_field="email", method="MD5", fieldNameSuffix="_h")], "s.mappers[0].targetField",
         "this mapper needs it; write it in place of 'target_field'"),
        ([mapper("field-filtering", xyzzy="email")], "s.mappers[0].targetField", "needs it; add it"),
        ([mapper("field-filtering")], "s.mappers[0].targetField", "is missing, and this mapper needs it; add it"),
        ([mapper("field-filtering", targetField=7)], "s.mappers[0].targetField", "7 is not a text"),
        ([hashing(method="sha-256")], "s.mappers[0].method", "did you mean 'SHA-256'"),
        ([hashing(method="xyzzy")], "s.mappers[0].method", "use MD2, MD5, SHA-1"),
        ([rows({"type": "equal"})], "s.mappers[0].conditions.type", "did you mean 'EQUAL'"),
        ([rows({"type": "AND", "conditions": []})], "s.mappers[0].conditions.type", "a row-filtering mapper for each"),
        ([rows({"type": "or"})], "s.mappers[0].conditions.type", "the server knows EQUAL and NOT alone"),
        ([rows({})], "s.mappers[0].conditions.type", "'nothing' is not a .*; write {'type': 'EQUAL', …}"),
        ([rows(no())], "s.mappers[0].conditions.conditions", "is not a list of conditions"),
        ([rows(no([]))], "s.mappers[0].conditions.conditions[0].type", "is not a condition"),  # type: ignore[arg-type]
        ([rows(equal("region", 7))], "s.mappers[0].conditions.comparisonValue", "7 is not a text; write it in quotes"),
        ([mapper("row-filtering")], "s.mappers[0].conditions", "'conditions' is missing"),
        ([aes(algorithm="DES")], "s.mappers[0].algorithm", "did you mean 'AES'"),
        ([aes(mode="GCM")], "s.mappers[0].mode", "is no mode with which the server can work"),
        ([aes(padding="NoPadding")], "s.mappers[0].padding", "does not work with mode CBC; use PKCS5Padding"),
        ([aes(mode="CTR")], "s.mappers[0].padding", "does not work with mode CTR; use NoPadding"),
        ([aes(key=MASK)], "s.mappers[0].key", "is the mask that Airbyte shows instead of the key; declare"),
        ([aes(key="0011")], "s.mappers[0].key", "is not 32, 48 or 64 hexadecimal digits"),
        ([aes(key=None)], "s.mappers[0].key", "is not a text"),
        ([rsa("0011")], "s.mappers[0].publicKey", "is not an RSA public key"),
        ([rsa("key")], "s.mappers[0].publicKey", "is not a public key in hexadecimal digits"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_is_right(mappers: list[Mapper], path: str | None, words: str) -> None:
    found = problems(*mappers)
    assert [problem.path for problem in found] == ([] if path is None else [path])
    for problem in found:
        assert re.search(words, problem.reason), problem.reason


def test_a_key_is_never_shown() -> None:
    (problem,) = problems(aes(key="topsecret"))
    assert "topsecret" not in str(problem)


def test_columns_that_are_not_selected_are_not_there() -> None:
    chosen = ("id", "ts", "note")
    assert problems(hashing("note"), selected=chosen) == []
    for wrong in (hashing(), rows(equal("email"))):
        (problem,) = problems(wrong, selected=chosen)
        assert problem.reason == "'email' is not among the selected columns; select it too"


def test_of_a_source_that_describes_no_columns_any_may_be_mapped() -> None:
    assert problems(hashing("any"), rows(equal("other")), columns=()) == []
    (problem,) = problems(hashing("id"), columns=())
    assert "is part of the key" in problem.reason


def test_what_comes_after_a_wrong_mapper_is_not_looked_at() -> None:
    assert len(problems(dropping("zzz"), dropping("yyy"))) == 1
