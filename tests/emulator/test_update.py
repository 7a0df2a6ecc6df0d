"""Updating a connection (semantics §4)."""

import pytest

from tools.builtin_world import UNKNOWN, WORKSPACE

from .api import DEDUP, OVERWRITE, Api, Doc
from .conftest import MakeApi
from .test_create import WEBHOOK

BASIC = {"scheduleType": "basic", "scheduleData": {"basicSchedule": {"units": 12, "timeUnit": "hours"}}}


def test_absent_fields_stay_and_nothing_becomes_null(any_api: Api) -> None:
    connection = any_api.connect(users=DEDUP, fields={"prefix": "p_", **BASIC})
    connection_id = connection["connectionId"]
    answer = any_api.update(connection_id, name="new", prefix=None, status=None)
    assert (answer["name"], answer["prefix"], answer["status"]) == ("new", "p_", "active")
    assert answer["scheduleData"] == connection["scheduleData"]
    assert any_api.update(connection_id, prefix="")["prefix"] == ""


def test_the_catalog_is_replaced_whole(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP, orders=OVERWRITE)["connectionId"]
    catalog = any_api.get(connection_id)["syncCatalog"]
    only = {"streams": [entry for entry in catalog["streams"] if entry["stream"]["name"] == "users"]}
    any_api.update(connection_id, syncCatalog=only, skipReset=True)
    stored = any_api.call("connections/get", connectionId=connection_id)["syncCatalog"]["streams"]
    assert [entry["stream"]["name"] for entry in stored] == ["users"]


@pytest.mark.parametrize(
    "body",
    [
        {"schedule": {"units": 1, "timeUnit": "hours"}},
        {"scheduleData": {"basicSchedule": {"units": 1, "timeUnit": "hours"}}},
        {"scheduleType": "manual", "scheduleData": {}},
        {"scheduleType": "basic"},
        {"scheduleType": "cron"},
    ],
)
def test_schedule_mistakes_are_internal_errors(any_api: Api, body: Doc) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.refused("web_backend/connections/update", 500, connectionId=connection_id, **body)


def test_schedules_change(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP, status="inactive", fields=BASIC)["connectionId"]
    answer = any_api.update(connection_id, scheduleType="manual")
    assert answer["scheduleType"] == "manual"
    assert "scheduleData" not in answer
    assert "schedule" not in answer
    cron = {"cronExpression": "0 0 6 * * ?", "cronTimeZone": "Europe/Berlin"}
    answer = any_api.update(connection_id, scheduleType="cron", scheduleData={"cron": cron})
    assert answer["scheduleData"] == {"cron": cron}


def test_a_refused_update_leaves_its_operations_changed(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP, fields={"operations": [WEBHOOK]})["connectionId"]
    body = {"operations": [{**WEBHOOK, "name": "other"}], "scheduleType": "basic"}
    any_api.refused("web_backend/connections/update", 500, connectionId=connection_id, **body)
    answer = any_api.get(connection_id)
    assert answer["operationIds"] == answer["operations"] == [], "the old one is removed, the new one is not attached"
    assert {doc["name"] for doc in any_api.emulator.server.store.all("operation")} == {WEBHOOK["name"], "other"}
    assert answer["scheduleType"] == "manual"


def test_source_and_destination_cannot_change(any_api: Api) -> None:
    connection = any_api.connect(users=DEDUP)
    answer = any_api.update(connection["connectionId"], sourceId=UNKNOWN, destinationId=UNKNOWN)
    assert answer["sourceId"] == connection["sourceId"]


def test_the_email_quirk(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    both = any_api.update(connection_id, notifySchemaChanges=True, notifySchemaChangesByEmail=True)
    assert (both["notifySchemaChanges"], both["notifySchemaChangesByEmail"]) == (True, True)
    lost = any_api.update(connection_id, notifySchemaChanges=True, notifySchemaChangesByEmail=False)
    assert lost["notifySchemaChangesByEmail"] is True
    off = any_api.update(connection_id, notifySchemaChanges=False, notifySchemaChangesByEmail=False)
    assert off["notifySchemaChangesByEmail"] is False
    assert (
        any_api.update(connection_id, notifySchemaChanges=False, notifySchemaChangesByEmail=True)[
            "notifySchemaChangesByEmail"
        ]
        is False
    )


def test_the_breaking_flag_is_recomputed(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.emulator.set_column("shop-postgres", "users", "updated_at", None, "public")
    body = {"connectionId": connection_id, "withRefreshedCatalog": True}
    refreshed = any_api.call("web_backend/connections/get", **body)
    old = any_api.get(connection_id)
    assert old["schemaChange"] == "breaking"
    answer = any_api.update(connection_id, syncCatalog=old["syncCatalog"], skipReset=True)
    assert answer["schemaChange"] == "breaking"
    catalog = refreshed["syncCatalog"]
    for entry in catalog["streams"]:
        if entry["stream"]["name"] == "users":
            entry["config"].update(cursorField=["modified_at"])
    answer = any_api.update(connection_id, syncCatalog=catalog, sourceCatalogId=refreshed["catalogId"], skipReset=True)
    assert (answer["schemaChange"], answer["status"]) == ("no_change", "inactive")
    assert any_api.update(connection_id, status="active")["status"] == "active"


def test_the_answer_tells_nothing_of_resets(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    answer = any_api.reconfigure(connection_id, users={"primaryKey": [["email"]]})
    assert "catalogDiff" not in answer
    assert not {name for name in answer if "reset" in name.lower()}


def test_an_unknown_connection(any_api: Api) -> None:
    any_api.refused("web_backend/connections/update", 404, connectionId=UNKNOWN, name="x")


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0"])
def test_tags_are_replaced_as_a_set(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    tags = [api.call("tags/create", workspaceId=WORKSPACE, name=name, color="000000") for name in ("a", "b")]
    connection_id = api.connect(users=DEDUP, fields={"tags": tags})["connectionId"]
    assert api.update(connection_id, tags=tags[:1])["tags"] == tags[:1]
    assert api.update(connection_id, name="x")["tags"] == tags[:1]
    assert api.update(connection_id, tags=[])["tags"] == []
