"""A source whose schema moves on: kept by default, taken over by a planned update where the program says so."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import httpx
import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import DriftedError, JobError, PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.state.record import unpack
from tests.main_job.conftest import SHOP
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, configure, declare, rows, selected
from tools.engine import new_run

ACCEPT = {"schema_changes": "accept"}
SOURCE = "shop-postgres"


def move(server: Emulator, api: AirbyteClient, stream: str, column: str, schema: dict[str, Any] | None) -> None:
    """Change a column at the source, and let Airbyte notice."""
    server.set_column(SOURCE, stream, column, schema, "public")
    api.discover_schema(SHOP, disable_cache=True)


def columns(api: AirbyteClient, resource: Resource, stream: str) -> dict[str, Any]:
    entry = api.get_connection(resource.id).sync_catalog.by_descriptor()[StreamDescriptor("public", stream)]
    return entry.stream.columns


def test_a_schema_is_kept_unless_the_program_accepts(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}))
    move(server, api, "users", "phone", {"type": "string"})
    shop.refresh()
    assert not shop.changed(declare({"public.users": USERS, "public.events": EVENTS}))
    other = "incremental_append cursor=user_id guarantees=cursor_monotonic"
    shop.up(declare({"public.users": USERS, "public.events": other}, resets={"default": "skip"}))
    assert "phone" not in columns(api, shop, "users")


def test_an_accepted_schema_is_a_planned_change(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    news = declare({"public.users": USERS, "public.events": EVENTS}, **ACCEPT)
    shop.up(news)
    server.sync(shop.id)
    move(server, api, "users", "phone", {"type": "string"})
    assert not shop.changed(news)
    shop.refresh()
    planned = shop.preview(news)
    assert list(planned) == ["public.users"]
    assert planned["public.users"].startswith("AWB250 none: new at the source: phone")
    shop.up(news)
    assert "phone" in columns(api, shop, "users")
    assert api.get_connection(shop.id).schema_change == "no_change"
    assert not shop.changed(news)
    shop.refresh()
    assert not shop.changed(news)


def test_a_new_type_of_a_column_reads_the_stream_again(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    news = declare({"public.users": USERS, "public.orders": ORDERS}, resets={"wait": "job"}, **ACCEPT)
    shop.up(news)
    server.sync(shop.id)
    for user in server.source_rows(SOURCE, "users", "public"):
        server.update(SOURCE, "users", {"id": user["id"]}, {"name": len(user["name"])}, "public")
    move(server, api, "users", "name", {"type": "integer"})
    shop.refresh()
    assert shop.preview(news)["public.users"].startswith("AWB271 truncate: type at the source: name string => integer")
    shop.up(news)
    server.finish_jobs(shop.id)
    assert [job["job"]["configType"] for job in server.jobs(shop.id)] == ["sync", "refresh"]
    assert {type(row["name"]) for row in server.table("warehouse", "users")} == {int}
    assert rows(server, "users") == 6


def test_an_appending_stream_is_refused(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    news = declare({"public.events": EVENTS}, **ACCEPT)
    shop.up(news)
    server.sync(shop.id)
    move(server, api, "events", "kind", {"type": "integer"})
    shop.refresh()
    with pytest.raises(RefusedError, match=r"type at the source: kind string => integer: blocked \[AWB271\]"):
        shop.preview(news)


def test_a_cursor_that_is_gone_is_told_before_anything_is_sent(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare({"public.events": EVENTS}, **ACCEPT)
    shop.up(news)
    move(server, api, "events", "ts", None)
    shop.refresh()
    with pytest.raises(RefusedError, match=r'streams\["public.events"\].cursor: .*ts'):
        shop.preview(news)


def test_a_stream_that_is_gone_is_told(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    news = declare({"public.events": EVENTS, "public.orders": ORDERS}, **ACCEPT)
    shop.up(news)
    server.drop_stream(SOURCE, "events", "public")
    api.discover_schema(SHOP, disable_cache=True)
    shop.refresh()
    with pytest.raises(RefusedError, match=r"'public.events' is gone from the source, .*take it out of the program"):
        shop.preview(news)
    shop.up(declare({"public.orders": ORDERS}, **ACCEPT))
    assert not shop.changed(declare({"public.orders": ORDERS}, **ACCEPT))


def test_a_stream_that_airbyte_took_out_is_told_as_gone_and_not_as_misspelt(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare(
        {"public.users": ORDERS, "public.dim_country": ORDERS}, non_breaking_changes_preference="propagate_fully"
    )
    shop.up(news)
    server.sync(shop.id)
    server.drop_stream(SOURCE, "dim_country", "public")
    httpx.post(
        f"{server.url}/api/v1/sources/discover_schema",
        json={"sourceId": SHOP, "connectionId": shop.id, "disable_cache": True},
    )
    server.sync(shop.id)
    shop.refresh()
    with pytest.raises(RefusedError) as refused:
        shop.preview(news)
    assert "'public.dim_country' is gone from the source, which had it before; take it out" in str(refused.value)
    assert "did you mean" not in str(refused.value)


def test_a_stream_that_a_pattern_named_leaves_when_its_going_is_accepted(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare({"public.*": ORDERS})
    shop.up(news)
    server.sync(shop.id)
    server.drop_stream(SOURCE, "events", "public")
    api.discover_schema(SHOP, disable_cache=True)
    shop.refresh()
    assert not shop.changed(news)
    shop.up(news | ACCEPT)
    shop.refresh()
    assert shop.preview(news | ACCEPT)["public.events"].startswith("AWB203 none")
    shop.up(news | ACCEPT)
    assert "events" not in selected(api, shop.id)
    assert rows(server, "events") == 10
    shop.refresh()
    assert not shop.changed(news | ACCEPT)


def test_what_the_source_changed_since_the_preview_is_refused(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare({"public.users": USERS}, **ACCEPT)
    shop.up(news)
    server.sync(shop.id)
    move(server, api, "users", "phone", {"type": "string"})
    shop.refresh()
    checked = new_run(server.url).check(shop, news)
    move(server, api, "users", "name", {"type": "integer"})
    with pytest.raises(DriftedError, match="pulumi refresh"):
        new_run(server.url).calls.update(shop, checked)
    assert "phone" not in columns(api, shop, "users")


def test_streams_of_others_keep_their_schema(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}))
    catalog = Resource(server.url, "part", provider=CatalogProvider)
    part = {"connection_id": shop.id, "streams": {"public.users": USERS}, **ACCEPT}
    catalog.up(part)
    move(server, api, "users", "phone", {"type": "string"})
    move(server, api, "events", "source", {"type": "string"})
    catalog.refresh()
    with pytest.raises(RefusedError, match=r"also changes public\.events"):
        catalog.preview(part)
    with pytest.raises(PlanError, match=r"also changes public\.events, which this program does not declare"):
        catalog.up(part)


def test_a_stream_of_others_is_declared_with_its_newer_schema(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.users": USERS}, **ACCEPT))
    configure(api, shop.id, "events", sync_mode="incremental", destination_sync_mode="append", cursor_field=["ts"])
    server.sync(shop.id)
    move(server, api, "events", "source", {"type": "string"})
    shop.refresh()
    news = declare({"public.users": USERS, "public.events": f"{EVENTS} fields=*"}, **ACCEPT)
    assert shop.preview(news)["public.events"].startswith("AWB250 none: new at the source: source")
    shop.up(news)
    assert "source" in columns(api, shop, "events")
    assert not shop.changed(news)


def test_a_connection_that_was_paused_is_activated_with_the_schema_that_it_lacked(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare({"public.events": EVENTS, "public.orders": ORDERS}, status="active", **ACCEPT)
    shop.up(news)
    server.set_column(SOURCE, "events", "ts", None, "public")
    api.get_connection(shop.id, with_refreshed_catalog=True)
    assert api.get_connection(shop.id).status == "inactive"
    shop.refresh()
    with pytest.raises(RefusedError, match="cursor"):
        shop.preview(news)
    other = declare({"public.events": ORDERS, "public.orders": ORDERS}, status="active", **ACCEPT)
    assert "AWB251 none: gone from the source: ts" in shop.preview(other)["public.events"]
    shop.up(other)
    live = api.get_connection(shop.id)
    assert (live.status, live.schema_change) == ("active", "no_change")
    assert not shop.changed(other)


def test_many_connections_ask_once_for_a_source(server: Emulator, api: AirbyteClient) -> None:
    many = [Resource(server.url, f"c{number}") for number in range(10)]
    for resource in many:
        resource.up(declare({"public.orders": ORDERS}, prefix=f"{resource.name}_", **ACCEPT))
    run = new_run(server.url)
    server.log.clear()
    for resource in many:
        _, outputs, _ = run.calls.read(resource)
        assert "memory" not in unpack(outputs["recorded"])
    assert server.log.counts["sources/discover_schema"] == 1
    assert sum(server.log.counts.values()) < 12


def retyped(server: Emulator, api: AirbyteClient, shop: Resource, **other: Any) -> dict[str, Any]:
    """A connection whose source has another type of a column now, as a refresh has found."""
    news = declare({"public.users": USERS, "public.orders": ORDERS}, **ACCEPT, **other)
    shop.up(news)
    server.sync(shop.id)
    server.update(SOURCE, "users", {}, {"name": 7}, "public")
    move(server, api, "users", "name", {"type": "integer"})
    shop.refresh()
    return news


@pytest.mark.parametrize("wait", ["accepted", "job"])
def test_a_replacement_for_another_type_that_broke_off_is_ordered_again(
    server: Emulator, api: AirbyteClient, shop: Resource, wait: str
) -> None:
    """The schema is taken over by then, so nothing else tells that the rows have to be replaced."""
    news = retyped(server, api, shop, resets={"wait": wait})
    server.break_stream(shop.id, "users", "public")
    with suppress(JobError):
        shop.up(news)
    server.finish_jobs(shop.id)
    shop.refresh()
    assert shop.preview(news)["public.users"].startswith("AWB271 truncate: type at the source: name string => integer")
    shop.up(news)
    server.finish_jobs(shop.id)
    assert {row["name"] for row in server.table("warehouse", "users")} == {7}
    shop.refresh()
    assert not shop.changed(news)


def test_a_new_type_that_is_taken_over_while_paused_is_owed(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = retyped(server, api, shop, status="active")
    paused = {**news, "status": "inactive"}
    assert shop.preview(paused)["public.users"].startswith("deferred truncate")
    shop.up(paused)
    shop.refresh()
    assert not shop.changed(paused)
    assert shop.preview(news)["public.users"].startswith("AWB271 truncate")
    shop.up(news)
    server.finish_jobs(shop.id)
    assert {row["name"] for row in server.table("warehouse", "users")} == {7}


def test_a_program_that_begins_to_accept_plans_it_with_the_next_refresh(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.users": USERS}))
    move(server, api, "users", "phone", {"type": "string"})
    news = declare({"public.users": USERS}, **ACCEPT)
    shop.up(news)
    assert "phone" not in columns(api, shop, "users")
    shop.refresh()
    assert "new at the source: phone" in shop.preview(news)["public.users"]
    shop.up(news)
    assert "phone" in columns(api, shop, "users")


def test_an_adoption_plans_the_schema_that_it_accepts(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS}))
    move(server, api, "users", "phone", {"type": "string"})
    other = Resource(server.url, "other")
    news = declare({"public.users": USERS}, adopt=shop.id, **ACCEPT)
    assert "new at the source: phone" in other.preview(news)["next public.users"]
    other.up(news)
    assert not other.refresh()
    assert "phone" not in columns(api, shop, "users")
    assert "new at the source: phone" in other.preview(news)["public.users"]
    other.up(news)
    assert "phone" in columns(api, shop, "users")


def test_a_stream_that_the_source_drops_keeps_its_rows_whatever_the_program_says_of_removed_ones(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare({"public.*": "full_refresh_append"}, on_remove="clear", **ACCEPT)
    shop.up(news)
    server.sync(shop.id)
    server.drop_stream(SOURCE, "events", "public")
    api.discover_schema(SHOP, disable_cache=True)
    shop.refresh()
    assert shop.preview(news)["public.events"].startswith("AWB203 none: removed, as the source has dropped it")
    shop.up(news)
    assert rows(server, "events") == 10


@pytest.mark.parametrize("line", [USERS, "incremental_append cursor=updated_at"])
def test_a_type_that_the_source_takes_back_is_no_change(
    server: Emulator, api: AirbyteClient, shop: Resource, line: str
) -> None:
    news = declare({"public.users": line}, **ACCEPT)
    shop.up(news)
    server.sync(shop.id)
    was = columns(api, shop, "users")["name"]
    move(server, api, "users", "name", {"type": "integer"})
    shop.refresh()
    assert shop.inputs["memory"]["streams"]["public.users"]["newer_schema"]
    move(server, api, "users", "name", was)
    shop.refresh()
    assert not shop.changed(news)
    assert "memory" not in shop.inputs


@pytest.mark.parametrize("users", ["clear", "truncate"])
@pytest.mark.parametrize("events", ["clear", "truncate"])
def test_a_table_of_another_type_is_replaced_before_others(
    server: Emulator, api: AirbyteClient, shop: Resource, users: str, events: str
) -> None:
    """Every job fails on it until then."""
    resets = {"wait": "job", "overrides": {"public.users": users, "public.events": events}}
    streams = {"public.users": USERS, "public.events": EVENTS}
    shop.up(declare(streams, **{**ACCEPT, "resets": resets}))
    server.sync(shop.id)
    server.update(SOURCE, "users", {}, {"name": 7}, "public")
    move(server, api, "users", "name", {"type": "integer"})
    shop.refresh()
    changed = declare({**streams, "public.events": "incremental_append cursor=kind"}, **{**ACCEPT, "resets": resets})
    shop.up(changed)
    server.finish_jobs(shop.id)
    assert {job["job"]["status"] for job in server.jobs(shop.id)} == {"succeeded"}
    assert (rows(server, "users"), rows(server, "events")) == (6, 10)
    assert not shop.changed(changed)


@pytest.mark.parametrize("other", ["merge", "clear"])
def test_what_could_not_go_before_it_is_refused(
    server: Emulator, api: AirbyteClient, shop: Resource, other: str
) -> None:
    overrides = {"public.users": "truncate", "public.events": other}
    streams = {"public.users": USERS, "public.events": EVENTS}
    if other == "clear":
        streams["public.events"] = "incremental_append_dedup cursor=ts key=kind"
    news = declare(streams, **{**ACCEPT, "resets": {"overrides": overrides}})
    shop.up(news)
    server.sync(shop.id)
    move(server, api, "users", "name", {"type": "integer"})
    if other == "clear":
        move(server, api, "events", "kind", {"type": "integer"})
    else:
        news = {**news, "streams": {**streams, "public.events": "incremental_append cursor=kind"}}
    shop.refresh()
    with pytest.raises(RefusedError, match=r"public\.events.*public\.users is re-synced for a new column type"):
        shop.preview(news)
