"""What makes two changes the same: their values, never the text by which they are told."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import DriftedError
from pulumi_airbyte_wb.models import AirbyteStream
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import USERS, configure, declare, kinds, rows
from tests.providers.test_schema_changes import ACCEPT, move

SOME, MORE = f"{USERS} fields=email,id,updated_at", f"{USERS} fields=email,id,name,updated_at"
FILL = {"backfill": True, "wait": "job"}


@pytest.mark.parametrize("secret", [[], ["streams"]])
def test_two_deferred_changes_of_one_stream_are_both_done(
    server: Emulator, api: AirbyteClient, shop: Resource, secret: list[str]
) -> None:
    """A backfill, then another type of the column at the source: told alike where the stream is secret."""
    grows = " guarantees=cursor_monotonic"
    hidden = {"secret_inputs": secret, "resets": FILL, **ACCEPT}
    shop.up(declare({"public.users": SOME + grows}, status="active", **hidden))
    server.sync(shop.id)
    shop.up(declare({"public.users": SOME + grows}, status="inactive", **hidden))
    paused = declare({"public.users": MORE + grows}, status="inactive", **hidden)
    shop.up(paused)
    move(server, api, "users", "email", {"type": "integer"})
    shop.refresh()
    shop.up(paused)
    active = paused | {"status": "active"}
    assert "AWB271 truncate" in shop.preview(active)["public.users"]
    shop.up(active)
    server.finish_jobs(shop.id)
    assert kinds(server, shop.id)[-1] == "refresh"
    server.sync(shop.id)
    assert [job["job"]["status"] for job in server.jobs(shop.id)][-1] == "succeeded"
    assert rows(server, "users") == 6


@pytest.mark.parametrize("told", ["AWB220", "AWB220_AWB241"])
def test_a_column_that_is_named_like_a_code_plans_nothing(
    server: Emulator, api: AirbyteClient, shop: Resource, told: str
) -> None:
    stream = AirbyteStream(
        name="odd", namespace="public", supported_sync_modes=["full_refresh", "incremental"],
        json_schema={"type": "object", "properties": {n: {"type": "string"} for n in ("id", "ts", told)}},
    )  # fmt: skip
    server.set_stream("shop-postgres", stream.model_dump(by_alias=True), [{"id": "1", "ts": "1", told: "1"}])
    dedup = "incremental_append_dedup key=id guarantees=cursor_monotonic cursor="
    shop.up(declare({"public.odd": dedup + told}, resets={"wait": "job"}))
    server.sync(shop.id)
    news = declare({"public.odd": dedup + "ts"}, resets={"wait": "job"})
    assert shop.preview(news)["public.odd"].startswith(
        f"AWB210 none: cursor {told if ' ' not in told else chr(34) + told + chr(34)} => ts"
    )
    configure(api, shop.id, "odd", primary_key=[["ts"]])
    with pytest.raises(RefusedError, match="would do more than was planned"):
        shop.preview(news)
    with pytest.raises(DriftedError, match="would do more than was planned"):
        shop.up(news)


@pytest.mark.parametrize("version", ["0.63.0", "1.8.0"])
def test_what_is_left_to_airbyte_is_told_by_its_own_rules(version: str) -> None:
    """Another type at the source: the server resets the stream, and the plan says so before it does."""
    with Emulator(server_version=version) as server, AirbyteClient(ServerSettings(server.url)) as api:
        server.set_speed(10_000)
        shop = Resource(server.url)
        news = declare({"public.users": USERS}, resets={"default": "server"}, **ACCEPT)
        shop.up(news)
        server.sync(shop.id)
        move(server, api, "users", "name", {"type": "integer"})
        shop.refresh()
        assert shop.preview(news)["public.users"].startswith("AWB271 merge: type at the source: name string => integer")
        shop.up(news)
        assert kinds(server, shop.id) == ["sync", "refresh"]
