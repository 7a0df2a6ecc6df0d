"""The provider and what is around it: the source, the state, the engine, other resources of the program."""

from __future__ import annotations

import pytest
import stamina

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.errors import AirbyteError, DriftedError
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.plan import planned_of
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.state.record import pack, unpack
from tests.main_job.conftest import CRM, SHOP
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import (
    EVENTS,
    ORDERS,
    USERS,
    configure,
    declare,
    rows,
)
from tests.told import told
from tools.builtin_world import world
from tools.engine import new_run

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
    run = new_run(server.url)
    server.log.clear()
    for resource in many:
        assert run.calls.read(resource)[0] == resource.id
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
    run = new_run(server.url)
    news = {**declare({"owners": ORDERS}, allow_replace=True), "source_id": CRM}
    for as_new in (False, True):
        planned = told(run.check(shop, news, as_new=as_new)["planned"])
        assert planned["*"].startswith("AWB290 replace: the connection is deleted, then created")


def test_a_replacement_finds_the_tables_of_the_connection_that_it_replaces() -> None:
    """Its generations begin again, so that a direct-load destination would keep the rows of the old one."""
    two, other = world(), "20000000-0000-4000-8000-00000000000f"
    two["sources"].append({**two["sources"][0], "name": "copy", "sourceId": other})
    with Emulator(two) as server:
        shop = Resource(server.url)
        shop.up(declare({"public.users": USERS}))
        server.sync(shop.id)
        news = {**declare({"public.users": USERS}, allow_replace=True), "source_id": other}
        run = new_run(server.url)
        for as_new in (False, True):
            (effect,) = planned_of(run.check(shop, news, as_new=as_new)).blocked()
            assert effect.code is Code.ADDED_TO_GENERATIONS


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


def test_a_name_that_looks_like_an_effect_is_a_name(shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}, name="a + AWB220 clear: b"))
    checked = new_run(shop.url).check(shop, declare({"public.orders": ORDERS}))
    assert planned_of(checked).released == {"name": "a + AWB220 clear: b"}
    assert planned_of(checked).effects == ()


def test_a_call_that_is_tried_again_says_so_on_the_resources_row(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(Console, "status", lambda console, message: lines.append(message))
    server.add_fault(Fault(path="web_backend/connections/update", kind="status", status=503))
    with stamina.set_testing(True, attempts=3, cap=True):
        shop.up(declare({"public.orders": ORDERS}))
    (line,) = lines
    assert "web_backend/connections/update: the server answered 503" in line
    assert line.endswith("trying again in 0 s, 2 of 4")


def test_a_preview_foretells_what_the_update_will_meet(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    lines: list[str] = []
    for kind in ("warn", "info"):
        monkeypatch.setattr(Console, kind, lambda console, message: lines.append(message))
    shop.up(declare({"public.users": USERS}, name="A"))
    server.sync(shop.id)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, name="B"))
    shop.preview(declare({"public.users": USERS}))
    assert lines[-1] == "name is 'B' on the server, and stays so"
    configure(api, shop.id, "users", primary_key=[["email"]])
    with pytest.raises(DriftedError, match=r"^public\.users: the live connection has changed"):
        shop.preview(declare({"public.users": USERS}))
    api.delete_connection(shop.id)
    with pytest.raises(DriftedError, match="was deleted outside this program"):
        shop.preview(declare({"public.users": USERS}))


def test_a_catalog_tells_what_changed_at_the_source_where_it_is_asked_to(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource
) -> None:
    lines: list[str] = []
    shop.up(declare(None))
    catalog = Resource(server.url, "catalog", CatalogProvider)
    streams = {"public.dim_*": ORDERS}
    catalog.up({"connection_id": shop.id, "streams": streams, "with_refreshed_catalog": True})
    monkeypatch.setattr(Console, "info", lambda console, message: lines.append(message))
    server.set_column("shop-postgres", "dim_country", "continent", {"type": "string"}, "public")
    catalog.refresh()
    assert lines == ["public.dim_country has the new column continent"]
    catalog.up({"connection_id": shop.id, "streams": streams})
    server.set_column("shop-postgres", "dim_country", "planet", {"type": "string"}, "public")
    catalog.refresh()
    assert len(lines) == 1


def test_a_connection_that_another_resource_took_over_is_not_deleted(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    """A renamed resource without an alias: the engine adopts under the new name, then deletes the old one."""
    lines: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda console, message: lines.append(message))
    shop.up(declare({"public.orders": ORDERS}, name="same"))
    renamed = Resource(server.url, "renamed")
    run = new_run(server.url)
    run.up(renamed, declare({"public.orders": ORDERS}, name="same", adopt=shop.id))
    run.calls.delete(shop)
    assert api.get_connection(shop.id).status == "active"
    assert lines == [f"connection {shop.id} belongs to renamed now and is left as it is"]


def test_a_connection_has_one_resource(server: Emulator, shop: Resource) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    other = Resource(server.url, "other")
    run = new_run(server.url)
    run.preview(shop, declare({"public.orders": ORDERS}))
    with pytest.raises(RefusedError, match="is the connection of 'shop'"):
        run.check(other, declare({"public.events": EVENTS}, adopt=shop.id))


def test_another_persons_stream_that_was_taken_out_is_not_new(
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
    lines: list[str] = []
    shop.up(declare({"public.users": USERS}))
    server.sync(shop.id)
    shop.up(declare({"public.users": USERS.replace("key=id", "key=email")}))
    monkeypatch.setattr(Console, "info", lambda console, message: lines.append(message))
    shop.outputs["recorded"] = pack({**unpack(shop.outputs["recorded"]), "name": "x"})
    assert new_run(server.url).calls.diff(shop, shop.inputs).changes
    assert lines == []


def test_an_outage_of_the_source_keeps_no_one_from_pausing(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    server.add_fault(Fault(path="sources/discover_schema", kind="status", status=500, times=9))
    shop.up(declare({"public.orders": ORDERS}, status="inactive"))
    assert api.get_connection(shop.id).status == "inactive"
