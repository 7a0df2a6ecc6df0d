"""The rows of the table about a source's schema, on rows: what they call for ends right, and the opposite does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.proof.test_rows import DL, NZ, TD, TD_MERGE, A, D, O, rows_of
from tests.told import told
from tools.proof import worlds
from tools.proof.lines import Line
from tools.proof.ours import Desired, Program
from tools.proof.shapes import NAMESPACE
from tools.proof.worlds import STREAMS, Setup

STREAM = STREAMS[0]
WIDER, NARROWER = {"type": "number"}, {"type": "integer"}


def outcome(setup: Setup, line: Line, column: str, schema: dict[str, Any], word: str = "") -> tuple[str, bool, int]:
    """What was planned, whether the table ends as the source is, and how many rows were read in the end."""
    emulator = worlds.emulator(setup, {stream: rows_of(stream) for stream in STREAMS}, ["main"])
    program, desired = Program(emulator, setup), Desired({STREAM: line}, accept=True)
    program.update(program.check(desired, {}))
    emulator.sync(program.connection_id)
    emulator.set_column("source", STREAM, column, schema, NAMESPACE)
    for row in emulator.source_rows("source", STREAM, NAMESPACE)[:10]:
        value = row["id"] + 0.5 if schema is WIDER else row["id"]
        changed = {column: value, "at": 100 + row["id"], "v": 1000 + row["id"]}
        emulator.update("source", STREAM, {"id": row["id"]}, changed, NAMESPACE)
    if schema is NARROWER:
        for row in emulator.source_rows("source", STREAM, NAMESPACE)[10:]:
            emulator.update("source", STREAM, {"id": row["id"]}, {column: row["id"]}, NAMESPACE)
    program.client.discover_schema(emulator.server.store.ids("source")[0], disable_cache=True)
    program.refresh()
    overrides = {STREAM: word} if word else {}
    checked = program.check(desired, overrides)
    assert checked.plan is not None
    planned = told(checked.plan)[f"{NAMESPACE}.{STREAM}"]
    if checked.plan.is_blocked:
        return planned, False, 0
    program.update(checked)
    job = emulator.server.store.get("job", str(emulator.sync(program.connection_id)))
    emulator.settle("main")
    table = {row["id"]: row[column] for row in emulator.tables("main")[f"{NAMESPACE}.{STREAM}"]}
    source = {row["id"]: row[column] for row in emulator.source_rows("source", STREAM, NAMESPACE)}
    read = sum(
        stats["stats"]["recordsEmitted"]
        for each in emulator.jobs(program.connection_id)
        for attempt in each["attempts"]
        for stats in attempt["streamStats"]
        if stats["streamName"] == STREAM
    )
    emulator.stop()
    assert job is not None
    return planned, job["status"] == "succeeded" and table == source, read


@pytest.mark.parametrize("setup", [DL, TD, TD_MERGE, NZ], ids=lambda setup: setup.family)
def test_a_widened_column_needs_nothing(setup: Setup) -> None:
    planned, right, read = outcome(setup, D, "seq", WIDER)
    assert planned.startswith("AWB270 none")
    assert right
    forced, _, more = outcome(setup, D, "seq", WIDER, word="truncate" if setup is not NZ else "clear")
    assert forced.startswith("AWB270 none")  # there is nothing to order that the table did not call for
    assert more == read


@pytest.mark.parametrize("setup", [DL, TD, TD_MERGE, NZ], ids=lambda setup: setup.family)
def test_another_type_re_syncs_a_deduplicated_stream(setup: Setup) -> None:
    planned, right, _ = outcome(setup, D, "note", NARROWER)
    assert planned.startswith("AWB271 clear" if setup is NZ else "AWB271 truncate")
    assert right
    skipped, right, _ = outcome(setup, D, "note", NARROWER, word="skip")
    assert skipped.startswith("AWB271 none")
    assert not right


@pytest.mark.parametrize("setup", [DL, TD, NZ], ids=lambda setup: setup.family)
def test_another_type_of_an_appending_stream_is_blocked(setup: Setup) -> None:
    planned, _, _ = outcome(setup, A, "note", NARROWER)
    assert planned.startswith("AWB271 block")
    _, right, _ = outcome(setup, A, "note", NARROWER, word="skip")
    assert not right


@pytest.mark.parametrize("setup", [DL, TD, NZ], ids=lambda setup: setup.family)
def test_another_type_of_an_overwriting_stream_needs_nothing(setup: Setup) -> None:
    planned, right, _ = outcome(setup, O, "note", NARROWER)
    assert planned.startswith("AWB271 none")
    assert right
