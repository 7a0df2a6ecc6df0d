"""The lives of operations through the real engine: standalone, a connection's own, and attached by id."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dill
import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.world_file import world_from
from pulumi_airbyte_wb.models import (
    ConnectionCreate,
    InlineOperation,
    OperationCreate,
    OperationUpdate,
    OperatorConfiguration,
    PlainConnectionUpdate,
)
from pulumi_airbyte_wb.plan.operations import configuration_of
from pulumi_airbyte_wb.providers.operation import OperationProvider
from pulumi_airbyte_wb.providers.reference import reference
from pulumi_airbyte_wb.resources.operation import TYPE
from tests.engine import PulumiProject, new_project

pytestmark = pytest.mark.engine

WORKSPACE = "10000000-0000-4000-8000-000000000001"
SHOP = "20000000-0000-4000-8000-000000000001"
WAREHOUSE = "30000000-0000-4000-8000-000000000001"
CONFIG = "50000000-0000-4000-8000-000000000001"
VERSIONS = ("0.50.0", "2.0.0")


def dbt_cloud(job: int) -> OperatorConfiguration:
    return configuration_of(
        {"webhook": {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": job}}}, ""
    )


def program(
    *, account: int = 7, own_job: int = 2, own: tuple[str, ...] = ("after", "later"), attached: bool = True
) -> str:
    operations = [
        {"name": name, "webhook": {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": own_job}}}
        for name in own
    ]
    return f"""
