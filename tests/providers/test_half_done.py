"""What a run leaves that dies half way, and the next one finds (docs/decisions/0013)."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.errors import ApiError
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from tests.main_job.conftest import SHOP, WAREHOUSE
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import without_refreshes
from tools.builtin_world import world

USERS = "incremental_append_dedup cursor=updated_at key=id"
EVENTS, ORDERS = "incremental_append cursor=ts", "full_refresh_overwrite"
OTHER = "incremental_append_dedup cursor=updated_at key=id,region"
BASE = {"source_id": SHOP, "destination_id": WAREHOUSE, "schedule": "manual", "resets": {"wait": "job"}}
UPDATE, REFRESH = "web_backend/connections/update", "connections/refresh"


def named(server: Emulator) -> list[str]:
    return sorted(each["name"] for each in server.server.connections())


def kinds(server: Emulator, connection_id: str) -> list[str]:
    return [job["job"]["configType"] for job in server.jobs(connection_id)]


@pytest.fixture
def synced(server: Emulator) -> str:
    """A connection of another person, whose tables are filled."""
    shop = Resource(server.url)
    shop.up({**BASE, "streams": {"public.users": USERS}})
    server.sync(shop.id)
    return shop.id


@pytest.mark.parametrize("shape", ["adopt", "catalog"])
def test_a_run_after_a_takeover_that_died_before_its_re_sync_is_finished(
    server: Emulator, synced: str, shape: str
) -> None:
    if shape == "adopt":
        resource, more = Resource(server.url, "adopted"), {**BASE, "adopt": synced}
    else:
        resource, more = Resource(server.url, "streams", CatalogProvider), {"connection_id": synced}
    wanted = {**more, "streams": {"public.users": OTHER}}
    resource.up(wanted)
    server.add_fault(Fault("status", path=REFRESH))
    with pytest.raises(ApiError, match="run the same command again"):
        resource.up(wanted)
    assert named(server) == ["shop"]
    assert kinds(server, synced) == ["sync"]
    assert resource.preview(wanted)["public.users"].startswith("AWB220 truncate: key id => id,region")
    resource.up(wanted)
    assert kinds(server, synced) == ["sync", "refresh"]
    assert not resource.changed(wanted)


def test_a_run_that_died_when_it_had_renamed_the_connection_is_finished(server: Emulator, synced: str) -> None:
    """The state knows the old name only, the program the new one; a refresh is not needed."""
    resource = Resource(server.url, "adopted")
    wanted = {**BASE, "adopt": synced, "name": "mine", "streams": {"public.users": USERS, "public.orders": ORDERS}}
    resource.up(wanted)
    server.add_fault(Fault("status", path=UPDATE, apply=True, times=9))
    with pytest.raises(ApiError):
        resource.up(wanted)
    server.clear_faults()
    assert named(server) == ["mine"]
    resource.up(wanted)
    assert not resource.changed(wanted)


@pytest.mark.parametrize("refreshed", [False, True])
@pytest.mark.parametrize("shape", ["connection", "catalog"])
def test_a_run_that_died_when_it_had_added_a_stream_comes_to_what_its_table_calls_for(
    shape: str, *, refreshed: bool
) -> None:
    with Emulator(without_refreshes()) as server:
        server.set_speed(10_000)
        earlier, shop = Resource(server.url, "earlier"), Resource(server.url)
        earlier.up({**BASE, "streams": {"public.events": EVENTS}})
        server.sync(earlier.id)
        earlier.destroy()
        shop.up({**BASE, **({"streams": {"public.orders": ORDERS}} if shape == "connection" else {})})
        resource, wanted = shop, {**BASE}
        if shape == "catalog":
            resource, wanted = Resource(server.url, "part", CatalogProvider), {"connection_id": shop.id}
            resource.up({**wanted, "streams": {"public.orders": ORDERS}})
        wanted |= {"streams": {"public.orders": ORDERS, "public.events": EVENTS}}
        wanted |= {"resets": {"overrides": {"public.events": "reset"}, "wait": "job"}}
        server.add_fault(Fault("status", path="connections/clear/stream", times=9))
        with pytest.raises(ApiError):
            resource.up(wanted)
        server.clear_faults()
        if refreshed:
            resource.refresh()
        resource.up(wanted)
        assert kinds(server, shop.id) == ["reset_connection", "sync"]
        assert len(server.table("warehouse", "events")) == 10
        assert not resource.changed(wanted)


def test_a_creation_is_not_named_before_its_tables_are_cleared() -> None:
    with Emulator({**world(), "destinations": [{**world()["destinations"][0], "supportsRefreshes": False,
                                                "family": "typing-deduping"}]}) as server:  # fmt: skip
        server.set_speed(10_000)
        first = Resource(server.url)
        first.up({**BASE, "streams": {"public.users": USERS}})
        server.sync(first.id)
        first.destroy()
        resets = {"overrides": {"public.users": "clear"}, "wait": "job"}
        wanted = {**BASE, "streams": {"public.users": USERS}, "resets": resets}
        shop = Resource(server.url)
        for path in ("connections/clear/stream", "connections/delete"):
            server.add_fault(Fault("status", path=path))
        with pytest.raises(ApiError):
            shop.up(wanted)
        (half,) = named(server)
        assert half.startswith("shop [creating ")
        shop.up(wanted)
        assert named(server) == ["shop"]
        assert kinds(server, shop.id)[:1] == ["reset_connection"]


def test_a_creation_that_is_done_is_done_whatever_the_server_answers(server: Emulator) -> None:
    server.add_fault(Fault("status", path=UPDATE, apply=True))
    shop = Resource(server.url)
    shop.up({**BASE, "streams": {"public.users": USERS}})
    assert named(server) == ["shop"]
    with pytest.raises(RefusedError, match="is a connection already"):
        Resource(server.url).up({**BASE, "streams": {"public.users": USERS}})


@pytest.mark.parametrize("fault", ["jobs/get", UPDATE])
def test_a_creation_that_died_after_its_re_read_has_moved_no_other_stream(server: Emulator, fault: str) -> None:
    earlier = Resource(server.url, "earlier")
    earlier.up({**BASE, "streams": {"public.users": OTHER}})
    server.sync(earlier.id)
    earlier.destroy()
    resets = {"wait": "job", "destination_loading": "typing_deduping", "overrides": {"public.users": "reset"}}
    wanted = {
        **BASE,
        "resets": resets,
        "streams": {"public.users": USERS, "public.events": "incremental_append cursor=ts"},
    }
    shop = Resource(server.url)
    server.add_fault(Fault("status", path=fault, skip=1 if fault == UPDATE else 0, times=20))
    with pytest.raises(ApiError):
        shop.up(wanted)
    server.clear_faults()
    server.finish_jobs()
    assert set(shop.preview(wanted)) == {"public.users"}
    shop.up(wanted)
    server.finish_jobs()
    server.sync(shop.id)
    assert len(named(server)) == 1
    assert len(server.table("warehouse", "users")) == 6
    assert len(server.table("warehouse", "events")) == 10
    assert not shop.changed(wanted)
