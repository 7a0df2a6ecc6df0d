"""The provider of connections, case by case, on an emulated server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.fault import Fault
from pulumi_airbyte_wb.errors import AirbyteError, ApiError, DriftedError, PlanError
from pulumi_airbyte_wb.models import ConnectionUpdate, StreamDescriptor
from pulumi_airbyte_wb.plan import pack, unpack
from pulumi_airbyte_wb.providers import executing
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.console import Console
from tests.main_job.conftest import CRM, SHOP, WAREHOUSE, WORKSPACE
from tests.main_job.test_refusals import world
from tests.providers.engine import RefusedError, Resource

USERS = "incremental_append_dedup cursor=updated_at key=id"
EVENTS = "incremental_append cursor=ts"
ORDERS = "full_refresh_overwrite"
BASE = {"source_id": SHOP, "destination_id": WAREHOUSE, "schedule": "manual"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A server whose clock runs fast, so that jobs take no time."""
    monkeypatch.setattr(executing, "_POLL_SECONDS", 0.01)
    with Emulator() as emulator:
        emulator.set_shuffle(True)
        emulator.set_speed(10_000)
        yield emulator


@pytest.fixture
def api(server: Emulator) -> Iterator[AirbyteClient]:
    with AirbyteClient(ServerSettings(server.url)) as client:
        yield client


@pytest.fixture
def shop(server: Emulator) -> Resource:
    return Resource(server.url)


def declare(streams: dict[str, str] | None, **other: Any) -> dict[str, Any]:
    return {**BASE, **({} if streams is None else {"streams": streams}), **other}


def without_refreshes() -> dict[str, Any]:
    """The built-in world, with a destination that cannot refresh."""
    plain = world()
    plain["destinations"][0] |= {"supportsRefreshes": False, "family": "typing-deduping"}
    return plain


def configure(api: AirbyteClient, connection_id: str, stream: str, **config: Any) -> None:
    """Change a stream as a person does in the web app."""
    live = api.get_connection(connection_id)
    entry = live.sync_catalog.by_descriptor()[StreamDescriptor("public", stream)]
    for name, value in {"selected": True, **config}.items():
        setattr(entry.config, name, value)
    api.update_connection(ConnectionUpdate(connection_id=connection_id, sync_catalog=live.sync_catalog))


def selected(api: AirbyteClient, connection_id: str) -> set[str]:
    return {stream.name for stream in api.get_connection(connection_id).sync_catalog.selected()}


def named(api: AirbyteClient) -> list[str]:
    return sorted(item.name for item in api.list_connections_for_workspace(WORKSPACE))


def kinds(server: Emulator, connection_id: str) -> list[str]:
    return [job["job"]["configType"] for job in server.jobs(connection_id)]


def rows(server: Emulator, table: str) -> int:
    return len(server.table("warehouse", table))


# ---- creating ------------------------------------------------------------------------------------------------------


def test_the_state_of_another_stack_is_no_reason_for_a_twin(server: Emulator, api: AirbyteClient) -> None:
    """State lost, a second stack, or an answer lost at the very end: never a second connection, never a take-over."""
    first = Resource(server.url)
    first.up(declare({"public.events": EVENTS}))
    again = Resource(server.url)
    with pytest.raises(RefusedError, match=f'say adopt="{first.id}" to take it over'):
        again.up(declare({"public.events": EVENTS}))
    again.up(declare({"public.events": EVENTS}, adopt=first.id))
    assert again.id == first.id
    assert named(api) == ["shop"]


def test_a_half_created_connection_of_the_same_program_is_begun_anew(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    server.add_fault(Fault(path="web_backend/connections/update", kind="status", status=500))
    with pytest.raises(ApiError):
        shop.up(declare({"public.users": USERS, "public.events": EVENTS}, prefix="a_"))
    shop.up(declare({"public.users": USERS}))
    live = api.get_connection(shop.id)
    assert (live.prefix or "", selected(api, shop.id)) == ("", {"users"})
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
    assert "was left half created by an earlier run of another program" in told[0]


def test_two_resources_of_one_program_are_not_twins(server: Emulator) -> None:
    one, two = Resource(server.url, "one"), Resource(server.url, "two")
    one.preview(declare({"public.events": EVENTS}, name="same"))
    two._fresh = one._fresh  # type: ignore[method-assign]
    provider = one._fresh()
    one._check(provider, declare({"public.events": EVENTS}, name="same"), {})
    with pytest.raises(RefusedError, match="is also the connection 'one' of this program"):
        two._check(provider, declare({"public.orders": ORDERS}, name="same"), {})


def test_a_reset_that_was_announced_at_creation_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executing, "_POLL_SECONDS", 0.01)
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
    with pytest.raises(RefusedError, match=r"AWB206.*every row would be there twice"):
        shop.preview(declare({**both, "public.events": "incremental_append cursor=user_id"}))
    assert shop.preview(declare(both))["public.events"].startswith("AWB204 none")
    shop.up(declare(both))
    server.sync(shop.id)
    assert rows(server, "events") == 10


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
    with pytest.raises(RefusedError, match="AWB206"):
        other.preview(declare({"public.events": EVENTS}, adopt=shop.id))
    assert other.preview(declare({"public.users": USERS}, adopt=shop.id))["public.users"].startswith("AWB201")


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
    assert shop.preview(news)["public.users"].startswith("AWB201")
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


