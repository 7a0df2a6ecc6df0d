"""A connection's life through the real engine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import ConnectionUpdate, StreamDescriptor
from tests.engine import PulumiProject, environment
from tests.main_job.conftest import Projects, write
from tests.told import told
from tools.builtin_world import CRM, SHOP, WORKSPACE

pytestmark = pytest.mark.engine

USERS = StreamDescriptor("public", "users")
PROGRAM = """
shop = airbyte.Connection(
    "shop",
    source_id=SHOP,
    destination_id=WAREHOUSE,
    schedule=airbyte.manual(),
    streams=[
        airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key=["region", "id"]),
        airbyte.stream("public.events", "incremental_append", cursor="ts"),
        airbyte.stream("public.orders", "full_refresh_overwrite", fields=["status", "id", "amount"]),
        airbyte.streams("public.dim_*", "full_refresh_overwrite"),
    ],
    resets={"wait": "job"},
)
"""
KEY, OTHER_KEY = 'key=["region", "id"]', 'key="id"'


def changes(project: PulumiProject) -> dict[str, int]:
    """What a preview would change, the stack left out."""
    result, events = project.events("preview")
    assert result.code == 0, result.out
    steps = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
    ops = [step["op"] for step in steps if step["type"].endswith("airbyte:Connection") and step["op"] != "same"]
    return {op: ops.count(op) for op in ops}


def planned(project: PulumiProject) -> dict[str, str]:
    """What a preview plans."""
    result, events = project.events("preview")
    assert result.code == 0, result.out
    found: dict[str, str] = {}
    for event in events:
        step: dict[str, Any] = event.get("resourcePreEvent", {}).get("metadata", {})
        found |= told(((step.get("new") or {}).get("inputs") or {}).get("planned"))
    return found


def up(project: PulumiProject) -> str:
    result = project.up()
    assert result.code == 0, result.out
    return result.out


def refresh(project: PulumiProject) -> None:
    result = project.refresh()
    assert result.code == 0, result.out


def the_connection(api: AirbyteClient, name: str = "shop") -> str:
    (found,) = [item for item in api.list_connections_for_workspace(WORKSPACE) if item.name == name]
    return found.connection_id


def without_order(value: Any) -> Any:
    """JSON with every list in one order: the server shuffles them."""
    if isinstance(value, dict):
        return {name: without_order(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((without_order(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def test_nothing_changed_shows_nothing_whatever_the_order_of_answers(projects: Projects, server: Emulator) -> None:
    project = projects(PROGRAM)
    up(project)
    assert changes(project) == {}
    for _ in range(3):
        refresh(project)
        assert changes(project) == {}
    server.log.clear()
    assert changes(project) == {}
    assert dict(server.log.counts) == {}, "an unchanged resource costs no call in a preview"


def test_a_changed_key_is_planned_and_carried_out(projects: Projects, server: Emulator, api: AirbyteClient) -> None:
    project = projects(PROGRAM)
    up(project)
    shop = the_connection(api)
    server.sync(shop)
    write(project, PROGRAM.replace(KEY, OTHER_KEY))
    assert list(planned(project)) == ["public.users"]
    assert planned(project)["public.users"].startswith("AWB220 truncate: key id,region => id")
    before = server.jobs(shop)
    out = up(project)
    assert "public.users: refresh, removing old records when it is done [AWB220]" in out
    (job,) = server.jobs(shop)[len(before) :]
    assert job["job"]["status"] == "succeeded"
    assert job["job"]["refreshConfig"]["streamsToRefresh"] == [{"name": "users", "namespace": "public"}]
    assert changes(project) == {}


def test_a_paused_connection_owes_its_re_read_until_it_is_active(
    projects: Projects, server: Emulator, api: AirbyteClient
) -> None:
    project = projects(PROGRAM)
    up(project)
    shop = the_connection(api)
    server.sync(shop)
    paused = PROGRAM.replace(KEY, OTHER_KEY).replace("resets=", 'status="inactive", resets=')
    write(project, paused)
    assert planned(project)["public.users"].startswith(
        "deferred truncate: key id,region => id (until the connection is activ"
    )
    up(project)
    assert [job["job"]["configType"] for job in server.jobs(shop)] == ["sync"]
    refresh(project)
    assert changes(project) == {}
    write(project, paused.replace('"inactive"', '"active"'))
    assert planned(project)["public.users"].startswith("AWB220 truncate: key id,region => id")
    up(project)
    assert [job["job"]["configType"] for job in server.jobs(shop)] == ["sync", "refresh"]
    assert changes(project) == {}


def test_a_stream_that_comes_back_resumes(projects: Projects, server: Emulator, api: AirbyteClient) -> None:
    project = projects(PROGRAM)
    up(project)
    shop = the_connection(api)
    server.sync(shop)
    events = '        airbyte.stream("public.events", "incremental_append", cursor="ts"),\n'
    write(project, PROGRAM.replace(events, ""))
    up(project)
    refresh(project)
    assert changes(project) == {}
    write(project, PROGRAM)
    assert planned(project)["public.events"].startswith("AWB204 none: added (its sync state was kept")
    up(project)
    server.sync(shop)
    assert len(server.table("warehouse", "events")) == len(server.source_rows("shop-postgres", "events", "public"))


def test_drift_that_would_do_more_than_planned_is_refused(
    projects: Projects, server: Emulator, api: AirbyteClient
) -> None:
    project = projects(PROGRAM)
    up(project)
    shop = the_connection(api)
    server.sync(shop)
    live = api.get_connection(shop)
    users = live.sync_catalog.selected()[USERS]
    users.config.primary_key = [["email"]]
    api.update_connection(ConnectionUpdate(connection_id=shop, sync_catalog=live.sync_catalog))
    write(project, PROGRAM.replace('cursor="ts"', 'cursor="ts"').replace("manual()", 'every(6, "hours")'))
    result = project.up()
    assert result.code != 0
    shown = " ".join(result.out.split())
    assert "public.users: the live connection has changed since it was last read, so this update would do" in shown
    assert "run `pulumi refresh`" in shown
    assert api.get_connection(shop).schedule_type == "manual"
    refresh(project)
    assert planned(project)["public.users"].startswith("AWB220 truncate: key email => id,region")


def test_only_what_is_declared_is_owned(projects: Projects, api: AirbyteClient) -> None:
    project = projects(PROGRAM)
    up(project)
    shop = the_connection(api)
    live = api.get_connection(shop)
    catalog = live.sync_catalog
    orders = catalog.by_descriptor()[StreamDescriptor("public", "orders")]
    orders.config.destination_object_name = "of_another_person"
    api.update_connection(ConnectionUpdate(connection_id=shop, prefix="theirs_", sync_catalog=catalog))
    refresh(project)
    assert changes(project) == {}
    write(project, PROGRAM.replace("manual()", 'every(6, "hours")'))
    assert planned(project) == {}
    up(project)
    live = api.get_connection(shop)
    assert (live.prefix, live.schedule_type) == ("theirs_", "basic")
    assert live.sync_catalog.by_descriptor()[orders.descriptor].config.destination_object_name == "of_another_person"


def test_removed_streams_leave_and_others_streams_stay(projects: Projects, api: AirbyteClient) -> None:
    project = projects(PROGRAM)
    up(project)
    events = '        airbyte.stream("public.events", "incremental_append", cursor="ts"),\n'
    dims = '        airbyte.streams("public.dim_*", "full_refresh_overwrite"),\n'
    write(project, PROGRAM.replace(dims, ""))
    assert {key: line.split(":")[0] for key, line in planned(project).items()} == {
        "public.dim_country": "AWB203 none",
        "public.dim_currency": "AWB203 none",
    }
    up(project)
    shop = the_connection(api)
    live = api.get_connection(shop)
    assert {stream.name for stream in live.sync_catalog.selected()} == {"users", "events", "orders"}
    catalog = live.sync_catalog
    catalog.by_descriptor()[StreamDescriptor("public", "dim_country")].config.selected = True
    api.update_connection(ConnectionUpdate(connection_id=shop, sync_catalog=catalog))
    write(project, PROGRAM.replace(dims, "").replace(events, ""))
    up(project)
    live = api.get_connection(shop)
    assert {stream.name for stream in live.sync_catalog.selected()} == {"users", "orders", "dim_country"}


def test_a_refresh_finds_new_matches_of_a_pattern_and_drops_none(
    projects: Projects, server: Emulator, api: AirbyteClient
) -> None:
    project = projects(PROGRAM)
    up(project)
    columns = {"type": "object", "properties": {"code": {"type": "string"}}}
    region = {
        "name": "dim_region",
        "namespace": "public",
        "jsonSchema": columns,
        "supportedSyncModes": ["full_refresh"],
    }
    server.set_stream("shop-postgres", region, [{"code": "eu"}])
    server.drop_stream("shop-postgres", "dim_country", "public")
    api.discover_schema(SHOP, disable_cache=True)
    assert changes(project) == {}, "an unchanged pattern is not resolved again by itself"
    refresh(project)
    # The new stream's schema lacks public.dim_country, so that the update could not be sent: the preview says so.
    result = project.preview()
    assert result.code == 1, result.out
    shown = " ".join(result.out.split())
    assert "public.dim_region: the next sync reads it in full [AWB201] added" in shown
    assert "blocked [AWB289] public.dim_region came with a newer schema of the source, which also changes" in shown


def test_an_adoption_is_planned_and_changes_nothing_that_is_not_declared(
    projects: Projects, api: AirbyteClient, server: Emulator
) -> None:
    project = projects(PROGRAM)
    up(project)
    shop = the_connection(api)
    before = api.get_connection(shop)
    assert project.run("state", "delete", "--yes", "--all").code == 0
    adopting = PROGRAM.replace("source_id=SHOP", f'adopt="{shop}", source_id=SHOP')
    write(project, adopting)
    told = f"AWB101 adopt: takes over connection {shop} ('shop') as it is; nothing is sent in this run"
    assert planned(project) == {"*": told}
    up(project)
    after = api.get_connection(shop)
    assert without_order(after.wire()) == without_order(before.wire())
    assert changes(project) == {}
    write(project, PROGRAM)
    assert changes(project) == {}, "adopt may be taken out of the program again"


def test_replacing_needs_a_word_and_deletes_first(projects: Projects, api: AirbyteClient) -> None:
    program = """
