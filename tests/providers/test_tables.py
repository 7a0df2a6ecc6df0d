"""A table is judged by where it is and by who writes it, not by the names of its stream or its connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from tests.providers.engine import RefusedError, Resource

APPEND, DEDUP = "incremental_append cursor=seq", "incremental_append_dedup cursor=seq key=id"
OVERWRITE = "full_refresh_overwrite"
SOURCE_NAMESPACE = {"namespace_definition": "customformat", "namespace_format": "${SOURCE_NAMESPACE}"}
NAMED = {"namespace_definition": "customformat", "namespace_format": "public"}
DEFAULT = {"namespace_definition": "destination"}


def stream(name: str, namespace: str | None = "public") -> dict[str, Any]:
    columns = {"id": "integer", "seq": "integer", "at": "integer"}
    rows = [{"id": i, "seq": i, "at": i} for i in range(1, 4)]
    return {"name": name, "columns": columns, "rows": rows} | ({"namespace": namespace} if namespace else {})


def world(*streams: dict[str, Any], **destination: Any) -> dict[str, Any]:
    return {
        "workspaces": [{"name": "Default"}],
        "sources": [{"name": "s", "streams": list(streams) or [stream("users")]}],
        "destinations": [{"name": "wh", **destination}],
        "auth": {"mode": "none"},
    }


class Place:
    """A server, and what declares connections between its source and its destination."""

    def __init__(self, server: Emulator) -> None:
        self.server = server
        (self.source,) = server.server.store.ids("source")
        (self.destination,) = server.server.store.ids("destination")

    def declare(self, streams: dict[str, str], **other: Any) -> dict[str, Any]:
        ends = {"source_id": self.source, "destination_id": self.destination, "schedule": "manual"}
        return {**ends, "streams": streams, **other}

    def connection(self, name: str, streams: dict[str, str], **other: Any) -> Resource:
        """A connection that has synced."""
        made = Resource(self.server.url, name=name)
        made.up(self.declare(streams, **other))
        self.server.sync(made.id)
        return made

    def change(self, resource: Resource, streams: dict[str, str], **other: Any) -> dict[str, str]:
        """What a preview shows of a change that is then carried out and followed by a sync."""
        news = self.declare(streams, **other)
        shown = resource.preview(news)
        resource.up(news)
        self.server.finish_jobs()
        self.server.sync(resource.id)
        return shown

    def copies(self, table: str, namespace: str | None = "public") -> set[int]:
        """How often the rows of a table are in it."""
        return set(Counter(row["id"] for row in self.server.table("wh", table, namespace)).values())


Open = Callable[..., Place]


@pytest.fixture
def place() -> Iterator[Open]:
    opened: list[Emulator] = []

    def make(*streams: dict[str, Any], **destination: Any) -> Place:
        server = Emulator(world(*streams, **destination)).start()
        server.set_speed(10_000)
        opened.append(server)
        return Place(server)

    yield make
    for each in opened:
        each.stop()


@pytest.mark.parametrize("family", ["direct-load", "typing-deduping", "normalization"])
@pytest.mark.parametrize(
    ("namespace", "before", "after"),
    [
        ("public", {}, SOURCE_NAMESPACE),
        ("public", SOURCE_NAMESPACE, NAMED),
        ("public", {}, DEFAULT),
        ("public", DEFAULT, NAMED),
        (None, {}, DEFAULT),
        ("public", {"prefix": "p_"}, {"prefix": "p_", **NAMED}),
    ],
)
def test_naming_that_leads_to_the_same_table_changes_nothing(
    place: Open, family: str, namespace: str | None, before: dict[str, str], after: dict[str, str]
) -> None:
    shop = place(stream("users", namespace), family=family)
    key = "public.users" if namespace else "users"
    one = shop.connection("one", {key: APPEND}, **before)
    assert shop.change(one, {key: APPEND}, **after) == {}
    assert shop.copies(f"{before.get('prefix', '')}users") == {1}


@pytest.mark.parametrize(("line", "blocked"), [(APPEND, True), (DEDUP, True), (OVERWRITE, False)])
def test_a_default_namespace_that_the_server_masks_may_be_any(place: Open, line: str, blocked: bool) -> None:
    shop = place(configuration={"schema": "**********"}, default_namespace="public")
    one = shop.connection("one", {"public.users": line})
    news = shop.declare({"public.users": line}, **DEFAULT)
    if blocked:
        with pytest.raises(RefusedError, match=r"AWB245.*use 'skip' if it is the same table"):
            one.preview(news)
    else:
        assert "AWB245" in one.preview(news)["public.users"]


def test_another_case_may_be_the_same_table(place: Open) -> None:
    shop = place()
    one = shop.connection("one", {"public.users": APPEND}, prefix="p_")
    with pytest.raises(RefusedError, match="AWB245"):
        one.preview(shop.declare({"public.users": APPEND}, prefix="P_"))


@pytest.mark.parametrize("line", [APPEND, OVERWRITE])
@pytest.mark.parametrize("family", ["direct-load", "typing-deduping", "normalization"])
def test_the_default_namespace_is_a_named_one_for_two_connections(place: Open, family: str, line: str) -> None:
    shop = place(family=family)
    shop.connection("one", {"public.users": APPEND})
    other = Resource(shop.server.url, name="other")
    with pytest.raises(RefusedError, match=r"AWB20[78]"):
        other.preview(shop.declare({"public.users": line}, **DEFAULT))


@pytest.mark.parametrize(("line", "code"), [(APPEND, "AWB206"), (DEDUP, "AWB206")])
def test_a_stream_that_comes_into_the_table_of_one_that_leaves(place: Open, line: str, code: str) -> None:
    shop = place(stream("users"), stream("users", "app"))
    raw = {"namespace_definition": "customformat", "namespace_format": "raw"}
    one = shop.connection("one", {"public.users": line}, **raw)
    news = shop.declare({"app.users": line}, **raw)
    if line == APPEND:
        with pytest.raises(RefusedError, match=code):
            one.preview(news)
    else:
        assert one.preview(news)["app.users"].startswith(f"{code} truncate")


def test_a_stream_that_comes_into_the_table_of_one_that_stays_unmanaged(place: Open) -> None:
    shop = place(stream("users"), stream("users", "app"))
    raw = {"namespace_definition": "customformat", "namespace_format": "raw"}
    made = shop.connection("one", {"public.users": APPEND}, **raw)
    made.up(shop.declare({"public.users": APPEND}, **raw))
    catalog = Resource(shop.server.url, name="more", provider=CatalogProvider)
    catalog.up({"connection_id": made.id, "streams": {"app.users": APPEND}})
    with pytest.raises(RefusedError, match=r"AWB20[78]"):
        catalog.preview({"connection_id": made.id, "streams": {"app.users": APPEND}})


@pytest.mark.parametrize("line", [APPEND, OVERWRITE])
@pytest.mark.parametrize("family", ["direct-load", "typing-deduping"])
def test_a_stream_that_a_live_connection_gave_up_left_a_filled_table(place: Open, family: str, line: str) -> None:
    shop = place(stream("users"), stream("x"), family=family)
    one = shop.connection("one", {"public.users": APPEND, "public.x": APPEND})
    shop.change(one, {"public.x": APPEND})
    other = Resource(shop.server.url, name="other")
    with pytest.raises(RefusedError, match=r"AWB20[78]"):
        other.preview(shop.declare({"public.users": line}))


@pytest.mark.parametrize("told", [False, True])
def test_another_connection_of_the_same_name_is_another_one(place: Open, told: bool) -> None:
    shop = place()
    one = shop.connection("one", {"public.users": APPEND}, prefix="a_")
    other = shop.connection("other", {"public.users": APPEND}, prefix="b_")
    with AirbyteClient(ServerSettings(shop.server.url)) as client:
        client.update_connection(ConnectionUpdate(connection_id=other.id, name="one"))
    adopt = {"adopt": one.id, "name": "one"} if told else {}
    if told:
        one = Resource(shop.server.url, name="mine")
        one.up(shop.declare({"public.users": APPEND}, prefix="a_", **adopt))
    with pytest.raises(RefusedError, match="AWB243"):
        one.preview(shop.declare({"public.users": APPEND}, prefix="b_", **adopt))


def test_an_object_moves_nothing_on_a_destination_that_has_no_use_for_it(place: Open) -> None:
    shop = place()
    one = shop.connection("one", {"public.users": APPEND})
    shown = shop.change(one, {"public.users": f"{APPEND} object=people"})
    assert shown["public.users"].startswith("AWB246 none")
    assert shop.copies("users") == {1}


def test_a_table_that_another_connection_writes_is_not_cleared(place: Open) -> None:
    shop = place(stream("users"), stream("x"), family="typing-deduping")
    one = shop.connection("one", {"public.users": DEDUP, "public.x": APPEND})
    shop.connection("other", {"public.users": DEDUP}, resets={"default": "skip"})
    with pytest.raises(RefusedError, match=r"AWB203.*other writes this table too"):
        one.preview(shop.declare({"public.x": APPEND}, on_remove="clear"))
    assert one.preview(shop.declare({"public.x": APPEND}))["public.users"].startswith("AWB203 none")


def test_a_resource_that_got_another_name_is_told_of_its_connection(place: Open) -> None:
    shop = place()
    one = shop.connection("one", {"public.users": DEDUP})
    renamed = Resource(shop.server.url, name="renamed")
    with pytest.raises(
        RefusedError, match=f"connection one \\({one.id}\\), from the same source .* an alias"
    ) as caught:
        renamed.preview(shop.declare({"public.users": DEDUP}))
    assert "drop the table" not in str(caught.value)


@pytest.fixture
def given_up(place: Open) -> tuple[Place, Resource]:
    """A connection that has filled a table, and writes under another prefix now."""
    shop = place()
    one = shop.connection("one", {"public.users": APPEND}, prefix="p_")
    shop.change(one, {"public.users": APPEND}, prefix="q_")
    return shop, one


@pytest.mark.parametrize("line", [APPEND, OVERWRITE])
def test_a_prefix_that_a_connection_of_the_program_gave_up_is_not_free(
    given_up: tuple[Place, Resource], line: str
) -> None:
    shop, one = given_up
    same = shop.declare({"public.users": APPEND}, prefix="q_")
    taker, taking = Resource(shop.server.url, name="taker"), shop.declare({"public.users": line}, prefix="p_")
    with pytest.raises(RefusedError, match=r"AWB20[78]"):
        one.preview_with(taker, same, taking)
    with pytest.raises(PlanError, match=r"table public\.p_users .* taker begins to write it"):
        taker.preview_with(one, taking, same)


def test_a_connection_that_is_there_does_not_take_such_a_prefix_either(given_up: tuple[Place, Resource]) -> None:
    shop, one = given_up
    same = shop.declare({"public.users": APPEND}, prefix="q_")
    taker = shop.connection("taker", {"public.users": APPEND}, prefix="t_")
    taking = shop.declare({"public.users": APPEND}, prefix="p_")
    with pytest.raises(RefusedError, match="AWB243"):
        one.preview_with(taker, same, taking)
    with pytest.raises(PlanError, match="taker begins to write it"):
        taker.preview_with(one, taking, same)


def test_such_a_prefix_is_taken_with_approval_in_any_order(given_up: tuple[Place, Resource]) -> None:
    shop, one = given_up
    same = shop.declare({"public.users": APPEND}, prefix="q_")
    taker = Resource(shop.server.url, name="taker")
    taking = shop.declare({"public.users": APPEND}, prefix="p_", resets={"default": "skip"})
    assert one.preview_with(taker, same, taking)[1]["public.users"].startswith("AWB208 none")
    assert taker.preview_with(one, taking, same)[1] == {}


def test_a_prefix_under_which_nothing_was_written_is_free(place: Open) -> None:
    shop = place()
    one = Resource(shop.server.url, name="one")
    one.up(shop.declare({"public.users": APPEND}, prefix="p_"))
    one.up(same := shop.declare({"public.users": APPEND}, prefix="q_"))
    taker, taking = Resource(shop.server.url, name="taker"), shop.declare({"public.users": APPEND}, prefix="p_")
    assert one.preview_with(taker, same, taking) == ({}, {})
    assert taker.preview_with(one, taking, same) == ({}, {})


def test_a_table_that_is_not_to_be_named_is_not_named(given_up: tuple[Place, Resource]) -> None:
    shop, one = given_up
    same = shop.declare({"public.users": APPEND}, prefix="q_")
    taker = Resource(shop.server.url, name="taker")
    taking = shop.declare({"public.users": APPEND}, prefix="p_", secret_inputs=["prefix"])
    with pytest.raises(PlanError, match="a table holds rows") as caught:
        taker.preview_with(one, taking, same)
    assert "p_" not in str(caught.value)
