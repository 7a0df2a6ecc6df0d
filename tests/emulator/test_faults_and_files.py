"""Faults on demand, the data file, a killed emulator (issue "emulator", items 4 and 5)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pulumi_airbyte_wb.emulator import Emulator, WorldError
from pulumi_airbyte_wb.emulator.core.fault import Fault, Kind, Step
from pulumi_airbyte_wb.emulator.core.world_file import default_world
from tools.builtin_world import SHOP, WAREHOUSE, WORKSPACE

from .api import DEDUP, Api
from .conftest import MakeApi

BODY = {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active"}
PROGRAM = "from pulumi_airbyte_wb.cli import main; main()"
CREATE = "web_backend/connections/create"


@pytest.fixture
def served() -> Iterator[Emulator]:
    """An emulator behind a real socket."""
    with Emulator() as emulator:
        yield emulator


def _count(emulator: Emulator) -> int:
    return len(emulator.server.connections())


@pytest.mark.parametrize(
    ("kind", "applied"),
    [("refuse", False), ("cut-before", False), ("cut-after", True), ("half", True)],
)
def test_connections_that_break(served: Emulator, kind: Kind, applied: bool) -> None:
    served.add_fault(Fault(kind, path=CREATE))
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{served.url}/api/v1/{CREATE}", json=BODY)
    assert _count(served) == int(applied)
    assert httpx.post(f"{served.url}/api/v1/{CREATE}", json=BODY).status_code == 200


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 423, 429, 500])
@pytest.mark.parametrize("apply", [False, True])
def test_statuses(api: Api, status: int, apply: bool) -> None:
    api.emulator.add_fault(Fault("status", status=status, apply=apply, headers={"retry-after": "1"}))
    response = api.raw(CREATE, BODY)
    assert response.status_code == status
    assert response.headers["retry-after"] == "1"
    assert _count(api.emulator) == int(apply)


def test_html_garbage_and_delay(served: Emulator) -> None:
    url = f"{served.url}/api/v1/health"
    served.add_fault(Fault("html", status=502))
    response = httpx.get(url)
    assert (response.status_code, response.text[:6]) == (502, "<html>")
    served.add_fault(Fault("garbage"))
    with pytest.raises(json.JSONDecodeError):
        httpx.get(url).json()
    served.add_fault(Fault("delay", delay=5))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(url, timeout=0.3)


def test_the_nth_request_of_a_path(api: Api) -> None:
    api.emulator.add_fault(Fault("status", path="workspaces/get", skip=2, times=2, status=503))
    seen = [api.raw("workspaces/get", {"workspaceId": WORKSPACE}).status_code for _ in range(5)]
    assert seen == [200, 200, 503, 503, 200]
    api.emulator.add_fault(Fault("status"))
    api.emulator.clear_faults()
    assert api.raw("workspaces/get", {"workspaceId": WORKSPACE}).status_code == 200


def test_a_request_is_carried_out_late_when_told_to(api: Api) -> None:
    def ask(path: str, body: dict[str, Any]) -> tuple[int, int]:
        return api.raw(path, body).status_code, _count(api.emulator)

    api.emulator.add_fault(Fault("late", path=CREATE, times=2))
    assert ask(CREATE, BODY) == (504, 0)
    assert ask("health", {})[1] == 0
    api.emulator.carry_out_late(before=[CREATE, "workspaces/get"])
    assert ask("sources/get", {"sourceId": SHOP}) == (200, 0)
    assert ask("workspaces/get", {"workspaceId": WORKSPACE}) == (200, 1)
    assert ask(CREATE, BODY) == (504, 1)
    api.emulator.carry_out_late(after=2)
    assert [ask("sources/get", {"sourceId": SHOP}) for _ in range(3)] == [(200, 1), (200, 2), (200, 2)]
    api.emulator.add_fault(Fault("late", path=CREATE))
    assert ask(CREATE, BODY) == (504, 2)
    api.emulator.carry_out_late()
    api.emulator.carry_out_late()
    assert _count(api.emulator) == 3


def test_what_waits_to_be_carried_out_late_is_gone_after_a_restore(api: Api) -> None:
    start = api.emulator.snapshot()
    api.emulator.add_fault(Fault("late", path=CREATE))
    api.raw(CREATE, BODY)
    api.emulator.restore(start)
    api.emulator.carry_out_late()
    assert _count(api.emulator) == 0


@pytest.mark.parametrize(("checkpoint", "rows"), [(False, 12), (True, 10)])
def test_a_stream_broken_off(api: Api, checkpoint: bool, rows: int) -> None:
    connection_id = api.connect(events={**DEDUP, "destinationSyncMode": "append", "cursorField": ["ts"]})[
        "connectionId"
    ]
    api.emulator.break_stream(connection_id, "events", "public", after=2, checkpoint=checkpoint)
    api.emulator.sync(connection_id)
    assert api.jobs(connection_id)[0]["job"]["status"] == "failed"
    assert len(api.emulator.table("warehouse", "events")) == 2
    api.emulator.sync(connection_id)
    assert len(api.emulator.table("warehouse", "events")) == rows


def test_a_truncate_refresh_broken_off_pours_its_rows_into_the_old_table(api: Api) -> None:
    connection_id = api.connect(events={**DEDUP, "destinationSyncMode": "append", "cursorField": ["ts"]})[
        "connectionId"
    ]
    api.emulator.sync(connection_id)
    api.emulator.break_stream(connection_id, "events", "public", after=4, checkpoint=True)
    api.call("connections/refresh", connectionId=connection_id, refreshMode="Truncate")
    api.emulator.finish_jobs()
    assert len(api.emulator.table("warehouse", "events")) == 10
    api.emulator.sync(connection_id)
    assert len(api.emulator.table("warehouse", "events")) == 20


def test_snapshots(make_api: MakeApi) -> None:
    api = make_api()
    connection_id = api.connect(users=DEDUP)["connectionId"]
    before, at = api.emulator.snapshot(), api.emulator.now()
    api.emulator.sync(connection_id)
    api.call("connections/delete", connectionId=connection_id)
    api.emulator.restore(before)
    assert api.emulator.now() == at
    assert api.get(connection_id)["status"] == "active"
    assert api.emulator.tables("warehouse") == {}
    api.emulator.sync(connection_id)
    assert len(api.emulator.table("warehouse", "users")) == 6


def test_a_data_file_comes_back(make_api: MakeApi, tmp_path: Path) -> None:
    data = tmp_path / "airbyte.sqlite"
    world = default_world()
    world.pace.speed = 0
    first = make_api(world=world, data=data)
    connection_id = first.connect(users=DEDUP)["connectionId"]
    first.call("connections/sync", connectionId=connection_id)
    first.emulator.advance(13)
    before = first.get(connection_id)
    first.emulator.stop()
    second = make_api(None, data=data)
    assert second.version == "1.8.0"
    answer = second.get(connection_id)
    assert answer["name"] == before["name"]
    assert answer["isSyncing"] is True
    second.emulator.finish_jobs()
    assert len(second.emulator.table("warehouse", "users")) == 6


def test_a_data_file_keeps_its_world(make_api: MakeApi, tmp_path: Path) -> None:
    data = tmp_path / "airbyte.sqlite"
    make_api("0.50.0", data=data).emulator.stop()
    make_api("1.0.0", data=data).emulator.stop()
    assert make_api(None, data=data).version == "1.0.0"
    with pytest.raises(WorldError, match="holds a server already"):
        Emulator({"sources": []}, data=data)


class Command:
    """``airbyte-wb emulator`` as a process."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-c", PROGRAM, "emulator", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout is None:
            raise RuntimeError("no output")
        self.line = self.process.stdout.readline().rstrip("\n")
        self.url = self.line.removeprefix("listening on ")

    def post(self, path: str, **body: Any) -> Any:
        return httpx.post(f"{self.url}/api/v1/{path}", json=body, timeout=20).json()

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, problems = self.process.communicate(timeout=20)
        return self.process.returncode, out, problems


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_and_stops_quietly(number: signal.Signals) -> None:
    command = Command()
    assert command.line.startswith("listening on http://127.0.0.1:")
    assert httpx.get(f"{command.url}/api/v1/health").json() == {"available": True}
    assert command.end(number) == (0, "", "")


