"""Ten programs at once against one server: each gets exactly what it declares, and nothing of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import PulumiProject, new_project
from tools.builtin_world import WORKSPACE

pytestmark = pytest.mark.engine

TEN = range(10)


def program(number: int) -> str:
    stream = ("users", "orders", "events")[number % 3]
    return f"""
import pulumi
import pulumi_airbyte_wb as airbyte
connection = airbyte.Connection(
    "same-name-everywhere",
    name="program {number}",
    source_id=airbyte.get_source(name="shop-postgres").source_id,
    destination_id=airbyte.get_destination(name="warehouse").destination_id,
    schedule=airbyte.every({number + 1}, "hours"),
    prefix="p{number}_",
    streams=[airbyte.stream("public.{stream}", "full_refresh_overwrite")],
    operations=[{{"name": "own", "webhook": {{
        "webhook_config_id": "50000000-0000-4000-8000-000000000001",
        "dbt_cloud": {{"account_id": 1, "job_id": {number + 1}}},
    }}}}],
)
pulumi.export("id", connection.connection_id)
"""


def all_at_once(projects: list[PulumiProject], *arguments: str) -> None:
    """Run a command in every project at the same time."""
    running = [project.start(*arguments) for project in projects]
    for process in running:
        stdout, stderr = process.communicate(timeout=280)
        assert process.returncode == 0, stdout + stderr


def test_ten_programs_at_once(tmp_path: Path) -> None:
    with Emulator() as emulator, AirbyteClient(ServerSettings(emulator.url)) as api:
        emulator.set_shuffle(on=True)
        projects = []
        for number in TEN:
            folder = tmp_path / str(number)
            folder.mkdir()
            # Incomplete connections are told apart by URN, so each program has a stack of its own name.
            project = new_project(folder, program(number), stack=f"team-{number}")
            project.env["AIRBYTE_WB_URL"] = emulator.url
            projects.append(project)

        all_at_once(projects, "up", "--yes", "--skip-preview")
        found = {each.name: each for each in api.list_connections_for_workspace(WORKSPACE)}
        assert sorted(found) == [f"program {number}" for number in TEN]
        assert len(emulator.server.connections(deleted=True)) == 10
        for number, project in enumerate(projects):
            connection = api.get_connection(found[f"program {number}"].connection_id)
            (stream,) = connection.sync_catalog.selected()
            (operation,) = connection.operations
            webhook = operation.operator_configuration.webhook
            assert stream.name == ("users", "orders", "events")[number % 3]
            assert (connection.prefix, connection.status) == (f"p{number}_", "active")
            assert connection.schedule_data is not None
            assert connection.schedule_data.basic_schedule is not None
            assert connection.schedule_data.basic_schedule.units == number + 1
            assert webhook is not None
            assert webhook.dbt_cloud is not None
            assert webhook.dbt_cloud.job_id == number + 1
            if number in (0, 9):
                assert project.outputs()["id"] == connection.connection_id
        operations = list(emulator.server.store.all("operation"))
        assert len(operations) == 10
        assert not any(each["tombstone"] for each in operations)
        all_at_once(projects[:2], "preview", "--expect-no-changes")