airbyte.Connection("one", source_id=SHOP, destination_id=WAREHOUSE,
    streams=[airbyte.stream("public.orders", "full_refresh_overwrite")])
"""
    project = projects(program)
    up(project)
    old = the_connection(api, "one")
    moved = program.replace("SHOP", "CRM").replace("public.orders", "owners")
    write(project, moved)
    result = project.preview()
    assert result.code != 0
    assert "would replace the connection" in result.out
    assert "allow_replace=True" in result.out
    write(project, moved.replace("source_id", "allow_replace=True, source_id"))
    assert changes(project) == {"delete-replaced": 1, "create-replacement": 1, "replace": 1}
    up(project)
    assert api.get_connection(old).deleted
    assert api.get_connection(the_connection(api, "one")).source_id == CRM


def test_outputs_of_other_resources_are_inputs(projects: Projects, api: AirbyteClient) -> None:
    """As a source made by another provider would be: not known before it is created."""
    project = projects(
        """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider
class Maker(ResourceProvider):
    def create(self, props):
        return CreateResult("1", props | {"made": props["given"]})
class Made(Resource):
    made: pulumi.Output[str]
    def __init__(self, name, given):
        super().__init__(Maker(), name, {"given": given, "made": None})
source = Made("source", SHOP)
name = Made("name", "from-an-output")
airbyte.Connection("one", source_id=source.made, destination_id=WAREHOUSE, name=name.made,
    streams=source.made.apply(lambda _: [airbyte.stream("public.orders", "full_refresh_overwrite")]))
