"""Why jobs are there, and why they did not succeed."""

from __future__ import annotations

from pulumi_airbyte_wb.emulator.jobs.causes import clock_time

from .api import APPEND, DEDUP, Api
from .conftest import MakeApi

USERS = [{"streamName": "users", "streamNamespace": "public"}]
KEY_CHANGED = {"primaryKey": [["id"], ["region"]]}


def newest(api: Api, connection_id: str) -> tuple[str, str | None]:
    job = api.emulator.explained_jobs(connection_id)[-1]
    return job["cause"], job["reason"]


def test_a_sync(api: Api) -> None:
    connection_id = api.connect(users=DEDUP)["connectionId"]
    now = clock_time(api.emulator.now())
    api.call("connections/sync", connectionId=connection_id)
    api.emulator.finish_jobs()
    assert newest(api, connection_id) == (f"sync, ordered by connections/sync at {now}", None)
    now = clock_time(api.emulator.now())
    api.emulator.sync(connection_id)
    assert newest(api, connection_id)[0] == f"sync, ordered by the control API at {now}"


def test_a_schedule(api: Api) -> None:
    schedule = {"scheduleType": "basic", "scheduleData": {"basicSchedule": {"units": 1, "timeUnit": "hours"}}}
    connection_id = api.connect(users=DEDUP, fields=schedule)["connectionId"]
    api.emulator.advance(3700)
    cause, _reason = newest(api, connection_id)
    assert cause.startswith("sync, ordered by the schedule at ")


def test_an_update_that_orders_a_refresh(api: Api) -> None:
    connection_id = api.connect(users=DEDUP)["connectionId"]
    api.emulator.sync(connection_id)
    now = clock_time(api.emulator.now())
    api.reconfigure(connection_id, users=KEY_CHANGED)
    wanted = f"refresh of public.users (retaining records), ordered by web_backend/connections/update at {now}"
    assert newest(api, connection_id) == (wanted, None)


def test_a_clear_and_the_sync_after_it(make_api: MakeApi) -> None:
    api = make_api("0.50.0")
    connection_id = api.connect(users=DEDUP, events=APPEND)["connectionId"]
    api.emulator.sync(connection_id)
    now = clock_time(api.emulator.now())
    api.reconfigure(connection_id, users=KEY_CHANGED)
    assert newest(api, connection_id)[0] == (
        f"clear of public.users, ordered by web_backend/connections/update at {now}"
    )
    api.emulator.finish_jobs()
    assert newest(api, connection_id)[0].startswith("sync, ordered by job 2 before it at ")


def test_a_refresh_that_waits_for_the_job_before_it(api: Api) -> None:
    connection_id = api.connect(users=DEDUP)["connectionId"]
    api.call("connections/sync", connectionId=connection_id)
    ordered = clock_time(api.emulator.now())
    api.call("connections/refresh", connectionId=connection_id, streams=USERS, refreshMode="Truncate")
    api.emulator.finish_jobs()
    started = clock_time(api.emulator.now())
    api.emulator.sync(connection_id)
    assert newest(api, connection_id)[0] == (
        f"refresh of public.users (removing old records), ordered by connections/refresh at {ordered}, "
        f"started by the control API at {started}"
    )


def test_why_a_job_did_not_succeed(api: Api) -> None:
    connection_id = api.connect(users=DEDUP)["connectionId"]
    api.emulator.break_stream(connection_id, "users", "public", message="the disk is full")
    api.emulator.sync(connection_id)
    assert newest(api, connection_id)[1] == "the disk is full"
    api.call("connections/sync", connectionId=connection_id)
    api.call("connections/clear/stream", connectionId=connection_id, streams=USERS)
    jobs = api.emulator.explained_jobs(connection_id)
    assert jobs[-2]["reason"] == "cancelled by connections/clear/stream"
    api.emulator.finish_jobs()
    api.update(connection_id, status="inactive")
    api.call("connections/clear/stream", connectionId=connection_id, streams=USERS)
    api.emulator.finish_jobs()
    assert newest(api, connection_id)[1] == "the connection was not active when the job began"


def test_many_streams_are_counted(api: Api) -> None:
    connection_id = api.connect(users=DEDUP, events=APPEND, dim_country=APPEND, dim_currency=APPEND)["connectionId"]
    api.call("connections/clear", connectionId=connection_id)
    assert " and 1 more, ordered by connections/clear at " in newest(api, connection_id)[0]
