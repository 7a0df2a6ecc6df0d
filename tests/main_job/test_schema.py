"""A source whose schema moves on, through the real engine."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import StreamDescriptor
from tests.main_job.conftest import Projects
from tests.main_job.test_flow import planned, refresh, the_connection, up
from tools.builtin_world import SHOP

pytestmark = pytest.mark.engine

PROGRAM = """
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(),
    schema_changes="accept", resets={"wait": "job"}, streams=[
        airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id"),
        airbyte.stream("public.orders", "full_refresh_overwrite")])
"""


def test_an_accepted_schema_is_previewed_and_carried_out(
    server: Emulator, api: AirbyteClient, projects: Projects
) -> None:
    project = projects(PROGRAM)
    up(project)
    connection = the_connection(api)
    server.sync(connection)
    server.set_column("shop-postgres", "users", "name", {"type": "integer"}, "public")
    server.update("shop-postgres", "users", {}, {"name": 7}, "public")
    api.discover_schema(SHOP, disable_cache=True)
    assert project.preview("--expect-no-changes").code == 0
    refresh(project)
    assert list(planned(project)) == ["public.users"]
    out = up(project)
    assert "public.users: refresh, removing old records when it is done [AWB271]" in out
    assert "type at the source: name string => integer" in out
    assert {row["name"] for row in server.table("warehouse", "users")} == {7}
    live = api.get_connection(connection).sync_catalog.by_descriptor()[StreamDescriptor("public", "users")]
    assert live.stream.columns["name"] == {"type": "integer"}
    refresh(project)
    assert project.preview("--expect-no-changes").code == 0
