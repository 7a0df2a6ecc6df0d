"""What the next sync would lose is blocked, and is lost where the program approves of it: on rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.proof.test_rows import DL, NZ, TD, A, D, O, rows_of
from tests.told import told
from tools.proof import worlds
from tools.proof.lines import Line
from tools.proof.ours import Desired, Program
from tools.proof.shapes import NAMESPACE
from tools.proof.worlds import STREAMS, Setup

STREAM = STREAMS[0]
BARE = frozenset({"note"})


class Shop:
    """A connection with one stream, whose rows have changed once: of an appended table both versions are there."""

    def __init__(self, setup: Setup, line: Line, *, accept: bool = False) -> None:
        self.accept = accept
        self.emulator = worlds.emulator(setup, {stream: rows_of(stream) for stream in STREAMS}, ["main"])
        self.program = Program(self.emulator, setup)
        self.change(line)
        self.emulator.sync(self.program.connection_id)
        self.emulator.update("source", STREAM, {"id": 1}, {"note": "newer", "at": 100, "v": 1000}, NAMESPACE)
        self.sync()

    def planned(self, line: Line, word: str = "") -> str:
        checked = self.program.check(Desired({STREAM: line}, accept=self.accept), {STREAM: word} if word else {})
        assert checked.plan is not None
        return told(checked.plan)[f"{NAMESPACE}.{STREAM}"]

    def change(self, line: Line, word: str = "") -> None:
        self.program.update(
            self.program.check(Desired({STREAM: line}, accept=self.accept), {STREAM: word} if word else {})
        )

    def sync(self) -> list[dict[str, Any]]:
        self.emulator.sync(self.program.connection_id)
        self.emulator.settle("main")
        return self.emulator.tables("main")[f"{NAMESPACE}.{STREAM}"]


@pytest.mark.parametrize("setup", [DL, TD, NZ], ids=lambda setup: setup.family)
def test_versions_that_only_the_table_has_go_with_an_approval_only(setup: Setup) -> None:
    shop = Shop(setup, A)
    assert len([row for row in shop.sync() if row["id"] == 1]) == 2
    assert shop.planned(O).startswith("AWB230 block")
    assert shop.planned(O, "reset").startswith("AWB230 none")
    shop.change(O, "reset")
    assert [row["note"] for row in shop.sync() if row["id"] == 1] == ["newer"]
    shop.emulator.stop()


@pytest.mark.parametrize(("setup", "kept"), [(DL, False), (TD, True)], ids=["direct-load", "typing-deduping"])
def test_values_of_a_column_go_with_an_approval_only_where_no_raw_table_keeps_them(setup: Setup, kept: bool) -> None:
    shop, bare = Shop(setup, A), replace(A, dropped=BARE)
    assert shop.planned(bare).startswith("AWB251 none" if kept else "AWB251 block")
    shop.change(bare, "" if kept else "reset")
    shop.emulator.update("source", STREAM, {"id": 2}, {"at": 101, "v": 1001}, NAMESPACE)
    assert not any("note" in row for row in shop.sync())
    shop.change(A)
    shop.emulator.update("source", STREAM, {"id": 3}, {"at": 102, "v": 1002}, NAMESPACE)
    old = {row["note"] for row in shop.sync() if row["id"] == 1}
    assert old == ({"note 1", "newer"} if kept else {None})
    shop.emulator.stop()


def test_a_deduplicated_table_is_told_to_lose_columns_and_not_asked() -> None:
    shop = Shop(DL, D)
    assert shop.planned(replace(D, dropped=BARE)).startswith("AWB251 none")
    shop.emulator.stop()


@pytest.mark.parametrize("setup", [DL, TD], ids=lambda setup: setup.family)
@pytest.mark.parametrize("sure", [False, True])
def test_a_cursor_that_becomes_a_text_re_syncs_the_stream(setup: Setup, sure: bool) -> None:
    """As a text 10 is before 9, so that the row that has it would not win over the one that is there."""

    def outcome(word: str) -> tuple[str, list[str]]:
        line = replace(D, guarantees=frozenset({"cursor_monotonic", "key_unique"}) if sure else frozenset())
        shop = Shop(setup, line, accept=True)
        shop.emulator.set_column("source", STREAM, "at", {"type": ["null", "string"]}, NAMESPACE)
        for row in shop.emulator.source_rows("source", STREAM, NAMESPACE):
            shop.emulator.update("source", STREAM, {"id": row["id"]}, {"at": str(row["at"])}, NAMESPACE)
        shop.emulator.update("source", STREAM, {"id": 9}, {"at": "10", "note": "newer", "v": 2000}, NAMESPACE)
        shop.program.client.discover_schema(shop.emulator.server.store.ids("source")[0], disable_cache=True)
        shop.program.refresh()
        plan = shop.planned(line, word)
        shop.change(line, word)
        found = [row["note"] for row in shop.sync() if row["id"] == 9]
        shop.emulator.stop()
        return plan, found

    plan, found = outcome("")
    assert plan.startswith("AWB212 truncate")
    assert found == ["newer"]
    plan, found = outcome("skip")
    assert plan.startswith("AWB212 none")
    assert found != ["newer"]
