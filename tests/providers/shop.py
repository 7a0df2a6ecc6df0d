"""The shop that the tests of the providers work on: what they declare, and how they look at what came of it."""

from __future__ import annotations

from typing import Any

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import ConnectionUpdate, StreamDescriptor
from tests.main_job.conftest import SHOP, WAREHOUSE, WORKSPACE
from tools.builtin_world import world

USERS = "incremental_append_dedup cursor=updated_at key=id"
EVENTS = "incremental_append cursor=ts"
ORDERS = "full_refresh_overwrite"
BASE = {"source_id": SHOP, "destination_id": WAREHOUSE, "schedule": "manual"}


def declare(streams: dict[str, str] | None, **other: Any) -> dict[str, Any]:
    return {**BASE, **({} if streams is None else {"streams": streams}), **other}


def without_refreshes() -> dict[str, Any]:
    """The built-in world, with a destination that cannot refresh."""
    plain = world()
    plain["destinations"][0] |= {"supportsRefreshes": False, "family": "typing-deduping"}
    return plain


def configure(api: AirbyteClient, connection_id: str, stream: str, **config: Any) -> None:
    """Change a stream as a person does in the web app."""
    live = api.get_connection(connection_id)
    entry = live.sync_catalog.by_descriptor()[StreamDescriptor("public", stream)]
    for name, value in {"selected": True, **config}.items():
        setattr(entry.config, name, value)
    api.update_connection(ConnectionUpdate(connection_id=connection_id, sync_catalog=live.sync_catalog))


def selected(api: AirbyteClient, connection_id: str) -> set[str]:
    return {stream.name for stream in api.get_connection(connection_id).sync_catalog.selected()}


def named(api: AirbyteClient) -> list[str]:
    return sorted(item.name for item in api.list_connections_for_workspace(WORKSPACE))


def kinds(server: Emulator, connection_id: str) -> list[str]:
    return [job["job"]["configType"] for job in server.jobs(connection_id)]


def rows(server: Emulator, table: str) -> int:
    return len(server.table("warehouse", table))
