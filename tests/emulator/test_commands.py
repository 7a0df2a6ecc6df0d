"""``airbyte-wb emulator sync``, ``tables``, ``drop``, ``advance``, against a server on a port."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pulumi_airbyte_wb.cli import app
from pulumi_airbyte_wb.emulator import Emulator
from tools.builtin_world import UNKNOWN

from .api import APPEND, DEDUP, Api

LOGIN = {f"AIRBYTE_WB_{name}": "" for name in ("TOKEN", "CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD")}


class Shell:
    """Runs commands against one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.api = Api(emulator)

    def run(self, *arguments: str, url: str | None = None, **login: str) -> Result:
        environment = LOGIN | {f"AIRBYTE_WB_{name.upper()}": value for name, value in login.items()}
        command = ["emulator", *arguments, "--url", url or self.emulator.url]
        return CliRunner().invoke(app, command, env=environment)

    def lines(self, *arguments: str) -> list[str]:
        done = self.run(*arguments)
        assert (done.exit_code, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def data(self, *arguments: str) -> Any:
        return json.loads("\n".join(self.lines(*arguments, "--json")))

    def refused(self, *arguments: str, code: int = 1, url: str | None = None) -> str:
        done = self.run(*arguments, url=url)
        assert (done.exit_code, done.stdout) == (code, "")
        (sentence,) = done.stderr.splitlines()
        assert sentence.endswith(".")
        return sentence


@pytest.fixture
def shell() -> Iterator[Shell]:
    with Emulator() as emulator:
        emulator.set_speed(0)
        yield Shell(emulator)


def connect(shell: Shell, name: str = "shop", **fields: Any) -> str:
    made = shell.api.connect(users=DEDUP, events=APPEND, fields={"name": name, **fields})
    return str(made["connectionId"])


def test_a_sync_prints_what_moved(shell: Shell) -> None:
    connect(shell)
    assert shell.lines("sync", "shop") == [
        "shop: job 1, sync, succeeded",
        "  public.users   6 records",
        "  public.events  10 records",
    ]
    report = shell.data("sync", "shop")
    assert (report["job"], report["status"], report["reason"]) == (2, "succeeded", None)
    assert [(part["stream"], part["records"]) for part in report["streams"]] == [
        ("public.users", 0),
        ("public.events", 0),
    ]


def test_a_sync_waits_for_the_job_that_runs(shell: Shell) -> None:
    connection_id = connect(shell)
    shell.api.call("connections/sync", connectionId=connection_id)
    assert shell.lines("sync", connection_id)[0] == f"{connection_id}: job 2, sync, succeeded"


def test_a_sync_that_fails_says_why_and_ends_with_1(shell: Shell) -> None:
    shell.emulator.break_stream(connect(shell), "users", "public", message="the disk is full")
    done = shell.run("sync", "shop")
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout.splitlines()[0] == "shop: job 1, sync, failed: the disk is full"


def test_a_connection_that_is_not_there_or_not_the_only_one(shell: Shell) -> None:
    assert shell.refused("sync", "shop") == "there is no connection 'shop': there is none."
    ids = [connect(shell), connect(shell, prefix="b_")]
    assert shell.refused("sync", "shop") == (f"2 connections are named 'shop': give the id of one, {ids[0]}, {ids[1]}.")
    assert shell.refused("sync", UNKNOWN).startswith(f"there is no connection '{UNKNOWN}'")
    shell.api.update(ids[0], status="inactive")
    assert shell.refused("sync", ids[0]) == "connection 'shop' is inactive, and only an active one can be synced."


def test_tables_are_listed_and_dropped(shell: Shell) -> None:
    assert shell.lines("tables") == ["No destination has a table."]
    connect(shell)
    shell.lines("sync", "shop")
    assert shell.lines("tables") == ["warehouse  public.events  10 rows", "warehouse  public.users   6 rows"]
    assert shell.data("tables")[1] == {"destination": "warehouse", "table": "public.users", "rows": 6}
    assert shell.lines("drop", "public.users") == ["dropped public.users of warehouse, 6 rows"]
    assert shell.data("drop", "--all") == [
        {"destination": "warehouse", "table": "public.events", "rows": 10, "forgotten": []}
    ]
    assert shell.data("tables") == []
    assert shell.refused("drop", "public.users") == "no destination has a table public.users: there is none."
    assert shell.refused("drop", code=2) == "Name a table, or say --all."
    assert shell.refused("drop", "public.users", "--all", code=2) == "Name a table, or say --all."
    wrong = shell.refused("drop", "--all", "--destination", "lake")
    assert wrong.startswith("there is no destination 'lake': there is")


def test_time_passes(shell: Shell) -> None:
    before = shell.emulator.now()
    assert shell.data("advance", "1h30m")["now"] == pytest.approx(before + 5400)
    (line,) = shell.lines("advance", "90")
    assert line.startswith("It is 20")
    assert shell.emulator.now() == pytest.approx(before + 5490)
    wanted = "'soon' is no span of time: write it like 90s, 30m, 1h or 1d12h."
    assert shell.refused("advance", "soon", code=2) == wanted
    for long in ("999999d", "9" * 400):
        assert "is longer than a hundred years" in shell.refused("advance", long, code=2)


def test_no_emulator_is_there(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert shell.refused("tables", code=2, url=url) == (
            f"Nothing listens on {url}: start the emulator (airbyte-wb emulator --port 8000), or say where it is "
            "with --url."
        )
    wrong = f"{shell.emulator.url}/elsewhere"
    assert shell.refused("tables", code=2, url=wrong) == (
        f"{wrong} is not an emulator: it answers 404 where its control API is."
    )
    assert "is no URL" in shell.refused("tables", code=2, url="localhost")


def test_each_command_has_help(shell: Shell) -> None:
    for command in ("sync", "tables", "drop", "advance"):
        done = CliRunner().invoke(app, ["emulator", command, "--help"])
        assert done.exit_code == 0
        assert "--json" in done.stdout
        assert "--url" in done.stdout


def test_a_refresh_says_what_ordered_it(shell: Shell) -> None:
    connection_id = connect(shell)
    streams = [{"streamName": "users", "streamNamespace": "public"}]
    shell.api.call("connections/sync", connectionId=connection_id)
    shell.api.call("connections/refresh", connectionId=connection_id, refreshMode="Truncate", streams=streams)
    head, cause, *_streams = shell.lines("sync", "shop")
    assert head == "shop: job 2, refresh, succeeded"
    assert cause.startswith("  refresh of public.users (removing old records), ordered by connections/refresh at ")


def test_what_a_deleted_connection_wrote_is_forgotten(shell: Shell) -> None:
    connection_id = connect(shell)
    shell.lines("sync", "shop")
    shell.api.call("connections/delete", connectionId=connection_id)
    assert shell.lines("drop", "--all") == [
        "dropped public.events of warehouse, 10 rows",
        "dropped public.users of warehouse, 6 rows",
        "What the deleted connection shop wrote there is forgotten.",
    ]