import pulumi
import pulumi_airbyte_wb as airbyte
job = airbyte.Operation(
    "job",
    workspace_id="{WORKSPACE}",
    webhook={{"webhook_config_id": "{CONFIG}", "dbt_cloud": {{"account_id": {account}, "job_id": 1}}}},
)
shop = airbyte.Connection(
    "shop",
    source_id="{SHOP}",
    destination_id="{WAREHOUSE}",
    schedule=airbyte.manual(),
    streams=[airbyte.stream("public.orders", "full_refresh_overwrite")],
    operations={operations!r},
    operation_ids={"[job.id]" if attached else "[]"},
)
pulumi.export("job", job.operation_id)
pulumi.export("connection", shop.connection_id)
"""


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(server_version=request.param) as emulator:
        emulator.set_shuffle(True)
        yield emulator


@pytest.fixture
def api(server: Emulator) -> Iterator[AirbyteClient]:
    with AirbyteClient(ServerSettings(server.url)) as client:
        yield client


def up(project: PulumiProject) -> str:
    result = project.up()
    assert result.code == 0, result.out
    return result.out


def changes(project: PulumiProject) -> dict[str, str]:
    """What a preview would do, by resource; unchanged ones left out."""
    result, events = project.events("preview")
    assert result.code == 0, result.out
    steps = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
    return {
        step["urn"].rsplit("::", 1)[-1]: step["op"]
        for step in steps
        if "/airbyte:" in step["type"] and step["op"] != "same"
    }


def operations(api: AirbyteClient, connection_id: str) -> dict[str, tuple[str, int]]:
    """The operations of a connection by name: id and job."""
    found = {}
    for each in api.get_connection(connection_id).operations:
        webhook = each.operator_configuration.webhook
        assert webhook is not None
        assert webhook.dbt_cloud is not None
        found[each.name] = (each.operation_id, webhook.dbt_cloud.job_id)
    return found


def test_operations_from_create_to_delete(server: Emulator, api: AirbyteClient, tmp_path: Path) -> None:
    project = new_project(tmp_path, program())
    main = project.folder / "__main__.py"
    assert project.set_config("airbyte-wb:url", server.url).code == 0

    up(project)
    made = project.outputs()
    job, connection = made["job"], made["connection"]
    first = operations(api, connection)
    assert {name: number for name, (_, number) in first.items()} == {"job": 1, "after": 2, "later": 2}
    assert first["job"][0] == job
    assert changes(project) == {}

    # Updates keep the ids; an operation that is declared no longer goes, others' stay.
    foreign = InlineOperation(workspace_id=WORKSPACE, name="foreign", operator_configuration=dbt_cloud(99))
    add_foreign(api, connection, foreign)
    main.write_text(program(account=8, own_job=3, own=("after",)))
    assert changes(project) == {"job": "update", "shop": "update"}
    up(project)
    second = operations(api, connection)
    assert {name: number for name, (_, number) in second.items()} == {"job": 1, "after": 3, "foreign": 99}
    assert second["after"][0] == first["after"][0]
    webhook = api.get_operation(job).operator_configuration.webhook
    assert webhook is not None
    assert webhook.dbt_cloud is not None
    assert webhook.dbt_cloud.account_id == 8
    assert changes(project) == {}

    # Drift of both kinds is found by a refresh, shown, and repaired.
    api.update_operation(OperationUpdate(operation_id=job, name="renamed", operator_configuration=dbt_cloud(1)))
    api.update_operation(
        OperationUpdate(operation_id=second["after"][0], name="after", operator_configuration=dbt_cloud(55))
    )
    api.attach_operations(
        PlainConnectionUpdate(
            connection_id=connection, operation_ids=[each for each, _ in second.values() if each != job]
        )
    )
    refreshed = project.refresh()
    assert refreshed.code == 0, refreshed.out
    assert changes(project) == {"job": "update", "shop": "update"}
    up(project)
    third = operations(api, connection)
    assert {name: number for name, (_, number) in third.items()} == {"job": 1, "after": 3, "foreign": 99}
    assert changes(project) == {}

    destroyed = project.destroy()
    assert destroyed.code == 0, destroyed.out
    assert api.get_connection(connection).deleted
    assert project.resources() == []
    assert server.server.operation(job)["tombstone"] is True


def add_foreign(api: AirbyteClient, connection_id: str, operation: InlineOperation) -> None:
    """Somebody else adds an operation to the connection by hand."""
    made = api.create_operation(
        OperationCreate(
            workspace_id=operation.workspace_id,
            name=operation.name,
            operator_configuration=operation.operator_configuration,
        )
    )
    ids = api.get_connection(connection_id).operation_ids
    api.attach_operations(PlainConnectionUpdate(connection_id=connection_id, operation_ids=[*ids, made.operation_id]))


CLOUD = f'"webhook_config_id": "{CONFIG}", "dbt_cloud"'
REFUSED: list[tuple[str, str, str]] = [
    ("1.8.0", "webhok={}", "Operation('o'): webhok={} is no argument; did you mean 'webhook'?"),
    ("1.8.0", "", "operation: 'nothing' is declared; declare one of normalization, dbt, webhook"),
    ("1.8.0", 'webhook={"webhook_config_id": "x", "dbt_cloud": {}}', "webhook.dbt_cloud.account_id"),
    ("1.8.0", 'webhook={"webhok_config": "x"}', "webhook.webhok_config: 'webhok_config' is no property here; did you"),
    ("1.8.0", 'webhook={"execution_url": "https://x.test"}', "webhook.execution_url: 'https://x.test' is something"),
    ("1.8.0", 'normalization={"option": "basic"}', "normalization: 'normalization' is not possible here: it needs a"),
    ("1.8.0", 'dbt={"git_repo_url": "https://x.test/a.git"}', "dbt: 'dbt' is not possible here: it needs a server of"),
    ("0.50.0", f'webhook={{{CLOUD}: {{"account_id": 5000000000, "job_id": 1}}}}',
     "webhook.dbt_cloud.account_id: 5000000000 is not possible here"),
    ("0.50.0", 'dbt={"git_repo_url": "https://x.test/a.git", "git_branch": "m"}', "did you mean 'git_repo_branch'?"),
    ("0.50.0", 'name="", normalization={}', "name: '' is empty"),
]  # fmt: skip


@pytest.mark.parametrize("version", ["0.50.0", "1.8.0"])
def test_what_cannot_be_is_refused_at_preview_in_one_sentence(version: str, tmp_path: Path) -> None:
    """All refusals of a version in one program: each is its own resource, and the engine shows the first of each."""
    cases = [(arguments, words) for where, arguments, words in REFUSED if where == version]
    with Emulator(server_version=version) as emulator:
        project = new_project(tmp_path, "")
        assert project.set_config("airbyte-wb:url", emulator.url).code == 0
        for arguments, words in cases:
            (project.folder / "__main__.py").write_text(
                "import pulumi_airbyte_wb as airbyte\n"
                f'airbyte.Operation("o", workspace_id="{WORKSPACE}"{", " if arguments else ""}{arguments})\n'
            )
            result = project.preview()
            assert result.code != 0
            assert words in result.out, result.out
            assert "Traceback" not in result.out
        assert not [path for path in emulator.log.counts if path in {"operations/create", "operations/update"}]


def test_an_old_server_takes_normalization_and_dbt(tmp_path: Path) -> None:
    with Emulator(server_version="0.50.0") as emulator:
        project = new_project(
            tmp_path,
            f"""
