"""A person gives the tables of a connection other names, syncs run under them, and only then a program takes notice."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.errors import ApiError
from pulumi_airbyte_wb.models import ConnectionUpdate
from tests.providers.engine import RefusedError, Resource
from tests.providers.test_tables import APPEND, DEDUP, OVERWRITE, stream, world

USERS, BILLS, LOGS = "public.users", "public.bills", "public.logs"
ALL = {USERS: DEDUP, BILLS: APPEND, LOGS: OVERWRITE}
SKIP = {"resets": {"overrides": {BILLS: "skip"}}}
VERSIONS = ["1.8.0", "0.50.0"]


class Place:
    """A server, and a connection that has synced there."""

    def __init__(self, server: Emulator) -> None:
        self.server = server
        (source,) = server.server.store.ids("source")
        (destination,) = server.server.store.ids("destination")
        self.ends = {"source_id": source, "destination_id": destination, "schedule": "manual"}
        self.one = Resource(server.url, name="one")
        self.numbers = iter(range(10, 100))
        self.one.up(self.declare())
        self.sync()

    def declare(self, prefix: str = "", **other: Any) -> dict[str, Any]:
        return {**self.ends, "streams": ALL, "prefix": prefix, **other}

    def sync(self) -> None:
        """One more row in each stream, and a sync."""
        number = next(self.numbers)
        for name in ("users", "bills", "logs"):
            self.server.insert("s", name, [{"id": number, "seq": number, "at": number}], "public")
        self.server.finish_jobs()
        self.server.sync(self.one.id)

    def person(self, *prefixes: str) -> None:
        """A person changes the prefix, again and again; a sync runs under each."""
        for prefix in prefixes:
            with AirbyteClient(ServerSettings(self.server.url)) as client:
                client.update_connection(ConnectionUpdate(connection_id=self.one.id, prefix=prefix, skip_reset=True))
            self.sync()

    def copies(self, table: str) -> set[int]:
        """How often rows are in a table."""
        return set(Counter(row["id"] for row in self.server.table("wh", table, "public")).values())

    def missing(self, table: str) -> int:
        """How many rows of the source a table lacks."""
        there = {row["id"] for row in self.server.table("wh", table, "public")}
        return len({1, 2, 3} - there)


@pytest.fixture(params=VERSIONS)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    family = "typing-deduping" if request.param == "0.50.0" else "direct-load"
    streams = [stream(name) for name in ("users", "bills", "logs", "news")]
    with Emulator(world(*streams, family=family), server_version=request.param) as server:
        server.set_speed(10_000)
        yield Place(server)


@pytest.mark.parametrize("refreshing", [True, False])
@pytest.mark.parametrize("prefixes", [("ui_",), ("old_", "ui_")], ids=len)
def test_a_table_that_syncs_have_filled_under_its_new_name_is_not_free(
    place: Place, prefixes: tuple[str, ...], refreshing: bool
) -> None:
    place.person(*prefixes)
    if refreshing:
        place.one.refresh()
    with pytest.raises(RefusedError, match=r"public\.bills: .*AWB242") as caught:
        place.one.preview(place.declare("ui_"))
    assert "users" not in str(caught.value)
    shown = place.one.preview(place.declare("ui_", **SKIP))
    assert shown[BILLS].startswith("AWB242 none")
    assert shown[USERS].startswith(("AWB242 truncate", "AWB242 clear"))
    assert LOGS not in shown
    place.one.up(place.declare("ui_", **SKIP))
    place.sync()
    assert place.copies("ui_bills") == {1}
    assert (place.copies("ui_users"), place.missing("ui_users")) == ({1}, 0)
    assert not place.one.changed(place.declare("ui_", **SKIP))


def test_a_table_that_is_replaced_on_approval_has_each_row_once(place: Place) -> None:
    place.person("ui_")
    place.one.refresh()
    place.one.up(place.declare("ui_", resets={"overrides": {BILLS: "reset"}}))
    place.sync()
    assert (place.copies("ui_bills"), place.missing("ui_bills")) == ({1}, 0)


@pytest.mark.parametrize("refreshing", [True, False])
def test_the_old_name_is_taken_again_for_a_table_that_is_filled(place: Place, refreshing: bool) -> None:
    place.person("ui_")
    if refreshing:
        place.one.refresh()
        with pytest.raises(RefusedError, match=r"public\.bills: .*AWB242"):
            place.one.preview(place.declare(""))
    else:
        assert not place.one.changed(place.declare(""))


@pytest.mark.parametrize("refreshing", [True, False])
def test_a_third_name_is_free_and_both_others_are_not(place: Place, refreshing: bool) -> None:
    place.person("ui_")
    if refreshing:
        place.one.refresh()
    shown = place.one.preview(place.declare("new_"))
    assert shown[BILLS].startswith(("AWB241 merge", "AWB241 clear"))
    place.one.up(place.declare("new_"))
    place.sync()
    assert (place.copies("new_bills"), place.missing("new_bills")) == ({1}, 0)
    for prefix in ("", "ui_"):
        with pytest.raises(RefusedError, match=r"public\.bills: .*AWB242"):
            place.one.preview(place.declare(prefix))


def test_another_case_of_a_name_may_be_the_same_table(place: Place) -> None:
    place.one.up(place.declare("p_"))
    place.sync()
    place.person("P_")
    place.one.refresh()
    with pytest.raises(RefusedError, match=r"public\.bills.*AWB245"):
        place.one.preview(place.declare("P_"))


def test_a_stream_that_has_never_moved_is_filled_once(place: Place) -> None:
    more = {**ALL, "public.news": APPEND}
    place.one.up(place.declare(streams=more))
    with AirbyteClient(ServerSettings(place.server.url)) as client:
        client.update_connection(ConnectionUpdate(connection_id=place.one.id, prefix="ui_", skip_reset=True))
    place.one.refresh()
    shown = place.one.preview(place.declare("ui_", streams=more, **SKIP))
    assert shown["public.news"].startswith(("AWB241 merge", "AWB241 clear"))


@pytest.mark.parametrize("refreshing", [True, False])
@pytest.mark.parametrize("synced", [True, False])
def test_what_ran_since_a_run_died_decides_of_the_table_that_it_has_renamed(
    place: Place, refreshing: bool, synced: bool
) -> None:
    before = copy.deepcopy((place.one.inputs, place.one.outputs))
    for path in ("connections/refresh", "connections/clear", "connections/reset", "connections/reset/stream"):
        place.server.add_fault(Fault("status", path=path, times=9))
    with pytest.raises(ApiError):
        place.one.up(place.declare("new_"))
    place.server.clear_faults()
    place.one.inputs, place.one.outputs = before
    if synced:
        place.sync()
    if refreshing:
        place.one.refresh()
    if synced:
        with pytest.raises(RefusedError, match=r"public\.bills: .*AWB242"):
            place.one.preview(place.declare("new_"))
        return
    place.one.up(place.declare("new_"))
    place.sync()
    assert (place.copies("new_bills"), place.missing("new_bills")) == ({1}, 0)


def test_a_sync_between_preview_and_update_is_seen(place: Place) -> None:
    more = {**ALL, "public.news": APPEND}
    place.one.up(place.declare(streams=more))
    with AirbyteClient(ServerSettings(place.server.url)) as client:
        client.update_connection(ConnectionUpdate(connection_id=place.one.id, prefix="ui_", skip_reset=True))
    place.one.refresh()
    with pytest.raises(Exception, match="pulumi refresh"):
        place.one.up(place.declare("ui_", streams=more, **SKIP), meanwhile=place.sync)
