"""Streams whose rows have still to be replaced: while the connection is inactive, and when they move elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.models import ConnectionStatus, ConnectionUpdate, SelectedField
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.console import Console
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, USERS, configure, declare, kinds, rows

BY_REGION = USERS.replace("key=id", "key=id,region")
WAIT = {"wait": "job"}


@pytest.fixture
def owing(server: Emulator, shop: Resource) -> Resource:
    """A connection that was synced, paused, and whose users have another key since."""
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}, status="active", resets=WAIT))
    server.sync(shop.id)
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}, status="inactive", resets=WAIT))
    news = declare({"public.users": BY_REGION, "public.events": EVENTS}, status="inactive", resets=WAIT)
    assert shop.preview(news)["public.users"].startswith("deferred truncate")
    shop.up(news)
    return shop


def test_a_permission_for_one_run_is_kept_while_the_connection_is_inactive(server: Emulator, shop: Resource) -> None:
    once = {"permits": ["public.events AWB210 once"], "wait": "job"}
    shop.up(declare({"public.events": EVENTS}, status="active", resets=WAIT))
    server.sync(shop.id)
    shop.up(declare({"public.events": EVENTS}, status="inactive", resets=WAIT))
    other = {"public.events": "incremental_append cursor=user_id"}
    shop.up(declare(other, status="inactive", resets=once))
    assert kinds(server, shop.id) == ["sync"]
    assert "AWB210 truncate" in shop.preview(declare(other, status="active", resets=once))["public.events"]
    shop.up(declare(other, status="active", resets=once))
    assert kinds(server, shop.id) == ["sync", "refresh"]
    shop.refresh()
    with pytest.raises(RefusedError, match="AWB210"):
        shop.preview(declare({"public.events": EVENTS}, status="active", resets=once))


@pytest.mark.parametrize("refreshed", [True, False])
def test_a_status_that_is_no_longer_declared_stays_what_it_was(
    server: Emulator, api: AirbyteClient, owing: Resource, *, refreshed: bool
) -> None:
    news = declare({"public.users": BY_REGION, "public.events": EVENTS}, resets=WAIT)
    owing.up(news)
    if refreshed:
        owing.refresh()
    assert not owing.changed(news)
    assert kinds(server, owing.id) == ["sync"]
    other = {**news, "streams": {"public.users": BY_REGION, "public.events": "incremental_append cursor=user_id"}}
    with pytest.raises(RefusedError, match="AWB210"):
        owing.preview(other)
    api.update_connection(ConnectionUpdate(connection_id=owing.id, status=ConnectionStatus.ACTIVE.value))
    owing.refresh()
    assert owing.preview(news)["public.users"].startswith("AWB220 truncate: key id => id,region")
    owing.up(news)
    assert kinds(server, owing.id) == ["sync", "refresh"]


def test_streams_do_not_move_before_their_rows_are_right(server: Emulator, owing: Resource) -> None:
    with pytest.raises(RefusedError, match=r"streams: .*rows of public\.users have still to be replaced") as refused:
        owing.preview(declare(None, status="inactive"))
    assert "pulumi refresh" in str(refused.value)
    skip = {"overrides": {"public.users": "skip"}}
    planned = owing.preview(declare(None, status="inactive", resets=skip))
    assert "AWB103 no longer managed" in planned["*"]
    assert planned["public.users"].startswith("AWB281 none: no longer managed (the program says 'skip', although")
    news = declare({"public.users": BY_REGION, "public.events": EVENTS}, status="active", resets=WAIT)
    owing.up(news)
    assert kinds(server, owing.id) == ["sync", "refresh"]
    owing.refresh()
    owing.up(declare(None, status="active", resets=WAIT))
    assert not owing.changed(declare(None, status="active", resets=WAIT))


def test_a_stream_that_leaves_before_its_rows_are_right_does_not_resume(server: Emulator, owing: Resource) -> None:
    owing.up(declare({"public.events": EVENTS}, status="inactive", resets=WAIT))
    owing.up(declare({"public.events": EVENTS}, status="active", resets=WAIT))
    back = declare({"public.users": BY_REGION, "public.events": EVENTS}, status="active", resets=WAIT)
    assert "AWB204" not in owing.preview(back)["public.users"]
    owing.up(back)
    assert kinds(server, owing.id) == ["sync", "refresh"]
    assert rows(server, "users") == 6


def test_a_catalog_that_releases_unfinished_streams_says_so(
    monkeypatch: pytest.MonkeyPatch, server: Emulator, shop: Resource
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda console, message: told.append(message))
    catalog = _catalog_that_owes(server, shop)
    catalog.destroy()
    assert told == ["public.users: its rows still have to be replaced, but after this no resource remembers it"]


def test_a_catalog_finishes_its_re_syncs_when_its_connection_is_activated_in_the_same_run(
    server: Emulator, shop: Resource
) -> None:
    catalog = _catalog_that_owes(server, shop)
    part = {"connection_id": shop.id, "streams": {"public.users": BY_REGION}, "resets": WAIT}
    assert catalog.preview(part) == {}
    first, second = shop.preview_with(catalog, declare(None, status="active"), part)
    assert "public.users" not in first
    assert second["public.users"].startswith("AWB220 truncate: key id => id,region")
    shop.up(declare(None, status="active"))
    catalog.up(part)
    assert kinds(server, shop.id) == ["sync", "refresh"]
    assert catalog.preview(part) == {}


def test_a_catalog_waits_when_its_connection_is_paused_in_the_same_run(server: Emulator, shop: Resource) -> None:
    catalog, part = _synced_catalog(server, shop)
    other = {**part, "streams": {"public.users": BY_REGION}}
    assert catalog.preview(other)["public.users"].startswith("AWB220 truncate")
    _, planned = shop.preview_with(catalog, declare(None, status="inactive"), other)
    assert planned["public.users"].startswith("deferred truncate")


def _synced_catalog(server: Emulator, shop: Resource) -> tuple[Resource, dict[str, Any]]:
    shop.up(declare(None, status="active"))
    catalog = Resource(server.url, "part", CatalogProvider)
    part = {"connection_id": shop.id, "streams": {"public.users": USERS}, "resets": WAIT}
    catalog.up(part)
    server.sync(shop.id)
    return catalog, part


def _catalog_that_owes(server: Emulator, shop: Resource) -> Resource:
    catalog, part = _synced_catalog(server, shop)
    shop.up(declare(None, status="inactive"))
    catalog.up({**part, "streams": {"public.users": BY_REGION}})
    assert kinds(server, shop.id) == ["sync"]
    return catalog


# ---- columns that were selected elsewhere ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "what"),
    [("cursor=modified_at key=id", "cursor 'modified_at'"), ("cursor=updated_at key=region", "key 'region'")],
)
def test_a_selection_on_the_server_that_hides_a_key_is_found_before_a_table_is_cleared(
    server: Emulator, api: AirbyteClient, shop: Resource, mode: str, what: str
) -> None:
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}, on_remove="clear"))
    server.sync(shop.id)
    chosen = [SelectedField(field_path=[name]) for name in ("id", "updated_at")]
    configure(api, shop.id, "users", field_selection_enabled=True, selected_fields=chosen)
    news = declare({"public.users": f"incremental_append_dedup {mode}"}, on_remove="clear")
    with pytest.raises(RefusedError, match=rf"^public\.users: its {what} is not among the columns"):
        shop.preview(news)
    with pytest.raises(PlanError, match="is not among the columns that are selected on the server"):
        shop.up(news)
    assert rows(server, "events") == 10
    assert kinds(server, shop.id) == ["sync"]


def test_a_change_that_is_taken_back_needs_nothing(server: Emulator, owing: Resource) -> None:
    back = declare({"public.users": USERS, "public.events": EVENTS}, status="inactive", resets=WAIT)
    owing.up(back)
    owing.up(back | {"status": "active"})
    assert kinds(server, owing.id) == ["sync"]
    owing.up(declare(None, status="active"))


def test_secrets_are_hidden_in_what_a_catalog_says_of_its_connection(server: Emulator, shop: Resource) -> None:
    shop.up(declare(None, name="n4me-secret"))
    catalog = Resource(server.url, "part", CatalogProvider)
    assert "n4me" not in str(catalog.preview({"connection_id": shop.id, "streams": {"public.users": USERS}}))
    taken = declare({"public.users": USERS}, prefix="s3cret_", secret_inputs=["prefix"])
    with pytest.raises(RefusedError, match="writes one table, as does the connection 'one'") as refused:
        Resource(server.url, "one").preview_with(Resource(server.url, "two"), taken, taken)
    assert "s3cret" not in str(refused.value)


def test_the_column_of_a_secret_stream_is_not_told(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS}, secret_inputs=["streams"]))
    chosen = [SelectedField(field_path=[name]) for name in ("id", "updated_at")]
    configure(api, shop.id, "users", field_selection_enabled=True, selected_fields=chosen)
    with pytest.raises(RefusedError, match=r"^a secret stream: its cursor is not among the columns") as refused:
        shop.preview(declare({"public.users": USERS.replace("updated_at", "modified_at")}, secret_inputs=["streams"]))
    assert "modified_at" not in str(refused.value)


def test_what_was_deferred_is_decided_by_the_same_facts(server: Emulator, shop: Resource) -> None:
    """A log tells what is deleted only to a stream that follows it: no program can guarantee that its rows merge."""
    stream = {
        "name": "calls", "namespace": "public", "supportedSyncModes": ["full_refresh", "incremental"],
        "sourceDefinedCursor": True, "defaultCursorField": ["lsn"], "sourceDefinedPrimaryKey": [["id"]],
        "jsonSchema": {"type": "object", "properties": {"id": {"type": "integer"}, "lsn": {"type": "integer"}}},
    }  # fmt: skip
    server.set_stream("shop-postgres", stream, [{"id": 1, "lsn": 1}, {"id": 2, "lsn": 2}])
    whole, logged = "full_refresh_overwrite", "incremental_append_dedup guarantees=cursor_monotonic,key_unique"
    shop.up(declare({"public.calls": whole}, status="active", resets=WAIT))
    server.sync(shop.id)
    shop.up(declare({"public.calls": whole}, status="inactive", resets=WAIT))
    shop.up(declare({"public.calls": logged}, status="inactive", resets=WAIT))
    assert shop.preview(declare({"public.calls": logged}, status="active", resets=WAIT))["public.calls"].startswith(
        "AWB237 truncate"
    )
