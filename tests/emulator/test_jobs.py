"""Jobs and states: resets, refreshes, inactive connections, signals (semantics §9, §10, §13)."""

import pytest

from pulumi_airbyte_wb.emulator.core.world_file import default_world
from tools.builtin_world import UNKNOWN, WAREHOUSE, WORKSPACE

from .api import ALL_JOBS, APPEND, DEDUP, OVERWRITE, Api, Doc
from .conftest import MakeApi

USERS = [{"streamName": "users", "streamNamespace": "public"}]
MODERN = ["0.63.0", "1.0.0", "1.8.0", "2.0.0"]


def _synced(api: Api, **streams: Doc) -> str:
    connection_id: str = api.connect(**streams)["connectionId"]
    api.emulator.sync(connection_id)
    return connection_id


def test_state_types(any_api: Api) -> None:
    def kind(connection_id: str) -> str:
        return any_api.call("web_backend/state/get_type", connectionId=connection_id)  # type: ignore[no-any-return]

    assert kind(UNKNOWN) == "not_set"
    assert any_api.call("state/get", connectionId=UNKNOWN)["stateType"] == "not_set"
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    assert kind(connection_id) == "not_set"
    any_api.emulator.sync(connection_id)
    assert kind(connection_id) == "stream"


def test_cdc_state_is_global(make_api: MakeApi) -> None:
    world = default_world()
    world.sources[0].kind = "cdc"  # type: ignore[assignment]
    api = make_api(world=world)
    connection_id = _synced(api, orders={**DEDUP, "cursorField": ["_ab_cdc_lsn"]})
    state = api.call("state/get", connectionId=connection_id)
    assert state["stateType"] == "global"
    assert state["globalState"]["shared_state"] == {"position": 0}


def test_erasing_every_stream_erases_the_shared_state(make_api: MakeApi) -> None:
    world = default_world()
    world.sources[0].kind = "cdc"  # type: ignore[assignment]
    api = make_api(world=world)
    cdc = {**DEDUP, "cursorField": ["_ab_cdc_lsn"]}
    connection_id = _synced(api, orders=cdc, users=cdc)
    api.call("connections/reset/stream", connectionId=connection_id, streams=USERS)
    api.emulator.finish_jobs()
    assert api.call("web_backend/state/get_type", connectionId=connection_id) == "global"
    orders = [{"streamName": "orders", "streamNamespace": "public"}]
    api.call("connections/reset/stream", connectionId=connection_id, streams=orders)
    api.emulator.finish_jobs()
    assert api.call("web_backend/state/get_type", connectionId=connection_id) == "not_set"


def test_a_reset_empties_named_tables_and_leaves_others(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP, events=OVERWRITE, orders=DEDUP)
    any_api.call("connections/reset/stream", connectionId=connection_id, streams=USERS)
    any_api.emulator.finish_jobs()
    tables = any_api.emulator.tables("warehouse")
    assert (len(tables["public.users"]), len(tables["public.events"]), len(tables["public.orders"])) == (0, 10, 8)
    assert "users" not in any_api.state_streams(connection_id)
    assert "orders" in any_api.state_streams(connection_id)
    assert any_api.jobs(connection_id)[0]["job"]["resetConfig"]["streamsToReset"] == [
        {"name": "users", "namespace": "public"}
    ]


@pytest.mark.parametrize(("version", "early"), [("0.44.0", False), ("0.50.0", False), *((v, True) for v in MODERN)])
def test_when_a_reset_deletes_the_state(make_api: MakeApi, version: str, early: bool) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP)
    api.call("connections/reset", connectionId=connection_id)
    api.emulator.advance(5)
    assert api.jobs(connection_id)[0]["job"]["status"] == "running"
    assert (api.state_streams(connection_id) == set()) is early
    api.emulator.finish_jobs()
    assert api.state_streams(connection_id) == set()


