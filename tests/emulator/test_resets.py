"""The reset decision and its consequences (semantics §5)."""

from pathlib import Path

import pytest

from pulumi_airbyte_wb.emulator.core.world_file import default_world

from .api import DEDUP, OVERWRITE, Api, Doc
from .conftest import MakeApi

OLD = ("0.44.0", "0.50.0")
KEY = {"primaryKey": [["id"], ["region"]]}


def _named(api: Api, connection_id: str) -> set[str]:
    """The streams that the newest job resets or refreshes."""
    job = api.jobs(connection_id)[0]["job"]
    parts = (
        job.get("resetConfig", {}).get("streamsToReset") or job.get("refreshConfig", {}).get("streamsToRefresh") or []
    )
    return {part["name"] for part in parts}


def _synced(api: Api, **streams: Doc) -> str:
    connection_id: str = api.connect(**streams)["connectionId"]
    api.emulator.sync(connection_id)
    return connection_id


def test_a_changed_key_starts_a_job_of_the_versions_kind(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP, events=OVERWRITE)
    any_api.reconfigure(connection_id, users=KEY)
    kind = "refresh" if any_api.version in ("1.0.0", "1.8.0", "2.0.0", "0.63.0") else "reset_connection"
    assert any_api.job_kinds(connection_id)[1] == kind
    assert _named(any_api, connection_id) == {"users"}


def test_without_refresh_support_it_is_a_reset(any_api: Api) -> None:
    warehouse = any_api.emulator.server.destination("30000000-0000-4000-8000-000000000001")
    warehouse["supportsRefreshes"] = False
    connection_id = _synced(any_api, users=DEDUP)
    any_api.reconfigure(connection_id, users=KEY)
    assert any_api.job_kinds(connection_id)[1] == "reset_connection"


