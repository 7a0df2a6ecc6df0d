"""`python -m tools.bench [N]`: times the engine's commands on N connections of 20 streams, in one run.

Machines differ and are noisy: read the ratios. The first row is the engine itself on a program without resources.
At the end: what change scripts do to the rows (`tools.bench.headline`), which depends on no machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pulumi_airbyte_wb.emulator import Emulator
from tools.bench.emulator import large_emulator
from tools.bench.headline import headline

STREAMS = 20
SOURCE = "20000000-0000-4000-8000-000000000001"
DESTINATION = "30000000-0000-4000-8000-000000000001"
PROGRAM = f"""
import pulumi
import pulumi_airbyte_wb as airbyte
config = pulumi.Config()
for number in range(config.require_int("connections")):
    airbyte.Connection(f"c{{number}}", source_id="{SOURCE}", destination_id="{DESTINATION}", prefix=f"c{{number}}_",
        schedule=airbyte.manual(), streams=[
            airbyte.stream(f"public.t{{n}}", "incremental_append_dedup", cursor="updated_at",
                key="id" if n or number else config.get("key") or "id")
            for n in range({STREAMS})])
"""


def main() -> int:
    """Measure and print; 0 when every command succeeded."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    console = Console()
    with tempfile.TemporaryDirectory(prefix="airbyte-wb-bench-") as folder, Emulator(_world()) as server:
        bench = Bench(Path(folder), server)
        bench.pulumi("config", "set", "connections", "0")
        bench.pulumi("up", "--yes", "--skip-preview")
        nothing = bench.measure("preview")
        bench.pulumi("config", "set", "connections", str(count))
        rows = [("preview of a program without connections", nothing, 0)]
        steps = [
            ("up, create all", "up", "--yes", "--skip-preview"),
            ("preview, nothing changed", "preview"),
            ("refresh, nothing changed", "refresh", "--yes", "--skip-preview"),
        ]
        rows += [bench.row(title, *command) for title, *command in steps]
        bench.pulumi("config", "set", "key", "email")
        rows.append(bench.row("preview, one key changed", "preview"))
        size = bench.bytes_per_connection(count)
    table = Table(
        "command", "seconds", "against nothing", "calls a connection", title=f"{count} connections, {STREAMS} streams"
    )
    for title, seconds, calls in rows:
        table.add_row(title, f"{seconds:.1f}", f"{seconds / nothing:.1f} : 1", f"{calls / count:.2f}")
    console.print(table)
    console.print(f"state: {size} bytes a connection")
    console.print(large_emulator())
    console.print(headline())
    return 0


class Bench:
    """A project on an emulated server."""

    def __init__(self, folder: Path, server: Emulator) -> None:
        self.server = server
        self.project = folder / "project"
        self.project.mkdir()
        (folder / "backend").mkdir()
        (self.project / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        (self.project / "__main__.py").write_text(PROGRAM)
        self.environment = os.environ | {
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        self.pulumi("stack", "init", "dev")
        self.pulumi("config", "set", "airbyte-wb:url", server.url)

    def pulumi(self, *words: str) -> str:
        """Run a command.

        Raises:
            RuntimeError: it failed.
        """
        command = ["pulumi", *words, "--non-interactive"]
        done = subprocess.run(
            command, cwd=self.project, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"pulumi {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def measure(self, *words: str) -> float:
        """The wall time of a command in seconds."""
        started = time.monotonic()
        self.pulumi(*words)
        return time.monotonic() - started

    def row(self, title: str, *words: str) -> tuple[str, float, int]:
        """A row of the table: title, seconds, calls of the server."""
        self.server.log.clear()
        seconds = self.measure(*words)
        return title, seconds, sum(self.server.log.counts.values())

    def bytes_per_connection(self, count: int) -> int:
        """How much one connection adds to the exported state."""
        resources: list[dict[str, Any]] = json.loads(self.pulumi("stack", "export"))["deployment"]["resources"]
        ours = [resource for resource in resources if resource["type"].endswith("airbyte:Connection")]
        return sum(len(json.dumps(resource)) for resource in ours) // count


def _world() -> dict[str, Any]:
    columns = {"id": "integer", "email": "string", "updated_at": "timestamp"}
    return {
        "workspaces": [{"name": "bench", "workspaceId": "10000000-0000-4000-8000-000000000001"}],
        "sources": [
            {
                "name": "source",
                "sourceId": SOURCE,
                "streams": [{"name": f"t{n}", "namespace": "public", "columns": columns} for n in range(STREAMS)],
            }
        ],
        "destinations": [
            {"name": "destination", "destinationId": DESTINATION, "family": "direct-load", "supportsRefreshes": True}
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
