"""A connection that has never synced: it has no rows, so no change of it can make any of them wrong."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import DriftedError
from pulumi_airbyte_wb.live.history import History
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, declare, kinds, rows
from tools.builtin_world import world

BOTH = {"public.users": USERS, "public.events": EVENTS}
OTHER = {
    "public.users": "incremental_append_dedup cursor=updated_at key=email",
    "public.events": "incremental_append cursor=kind",
}


def actions(planned: dict[str, str]) -> dict[str, str]:
    return {key: text.split(":")[0] for key, text in planned.items()}


@pytest.mark.parametrize("status", ["active", "inactive"])
def test_a_key_and_a_cursor_change_without_a_word(server: Emulator, shop: Resource, status: str) -> None:
    shop.up(declare(BOTH, status=status))
    planned = shop.preview(declare(OTHER, status=status))
    assert actions(planned) == {"public.users": "AWB220 none", "public.events": "AWB210 none"}
    assert all("it has never synced, so no row is there" in text for text in planned.values())
    shop.up(declare(OTHER, status="active"))
    server.finish_jobs(shop.id)
    assert kinds(server, shop.id) == []
    server.sync(shop.id)
    assert (rows(server, "users"), rows(server, "events")) == (6, 10)
    assert not shop.changed(declare(OTHER, status="active"))


def test_a_table_gets_another_name_while_the_connection_waits(server: Emulator, shop: Resource) -> None:
    shop.up(declare(BOTH, status="inactive"))
    planned = shop.preview(declare(BOTH, status="inactive", prefix="new_"))
    assert actions(planned) == {"public.users": "AWB241 none", "public.events": "AWB241 none"}
    shop.up(declare(BOTH, status="inactive", prefix="new_"))
    shop.up(declare(BOTH, status="active", prefix="new_"))
    server.sync(shop.id)
    assert (rows(server, "new_users"), rows(server, "new_events")) == (6, 10)
    assert kinds(server, shop.id) == ["sync"]


def test_a_sync_since_the_preview_is_drift(server: Emulator, shop: Resource) -> None:
    shop.up(declare(BOTH))
    with pytest.raises(DriftedError, match=r"public\.events"):
        shop.up(declare(OTHER), meanwhile=lambda: server.sync(shop.id))
    with pytest.raises(RefusedError, match="AWB210"):
        shop.preview(declare(OTHER))


@pytest.mark.parametrize(
    "changed", [{"status": "inactive", "prefix": "new_"}, {"prefix": "new_"}], ids=["waiting", "active"]
)
def test_a_name_that_another_connection_has_is_refused_still(
    server: Emulator, shop: Resource, changed: dict[str, Any]
) -> None:
    earlier = Resource(server.url, name="earlier")
    earlier.up(declare(BOTH, prefix="new_"))
    server.sync(earlier.id)
    earlier.destroy()
    shop.up(declare(BOTH, status="inactive"))
    with pytest.raises(RefusedError, match="AWB243"):
        shop.preview(declare(BOTH, **{"status": "inactive", **changed}))


def test_a_table_that_another_connection_has_filled_is_not_without_rows(server: Emulator, shop: Resource) -> None:
    earlier = Resource(server.url, name="earlier")
    earlier.up(declare(BOTH))
    server.sync(earlier.id)
    earlier.destroy()
    loading = {"resets": {"destination_loading": "typing_deduping"}}
    users = {"public.users": USERS}
    shop.up(declare(users, resets={**loading["resets"], "overrides": {"public.users": "skip"}}))
    planned = shop.preview(declare({"public.users": OTHER["public.users"]}, **loading))
    assert actions(planned) == {"public.users": "AWB220 truncate"}


def test_the_servers_own_reset_is_told_even_so(server: Emulator, shop: Resource) -> None:
    shop.up(declare(BOTH))
    planned = shop.preview(declare(OTHER, resets={"default": "server"}))
    assert "never synced" not in str(planned)
    assert actions(planned)["public.events"] != "AWB210 none"


def test_a_sync_that_another_resource_of_the_run_has_started_counts(server: Emulator, shop: Resource) -> None:
    earlier = Resource(server.url, "earlier")
    earlier.up(declare({"public.events": ORDERS}))
    server.sync(earlier.id)
    earlier.destroy()
    shop.up(declare(None))
    one, two = (Resource(server.url, name, CatalogProvider) for name in ("one", "two"))
    resets = {"destination_loading": "typing_deduping", "wait": "job"}
    two.up({"connection_id": shop.id, "streams": {"public.users": USERS}, "resets": resets})
    reading = {**resets, "overrides": {"public.events": "reset"}}
    first = {"connection_id": shop.id, "streams": {"public.events": EVENTS}, "resets": reading}
    second = {"connection_id": shop.id, "streams": {"public.users": OTHER["public.users"]}, "resets": resets}
    one.up(first)
    with pytest.raises(DriftedError, match=r"public\.users: .*AWB220"):
        two.up(second, meanwhile=lambda: one.up(first, keep=True))
    assert (kinds(server, shop.id), rows(server, "users")) == (["refresh"], 6)


def test_sync_state_of_the_old_kind_is_of_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = world()
    plain["sources"][0]["legacyState"] = True
    with Emulator(plain, server_version="0.50.0") as server:
        shop = Resource(server.url)
        shop.up(declare(BOTH))
        server.sync(shop.id)
        monkeypatch.setattr(History, "jobs", [])
        with pytest.raises(RefusedError, match="AWB210"):
            shop.preview(declare(OTHER))


@pytest.mark.parametrize("changed", [OTHER, {**BOTH, "public.orders": EVENTS.replace("ts", "updated_at")}])
def test_a_table_name_that_a_person_gave_is_looked_at(
    server: Emulator, api: AirbyteClient, shop: Resource, changed: dict[str, str]
) -> None:
    earlier = Resource(server.url, name="earlier")
    earlier.up(declare({**BOTH, **changed}, prefix="x_"))
    server.sync(earlier.id)
    earlier.destroy()
    shop.up(declare(BOTH))
    api.update_connection(ConnectionUpdate(connection_id=shop.id, prefix="x_"))
    with pytest.raises(RefusedError, match="run `pulumi refresh`"):
        shop.preview(declare(changed))
    with pytest.raises(DriftedError, match="run `pulumi refresh`"):
        shop.up(declare(changed))


def test_a_stream_does_not_resume_under_a_name_that_a_person_gave(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(BOTH))
    server.sync(shop.id)
    shop.up(declare({"public.users": USERS}))
    assert shop.preview(declare(BOTH))["public.events"].startswith("AWB204 none")
    api.update_connection(ConnectionUpdate(connection_id=shop.id, prefix="x_"))
    with pytest.raises(DriftedError, match=r"public\.events"):
        shop.up(declare(BOTH))
