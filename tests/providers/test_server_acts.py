"""What Airbyte did itself is told by each refresh and preview until it is over: pauses, and re-syncs that failed."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.console import Console
from tests.main_job.conftest import WORKSPACE
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, declare

DECLARED = [{}, {"status": "active"}]


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is told as a warning, from now on."""
    told: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda _self, message: told.append(message))
    return told


def previewed(shop: Resource, news: dict[str, Any], warnings: list[str]) -> list[str]:
    """The warnings of one preview, whatever it plans."""
    warnings.clear()
    with contextlib.suppress(RefusedError):
        shop.preview(news)
    return [text for text in warnings if not text.startswith("blocked")]


def refreshed(shop: Resource, warnings: list[str]) -> list[str]:
    warnings.clear()
    shop.refresh()
    return list(warnings)


def break_schema(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    server.set_column("shop-postgres", "events", "ts", None, "public")
    api.get_connection(shop.id, with_refreshed_catalog=True)
    assert api.get_connection(shop.id).status == "inactive"


def only_fail(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    for _ in range(30):
        server.break_stream(shop.id, "events", "public")
        server.sync(shop.id)
    assert api.get_connection(shop.id).status == "inactive"


@pytest.mark.parametrize("status", DECLARED)
@pytest.mark.parametrize(
    ("pause", "reason"),
    [(break_schema, "its source's schema changed in a breaking way"), (only_fail, "its syncs failed again and again")],
)
def test_a_connection_that_airbyte_paused_is_told_until_it_is_active_again(
    server: Emulator, api: AirbyteClient, shop: Resource, warnings: list[str], status: dict[str, str], pause: Any,
    reason: str,
) -> None:  # fmt: skip
    news = declare({"public.events": EVENTS}, **status)
    shop.up(news)
    assert previewed(shop, news, warnings) == []
    pause(server, api, shop)
    for _ in range(2):
        [text] = refreshed(shop, warnings)
        assert text.startswith("no sync runs: Airbyte has paused this connection")
        assert reason in text
        for _ in range(2):
            assert previewed(shop, news, warnings) == [text]
            assert shop.changed(news) is bool(status)
    server.set_column("shop-postgres", "events", "ts", {"type": "string", "format": "date-time"}, "public")
    api.get_connection(shop.id, with_refreshed_catalog=True)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, status="active"))
    assert refreshed(shop, warnings) == []
    assert previewed(shop, news, warnings) == []
    assert not shop.changed(news)


def test_a_pause_of_connections_that_are_listed_together_is_told(
    server: Emulator, api: AirbyteClient, shop: Resource, warnings: list[str]
) -> None:
    shop.up(declare({"public.events": EVENTS}))
    break_schema(server, api, shop)
    assert not next(each for each in api.list_connections(WORKSPACE) if each.connection_id == shop.id).schema_change
    assert next(each for each in api.list_connections(WORKSPACE) if each.connection_id == shop.id).breaks


def test_a_connection_that_a_person_or_the_program_paused_is_not_told_of_as_airbytes_act(
    server: Emulator, api: AirbyteClient, shop: Resource, warnings: list[str]
) -> None:
    shop.up(declare({"public.events": EVENTS}))
    server.break_stream(shop.id, "events", "public")
    server.sync(shop.id)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, status="inactive"))
    assert refreshed(shop, warnings) == []
    other = Resource(server.url, "other")
    other.up(declare({"public.orders": ORDERS}, status="inactive", prefix="o_"))
    break_schema(server, api, other)
    assert refreshed(other, warnings) == []


def test_a_catalog_tells_that_its_connection_is_paused(
    server: Emulator, api: AirbyteClient, shop: Resource, warnings: list[str]
) -> None:
    shop.up(declare({"public.events": EVENTS}))
    streams = Resource(server.url, "streams", CatalogProvider)
    news = {"connection_id": shop.id, "streams": {"public.events": EVENTS}}
    streams.up(news)
    break_schema(server, api, shop)
    [text] = refreshed(streams, warnings)
    assert previewed(streams, news, warnings) == [text]


# ---- a re-sync that failed ---------------------------------------------------------------------------------------


@pytest.fixture
def failed(server: Emulator, shop: Resource) -> dict[str, Any]:
    """What is declared; nobody has waited for the re-sync that it called for, and that failed."""
    shop.up(declare({"public.users": USERS}))
    server.sync(shop.id)
    server.break_stream(shop.id, "users", "public", message="no space left on device\n")
    news = declare({"public.users": USERS.replace("key=id", "key=email")})
    shop.up(news)
    server.finish_jobs(shop.id)
    return news


def told(server: Emulator, shop: Resource) -> str:
    page = f"{server.url}/workspaces/{WORKSPACE}/connections/{shop.id}/timeline"
    return (
        "the re-sync of public.users did not succeed (job 2 failed): no space left on device (destination, "
        f"system_error); see {page}; after a `pulumi refresh` it is planned again"
    )


def test_a_failed_re_sync_is_told_without_a_refresh_where_the_connection_is_asked(
    server: Emulator, shop: Resource, warnings: list[str], failed: dict[str, Any]
) -> None:
    assert previewed(shop, failed, warnings) == []
    assert previewed(shop, {**failed, "prefix": "new_"}, warnings) == [told(server, shop)]


def test_a_failed_re_sync_is_remembered_until_it_is_ordered_again(
    server: Emulator, shop: Resource, warnings: list[str], failed: dict[str, Any]
) -> None:
    for _ in range(2):
        assert refreshed(shop, warnings) == [told(server, shop)]
        assert previewed(shop, failed, warnings) == [told(server, shop)]
    shop.up(failed)
    server.finish_jobs(shop.id)
    assert previewed(shop, failed, warnings) == []
    assert refreshed(shop, warnings) == []
    assert not shop.changed(failed)


def test_the_words_of_the_server_are_not_shown_where_something_is_secret(
    server: Emulator, shop: Resource, warnings: list[str], failed: dict[str, Any]
) -> None:
    secret = {**failed, "secret_inputs": ["prefix"], "prefix": "new_"}
    [text] = previewed(shop, secret, warnings)
    assert "no space" not in text
    assert text.startswith("the re-sync did not succeed (job 2 failed); see http://")