def test_a_broken_reset_is_repeated(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.emulator.break_stream(connection_id, "users", "public")
    any_api.call("connections/reset", connectionId=connection_id)
    any_api.emulator.finish_jobs()
    any_api.call("connections/sync", connectionId=connection_id)
    any_api.emulator.finish_jobs()
    assert any_api.job_kinds(connection_id) == ["sync", "reset_connection", "reset_connection"]
    assert any_api.emulator.table("warehouse", "users") == []


def test_a_partial_reset_of_a_legacy_state_fails(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP, orders=DEDUP)
    any_api.emulator.server.store.get("state", connection_id)["type"] = "legacy"  # type: ignore[index]
    any_api.call("connections/reset/stream", connectionId=connection_id, streams=USERS)
    any_api.emulator.finish_jobs()
    assert any_api.jobs(connection_id)[0]["job"]["status"] == "failed"


def test_an_empty_list_starts_a_plain_sync(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.call("connections/reset/stream", connectionId=connection_id, streams=[])
    kind = "reset_connection" if any_api.version in ("1.8.0", "2.0.0") else "sync"
    assert any_api.job_kinds(connection_id) == ["sync", kind]


@pytest.mark.parametrize("version", MODERN)
def test_merge_keeps_rows_and_truncate_replaces_them(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP, events=APPEND)
    api.emulator.delete("shop-postgres", "users", {"id": 1}, "public")
    api.call("connections/refresh", connectionId=connection_id, refreshMode="Merge", streams=USERS)
    api.emulator.finish_jobs()
    assert len(api.emulator.table("warehouse", "users")) == 6
    api.call("connections/refresh", connectionId=connection_id, refreshMode="Truncate", streams=USERS)
    api.emulator.finish_jobs()
    assert len(api.emulator.table("warehouse", "users")) == 5
    assert len(api.emulator.table("warehouse", "events")) == 10
    assert api.job_kinds(connection_id) == ["sync", "refresh", "refresh"]


@pytest.mark.parametrize("version", MODERN)
def test_refresh_of_everything(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP, events=APPEND)
    api.call("connections/refresh", connectionId=connection_id, refreshMode="Truncate")
    api.emulator.finish_jobs()
    assert len(api.emulator.table("warehouse", "events")) == 10


@pytest.mark.parametrize("version", MODERN)
def test_a_refresh_beside_a_running_job_waits(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = api.connect(users=DEDUP)["connectionId"]
    api.call("connections/sync", connectionId=connection_id)
    answer = api.call("connections/refresh", connectionId=connection_id, refreshMode="Merge", streams=USERS)
    assert "job" not in answer
    api.emulator.finish_jobs()
    assert api.job_kinds(connection_id) == ["sync"]
    api.emulator.sync(connection_id)
    assert api.job_kinds(connection_id) == ["sync", "refresh"]


@pytest.mark.parametrize("version", MODERN)
def test_a_destination_without_refreshes(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    api.emulator.server.destination(WAREHOUSE)["supportsRefreshes"] = False
    connection_id = _synced(api, users=DEDUP)
    answer = api.call("connections/refresh", connectionId=connection_id, refreshMode="Merge")
    assert answer == ({} if version in ("1.8.0", "2.0.0") else {"value": False})
    assert api.job_kinds(connection_id) == ["sync"]


def test_an_update_cancels_a_running_sync(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.call("connections/sync", connectionId=connection_id)
    any_api.emulator.advance(5)
    any_api.reconfigure(connection_id, users={"primaryKey": [["email"]]})
    newest, first = any_api.jobs(connection_id)
    assert first["job"]["status"] == "cancelled"
    assert newest["job"]["configType"] in ("refresh", "reset_connection")


def test_an_update_without_reset_leaves_a_running_sync(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.call("connections/sync", connectionId=connection_id)
    any_api.emulator.advance(5)
    any_api.update(connection_id, name="other")
    assert any_api.jobs(connection_id)[0]["job"]["status"] == "running"


def test_a_second_sync_is_a_conflict(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    any_api.call("connections/sync", connectionId=connection_id)
    any_api.refused("connections/sync", 409, connectionId=connection_id)
    assert len(any_api.jobs(connection_id)) == 1


def test_sync_needs_an_active_connection(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP, status="inactive")["connectionId"]
    any_api.refused("connections/sync", 500, connectionId=connection_id)


@pytest.mark.parametrize(("version", "kept"), [("0.44.0", True), ("0.50.0", True), *((v, False) for v in MODERN)])
def test_a_reset_of_an_inactive_connection(make_api: MakeApi, version: str, kept: bool) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP)
    api.update(connection_id, status="inactive")
    api.call("connections/reset", connectionId=connection_id)
    api.emulator.finish_jobs()
    assert api.jobs(connection_id)[0]["job"]["status"] == "cancelled"
    assert bool(api.state_streams(connection_id)) is kept
    assert len(api.emulator.table("warehouse", "users")) == 6
    api.update(connection_id, status="active")
    api.emulator.sync(connection_id)
    assert api.job_kinds(connection_id) == ["sync", "reset_connection", "reset_connection"]
    assert api.emulator.table("warehouse", "users") == []


@pytest.mark.parametrize("version", MODERN)
def test_a_refresh_of_an_inactive_connection(make_api: MakeApi, version: str) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP)
    catalog = api.get(connection_id)["syncCatalog"]
    for entry in catalog["streams"]:
        if entry["stream"]["name"] == "users":
            entry["config"].update(primaryKey=[["email"]])
    api.update(connection_id, status="inactive", syncCatalog=catalog)
    api.emulator.finish_jobs()
    assert api.jobs(connection_id)[0]["job"]["status"] == "cancelled"
    assert api.state_streams(connection_id) == set()
    api.update(connection_id, status="active")
    api.emulator.sync(connection_id)
    assert api.job_kinds(connection_id) == ["sync", "refresh", "sync"]
    assert api.jobs(connection_id)[0]["attempts"][0]["recordsSynced"] == 6


def test_the_type_right_after_an_update_is_the_old_one(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.reconfigure(connection_id, users={"primaryKey": [["email"]]})
    assert any_api.call("web_backend/state/get_type", connectionId=connection_id) == "stream"


def test_a_reset_does_not_set_is_syncing(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.call("connections/reset", connectionId=connection_id)
    any_api.emulator.advance(5)
    assert any_api.get(connection_id)["isSyncing"] is False
    any_api.emulator.finish_jobs()
    any_api.call("connections/sync", connectionId=connection_id)
    any_api.emulator.advance(5)
    assert any_api.get(connection_id)["isSyncing"] is True


def test_deletion(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    any_api.call("connections/sync", connectionId=connection_id)
    any_api.call("connections/delete", connectionId=connection_id)
    assert any_api.jobs(connection_id)[0]["job"]["status"] == "cancelled"
    assert any_api.state_streams(connection_id) == {"users"}
    any_api.call("connections/delete", connectionId=connection_id)
    any_api.refused("connections/delete", 404, connectionId=UNKNOWN)
    any_api.refused("connections/sync", 500, connectionId=connection_id)
    any_api.refused("connections/reset", 500, connectionId=connection_id)
    assert any_api.get(connection_id)["status"] == "deprecated"
    workspace = WORKSPACE
    assert any_api.call("web_backend/connections/list", workspaceId=workspace)["connections"] == []
    assert any_api.call("connections/list", workspaceId=workspace)["connections"] == []
    assert len(any_api.call("connections/list_all", workspaceId=workspace)["connections"]) == 1
    assert any_api.update(connection_id, name="ghost")["name"] == "ghost"


@pytest.mark.parametrize(("version", "wanted"), [("0.44.0", 200), ("0.50.0", 200), *((v, 500) for v in MODERN)])
def test_an_update_that_would_reset_a_deleted_connection(make_api: MakeApi, version: str, wanted: int) -> None:
    api = make_api(version)
    connection_id = _synced(api, users=DEDUP)
    catalog = api.get(connection_id)["syncCatalog"]
    api.call("connections/delete", connectionId=connection_id)
    for entry in catalog["streams"]:
        entry["config"]["primaryKey"] = [["email"]]
    body = {"connectionId": connection_id, "syncCatalog": catalog}
    assert api.raw("web_backend/connections/update", body).status_code == wanted
    assert api.get(connection_id)["status"] == "deprecated"


def test_lists_of_jobs(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    for _ in range(4):
        any_api.emulator.advance(10)
        any_api.emulator.sync(connection_id)
    body: Doc = {"configTypes": ["sync"], "configId": connection_id}
    answer = any_api.call("jobs/list", **body)
    assert [job["job"]["id"] for job in answer["jobs"]] == [5, 4, 3, 2, 1]
    page = any_api.call("jobs/list", **body, pagination={"pageSize": 2, "rowOffset": 2})
    assert [job["job"]["id"] for job in page["jobs"]] == [3, 2]
    assert page["totalJobCount"] == 5
    any_api.refused("jobs/list", 500, configTypes=[], configId=connection_id)
    assert any_api.call("jobs/list", configTypes=["reset_connection"], configId=connection_id)["jobs"] == []
    any_api.refused("jobs/get", 500, id=99)


def test_filters_of_job_lists(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    body: Doc = {"configTypes": ["sync"], "configId": connection_id}
    modern = any_api.version not in ("0.44.0", "0.50.0")
    assert len(any_api.call("jobs/list", **body, statuses=["failed"])["jobs"]) == (0 if modern else 1)
    assert len(any_api.call("jobs/list", **body, status="failed")["jobs"]) == 1
    assert len(any_api.call("jobs/list", **body, createdAtStart="2100-01-01T00:00:00Z")["jobs"]) == (0 if modern else 1)


def test_what_a_job_tells(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    job = any_api.jobs(connection_id)[0]["job"]
    assert job["enabledStreams"] == [{"name": "users", "namespace": "public"}]
    if any_api.version not in ("0.44.0", "0.50.0"):
        (stream,) = job["streamAggregatedStats"]
        assert stream["recordsCommitted"] == 6
        assert stream["wasResumed"] is False


def test_progress_shows_per_stream(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP, events=APPEND)["connectionId"]
    any_api.call("connections/sync", connectionId=connection_id)
    seen: set[tuple[str, int]] = set()
    for _ in range(25):
        any_api.emulator.advance(1)
        (job,) = any_api.jobs(connection_id)
        for attempt in job["attempts"]:
            seen.update((s["streamName"], s["stats"]["recordsEmitted"]) for s in attempt["streamStats"])
    assert {("users", 6), ("events", 10)} <= seen
    assert len(seen) > 4


def test_attempts_and_failures(any_api: Api) -> None:
    settings = any_api.emulator.server.settings
    settings["pace"]["attempts"] = 2
    connection_id = any_api.connect(users=DEDUP, events=APPEND)["connectionId"]
    any_api.emulator.break_stream(connection_id, "users", "public", after=2, message="out of disk")
    any_api.emulator.sync(connection_id)
    (job,) = any_api.jobs(connection_id)
    assert job["job"]["status"] == "succeeded"
    assert [attempt["status"] for attempt in job["attempts"]] == ["failed", "succeeded"]
    assert job["attempts"][0]["failureSummary"]["failures"][0]["externalMessage"] == "out of disk"
    assert len(any_api.emulator.table("warehouse", "users")) == 6


def test_a_cancelled_attempt_says_so(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    job_id = any_api.call("connections/sync", connectionId=connection_id)["job"]["id"]
    any_api.emulator.advance(5)
    any_api.call("jobs/cancel", id=job_id)
    [entry] = any_api.call("jobs/get", id=job_id)["attempts"]
    [failure] = entry["attempt"]["failureSummary"]["failures"]
    assert failure["failureType"] == "manual_cancellation"
    assert failure["externalMessage"] == "This attempt was cancelled"
    assert "failureOrigin" not in failure


def test_a_later_attempt_starts_full_refreshes_again(any_api: Api) -> None:
    any_api.emulator.server.settings["pace"]["attempts"] = 2
    connection_id = any_api.connect(events=OVERWRITE, users=DEDUP)["connectionId"]
    any_api.emulator.sync(connection_id)
    for stream in ("events", "users"):
        any_api.emulator.break_stream(connection_id, stream, "public", after=1)
    any_api.emulator.sync(connection_id)
    any_api.emulator.sync(connection_id)
    assert any_api.jobs(connection_id)[0]["job"]["status"] == "succeeded"
    tables = any_api.emulator.tables("warehouse")
    assert (len(tables["public.events"]), len(tables["public.users"])) == (10, 6)


def test_a_connection_that_only_fails_is_paused(any_api: Api) -> None:
    connection_id = any_api.connect(users={**DEDUP, "primaryKey": []})["connectionId"]
    limit = 30 if any_api.version in ("1.8.0", "2.0.0") else 20
    for _ in range(limit):
        assert any_api.get(connection_id)["status"] == "active"
        any_api.emulator.sync(connection_id)
    assert any_api.jobs(connection_id)[0]["job"]["status"] == "failed"
    assert any_api.get(connection_id)["status"] == "inactive"


def test_writing_a_state(any_api: Api) -> None:
    connection_id = _synced(any_api, users=DEDUP)
    state = any_api.call("state/get", connectionId=connection_id)
    state["streamState"][0]["streamState"]["cursor"] = "2026-01-10T00:00:00Z"
    any_api.call("state/create_or_update", connectionId=connection_id, connectionState=state)
    any_api.emulator.sync(connection_id)
    assert any_api.jobs(connection_id)[0]["attempts"][0]["recordsSynced"] == 2
    if any_api.emulator.server.rules.serves("state/create_or_update_safe"):
        any_api.call("connections/sync", connectionId=connection_id)
        any_api.refused("state/create_or_update_safe", 423, connectionId=connection_id, connectionState=state)


def test_last_writer_wins(any_api: Api) -> None:
    connection_id = any_api.connect(users=DEDUP)["connectionId"]
    first, second = any_api.get(connection_id), any_api.get(connection_id)
    any_api.update(connection_id, name="first", prefix=first.get("prefix", "a_"))
    any_api.update(connection_id, name="second", prefix=second.get("prefix", "b_"))
    answer = any_api.get(connection_id)
    assert (answer["name"], answer["prefix"]) == ("second", "b_")


def test_last_job_per_stream(make_api: MakeApi) -> None:
    api = make_api()
    connection_id = _synced(api, users=DEDUP, events=APPEND)
    answer = api.call("connections/last_job_per_stream", connectionId=connection_id)
    assert {item["streamName"]: item["recordsCommitted"] for item in answer} == {"users": 6, "events": 10}
    assert ALL_JOBS[0] == answer[0]["configType"]
