"""What the source defines, or the server hides, counts as much as what is declared."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.core.world import made_id
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import USERS, declare, kinds, rows

OWN = {"sourceDefinedPrimaryKey": [["id"]], "sourceDefinedCursor": True, "defaultCursorField": ["seq"]}
BOTH_WAYS = {"supportedSyncModes": ["full_refresh", "incremental"]}
AES = {"algorithm": "AES", "targetField": "email", "fieldNameSuffix": "_enc", "mode": "CBC", "padding": "PKCS5Padding"}
KEY, OTHER_KEY = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"


def schema(*columns: str) -> dict[str, Any]:
    return {"type": "object", "properties": {column: {"type": ["null", "integer"]} for column in columns}}


def mapped(line: str, *mappers: dict[str, Any]) -> str:
    return f"{line} mappers={json.dumps(mappers, separators=(',', ':'))}"


def mapper(kind: str, **settings: Any) -> dict[str, Any]:
    return {"type": kind, "mapperConfiguration": settings}


@pytest.fixture
def own() -> Emulator:
    """A server whose source defines cursor and key."""
    stream = {"name": "log", "namespace": "public", "jsonSchema": schema("id", "seq", "v"), **BOTH_WAYS, **OWN}
    world = {
        "sources": [{"name": "api", "kind": "api", "streams": [{**stream, "rows": [{"id": 1, "seq": 1, "v": 1}]}]}],
        "destinations": [{"name": "wh", "supportsRefreshes": True}],
    }
    return Emulator(world)


def ends(**other: Any) -> dict[str, Any]:
    return {"source_id": made_id("source", "api"), "destination_id": made_id("destination", "wh"), **other}


@pytest.mark.parametrize("column", ["id", "seq"])
@pytest.mark.parametrize("kind", ["field-filtering", "hashing", "field-renaming", "fields"])
def test_no_mapper_and_no_selection_takes_the_sources_own_key_or_cursor(own: Emulator, kind: str, column: str) -> None:
    name = "originalFieldName" if kind == "field-renaming" else "targetField"
    settings = {name: column, "method": "SHA-256", "fieldNameSuffix": "_h", "newFieldName": "new"}
    wrong = mapped("incremental_append_dedup", mapper(kind, **settings))
    if kind == "fields":
        wrong = f"incremental_append_dedup fields={','.join({'id', 'seq', 'v'} - {column})}"
    with own:
        log = Resource(own.url)
        log.up(ends(streams={"public.log": "incremental_append_dedup"}))
        with pytest.raises(RefusedError, match="is part of the key" if column == "id" else "is the cursor"):
            log.preview(ends(streams={"public.log": wrong}))


@pytest.mark.parametrize("gone", ["id", "seq"])
def test_a_newer_schema_without_the_sources_own_key_or_cursor_is_not_accepted(own: Emulator, gone: str) -> None:
    news = ends(streams={"public.log": "incremental_append_dedup"}, schema_changes="accept")
    with own:
        log = Resource(own.url)
        log.up(news)
        own.sync(log.id)
        left = schema(*({"id", "seq", "v"} - {gone}))
        own.set_stream("api", {"name": "log", "namespace": "public", "jsonSchema": left, **BOTH_WAYS, **OWN})
        body = {"sourceId": made_id("source", "api"), "connectionId": log.id, "disable_cache": True}
        httpx.post(f"{own.url}/api/v1/sources/discover_schema", json=body)
        log.refresh()
        with pytest.raises(RefusedError) as refused:
            log.preview(news)
    assert f"cursor or key gone from the source: {gone}: blocked [AWB253]" in str(refused.value)
    assert "declare another cursor or key, or a mode that needs none, or schema_changes='keep'" in str(refused.value)


def mask(server: Emulator, connection_id: str) -> None:
    """Put the mask there that a real server answers in place of the key."""
    url, body = f"{server.url}/api/v1/web_backend/connections", {"connectionId": connection_id}
    catalog = httpx.post(f"{url}/get", json=body).json()["syncCatalog"]
    for entry in catalog["streams"]:
        for each in entry["config"].get("mappers") or []:
            each["mapperConfiguration"]["key"] = "**********"
    httpx.post(f"{url}/update", json={**body, "syncCatalog": catalog, "skipReset": True})


def test_a_masked_key_is_no_change_and_a_changed_one_is(server: Emulator, shop: Resource) -> None:
    def news(key: str) -> dict[str, Any]:
        return declare({"public.users": mapped(USERS, mapper("encryption", **AES, key=key))})

    shop.up(news(KEY))
    server.sync(shop.id)
    for _ in range(2):
        mask(server, shop.id)
        shop.refresh()
        assert not shop.changed(news(KEY))
        shop.up(news(KEY))
    assert kinds(server, shop.id) == ["sync"]
    assert shop.preview(news(OTHER_KEY))["public.users"].startswith("AWB260 truncate")
    other = Resource(server.url, "other")
    adopted = other.preview({**news(KEY), "adopt": shop.id})
    assert adopted["next public.users"].startswith("AWB263 block")


def test_a_row_filter_on_a_misspelt_column_empties_no_table(server: Emulator, shop: Resource) -> None:
    def news(column: str) -> dict[str, Any]:
        inner = {"type": "EQUAL", "fieldName": column, "comparisonValue": "eu"}
        filtered = mapper("row-filtering", conditions={"type": "NOT", "conditions": [inner]})
        return declare({"public.users": mapped(USERS, filtered)})

    shop.up(declare({"public.users": USERS}))
    server.sync(shop.id)
    before = rows(server, "users")
    with pytest.raises(RefusedError, match=r"'regoin' is no column of public.users .*did you mean 'region'"):
        shop.up(news("regoin"))
    assert rows(server, "users") == before > 0
    assert shop.preview(news("region"))["public.users"].startswith("AWB260 truncate")
