"""Which fields and words a version knows (semantics §14)."""

import pytest

from tools.builtin_world import CRM, SHOP, UNKNOWN, WAREHOUSE

from .api import DEDUP, Api, Doc
from .conftest import MakeApi

NEWER = {  # field of a stream's configuration: (a value, the versions that keep it)
    "generationId": (3, ()),
    "hashedFields": ([{"fieldPath": ["email"]}], ("1.0.0", "1.8.0", "2.0.0")),
    "includeFiles": (False, ("1.8.0", "2.0.0")),
    "destinationObjectName": ("thing", ("1.8.0", "2.0.0")),
    "mappers": (
        [{"type": "field-renaming", "mapperConfiguration": {"originalFieldName": "email", "newFieldName": "mail"}}],
        ("1.8.0", "2.0.0"),
    ),
}


@pytest.mark.parametrize("field", NEWER)
def test_fields_of_a_stream(any_api: Api, field: str) -> None:
    value, versions = NEWER[field]
    connection = any_api.connect(users={**DEDUP, field: value})
    stored = any_api.call("connections/get", connectionId=connection["connectionId"])["syncCatalog"]["streams"][0]
    if any_api.version in versions:
        assert _without_ids(stored["config"][field]) == value
    else:
        assert field not in stored["config"]


def _without_ids(value: object) -> object:
    """Mappers get ids of the server."""
    if not isinstance(value, list):
        return value
    return [{name: part for name, part in item.items() if name != "id"} for item in value]


@pytest.mark.parametrize(("field", "since"), [("destinationCatalogId", ("1.8.0", "2.0.0"))])
def test_fields_of_a_connection(any_api: Api, field: str, since: tuple[str, ...]) -> None:
    connection = any_api.connect(users=DEDUP, fields={field: UNKNOWN})
    assert (connection.get(field) == UNKNOWN) is (any_api.version in since)


@pytest.mark.parametrize(
    ("mode", "since"),
    [
        ("overwrite_dedup", ("1.0.0", "1.8.0", "2.0.0")),
        ("update", ("1.8.0", "2.0.0")),
        ("soft_delete", ("1.8.0", "2.0.0")),
    ],
)
def test_words_of_destination_sync_mode(any_api: Api, mode: str, since: tuple[str, ...]) -> None:
    body = {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active"}
    body |= any_api.catalog(users={**DEDUP, "destinationSyncMode": mode})
    response = any_api.raw("web_backend/connections/create", body)
    assert response.status_code == (200 if any_api.version in since else 400)


@pytest.mark.parametrize("version", ["1.0.0", "1.8.0", "2.0.0"])
def test_overwrite_dedup_needs_its_key(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    config: Doc = {
        **DEDUP,
        "syncMode": "full_refresh",
        "destinationSyncMode": "overwrite_dedup",
        "fieldSelectionEnabled": True,
        "selectedFields": [{"fieldPath": ["email"]}],
    }
    body = {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active", **api.catalog(users=config)}
    api.refused("web_backend/connections/create", 422, **body)


@pytest.mark.parametrize(("version", "shown"), [("0.50.0", False), ("0.63.0", True), ("1.8.0", True)])
def test_is_resumable(make_api: MakeApi, version: str, shown: bool) -> None:
    api = make_api(version)
    stream = {
        "name": "owners",
        "jsonSchema": {"type": "object", "properties": {}},
        "supportedSyncModes": ["full_refresh"],
    }
    api.emulator.set_stream("crm", {**stream, "isResumable": True})
    catalog = api.call("sources/discover_schema", sourceId=CRM, disable_cache=True)["catalog"]
    (found,) = [entry["stream"] for entry in catalog["streams"] if entry["stream"]["name"] == "owners"]
    assert ("isResumable" in found) is shown


@pytest.mark.parametrize(
    ("version", "mappers"), [("1.8.0", ["encryption", "field-filtering"]), ("2.0.0", ["encryption", "field-filtering"])]
)
def test_mapper_types(make_api: MakeApi, version: str, mappers: list[str]) -> None:
    api = make_api(version)
    key = {"algorithm": "AES", "mode": "CBC", "padding": "PKCS5Padding", "fieldNameSuffix": "_e", "key": "0" * 32}
    for mapper in mappers:
        more = key if mapper == "encryption" else {}
        settings = {"type": mapper, "mapperConfiguration": {"targetField": "email", **more}}
        assert api.connect(users={**DEDUP, "mappers": [settings]})["connectionId"]
    body = {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active"}
    body |= api.catalog(users={**DEDUP, "mappers": [{"type": "shredding", "mapperConfiguration": {}}]})
    api.refused("web_backend/connections/create", 400, **body)
