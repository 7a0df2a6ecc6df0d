"""A blocked plan is a plan: every plan is shown, one sentence says what is blocked, and the exit code is 1."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.plan import Plan, decode
from pulumi_airbyte_wb.spec.codes import Code
from tests.engine import PulumiProject
from tests.main_job.conftest import Projects, write
from tools.builtin_world import WORKSPACE

pytestmark = pytest.mark.engine

PROGRAM = """
for name in ("one", "two", "three", "four"):
    appends = name == "three"
    airbyte.Connection(name, source_id=SHOP, destination_id=WAREHOUSE, prefix=f"{name}_", schedule=airbyte.manual(),
        streams=[airbyte.stream("public.users", "incremental_append" if appends else "incremental_append_dedup",
            cursor="updated_at", key=None if appends else "id")])
"""
CHANGED = PROGRAM.replace('"updated_at"', '"modified_at" if appends else "updated_at"').replace('"id"', '"email"')


def plans(project: PulumiProject) -> dict[str, Plan]:
    """What a failing preview holds as data."""
    result = project.run("preview", "--json")
    assert result.code == 1, result.out
    steps: list[dict[str, Any]] = result.json()["steps"]
    found = {each["urn"].rpartition("::")[2]: each.get("newState", {}).get("inputs", {}) for each in steps}
    return {name: decode(inputs["planned"]) for name, inputs in found.items() if inputs.get("planned")}


def test_one_blocked_plan_hides_no_other(projects: Projects, server: Emulator, api: AirbyteClient) -> None:
    project = projects(PROGRAM)
    assert project.up().code == 0
    for connection in server.connection_ids():
        server.sync(connection)
    write(project, CHANGED)
    found = plans(project)
    assert sorted(found) == ["four", "one", "three", "two"]
    assert [name for name, plan in found.items() if plan.is_blocked] == ["three"]
    (effect,) = found["three"].blocked()
    assert effect.code is Code.CURSOR_CHANGED
    shown = project.preview()
    assert shown.code == 1
    assert shown.out.count("refresh, removing old records when it is done [AWB220]") >= 3
    assert "1 resource is blocked, so nothing can be updated: three;" in shown.out
    # Where there was no preview, the step itself refuses, and the others are carried out.
    result = project.run("up", "--yes", "--skip-preview", "--continue-on-error")
    assert result.code != 0
    assert "nothing was sent: public.users: cursor updated_at => modified_at: blocked [AWB210]" in result.out


def test_a_live_connection_that_moved_blocks_the_preview(
    projects: Projects, server: Emulator, api: AirbyteClient
) -> None:
    """By its name where the check finds it, and by its id where a person has given it another name."""
    project = projects(PROGRAM)
    assert project.up().code == 0
    for connection in server.connection_ids():
        server.sync(connection)
    ids = {each.name: each.connection_id for each in api.list_connections_for_workspace(WORKSPACE)}
    api.update_connection(ConnectionUpdate(connection_id=ids["one"], status="inactive"))
    write(project, CHANGED.replace('"modified_at" if appends else "updated_at"', '"updated_at"'))
    found = plans(project)
    assert sorted(found) == ["four", "one", "two"]
    assert [obstacle.code for obstacle in found["one"].obstacles] == [Code.INACTIVE]
    api.update_connection(ConnectionUpdate(connection_id=ids["one"], name="renamed"))
    result = project.preview()
    assert result.code != 0
    assert "public.users must be re-synced or cleared, but the connection is inactive" in result.out