import pulumi_airbyte_wb as airbyte
airbyte.Operation("n", workspace_id="{WORKSPACE}", normalization={{}})
airbyte.Operation("d", workspace_id="{WORKSPACE}", dbt={{
    "git_repo_url": "https://git.test/a.git", "dbt_arguments": "run --full-refresh"}})
""",
        )
        assert project.set_config("airbyte-wb:url", emulator.url).code == 0
        up(project)
        assert changes(project) == {}
        refreshed = project.refresh()
        assert refreshed.code == 0, refreshed.out
        assert changes(project) == {}
        stored = {each["name"]: each["configuration"] for each in emulator.server.store.all("operation")}
        assert stored["d"]["dbt"] == {"gitRepoUrl": "https://git.test/a.git", "dbtArguments": "run --full-refresh"}
        assert stored["n"]["normalization"] == {"option": "basic"}


def test_the_wrong_server_takes_nothing_out_of_the_state(tmp_path: Path) -> None:
    with Emulator() as emulator:
        project = new_project(
            tmp_path,
            f"""
import pulumi_airbyte_wb as airbyte
airbyte.Operation("o", workspace_id="{WORKSPACE}", webhook={{{CLOUD}: {{"account_id": 1, "job_id": 1}}}})
""",
        )
        assert project.set_config("airbyte-wb:url", emulator.url).code == 0
        up(project)
        emulator.load_world(world_from({"workspaces": [{"name": "another"}]}))
        result = project.refresh()
        assert result.code != 0
        assert "of this operation: it is another server than the one" in " ".join(result.out.split())
        assert [each["type"] for each in project.resources() if "/airbyte:" in each["type"]] == [TYPE]
        emulator.load_world(world_from({"workspaces": [{"name": "another", "workspaceId": WORKSPACE}]}))
        assert project.refresh().code == 0
        assert [each["type"] for each in project.resources() if "/airbyte:" in each["type"]] == []


def _connection(api: AirbyteClient, name: str, **fields: Any) -> str:
    request = ConnectionCreate(source_id=SHOP, destination_id=WAREHOUSE, name=name, **fields)
    return api.create_connection(request).connection_id


def test_a_shared_operation_is_left_alone_and_that_is_said(tmp_path: Path) -> None:
    with Emulator() as emulator, AirbyteClient(ServerSettings(emulator.url)) as api:
        project = new_project(tmp_path, program(attached=False, own=("after",)))
        assert project.set_config("airbyte-wb:url", emulator.url).code == 0
        up(project)
        connection = project.outputs()["connection"]
        shared, _ = operations(api, connection)["after"]
        other = _connection(api, "somebody else's")
        api.attach_operations(PlainConnectionUpdate(connection_id=other, operation_ids=[shared]))

        (project.folder / "__main__.py").write_text(program(attached=False, own=("after",), own_job=4))
        out = " ".join(up(project).split())
        assert 'operation "after" is shared with "somebody else\'s", which keep it as it is' in out
        assert operations(api, other) == {"after": (shared, 2)}
        mine, number = operations(api, connection)["after"]
        assert (mine != shared, number) == (True, 4)
        assert changes(project) == {}

        (project.folder / "__main__.py").write_text(program(attached=False, own=()))
        up(project)
        assert operations(api, connection) == {}
        assert operations(api, other) == {"after": (shared, 2)}


def test_a_deleted_operation_is_noticed_by_the_connection_that_attaches_it(tmp_path: Path) -> None:
    with Emulator() as emulator, AirbyteClient(ServerSettings(emulator.url)) as api:
        project = new_project(tmp_path, program(own=()))
        assert project.set_config("airbyte-wb:url", emulator.url).code == 0
        up(project)
        made = project.outputs()
        api.delete_operation(made["job"])
        assert project.refresh().code == 0
        assert changes(project) == {"shop": "update"}
        result = project.up()
        assert result.code != 0
        assert "was deleted on the server, so it would never run" in " ".join(result.out.split())
        (urn,) = [each["urn"] for each in project.resources() if each["type"].endswith("airbyte:Operation")]
        replaced = project.up("--replace", urn)
        assert replaced.code == 0, replaced.out
        assert project.outputs()["job"] != made["job"]
        assert operations(api, made["connection"])["job"][0] == project.outputs()["job"]


def test_the_provider_is_stored_by_reference() -> None:
    """What every stack's state holds: renaming the module or the class would strand all of them."""
    text = reference(OperationProvider)
    assert base64.b64decode(text) == b"cpulumi_airbyte_wb.providers.operation\nOperationProvider\n)\x81."
    assert type(dill.loads(base64.b64decode(text))) is OperationProvider
    assert TYPE == "pulumi-python:dynamic/airbyte:Operation"


