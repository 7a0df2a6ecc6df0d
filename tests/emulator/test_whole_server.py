"""What only a whole server shows: masks, orders and old types (real-server.md)."""

from typing import Any

import pytest

from .api import DEDUP, Doc, config_of
from .conftest import MakeApi

AES: Doc = {
    "algorithm": "AES",
    "targetField": "email",
    "key": "00112233445566778899aabbccddeeff",
    "fieldNameSuffix": "_enc",
    "mode": "CBC",
    "padding": "PKCS5Padding",
}
ENCRYPTED: Doc = {**DEDUP, "mappers": [{"type": "encryption", "mapperConfiguration": AES}]}
MASKING = ["1.8.0", "2.0.0"]
SCHEMAS: Doc = {
    "zip": {"type": "string"},
    "a": {"$ref": "WellKnownTypes.json#/definitions/Integer"},
    "id": {"type": "integer"},
}


def _catalog(streams: Any, name: str) -> Any:
    return next(entry for entry in streams["syncCatalog"]["streams"] if entry["stream"]["name"] == name)


@pytest.mark.parametrize("version", MASKING)
def test_a_key_is_answered_as_a_mask_that_is_refused_when_it_is_sent_back(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = api.connect(users=ENCRYPTED)["connectionId"]
    answer = api.get(connection_id)
    (mapper,) = config_of(answer, "users")["mappers"]
    assert set(mapper["mapperConfiguration"]["key"]) == {"*"}
    body = {"connectionId": connection_id, "syncCatalog": answer["syncCatalog"]}
    assert api.refused("web_backend/connections/update", 400, **body)["type"] == "error:mapper-validation"


@pytest.mark.parametrize("version", MASKING)
def test_every_update_of_a_catalog_refreshes_a_stream_with_a_key(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = api.connect(users=ENCRYPTED)["connectionId"]
    api.call("connections/sync", connectionId=connection_id)
    api.emulator.finish_jobs()
    api.reconfigure(connection_id, users=ENCRYPTED)
    assert api.job_kinds(connection_id) == ["sync", "refresh"]


@pytest.mark.parametrize("version", ["0.50.0", "1.8.0"])
def test_the_stored_schema_is_in_the_order_of_the_database(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    wanted = api.catalog(users=DEDUP)
    _catalog(wanted, "users")["stream"]["jsonSchema"]["properties"] = SCHEMAS | {
        "updated_at": {"type": "string"},
        "email": {"type": "string"},
    }
    connection_id = api.connect(users=DEDUP)["connectionId"]
    api.update(connection_id, **wanted, skipReset=True)
    stored = api.call("connections/get", connectionId=connection_id)
    properties = _catalog(stored, "users")["stream"]["jsonSchema"]["properties"]
    assert list(properties) == ["a", "id", "zip", "email", "updated_at"], "the shortest first"
    shown = {"type": "number", "airbyte_type": "integer"} if version == "0.50.0" else SCHEMAS["a"]
    assert properties["a"] == shown
