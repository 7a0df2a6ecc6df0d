"""What goes wrong is told in one sentence with a hint, and nothing is changed."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import ConnectionUpdate, StreamDescriptor
from tests.engine import PulumiProject, new_project
from tests.main_job.conftest import HEAD, Projects, write
from tools.builtin_world import WORKSPACE, world

pytestmark = pytest.mark.engine

GOOD = """
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, streams=[
    airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id")])
"""


# Without the program, a refresh uses the server settings of the last update: they stand in the state.
REFRESH = ("refresh", "--yes", "--skip-preview", "--run-program")
DESTROY = ("destroy", "--yes", "--skip-preview", "--run-program")


def refused(project: PulumiProject, *command: str) -> str:
    """The one error that a command ends with; fails when there is a traceback, or more than one."""
    result = project.run(*(command or ("preview",)))
    assert result.code != 0, result.out
    assert "Traceback" not in result.out, result.out
    diagnostics = result.out.split("Diagnostics:")[-1].split("Resources:")[0]
    errors = [line.strip() for line in diagnostics.splitlines() if line.strip().startswith("error:")]
    # What Pulumi adds after any failed step.
    engine = r"error: (update failed|preview failed|resource .* failed)"
    ours = sorted({error for error in errors if not re.fullmatch(engine, error)})
    assert len(ours) == 1, result.out
    return ours[0]


MISTAKES = [
    (
        GOOD.replace("incremental_append_dedup", "incremental_append_dedupe"),
        "streams[\"public.users\"].mode: 'incremental_append_dedupe' is not a sync mode; "
        "did you mean 'incremental_append_dedup'",
    ),
    (
        GOOD.replace('cursor="updated_at", ', ""),
        "streams[\"public.users\"].cursor: 'incremental_append_dedup' needs a cursor, and the source defines none; "
        "declare one of email, id, modified_at, name, region, updated_at",
    ),
    (
        GOOD.replace("public.users", "public.user"),
        "streams[\"public.user\"]: 'public.user' is no stream of the source; did you mean 'public.users'?",
    ),
    (
        GOOD.replace("streams=", 'shedule="manual", streams='),
        "Connection('shop'): shedule='manual' is no argument; did you mean 'schedule'?",
    ),
    (
        GOOD.replace("source_id=SHOP", 'source_id="20000000-0000-4000-8000-00000000beef"'),
        "source_id: '20000000-0000-4000-8000-00000000beef' is not known to the server at http://127.0.0.1",
    ),
    (
        GOOD + GOOD.replace('"shop"', '"shop2"'),
        "writes the table public.users, as does the connection 'shop",
    ),
    (
        GOOD.replace("SHOP", 'airbyte.get_source(name="shop-postgre").source_id'),
        "get_source: no source is called 'shop-postgre'; did you mean 'shop-postgres'?",
    ),
]


def test_a_mistake_in_a_program(projects: Projects, api: AirbyteClient) -> None:
    """One project for all of them: making one takes longer than previewing it. ``tests/bad_input`` has many more."""
    project = projects(GOOD)
    for program, words in MISTAKES:
        write(project, program)
        assert words in refused(project)
    assert list(api.list_connections_for_workspace(WORKSPACE)) == []


def test_a_wrong_token(projects: Projects, tmp_path: Path) -> None:
    with Emulator({"auth": {"mode": "bearer", "token": "right"}, **world()}) as closed:
        project = projects(GOOD)
        project.set_config("airbyte-wb:url", closed.url)
        project.set_secret("airbyte-wb:token", "w-r-o-n-g")
        error = refused(project)
        assert "does not accept the credentials (401); check airbyte-wb:token" in error
        assert "w-r-o-n-g" not in error
        project.set_secret("airbyte-wb:token", "right")
        assert project.up().code == 0
        project.set_secret("airbyte-wb:token", "w-r-o-n-g")
        before = project.resources()
        assert "does not accept the credentials" in refused(project, *REFRESH)
        assert [resource["id"] for resource in project.resources()] == [resource["id"] for resource in before]


def test_an_unreachable_server(projects: Projects) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    project = projects(GOOD)
    project.set_config("airbyte-wb:url", address)
    error = refused(project)
    assert f"no Airbyte server answers at {address}/api/v1 (connection refused); check airbyte-wb:url" in error


def test_no_server_configured(tmp_path: Path) -> None:
    project = new_project(tmp_path, HEAD + GOOD)
    assert "no Airbyte server is configured: set airbyte-wb:url in the stack or AIRBYTE_WB_URL" in refused(project)


def test_a_refresh_against_another_server_removes_nothing(projects: Projects) -> None:
    project = projects(GOOD)
    assert project.up().code == 0
    other = world()
    other["workspaces"][0]["workspaceId"] = "10000000-0000-4000-8000-00000000000f"
    with Emulator(other) as elsewhere:
        project.set_config("airbyte-wb:url", elsewhere.url)
        error = refused(project, *REFRESH)
        assert "does not know the workspace 10000000-0000-4000-8000-000000000001" in error
        assert "nothing was taken out of the state; check airbyte-wb:url" in error
        assert len([r for r in project.resources() if r["type"].endswith("airbyte:Connection")]) == 1
        assert "does not know the workspace" in refused(project, *DESTROY)
        assert len([r for r in project.resources() if r["type"].endswith("airbyte:Connection")]) == 1


def test_a_paused_connection_is_not_re_synced_behind_its_back(
    projects: Projects, server: Emulator, api: AirbyteClient
) -> None:
    """Another person paused it, and the program says nothing of the status."""
    project = projects(GOOD)
    assert project.up().code == 0
    (shop,) = api.list_connections_for_workspace(WORKSPACE)
    server.sync(shop.connection_id)
    api.update_connection(ConnectionUpdate(connection_id=shop.connection_id, status="inactive"))
    write(project, GOOD.replace('key="id"', 'key="email"'))
    error = refused(project, "up", "--yes", "--skip-preview")
    assert "public.users must be re-synced or cleared, but the connection is inactive" in error
    live = api.get_connection(shop.connection_id)
    assert [entry.config.primary_key for entry in live.sync_catalog.selected().values()] == [[["id"]]]


def test_a_change_that_would_double_rows_waits_for_a_word(projects: Projects, server: Emulator) -> None:
    program = GOOD.replace("incremental_append_dedup", "incremental_append").replace(', key="id"', "")
    project = projects(program)
    assert project.up().code == 0
    changed = program.replace("updated_at", "modified_at")
    write(project, changed)
    assert project.preview().code == 0, "no row is there yet"
    for connection in server.connection_ids():
        server.sync(connection)
    assert refused(project).startswith("error: 1 resource is blocked, so nothing can be updated: shop;")
    shown = " ".join(project.preview().out.split())
    assert "public.users: blocked [AWB210] cursor updated_at => modified_at because" in shown
    assert "every row would be appended a second time" in shown
    assert 'choose: resets={"overrides": {"public.users": "reset"}} replaces the rows; or' in shown
    error = refused(project, "up", "--yes", "--skip-preview")
    assert "nothing was sent: public.users: cursor updated_at => modified_at: blocked [AWB210]" in error
    write(project, changed.replace("streams=", 'resets={"overrides": {"public.users": "reset"}}, streams='))
    assert project.preview().code == 0


SECRET = """
secret = pulumi.Config().require_secret("hush")
mapper = secret.apply(lambda text: [{"type": "hashing", "mapperConfiguration":
    {"targetField": "status", "method": "SHA-256", "fieldNameSuffix": "_" + text}}])
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, name=secret, prefix=secret,
    streams=[airbyte.stream("public.orders", "full_refresh_overwrite", mappers=mapper),
        airbyte.streams("public.dim_*", "full_refresh_overwrite")])