def test_streams_that_are_left_out_altogether_are_handed_back(
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
    assert shop.inputs["unsettled"] == {"public.events": "full_refresh_append cursor="}
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


# ---- reading again -------------------------------------------------------------------------------------------------


def test_what_never_read_anything_is_not_read_again(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS}))
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}))
    assert kinds(server, shop.id) == []


@pytest.mark.parametrize("wait", ["accepted", "job"])
def test_without_refreshes_a_clear_is_followed_by_a_sync(monkeypatch: pytest.MonkeyPatch, wait: str) -> None:
    monkeypatch.setattr(executing, "_POLL_SECONDS", 0.01)
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


@pytest.mark.parametrize("version", ["0.50.0", "0.63.0", "1.0.0", "1.8.0", "2.0.0"])
def test_a_changed_key_on_every_version(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(executing, "_POLL_SECONDS", 0.01)
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


# ---- the source, and the rest ----------------------------------------------------------------------------------------


def test_a_new_stream_of_the_source_is_found_past_the_servers_cache(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    fresh = {
        "name": "fresh", "namespace": "public", "supportedSyncModes": ["full_refresh"],
        "jsonSchema": {"type": "object", "properties": {"id": {"type": "integer"}}},
    }  # fmt: skip
    server.set_stream("shop-postgres", fresh, [{"id": 1}])
    shop.up(declare({"public.orders": ORDERS, "public.fresh": ORDERS}))
    server.sync(shop.id)
    assert rows(server, "fresh") == 1


def test_a_refresh_of_many_costs_one_call(server: Emulator) -> None:
    many = [Resource(server.url, f"c{number}") for number in range(12)]
    for resource in many:
        resource.up(declare({"public.orders": ORDERS}, prefix=f"{resource.name}_"))
    provider = many[0]._fresh()
    server.log.clear()
    for resource in many:
        read = provider.read(resource.id, resource.outputs)
        assert read.id == resource.id
    assert sum(server.log.counts.values()) <= 5
    for resource in many:
        resource.refresh()
        assert not resource.changed(declare({"public.orders": ORDERS}, prefix=f"{resource.name}_"))


def test_adopt_cannot_name_another_connection_later(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    with pytest.raises(AirbyteError, match="this resource has the connection"):
        shop.up(declare({"public.orders": ORDERS}, adopt=SHOP))


def test_a_replacement_says_so_when_the_engine_checks_it_again(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    provider = shop._fresh()
    news = {**declare({"owners": ORDERS}, allow_replace=True), "source_id": CRM}
    shop._check(provider, news, shop.inputs)
    assert shop._check(provider, news, {})["planned"]["*"].startswith("AWB290 replace: the connection is deleted first")


def test_a_stream_with_a_very_long_name(server: Emulator, shop: Resource) -> None:
    name = "d" * 300
    stream = {
        "name": name,
        "namespace": "public",
        "supportedSyncModes": ["full_refresh"],
        "jsonSchema": {"properties": {}},
    }
    server.set_stream("shop-postgres", stream, [])
    shop.up(declare({"public.d*": ORDERS}))
    assert not shop.changed(declare({"public.d*": ORDERS}))


def test_ignored_streams_keep_their_patterns(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.dim_*": ORDERS}))
    assert not shop.changed(declare(shop.inputs["streams"]))


def test_state_that_was_edited_by_hand_is_told_by_a_sentence(shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    shop.inputs["streams"] = {"public.orders": "full_refresh_overwrit"}
    with pytest.raises(RefusedError, match=r"state is damaged: streams\[\"public.orders\"\].mode"):
        shop.preview(declare({"public.orders": ORDERS}))


def test_a_name_cannot_be_read_as_an_announcement(shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}, name="a + AWB220 clear: b"))
    (line,) = shop.preview(declare({"public.orders": ORDERS})).values()
    assert "AWB220 clear" not in line


def test_a_call_that_is_tried_again_says_so_on_the_resources_row(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Console, "status", lambda console, message: told.append(message))
    server.add_fault(Fault(path="web_backend/connections/update", kind="status", status=503))
    with stamina.set_testing(True, attempts=3, cap=True):
        shop.up(declare({"public.orders": ORDERS}))
    (line,) = told
    assert "web_backend/connections/update: the server answered 503" in line
    assert line.endswith("trying again in 0 s, 2 of 4")


def test_a_preview_foretells_what_the_update_will_meet(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    told: list[str] = []
    for kind in ("warn", "info"):
        monkeypatch.setattr(Console, kind, lambda console, message: told.append(message))
    shop.up(declare({"public.users": USERS}, name="A"))
    server.sync(shop.id)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, name="B"))
    shop.preview(declare({"public.users": USERS}))
    assert told[-1] == "name is 'B' on the server, and stays so"
    configure(api, shop.id, "users", primary_key=[["email"]])
    shop.preview(declare({"public.users": USERS}))
    assert told[-1].startswith("this update will be refused: public.users: the live connection has changed")
    api.delete_connection(shop.id)
    shop.preview(declare({"public.users": USERS}))
    assert "was deleted outside this program" in told[-1]


def test_a_catalog_tells_what_changed_at_the_source_where_it_is_asked_to(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource
) -> None:
    told: list[str] = []
    shop.up(declare(None))
    catalog = Resource(server.url, "catalog", CatalogProvider)
    streams = {"public.dim_*": ORDERS}
    catalog.up({"connection_id": shop.id, "streams": streams, "with_refreshed_catalog": True})
    monkeypatch.setattr(Console, "info", lambda console, message: told.append(message))
    server.set_column("shop-postgres", "dim_country", "continent", {"type": "string"}, "public")
    catalog.refresh()
    assert told == ["public.dim_country has the new column continent"]
    catalog.up({"connection_id": shop.id, "streams": streams})
    server.set_column("shop-postgres", "dim_country", "planet", {"type": "string"}, "public")
    catalog.refresh()
    assert len(told) == 1


def test_a_connection_that_another_resource_took_over_is_not_deleted(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    """A renamed resource without an alias: the engine adopts under the new name, then deletes the old one."""
    told: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda console, message: told.append(message))
    shop.up(declare({"public.orders": ORDERS}, name="same"))
    renamed = Resource(server.url, "renamed")
    provider = renamed._fresh()
    checked = renamed._check(provider, declare({"public.orders": ORDERS}, name="same", adopt=shop.id), {})
    renamed._create(provider, checked)
    provider.delete(shop.id, shop.outputs)
    assert api.get_connection(shop.id).status == "active"
    assert told == [f"connection {shop.id} belongs to renamed now and is left as it is"]


def test_a_connection_has_one_resource(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    other = Resource(server.url, "other")
    provider = shop._fresh()
    checked = shop._check(provider, declare({"public.orders": ORDERS}), shop.inputs)
    provider.diff(shop.id, shop.outputs, checked)
    with pytest.raises(RefusedError, match="is the connection of 'shop'"):
        other._check(provider, declare({"public.events": EVENTS}, adopt=shop.id), {})


def test_somebody_elses_stream_that_was_taken_out_is_not_new(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    configure(api, shop.id, "events", sync_mode="incremental", destination_sync_mode="append", cursor_field=["user_id"])
    server.sync(shop.id)
    shop.refresh()
    configure(api, shop.id, "events", selected=False)
    shop.refresh()
    with pytest.raises(RefusedError, match="AWB206"):
        shop.preview(declare({"public.orders": ORDERS, "public.events": EVENTS}))


def test_a_refresh_tells_no_old_plan(monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource) -> None:
    told: list[str] = []
    shop.up(declare({"public.users": USERS}))
    server.sync(shop.id)
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}))
    monkeypatch.setattr(Console, "info", lambda console, message: told.append(message))
    provider = shop._fresh()
    older = pack({**unpack(shop.outputs["recorded"]), "name": "x"})
    assert provider.diff(shop.id, {**shop.outputs, "recorded": older}, shop.inputs).changes
    assert told == []


def test_an_outage_of_the_source_keeps_nobody_from_pausing(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    server.add_fault(Fault(path="sources/discover_schema", kind="status", status=500, times=9))
    shop.up(declare({"public.orders": ORDERS}, status="inactive"))
    assert api.get_connection(shop.id).status == "inactive"
