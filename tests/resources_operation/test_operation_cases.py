"""The provider of operations, case by case, on an emulated server; ``test_operation_life`` has the real engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import pulumi_airbyte_wb as airbyte
from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.core.world_file import world_from
from pulumi_airbyte_wb.errors import AirbyteError, DriftedError
from pulumi_airbyte_wb.models import ConnectionCreate, PlainConnectionUpdate
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.operation import OperationProvider
from tests.providers.engine import RefusedError, Resource
from tools.builtin_world import CONFIG, SHOP, WAREHOUSE, WORKSPACE

VERSIONS = ("0.50.0", "1.0.0", "1.8.0", "2.0.0")


@pytest.fixture(params=VERSIONS)
def server_version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said on the resource's row."""
    lines: list[str] = []
    monkeypatch.setattr(Console, "_send", lambda self, message, severity, ephemeral=False: lines.append(message))
    return lines


def webhook(job: int) -> dict[str, Any]:
    return {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": job}}


def operation(**fields: Any) -> dict[str, Any]:
    return {"workspace_id": WORKSPACE, **fields}


def connection(*operations: tuple[str, int], attached: list[str] | None = None) -> dict[str, Any]:
    return {
        "source_id": SHOP,
        "destination_id": WAREHOUSE,
        "schedule": "manual",
        "operations": [{"name": name, "webhook": webhook(job)} for name, job in operations],
        "operation_ids": attached or [],
    }


def live(api: AirbyteClient, connection_id: str) -> dict[str, tuple[str, int]]:
    """The operations of a connection by name: id and job."""
    found = {}
    for each in api.get_connection(connection_id).operations:
        part = each.operator_configuration.webhook
        assert part is not None
        assert part.dbt_cloud is not None
        found[each.name] = (each.operation_id, part.dbt_cloud.job_id)
    return found


BIG = {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 5_000_000_000, "job_id": 1}}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("1.8.0", operation(), "operation: 'nothing' is declared; declare one of normalization, dbt, webhook"),
    ("1.8.0", operation(webhok={}), "webhok: {} is not a property of an Operation; did you mean 'webhook'?"),
    ("1.8.0", operation(webhook={"webhook_config_id": "x", "dbt_cloud": {}}), "webhook.dbt_cloud.account_id"),
    ("1.8.0", operation(webhook={"webhok_config": "x"}), "'webhok_config' is not a property here"),
    ("1.8.0", operation(webhook={"execution_url": "https://x.test"}), "webhook.execution_url: 'https://x.test' is"),
    ("1.8.0", operation(normalization={}), "normalization: 'normalization' is not possible here: it needs a server of"),
    ("1.8.0", operation(dbt={"git_repo_url": "u"}), "dbt: 'dbt' is not possible here: it needs a server of"),
    ("0.50.0", operation(webhook=BIG), "webhook.dbt_cloud.account_id: 5000000000 is not possible here: it needs"),
    ("0.50.0", operation(dbt={"git_repo_url": "u", "git_branch": "m"}), "did you mean 'git_repo_branch'?"),
    ("0.50.0", operation(name="", normalization={}), "name: '' is empty"),
    ("0.50.0", {"webhook": webhook(1)}, "workspace_id: 'nothing' is declared, but every operation needs one"),
    ("0.50.0", {"workspace_id": "w", "webhook": webhook(1)}, "workspace_id: 'w' is not an id of Airbyte's"),
    ("0.50.0", {"workspace_id": CONFIG, "webhook": webhook(1)}, f"; it has {WORKSPACE} (Default)"),
]  # fmt: skip


@pytest.mark.parametrize("version", ["0.50.0", "1.8.0"])
def test_what_cannot_be_is_refused_at_preview_in_one_sentence(version: str) -> None:
    with Emulator(server_version=version) as emulator:
        for where, declared, words in REFUSED:
            if where == version:
                with pytest.raises(RefusedError) as caught:
                    Resource(emulator.url, "o", OperationProvider).preview(declared)
                assert words in str(caught.value)
                assert "\n" not in str(caught.value)
        assert not [path for path in emulator.log.counts if path in {"operations/create", "operations/update"}]


