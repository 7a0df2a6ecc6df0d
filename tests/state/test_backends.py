"""The same flow wherever state is kept; in a folder, it is that of ``tests/main_job``."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.spec.schedule import schedule_line
from tests.engine import new_project
from tests.main_job.conftest import HEAD, write
from tests.state.backends import BACKENDS
from tools.builtin_world import WORKSPACE

PROGRAM = """
connection = airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.every(6, "hours"),
    streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id")])
pulumi.export("id", connection.id)
"""

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_same_flow(backend: str, tmp_path: Path) -> None:
    with BACKENDS[backend]() as env, Emulator() as server, AirbyteClient(ServerSettings(server.url)) as api:
        project = new_project(tmp_path, HEAD + PROGRAM, env=env)
        assert list((tmp_path / "backend").iterdir()) == [], "nothing is kept in the folder"
        project.set_config("airbyte-wb:url", server.url)
        assert project.up().code == 0
        (shop,) = api.list_connections_for_workspace(WORKSPACE)
        previewed = project.preview("--expect-no-changes")
        assert previewed.code == 0, previewed.out

        write(project, PROGRAM.replace("every(6", "every(12"))
        assert project.up().code == 0
        assert schedule(api, shop.connection_id) == "every 12 hours"
        refreshed = project.refresh("--expect-no-changes")
        assert refreshed.code == 0, refreshed.out

        assert project.destroy().code == 0
        assert project.resources() == []
        assert list(api.list_connections_for_workspace(WORKSPACE)) == []


def schedule(api: AirbyteClient, connection_id: str) -> str:
    live = api.get_connection(connection_id)
    return schedule_line(live.schedule_type, live.schedule_data)
