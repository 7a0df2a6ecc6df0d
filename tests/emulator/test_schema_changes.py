"""Schemas that change under a connection: preferences, propagation, backfill (semantics §7)."""

import pytest

from .api import APPEND, DEDUP, OVERWRITE, Api, Doc
from .conftest import MakeApi

SHOP_NAME = "shop-postgres"
PROPAGATING = ["0.63.0", "1.0.0", "1.8.0", "2.0.0"]


def _synced(api: Api, preference: str | None = None, fields: Doc | None = None, **streams: Doc) -> str:
    more = {} if preference is None else {"nonBreakingChangesPreference": preference}
    connection_id: str = api.connect(fields={**more, **(fields or {})}, **streams)["connectionId"]
    api.emulator.sync(connection_id)
    api.emulator.advance(25 * 3600)
    return connection_id


def _stored(api: Api, connection_id: str) -> dict[str, set[str]]:
    streams = api.call("connections/get", connectionId=connection_id)["syncCatalog"]["streams"]
    return {entry["stream"]["name"]: set(entry["stream"]["jsonSchema"]["properties"]) for entry in streams}


def test_ignore_keeps_the_catalog(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    any_api.emulator.sync(connection_id)
    assert "age" not in _stored(any_api, connection_id)["users"]
    answer = any_api.get(connection_id)
    assert (answer["schemaChange"], answer["status"]) == ("non_breaking", "active")
    assert any_api.jobs(connection_id)[0]["job"]["status"] == "succeeded"


def test_disable_cancels_the_job(any_api: Api) -> None:
    connection_id = _synced(any_api, "disable", users=DEDUP)
    any_api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    any_api.emulator.sync(connection_id)
    assert any_api.jobs(connection_id)[0]["job"]["status"] == "cancelled"
    assert any_api.get(connection_id)["status"] == "inactive"


@pytest.mark.parametrize("preference", ["ignore", "propagate_fully"])
def test_a_breaking_change_pauses_and_propagates_nothing(any_api: Api, preference: str) -> None:
    connection_id = _synced(
        any_api, None if preference == "propagate_fully" and any_api.version == "0.44.0" else preference, users=DEDUP
    )
    any_api.emulator.set_column(SHOP_NAME, "users", "updated_at", None, "public")
    any_api.emulator.sync(connection_id)
    answer = any_api.get(connection_id)
    assert (answer["status"], answer["schemaChange"]) == ("inactive", "breaking")
    assert "updated_at" in _stored(any_api, connection_id)["users"]
    assert any_api.jobs(connection_id)[0]["job"]["status"] == "cancelled"


def test_a_vanished_stream_is_not_breaking(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP, events=OVERWRITE)
    any_api.emulator.drop_stream(SHOP_NAME, "events", "public")
    any_api.emulator.sync(connection_id)
    assert any_api.get(connection_id)["status"] == "active"


@pytest.mark.parametrize("version", PROPAGATING)
def test_columns_are_propagated(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, "propagate_columns", users=DEDUP, events=APPEND)
    api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    api.emulator.set_stream(
        SHOP_NAME,
        {
            "name": "more",
            "namespace": "public",
            "jsonSchema": {"type": "object", "properties": {"id": {"type": "integer"}}},
            "supportedSyncModes": ["full_refresh"],
        },
        [{"id": 1}],
    )
    api.emulator.sync(connection_id)
    stored = _stored(api, connection_id)
    assert "age" in stored["users"]
    assert set(stored) == {"users", "events"}
    assert api.get(connection_id)["schemaChange"] == "no_change"
    assert api.job_kinds(connection_id) == ["sync", "sync"]
    assert "age" in api.emulator.table("warehouse", "users")[0]


@pytest.mark.parametrize("version", PROPAGATING)
def test_streams_are_propagated_fully(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, "propagate_fully", users=DEDUP, events=APPEND)
    api.emulator.drop_stream(SHOP_NAME, "events", "public")
    api.emulator.set_stream(
        SHOP_NAME,
        {
            "name": "more",
            "namespace": "public",
            "jsonSchema": {"type": "object", "properties": {"id": {"type": "integer"}}},
            "supportedSyncModes": ["full_refresh"],
        },
        [{"id": 1}],
    )
    api.emulator.sync(connection_id)
    assert set(_stored(api, connection_id)) == {"users", "more"}
    assert api.emulator.table("warehouse", "more") == [{"id": 1}]


@pytest.mark.parametrize("version", ["0.44.0", "0.50.0"])
def test_nothing_is_propagated_before_0_50_45(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, None if version == "0.44.0" else "propagate_columns", users=DEDUP)
    api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    api.emulator.sync(connection_id)
    assert "age" not in _stored(api, connection_id)["users"]


@pytest.mark.parametrize(("version", "selected"), [("0.63.0", False), ("1.0.0", True), ("1.8.0", True)])
def test_new_fields_of_a_selection(make_api: MakeApi, version: str, selected: bool) -> None:
    api = make_api(version)
    selection = {
        "fieldSelectionEnabled": True,
        "selectedFields": [{"fieldPath": ["id"]}, {"fieldPath": ["updated_at"]}],
    }
    connection_id = _synced(api, "propagate_columns", users={**DEDUP, **selection})
    api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    api.emulator.sync(connection_id)
    assert ("age" in _stored(api, connection_id)["users"]) is selected


@pytest.mark.parametrize("version", ["1.0.0", "1.8.0", "2.0.0"])
@pytest.mark.parametrize("wanted", [True, False])
def test_backfill_reads_again_in_the_same_job(make_api: MakeApi, version: str, wanted: bool) -> None:
    api = make_api(version)
    fields = {"backfillPreference": "enabled" if wanted else "disabled"}
    connection_id = _synced(api, "propagate_columns", fields, users=DEDUP)
    api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    api.emulator.sync(connection_id)
    (stats,) = api.jobs(connection_id)[0]["job"]["streamAggregatedStats"]
    assert (stats["recordsEmitted"], stats["wasBackfilled"]) == ((6, True) if wanted else (0, False))


@pytest.mark.parametrize(
    ("version", "fetched"), [("0.44.0", False), ("0.63.0", False), ("1.0.0", True), ("1.8.0", True)]
)
def test_how_often_a_job_fetches_the_schema(make_api: MakeApi, version: str, fetched: bool) -> None:
    api = make_api(version)
    connection_id = api.connect(users=DEDUP)["connectionId"]
    api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    api.emulator.sync(connection_id)
    assert (api.get(connection_id)["schemaChange"] == "non_breaking") is fetched
    api.emulator.advance(25 * 3600)
    api.emulator.sync(connection_id)
    assert api.get(connection_id)["schemaChange"] == "non_breaking"


@pytest.mark.parametrize("version", ["0.63.0", "1.0.0", "1.8.0", "2.0.0"])
def test_a_client_that_sends_an_old_schema_resets(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, "propagate_columns", users=DEDUP)
    old = api.get(connection_id)["syncCatalog"]
    api.emulator.set_column(SHOP_NAME, "users", "age", {"type": "integer"}, "public")
    api.emulator.sync(connection_id)
    api.update(connection_id, syncCatalog=old)
    assert api.job_kinds(connection_id) == ["sync", "sync", "refresh"]