"""


def test_no_secret_reaches_state_logs_or_errors(tmp_path: Path) -> None:
    """Credentials, and a name, a prefix and a mapper that the program makes secret, searched for everywhere."""
    auth = {"auth": {"mode": "client-credentials", "clientId": "the-client", "clientSecret": "s3cr3t-client"}}
    with Emulator({**world(), **auth}) as closed:
        project = new_project(tmp_path, HEAD + SECRET)
        project.set_config("airbyte-wb:url", closed.url)
        project.set_config("airbyte-wb:clientId", "the-client")
        project.set_secret("airbyte-wb:clientSecret", "s3cr3t-client")
        seen = []

        def run(*command: str, fails: bool = False) -> str:
            # One step below the highest verbosity: there the engine logs what it tells a provider, secrets and all.
            result = project.run(*command, "--logtostderr", "-v=8", "--logflow")
            assert (result.code != 0) is fails, result.out
            seen.append(result.out)
            return result.out

        project.set_secret("hush", "h1dden")
        for command in (("up", "--yes", "--diff"), ("refresh", "--yes"), ("preview", "--json")):
            run(*command)
        project.set_secret("hush", "h1dden2")
        run("up", "--yes", "--diff")
        (shop,) = [doc for doc in closed.server.store.all("connection") if doc["status"] != "deprecated"]
        with AirbyteClient(
            ServerSettings(closed.url, client_id="the-client", client_secret=SecretStr("s3cr3t-client"))
        ) as api:
            live = api.get_connection(shop["connectionId"])
            orders = live.sync_catalog.by_descriptor()[StreamDescriptor("public", "orders")]
            orders.config.mappers = []
            api.update_connection(
                ConnectionUpdate(connection_id=live.connection_id, sync_catalog=live.sync_catalog, prefix="theirs")
            )
        run("refresh", "--yes", "--skip-preview")
        run("preview", "--diff")
        project.set_secret("hush", "h1dden\nbroken")
        assert "name: [secret] holds a line break" in run("preview", fails=True)
        write(project, SECRET.replace("name=secret, ", "").replace("prefix=secret,", ""))
        project.set_secret("hush", "h1dden2")
        run("preview", "--diff")
        # The state as it is, and its history: a checkpoint of every command.
        states = [path.read_text(errors="replace") for path in (tmp_path / "backend").rglob("*") if path.is_file()]
        assert any('"recorded"' in state for state in states)
        seen += states
    for text in seen:
        assert "s3cr3t-client" not in text
        assert "h1dden" not in text, text[max(0, text.index("h1dden") - 300) :][:600]


def test_the_state_of_twenty_streams_is_small(tmp_path: Path) -> None:
    twenty = world()
    columns = {"id": "integer", "updated_at": "timestamp"}
    twenty["sources"][0]["streams"] = [
        {"name": f"table_{n:02}", "namespace": "public", "columns": columns, "rows": []} for n in range(20)
    ]
    lines = "".join(
        f'airbyte.stream("public.table_{n:02}", "incremental_append_dedup", cursor="updated_at", key="id"),'
        for n in range(20)
    )
    with Emulator(twenty) as server:
        program = f'airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, streams=[{lines}])'
        project = new_project(tmp_path, HEAD + program, fresh_python=True)
        project.set_config("airbyte-wb:url", server.url)
        for command in (project.up, project.refresh, project.up):
            assert command().code == 0
            (shop,) = [r for r in project.resources() if r["type"].endswith("airbyte:Connection")]
            assert len(json.dumps(shop)) < 4096
