"""Taking over first, changing next, through the real engine; and replacements that the engine is told to make."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.spec.codes import Code
from tests.engine import PulumiProject
from tests.main_job.conftest import Projects, write
from tests.main_job.test_blocked import plans
from tests.main_job.test_flow import refresh, the_connection, up
from tests.providers.test_adopting import writes

pytestmark = pytest.mark.engine

MADE = """
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(), streams=[
    airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id"),
    airbyte.stream("public.events", "incremental_append", cursor="ts")])
"""
ADOPTED = """
airbyte.Connection("adopted", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(), adopt="ID",
    name="mine", exclusive=True, on_remove="clear", operations=[{"name": "one", "webhook": {
        "webhook_config_id": "50000000-0000-4000-8000-000000000001", "dbt_cloud": {"account_id": 1, "job_id": 1}}}],
    resets={"permits": ["public.users AWB220 once"], "wait": "job"},
    streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="email"),
             airbyte.stream("public.orders", "full_refresh_overwrite")])
"""
CATALOG = """
airbyte.Catalog("part", connection_id="ID", resets={"wait": "job"}, on_delete="remove", streams=[
    airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="email")])
"""
LATER = "taken over as it is; the next `pulumi up` changes: name 'shop' => 'mine', operations {} => "


@pytest.fixture
def theirs(projects: Projects, api: AirbyteClient, server: Emulator) -> tuple[PulumiProject, str]:
    """A project, and a connection that it does not know any more; it has synced."""
    project = projects(MADE)
    up(project)
    shop = the_connection(api)
    server.sync(shop)
    assert project.run("state", "delete", "--yes", "--all").code == 0
    return project, shop


def of_streams(project: PulumiProject) -> list[str]:
    """What a preview's diff shows of the streams."""
    shown = [line.strip() for line in project.preview("--diff").out.splitlines()]
    began = next(index for index, line in enumerate(shown) if line.startswith("~ streams"))
    return shown[began + 1 : shown.index("}", began)]


def test_an_adoption_takes_two_runs(server: Emulator, api: AirbyteClient, theirs: tuple[PulumiProject, str]) -> None:
    project, shop = theirs
    write(project, ADOPTED.replace("ID", shop))
    server.log.clear()
    shown = project.preview()
    assert shown.code == 0, shown.out
    assert "the next `pulumi up` changes: name 'shop' => 'mine', " in shown.out
    result = project.run("up", "--yes")
    assert result.code == 0, result.out
    assert LATER in result.out
    assert "public.events, public.orders, public.users" in result.out
    assert writes(server) == []
    before = of_streams(project)
    line = "incremental_append_dedup cursor=updated_at key"
    assert before == [
        '- public.events: "incremental_append cursor=ts"',
        '+ public.orders: "full_refresh_overwrite"',
        f'~ public.users : "{line}=id" => "{line}=email"',
    ]
    quiet = project.refresh("--expect-no-changes")
    assert quiet.code == 0, quiet.out
    assert of_streams(project) == before
    assert writes(server) == []
    up(project)
    assert project.preview("--expect-no-changes").code == 0
    live = api.get_connection(shop)
    assert (live.name, sorted(stream.name for stream in live.sync_catalog.selected())) == ("mine", ["orders", "users"])
    assert "refresh" in [job["job"]["configType"] for job in server.jobs(shop)]
    refresh(project)
    assert project.preview("--expect-no-changes").code == 0
    assert project.destroy("--run-program").code == 0
    assert api.get_connection(shop).deleted


def test_a_connection_and_its_catalog_over_filled_tables_take_two_runs(
    server: Emulator, api: AirbyteClient, projects: Projects
) -> None:
    project = projects(MADE)
    up(project)
    server.sync(the_connection(api))
    write(project, "")
    up(project)
    both = """
shop = airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(),
    prefix="PREFIX")
airbyte.Catalog("part", connection_id=shop.connection_id, resets={"wait": "job", "overrides": {"public.users": "skip"}},
    streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id"),
             airbyte.stream("public.events", "incremental_append", cursor="ts"),
             airbyte.stream("public.orders", "full_refresh_overwrite")])
"""
    write(project, both.replace("PREFIX", ""))
    shown = project.preview()
    assert shown.code == 0, shown.out
    assert "those whose tables were filled before" in " ".join(shown.out.split())
    told = up(project)
    assert "the next `pulumi up` changes: public.events (blocked)" in told
    live = api.get_connection(the_connection(api))
    assert sorted(stream.name for stream in live.sync_catalog.selected()) == ["orders", "users"]
    assert project.preview().code == 1
    write(project, both.replace("PREFIX", "").replace('"skip"', '"skip", "public.events": "skip"'))
    up(project)
    assert project.preview("--expect-no-changes").code == 0


