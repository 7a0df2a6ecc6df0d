"""Resources of one program that change one connection, or one table, in one run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.errors import ApiError, PlanError
from pulumi_airbyte_wb.models import ConnectionUpdate, StreamDescriptor
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.process import process
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, configure, declare, kinds, rows, selected
from tools.engine import this_run

WAIT = {"wait": "job"}


def catalogs(server: Emulator, shop: Resource, streams: dict[str, str]) -> list[tuple[Resource, dict[str, Any]]]:
    return [
        (
            Resource(server.url, f"part-{stream}", CatalogProvider),
            {"connection_id": shop.id, "streams": {f"public.{stream}": line}, "resets": WAIT},
        )
        for stream, line in streams.items()
    ]


def up_at_once(parts: list[tuple[Resource, dict[str, Any]]]) -> None:
    """One run of the engine, which calls the provider from four threads."""
    process.forget_runs()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(part.up, declared, keep=True) for part, declared in parts]:
            done.result()


def test_catalogs_of_one_connection_do_not_overwrite_each_other(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(None))
    parts = catalogs(server, shop, {"users": USERS, "orders": ORDERS, "events": ORDERS, "dim_country": ORDERS})
    server.add_fault(Fault("delay", path="web_backend/connections/update", delay=0.05, times=100))
    up_at_once(parts)
    assert selected(api, shop.id) == {"users", "orders", "events", "dim_country"}
    server.sync(shop.id)
    changed = [(part, {**declared, "streams": _by_other_keys(declared)}) for part, declared in parts]
    up_at_once(changed)
    live = api.get_connection(shop.id).sync_catalog.selected()
    assert {stream.name: entry.config.primary_key for stream, entry in live.items() if stream.name == "users"} == {
        "users": [["email"]]
    }
    assert kinds(server, shop.id) == ["sync", "refresh"]
    for part, declared in changed:
        part.refresh()
        assert not part.changed(declared)


def _by_other_keys(declared: dict[str, Any]) -> dict[str, str]:
    streams: dict[str, str] = declared["streams"]
    return {stream: line.replace("key=id", "key=email") for stream, line in streams.items()}


# ---- names of tables -------------------------------------------------------------------------------------------------


def test_a_catalog_re_syncs_what_its_connections_new_prefix_leaves_behind(server: Emulator, shop: Resource) -> None:
    shop.up(declare(None))
    part = Resource(server.url, "part", CatalogProvider)
    declared = {"connection_id": shop.id, "streams": {"public.users": USERS, "public.orders": ORDERS}, "resets": WAIT}
    part.up(declared)
    server.sync(shop.id)
    assert rows(server, "users") == 6
    other = declare(None, prefix="x_")
    first, second = shop.preview_with(part, other, declared)
    assert not first.keys() - {"*"}
    assert second["public.users"].startswith("AWB241 merge: prefix '' => 'x_'")
    up_in_turn((shop, other), (part, declared))
    server.sync(shop.id)
    assert rows(server, "x_users") == 6
    for resource, again in ((shop, other), (part, declared)):
        assert not resource.changed(again)
        resource.refresh()
        assert not resource.changed(again)
    assert kinds(server, shop.id) == ["sync", "refresh", "sync"]


def test_a_catalog_re_syncs_what_was_renamed_by_hand(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare(None))
    part = Resource(server.url, "part", CatalogProvider)
    declared = {"connection_id": shop.id, "streams": {"public.users": USERS}, "resets": WAIT}
    part.up(declared)
    server.sync(shop.id)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, prefix="y_"))
    part.refresh()
    assert part.preview(declared)["public.users"].startswith("AWB242 truncate")
    part.up(declared)
    assert rows(server, "y_users") == 6
    part.refresh()
    assert not part.changed(declared)


def test_other_names_of_tables_are_told_of_streams_that_others_declare(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.users": USERS}))
    configure(api, shop.id, "events", sync_mode="incremental", destination_sync_mode="append", cursor_field=["ts"])
    shop.refresh()
    planned = shop.preview(declare({"public.users": USERS}, prefix="x_"))
    assert planned["public.events"].startswith("AWB244 none: prefix nothing => 'x_' (this resource does not declare it")


# ---- streams that move to another resource ---------------------------------------------------------------------------


@pytest.mark.parametrize("on_remove", ["keep", "clear"])
@pytest.mark.parametrize("order", ["gainer first", "loser first"])
def test_a_stream_that_goes_from_one_catalog_to_another_stays(
    server: Emulator, api: AirbyteClient, shop: Resource, on_remove: str, order: str
) -> None:
    shop.up(declare(None))
    one, two = (Resource(server.url, name, CatalogProvider) for name in ("one", "two"))
    base = {"connection_id": shop.id, "resets": WAIT}
    one.up({**base, "streams": {"public.users": USERS, "public.events": EVENTS}, "on_remove": on_remove})
    two.up({**base, "streams": {"public.orders": ORDERS}})
    server.sync(shop.id)
    for part in (one, two):
        part.refresh()
    less = {**base, "streams": {"public.users": USERS}, "on_remove": on_remove}
    more = {**base, "streams": {"public.orders": ORDERS, "public.events": EVENTS}}
    if order == "gainer first":
        up_in_turn((two, more), (one, less))
        assert rows(server, "events") == 10
    elif on_remove == "clear":
        # Its table is empty, so that the stream begins again and its first sync fills it.
        up_in_turn((one, less), (two, more))
    else:
        with pytest.raises(PlanError, match="pulumi refresh"):
            up_in_turn((one, less), (two, more))
        two.refresh()
        two.up(more)
    assert selected(api, shop.id) == {"users", "orders", "events"}
    for part, declared in ((one, less), (two, more)):
        part.refresh()
        assert not part.changed(declared)
    server.sync(shop.id)
    assert rows(server, "events") == 10


def test_a_connection_takes_streams_that_a_catalog_has_let_go(server: Emulator, shop: Resource) -> None:
    shop.up(declare(None))
    part = Resource(server.url, "part", CatalogProvider)
    part.up({"connection_id": shop.id, "streams": {"public.users": USERS}})
    server.sync(shop.id)
    part.destroy()
    news = declare({"public.users": USERS.replace("key=id", "key=email")}, resets=WAIT)
    with pytest.raises(PlanError, match="pulumi refresh"):
        shop.up(news)
    shop.refresh()
    assert shop.preview(news)["public.users"].startswith("AWB220 truncate")
    shop.up(news)
    assert kinds(server, shop.id) == ["sync", "refresh"]


# ---- tables that were filled once ------------------------------------------------------------------------------------


@pytest.mark.parametrize("renamed", [False, True])
def test_a_stream_that_the_connection_has_moved_unseen_is_not_taken_for_new(
    server: Emulator, api: AirbyteClient, shop: Resource, *, renamed: bool
) -> None:
    shop.up(declare({"public.users": USERS}))
    if renamed:
        api.update_connection(ConnectionUpdate(connection_id=shop.id, name="by a person"))
    configure(api, shop.id, "events", sync_mode="incremental", destination_sync_mode="append", cursor_field=["ts"])
    server.sync(shop.id)
    configure(api, shop.id, "events", selected=False)
    if renamed:
        shop.refresh()
        assert not shop.changed(declare({"public.users": USERS}))
    news = declare({"public.users": USERS, "public.events": "incremental_append cursor=user_id"})
    with pytest.raises(RefusedError, match="AWB206"):
        shop.preview(news)
    allowed = {**news, "resets": {"overrides": {"public.events": "reset"}, "wait": "job"}}
    shop.up(allowed)
    server.finish_jobs(shop.id)
    assert rows(server, "events") == 10


def test_two_connections_do_not_begin_to_write_one_table_in_one_run(server: Emulator) -> None:
    one, two = Resource(server.url, "one"), Resource(server.url, "two")
    one.up(declare({"public.users": USERS}, prefix="a_"))
    two.up(declare({"public.users": USERS}, prefix="b_"))
    with pytest.raises(RefusedError, match=r"writes the table public.x_users, as does the connection 'one'"):
        one.preview_with(
            two, declare({"public.users": USERS}, prefix="x_"), declare({"public.users": USERS}, prefix="x_")
        )
    events = {"public.users": USERS, "public.events": EVENTS}
    one.up(declare({"public.users": USERS}, namespace_definition="source", prefix="a_"))
    with pytest.raises(RefusedError, match="as does the connection 'one'"):
        one.preview_with(
            two,
            declare({**events, "public.orders": ORDERS}, prefix="a_"),
            declare({"public.orders": ORDERS}, prefix="a_"),
        )


def up_in_turn(*pairs: tuple[Resource, dict[str, Any]]) -> None:
    """One run of the engine, one resource after the other."""
    process.forget_runs()
    for resource, declared in pairs:
        resource.up(declared, keep=True)


# ---- what is no longer declared, or was not finished -----------------------------------------------------------------


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_prefix_that_is_no_longer_declared_is_remembered(
    server: Emulator, shop: Resource, *, refreshed: bool
) -> None:
    both = {"public.users": USERS, "public.events": EVENTS}
    shop.up(declare(both, prefix="a_", name="n1", resets=WAIT))
    server.sync(shop.id)
    less = declare(both, resets=WAIT)
    shop.up(less)
    if refreshed:
        shop.refresh()
    assert not shop.changed(less)
    assert shop.preview(declare(both, prefix="a_", resets=WAIT)).keys() <= {"*"}
    shop.up(declare(both, prefix="b_", resets=WAIT))
    back = shop.preview(declare(both, prefix="a_", resets={"default": "reset"}))
    assert back["public.events"].startswith("AWB242")
    other = Resource(server.url, "other")
    other.up(declare({"public.users": USERS}, resets=WAIT))
    first, second = shop.preview_with(
        other, declare({**both, "public.orders": ORDERS}, prefix="b_"), declare({"public.orders": ORDERS})
    )
    assert "public.orders" in first
    assert "public.orders" in second


def test_what_a_catalog_has_to_re_sync_for_a_new_prefix_is_remembered_until_its_turn_succeeds(
    server: Emulator, shop: Resource
) -> None:
    shop.up(declare(None))
    part = Resource(server.url, "part", CatalogProvider)
    declared = {"connection_id": shop.id, "streams": {"public.users": USERS}, "resets": WAIT}
    part.up(declared)
    server.sync(shop.id)
    other = declare(None, prefix="x_")
    server.add_fault(Fault("status", path="connections/refresh", times=9))
    with pytest.raises(ApiError):
        up_in_turn((shop, other), (part, declared))
    server.clear_faults()
    assert part.preview_after(shop, other, declared)["public.users"].startswith("AWB241 merge")
    up_in_turn((shop, other), (part, declared))
    assert rows(server, "x_users") == 6
    assert part.preview_after(shop, other, declared) == {}


def test_a_catalog_knows_the_tables_that_its_connection_left(server: Emulator, shop: Resource) -> None:
    both = {"public.users": USERS, "public.events": EVENTS}
    shop.up(declare(None, prefix="a_"))
    part = Resource(server.url, "part", CatalogProvider)
    declared = {"connection_id": shop.id, "streams": both, "resets": WAIT}
    part.up(declared)
    server.sync(shop.id)
    less = {**declared, "streams": {"public.users": USERS}}
    part.up(less)
    up_in_turn((shop, declare(None, prefix="x_")), (part, less))
    with pytest.raises(RefusedError, match="AWB206"):
        part.preview_after(shop, declare(None, prefix="x_"), declared)
    allowed = {**less, "resets": {"default": "reset", "wait": "job"}}
    assert part.preview_after(shop, declare(None, prefix="a_"), allowed)["public.users"].startswith("AWB242")


@pytest.mark.parametrize("taker", ["catalog", "connection"])
def test_a_catalog_that_goes_leaves_what_another_resource_has_taken(
    server: Emulator, api: AirbyteClient, shop: Resource, taker: str
) -> None:
    shop.up(declare(None))
    one, two = (Resource(server.url, name, CatalogProvider) for name in ("one", "two"))
    declared = {"connection_id": shop.id, "streams": {"public.users": USERS}, "on_delete": "remove"}
    one.up(declared)
    server.sync(shop.id)
    shop.refresh()
    if taker == "catalog":
        up_in_turn((two, declared))
    else:
        up_in_turn((shop, declare({"public.users": USERS})))
    this_run(server.url).calls.delete(one)
    assert selected(api, shop.id) == {"users"}


def test_a_clear_lets_a_refresh_end_that_another_resource_has_ordered(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource
) -> None:
    shop.up(declare(None))
    one, two = (Resource(server.url, name, CatalogProvider) for name in ("one", "two"))
    first = {"connection_id": shop.id, "streams": {"public.events": EVENTS}}
    second = {
        "connection_id": shop.id,
        "streams": {"public.users": USERS, "public.orders": ORDERS},
        "on_remove": "clear",
    }
    one.up(first)
    two.up(second)
    server.sync(shop.id)
    other = {**first, "streams": {"public.events": "incremental_append cursor=user_id"}}
    up_in_turn(
        (one, {**other, "resets": {"overrides": {"public.events": "truncate"}}}),
        (two, {**second, "streams": {"public.orders": ORDERS}}),
    )
    assert [(each["job"]["configType"], each["job"]["status"]) for each in server.jobs(shop.id)][1:] == [
        ("refresh", "succeeded"),
        ("reset_connection", "succeeded"),
    ]
    server.sync(shop.id)
    assert rows(server, "events") == 10


def test_a_clear_of_a_stream_that_had_left_leaves_its_table(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}))
    server.sync(shop.id)
    shop.up(declare({"public.users": USERS}))
    api.clear_streams(shop.id, [StreamDescriptor("public", "events")])
    server.finish_jobs(shop.id)
    assert rows(server, "events") == 10
    with pytest.raises(RefusedError, match="AWB206"):
        shop.preview(declare({"public.users": USERS, "public.events": "incremental_append cursor=user_id"}))


def test_what_never_moved_anything_has_filled_no_table(server: Emulator, shop: Resource) -> None:
    both = {"public.users": USERS, "public.events": EVENTS}
    shop.up(declare(both))
    shop.up(declare({"public.users": USERS}))
    assert shop.preview(declare(both))["public.events"].startswith("AWB201")
    shop.up(declare(both))
    server.sync(shop.id)
    assert rows(server, "events") == 10


@pytest.mark.parametrize("how", ["renamed unseen", "name declared and renamed"])
def test_a_table_that_only_the_update_can_know_to_be_filled_is_not_filled_twice(
    server: Emulator, api: AirbyteClient, shop: Resource, how: str
) -> None:
    more = {"name": "n1"} if how.startswith("name") else {}
    shop.up(declare({"public.users": USERS}, **more))
    configure(api, shop.id, "events", sync_mode="incremental", destination_sync_mode="append", cursor_field=["ts"])
    server.sync(shop.id)
    configure(api, shop.id, "events", selected=False)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, name="by a person"))
    news = declare({"public.users": USERS, "public.events": "incremental_append cursor=user_id"}, **more)
    with pytest.raises(PlanError, match="pulumi refresh"):
        shop.up(news)
    shop.refresh()
    with pytest.raises(RefusedError, match="AWB206"):
        shop.preview(news)
    shop.up({**news, "resets": {"overrides": {"public.events": "reset"}, "wait": "job"}})
    assert rows(server, "events") == 10


def test_a_secret_prefix_is_one_for_the_catalogs_too(server: Emulator, shop: Resource) -> None:
    shop.up(declare(None))
    part = Resource(server.url, "part", CatalogProvider)
    declared = {"connection_id": shop.id, "streams": {"public.users": USERS}}
    part.up(declared)
    server.sync(shop.id)
    secret = declare(None, prefix="s3cret_", secret_inputs=["prefix"])
    planned = part.preview_after(shop, secret, declared)
    assert planned["public.users"].startswith("AWB241 merge: [secret]")
    assert "s3cret" not in str(planned)
    up_in_turn((shop, secret), (part, declared))
    assert part.inputs["secret_inputs"] == ["prefix"]
