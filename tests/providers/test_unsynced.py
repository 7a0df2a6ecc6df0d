"""What has really run since a change counts, not what the line says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.state.baseline import read_baseline
from pulumi_airbyte_wb.state.pending import Unsynced
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import declare, kinds

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


OVERWRITE = "full_refresh_overwrite"


def test_a_column_that_no_sync_has_filled_is_still_missing_when_rows_are_appended(versioned: Emulator) -> None:
    """Where each sync replaces all rows, another column needs nothing; another mode before that sync does."""
    resets = {"resets": {"backfill": True, "wait": "job"}}
    shop = Resource(versioned.url)
    shop.up(declare({"public.events": f"{OVERWRITE} fields=event_id,ts"}, **resets))
    versioned.sync(shop.id)
    shop.up(declare({"public.events": f"{OVERWRITE} fields=*"}, **resets))
    assert read_baseline(shop.inputs).memory.of(Unsynced)
    with pytest.raises(RefusedError, match=r"AWB252"):
        shop.preview(declare({"public.events": f"{FULL} fields=*"}, **resets))
    versioned.sync(shop.id)
    assert "AWB252" not in shop.preview(declare({"public.events": f"{FULL} fields=*"}, **resets))["public.events"]


@pytest.mark.parametrize("status", ["active", "inactive"])
def test_a_table_that_no_sync_has_filled_is_still_empty_when_the_stream_goes_on(
    versioned: Emulator, status: str
) -> None:
    resets = {"resets": {"wait": "job"}}
    shop = Resource(versioned.url)
    shop.up(declare({"public.events": DEDUP}, **resets))
    versioned.sync(shop.id)
    shop.up(declare({"public.events": OVERWRITE}, prefix="p_", status=status, **resets))
    before = len(versioned.table("warehouse", "events"))
    news = declare({"public.events": DEDUP}, prefix="p_", status="active", **resets)
    assert "its table got another name, and no sync has filled it yet" in shop.preview(news)["public.events"]
    shop.up(news)
    versioned.finish_jobs(shop.id)
    versioned.sync(shop.id)
    assert len(versioned.table("warehouse", "p_events")) == before
    assert len(kinds(versioned, shop.id)) > 2
    assert not shop.refresh()
    assert not shop.changed(news)


def test_a_table_that_a_sync_has_filled_goes_on_with_nothing_to_do(versioned: Emulator) -> None:
    shop = Resource(versioned.url)
    shop.up(declare({"public.events": DEDUP}))
    versioned.sync(shop.id)
    shop.up(declare({"public.events": OVERWRITE}, prefix="p_"))
    versioned.sync(shop.id)
    assert "AWB24" not in shop.preview(declare({"public.events": DEDUP}, prefix="p_"))["public.events"]