"""
    )
    result = project.preview()
    assert result.code == 0, result.out
    assert "source_id, streams not known yet" in result.out
    up(project)
    live = api.get_connection(the_connection(api, "from-an-output"))
    assert live.source_id == SHOP
    assert [stream.key for stream in live.sync_catalog.selected()] == ["public.orders"]
    assert changes(project) == {}


def test_ignore_changes_of_one_stream(projects: Projects) -> None:
    project = projects(PROGRAM)
    up(project)
    ignored = PROGRAM.replace(
        '"shop",', '"shop", pulumi.ResourceOptions(ignore_changes=[\'streams["public.users"]\']),'
    ).replace(KEY, OTHER_KEY)
    write(project, ignored)
    assert changes(project) == {}


def test_a_connection_inside_a_component(projects: Projects) -> None:
    project = projects(
        """
class Pipeline(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("acme:index:Pipeline", name)
        airbyte.Connection("inner", pulumi.ResourceOptions(parent=self), source_id=SHOP, destination_id=WAREHOUSE,
            streams=[airbyte.stream("public.orders", "full_refresh_overwrite")])
        self.register_outputs({})
Pipeline("outer")
"""
    )
    up(project)
    assert changes(project) == {}


def test_the_quickstart_runs_from_the_top_of_the_repository(server: Emulator, tmp_path: Path) -> None:
    (tmp_path / "backend").mkdir()
    root, copy = Path(__file__).parents[2], tmp_path / "top"
    shutil.copytree(root / "examples" / "quickstart", copy / "examples" / "quickstart")
    shutil.copy(root / "Pulumi.yaml", copy)
    top = PulumiProject(copy, environment(tmp_path) | {"AIRBYTE_WB_URL": server.url})
    assert top.run("stack", "init", "top").code == 0
    result = top.preview("--stack", "top")
    assert result.code == 0, result.out
    assert "+ 3 to create" in result.out


def test_every_field_of_a_connection(projects: Projects, api: AirbyteClient) -> None:
    program = """
airbyte.Connection("all", source_id=SHOP, destination_id=WAREHOUSE, name="All of it", status="inactive",
    schedule=airbyte.cron("0 0 6 ? * MON", "Europe/Berlin"), namespace_definition="customformat",
    namespace_format="${SOURCE_NAMESPACE}_raw", prefix="p_", non_breaking_changes_preference="propagate_columns",
    backfill_preference="enabled", notify_schema_changes=True, notify_schema_changes_by_email=True,
    resource_requirements={"cpu_limit": "2", "memory_limit": "1Gi"},
    streams=[airbyte.stream("public.orders", "full_refresh_append",
        mappers=[{"type": "hashing", "mapperConfiguration":
            {"targetField": "status", "method": "SHA-256", "fieldNameSuffix": "_hashed"}}])])
"""
    project = projects(program)
    up(project)
    live = api.get_connection(the_connection(api, "All of it"))
    assert (live.status, live.prefix, live.namespace_format) == ("inactive", "p_", "${SOURCE_NAMESPACE}_raw")
    assert live.schedule_data is not None
    assert live.schedule_data.cron is not None
    assert live.schedule_data.cron.cron_time_zone == "Europe/Berlin"
    assert (live.non_breaking_changes_preference, live.backfill_preference) == ("propagate_columns", "enabled")
    assert (live.notify_schema_changes, live.notify_schema_changes_by_email) == (True, True)
    assert live.resource_requirements == {"cpu_limit": "2", "memory_limit": "1Gi"}
    (stream,) = live.sync_catalog.selected().values()
    assert (stream.config.mappers or [{}])[0]["type"] == "hashing"
    assert changes(project) == {}
    refresh(project)
    assert changes(project) == {}
    theirs = ConnectionUpdate(connection_id=live.connection_id, backfill_preference="disabled", name="Theirs")
    api.update_connection(theirs)
    refresh(project)
    assert changes(project) == {"update": 1}
    up(project)
    live = api.get_connection(live.connection_id)
    assert (live.backfill_preference, live.name) == ("enabled", "All of it")


def test_a_deleted_connection_is_created_again_after_a_refresh(projects: Projects, api: AirbyteClient) -> None:
    project = projects(PROGRAM)
    up(project)
    first = the_connection(api)
    api.delete_connection(first)
    write(project, PROGRAM.replace("manual()", 'every(6, "hours")'))
    result = project.up()
    assert result.code != 0
    assert f"connection {first} was deleted outside this program" in result.out
    assert "run `pulumi refresh`" in result.out
    refresh(project)
    write(
        project, PROGRAM.replace('"incremental_append"', '"full_refresh_overwrite"').replace('cursor="ts"', "key=None")
    )
    assert changes(project) == {"create": 1}


def test_destroy_takes_down_and_twice_is_as_once(projects: Projects, api: AirbyteClient) -> None:
    project = projects(PROGRAM)
    up(project)
    api.delete_connection(the_connection(api))
    result = project.destroy()
    assert result.code == 0, result.out
    assert list(api.list_connections_for_workspace(WORKSPACE)) == []
    assert project.resources() == []
