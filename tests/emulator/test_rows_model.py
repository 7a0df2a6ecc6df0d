"""Random histories: the tables equal what a plain model of each sync mode says (rows.md §6).

The model knows nothing of states, generations, raw tables or jobs: it holds, per stream, the rows that were delivered
and what each mode makes of them.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pulumi_airbyte_wb.emulator import Emulator

from .api import Api

Row = dict[str, Any]

STREAMS = {
    "overwritten": ("full_refresh", "overwrite"),
    "replaced": ("full_refresh", "overwrite_dedup"),
    "copies": ("full_refresh", "append"),
    "appended": ("incremental", "append"),
    "deduped": ("incremental", "append_dedup"),
}
FAMILIES = [
    {"family": "direct-load"},
    {"family": "direct-load", "nullKeys": "postgres"},
    {"family": "direct-load", "engine": "background"},
    {"family": "typing-deduping", "engine": "delete"},
    {"family": "typing-deduping", "engine": "merge"},
    {"family": "normalization"},
]
SOURCES = [
    {"kind": "sql", "boundary": "gt"},
    {"kind": "sql", "boundary": "ge"},
    {"kind": "sql", "boundary": "ge_lookback", "lookback": 2},
    {"kind": "api", "boundary": "ge_lookback"},
    {"kind": "cdc"},
]
START = 50
LEAST_SYNCS = 6
CHANGES = st.tuples(
    st.sampled_from(["appended", "deduped", "deduped", *STREAMS]),
    st.sampled_from(["insert", "update", "update", "delete"]),
    st.integers(0, 60),
    st.sampled_from([None, -1, 0, 0, 1, 9]),
)
CDC = ("_ab_cdc_lsn", "_ab_cdc_updated_at", "_ab_cdc_deleted_at")


def _world(source: Row, family: Row) -> Row:
    return {
        "sources": [
            {
                "name": "source",
                **source,
                "streams": [
                    {
                        "name": name,
                        "namespace": "public",
                        "columns": {"id": "integer", "cursor": "integer", "text": "string"},
                        "sourceDefinedPrimaryKey": [["id"]],
                        "rows": [
                            {"id": n, "cursor": None if n % 7 == 0 else n // 3, "text": f"v{n}"} for n in range(START)
                        ],
                    }
                    for name in STREAMS
                ],
            }
        ],
        "destinations": [{"name": "destination", **family}],
        "pace": {"speed": 0},
    }


@dataclass
class Model:
    """One stream, as a person would write it down."""

    name: str
    log: bool
    inclusive: str
    back: int
    delivered: list[Row] = field(default_factory=list)
    seen: int | None = None
    ties: int = 0
    fresh: bool = True
    events: list[Row] = field(default_factory=list)

    def read(self, rows: list[Row]) -> list[Row]:
        """What an incremental read brings."""
        if self.log:
            brought = [{**row, "gone": False} for row in rows] if self.fresh else self.events
            self.fresh, self.events = False, []
            return brought
        valued = [row for row in rows if row["cursor"] is not None]
        if self.fresh or self.seen is None:
            brought = sorted(rows, key=lambda row: (row["cursor"] is not None, row["cursor"] or 0))
        else:
            tied = sum(row["cursor"] == self.seen for row in valued)
            low = self.seen - self.back
            reach = self.inclusive != "gt" or tied != self.ties
            brought = [row for row in valued if row["cursor"] > low or (reach and row["cursor"] == low)]
            brought.sort(key=lambda row: row["cursor"])
            if self.inclusive == "ge" and max((row["cursor"] for row in valued), default=self.seen) <= self.seen:
                return []
        self.fresh = False
        self.seen = max([row["cursor"] for row in valued] + ([] if self.seen is None else [self.seen]), default=None)
        self.ties = sum(row["cursor"] == self.seen for row in valued)
        return [{**row, "gone": False} for row in brought]

    def forget(self) -> None:
        """The state is gone."""
        self.fresh, self.seen, self.ties = True, None, 0
        self.events = []

    def sync(self, rows: list[Row]) -> None:
        """A sync."""
        mode = STREAMS[self.name]
        if mode[0] == "full_refresh":
            copy = [{**row, "gone": False} for row in rows]
            self.delivered = self.delivered + copy if mode[1] == "append" else copy
        else:
            self.delivered = self.delivered + [dict(row) for row in self.read(rows)]

    def table(self) -> Counter[str]:
        """What the table shows."""
        if STREAMS[self.name][1] != "append_dedup":
            return Counter(_shown(row) for row in self.delivered)
        best: dict[int, Row] = {}
        for row in self.delivered:
            held = best.get(row["id"])
            stale = (
                held is not None
                and not self.log
                and (
                    (row["cursor"] is None and held["cursor"] is not None)
                    or (row["cursor"] is not None and held["cursor"] is not None and row["cursor"] < held["cursor"])
                )
            )
            if not stale:
                best[row["id"]] = row
        return Counter(_shown(row) for row in best.values() if not row["gone"])


def _shown(row: Row) -> str:
    return json.dumps({name: row.get(name) for name in ("id", "cursor", "text")}, sort_keys=True)


class Histories(RuleBasedStateMachine):
    """Sources change, connections sync, are refreshed and cleared."""

    emulator: Emulator

    @initialize(
        source=st.sampled_from(SOURCES), family=st.sampled_from(FAMILIES), version=st.sampled_from(["1.8.0", "0.50.0"])
    )
    def begin(self, source: Row, family: Row, version: str) -> None:
        self.emulator = Emulator(_world(source, family), server_version=version)
        self.api = Api(self.emulator, validate=False)
        self.log = source["kind"] == "cdc"
        self.refreshes = (
            family["family"] != "normalization" and version == "1.8.0"
        )  # without generations there are none
        self.models = {
            name: Model(name, self.log, source.get("boundary", ""), int(source.get("lookback", 0))) for name in STREAMS
        }
        (source_id,) = self.emulator.server.store.ids("source")
        (destination_id,) = self.emulator.server.store.ids("destination")
        configurations = {
            name: {
                "syncMode": mode,
                # Servers before 0.63.11 do not know it.
                "destinationSyncMode": "overwrite" if (version, name) == ("0.50.0", "replaced") else destination,
                "cursorField": (["_ab_cdc_lsn"] if self.log else ["cursor"]) if mode == "incremental" else [],
                "primaryKey": [["id"]] if destination.endswith("dedup") else [],
            }
            for name, (mode, destination) in STREAMS.items()
        }
        self.connection_id = self.api.connect(source_id, destination_id, **configurations)["connectionId"]
        self.next_id = START
        self.syncs = 0

    def _rows(self, stream: str) -> list[Row]:
        return self.emulator.source_rows("source", stream, "public")

    def _event(self, stream: str, row: Row, *, gone: bool = False) -> None:
        if self.log and STREAMS[stream][0] == "incremental":
            shown = {"id": row["id"], "cursor": None, "text": None} if gone else row
            self.models[stream].events.append({**shown, "gone": gone})

    @rule(changes=st.lists(CHANGES, min_size=1, max_size=8))
    def change(self, changes: list[tuple[str, str, int, int | None]]) -> None:
        for stream, kind, pick, step in changes:
            rows = self._rows(stream)
            if kind == "insert" or not rows:
                self._insert(stream, rows, step)
            elif kind == "update":
                self._update(stream, rows[pick % len(rows)], step)
            else:
                row = rows[pick % len(rows)]
                self.emulator.delete("source", stream, {"id": row["id"]}, "public")
                self._event(stream, row, gone=True)

    def _insert(self, stream: str, rows: list[Row], step: int | None) -> None:
        # around the boundary of the last read, where sources differ
        reached = self.models[stream].seen or max(
            (row["cursor"] for row in rows if row["cursor"] is not None), default=0
        )
        row = {"id": self.next_id, "cursor": None if step is None else reached + step, "text": f"new{self.next_id}"}
        self.next_id += 1
        self.emulator.insert("source", stream, [row], "public")
        self._event(stream, row)

    def _update(self, stream: str, row: Row, step: int | None) -> None:
        cursor = None if step is None else (row["cursor"] or 0) + step
        values = {"cursor": cursor, "text": f"{row['text']}'"}
        self.emulator.update("source", stream, {"id": row["id"]}, values, "public")
        self._event(stream, {**row, **values})

    @rule(times=st.integers(1, 2))
    def sync(self, times: int) -> None:
        for _ in range(times):
            self._sync()

    def _sync(self) -> None:
        self.emulator.sync(self.connection_id)
        self.syncs += 1
        for name, model in self.models.items():
            model.sync(self._rows(name))

    @rule(
        stream=st.sampled_from(["deduped", "deduped", "appended", *STREAMS]),
        truncate=st.sampled_from([False, False, True]),
    )
    @precondition(lambda self: self.syncs > 0)
    def refresh(self, stream: str, truncate: bool) -> None:
        reference = [{"streamName": stream, "streamNamespace": "public"}]
        mode = "Truncate" if truncate else "Merge"
        if not self.refreshes:
            return
        self.api.call("connections/refresh", connectionId=self.connection_id, refreshMode=mode, streams=reference)
        self.emulator.finish_jobs()
        model = self.models[stream]
        model.forget()
        if truncate:
            model.delivered = []
        for name, each in self.models.items():
            each.sync(self._rows(name))

    @rule(stream=st.sampled_from(list(STREAMS)))
    @precondition(lambda self: self.syncs > 0)
    def clear(self, stream: str) -> None:
        if self.log and STREAMS[stream][0] == "incremental":
            return  # the shared position stays or goes with the others: the case of test_rows.py
        reference = [{"streamName": stream, "streamNamespace": "public"}]
        self.api.call("connections/reset/stream", connectionId=self.connection_id, streams=reference)
        self.emulator.finish_jobs()
        self.models[stream].forget()
        self.models[stream].delivered = []

    @invariant()
    def tables_equal_the_model(self) -> None:
        if getattr(self, "syncs", 0) == 0:
            return
        self.emulator.settle("destination")
        found = self.emulator.tables("destination")
        for name, model in self.models.items():
            assert Counter(_shown(row) for row in found[f"public.{name}"]) == model.table(), name

    def teardown(self) -> None:
        if hasattr(self, "emulator"):
            while self.syncs < LEAST_SYNCS:
                self._sync()
                self.tables_equal_the_model()
            self.emulator.stop()


@pytest.mark.parametrize("examples", [40])
def test_random_histories(examples: int) -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