@pytest.mark.parametrize("step", ["operations", "row"])
def test_a_create_breaks_off_half_done(api: Api, step: Step) -> None:
    webhook = {"webhookConfigId": WORKSPACE, "webhookType": "dbtCloud", "dbtCloud": {"accountId": 1, "jobId": 1}}
    operation = {
        "workspaceId": WORKSPACE,
        "name": "one",
        "operatorConfiguration": {"operatorType": "webhook", "webhook": webhook},
    }
    api.emulator.add_fault(Fault("status", path=CREATE, status=500, step=step))
    assert api.raw(CREATE, {**BODY, "operations": [operation]}).status_code == 500
    assert _count(api.emulator) == int(step == "row")
    assert len(api.emulator.server.store.ids("operation")) == 1
    assert api.raw(CREATE, BODY).status_code == 200


def test_a_fault_is_about_one_connection(api: Api) -> None:
    api.emulator.add_fault(Fault("status", path=CREATE, about='"b"'))
    assert [api.raw(CREATE, {**BODY, "name": name}).status_code for name in "abab"] == [200, 500, 200, 200]


def test_an_answer_is_kept_back_after_the_work_is_done(served: Emulator) -> None:
    served.add_fault(Fault("delay", path=CREATE, hold=1))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{served.url}/api/v1/{CREATE}", json=BODY, timeout=0.3)
    assert _count(served) == 1