def optioned(program: str, option: str) -> str:
    return program.replace("resets=", f"opts=pulumi.ResourceOptions({option}), resets=", 1)


@pytest.mark.parametrize("program", [ADOPTED, CATALOG], ids=["adopted", "attached"])
def test_a_replacement_of_what_was_taken_over_is_blocked(
    server: Emulator, api: AirbyteClient, theirs: tuple[PulumiProject, str], program: str
) -> None:
    project, shop = theirs
    triggered = optioned(program.replace("ID", shop), 'replacement_trigger="a"')
    write(project, triggered)
    up(project)
    up(project)
    live = api.get_connection(shop).sync_catalog.selected().keys()
    (urn,) = [each["urn"] for each in project.resources() if "airbyte" in each["type"]]
    server.log.clear()

    def refuses(*arguments: str) -> None:
        shown = project.preview(*arguments)
        assert shown.code == 1, shown.out
        assert "[AWB287]" in shown.out
        assert "1 resource is blocked" in shown.out
        result = project.up(*arguments)
        assert result.code != 0, result.out
        assert "it is not replaced; nothing was sent" in " ".join(result.out.split())
        assert [each["id"] for each in project.resources() if "airbyte" in each["type"]] == [shop]

    refuses("--replace", urn)
    write(project, triggered.replace('"a"', '"b"'))
    refuses()
    write(project, triggered)
    assert project.run("state", "taint", "--yes", urn).code == 0
    found = plans(project)
    assert [obstacle.code for plan in found.values() for obstacle in plan.obstacles] == [Code.REPLACEMENT_FORCED]
    refuses()
    assert project.run("state", "untaint", "--yes", urn).code == 0
    assert project.preview("--expect-no-changes").code == 0
    assert writes(server) == []
    assert api.get_connection(shop).sync_catalog.selected().keys() == live


CREATED = """
airbyte.Connection("own", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(), name="NAME",
    resets={}, streams=[airbyte.stream("public.users", "full_refresh_overwrite")], prefix="NAME_")
"""


@pytest.mark.parametrize("option", ["", "delete_before_replace=True"])
def test_a_replacement_of_what_was_created_is_blocked(
    server: Emulator, api: AirbyteClient, projects: Projects, option: str
) -> None:
    """Under another name and prefix nothing else would stand in the way of another connection."""
    project = projects(optioned(CREATED, option))
    up(project)
    own = the_connection(api, "NAME")
    (urn,) = [each["urn"] for each in project.resources() if "airbyte" in each["type"]]
    server.log.clear()
    for name in ("NAME", "other"):
        write(project, optioned(CREATED, option).replace("NAME", name))
        for act in (project.preview, project.up):
            result = act("--replace", urn)
            assert result.code != 0, result.out
            assert f"a replacement would delete connection {own} and its sync state" in " ".join(result.out.split())
    assert writes(server) == []
    assert [each["id"] for each in project.resources() if "airbyte" in each["type"]] == [own]
    assert project.run("state", "taint", "--yes", urn).code == 0
    assert project.up().code != 0
    assert project.run("state", "untaint", "--yes", urn).code == 0
    write(project, optioned(CREATED, option))
    assert project.preview("--expect-no-changes").code == 0


def test_a_change_that_may_replace_is_an_update(api: AirbyteClient, theirs: tuple[PulumiProject, str]) -> None:
    """The engine knows by its names alone what replace_on_changes is about, and dynamic providers tell it none."""
    project, shop = theirs
    program = CATALOG.replace("ID", shop)
    write(project, program)
    up(project)
    up(project)
    write(project, optioned(program.replace('key="email"', 'key="id"'), 'replace_on_changes=["*"]'))
    result = project.preview()
    assert (result.code, "1 to update" in result.out) == (0, True), result.out
