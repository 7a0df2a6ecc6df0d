"""The faults through the real CLI: one run of the engine meets them all, each keyed by its connection; and kills."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb.emulator import Emulator, Fault
from tests.engine import PulumiProject, end, new_project, session_members
from tests.main_job.conftest import HEAD, Projects, write

pytestmark = pytest.mark.engine

KEY, OTHER_KEY = 'key="id"', 'key=["id", "region"]'
CREATE, UPDATE = "web_backend/connections/create", "web_backend/connections/update"
REFRESH, DELETE = "connections/refresh", "connections/delete"

FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"kind": "refuse", "times": 9},
    "cut-before": {"kind": "cut-before"},
    "cut-after": {"kind": "cut-after"},
    "expired": {"kind": "status", "status": 401},
    "busy": {"kind": "status", "status": 409},
    "locked": {"kind": "status", "status": 423},
    "too-many": {"kind": "status", "status": 429, "headers": {"retry-after": "0"}},
    "failed": {"kind": "status", "status": 500},
    "failed-done": {"kind": "status", "status": 500, "apply": True},
    "gateway": {"kind": "html"},
    "half": {"kind": "half"},
    "garbage": {"kind": "garbage"},
}
PROGRAM = f"""
for fault in {sorted(FAULTS)}:
    airbyte.Connection(
        fault, source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(), prefix=f"{{fault}}_",
        streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", {KEY})],
    )
"""


def live(server: Emulator) -> dict[str, str]:
    """The connections that are not deleted: ids by name; two of one name are a mistake."""
    connections = server.server.connections()
    found = {each["name"]: each["connectionId"] for each in connections}
    assert len(found) == len(connections), sorted(each["name"] for each in connections)
    return found


def sentences(out: str) -> None:
    assert "Traceback" not in out, out
    errors = [line.strip() for line in out.splitlines() if "error:" in line and "Exception calling" in line]
    for error in errors:
        assert any(words in error for words in ("run the same command again", "check airbyte-wb", "is a proxy")), error


def test_every_fault_in_one_run_and_one_more_up(projects: Projects, server: Emulator) -> None:
    server.set_speed(10_000)
    project = projects(PROGRAM)
    for name, fault in FAULTS.items():
        server.add_fault(Fault(path=CREATE, about=f'"{name} [', **fault))
    failed = project.up("--continue-on-error")
    assert failed.code != 0
    sentences(failed.out)
    server.clear_faults()
    finished = project.up()
    assert finished.code == 0, finished.out
    shops = live(server)
    assert sorted(shops) == sorted(FAULTS)

    for shop in shops.values():
        server.sync(shop)
    write(project, PROGRAM.replace(KEY, OTHER_KEY))
    for number, (name, fault) in enumerate(FAULTS.items()):
        server.add_fault(Fault(path=REFRESH if number % 2 else UPDATE, about=shops[name], **fault))
    failed = project.up("--continue-on-error")
    assert failed.code != 0
    sentences(failed.out)
    server.clear_faults()
    refreshed = project.refresh()
    assert refreshed.code == 0, refreshed.out
    finished = project.up()
    assert finished.code == 0, finished.out
    assert live(server) == shops
    server.finish_jobs()
    for name, shop in shops.items():
        jobs = [job["job"] for job in server.jobs(shop) if job["job"]["configType"] != "sync"]
        assert {job["configType"] for job in jobs} == {"refresh"}, name
    quiet = project.preview("--expect-no-changes")
    assert quiet.code == 0, quiet.out

    for name, fault in FAULTS.items():
        server.add_fault(Fault(path=DELETE, about=shops[name], **fault))
    failed = project.destroy("--continue-on-error")
    assert failed.code != 0
    sentences(failed.out)
    server.clear_faults()
    finished = project.destroy()
    assert finished.code == 0, finished.out
    assert live(server) == {}


ONE = """
airbyte.Connection(
    "shop", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(),
    streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id")],
)
"""


def providers(session: int) -> list[int]:
    """The processes of a command that run a dynamic provider."""

    def is_one(pid: int) -> bool:
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return b"pulumi.dynamic" in line or b"pulumi/dynamic" in line

    return [pid for pid in session_members(session) if is_one(pid)]


def kill(pids: list[int]) -> None:
    assert pids
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # it has ended with another one
            os.kill(pid, signal.SIGKILL)


def test_a_kill_in_the_middle_of_an_update(server: Emulator, tmp_path: Path) -> None:
    """The update is applied, its answer never arrives, and the refresh that was planned is not ordered."""
    server.set_speed(10_000)
    project = new_project(tmp_path, HEAD + ONE, fresh_python=True)  # so that all that is killed is of its session
    project.set_config("airbyte-wb:url", server.url)
    created = project.up()
    assert created.code == 0, created.out
    (shop,) = live(server).values()
    server.sync(shop)
    for number, whom in enumerate((providers, session_members), 1):
        write(project, ONE.replace(KEY, OTHER_KEY) if number % 2 else ONE)
        kill_when_held(project, server, whom)
        assert len(server.jobs(shop)) == number, "the refresh was not ordered"
        finished = project.up()
        assert finished.code == 0, finished.out
        server.finish_jobs()
        assert live(server) == {"shop": shop}
        assert [job["job"]["configType"] for job in server.jobs(shop)] == ["sync", *["refresh"] * number]


def kill_when_held(project: PulumiProject, server: Emulator, whom: Callable[[int], list[int]]) -> None:
    """Start an `up`, and kill processes of it when the update is applied and not answered."""
    server.log.clear()
    server.add_fault(Fault("delay", path=UPDATE, hold=20))
    process = project.start("up", "--yes", "--skip-preview")
    try:
        until = time.monotonic() + 60
        while not any(request.fault for request in server.log.requests) and time.monotonic() < until:
            time.sleep(0.02)
        kill(whom(process.pid))
    finally:
        end(process)
    server.clear_faults()
    if whom is session_members:
        cancelled = project.run("cancel", "--yes")
        assert cancelled.code == 0, cancelled.out