def test_a_secret_repository_is_shown_nowhere(tmp_path: Path) -> None:
    secret = "git-token-that-nobody-may-see"
    body = """
import pulumi
import pulumi_airbyte_wb as airbyte
url = pulumi.Config().require_secret("url")
dbt = {{"git_repo_url": url{more}}}
airbyte.Operation("o", workspace_id="{workspace}", dbt=dbt)
airbyte.Connection("c", source_id="{source}", destination_id="{destination}", schedule="manual", streams=[],
    operations=[{{"name": "own", "dbt": dbt}}])
"""
    ids = {"workspace": WORKSPACE, "source": SHOP, "destination": WAREHOUSE}
    with Emulator(server_version="0.50.0") as emulator:
        project = new_project(tmp_path, body.format(more="", **ids))
        assert project.set_config("airbyte-wb:url", emulator.url).code == 0
        assert project.set_config("url", f"https://{secret}@git.test/a.git", secret=True).code == 0
        said = up(project)
        (project.folder / "__main__.py").write_text(body.format(more=', "git_repo_branch": "next"', **ids))
        said += project.preview("--diff").out + up(project) + project.refresh().out
        assert changes(project) == {}
        state = project.run("stack", "export").stdout
        (project.folder / "__main__.py").write_text(body.format(more=', "git_repo_brunch": "next"', **ids))
        wrong = project.preview()
        assert wrong.code != 0
        assert "git_repo_brunch" in wrong.out or "[secret]" in wrong.out
        assert secret not in said + state + wrong.out
        for resource in json.loads(state)["deployment"]["resources"]:
            recorded = resource.get("outputs", {}).get("recorded")
            assert not isinstance(recorded, str), resource["urn"]
        stored = {each["name"]: each["configuration"]["dbt"] for each in emulator.server.store.all("operation")}
        assert stored["o"] == {"gitRepoUrl": f"https://{secret}@git.test/a.git", "gitRepoBranch": "next"}
        assert stored["own"] == stored["o"]
