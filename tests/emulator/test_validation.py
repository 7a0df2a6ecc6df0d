"""What the server refuses, and how it says so (semantics §11, §12)."""

import base64
from typing import Any

import pytest

from pulumi_airbyte_wb.emulator.core.world import Auth
from pulumi_airbyte_wb.emulator.core.world_file import default_world
from tools.builtin_world import SHOP, UNKNOWN, WAREHOUSE, WORKSPACE

from .api import DEDUP, Api, Doc, config_of
from .conftest import MakeApi
from .openapi import problems

OLD = ("0.44.0", "0.50.0")
CREATE = "web_backend/connections/create"


def _create(api: Api, **fields: Any) -> Doc:
    return {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active", **api.catalog(users=DEDUP), **fields}


def _with(api: Api, config: Doc) -> Doc:
    return {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active", **api.catalog(users={**DEDUP, **config})}


def test_the_body_of_a_404(any_api: Api) -> None:
    body = any_api.refused("connections/get", 404, connectionId=UNKNOWN)
    text = f"Could not find configuration for STANDARD_SYNC: {UNKNOWN}."
    if any_api.version == "2.0.0":
        assert list(body) == ["errorId"]
    else:
        assert body["message"] == f"Internal Server Error: {text}"
        assert ("exceptionStack" in body) is (any_api.version in (*OLD, "0.63.0", "1.0.0"))


def test_the_body_of_a_500(any_api: Api) -> None:
    body = any_api.refused("jobs/list", 500, configTypes=[])
    if any_api.version == "2.0.0":
        assert list(body) == ["errorId"]
    else:
        assert body["message"].startswith("Internal Server Error: ")


def test_the_body_of_a_422(any_api: Api) -> None:
    body = any_api.refused(CREATE, 422, **_with(any_api, {"fieldSelectionEnabled": True, "selectedFields": None}))
    assert body["message"].startswith("The provided configuration does not fulfill the specification. Errors: ")
    assert ("errorId" in body) is (any_api.version == "2.0.0")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("connections/get", {"connectionId": "not-a-uuid"}),
        ("connections/get", {"connectionId": 7}),
        (CREATE, {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "ACTIVE"}),
        (CREATE, {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active", "syncCatalog": "x"}),
        (CREATE, {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active", "syncCatalog": {"streams": 5}}),
        ("jobs/get", {"id": "one"}),
    ],
)
def test_what_cannot_be_bound(any_api: Api, path: str, body: Doc) -> None:
    answer = any_api.refused(path, 400, **body)
    (error,) = answer["_embedded"]["errors"]
    assert answer["message"] == "Bad Request"
    assert error["path"].startswith("/")
    told = "Required argument [" if any_api.version in OLD else "Failed to convert argument ["
    assert error["message"].startswith(told)


def test_unknown_properties_are_ignored(any_api: Api) -> None:
    body = _create(any_api, whatever=1)
    body["syncCatalog"]["streams"][0]["config"]["strange"] = {"a": 1}
    answer = any_api.call(CREATE, **body)
    assert "whatever" not in answer


def test_missing_required_properties_break_later(any_api: Api) -> None:
    any_api.refused("connections/get", 500)
    any_api.refused(CREATE, 500, destinationId=WAREHOUSE)


def test_malformed_json(any_api: Api) -> None:
    response = any_api.raw("connections/get", "{not json")
    assert response.status_code == (422 if any_api.version in OLD else 400)


def test_null_lists_are_stored_empty(any_api: Api) -> None:
    connection = any_api.call(CREATE, **_with(any_api, {"cursorField": None, "primaryKey": None}))
    assert config_of(connection, "users")["cursorField"] == config_of(connection, "users")["primaryKey"] == []
    body = _with(any_api, {})
    for entry in body["syncCatalog"]["streams"]:
        entry["config"].pop("cursorField")
    any_api.call(CREATE, **body)


def test_wrong_method_and_content_type(any_api: Api) -> None:
    wanted = 500 if any_api.version in ("1.8.0", "2.0.0") else 405
    assert any_api.raw("connections/get", method="GET").status_code == wanted
    assert any_api.raw("connections/get", "x", **{"content-type": "text/plain"}).status_code == 415
    assert any_api.raw("nowhere", {}).status_code == 404
    assert any_api.raw("connections/get", "x" * (10 * 1024 * 1024 + 1)).status_code == 413


def test_an_unknown_catalog_id(any_api: Api) -> None:
    wanted = 409 if any_api.version in ("1.8.0", "2.0.0") else 500
    any_api.refused(CREATE, wanted, **_create(any_api, sourceCatalogId=UNKNOWN))


def test_a_name_wider_than_its_column(any_api: Api) -> None:
    wanted = 409 if any_api.version in ("1.8.0", "2.0.0") else 500
    any_api.refused(CREATE, wanted, **_create(any_api, name="x" * 257))
    any_api.call(CREATE, **_create(any_api, name=""))


def test_duplicate_streams(any_api: Api) -> None:
    body = _create(any_api)
    body["syncCatalog"]["streams"].append(body["syncCatalog"]["streams"][0])
    response = any_api.raw(CREATE, body)
    assert response.status_code == (200 if any_api.version in OLD else 500)
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    update = {"connectionId": connection_id, "syncCatalog": body["syncCatalog"]}
    assert any_api.raw("web_backend/connections/update", update).status_code == 500


@pytest.mark.parametrize(
    "config",
    [
        {"syncMode": "incremental", "cursorField": []},
        {"cursorField": ["no_such_field"]},
        {"primaryKey": []},
        {"primaryKey": [["no_such_field"]]},
    ],
)
def test_what_is_not_checked(any_api: Api, config: Doc) -> None:
    any_api.call(CREATE, **_with(any_api, config))


def test_unknown_streams_and_modes_are_stored(any_api: Api) -> None:
    body = _create(any_api)
    schema = {"type": "object", "properties": {}}
    ghost = {"name": "ghost", "jsonSchema": schema, "supportedSyncModes": ["full_refresh"]}
    config = {"syncMode": "incremental", "destinationSyncMode": "append", "selected": True}
    body["syncCatalog"]["streams"].append({"stream": ghost, "config": config})
    connection_id = any_api.call(CREATE, **body)["connectionId"]
    stored = any_api.call("connections/get", connectionId=connection_id)["syncCatalog"]["streams"]
    assert {entry["stream"]["name"] for entry in stored} == {"users", "ghost"}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (None, 422),
        ([{"fieldPath": []}], 422),
        ([{"fieldPath": ["id", "x"]}], 500),
        ([{"fieldPath": ["id"]}], 422),
        ([{"fieldPath": ["updated_at"]}], 422),
    ],
)
def test_field_selection(any_api: Api, fields: Any, wanted: int) -> None:
    any_api.refused(CREATE, wanted, **_with(any_api, {"fieldSelectionEnabled": True, "selectedFields": fields}))


def test_an_unknown_selected_field(any_api: Api) -> None:
    fields = [{"fieldPath": [name]} for name in ("id", "updated_at", "ghost")]
    response = any_api.raw(CREATE, _with(any_api, {"fieldSelectionEnabled": True, "selectedFields": fields}))
    assert response.status_code == (200 if any_api.version in ("1.0.0", "1.8.0", "2.0.0") else 422)


def test_too_many_fields(any_api: Api) -> None:
    body = _create(any_api)
    for entry in body["syncCatalog"]["streams"]:
        if entry["stream"]["name"] == "users":
            entry["stream"]["jsonSchema"]["properties"] = {f"f{n}": {"type": "string"} for n in range(20001)}
    assert any_api.raw(CREATE, body).status_code == (200 if any_api.version in OLD else 400)


@pytest.mark.parametrize(
    ("cron", "word"),
    [
        (None, "missing-cron-data"),
        ({"cronTimeZone": "UTC"}, "missing-component"),
        ({"cronExpression": "0 0 6 * * ?", "cronTimeZone": "Etc/UTC"}, "invalid-timezone"),
        ({"cronExpression": "0 0 6 * *", "cronTimeZone": "UTC"}, "invalid-expression"),
        ({"cronExpression": "0 0 6 * * ?", "cronTimeZone": "Mars/Olympus"}, "invalid-timezone"),
    ],
)
def test_cron_errors(any_api: Api, cron: Doc | None, word: str) -> None:
    wanted = 422 if any_api.version in (*OLD,) else 400
    data = {} if cron is None else {"cron": cron}
    body = any_api.refused(CREATE, wanted, **_create(any_api, scheduleType="cron", scheduleData=data))
    if wanted == 400:
        assert body["type"] == f"error:cron-validation/{word}"
        assert body["status"] == 400


def test_cron_more_than_once_a_minute(any_api: Api) -> None:
    cron = {"cronExpression": "*/5 * * * * ?", "cronTimeZone": "UTC"}
    response = any_api.raw(CREATE, _create(any_api, scheduleType="cron", scheduleData={"cron": cron}))
    assert response.status_code == (400 if any_api.version in ("1.8.0", "2.0.0") else 200)


def test_schedules_at_create(any_api: Api) -> None:
    legacy = {"units": 1, "timeUnit": "days"}
    any_api.refused(CREATE, 422, **_create(any_api, schedule=legacy, scheduleType="manual"))
    any_api.refused(CREATE, 422, **_create(any_api, scheduleType="basic"))
    any_api.refused(CREATE, 422, **_create(any_api, scheduleType="basic", scheduleData={}))
    answer = any_api.call(CREATE, **_create(any_api, schedule=legacy))
    assert (answer["scheduleType"], answer["schedule"]) == ("basic", legacy)


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0"])
def test_mappers_are_checked(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    settings = {"targetField": "ghost", "method": "SHA-256", "fieldNameSuffix": "_h"}
    mapper = {"type": "hashing", "mapperConfiguration": settings}
    body = api.refused(CREATE, 400, **_with(api, {"mappers": [mapper]}))
    assert body["type"] == "error:mapper-validation"
    assert body["data"]["errors"]


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0"])
def test_files_are_refused(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    body = api.refused(CREATE, 400, **_with(api, {"includeFiles": True}))
    assert body["type"].startswith("error:connection-validation/file-transfer/")


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0"])
def test_tags_are_checked(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    good = {"workspaceId": WORKSPACE, "name": "gold", "color": "FFD700"}
    api.call("tags/create", **good)
    api.refused("tags/create", 409, **good)
    api.refused("tags/create", 400, **{**good, "name": "x" * 31})
    api.refused("tags/create", 400, **{**good, "name": "x", "color": "gold"})


def _secured(make_api: MakeApi, version: str, **auth: Any) -> Api:
    world = default_world()
    world.auth = Auth(**auth)
    return make_api(version, world)


def _status(api: Api, **headers: str) -> int:
    return api.raw("workspaces/get", {"workspaceId": WORKSPACE}, **headers).status_code


def test_bearer(make_api: MakeApi) -> None:
    api = _secured(make_api, "1.8.0", mode="bearer", token="right")
    response = api.raw("workspaces/get", {"workspaceId": WORKSPACE}, authorization="Bearer wrong")
    assert response.status_code == 401
    assert response.json()["_embedded"]["errors"][0]["message"] == "Unauthorized"
    assert _status(api) == 401
    assert _status(api, authorization="Bearer right") == 200
    assert api.raw("applications/token", {"client_id": "", "client_secret": "right"}).status_code == 400
    assert api.raw("health", method="GET").status_code == 200


def test_basic_is_refused_by_the_proxy(make_api: MakeApi) -> None:
    api = _secured(make_api, "0.50.0", mode="basic")
    response = api.raw("workspaces/get", {"workspaceId": WORKSPACE})
    assert response.status_code == 401
    assert response.headers["content-type"].startswith("text/html")
    right = base64.b64encode(b"airbyte:password").decode()
    assert _status(api, authorization=f"Basic {right}") == 200


@pytest.mark.parametrize(("version", "lifetime"), [("1.0.0", 24 * 3600), ("1.8.0", 15 * 60), ("2.0.0", 15 * 60)])
def test_tokens_expire(make_api: MakeApi, version: str, lifetime: int) -> None:
    api = _secured(make_api, version, mode="client-credentials", client_id="me", client_secret="s")
    assert api.raw("applications/token", {"client_id": "me", "client_secret": "x"}).status_code == 400
    token = api.call("applications/token", client_id="me", client_secret="s")["access_token"]
    assert _status(api, authorization=f"Bearer {token}") == 200
    api.emulator.advance(lifetime - 1)
    assert _status(api, authorization=f"Bearer {token}") == 200
    api.emulator.advance(2)
    assert _status(api, authorization=f"Bearer {token}") == 401


def test_secrets_stay_out_of_the_request_log(make_api: MakeApi) -> None:
    api = _secured(make_api, "1.8.0", mode="client-credentials", client_id="me", client_secret="hush-hush")
    token = api.call("applications/token", client_id="me", client_secret="hush-hush")["access_token"]
    log = str(api.emulator.log.as_json())
    assert "hush-hush" not in log
    assert token not in log


def test_a_404_fits_the_specification(any_api: Api) -> None:
    # of a 422 the specification says a form that the server never sends (§11.1)
    if any_api.version != "2.0.0":  # there it promises a message that the server does not send
        answer = any_api.refused("connections/get", 404, connectionId=UNKNOWN)
        assert problems(any_api.version, "connections/get", "POST", 404, answer) == []
