"""What a preview says on the row of the stack, by the real engine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.main_job.conftest import Projects

PROGRAM = """
for name, key in (("one", pulumi.Config().get("key") or "id"), ("two", "id")):
    airbyte.Connection(name, source_id=SHOP, destination_id=WAREHOUSE, prefix=f"{name}_", schedule=airbyte.manual(),
        streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key=key)])
"""


@pytest.mark.engine
def test_a_preview_ends_with_what_it_does_to_all_streams(server: Emulator, projects: Projects) -> None:
    project = projects(PROGRAM)
    first = project.preview()
    assert first.code == 0, first.out
    assert project.up().code == 0
    for connection in server.connection_ids():
        server.sync(connection)
    assert "streams are" not in project.preview().out
    project.set_config("key", "email")
    changed = project.preview()
    assert changed.code == 0, changed.out
    stack = changed.out.split("pulumi:pulumi:Stack (example-dev):", 1)[1]
    assert "1 stream is re-synced, removing old records when that is done:" in stack
    assert "public.users of one" in stack
    assert "together: about 6 records" in stack
    assert "stream is re-synced" not in project.up().out


WAITING = """
import asyncio
from pulumi.runtime.sync_await import _sync_await
for name in ("one", "two", "three"):
    made = airbyte.Connection(name, source_id=SHOP, destination_id=WAREHOUSE, prefix=f"{name}_",
        schedule=airbyte.manual(), streams=[airbyte.stream("public.users", "incremental_append_dedup",
            cursor="updated_at", key=pulumi.Config().get("key") or "id")])
    # As a function of another provider does: the event loop runs in the midst of the program.
    _sync_await(made.planned.future())
    _sync_await(asyncio.sleep(0.5))
"""


@pytest.mark.engine
def test_it_is_the_last_that_is_told_and_told_once(server: Emulator, projects: Projects) -> None:
    project = projects(WAITING)
    assert project.up().code == 0
    for connection in server.connection_ids():
        server.sync(connection)
    project.set_config("key", "email")
    _, events = project.events("preview")
    told = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    infos = [
        each["message"].strip() for each in told if each["severity"].startswith("info") and not each.get("ephemeral")
    ]
    summary = "3 streams are re-synced, removing old records when that is done:"
    assert [message.splitlines()[0] for message in infos if " of " in message] == [summary]
    assert infos[-1].splitlines()[:2] == [summary, "  public.users of 3 connections: one, three, two"]


MOCKED = """
import pulumi
class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return "id", {**args.inputs, "planned": {"operation": "update", "undecided": ["users"]}}
    def call(self, args):
        return {}
pulumi.runtime.set_mocks(Mocks(), preview=True)
import pulumi_airbyte_wb as airbyte
@pulumi.runtime.test
def declares():
    shop = airbyte.Connection("shop", source_id="s", destination_id="d", streams=[])
    return shop.planned.apply(lambda planned: print(sorted(planned)))
declares()
"""


def test_a_preview_under_mocks_ends() -> None:
    result = subprocess.run([sys.executable, "-c", MOCKED], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert "['operation', 'undecided']" in result.stdout