def test_skip_reset_starts_nothing(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.reconfigure(connection_id, skip=True, users=KEY)
    assert any_api.job_kinds(connection_id) == ["sync"]
    assert any_api.state_streams(connection_id) == {"users"}


@pytest.mark.parametrize(
    ("change", "resets"),
    [
        ({"cursorField": ["modified_at"]}, True),
        ({"primaryKey": [["email"]]}, True),
        ({"destinationSyncMode": "append"}, True),
        ({"syncMode": "full_refresh"}, True),
        ({"aliasName": "people"}, False),
        (
            {"fieldSelectionEnabled": True, "selectedFields": [{"fieldPath": ["id"]}, {"fieldPath": ["updated_at"]}]},
            True,
        ),
        ({"selected": False}, True),
    ],
)
def test_what_counts_as_a_change(any_api: Api, change: Doc, resets: bool) -> None:
    connection_id = _synced(any_api, users=DEDUP, events=OVERWRITE)
    any_api.reconfigure(connection_id, users=change)
    assert (len(any_api.job_kinds(connection_id)) > 1) is resets


def test_the_order_of_keys_does_not_count(any_api: Api) -> None:
    connection_id = _synced(any_api, users={**DEDUP, **KEY})
    any_api.reconfigure(connection_id, users={"primaryKey": [["region"], ["id"]]})
    assert any_api.job_kinds(connection_id) == ["sync"]


def test_connection_level_changes_do_not_count(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.update(connection_id, prefix="x_", namespaceDefinition="destination", name="other")
    assert any_api.job_kinds(connection_id) == ["sync"]


def test_an_added_stream_is_in_the_set(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.reconfigure(connection_id, orders={**OVERWRITE, "selected": True})
    assert _named(any_api, connection_id) == {"orders"}


def test_the_plain_update_never_resets(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    catalog = any_api.call("connections/get", connectionId=connection_id)["syncCatalog"]
    catalog["streams"][0]["config"].update(KEY)
    any_api.call("connections/update", connectionId=connection_id, syncCatalog=catalog)
    assert any_api.job_kinds(connection_id) == ["sync"]


def test_sending_back_the_shown_key_counts(any_api: Api) -> None:
    connection_id = _synced(any_api, orders=OVERWRITE)
    any_api.update(connection_id, syncCatalog=any_api.get(connection_id)["syncCatalog"])
    assert len(any_api.job_kinds(connection_id)) > 1


def test_any_difference_of_the_stream_object_counts_in_the_first_era(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    catalog = any_api.get(connection_id)["syncCatalog"]
    for entry in catalog["streams"]:
        entry["stream"]["defaultCursorField"] = ["region"]
    any_api.update(connection_id, syncCatalog=catalog)
    assert (len(any_api.job_kinds(connection_id)) > 1) is (any_api.version in OLD)


def test_decoration_of_a_scalar_counts_before_destination_catalogs(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    catalog = any_api.get(connection_id)["syncCatalog"]
    for entry in catalog["streams"]:
        if entry["stream"]["name"] == "users":
            entry["stream"]["jsonSchema"]["properties"]["email"] = {"type": "string", "description": "where to write"}
    any_api.update(connection_id, syncCatalog=catalog)
    assert (len(any_api.job_kinds(connection_id)) > 1) is (any_api.version not in ("1.8.0", "2.0.0"))


@pytest.mark.parametrize("version", OLD)
def test_legacy_state_widens_to_all_streams(make_api: MakeApi, version: str) -> None:
    world = default_world()
    world.sources[0].legacy_state = True
    api = make_api(version, world)
    connection_id = _synced(api, users=DEDUP, orders=OVERWRITE, events=OVERWRITE)
    assert api.call("web_backend/state/get_type", connectionId=connection_id) == "legacy"
    api.reconfigure(connection_id, users=KEY)
    assert _named(api, connection_id) == {"users", "orders", "events"}


def test_unset_state_widens_in_the_first_era(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP, events=OVERWRITE)["connectionId"]
    any_api.reconfigure(connection_id, users=KEY)
    assert _named(any_api, connection_id) == ({"users", "events"} if any_api.version in OLD else {"users"})


def test_a_sync_follows_a_reset_in_old_versions_only(any_api: Api) -> None:
    any_api.emulator.server.destination("30000000-0000-4000-8000-000000000001")["supportsRefreshes"] = False
    connection_id = _synced(any_api, users=DEDUP)
    any_api.reconfigure(connection_id, users=KEY)
    any_api.emulator.finish_jobs()
    kinds = any_api.job_kinds(connection_id)
    assert kinds == (["sync", "reset_connection", "sync"] if any_api.version in OLD else ["sync", "reset_connection"])
    rows = any_api.emulator.table("warehouse", "users")
    assert len(rows) == (6 if any_api.version in OLD else 0)


def test_a_removed_stream_loses_its_state_and_keeps_its_table(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP, orders=DEDUP)
    any_api.reconfigure(connection_id, users={"selected": False})
    any_api.emulator.finish_jobs()
    assert "users" not in any_api.state_streams(connection_id)
    assert len(any_api.emulator.table("warehouse", "users")) == 6


@pytest.mark.parametrize(("version", "kept"), [("0.63.0", True), ("1.0.0", True), ("1.8.0", False), ("2.0.0", False)])
def test_a_changed_sync_mode_costs_the_state_whatever_skip_reset_says(
    make_api: MakeApi, version: str, kept: bool
) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP, orders=DEDUP)
    api.reconfigure(connection_id, skip=True, users={"syncMode": "full_refresh"})
    assert ("users" in api.state_streams(connection_id)) is kept
    assert "orders" in api.state_streams(connection_id)
    assert api.job_kinds(connection_id) == ["sync"]


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0"])
def test_the_lost_state_stays_lost_when_the_update_fails(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP, orders=DEDUP)
    catalog = api.get(connection_id)["syncCatalog"]
    for entry in catalog["streams"]:
        if entry["stream"]["name"] == "users":
            entry["config"].update(syncMode="full_refresh")
    cron = {"scheduleType": "cron", "scheduleData": {"cron": {"cronExpression": "never", "cronTimeZone": "UTC"}}}
    body = {"connectionId": connection_id, "syncCatalog": catalog, **cron}
    api.refused("web_backend/connections/update", 400, **body)
    assert api.state_streams(connection_id) == {"orders"}


def test_a_catalog_from_before_0_64_4_resets_all_at_the_first_update(make_api: MakeApi, tmp_path: Path) -> None:
    data = tmp_path / "airbyte.sqlite"
    old = make_api("0.63.0", data=data)
    connection_id = _synced(old, users=DEDUP, events=OVERWRITE)
    old.emulator.stop()
    new = make_api("1.8.0", data=data)
    new.update(connection_id, name="renamed")
    assert _named(new, connection_id) == {"users", "events"}
    new.emulator.finish_jobs()
    before = len(new.jobs(connection_id))
    new.update(connection_id, name="again")
    assert len(new.jobs(connection_id)) == before


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0"])
def test_mappers_count_when_they_change_the_schema(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP)
    rows = {
        "type": "row-filtering",
        "mapperConfiguration": {"conditions": {"type": "EQUAL", "fieldName": "region", "comparisonValue": "eu"}},
    }
    api.reconfigure(connection_id, users={"mappers": [rows]})
    assert api.job_kinds(connection_id) == ["sync"]
    hashing = {
        "type": "hashing",
        "mapperConfiguration": {"targetField": "email", "method": "SHA-256", "fieldNameSuffix": "_hashed"},
    }
    api.reconfigure(connection_id, users={"mappers": [rows, hashing]})
    assert api.job_kinds(connection_id) == ["sync", "refresh"]
