"""What the preview of many connections that change alike looks like on a screen, by the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import new_project
from tests.main_job.conftest import HEAD

NUMBER = 10
SCREEN = 50
PROGRAM = f"""
for number in range({NUMBER}):
    airbyte.Connection(f"shop{{number}}", source_id=SHOP, destination_id=WAREHOUSE, prefix=f"p{{number}}_",
        schedule=airbyte.manual(), streams=[airbyte.stream("public.users", "incremental_append_dedup",
            cursor="updated_at", key=pulumi.Config().get("key") or "id")])
"""


@pytest.mark.engine
def test_equal_changes_of_ten_connections_fit_on_a_screen(server: Emulator, tmp_path: Path) -> None:
    # Jobs are counted by stack and project, and other tests that run at the same time have the usual ones.
    project = new_project(tmp_path, HEAD + PROGRAM, stack="many")
    project.set_config("airbyte-wb:url", server.url)
    assert project.up().code == 0
    for connection in server.connection_ids():
        server.sync(connection)
    project.set_config("key", "email")
    preview = project.preview()
    assert preview.code == 0, preview.out
    told = preview.out.split("Diagnostics:", 1)[1]
    assert "public.users of 10 connections" in told
    lines = [line for line in told.splitlines() if line.strip()]
    assert len(lines) <= SCREEN, preview.out
    update = project.up()
    assert update.code == 0, update.out
    ended = update.out.split("Diagnostics:", 1)[1]
    assert ended.count("still running") == 1
    assert "10 jobs still running; `pulumi refresh` tells how they ended" in ended
    assert "still running" not in project.up().out
