"""Servers show a mask in place of a mapper's key and refuse it: it is never sent back, and what cannot be is told."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import BlockedError
from pulumi_airbyte_wb.models import ConnectionUpdate, StreamDescriptor
from pulumi_airbyte_wb.plan import Plan
from pulumi_airbyte_wb.plan.explain import explain
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, configure, declare, kinds
from tests.providers.test_effective_parts import AES, KEY, OTHER_KEY, mapped, mapper
from tools.engine import new_run

ENCRYPTED = mapped(USERS, mapper("encryption", **AES, key=KEY))
WITH_OTHER_KEY = mapped(USERS, mapper("encryption", **AES, key=OTHER_KEY))
MASKED = "shows only a mask for the key, and refuses every update of the streams that contains the mask"


def sent(server: Emulator, stream: str = "users") -> list[dict[str, Any]]:
    """The configurations of a stream in the updates that were sent, in their order."""
    updates = [r.request for r in server.log.requests if r.path == "web_backend/connections/update"]
    catalogs = [update["syncCatalog"]["streams"] for update in updates if "syncCatalog" in update]
    return [entry["config"] for catalog in catalogs for entry in catalog if entry["stream"]["name"] == stream]


def key_of(config: dict[str, Any]) -> str:
    return str(config["mappers"][0]["mapperConfiguration"]["key"])


def live_mappers(api: AirbyteClient, connection_id: str, stream: str = "users") -> list[dict[str, Any]]:
    entry = api.get_connection(connection_id).sync_catalog.by_descriptor()[StreamDescriptor("public", stream)]
    return entry.config.mappers or []


def encrypted(server: Emulator, shop: Resource) -> dict[str, str]:
    """An encrypted stream that has synced, beside one that is not."""
    streams = {"public.users": ENCRYPTED, "public.orders": ORDERS}
    shop.up(declare(streams))
    server.sync(shop.id)
    return streams


def refreshed(server: Emulator, connection_id: str) -> list[dict[str, Any]]:
    """The streams of the newest job."""
    streams: list[dict[str, Any]] = server.jobs(connection_id)[-1]["job"]["refreshConfig"]["streamsToRefresh"]
    return streams


def silent(resource: Resource, news: dict[str, Any]) -> bool:
    """Whether a refresh, and a preview after it, find nothing."""
    return not resource.refresh() and not resource.changed(news)


def test_an_update_of_another_stream_sends_the_declared_key_and_the_servers_id(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    streams = encrypted(server, shop)
    (before,) = live_mappers(api, shop.id)
    news = declare({**streams, "public.events": EVENTS})
    assert list(shop.preview(news)) == ["public.events"]
    shop.up(news)
    (config,) = sent(server)
    assert (key_of(config), config["mappers"][0]["id"]) == (KEY, before["id"])
    assert "hashedFields" not in config
    assert live_mappers(api, shop.id) == [before]
    assert silent(shop, news)
    assert kinds(server, shop.id) == ["sync"]


def test_an_update_of_a_field_sends_no_streams(server: Emulator, shop: Resource) -> None:
    news = declare(encrypted(server, shop), schedule="every 24 hours")
    shop.up(news)
    assert sent(server) == []
    assert silent(shop, news)


def test_a_changed_key_is_planned_and_sent(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    streams = encrypted(server, shop)
    shop.refresh()
    (before,) = live_mappers(api, shop.id)
    news = declare({**streams, "public.users": WITH_OTHER_KEY})
    assert shop.preview(news)["public.users"].startswith("AWB260 truncate")
    shop.up(news)
    assert [key_of(config) for config in sent(server)] == [OTHER_KEY]
    assert live_mappers(api, shop.id) == [before]
    server.finish_jobs(shop.id)
    assert kinds(server, shop.id) == ["sync", "refresh"]
    assert silent(shop, news)


def test_a_stream_that_leaves_needs_no_key(server: Emulator, shop: Resource) -> None:
    encrypted(server, shop)
    news = declare({"public.orders": ORDERS})
    shop.up(news)
    assert silent(shop, news)


def test_a_key_that_the_program_does_not_have_blocks_every_update_of_streams_before_anything_is_sent(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    mode = {"sync_mode": "incremental", "destination_sync_mode": "append_dedup"}
    dedup = {**mode, "cursor_field": ["updated_at"], "primary_key": [["id"]]}
    configure(api, shop.id, "users", **dedup, mappers=[mapper("encryption", **AES, key=KEY)])
    server.sync(shop.id)
    shop.refresh()
    assert not shop.changed(declare({"public.orders": ORDERS}))
    news = declare({"public.orders": "full_refresh_append"})
    with pytest.raises(RefusedError, match=rf"public\.users: .*{MASKED}.*nothing was sent: declare the mappers of "):
        shop.preview(news)
    updates = len(sent(server))
    with pytest.raises(BlockedError, match=MASKED):
        shop.up(news)
    assert len(sent(server)) == updates
    # what is no change of streams needs no key
    shop.up(declare({"public.orders": ORDERS}, schedule="every 24 hours"))
    streams = {"public.orders": "full_refresh_append", "public.users": ENCRYPTED}
    helped = declare(streams, schedule="every 24 hours", resets={"overrides": {"public.users": "skip"}})
    assert set(shop.preview(helped)) == {"public.orders", "public.users"}
    shop.up(helped)
    assert key_of(sent(server)[-1]) == KEY
    assert silent(shop, helped)


def test_mappers_that_are_left_to_the_server_block_too(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    shop.up(declare({"public.users": USERS}))
    configure(api, shop.id, "users", mappers=[mapper("encryption", **AES, key=KEY)])
    assert silent(shop, declare({"public.users": USERS}))
    with pytest.raises(RefusedError, match=MASKED):
        shop.preview(declare({"public.users": USERS, "public.orders": ORDERS}))
    news = declare({"public.users": ENCRYPTED, "public.orders": ORDERS})
    assert list(shop.preview(news)) == ["public.orders", "public.users"]


def test_an_adoption_tells_that_the_next_run_is_blocked(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    encrypted(server, shop)
    taken = Resource(server.url, "taken")
    news = declare({"public.orders": "full_refresh_append"}, adopt=shop.id)
    plan = new_run(server.url).preview(taken, news)
    assert isinstance(plan, Plan)
    assert not plan.is_blocked
    assert plan.next_run is not None
    assert [each.code for each in plan.next_run.obstacles] == ["AWB285"]
    assert "next `pulumi up`: blocked [AWB285]" in "\n".join(explain(plan))
    known = declare({"public.orders": "full_refresh_append", "public.users": ENCRYPTED}, adopt=shop.id)
    plan = new_run(server.url).preview(taken, known)
    assert isinstance(plan, Plan)
    assert plan.next_run is not None
    assert plan.next_run.obstacles == ()


@pytest.mark.parametrize(("word", "jobs"), [("permit", []), ("reset", ["refresh"])])
@pytest.mark.parametrize("by", ["adopt", "declared"])
def test_whether_the_declared_key_is_the_one_in_force_is_asked_once(
    server: Emulator, api: AirbyteClient, shop: Resource, by: str, word: str, jobs: list[str]
) -> None:
    streams = encrypted(server, shop)
    (before,) = live_mappers(api, shop.id)
    program = {"public.orders": ORDERS, "public.users": ENCRYPTED if word == "permit" else WITH_OTHER_KEY}
    taken = Resource(server.url, "taken")
    taken.up(declare(streams if by == "adopt" else {"public.orders": ORDERS}, adopt=shop.id))
    assert sent(server) == []
    assert not taken.refresh()
    with pytest.raises(RefusedError, match=r"AWB263.*if the declared key is the one in use, permit the change"):
        taken.preview(declare(program, adopt=shop.id))
    words = {"reset": {"overrides": {"public.users": "reset"}}, "permit": {"permits": ["public.users AWB263 once"]}}
    approved = declare(program, adopt=shop.id, resets=words[word])
    taken.up(approved)
    server.finish_jobs(shop.id)
    assert [key_of(config) for config in sent(server)] == [KEY if word == "permit" else OTHER_KEY]
    assert live_mappers(api, shop.id) == [before]
    assert kinds(server, shop.id) == ["sync", *jobs]
    assert silent(taken, approved)
    assert "public.users" not in taken.preview(declare(program, adopt=shop.id))


def test_another_key_is_still_asked_for_when_the_connection_is_active_again(server: Emulator, shop: Resource) -> None:
    encrypted(server, shop)
    taken = Resource(server.url, "taken")
    taken.up(declare({"public.users": ENCRYPTED}, adopt=shop.id))
    reset = {"resets": {"overrides": {"public.users": "reset"}}}
    news = {**declare({"public.users": WITH_OTHER_KEY}, adopt=shop.id), "status": "inactive"}
    taken.up({**news, **reset})
    assert kinds(server, shop.id) == ["sync"]
    taken.refresh()
    active = {**news, "status": "active"}
    with pytest.raises(RefusedError, match="AWB263"):
        taken.preview(active)
    taken.up({**active, **reset})
    server.finish_jobs(shop.id)
    assert kinds(server, shop.id) == ["sync", "refresh"]
    assert silent(taken, {**active, **reset})


def test_a_new_catalog_of_a_connection_with_a_key_is_blocked_unless_the_program_has_it(
    server: Emulator, shop: Resource
) -> None:
    streams = encrypted(server, shop)
    part = Resource(server.url, "part", provider=CatalogProvider)
    news = {"connection_id": shop.id, "streams": {"public.events": EVENTS}}
    with pytest.raises(RefusedError, match=MASKED):
        part.preview(news)
    with pytest.raises(BlockedError, match=MASKED):
        part.up(news)
    assert sent(server) == []
    # the connection of the same program declares the key
    shop.up(declare(streams))
    part.up(news, keep=True)
    assert key_of(sent(server)[-1]) == KEY
    assert silent(part, news)
    shop.refresh()
    assert not shop.changed(declare(streams))


def test_what_is_left_to_airbyte_re_syncs_the_encrypted_stream_too(server: Emulator, shop: Resource) -> None:
    """Airbyte cannot apply the mapper whose key it masks to the side that it compares: the stream looks changed."""
    streams = encrypted(server, shop)
    other = "incremental_append_dedup cursor=updated_at key=id"
    news = declare({**streams, "public.orders": other}, resets={"overrides": {"public.orders": "server"}})
    planned = shop.preview(news)
    assert planned["public.users"].startswith("AWB284 merge: not changed (Airbyte resets it too, with")
    shop.up(news)
    server.finish_jobs(shop.id)
    assert kinds(server, shop.id) == ["sync", "refresh"]
    assert {each["name"] for each in refreshed(server, shop.id)} == {"orders", "users"}
    assert silent(shop, news)


def test_a_line_left_to_airbyte_that_does_not_change_is_not_sent(server: Emulator, shop: Resource) -> None:
    streams = encrypted(server, shop)
    resets = {"resets": {"overrides": {"public.users": "server"}}}
    shop.up(declare(streams, **resets))
    news = declare({**streams, "public.events": EVENTS}, **resets)
    assert list(shop.preview(news)) == ["public.events"]
    shop.up(news)
    assert kinds(server, shop.id) == ["sync"]


def test_a_person_who_puts_another_mapper_before_it_is_told_as_that_alone(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    news = declare(encrypted(server, shop))
    rename = mapper("field-renaming", originalFieldName="name", newFieldName="called")
    configure(api, shop.id, "users", mappers=[rename, mapper("encryption", **AES, key=KEY)])
    shop.refresh()
    planned = shop.preview(news)
    assert planned["public.users"].startswith("AWB261 truncate: mapper removed: field-renaming name (")
    assert "AWB260" not in planned["public.users"]


def test_a_hashing_mapper_is_taken_away_and_stays_away(server: Emulator, api: AirbyteClient, shop: Resource) -> None:
    hashing = mapper("hashing", targetField="email", method="SHA-256", fieldNameSuffix="_hashed")
    shop.up(declare({"public.users": mapped(USERS, hashing), "public.orders": ORDERS}))
    news = declare({"public.users": f"{USERS} mappers=[]", "public.orders": ORDERS})
    shop.up(news)
    assert live_mappers(api, shop.id) == []
    assert "hashedFields" not in sent(server)[-1]
    assert silent(shop, news)


def test_servers_without_mappers_get_their_hashed_fields_back() -> None:
    hashed = [{"fieldPath": ["email"]}]
    with Emulator(server_version="1.0.0") as server, AirbyteClient(ServerSettings(server.url)) as api:
        shop = Resource(server.url)
        shop.up(declare({"public.users": USERS, "public.orders": ORDERS}))
        configure(api, shop.id, "users", hashedFields=hashed)
        shop.up(declare({"public.users": USERS, "public.orders": "full_refresh_append"}))
        assert sent(server)[-1]["hashedFields"] == hashed


def test_what_a_person_changes_during_the_update_is_still_seen(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    streams = encrypted(server, shop)
    news = declare({**streams, "public.users": WITH_OTHER_KEY})

    def meanwhile() -> None:
        live = api.get_connection(shop.id)
        api.update_connection(ConnectionUpdate(connection_id=shop.id, name=f"{live.name} too"))

    shop.up(news, meanwhile=meanwhile)
    assert key_of(sent(server)[-1]) == OTHER_KEY


def test_what_airbytes_own_default_would_do_is_told_with_the_encrypted_streams_of_others(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    configure(api, shop.id, "users", mappers=[mapper("encryption", **AES, key=KEY)])
    server.sync(shop.id)
    shop.refresh()
    plan = new_run(server.url).preview(shop, declare({"public.orders": ORDERS}, prefix="new_"))
    assert isinstance(plan, Plan)
    assert not plan.is_blocked
    assert plan.server_default is not None
    assert plan.server_default.resynced == 1


def test_a_creation_in_several_steps_knows_the_key_and_all_streams(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    """The answer of a create holds the selected streams alone, and masks; the steps after it add the others."""
    encrypted(server, shop)
    shop.destroy()
    again = Resource(server.url, "again")
    streams = {"public.users": ENCRYPTED, "public.orders": ORDERS, "public.events": EVENTS}
    news = declare(streams, resets={"default": "reset", "destination_loading": "typing_deduping", "wait": "job"})
    assert again.preview(news)["public.users"].startswith("AWB20")
    again.up(news)
    assert {key_of(config) for config in sent(server) if config["selected"]} == {KEY}
    assert set(api.get_connection(again.id).sync_catalog.selected()) == set(map(StreamDescriptor.parse, streams))
    assert silent(again, news)
    assert "memory" not in again.inputs
