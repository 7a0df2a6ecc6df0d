"""What has really run since a change counts, not what the line says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.state.baseline import read_baseline
from pulumi_airbyte_wb.state.pending import Unsynced
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import declare

APPEND, FULL = "incremental_append cursor=ts", "full_refresh_append"
DEDUP = "incremental_append_dedup cursor=ts key=event_id"
OTHER = "incremental_append cursor=user_id"


def copies(server: Emulator) -> set[int]:
    return set(Counter(str(row) for row in server.table("warehouse", "events")).values())


@pytest.fixture(params=["0.63.0", "1.8.0"])
def versioned(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(server_version=request.param) as server:
        server.set_speed(10_000)
        yield server


def test_a_mode_there_and_back_without_a_sync(versioned: Emulator, request: pytest.FixtureRequest) -> None:
    """Newer servers drop the sync state when the mode changes, so that all rows would come once more."""
    shop = Resource(versioned.url)
    shop.up(declare({"public.events": APPEND}))
    versioned.sync(shop.id)
    shop.up(declare({"public.events": FULL}))
    if request.node.callspec.params["versioned"] == "0.63.0":
        shop.up(declare({"public.events": APPEND}))
        versioned.sync(shop.id)
        assert copies(versioned) == {1}
    else:
        with pytest.raises(RefusedError, match=r"AWB232.*no sync has run since"):
            shop.up(declare({"public.events": APPEND}))


def test_another_cursor_by_way_of_another_mode(versioned: Emulator) -> None:
    shop = Resource(versioned.url)
    shop.up(declare({"public.events": APPEND}))
    versioned.sync(shop.id)
    shop.up(declare({"public.events": FULL}))
    with pytest.raises(RefusedError, match=r"AWB2(10|32)"):
        shop.preview(declare({"public.events": OTHER}))


def test_an_appended_history_survives_a_mode_that_never_ran(versioned: Emulator) -> None:
    shop = Resource(versioned.url)
    shop.up(declare({"public.events": APPEND}))
    versioned.sync(shop.id)
    shop.up(declare({"public.events": DEDUP}, resets={"overrides": {"public.events": "skip"}}))
    assert shop.preview(declare({"public.events": APPEND})) == {}
    shop.up(declare({"public.events": APPEND}))
    versioned.sync(shop.id)
    assert copies(versioned) == {1}


@pytest.mark.parametrize("refresh", [False, True])
def test_after_a_sync_the_line_counts(versioned: Emulator, refresh: bool) -> None:
    shop = Resource(versioned.url)
    shop.up(declare({"public.events": APPEND}))
    versioned.sync(shop.id)
    shop.up(declare({"public.events": FULL}))
    assert read_baseline(shop.inputs).memory.of(Unsynced)
    assert not shop.changed(declare({"public.events": FULL}))
    versioned.sync(shop.id)
    if refresh:
        shop.refresh()
        assert not read_baseline(shop.inputs).memory.of(Unsynced)
    assert shop.preview(declare({"public.events": APPEND}))["public.events"].startswith("AWB232 none")
