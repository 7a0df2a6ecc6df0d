"""The steps of the demo, and what each has to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from tools.demo.stage import CONNECTION, PROJECT, Stage

USERS = "public.users"
ONE_KEY = 'key="id"'
TWO_KEYS = 'key=["id", "region"]'
OLD_CURSOR = f'cursor="updated_at", {TWO_KEYS}'
NEW_CURSOR = f'cursor="modified_at", {TWO_KEYS}, guarantees="cursor_monotonic"'


SIX, SEVEN = "0 0 6 * * ?", "0 0 7 * * ?"


@dataclass(frozen=True)
class Step:
    """One step: what it is about, what it has to show, and what it showed."""

    title: str
    expected: Any
    shown: Any
    told: str

    @property
    def right(self) -> bool:
        """Whether it showed what it has to."""
        return bool(self.expected == self.shown)


def play(stage: Stage) -> Iterator[Step]:
    """Play the demo, step by step."""
    yield from _create(stage)
    yield from _change_key(stage)
    yield from _change_cursor(stage)
    yield from _take_over(stage)
    yield from _destroy(stage)


def _create(stage: Stage) -> Iterator[Step]:
    chapter(stage, "A program declares two connections")
    preview = stage.pulumi("preview")
    yield Step("preview", {"create": 2}, preview.changes, "2 to create")
    up = stage.pulumi("up", "--yes", "--skip-preview")
    found = sorted(stage.connections())
    yield Step(
        "created",
        ({"create": 2}, ["crm-to-warehouse", "shop-to-warehouse"]),
        (up.changes, found),
        "created 2, and the server has them",
    )
    # The CRM's schedule has started its first sync; the shop's waits for six in the morning.
    stage.side_door("POST", f"connections/{stage.connections()['shop-to-warehouse']}/sync")
    stage.side_door("POST", "jobs/finish")
    chapter(stage, "Nothing has changed, so nothing is shown")
    yield Step("silent", {}, stage.pulumi("preview").changes, "silent")


def _change_key(stage: Stage) -> Iterator[Step]:
    chapter(stage, "The key of one stream changes")
    stage.edit(ONE_KEY, TWO_KEYS)
    preview = stage.pulumi("preview", "--diff")
    yield Step(
        "changed key",
        ({"update": 1}, [(USERS, "AWB220", "truncate")]),
        (preview.changes, preview.effects),
        "1 stream to be re-synced, planned with its reason",
    )
    shop = stage.connections()["shop-to-warehouse"]
    before = len(stage.jobs(shop))
    up = stage.pulumi("up", "--yes", "--skip-preview")
    jobs = stage.jobs(shop)[before:]
    yield Step(
        "carried out",
        ([("refresh", "succeeded", [USERS])], True, True),
        (
            [(job["job"]["configType"], job["job"]["status"], _streams(job)) for job in jobs],
            _table(stage) == _source(stage),
            up.progress > 0,
        ),
        "as planned: one refresh job of this stream, its table equals the source, progress was shown",
    )
    chapter(stage, "A refresh finds nothing new")
    refresh = stage.pulumi("refresh", "--yes", "--skip-preview")
    preview = stage.pulumi("preview")
    yield Step("silent after refresh", ({}, {}), (refresh.changes, preview.changes), "silent after refresh")


def _change_cursor(stage: Stage) -> Iterator[Step]:
    chapter(stage, "The cursor of a deduplicated stream changes; the program guarantees that it grows")
    stage.edit(OLD_CURSOR, NEW_CURSOR)
    preview = stage.pulumi("preview", "--diff")
    shop = stage.connections()["shop-to-warehouse"]
    before = len(stage.jobs(shop))
    stage.pulumi("up", "--yes", "--skip-preview")
    started = stage.jobs(shop)[before:]
    stage.side_door("POST", f"connections/{shop}/sync")
    yield Step(
        "changed cursor",
        ([(USERS, "AWB210", "none")], True, [], True),
        (preview.effects, preview.worse_by_default, started, _table(stage) == _source(stage)),
        'planned as "the next sync reads it in full": no job was started, and that sync ends right',
    )
    stage.pulumi("refresh", "--yes", "--skip-preview")
    yield Step("silent again", {}, stage.pulumi("preview").changes, "silent after refresh")


def _take_over(stage: Stage) -> Iterator[Step]:
    chapter(stage, "A connection made elsewhere is taken over first, and changed next")
    shop = stage.connections()["shop-to-warehouse"]
    stage.quiet("state", "delete", "--yes", f"urn:pulumi:dev::{PROJECT}::{CONNECTION}::shop-to-warehouse")
    stage.edit('resets={"wait": "job"}', f'adopt="{shop}", resets={{"wait": "job"}}')
    stage.edit(SIX, SEVEN)
    first = stage.pulumi("up", "--yes", "--skip-preview")
    yield Step(
        "taken over",
        ({"create": 1}, {"adopt"}, ["schedule"], SIX),
        (first.changes, first.operations, first.left_to_the_next_run, _cron(stage, shop)),
        "1 run took it over as it is, and said what the next one changes",
    )
    refresh = stage.pulumi("refresh", "--yes", "--skip-preview")
    second = stage.pulumi("up", "--yes", "--skip-preview")
    yield Step(
        "changed",
        ({}, {"update": 1}, SEVEN, {}),
        (refresh.changes, second.changes, _cron(stage, shop), stage.pulumi("preview").changes),
        "a refresh found nothing new, and the second run changed it",
    )


def _destroy(stage: Stage) -> Iterator[Step]:
    chapter(stage, "Everything is taken down")
    destroy = stage.pulumi("destroy", "--yes", "--skip-preview")
    yield Step("destroyed", ({"delete": 2}, {}), (destroy.changes, stage.connections()), "destroyed 2")


def chapter(stage: Stage, title: str) -> None:
    """Print a heading."""
    stage.console.rule(f"[bold]{title}", align="left")


def _cron(stage: Stage, connection_id: str) -> str:
    live = stage.api("web_backend/connections/get", {"connectionId": connection_id})
    return str(live["scheduleData"]["cron"]["cronExpression"])


def _streams(job: dict[str, Any]) -> list[str]:
    listed = job["job"].get("refreshConfig", {}).get("streamsToRefresh", [])
    return [f"{stream['namespace']}.{stream['name']}" for stream in listed]


def _table(stage: Stage) -> list[dict[str, Any]]:
    rows = stage.side_door("GET", "destinations/warehouse/tables")[USERS]
    return _sorted({key: value for key, value in row.items() if not key.startswith("_airbyte_")} for row in rows)


def _source(stage: Stage) -> list[dict[str, Any]]:
    rows = stage.side_door("GET", "sources/shop-postgres/streams/users/rows", params={"namespace": "public"})
    return _sorted(rows)


def _sorted(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=itemgetter("id"))
