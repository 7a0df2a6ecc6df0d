"""Tables that are dropped by hand, and what connections do then."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator.control.base import ControlError
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import StreamDescriptor
from tools.builtin_world import WAREHOUSE

from .api import APPEND, DEDUP, OVERWRITE, Api
from .conftest import MakeApi

NEW = {"id": 7, "email": "g@shop.example", "updated_at": "2027-01-01T00:00:00Z"}
USERS = StreamDescriptor("public", "users")


def family(name: str, engine: str | None = None) -> dict[str, Any]:
    columns = {"id": "integer", "email": "string", "updated_at": "timestamp"}
    rows = [{"id": n, "email": f"{n}@shop.example", "updated_at": f"2026-01-0{n}T00:00:00Z"} for n in (1, 2)]
    stream = {"name": "users", "namespace": "public", "columns": columns, "rows": rows}
    destination = {"name": "warehouse", "family": name, **({"engine": engine} if engine else {})}
    return {"sources": [{"name": "shop", "streams": [stream]}], "destinations": [destination]}


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        ("direct-load", "merge"),
        ("direct-load", "background"),
        ("typing-deduping", "delete"),
        ("typing-deduping", "merge"),
        ("normalization", None),
    ],
)
def test_the_next_sync_makes_the_table_again_with_what_it_brings(
    make_api: MakeApi, name: str, engine: str | None
) -> None:
    api = make_api(world=family(name, engine))
    source = api.emulator.server.store.ids("source")[0]
    destination = api.emulator.server.store.ids("destination")[0]
    connection_id = api.connect(source, destination, users=DEDUP)["connectionId"]
    api.emulator.sync(connection_id)
    state = api.call("state/get", connectionId=connection_id)
    dropped = api.emulator.drop_table("public.users")
    assert (dropped.destination, dropped.table, dropped.rows, dropped.forgotten) == ("warehouse", "public.users", 2, [])
    assert api.emulator.tables("warehouse") == {}
    assert api.emulator.raw_tables("warehouse") == {}
    assert api.call("state/get", connectionId=connection_id) == state
    api.emulator.insert("shop", "users", [NEW], "public")
    api.emulator.sync(connection_id)
    assert api.emulator.table("warehouse", "users") == [NEW]


def test_a_full_refresh_brings_every_row_back(api: Api) -> None:
    connection_id = api.connect(users=OVERWRITE)["connectionId"]
    api.emulator.sync(connection_id)
    api.emulator.drop_table("public.users")
    api.emulator.sync(connection_id)
    assert len(api.emulator.table("warehouse", "users")) == 6


def test_a_table_that_is_dropped_while_a_job_writes_it(api: Api) -> None:
    connection_id = api.connect(users=DEDUP, events=APPEND)["connectionId"]
    api.emulator.sync(connection_id)
    api.emulator.insert("shop-postgres", "users", [NEW], "public")
    api.call("connections/sync", connectionId=connection_id)
    api.emulator.advance(13)
    api.emulator.drop_tables()
    api.emulator.finish_jobs()
    assert api.jobs(connection_id)[0]["job"]["status"] == "succeeded"
    assert [row["id"] for row in api.emulator.table("warehouse", "users")] == [7]


def moved(api: Api, connection_id: str) -> set[StreamDescriptor]:
    """What the provider takes a connection to have filled."""
    settings = ServerSettings("http://emulator")
    with AirbyteClient(settings, transport=api.emulator.transport()) as client:
        return Session(client).history(connection_id).moved()


def test_a_deleted_connection_forgets_the_table_and_no_other(any_api: Api) -> None:
    api = any_api
    deleted, other = (api.connect(users=DEDUP, events=APPEND, fields={"name": name}) for name in ("old", "kept"))
    deleted_id, other_id = deleted["connectionId"], other["connectionId"]
    for connection_id in (deleted_id, other_id):
        api.emulator.sync(connection_id)
    api.call("connections/delete", connectionId=deleted_id)
    assert USERS in moved(api, deleted_id)
    assert api.emulator.drop_table("public.users").forgotten == ["old"]
    assert moved(api, deleted_id) == {StreamDescriptor("public", "events")}
    assert USERS in moved(api, other_id)
    assert api.state_streams(other_id) == {"users", "events"}
    assert [table.table for table in api.emulator.drop_tables()] == ["public.events"]
    assert moved(api, deleted_id) == set()
    assert api.jobs(deleted_id) == []


def test_what_only_the_history_of_a_deleted_connection_knows_can_be_dropped_too(api: Api) -> None:
    """A job that was cancelled before it wrote a row counts as one that may have written."""
    connection_id = api.connect(users=DEDUP)["connectionId"]
    api.call("connections/sync", connectionId=connection_id)
    api.emulator.advance(3)
    api.call("connections/delete", connectionId=connection_id)
    assert api.emulator.tables("warehouse") == {}
    assert moved(api, connection_id) == {USERS}
    assert api.emulator.drop_table("public.users").rows == 0
    assert moved(api, connection_id) == set()


def test_a_table_of_several_destinations(make_api: MakeApi) -> None:
    world = family("direct-load")
    world["destinations"].append({"name": "lake"})
    api = make_api(world=world)
    source = api.emulator.server.store.ids("source")[0]
    ids = [
        api.connect(source, destination, users=DEDUP)["connectionId"]
        for destination in api.emulator.server.store.ids("destination")
    ]
    for connection_id in ids:
        api.emulator.sync(connection_id)
        api.call("connections/delete", connectionId=connection_id)
    with pytest.raises(ControlError, match=r"2 destinations have a table public\.users: name one of lake, warehouse\."):
        api.emulator.drop_table("public.users")
    api.emulator.drop_table("public.users", "lake")
    assert api.emulator.table_sizes() == [("warehouse", "public.users", 2)]
    assert [moved(api, connection_id) for connection_id in ids] == [{USERS}, set()]
    with pytest.raises(ControlError, match=r"destination lake does not have a table public\.users: there is none\."):
        api.emulator.drop_table("public.users", "lake")


def test_a_drop_survives_a_restart(make_api: MakeApi, tmp_path: Any) -> None:
    first = make_api(data=tmp_path / "airbyte.sqlite")
    first.emulator.sync(first.connect(users=DEDUP)["connectionId"])
    first.emulator.drop_table("public.users", WAREHOUSE)
    first.emulator.stop()
    assert make_api(None, data=tmp_path / "airbyte.sqlite").emulator.table_sizes() == []