def test_an_argument_that_does_not_exist_is_refused_by_the_program() -> None:
    with pytest.raises(airbyte.ProgramError, match=r"Operation\('o'\): webhok=\{\} is no argument; did you mean"):
        airbyte.Operation("o", workspace_id=WORKSPACE, webhok={})  # type: ignore[arg-type]


def test_a_server_that_does_not_answer_is_one_sentence_at_preview() -> None:
    with pytest.raises(RefusedError, match="no Airbyte server answers at"):
        Resource("http://127.0.0.1:9", "o", OperationProvider).preview(operation(webhook=webhook(1)))


def test_an_unchanged_operation_asks_for_nothing(server: Emulator) -> None:
    resource = Resource(server.url, "o", OperationProvider)
    resource.up(operation(webhook=webhook(1)))
    server.log.clear()
    assert not resource.changed(operation(webhook=webhook(1)))
    assert not server.log.requests


def test_an_old_server_takes_normalization_and_dbt() -> None:
    with Emulator(server_version="0.50.0") as emulator:
        dbt = {"git_repo_url": "https://git.test/a.git", "dbt_arguments": "run --full-refresh"}
        for name, declared in (("n", operation(normalization={})), ("d", operation(dbt=dbt))):
            resource = Resource(emulator.url, name, OperationProvider)
            resource.up(declared)
            resource.refresh()
            assert not resource.changed(declared)
        stored = {each["name"]: each["configuration"] for each in emulator.server.store.all("operation")}
        assert stored["d"]["dbt"] == {"gitRepoUrl": "https://git.test/a.git", "dbtArguments": "run --full-refresh"}
        assert stored["n"]["normalization"] == {"option": "basic"}


def test_another_workspace_replaces_the_operation() -> None:
    world = {"workspaces": [{"name": "a", "workspaceId": WORKSPACE}, {"name": "b", "workspaceId": CONFIG}]}
    with Emulator(world) as emulator:
        resource = Resource(emulator.url, "o", OperationProvider)
        resource.up(operation(webhook=webhook(1)))
        first = resource.id
        resource.up({"workspace_id": CONFIG, "webhook": webhook(1)})
        assert resource.id != first
        assert emulator.server.operation(resource.id)["workspaceId"] == CONFIG


def test_the_wrong_server_takes_nothing_out_of_the_state(server: Emulator) -> None:
    resource = Resource(server.url, "o", OperationProvider)
    resource.up(operation(webhook=webhook(1)))
    made = resource.id
    server.load_world(world_from({"workspaces": [{"name": "another"}]}))
    for act in (resource.refresh, resource.destroy):
        with pytest.raises(AirbyteError, match="of this operation: it is another server than the one"):
            act()
    assert resource.id == made
    server.load_world(world_from({"workspaces": [{"name": "the same, emptied", "workspaceId": WORKSPACE}]}))
    with pytest.raises(AirbyteError, match="was deleted outside this program; nothing was sent"):
        resource.up(operation(webhook=webhook(2)))
    resource.refresh()
    assert resource.id == ""


def test_a_deletion_says_which_connections_lose_it(server: Emulator, api: AirbyteClient, said: list[str]) -> None:
    job = Resource(server.url, "job", OperationProvider)
    job.up(operation(webhook=webhook(1)))
    shop = Resource(server.url)
    shop.up(connection(attached=[job.id]))
    job.destroy()
    assert 'operation "job" is detached from "shop"' in said
    assert live(api, shop.id) == {}