@pytest.mark.parametrize(("apply", "there"), [(False, 0), (True, 1)])
def test_a_server_that_dies_keeps_what_it_wrote(tmp_path: Path, apply: bool, there: int) -> None:
    data = str(tmp_path / "airbyte.sqlite")
    command = Command("--data", data)
    fault = {"kind": "exit", "path": CREATE, "apply": apply}
    httpx.post(f"{command.url}/_emulator/faults", json=fault).raise_for_status()
    assert httpx.get(f"{command.url}/_emulator/faults").json() == {"faults": 1}
    with pytest.raises(httpx.TransportError):
        command.post(CREATE, **BODY)
    assert command.process.wait(timeout=20) == -signal.SIGKILL
    command.process.communicate()
    again = Command("--data", data)
    try:
        assert len(again.post("connections/list", workspaceId=WORKSPACE)["connections"]) == there
    finally:
        again.end(signal.SIGTERM)


def test_an_unusable_world_is_one_sentence(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text("sources:\n  - name: a\n    kind: carrier pigeon\n")
    command = [sys.executable, "-c", PROGRAM, "emulator", "--world", str(world)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"{world}: sources[0].kind is 'carrier pigeon': input should be 'sql', 'cdc' or 'api'.\n"


def test_acknowledged_writes_survive_a_kill(tmp_path: Path) -> None:
    data = str(tmp_path / "airbyte.sqlite")
    acknowledged: list[str] = []
    command = Command("--data", data)

    def write() -> None:
        try:
            while True:
                acknowledged.append(command.post(CREATE, **BODY)["connectionId"])
        except httpx.HTTPError:
            return

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 40 and any(writer.is_alive() for writer in writers):
        time.sleep(0.02)
    assert len(acknowledged) >= 40
    os.kill(command.process.pid, signal.SIGKILL)
    for writer in writers:
        writer.join()
    command.process.communicate()
    again = Command("--data", data)
    try:
        known = {c["connectionId"] for c in again.post("connections/list", workspaceId=WORKSPACE)["connections"]}
        assert set(acknowledged) <= known
        assert len(known) <= len(acknowledged) + 3
    finally:
        again.end(signal.SIGTERM)
