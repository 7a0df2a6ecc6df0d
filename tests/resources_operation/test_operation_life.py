"""The lives of operations through the real engine: standalone, a connection's own, and attached by id."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import dill
import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import (
    InlineOperation,
    OperationCreate,
    OperationUpdate,
    OperatorConfiguration,
    PlainConnectionUpdate,
)
from pulumi_airbyte_wb.providers.operation import OperationProvider
from pulumi_airbyte_wb.providers.reference import reference
from pulumi_airbyte_wb.resources.operation import TYPE
from pulumi_airbyte_wb.spec.operations import configuration_of
from tests.engine import PulumiProject, new_project
from tools.builtin_world import CONFIG, SHOP, WAREHOUSE, WORKSPACE

pytestmark = pytest.mark.engine


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


@pytest.fixture
def server_version() -> str:
    return "2.0.0"


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
    project.set_config("airbyte-wb:url", server.url)

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
    """Another person adds an operation to the connection by hand."""
    made = api.create_operation(
        OperationCreate(
            workspace_id=operation.workspace_id,
            name=operation.name,
            operator_configuration=operation.operator_configuration,
        )
    )
    ids = api.get_connection(connection_id).operation_ids
    api.attach_operations(PlainConnectionUpdate(connection_id=connection_id, operation_ids=[*ids, made.operation_id]))


def test_the_provider_is_stored_by_reference() -> None:
    """What every stack's state holds: renaming the module or the class would strand all of them."""
    text = reference(OperationProvider)
    assert base64.b64decode(text) == b"cpulumi_airbyte_wb.providers.operation\nOperationProvider\n)\x81."
    assert type(dill.loads(base64.b64decode(text))) is OperationProvider
    assert TYPE == "pulumi-python:dynamic/airbyte:Operation"


def test_a_secret_repository_is_shown_nowhere(tmp_path: Path) -> None:
    secret = "git-token-that-no-one-may-see"
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
        project.set_config("airbyte-wb:url", emulator.url)
        project.set_secret("url", f"https://{secret}@git.test/a.git")
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
