"""The streams of a connection, managed apart from it, through the real engine."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.models import ConnectionCreate, ConnectionUpdate, StreamDescriptor
from tests.main_job.conftest import Projects, write
from tests.main_job.test_flow import changes, planned, refresh, up
from tests.main_job.test_refusals import refused
from tools.builtin_world import SHOP, WAREHOUSE, WORKSPACE

pytestmark = pytest.mark.engine

EVENTS = StreamDescriptor("public", "events")
CATALOG = """
airbyte.Catalog("streams", connection_id=ID, streams=[
    airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id"),
    airbyte.streams("public.dim_*", "full_refresh_overwrite")], resets={"wait": "job"})
"""


@pytest.fixture
def connection_id(api: AirbyteClient) -> str:
    """A connection that a person made by hand, with one stream."""
    schema = api.discover_schema(SHOP)
    assert schema.catalog is not None
    events = schema.catalog.by_descriptor()[EVENTS]
    events.config.selected = True
    schema.catalog.streams = [events]
    made = api.create_connection(
        ConnectionCreate(
            source_id=SHOP, destination_id=WAREHOUSE, name="by hand", status="active", schedule_type="manual",
            sync_catalog=schema.catalog, source_catalog_id=schema.catalog_id,
        )
    )  # fmt: skip
    return made.connection_id


def selected(api: AirbyteClient, connection_id: str) -> set[str]:
    return {stream.name for stream in api.get_connection(connection_id).sync_catalog.selected()}


def test_the_whole_life_of_a_catalog(
    projects: Projects, api: AirbyteClient, server: Emulator, connection_id: str
) -> None:
    program = CATALOG.replace("ID", f'"{connection_id}"')
    project = projects(program)
    effects = planned(project)
    assert effects["*"] == (
        f"AWB102 attach: declares streams of connection {connection_id}; what it has of them is taken over as it is"
    )
    assert {key for key in effects if key != "*"} == {"public.users", "public.dim_country", "public.dim_currency"}
    up(project)
    assert selected(api, connection_id) == {"events", "users", "dim_country", "dim_currency"}
    assert planned(project) == {}
    assert project.preview("--expect-no-changes").code == 0
    server.sync(connection_id)

    write(project, program.replace('key="id"', 'key="email"'))
    assert planned(project)["public.users"].startswith("AWB220 truncate: key id => email")
    up(project)
    assert [job["job"]["configType"] for job in server.jobs(connection_id)] == ["sync", "refresh"]

    live = api.get_connection(connection_id)
    live.sync_catalog.by_descriptor()[StreamDescriptor("public", "dim_country")].config.selected = False
    api.update_connection(ConnectionUpdate(connection_id=connection_id, sync_catalog=live.sync_catalog))
    refresh(project)
    assert list(planned(project)) == ["public.dim_country"]
    up(project)
    assert "dim_country" in selected(api, connection_id)

    result = project.destroy()
    assert result.code == 0, result.out
    assert selected(api, connection_id) == {"events", "users", "dim_country", "dim_currency"}, "released as they are"


MANY = """
shop = airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(), PREFIX)
for stream in (airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id"),
               airbyte.stream("public.events", "incremental_append", cursor="ts"),
               airbyte.stream("public.orders", "full_refresh_overwrite"),
               airbyte.stream("public.dim_country", "full_refresh_overwrite")):
    airbyte.Catalog(stream.name, connection_id=shop.connection_id, streams=[stream], resets={"wait": "job"})
"""


def test_many_catalogs_of_one_connection(projects: Projects, api: AirbyteClient, server: Emulator) -> None:
    """The engine changes four at a time; and what the connection does to their tables is theirs to tell."""
    project = projects(MANY.replace("PREFIX", ""))
    server.add_fault(Fault("delay", path="web_backend/connections/update", delay=0.1, times=100))
    up(project)
    (item,) = api.list_connections_for_workspace(WORKSPACE)
    assert selected(api, item.connection_id) == {"users", "orders", "events", "dim_country"}
    server.sync(item.connection_id)
    write(project, MANY.replace("PREFIX", 'prefix="x_"'))
    shown = project.preview()
    assert shown.code == 0, shown.out
    assert "2 streams are re-synced, retaining records" in shown.out, shown.out
    for stream in ("public.users", "public.events"):
        assert f"{stream}: refresh, retaining records [AWB241]" in shown.out
    up(project)
    server.sync(item.connection_id)
    assert len(server.table("warehouse", "x_users")) == 6
    assert len(server.table("warehouse", "x_events")) == 10
    assert project.preview("--expect-no-changes").code == 0
    refresh(project)
    assert project.preview("--expect-no-changes").code == 0


def test_streams_are_taken_out_on_delete_by_word(projects: Projects, api: AirbyteClient, connection_id: str) -> None:
    project = projects(CATALOG.replace("ID", f'"{connection_id}", on_delete="remove"'))
    up(project)
    assert project.destroy().code == 0
    assert selected(api, connection_id) == {"events"}


def test_one_stream_has_one_owner(projects: Projects) -> None:
    """The id is known only after the connection was created: refused then, and at every later preview."""
    both = """
shop = airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(),
    streams=[airbyte.stream("public.users", "full_refresh_overwrite")])
airbyte.Catalog("streams", connection_id=shop.connection_id,
    streams=[airbyte.stream("public.users", "full_refresh_overwrite")])
"""
    project = projects(both)
    error = refused(project)
    assert "Catalog('streams'): the streams of Connection 'shop' are declared by it already" in error
    apart = both.replace(
        ', schedule=airbyte.manual(),\n    streams=[airbyte.stream("public.users", "full_refresh_overwrite")])', ")", 1
    )
    write(project, apart)
    up(project)
    assert changes(project) == {}


def test_a_catalog_of_no_connection(projects: Projects, api: AirbyteClient, connection_id: str) -> None:
    project = projects(CATALOG.replace("ID", f'"{SHOP}"'))
    assert f"connection_id: '{SHOP}' is no connection of the server" in refused(project)
    api.delete_connection(connection_id)
    write(project, CATALOG.replace("ID", f'"{connection_id}"'))
    assert f"connection_id: '{connection_id}' was deleted" in refused(project)
