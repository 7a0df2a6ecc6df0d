"""What an update orders to be re-synced, how it waits, and what it leaves to Airbyte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.errors import ApiError, DriftedError, PlanError
from pulumi_airbyte_wb.models import ConnectionRead, ConnectionUpdate, JobRead
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.console import Console
from tests.main_job.conftest import SHOP
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, configure, declare, kinds, rows, without_refreshes
from tools.builtin_world import world

# ---- reading again -------------------------------------------------------------------------------------------------


def test_what_never_synced_is_not_re_synced(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS}))
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}))
    assert kinds(server, shop.id) == []


@pytest.mark.parametrize("wait", ["accepted", "job"])
def test_without_refreshes_a_clear_is_followed_by_a_sync(wait: str) -> None:
    with Emulator(without_refreshes()) as server:
        server.set_speed(10_000)
        shop = Resource(server.url)
        shop.up(declare({"public.users": USERS}, resets={"wait": wait}))
        server.sync(shop.id)
        news = declare({"public.users": USERS.replace("key=id", "key=email")}, resets={"wait": wait})
        assert shop.preview(news)["public.users"].startswith("AWB220 clear")
        shop.up(news)
        server.finish_jobs(shop.id)
        assert kinds(server, shop.id) == ["sync", "reset_connection", "sync"]
        assert rows(server, "users") == 6


@pytest.mark.parametrize(
    ("version", "told", "filled"),
    [
        ("0.50.0", "Airbyte itself starts a sync", 6),
        ("0.57.4", "Airbyte itself starts a sync", 6),
        ("0.58.0", "no sync is started", 0),
    ],
)
def test_whether_a_sync_follows_the_servers_own_reset_is_told(version: str, told: str, filled: int) -> None:
    with Emulator(without_refreshes(), server_version=version) as old:
        old.set_speed(10_000)
        shop = Resource(old.url)
        shop.up(declare({"public.users": USERS}))
        old.sync(shop.id)
        news = declare({"public.users": USERS.replace("key=id", "key=email")}, resets={"default": "server"})
        assert told in shop.preview(news)["*"]
        shop.up(news)
        old.finish_jobs(shop.id)
        assert rows(old, "users") == filled


@pytest.mark.parametrize("version", ["0.50.0", "0.63.0", "1.0.0", "1.8.0", "2.0.0"])
def test_a_changed_key_on_every_version(version: str) -> None:
    with Emulator(server_version=version) as server:
        server.set_speed(10_000)
        shop = Resource(server.url)
        shop.up(declare({"public.users": USERS}, resets={"wait": "job"}))
        server.sync(shop.id)
        assert not shop.changed(declare({"public.users": USERS}, resets={"wait": "job"}))
        shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}, resets={"wait": "job"}))
        server.finish_jobs(shop.id)
        assert rows(server, "users") == 6
        assert len(kinds(server, shop.id)) > 1
        shop.refresh()
        assert not shop.changed(declare({"public.users": USERS.replace("key=id", "key=email")}, resets={"wait": "job"}))
        shop.destroy()


# ---- who fills what was emptied, and who waits for it ----------------------------------------------------------------


@pytest.fixture
def plain() -> Iterator[Emulator]:
    """A server whose destination cannot refresh."""
    with Emulator(without_refreshes()) as server:
        server.set_speed(10_000)
        yield server


def test_a_clear_may_be_left_to_the_schedule(plain: Emulator) -> None:
    shop = Resource(plain.url)
    resets = {"after_clear": "schedule"}
    shop.up(declare({"public.users": USERS}, resets=resets))
    plain.sync(shop.id)
    news = declare({"public.users": USERS.replace("key=id", "key=email")}, resets=resets)
    assert "no sync is started" in shop.preview(news)["*"]
    shop.up(news)
    plain.finish_jobs(shop.id)
    assert kinds(plain, shop.id) == ["sync", "reset_connection"]
    assert rows(plain, "users") == 0


def test_a_clear_that_a_sync_follows_says_so(plain: Emulator) -> None:
    shop = Resource(plain.url)
    shop.up(declare({"public.users": USERS}))
    plain.sync(shop.id)
    news = declare({"public.users": USERS.replace("key=id", "key=email")})
    assert shop.preview(news)["*"].startswith("AWB104 refill: a sync of the whole connection is started")


def test_filled_waits_for_the_schedules_next_sync(plain: Emulator) -> None:
    shop = Resource(plain.url)
    often = {"schedule": "every 1 hours", "resets": {"wait": "filled", "after_clear": "schedule"}}
    shop.up(declare({"public.users": USERS}, **often))
    assert rows(plain, "users") == 6
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}, **often))
    assert rows(plain, "users") == 6
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email"), "public.events": EVENTS}, **often))
    assert rows(plain, "events") == 10


def test_a_first_sync_that_fails_does_not_undo_the_creation(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda console, message: told.append(message))
    update = AirbyteClient.update_connection

    def break_it(client: AirbyteClient, request: ConnectionUpdate) -> ConnectionRead:
        server.break_stream(request.connection_id, "users", "public")
        return update(client, request)

    monkeypatch.setattr(AirbyteClient, "update_connection", break_it)
    shop.up(declare({"public.users": USERS}, schedule="every 1 hours", resets={"wait": "filled"}))
    assert len(told) == 1
    assert told[0].startswith("the connection is created, but filling the tables: job")
    assert api.get_connection(shop.id).status == "active"


def test_filled_does_not_wait_for_what_nothing_starts(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda console, message: told.append(message))
    shop.up(declare({"public.users": USERS}, resets={"wait": "filled"}))
    assert told == ["filling the tables: not waited for, as nothing starts a sync: its schedule is manual"]


def test_a_running_sync_is_waited_for_where_that_is_declared(plain: Emulator) -> None:
    shop = Resource(plain.url)
    resets = {"running": "wait", "wait": "job"}
    shop.up(declare({"public.users": USERS}, resets=resets))
    plain.sync(shop.id)
    with AirbyteClient(ServerSettings(plain.url)) as client:
        client.sync(shop.id)
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}, resets=resets))
    assert ended(plain, shop) == ["sync succeeded", "sync succeeded", "reset_connection succeeded", "sync succeeded"]


def test_a_running_sync_is_cancelled_where_that_is_declared(monkeypatch: pytest.MonkeyPatch, plain: Emulator) -> None:
    shop = Resource(plain.url)
    resets = {"running": "cancel", "wait": "job"}
    shop.up(declare({"public.users": USERS}, resets=resets))
    plain.sync(shop.id)
    plain.set_speed(0)
    cancel = AirbyteClient.cancel_job

    def cancel_and_go_on(client: AirbyteClient, job_id: int) -> JobRead | None:
        job = cancel(client, job_id)
        plain.set_speed(10_000)
        return job

    monkeypatch.setattr(AirbyteClient, "cancel_job", cancel_and_go_on)
    with AirbyteClient(ServerSettings(plain.url)) as client:
        client.sync(shop.id)
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}, resets=resets))
    assert ended(plain, shop) == ["sync succeeded", "sync cancelled", "reset_connection succeeded", "sync succeeded"]


def test_cancelling_stops_no_refresh_that_replaces_rows(monkeypatch: pytest.MonkeyPatch, server: Emulator) -> None:
    shop = Resource(server.url)
    shop.up(declare({"public.users": USERS}))
    server.sync(shop.id)
    server.set_speed(0)
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}))
    status = Console.status

    def look_and_go_on(console: Console, message: str) -> None:
        status(console, message)
        server.set_speed(10_000)

    monkeypatch.setattr(Console, "status", look_and_go_on)
    resets = {"running": "cancel", "wait": "job"}
    shop.up(declare({"public.users": USERS.replace("key=id", "key=region")}, resets=resets))
    assert ended(server, shop) == ["sync succeeded", "refresh succeeded", "refresh succeeded"]


def ended(server: Emulator, resource: Resource) -> list[str]:
    return [f"{job['job']['configType']} {job['job']['status']}" for job in server.jobs(resource.id)]


# ---- permissions for one run -----------------------------------------------------------------------------------------


def test_a_permission_for_one_run_is_spent_by_it(server: Emulator, shop: Resource) -> None:
    once = {"permits": ["public.events AWB210 once"], "wait": "job"}
    shop.up(declare({"public.events": EVENTS}, resets={"wait": "job"}))
    server.sync(shop.id)
    other = "incremental_append cursor=user_id"
    with pytest.raises(RefusedError, match="AWB210"):
        shop.preview(declare({"public.events": other}, resets={"wait": "job"}))
    for _ in range(2):
        assert shop.preview(declare({"public.events": other}, resets=once))["public.events"].startswith(
            "AWB210 truncate"
        )
    shop.up(declare({"public.events": other}, resets=once))
    assert not shop.changed(declare({"public.events": other}, resets=once))
    shop.refresh()
    with pytest.raises(RefusedError, match="AWB210"):
        shop.preview(declare({"public.events": EVENTS}, resets=once))
    again = {**once, "permits": ["public.events AWB210 once:2"]}
    assert "AWB210 truncate" in shop.preview(declare({"public.events": EVENTS}, resets=again))["public.events"]


# ---- what is left to Airbyte -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["0.50.0", "0.63.0", "1.0.0", "1.8.0", "2.0.0"])
@pytest.mark.parametrize("refreshes", [True, False])
def test_the_server_does_what_was_planned_and_no_more(
    monkeypatch: pytest.MonkeyPatch, version: str, refreshes: bool
) -> None:
    """One stream is left to Airbyte, the other changed by our own rules in the same update."""
    with Emulator(world() if refreshes else without_refreshes(), server_version=version) as server:
        server.set_speed(10_000)
        shop = Resource(server.url)
        resets = {"overrides": {"public.events": "server"}, "wait": "job"}
        shop.up(declare({"public.users": USERS, "public.events": EVENTS}, resets=resets))
        server.sync(shop.id)
        news = declare(
            {"public.users": f"{USERS} fields=id,updated_at", "public.events": "incremental_append cursor=user_id"},
            resets=resets,
        )
        planned = shop.preview(news)
        can = refreshes and version != "0.50.0"
        assert planned["public.events"].startswith("AWB210 merge" if can else "AWB210 clear")
        assert planned["public.users"].startswith("AWB251 none")
        server.log.clear()
        shop.up(news)
        server.finish_jobs(shop.id)
        requests = [each.request for each in server.log.requests if each.path == "web_backend/connections/update"]
        assert [request["skipReset"] for request in requests] == [True, False]
        jobs = [job["job"] for job in server.jobs(shop.id)][1:]
        reset = next(job for job in jobs if job["configType"] in {"reset_connection", "refresh"})
        about = reset.get("resetConfig", {}).get("streamsToReset") or reset["refreshConfig"]["streamsToRefresh"]
        assert [part["name"] for part in about] == ["events"]
        shop.refresh()
        assert not shop.changed(news)


def test_what_airbyte_would_do_beyond_the_plan_is_blocked(server: Emulator, api: AirbyteClient) -> None:
    shop = Resource(server.url)
    resets = {"default": "server"}
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}, resets=resets))
    server.sync(shop.id)
    configure(api, shop.id, "users", primary_key=[["email"]])
    before = len(kinds(server, shop.id))
    with pytest.raises(DriftedError):
        shop.up(declare({"public.users": USERS, "public.events": "incremental_append cursor=user_id"}, resets=resets))
    assert len(kinds(server, shop.id)) == before


def test_a_lost_answer_of_the_server_is_made_good_by_the_next_run(server: Emulator, shop: Resource) -> None:
    """The change is there, so that Airbyte would not reset for it any more: the reset is ordered by name."""
    resets = {"default": "server"}
    shop.up(declare({"public.users": USERS}, resets=resets))
    server.sync(shop.id)
    news = declare({"public.users": USERS.replace("key=id", "key=email")}, resets=resets)
    server.add_fault(Fault(path="web_backend/connections/update", kind="status", status=500, skip=1, times=9))
    with pytest.raises(ApiError):
        shop.up(news)
    server.clear_faults()
    shop.up(news)
    server.finish_jobs(shop.id)
    assert "refresh" in kinds(server, shop.id)
    assert not shop.changed(news)


@pytest.mark.parametrize("refresh", [False, True])
def test_a_reset_that_the_server_did_not_come_to_is_ordered_by_the_next_run(
    server: Emulator, shop: Resource, refresh: bool
) -> None:
    """It failed when the change was written, so it would find none any more: the plan says so, and does it."""
    resets = {"default": "server"}
    shop.up(declare({"public.users": USERS}, resets=resets))
    server.sync(shop.id)
    news = declare({"public.users": USERS.replace("key=id", "key=email")}, resets=resets)
    server.add_fault(Fault(path="web_backend/connections/update", kind="status", status=500, step="row", skip=1))
    with pytest.raises(ApiError):
        shop.up(news)
    server.clear_faults()
    server.finish_jobs(shop.id)
    assert kinds(server, shop.id) == ["sync"]
    if refresh:
        shop.refresh()
    assert shop.preview(news)["public.users"].startswith("AWB220 merge")
    shop.up(news)
    server.finish_jobs(shop.id)
    assert kinds(server, shop.id) == ["sync", "refresh"]
    assert not shop.changed(news)


# ---- what was ordered, and did not come to its end -------------------------------------------------------------------


def ordered(server: Emulator, shop: Resource, *, fails: bool) -> dict[str, Any]:
    """Order a replacement without waiting for it; it fails, or succeeds."""
    shop.up(declare({"public.users": USERS}))
    server.sync(shop.id)
    if fails:
        server.break_stream(shop.id, "users", "public")
    news = declare({"public.users": USERS.replace("key=id", "key=email")})
    shop.up(news)
    server.finish_jobs(shop.id)
    return news


def test_a_replacement_that_broke_off_is_ordered_again(server: Emulator, shop: Resource) -> None:
    """Its rows would be poured into the old ones by the next sync, and nothing had waited for it."""
    news = ordered(server, shop, fails=True)
    assert not shop.changed(news)
    for fails in (True, False):
        shop.refresh()
        assert shop.preview(news)["public.users"].startswith("AWB220 truncate: key id => email")
        if fails:
            server.break_stream(shop.id, "users", "public")
        shop.up(news)
        server.finish_jobs(shop.id)
    shop.refresh()
    assert not shop.changed(news)
    assert kinds(server, shop.id) == ["sync", "refresh", "refresh", "refresh"]
    assert rows(server, "users") == 6


def test_a_replacement_that_succeeded_is_looked_for_once(server: Emulator, shop: Resource) -> None:
    news = ordered(server, shop, fails=False)
    assert not shop.changed(news)
    shop.refresh()
    server.log.clear()
    shop.refresh()
    assert server.log.counts["jobs/list"] == 0
    assert not shop.changed(news)


def test_a_replacement_that_runs_is_looked_for_again(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS}))
    server.sync(shop.id)
    server.set_speed(0)
    news = declare({"public.users": USERS.replace("key=id", "key=email")})
    shop.up(news)
    for _ in range(2):
        shop.refresh()
        assert not shop.changed(news)
    server.log.clear()
    shop.refresh()
    assert server.log.counts["jobs/list"] == 1


@pytest.mark.parametrize("other", [{"prefix": ""}, {"resets": {"backfill": True}}, {"notify_schema_changes": True}])
def test_an_order_is_remembered_through_another_update(server: Emulator, shop: Resource, other: dict[str, Any]) -> None:
    news = ordered(server, shop, fails=True) | other
    shop.up(news)
    shop.refresh()
    assert "AWB220 truncate" in shop.preview(news)["public.users"]


def test_a_stream_that_came_back_otherwise_is_remembered_too(server: Emulator, shop: Resource) -> None:
    """Nothing in its line tells that its rows have to be replaced."""
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}))
    server.sync(shop.id)
    shop.up(declare({"public.events": EVENTS}))
    news = declare({"public.users": USERS.replace("key=id", "key=email"), "public.events": EVENTS})
    assert shop.preview(news)["public.users"].startswith("AWB206 truncate")
    server.break_stream(shop.id, "users", "public")
    shop.up(news)
    server.finish_jobs(shop.id)
    shop.refresh()
    assert shop.preview(news)["public.users"].startswith("AWB206 truncate: added")
    shop.up(news)
    server.finish_jobs(shop.id)
    assert rows(server, "users") == 6
    shop.refresh()
    assert not shop.changed(news)


def test_nothing_is_left_to_airbyte_while_the_connection_is_paused(server: Emulator, shop: Resource) -> None:
    resets = {"default": "server"}
    shop.up(declare({"public.users": USERS}, status="active", resets=resets))
    server.sync(shop.id)
    changed = {"public.users": USERS.replace("key=id", "key=email")}
    shop.up(declare(changed, status="inactive", resets=resets))
    assert kinds(server, shop.id) == ["sync"]
    assert "AWB220 merge" in shop.preview(declare(changed, status="active", resets=resets))["public.users"]


def test_a_paused_creation_may_leave_its_streams_to_airbyte(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS}, status="inactive", resets={"default": "server"}))


def test_nothing_is_emptied_for_an_update_that_cannot_be_sent(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    accept = {"schema_changes": "accept", "on_remove": "clear"}
    shop.up(declare({"public.users": USERS, "public.orders": ORDERS, "public.events": EVENTS}))
    server.sync(shop.id)
    catalog = Resource(server.url, "part", provider=CatalogProvider)
    part = {"connection_id": shop.id, "streams": {"public.users": USERS, "public.orders": ORDERS}, **accept}
    catalog.up(part)
    server.set_column("shop-postgres", "events", "source", {"type": "string"}, "public")
    api.discover_schema(SHOP, disable_cache=True)
    with pytest.raises(PlanError, match="nothing was sent"):
        catalog.up({**part, "streams": {"public.users": USERS}})
    assert rows(server, "orders") == 8


def test_what_replaces_rows_goes_before_what_merges_by_a_key_and_after_what_is_appended(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource
) -> None:
    again = ORDERS.replace("overwrite", "append_dedup")
    shop.up(declare({"public.users": USERS, "public.orders": again, "public.events": EVENTS}))
    server.sync(shop.id)
    overrides = {"public.users": "merge", "public.orders": "truncate", "public.events": "merge"}
    lines = {
        "public.users": USERS.replace("key=id", "key=email"),
        "public.orders": "full_refresh_append",
        "public.events": "incremental_append cursor=user_id",
    }
    shop.up(declare(lines, resets={"overrides": overrides, "wait": "job"}))
    ordered = [
        [stream["name"] for stream in each["job"]["refreshConfig"]["streamsToRefresh"]]
        for each in server.jobs(shop.id)
        if each["job"]["configType"] == "refresh"
    ]
    assert ordered == [["events"], ["orders"], ["users"]]
