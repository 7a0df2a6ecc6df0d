"""A catalog that the server would refuse is refused by the preview, by the rules of the server's version."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.api.capabilities import Capabilities
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import BlockedError, InvalidRequestError
from pulumi_airbyte_wb.models import SelectedField
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, configure, declare
from tests.providers.test_effective_parts import mapped, mapper
from tests.providers.test_masked_mappers import sent, silent

HASHING = mapper("hashing", targetField="email", method="SHA-256", fieldNameSuffix="_hashed")
MISSING = r"there is no field 'email'; nothing was sent"


def chosen(*columns: str) -> dict[str, Any]:
    """A selection of columns."""
    return {"field_selection_enabled": True, "selected_fields": [SelectedField(field_path=[each]) for each in columns]}


def refused(shop: Resource, server: Emulator, news: dict[str, Any], words: str) -> None:
    """The preview blocks it, and the update sends nothing."""
    updates = len(sent(server))
    with pytest.raises(RefusedError, match=words):
        shop.preview(news)
    with pytest.raises(BlockedError, match=words):
        shop.up(news)
    assert len(sent(server)) == updates


def test_a_mapper_of_a_column_that_a_person_has_deselected(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare({"public.users": USERS})
    shop.up(news)
    configure(api, shop.id, "users", **chosen("id", "updated_at"))
    assert silent(shop, news)
    refused(shop, server, declare({"public.users": mapped(USERS, HASHING)}), MISSING)
    with pytest.raises(InvalidRequestError):
        configure(api, shop.id, "users", mappers=[HASHING])


def test_a_selection_without_a_column_that_a_mapper_of_the_server_needs(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare({"public.users": USERS})
    shop.up(news)
    configure(api, shop.id, "users", mappers=[HASHING])
    assert silent(shop, news)
    permits = {"permits": ["public.users AWB251 once"]}
    refused(shop, server, declare({"public.users": f"{USERS} fields=id,updated_at"}, resets=permits), MISSING)


def test_what_is_left_to_airbyte_beside_a_filtered_key_that_it_fails_on(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    """Airbyte saves the update, answers 500 and starts no refresh (a field filter leaves a stream no key)."""
    shop.up(declare({"public.orders": ORDERS}))
    dropping = mapper("field-filtering", targetField="id")
    mode = {"sync_mode": "full_refresh", "destination_sync_mode": "append_dedup", "primary_key": [["id"]]}
    configure(api, shop.id, "users", **mode, mappers=[dropping])
    server.sync(shop.id)
    shop.refresh()
    left = {"resets": {"overrides": {"public.orders": "server"}}}
    news = declare({"public.orders": "incremental_append_dedup cursor=updated_at key=id"}, **left)
    refused(shop, server, news, r"Airbyte would refuse the streams: the server would fail with an internal error")


def test_what_only_a_newer_server_can_read_stops_nothing(
    server: Emulator, api: AirbyteClient, shop: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi_airbyte_wb.live import server_resets
    from pulumi_airbyte_wb.server_rules.configured import unforeseen

    monkeypatch.setattr(server_resets, "check_sent", lambda *_, **__: unforeseen("a mapper of another day"))
    shop.up(declare({"public.users": USERS}))
    more = declare({"public.users": USERS, "public.events": EVENTS})
    assert list(shop.preview(more)) == ["public.events"]
    shop.up(more)


def test_the_rules_of_a_server_that_does_not_tell_its_version_are_not_foreseen(
    api: AirbyteClient, shop: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.up(declare({"public.users": USERS}))
    configure(api, shop.id, "users", **chosen("id", "updated_at"))
    monkeypatch.setattr(Capabilities, "exact", property(lambda _: False))
    news = declare({"public.users": mapped(USERS, HASHING)})
    assert list(shop.preview(news)) == ["public.users"]
    with pytest.raises(InvalidRequestError):
        shop.up(news)
