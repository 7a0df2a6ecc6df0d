"""Writing down what is in force already is no change, and moves no row."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, USERS, configure, declare, kinds
from tests.providers.test_tables import DEDUP, Open, Place, place, stream

__all__ = ["place"]

UNDECLARED = {"append": "incremental_append", "dedup": "incremental_append_dedup key=id"}


def proposing(cursor: str = "seq") -> dict[str, Any]:
    """A stream whose source proposes a cursor, and does not define it."""
    return {**stream("users"), "defaultCursorField": [cursor]}


def jobs(place: Place, resource: Resource) -> list[str]:
    return kinds(place.server, resource.id)


@pytest.mark.parametrize("line", UNDECLARED.values(), ids=UNDECLARED)
@pytest.mark.parametrize("refreshed", [False, True])
def test_the_cursor_that_the_source_proposes(place: Open, line: str, *, refreshed: bool) -> None:
    there = place(proposing())
    shop = there.connection("shop", {"public.users": line})
    if refreshed:
        assert not shop.refresh()
    declared = {"public.users": f"{line} cursor=seq"}
    assert there.change(shop, declared) == {}
    assert jobs(there, shop) == ["sync", "sync"]
    assert there.copies("users") == {1}
    assert not shop.refresh()
    assert not shop.changed(there.declare(declared))


@pytest.mark.parametrize("line", UNDECLARED.values(), ids=UNDECLARED)
def test_another_cursor_than_that_is_a_change(place: Open, line: str) -> None:
    there = place(proposing())
    shop = there.connection("shop", {"public.users": line})
    news = there.declare({"public.users": f"{line} cursor=at"})
    if line == UNDECLARED["append"]:
        with pytest.raises(RefusedError, match="AWB210"):
            shop.preview(news)
    else:
        assert shop.preview(news)["public.users"].startswith("AWB210 truncate")


def test_a_selection_of_all_columns_that_are_selected(place: Open) -> None:
    there = place()
    resets = {"backfill": True}
    shop = Resource(there.server.url)
    shop.up(there.declare({"public.users": DEDUP}, resets=resets))
    there.server.sync(shop.id)
    news = there.declare({"public.users": f"{DEDUP} fields=*"}, resets=resets)
    assert shop.preview(news) == {}
    shop.up(news)
    assert jobs(there, shop) == ["sync"]


def test_what_an_adopted_connection_has(server: Emulator, api: AirbyteClient) -> None:
    first = Resource(server.url, "first")
    first.up(declare({"public.users": USERS, "public.events": EVENTS}))
    server.sync(first.id)
    bare = {"public.users": "incremental_append_dedup", "public.events": "incremental_append"}
    shop = Resource(server.url, "second")
    shop.up(declare(bare, adopt=first.id, name="first"))
    assert shop.preview(declare({"public.users": USERS, "public.events": EVENTS}, name="first")) == {}


def test_a_run_that_died_before_its_re_sync_has_put_nothing_in_force(place: Open) -> None:
    there = place(proposing())
    line = UNDECLARED["dedup"]
    shop = there.connection("shop", {"public.users": line})
    with AirbyteClient(ServerSettings(there.server.url)) as api:
        configure(api, shop.id, "users", cursor_field=["at"])
    for _ in range(2):
        shop.refresh()
        for cursor in ("at", "seq"):
            shown = shop.preview(there.declare({"public.users": f"{line} cursor={cursor}"}))
            assert shown["public.users"].startswith("AWB210 truncate")