def test_a_shared_operation_is_left_alone_and_that_is_said(
    server: Emulator, api: AirbyteClient, said: list[str]
) -> None:
    shop = Resource(server.url)
    shop.up(connection(("after", 2)))
    shared, _ = live(api, shop.id)["after"]
    request = ConnectionCreate(source_id=SHOP, destination_id=WAREHOUSE, name="another's")
    other = api.create_connection(request).connection_id
    api.attach_operations(PlainConnectionUpdate(connection_id=other, operation_ids=[shared]))

    shop.up(connection(("after", 4)))
    assert any('operation "after" is shared with "another\'s", which keep it as it is' in line for line in said)
    assert live(api, other) == {"after": (shared, 2)}
    mine, number = live(api, shop.id)["after"]
    assert (mine != shared, number) == (True, 4)
    assert not shop.changed(connection(("after", 4)))

    shop.up(connection())
    assert live(api, shop.id) == {}
    assert live(api, other) == {"after": (shared, 2)}


def test_what_others_attach_stays_and_is_no_drift(server: Emulator, api: AirbyteClient) -> None:
    foreign, job = (Resource(server.url, name, OperationProvider) for name in ("foreign", "job"))
    foreign.up(operation(webhook=webhook(1)))
    job.up(operation(webhook=webhook(2)))
    shop = Resource(server.url)
    shop.up(connection(("own", 3), attached=[job.id]))
    ids = [*api.get_connection(shop.id).operation_ids, foreign.id]
    api.attach_operations(PlainConnectionUpdate(connection_id=shop.id, operation_ids=ids))
    shop.refresh()
    assert not shop.changed(connection(("own", 3), attached=[job.id]))
    shop.up(connection(("own", 4)))
    assert {name: number for name, (_, number) in live(api, shop.id).items()} == {"own": 4, "foreign": 1}
    assert api.get_operation(job.id).name == "job"


def test_an_update_of_something_else_does_not_send_the_operations(server: Emulator) -> None:
    shop = Resource(server.url)
    shop.up(connection(("own", 3)))
    server.log.clear()
    shop.up({**connection(("own", 3)), "prefix": "p_"})
    (body,) = [each.request for each in server.log.requests if each.path == "web_backend/connections/update"]
    assert body.keys() == {"connectionId", "prefix", "skipReset"}


@pytest.mark.parametrize("known", [False, True])
def test_a_deleted_operation_is_noticed_by_the_connection_that_attaches_it(
    server: Emulator, api: AirbyteClient, known: bool
) -> None:
    """A server answers for a deleted operation as if it were there, and attaches it; it would never run."""
    job = Resource(server.url, "job", OperationProvider)
    job.up(operation(webhook=webhook(1)))
    shop = Resource(server.url)
    shop.up(connection())
    wanted = job.id if known else "99999999-9999-4999-8999-999999999999"
    api.delete_operation(job.id)
    job.refresh()
    assert job.id
    words = "was deleted on the server, so it would never run" if known else "does not know all of 9999"
    with pytest.raises(DriftedError, match=words):
        shop.up(connection(attached=[wanted]))
    assert api.get_connection(shop.id).operation_ids == []


CASES: list[Callable[[], dict[str, Any]]] = [
    lambda: connection(("a", 1), ("a", 2)),
    lambda: {**connection(), "operations": [{"webhook": webhook(1)}]},
    lambda: {**connection(), "operation_ids": ["x"]},
    lambda: {**connection(), "operation_ids": "x"},
]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "operations[1].name: 'a' is declared twice"),
        (1, "operations[0].name: 'nothing' is declared, but every operation needs a name"),
        (2, "operation_ids[0]: 'x' is not an id of Airbyte's"),
        (3, "operation_ids: 'x' is not a list of operation ids"),
    ],
)
def test_mistakes_in_a_connection_s_operations_are_refused(number: int, words: str) -> None:
    with Emulator() as emulator, pytest.raises(RefusedError) as caught:
        Resource(emulator.url).preview(CASES[number]())
    assert words in str(caught.value)
