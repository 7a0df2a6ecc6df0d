"""Tables that get another name: the new ones are filled once, whatever breaks off in between."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.errors import ApiError
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.plan.words import NOTED
from pulumi_airbyte_wb.providers.console import Console
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, declare, named, rows

BOTH = {"public.users": USERS, "public.events": EVENTS}
WAIT = {"resets": {"wait": "job"}}


def declared(prefix: str, **more: Any) -> dict[str, Any]:
    return declare(BOTH, prefix=prefix, **{**WAIT, **more})


@pytest.fixture
def synced(server: Emulator, shop: Resource) -> Resource:
    shop.up(declare(BOTH))
    server.sync(shop.id)
    return shop


def filled(server: Emulator, shop: Resource, prefix: str) -> tuple[int, int]:
    """How many rows the tables hold once the next sync has run."""
    server.finish_jobs()
    server.sync(shop.id)
    return rows(server, f"{prefix}users"), rows(server, f"{prefix}events")


@pytest.mark.parametrize("first", [None, "a_"])
def test_a_refresh_does_not_forget_that_new_tables_are_to_be_filled(
    server: Emulator, synced: Resource, first: str | None
) -> None:
    if first:
        synced.up(declared(first))
    server.add_fault(Fault("status", path="connections/refresh", times=9))
    with pytest.raises(ApiError):
        synced.up(declared("new_"))
    server.clear_faults()
    synced.refresh()
    planned = synced.preview(declared("new_"))
    assert {key: text[:14] for key, text in planned.items()} == dict.fromkeys(BOTH, "AWB241 merge: ")
    synced.up(declared("new_"))
    assert not synced.changed(declared("new_"))
    assert filled(server, synced, "new_") == (6, 10)
    # The old tables are known to be this connection's: none of them is taken for a free one.
    with pytest.raises(RefusedError, match="AWB242"):
        synced.preview(declared(first or ""))


def test_a_refresh_that_meets_a_renamed_table_leaves_alone_what_each_sync_replaces(
    server: Emulator, api: AirbyteClient, shop: Resource
) -> None:
    shop.up(declare({"public.orders": ORDERS}))
    server.sync(shop.id)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, prefix="ui_"))
    shop.refresh()
    assert not shop.changed(declare({"public.orders": ORDERS}))


def test_a_table_that_a_person_renamed_to_an_old_name_is_judged_as_the_table_says(
    server: Emulator, api: AirbyteClient, synced: Resource
) -> None:
    synced.up(declared("new_"))
    api.update_connection(ConnectionUpdate(connection_id=synced.id, prefix=""))
    synced.refresh()
    with pytest.raises(RefusedError, match=r"public\.events.*AWB242"):
        synced.preview(declared(""))
    planned = synced.preview(declared("", resets={"overrides": {"public.events": "skip"}}))
    assert planned["public.users"].startswith("AWB242 truncate: its table got another name")
    assert planned["public.events"].startswith("AWB242 none: its table got another name (the program says 'skip'")


BROKEN = [
    ("connections/refresh", "cut-after", False),
    ("jobs/get", "status", True),
    ("connections/delete", "cut-after", False),
]


@pytest.mark.parametrize(("path", "kind", "refreshing"), BROKEN)
def test_a_merge_into_an_appended_table_is_not_ordered_twice(
    server: Emulator, api: AirbyteClient, synced: Resource, path: str, kind: Any, refreshing: bool
) -> None:
    server.add_fault(Fault(kind, path=path, times=9))
    with pytest.raises(ApiError):
        synced.up(declared("new_"))
    server.clear_faults()
    if refreshing:
        synced.refresh()
    synced.up(declared("new_"))
    assert filled(server, synced, "new_") == (6, 10)
    assert named(api) == ["shop"]


def test_a_merge_whose_run_died_before_its_state_was_written_is_not_ordered_twice(
    server: Emulator, synced: Resource
) -> None:
    before = copy.deepcopy((synced.inputs, synced.outputs))
    synced.up(declared("new_"))
    synced.inputs, synced.outputs = before
    server.sync(synced.id)
    synced.up(declared("new_"))
    assert filled(server, synced, "new_") == (6, 10)


def test_a_merge_that_was_done_for_an_earlier_change_is_ordered_again(server: Emulator, synced: Resource) -> None:
    synced.up(declared("a_"))
    server.add_fault(Fault("status", path="connections/refresh", times=9))
    with pytest.raises(ApiError):
        synced.up(declared("b_"))
    server.clear_faults()
    synced.up(declared("b_"))
    assert filled(server, synced, "b_") == (6, 10)


def test_a_merge_that_failed_is_ordered_again(server: Emulator, api: AirbyteClient, synced: Resource) -> None:
    server.break_stream(synced.id, "events", "public", after=0)
    with pytest.raises(Exception, match="failed"):
        synced.up(declared("new_"))
    synced.up(declared("new_"))
    assert filled(server, synced, "new_") == (6, 10)
    assert named(api) == ["shop"]


@pytest.mark.parametrize("then", ["another change", "delete"])
def test_a_note_that_a_run_left_is_removed_by_the_next_one(
    server: Emulator, api: AirbyteClient, synced: Resource, then: str
) -> None:
    """The program was changed back, so the merge is of no use any more."""
    server.add_fault(Fault("status", path="connections/refresh", times=9))
    with pytest.raises(ApiError):
        synced.up(declared("new_"))
    server.clear_faults()
    left = [name for name in named(api) if name != "shop"]
    assert len(left) == 1
    assert left[0].startswith("shop after job ")
    if then == "delete":
        synced.destroy()
        assert named(api) == []
    else:
        synced.refresh()
        synced.up(declared("", resets={"default": "skip"}))
        assert named(api) == ["shop"]


def test_an_append_merge_says_what_is_there_meanwhile(monkeypatch: pytest.MonkeyPatch, synced: Resource) -> None:
    lines: list[str] = []
    monkeypatch.setattr(Console, "info", lambda console, message: lines.append(" ".join(message.split())))
    synced.preview(declared("new_"))
    of_stream = {line.partition(":")[0]: NOTED in line for line in lines if "AWB241" in line}
    assert of_stream == {"public.users": False, "public.events": True}
