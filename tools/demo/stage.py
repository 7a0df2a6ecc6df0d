"""What the demo plays on: an emulated Airbyte server, and a copy of the quickstart with a stack of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from pulumi_airbyte_wb.plan import Plan, planned_of
from tools.builtin_world import WORKSPACE

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"
PROJECT = "airbyte-quickstart"
CONNECTION = "pulumi-python:dynamic/airbyte:Connection"


class StageError(RuntimeError):
    """The demo cannot go on; the text says why."""


@dataclass(frozen=True)
class Run:
    """A Pulumi command that ran: what the engine itself reported."""

    events: list[dict[str, Any]]

    @property
    def changes(self) -> dict[str, int]:
        """How many connections each operation met; what stays the same is left out."""
        counts: dict[str, int] = {}
        for event in self._steps():
            if event["type"] == CONNECTION and event["op"] not in {"same", "refresh"}:
                counts[event["op"]] = counts.get(event["op"], 0) + 1
        return counts

    @property
    def effects(self) -> list[tuple[str, str, str]]:
        """What is planned for the streams of the changed resources: stream, code, action."""
        effects = [effect for plan in self._plans() for effect in plan.effects]
        return [(effect.stream.key, effect.code.value, effect.action.word) for effect in effects]

    @property
    def operations(self) -> set[str]:
        """What happens to the changed connections as a whole, such as ``adopt``."""
        return {plan.operation.value for plan in self._plans()}

    @property
    def worse_by_default(self) -> bool:
        """Whether Airbyte itself would do worse for the changed resources than is planned."""
        return any(plan.server_default for plan in self._plans())

    @property
    def left_to_the_next_run(self) -> list[str]:
        """The fields of connections that are taken over which the next run changes."""
        return [name for plan in self._plans() if plan.next_run for name in plan.next_run.fields]

    @property
    def progress(self) -> int:
        """How many passing lines the rows of connections showed."""
        return sum(1 for event in self._told() if event.get("ephemeral"))

    def _told(self) -> Iterator[dict[str, Any]]:
        for event in self.events:
            told = event.get("diagnosticEvent") or {}
            if f"{CONNECTION}::" in told.get("urn", ""):
                yield told

    def _plans(self) -> list[Plan]:
        changed = [(event.get("new") or {}).get("inputs") or {} for event in self._steps() if event["op"] != "same"]
        return [planned_of(inputs) for inputs in changed]

    def _steps(self) -> Iterator[dict[str, Any]]:
        for event in self.events:
            if "resourcePreEvent" in event:
                yield event["resourcePreEvent"]["metadata"]


@dataclass
class Stage:
    """The running emulator and the project; commands print as they would for a user."""

    console: Console
    url: str
    project: Path
    environment: dict[str, str]

    def pulumi(self, *words: str) -> Run:
        """Run a Pulumi command, show its output, and read the engine's events.

        Raises:
            StageError: it failed.
        """
        self.console.print(f"[bold cyan]$ pulumi {' '.join(words)}[/]")
        log = self.project.parent / "events.json"
        log.unlink(missing_ok=True)
        color = "always" if self.console.color_system and not self.console.no_color else "never"
        command = ["pulumi", *words, "--non-interactive", "--color", color, "--event-log", str(log)]
        process = subprocess.Popen(
            command, cwd=self.project, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for line in process.stdout or ():
            self.console.file.write(f"  {line}")
            self.console.file.flush()
        code = process.wait()
        if code:
            raise StageError(f"pulumi {words[0]} ended with exit code {code}")
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return Run(events)

    def quiet(self, *words: str) -> str:
        """Run a Pulumi command that is not part of the show.

        Raises:
            StageError: it failed.
        """
        done = subprocess.run(
            ["pulumi", *words], cwd=self.project, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StageError(f"pulumi {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def edit(self, old: str, new: str) -> None:
        """Change the program as a user would, and show the changed line.

        Raises:
            StageError: the line is not there once.
        """
        program = self.project / "__main__.py"
        text = program.read_text()
        if text.count(old) != 1:
            raise StageError(f"the quickstart does not have {old!r} once")
        program.write_text(text.replace(old, new))
        self.console.print("[bold cyan]$ edit __main__.py[/]")
        self.console.print(f"  [red]- {old}[/]", highlight=False)
        self.console.print(f"  [green]+ {new}[/]", highlight=False)

    def api(self, operation: str, body: dict[str, Any]) -> Any:
        """Ask the emulated server's API, as any client may."""
        return self._ask("POST", f"api/v1/{operation}", json=body)

    def side_door(self, method: str, path: str, **arguments: Any) -> Any:
        """Ask the emulator for what a real server does not tell: rows, jobs to their end, shuffled answers."""
        return self._ask(method, f"_emulator/{path}", **arguments)

    def connections(self) -> dict[str, str]:
        """The ids of the server's connections, by name."""
        listed = self.api("web_backend/connections/list", {"workspaceId": WORKSPACE, "pageSize": 100})["connections"]
        return {item["name"]: item["connectionId"] for item in listed}

    def jobs(self, connection_id: str) -> list[dict[str, Any]]:
        """The connection's jobs, oldest first."""
        found: list[dict[str, Any]] = self.side_door("GET", f"connections/{connection_id}/jobs")
        return found

    def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            answer = httpx.request(method, f"{self.url}/{path}", timeout=60, **arguments)
        except httpx.HTTPError as error:
            raise StageError(f"{method} /{path}: {error}") from None
        if not answer.is_success:
            raise StageError(f"{method} /{path}: the emulator answered {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None


@contextmanager
def set_stage(console: Console) -> Iterator[Stage]:
    """Start an emulator and a project in a temporary folder; everything is gone afterwards.

    Raises:
        StageError: the emulator does not start.
    """
    with tempfile.TemporaryDirectory(prefix="airbyte-wb-demo-") as folder:
        root = Path(folder)
        shutil.copytree(QUICKSTART, root / "quickstart")
        (root / "backend").mkdir()
        console.print("[bold cyan]$ airbyte-wb emulator[/]")
        with _emulator() as url:
            console.print(f"  listening on {url}", highlight=False)
            environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRBYTE_WB_")} | {
                "PULUMI_BACKEND_URL": (root / "backend").as_uri(),
                "PULUMI_CONFIG_PASSPHRASE": "demo",
                "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            }
            stage = Stage(console, url, root / "quickstart", environment)
            stage.side_door("PUT", "shuffle", params={"on": True})
            stage.quiet("stack", "init", "dev")
            stage.quiet("config", "set", "airbyte-wb:url", url)
            yield stage


@contextmanager
def _emulator() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "pulumi_airbyte_wb", "emulator"],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        first = process.stdout.readline() if process.stdout else ""
        if not first.startswith("listening on "):
            raise StageError(f"the emulator did not start: {first}{process.stderr.read() if process.stderr else ''}")
        yield first.removeprefix("listening on ").strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
