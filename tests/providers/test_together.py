"""Resources of one program that change one connection, or one table, in one run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.fault import Fault
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from tests.providers.engine import Resource
from tests.providers.shop import ORDERS, USERS, declare, kinds, selected

WAIT = {"wait": "job"}


def catalogs(server: Emulator, shop: Resource, streams: dict[str, str]) -> list[tuple[Resource, dict[str, object]]]:
    return [
        (
            Resource(server.url, f"part-{stream}", CatalogProvider),
            {"connection_id": shop.id, "streams": {f"public.{stream}": line}, "resets": WAIT},
        )
        for stream, line in streams.items()
    ]


def up_at_once(parts: list[tuple[Resource, dict[str, object]]]) -> None:
    """One run of the engine, which calls the provider from four threads."""
    Resource("")._forget()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(part.up, declared, keep=True) for part, declared in parts]:
            done.result()


def test_catalogs_of_one_connection_do_not_overwrite_each_other(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare(None))
    parts = catalogs(server, shop, {"users": USERS, "orders": ORDERS, "events": ORDERS, "dim_country": ORDERS})
    server.add_fault(Fault("delay", path="web_backend/connections/update", delay=0.05, times=100))
    up_at_once(parts)
    assert selected(api, shop.id) == {"users", "orders", "events", "dim_country"}
    server.sync(shop.id)
    changed = [(part, {**declared, "streams": _by_other_keys(declared)}) for part, declared in parts]
    up_at_once(changed)
    live = api.get_connection(shop.id).sync_catalog.selected()
    assert {stream.name: entry.config.primary_key for stream, entry in live.items() if stream.name == "users"} == {
        "users": [["email"]]
    }
    assert kinds(server, shop.id) == ["sync", "refresh"]
    for part, declared in changed:
        part.refresh()
        assert not part.changed(declared)


def _by_other_keys(declared: dict[str, object]) -> dict[str, str]:
    streams: dict[str, str] = declared["streams"]  # type: ignore[assignment]
    return {stream: line.replace("key=id", "key=email") for stream, line in streams.items()}
