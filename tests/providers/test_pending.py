"""What waits at the server: resets of inactive connections, and sync state of the old kind."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import DriftedError
from pulumi_airbyte_wb.models import ConnectionUpdate, RefreshMode, StreamDescriptor
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.spec.changes import Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.pending import Required
from pulumi_airbyte_wb.state.record import pack, unpack
from tests.main_job.conftest import WORKSPACE
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, declare, kinds, rows
from tools.builtin_world import world

BOTH = {"public.users": USERS, "public.events": EVENTS}


def pause_and_reset(server: Emulator, api: AirbyteClient, shop: Resource, stream: str) -> None:
    """Pause the connection; then a person orders a reset, which is cancelled and stays queued."""
    shop.up(declare(BOTH, status="inactive"))
    api.reset_streams(shop.id, [StreamDescriptor("public", stream)])
    server.finish_jobs(shop.id)


@pytest.mark.parametrize("stream", ["users", "events"])
def test_a_queued_reset_is_planned_with_the_activation(
    server: Emulator, api: AirbyteClient, shop: Resource, stream: str
) -> None:
    shop.up(declare(BOTH, status="active"))
    server.sync(shop.id)
    pause_and_reset(server, api, shop, stream)
    assert rows(server, stream) == {"users": 6, "events": 10}[stream]
    shop.refresh()
    assert not shop.changed(declare(BOTH, status="inactive"))
    planned = shop.preview(declare(BOTH, status="active"))
    assert planned[f"public.{stream}"].startswith("AWB282 clear: the connection becomes active (a reset was ordered")
    assert set(planned) == {"*", f"public.{stream}"}
    shop.up(declare(BOTH, status="active", resets={"wait": "job"}))
    server.finish_jobs(shop.id)
    assert rows(server, stream) == {"users": 6, "events": 10}[stream]
    shop.refresh()
    assert not shop.changed(declare(BOTH, status="active", resets={"wait": "job"}))


def test_a_queued_reset_that_no_refresh_has_seen_is_refused(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(BOTH, status="active"))
    server.sync(shop.id)
    pause_and_reset(server, api, shop, "events")
    with pytest.raises(DriftedError, match=r"public\.events: .*AWB282"):
        shop.up(declare(BOTH, status="active"))
    assert api.get_connection(shop.id).status == "inactive"


def test_a_queued_reset_can_be_refused_by_word(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare(BOTH, status="active"))
    server.sync(shop.id)
    pause_and_reset(server, api, shop, "events")
    shop.refresh()
    with pytest.raises(RefusedError, match="AWB282"):
        shop.preview(declare(BOTH, status="active", resets={"default": "refuse"}))


def test_a_refresh_that_was_cancelled_reads_again_when_activated(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(BOTH, status="active"))
    server.sync(shop.id)
    shop.up(declare(BOTH, status="inactive"))
    api.refresh_streams(shop.id, [StreamDescriptor("public", "users")], RefreshMode.MERGE)
    server.finish_jobs(shop.id)
    shop.refresh()
    assert [(j["job"]["configType"], j["job"]["status"]) for j in server.jobs(shop.id)][1:] == [
        ("refresh", "cancelled")
    ]
    planned = shop.preview(declare(BOTH, status="active"))
    assert planned["public.users"].startswith("AWB282 merge")


def test_a_queued_reset_is_told_by_a_connection_whose_streams_are_declared_elsewhere(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(BOTH, status="active"))
    server.sync(shop.id)
    shop.up(declare(None, status="inactive"))
    api.reset_streams(shop.id, [StreamDescriptor("public", "events")])
    server.finish_jobs(shop.id)
    with pytest.raises(DriftedError, match="AWB282"):
        shop.up(declare(None, status="active"))
    shop.refresh()
    assert shop.preview(declare(None, status="active"))["public.events"].startswith("AWB282 clear")


def test_a_connection_that_a_person_paused_is_activated_after_a_refresh(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(BOTH))
    server.sync(shop.id)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, status="inactive"))
    api.reset_streams(shop.id, [StreamDescriptor("public", "events")])
    server.finish_jobs(shop.id)
    shop.refresh()
    news = declare(BOTH, status="active")
    assert shop.preview(news)["public.events"].startswith("AWB282 clear")
    shop.up(news)


# ---- sync state for the connection as a whole ----------------------------------------------------------------------


@pytest.fixture
def old() -> Any:
    """A server up to 0.59.1 with a source of the old kind."""
    plain = world()
    plain["sources"][0]["legacyState"] = True
    with Emulator(plain, server_version="0.50.0") as server:
        server.set_speed(10_000)
        yield server


def started(server: Emulator, streams: dict[str, str]) -> Resource:
    shop = Resource(server.url)
    shop.up(declare(streams))
    server.sync(shop.id)
    return shop


def test_a_reset_on_legacy_state_plans_all_streams(old: Emulator) -> None:
    streams = {"public.users": USERS, "public.orders": ORDERS}
    shop = started(old, streams)
    with AirbyteClient(ServerSettings(old.url)) as api:
        assert api.get_state_type(shop.id) == "legacy"
    news = declare({**streams, "public.users": USERS.replace("key=id", "key=email")}, resets={"wait": "job"})
    with pytest.raises(DriftedError, match=r"public\.orders: .*AWB283"):
        shop.up(news)
    assert kinds(old, shop.id) == ["sync"]
    shop.refresh()
    assert not shop.changed(declare(streams))
    planned = shop.preview(news)
    assert planned["public.users"].startswith("AWB220 clear")
    assert planned["public.orders"].startswith("AWB283 clear: cleared with public.users")
    shop.up(news)
    old.finish_jobs(shop.id)
    assert kinds(old, shop.id)[:3] == ["sync", "reset_connection", "sync"]
    assert (rows(old, "users"), rows(old, "orders")) == (6, 8)


def test_what_is_appended_is_not_emptied_with_another_stream(old: Emulator) -> None:
    shop = started(old, BOTH)
    shop.refresh()
    news = {**BOTH, "public.users": USERS.replace("key=id", "key=email")}
    with pytest.raises(RefusedError, match=r"public\.events.*AWB283.*whose rows are appended"):
        shop.preview(declare(news))
    allowed = {"permits": ["public.events AWB283 once"]}
    assert shop.preview(declare(news, resets=allowed))["public.events"].startswith("AWB283 clear")


def test_streams_of_others_are_not_emptied(old: Emulator) -> None:
    shop = started(old, BOTH)
    other = Resource(old.url, "other")
    other.up(declare({"public.users": USERS}, adopt=shop.id))
    other.refresh()
    news = declare({"public.users": USERS.replace("key=id", "key=email")}, adopt=shop.id)
    with pytest.raises(RefusedError, match=r"public\.events.*which the program does not declare"):
        other.preview(news)


def test_a_note_of_a_queued_reset_is_forgotten_once_the_connection_is_active(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(None, status="active"))
    part = Resource(server.url, "part", CatalogProvider)
    declared = {"connection_id": shop.id, "streams": BOTH}
    part.up(declared)
    server.sync(shop.id)
    shop.up(declare(None, status="inactive"))
    api.reset_streams(shop.id, [StreamDescriptor("public", "events")])
    server.finish_jobs(shop.id)
    part.refresh()
    shop.refresh()
    assert shop.preview(declare(None, status="active"))["public.events"].startswith("AWB282 clear")
    shop.up(declare(None, status="active"))
    server.finish_jobs(shop.id)
    for _ in range(2):
        server.sync(shop.id)
    before = kinds(server, shop.id)
    more = {**declared, "streams": {**BOTH, "public.orders": ORDERS}}
    assert "AWB282" not in str(part.preview(more))
    part.up(more)
    server.finish_jobs(shop.id)
    assert kinds(server, shop.id) == before
    assert rows(server, "events") == 10


@pytest.mark.parametrize("shape", ["connection", "catalog"])
def test_a_table_is_not_emptied_by_the_update_that_activates(server: Emulator, shop: Resource, shape: str) -> None:
    news = declare(BOTH if shape == "connection" else None, status="active")
    shop.up(news)
    part = Resource(server.url, "part", CatalogProvider)
    base = {"connection_id": shop.id, "on_remove": "clear", "resets": {"wait": "job"}}
    if shape == "catalog":
        part.up({**base, "streams": BOTH})
    server.sync(shop.id)
    shop.up(news | {"status": "inactive"})
    less = {"public.users": USERS}
    if shape == "connection":
        with pytest.raises(RefusedError, match=r"AWB203.*stays inactive.*in an update of its own before"):
            shop.preview(declare(less, status="active", on_remove="clear"))
        shop.up(declare(BOTH, status="active", on_remove="clear"))
        shop.up(declare(less, status="active", on_remove="clear"))
    else:
        planned = part.preview_after(shop, declare(None, status="active"), {**base, "streams": less})
        assert planned["public.events"].startswith("AWB203 clear")
        shop.up(declare(None, status="active"))
        part.up({**base, "streams": less})
    assert rows(server, "events") == 0
    assert [(each["job"]["configType"], each["job"]["status"]) for each in server.jobs(shop.id)][1:] == [
        ("reset_connection", "succeeded")
    ]


def test_a_queued_reset_is_not_taken_for_the_refresh_that_was_ordered(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(BOTH, status="active"))
    server.sync(shop.id)
    pause_and_reset(server, api, shop, "events")
    other = {**BOTH, "public.users": USERS.replace("key=id", "key=region")}
    shop.up(declare(other, status="inactive"))
    shop.refresh()
    shop.up(declare(other, status="active", resets={"wait": "job"}))
    refreshes = [each["job"] for each in server.jobs(shop.id) if each["job"]["configType"] == "refresh"]
    assert [job["status"] for job in refreshes] == ["succeeded"]
    assert rows(server, "users") == 3


@pytest.mark.parametrize("version", ["0.63.0", "2.0.0"])
def test_what_is_left_to_the_server_waits_with_a_paused_connection(version: str) -> None:
    with Emulator(server_version=version) as server:
        server.set_speed(10_000)
        shop, part = Resource(server.url), Resource(server.url, "part", CatalogProvider)
        shop.up(declare(None, status="active"))
        base = {"connection_id": shop.id, "resets": {"default": "server"}}
        part.up({"connection_id": shop.id, "streams": BOTH})
        server.sync(shop.id)
        shop.up(declare(None, status="inactive"))
        other = {**base, "streams": {**BOTH, "public.users": USERS.replace("key=id", "key=region")}}
        assert part.preview(other)["public.users"].startswith("deferred merge")
        part.up(other)
        assert not part.changed(other)
        assert kinds(server, shop.id) == ["sync"]


def test_what_is_noted_may_be_long_and_hold_what_no_program_could_declare(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.users": USERS}, status="inactive"))
    api.update_connection(ConnectionUpdate(connection_id=shop.id, prefix="a\tb\u202e"))
    shop.refresh()
    assert not shop.changed(declare({"public.users": USERS}, status="inactive"))
    due = Required(Code.COLUMNS_BACKFILLED, Kind.SELECTED, Detail.of(What.SELECTED, ["a\nb"] * 100))
    record = unpack(shop.outputs["recorded"])
    memory = Memory.read(record["memory"])
    shop.inputs["memory"] = memory.having(Required, {StreamDescriptor("public", "users"): due}).record()
    shop.outputs["recorded"] = pack({**record, "memory": shop.inputs["memory"]})
    shop.refresh()
    assert not shop.changed(declare({"public.users": USERS}, status="inactive"))
    planned = shop.preview(declare({"public.users": USERS}, status="active"))
    assert "\n" not in planned["public.users"]
    shop.destroy()
    assert not list(api.list_connections_for_workspace(WORKSPACE))


@pytest.mark.parametrize("option", [{"schema_changes": "accept"}, {"on_remove": "clear"}, {"resets": {"wait": "job"}}])
def test_an_option_changes_while_a_re_sync_is_deferred(
    server: Emulator, shop: Resource, option: dict[str, Any]
) -> None:
    other = BOTH | {"public.users": USERS.replace("key=id", "key=email")}
    shop.up(declare(BOTH))
    server.sync(shop.id)
    shop.up(declare(other, status="inactive"))
    shop.up(declare(other, status="inactive", **option))
    assert not shop.changed(declare(other, status="inactive", **option))
    assert kinds(server, shop.id) == ["sync"]
    shop.up(declare(other, status="active", **option))
    assert kinds(server, shop.id) == ["sync", "refresh"]
