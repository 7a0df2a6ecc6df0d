"""Others who act while an update is under way: a second engine, a person, another resource, a sync.

Two runs of the engine are two provider processes. A fault lets a request of one wait, while the other acts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.models import ConnectionUpdate, StreamDescriptor
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from tools.engine import Resource, Values
from tools.faults.engine import Run, StepError, run
from tools.faults.operations import BASE, BOTH, EVENTS, ORDERS, USERS_BY_REGION
from tools.faults.process_pool import ProcessPool

UPDATE = "web_backend/connections/update"
WAIT = 1.5


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPool]:
    with ProcessPool() as pool:
        yield pool


@pytest.fixture
def server(server: Emulator) -> Emulator:
    """A server whose clock runs fast, so that jobs take no time."""
    server.set_speed(10_000)
    return server


@pytest.fixture
def engine(pool: ProcessPool, server: Emulator) -> Iterator[Callable[[], Run]]:
    """Starts another run of the engine."""
    started: list[Run] = []

    def start() -> Run:
        started.append(Run(pool, server.url))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def shop(pool: ProcessPool, server: Emulator) -> Resource:
    """A connection that has synced once."""
    shop = Resource("shop")
    with run(pool, server.url) as first:
        first.up(shop, declared(BOTH))
    server.sync(shop.id)
    server.log.clear()
    return shop


def declared(streams: dict[str, str] | None, **more: Any) -> Values:
    return {**BASE, **({} if streams is None else {"streams": streams}), **more}


def lines(server: Emulator, connection_id: str) -> dict[str, Any]:
    """The selected streams and their keys."""
    configured = server.server.configured(connection_id)["streams"]
    return {entry["stream"]["name"]: entry["config"]["primaryKey"] for entry in configured}


def modes(server: Emulator, connection_id: str) -> dict[str, str]:
    """The selected streams and how they are read."""
    configured = server.server.configured(connection_id)["streams"]
    return {entry["stream"]["name"]: entry["config"]["syncMode"] for entry in configured}


def edit(server: Emulator, connection_id: str, stream: str, **config: Any) -> None:
    """Change a stream as a person does in the web app."""
    with AirbyteClient(ServerSettings(server.url)) as api:
        live = api.get_connection(connection_id)
        entry = live.sync_catalog.by_descriptor()[StreamDescriptor("public", stream)]
        for name, value in config.items():
            setattr(entry.config, name, value)
        api.update_connection(ConnectionUpdate(connection_id=connection_id, sync_catalog=live.sync_catalog))


@contextmanager
def meanwhile(server: Emulator, path: str, act: Callable[[], None], *, skip: int = 0) -> Iterator[None]:
    """Let the next request of a path wait, and act while it does."""
    server.add_fault(Fault("delay", path=path, delay=WAIT, skip=skip))
    acted = threading.Event()

    def wait() -> None:
        while server.server.faults and not acted.is_set():
            acted.wait(0.01)
        if not acted.is_set():
            act()

    other = threading.Thread(target=wait)
    other.start()
    try:
        yield
    finally:
        acted.set()
        other.join()


def updates(server: Emulator) -> int:
    return server.log.counts[UPDATE]


def test_a_second_engine_that_changes_the_same_connection_is_noticed(
    server: Emulator, engine: Callable[[], Run], shop: Resource
) -> None:
    """Both began from one state: the slower one finds the connection changed, and sends nothing."""
    mine, theirs = shop.copy(), shop.copy()
    slow, fast = engine(), engine()

    def other() -> None:
        fast.up(theirs, declared({"public.users": BOTH["public.users"], "public.orders": ORDERS}))

    with (
        meanwhile(server, "jobs/list", other),
        pytest.raises(StepError, match="run `pulumi refresh`, then preview again"),
    ):
        slow.up(mine, declared({**BOTH, "public.users": USERS_BY_REGION}))
    assert lines(server, shop.id) == {"users": [["id"]], "orders": []}
    assert updates(server) == 1
    again = engine()
    again.refresh(mine)
    again.up(mine, declared({**BOTH, "public.users": USERS_BY_REGION}))
    assert lines(server, shop.id)["users"] == [["id"], ["region"]]


def test_a_person_who_edits_between_preview_and_up_is_noticed(
    server: Emulator, engine: Callable[[], Run], shop: Resource
) -> None:
    """The preview planned nothing for events, and the update would undo what the person did."""
    before = engine()
    assert before.changes(shop, declared({**BOTH, "public.users": USERS_BY_REGION}))
    edit(server, shop.id, "users", primary_key=[["email"]])
    edit(server, shop.id, "events", sync_mode="full_refresh", destination_sync_mode="append", cursor_field=[])
    server.log.clear()
    with pytest.raises(StepError, match=r"public\.events: the live connection has changed since it was last read"):
        engine().up(shop, declared({**BOTH, "public.users": USERS_BY_REGION}))
    assert updates(server) == 0


def test_a_person_who_edits_between_the_guard_and_the_write_is_noticed(
    server: Emulator, engine: Callable[[], Run], shop: Resource
) -> None:
    """A merge of appended rows is noted between the two, so that the connection is looked at once more."""

    def person() -> None:
        edit(server, shop.id, "events", selected=False)

    with (
        meanwhile(server, "web_backend/connections/create", person),
        pytest.raises(StepError, match="was changed by another tool or person during this update"),
    ):
        engine().up(shop, declared(BOTH, prefix="new_"))
    assert updates(server) == 1, "the person's"
    assert lines(server, shop.id) == {"users": [["id"]]}
    assert server.server.connection(shop.id)["prefix"] in {None, ""}


def test_a_sync_that_starts_between_the_guard_and_the_write_changes_nothing(
    server: Emulator, engine: Callable[[], Run], shop: Resource
) -> None:
    """It runs with the old configuration; the re-sync waits behind it, and is done."""
    server.set_speed(0)

    def schedule() -> None:
        with AirbyteClient(ServerSettings(server.url)) as api:
            api.sync(shop.id)

    wanted = declared({**BOTH, "public.users": USERS_BY_REGION}, resets={})
    with meanwhile(server, UPDATE, schedule):
        engine().up(shop, wanted)
    assert [job["job"]["configType"] for job in server.jobs(shop.id)] == ["sync", "sync"]
    server.finish_jobs(shop.id)
    server.sync(shop.id)
    kinds = [job["job"]["configType"] for job in server.jobs(shop.id)]
    assert kinds == ["sync", "sync", "refresh"]
    assert len(server.tables("warehouse")["public.users"]) == 6
    assert not engine().changes(shop, wanted)


def test_a_connection_and_its_catalog_change_at_once(
    server: Emulator, engine: Callable[[], Run], shop: Resource
) -> None:
    """Two resources of one run: neither takes the other's change back."""
    catalog = Resource("streams", CatalogProvider)
    first = engine()
    first.up(shop, declared(None))
    first.up(catalog, {"connection_id": shop.id, "streams": {"public.events": EVENTS}})
    failed: list[StepError] = []

    def change(both: Run, line: str) -> None:
        try:
            both.up(catalog, {"connection_id": shop.id, "streams": {"public.events": line}})
        except StepError as error:
            failed.append(error)

    for number in range(4):
        both, line = engine(), ("full_refresh_append", EVENTS)[number % 2]
        server.add_fault(Fault("delay", path=UPDATE, delay=0.1, times=2))
        other = threading.Thread(target=change, args=(both, line))
        other.start()
        both.up(shop, declared(None, name=f"shop {number}"))
        other.join()
        server.clear_faults()
        server.sync(shop.id)
        assert failed == []
        assert server.server.connection(shop.id)["name"] == f"shop {number}"
        assert modes(server, shop.id)["events"] == line.split()[0].rsplit("_", 1)[0]


def test_one_stream_of_one_connection_is_declared_once(engine: Callable[[], Run], shop: Resource) -> None:
    both = engine()
    both.up(shop, declared({**BOTH, "public.users": USERS_BY_REGION}))
    with pytest.raises(StepError, match=r"public\.events of connection .* is declared twice"):
        both.up(Resource("streams", CatalogProvider), {"connection_id": shop.id, "streams": {"public.events": EVENTS}})
