"""The provider of connections, case by case: creating, streams that come and go, other people's changes."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.errors import ApiError, DriftedError, PlanError
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.providers.console import Console
from tests.main_job.conftest import CRM, WORKSPACE
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import (
    EVENTS,
    ORDERS,
    USERS,
    configure,
    declare,
    kinds,
    named,
    rows,
    selected,
    without_refreshes,
)
from tools.engine import new_run

# ---- creating ------------------------------------------------------------------------------------------------------


def test_the_state_of_another_stack_is_no_reason_for_a_duplicate(server: Emulator, api: AirbyteClient) -> None:
    """State lost, a second stack, or an answer lost at the very end: never a second connection, never a take-over."""
    first = Resource(server.url)
    first.up(declare({"public.events": EVENTS}))
    again = Resource(server.url)
    with pytest.raises(RefusedError, match=f'say adopt="{first.id}" to take it over'):
        again.up(declare({"public.events": EVENTS}))
    again.up(declare({"public.events": EVENTS}, adopt=first.id))
    assert again.id == first.id
    assert named(api) == ["shop"]


def test_an_incomplete_connection_of_the_same_program_is_deleted_and_created_again(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    server.add_fault(Fault(path="web_backend/connections/update", kind="status", status=500))
    with pytest.raises(ApiError):
        shop.up(declare({"public.users": USERS, "public.events": EVENTS}, prefix="a_"))
    shop.up(declare({"public.users": USERS}))
    live = api.get_connection(shop.id)
    assert (live.prefix or "", selected(api, shop.id)) == ("", {"users"})
    assert named(api) == ["shop"]


def test_a_half_created_connection_that_comes_late_is_deleted_too(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    """The server carries out what an earlier run gave up waiting for, after the next run has looked."""
    create = "web_backend/connections/create"
    server.add_fault(Fault("late", path=create))
    with pytest.raises(ApiError):
        shop.up(declare({"public.users": USERS}))
    server.carry_out_late(before=[create])
    shop.up(declare({"public.users": USERS}))
    assert named(api) == ["shop"]


def test_a_half_created_connection_of_another_program_is_told_and_left(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    """It may be that of another backend whose resource has the same URN, and be under way just now."""
    told: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda console, message: told.append(message))
    server.add_fault(Fault(path="web_backend/connections/update", kind="status", status=500))
    with pytest.raises(ApiError):
        shop.up(declare({"public.users": USERS}))
    (half,) = named(api)
    shop.up({**declare({"owners": ORDERS}, name="crm"), "source_id": CRM})
    assert named(api) == ["crm", half]
    assert [item.status for item in api.list_connections_for_workspace(WORKSPACE) if item.name == half] == ["inactive"]
    assert "is incomplete, left by an earlier run of another program" in told[0]


def test_two_resources_of_one_program_are_not_duplicates(server: Emulator) -> None:
    one, two = Resource(server.url, "one"), Resource(server.url, "two")
    one.preview(declare({"public.events": EVENTS}, name="same"))
    run = new_run(server.url)
    run.check(one, declare({"public.events": EVENTS}, name="same"))
    with pytest.raises(RefusedError, match="is also the connection 'one' of this program"):
        run.check(two, declare({"public.orders": ORDERS}, name="same"))


def test_a_reset_that_was_planned_at_creation_is_done() -> None:
    with Emulator(without_refreshes()) as server:
        server.set_speed(10_000)
        shop = Resource(server.url)
        shop.up(declare({"public.events": EVENTS}))
        server.sync(shop.id)
        shop.destroy()
        with pytest.raises(RefusedError, match="AWB207"):
            shop.preview(declare({"public.events": EVENTS}))
        word = declare({"public.events": EVENTS}, resets={"overrides": {"public.events": "reset"}, "wait": "job"})
        assert shop.preview(word)["public.events"].startswith("AWB207 clear")
        shop.up(word)
        server.finish_jobs(shop.id)
        assert rows(server, "events") == 10


# ---- what a connection has once moved ------------------------------------------------------------------------------


def test_a_stream_that_comes_back_is_not_new(server: Emulator, shop: Resource) -> None:
    both = {"public.users": USERS, "public.events": EVENTS}
    shop.up(declare(both))
    server.sync(shop.id)
    shop.up(declare({"public.users": USERS}))
    with pytest.raises(RefusedError, match=r"AWB206.*every row would be appended a second time"):
        shop.preview(declare({**both, "public.events": "incremental_append cursor=user_id"}))
    assert shop.preview(declare(both))["public.events"].startswith("AWB204 none")
    shop.up(declare(both))
    server.sync(shop.id)
    assert rows(server, "events") == 10


def test_a_full_read_that_comes_back_has_no_position_to_lose(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    both = {"public.users": USERS, "public.orders": "full_refresh_append"}
    shop.up(declare(both))
    server.sync(shop.id)
    shop.up(declare({"public.users": USERS}))
    assert "each of its syncs reads everything from the start" in shop.preview(declare(both))["public.orders"]
    shop.up(declare(both))
    assert selected(api, shop.id) == {"users", "orders"}


def test_a_stream_that_a_person_took_out_is_not_new(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS, "public.orders": ORDERS}, resets={"wait": "job"}))
    server.sync(shop.id)
    configure(api, shop.id, "users", selected=False)
    shop.refresh()
    other = USERS.replace("key=id", "key=email")
    news = declare({"public.users": other, "public.orders": ORDERS}, resets={"wait": "job"})
    assert shop.preview(news)["public.users"].startswith("AWB206 truncate")


def test_adopting_counts_what_the_connection_moved_once(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS, "public.events": EVENTS}))
    server.sync(shop.id)
    configure(api, shop.id, "events", selected=False)
    other = Resource(server.url, "other")
    for stream, line, code in (("events", EVENTS, "AWB206"), ("users", USERS, "AWB201")):
        planned = other.preview(declare({f"public.{stream}": line}, adopt=shop.id))
        assert planned[f"next public.{stream}"].startswith(code)


def test_a_stream_that_a_person_added_is_changed_not_added(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS}, resets={"wait": "job"}))
    configure(
        api, shop.id, "users", sync_mode="incremental", destination_sync_mode="append_dedup",
        cursor_field=["updated_at"], primary_key=[["email"]],
    )  # fmt: skip
    server.sync(shop.id)
    news = declare({"public.orders": ORDERS, "public.users": USERS}, resets={"wait": "job"})
    with pytest.raises(RefusedError, match="run `pulumi refresh`"):
        shop.preview(news)
    with pytest.raises(DriftedError, match="run `pulumi refresh`"):
        shop.up(news)
    shop.refresh()
    assert not shop.changed(declare({"public.orders": ORDERS}, resets={"wait": "job"}))
    assert shop.preview(news)["public.users"].startswith("AWB220 truncate: key email => id")
    shop.up(news)
    assert kinds(server, shop.id) == ["sync", "refresh"]


def test_exclusive_takes_out_what_a_refresh_has_found(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS, "public.events": EVENTS}))
    configure(api, shop.id, "users", sync_mode="full_refresh", destination_sync_mode="overwrite")
    alone = declare({"public.orders": ORDERS, "public.events": EVENTS}, exclusive=True)
    with pytest.raises(DriftedError):
        shop.up(alone)
    shop.refresh()
    assert shop.preview(alone)["public.users"].startswith("AWB203 none: removed")
    shop.up(alone)
    assert selected(api, shop.id) == {"orders", "events"}
    for _ in range(2):
        shop.refresh()
        assert not shop.changed(alone)


def test_names_of_tables_that_are_not_declared_are_known_after_an_adoption(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    other = Resource(server.url, "other")
    other.up(declare({"public.events": EVENTS}, prefix="x_"))
    server.sync(other.id)
    shop.up(declare({"public.orders": ORDERS}))
    api.update_connection(ConnectionUpdate(connection_id=shop.id, prefix="x_"))
    adopter = Resource(server.url, "adopter")
    adopter.up(declare({"public.orders": ORDERS}, adopt=shop.id))
    with pytest.raises(RefusedError, match=r"AWB20[78]"):
        adopter.preview(declare({"public.orders": ORDERS, "public.events": EVENTS}))


# ---- removing ------------------------------------------------------------------------------------------------------


def test_streams_that_are_left_out_altogether_are_released(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS, "public.events": EVENTS}))
    server.sync(shop.id)
    shop.up(declare(None, on_remove="clear"))
    assert selected(api, shop.id) == {"orders", "events"}
    assert kinds(server, shop.id) == ["sync"]
    assert rows(server, "events") == 10


def test_a_removed_stream_is_cleared_by_word_and_no_sync_is_started(server: Emulator, shop: Resource) -> None:
    both = {"public.orders": ORDERS, "public.events": EVENTS}
    shop.up(declare(both))
    server.sync(shop.id)
    news = declare({"public.events": EVENTS}, on_remove="clear")
    assert shop.preview(news)["public.orders"].startswith("AWB203 clear")
    shop.up(news)
    assert (rows(server, "orders"), rows(server, "events")) == (0, 10)
    assert kinds(server, shop.id) == ["sync", "reset_connection"]


def test_clearing_a_stream_that_is_out_already_clears_nothing_else(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS, "public.events": EVENTS}))
    server.sync(shop.id)
    configure(api, shop.id, "orders", selected=False)
    shop.up(declare({"public.events": EVENTS}, on_remove="clear"))
    assert kinds(server, shop.id) == ["sync"]
    assert (rows(server, "orders"), rows(server, "events")) == (8, 10)


# ---- other people's changes ----------------------------------------------------------------------------------------


def test_drift_that_a_policy_skips_is_refused_all_the_same(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.users": USERS}, resets={"default": "skip"}))
    server.sync(shop.id)
    configure(api, shop.id, "users", primary_key=[["email"]])
    with pytest.raises(DriftedError, match="the live connection has changed"):
        shop.up(declare({"public.users": USERS}, resets={"default": "skip"}, prefix=""))


def test_a_field_that_a_person_changed_is_left_to_the_next_refresh(api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}, status="active", name="a"))
    api.update_connection(ConnectionUpdate(connection_id=shop.id, status="inactive"))
    shop.up(declare({"public.orders": ORDERS}, status="active", name="b"))
    live = api.get_connection(shop.id)
    assert (live.name, live.status) == ("b", "inactive")
    shop.refresh()
    assert shop.changed(declare({"public.orders": ORDERS}, status="active", name="b"))


def test_a_resource_that_is_not_declared_stays(api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}, resource_requirements={"cpu_limit": "1"}))
    theirs = {"cpu_limit": "1", "memory_limit": "1Gi"}
    api.update_connection(ConnectionUpdate(connection_id=shop.id, resource_requirements=theirs))
    shop.refresh()
    assert not shop.changed(declare({"public.orders": ORDERS}, resource_requirements={"cpu_limit": "1"}))
    shop.up(declare({"public.orders": ORDERS}, resource_requirements={"cpu_limit": "2"}))
    assert api.get_connection(shop.id).resource_requirements == {"cpu_limit": "2", "memory_limit": "1Gi"}


def test_drift_with_an_empty_part_is_not_lost(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.events": EVENTS}))
    server.sync(shop.id)
    configure(api, shop.id, "events", sync_mode="full_refresh", cursor_field=[])
    shop.refresh()
    memory = shop.inputs["memory"]["streams"]["public.events"]
    assert memory["pending"] == {"interrupted": {"live": "full_refresh_append cursor="}}
    assert shop.preview(declare({"public.events": EVENTS}))["public.events"].startswith("AWB232")
    shop.up(declare({"public.events": EVENTS}))
    shop.refresh()
    assert not shop.changed(declare({"public.events": EVENTS}))


def test_a_connection_that_the_server_paused_is_not_activated_behind_a_persons_back(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.events": EVENTS}, status="active"))
    server.set_column("shop-postgres", "events", "ts", None, "public")
    api.get_connection(shop.id, with_refreshed_catalog=True)
    assert api.get_connection(shop.id).status == "inactive"
    shop.refresh()
    with pytest.raises(PlanError, match="the server paused this connection"):
        shop.up(declare({"public.events": EVENTS}, status="active"))
