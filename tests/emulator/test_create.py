"""Creating a connection (semantics §2)."""

import uuid

import pytest

from pulumi_airbyte_wb.emulator.core.world import Workspace
from pulumi_airbyte_wb.emulator.core.world_file import default_world
from tools.builtin_world import CRM, SHOP, UNKNOWN, WAREHOUSE, WORKSPACE

from .api import DEDUP, OVERWRITE, VERSIONS, Api
from .conftest import MakeApi

WEBHOOK = {
    "workspaceId": WORKSPACE,
    "name": "dbt",
    "operatorConfiguration": {
        "operatorType": "webhook",
        "webhook": {"webhookType": "dbtCloud", "dbtCloud": {"accountId": 1, "jobId": 2}},
    },
}


def test_operation_ids_are_ignored_and_operations_created(any_api: Api) -> None:
    first = any_api.connect(users=DEDUP, fields={"operations": [WEBHOOK]})
    second = any_api.connect(users=DEDUP, fields={"operations": [WEBHOOK], "operationIds": first["operationIds"]})
    assert len(second["operationIds"]) == 1
    assert second["operationIds"] != first["operationIds"]


def test_a_failed_create_leaves_its_operations(any_api: Api) -> None:
    body = {"sourceId": UNKNOWN, "destinationId": WAREHOUSE, "status": "active", "operations": [WEBHOOK]}
    any_api.refused("web_backend/connections/create", 404, **body)
    orphans = list(any_api.emulator.server.store.all("operation"))
    assert [orphan["tombstone"] for orphan in orphans] == [False]
    assert any_api.call("web_backend/connections/list", workspaceId=WORKSPACE)["connections"] == []


def test_creating_twice_makes_two(any_api: Api) -> None:
    assert any_api.connect(users=DEDUP)["connectionId"] != any_api.connect(users=DEDUP)["connectionId"]


def test_defaults(any_api: Api) -> None:
    answer = any_api.call("web_backend/connections/create", sourceId=SHOP, destinationId=WAREHOUSE, status="inactive")
    assert answer["name"] == "shop-postgres <> warehouse"
    assert answer["namespaceDefinition"] == "source"
    assert answer["scheduleType"] == "manual"
    assert answer["nonBreakingChangesPreference"] == "ignore"
    assert answer["syncCatalog"] == {"streams": []}
    assert "prefix" not in answer
    assert "namespaceFormat" not in answer
    assert answer["notifySchemaChanges"] is False


def test_notify_schema_changes_at_create(any_api: Api) -> None:
    answer = any_api.connect(users=DEDUP, fields={"notifySchemaChanges": True})
    assert answer["notifySchemaChanges"] is (any_api.version not in ("0.44.0", "0.50.0"))


@pytest.mark.parametrize("version", ["0.63.0", "1.0.0", "1.8.0", "2.0.0"])
def test_backfill_preference_needs_the_other_one(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    assert api.connect(users=DEDUP, fields={"backfillPreference": "enabled"})["backfillPreference"] == "disabled"
    both = {"backfillPreference": "enabled", "nonBreakingChangesPreference": "propagate_columns"}
    assert api.connect(users=DEDUP, fields=both)["backfillPreference"] == "enabled"


def test_only_selected_streams_are_stored(any_api: Api) -> None:
    connection = any_api.connect(users=DEDUP)
    stored = any_api.call("connections/get", connectionId=connection["connectionId"])["syncCatalog"]["streams"]
    assert [entry["stream"]["name"] for entry in stored] == ["users"]
    assert [entry["stream"]["name"] for entry in connection["syncCatalog"]["streams"]] == ["users"]
    answer = any_api.get(connection["connectionId"])
    shown = {entry["stream"]["name"]: entry["config"]["selected"] for entry in answer["syncCatalog"]["streams"]}
    assert {name for name, selected in shown.items() if selected} == {"users"}
    assert len(shown) == 5


def test_missing_selected_is_an_internal_error(any_api: Api) -> None:
    body = any_api.catalog(users=DEDUP)
    del body["syncCatalog"]["streams"][0]["config"]["selected"]
    any_api.refused(
        "web_backend/connections/create", 500, sourceId=SHOP, destinationId=WAREHOUSE, status="active", **body
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_workspaces_must_be_one(make_api: MakeApi, version: str) -> None:
    world = default_world()
    world.workspaces.append(Workspace(name="Other", workspace_id=uuid.UUID(UNKNOWN)))
    for actor in (*world.sources, *world.destinations):
        actor.workspace = "Default"
    api = make_api(version, world=world)
    body = {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active"}
    elsewhere = {**WEBHOOK, "workspaceId": UNKNOWN}
    api.refused("web_backend/connections/create", 500, **body, operations=[elsewhere])


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0"])
def test_unknown_tags_are_left_out(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    tag = api.call("tags/create", workspaceId=WORKSPACE, name="gold", color="FFD700")
    stranger = {**tag, "tagId": UNKNOWN}
    assert api.connect(users=DEDUP, fields={"tags": [stranger, tag]})["tags"] == [tag]


def test_geography_and_dataplane_group(any_api: Api) -> None:
    answer = any_api.connect(users=OVERWRITE)
    if any_api.version in ("1.8.0", "2.0.0"):
        assert "geography" not in answer
        assert "dataplaneGroupId" not in answer
        assert any_api.raw("web_backend/geographies/list").status_code == 404
    else:
        assert answer["geography"] == "auto"
        assert any_api.call("web_backend/geographies/list") == {"geographies": ["auto"]}


def test_a_basic_schedule_runs_at_once(any_api: Api) -> None:
    schedule = {"scheduleType": "basic", "scheduleData": {"basicSchedule": {"units": 24, "timeUnit": "hours"}}}
    first = any_api.connect(users=DEDUP, fields=schedule)["connectionId"]
    paused = any_api.connect(users=DEDUP, status="inactive", fields=schedule)["connectionId"]
    cron = {"scheduleType": "cron", "scheduleData": {"cron": {"cronExpression": "0 0 0 1 1 ?", "cronTimeZone": "UTC"}}}
    later = any_api.connect(users=DEDUP, fields=cron)["connectionId"]
    any_api.emulator.advance(60)
    assert any_api.job_kinds(first) == ["sync"]
    assert any_api.job_kinds(paused) == any_api.job_kinds(later) == []
    any_api.emulator.advance(86400)
    assert any_api.job_kinds(first) == ["sync", "sync"]
    any_api.emulator.advance(366 * 86400)
    assert any_api.job_kinds(later)


def test_nothing_else_happens(any_api: Api) -> None:
    before = any_api.emulator.server.store.get("fetch", CRM)
    body = {"sourceId": CRM, "destinationId": WAREHOUSE, "status": "active"}
    connection_id = any_api.call("web_backend/connections/create", **body)["connectionId"]
    assert any_api.jobs(connection_id) == []
    assert any_api.emulator.server.store.get("fetch", CRM) == before
