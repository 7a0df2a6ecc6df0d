"""The functions for programs: against servers of four versions, and under Pulumi's mocks."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
import stamina
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.sync_await import _sync_await

import pulumi_airbyte_wb as airbyte
from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import ConnectionCreate, StateType
from tools.builtin_world import SHOP, UNKNOWN, WAREHOUSE, WORKSPACE

VERSIONS = ("0.50.0", "1.0.0", "1.8.0", "2.0.0")


@pytest.fixture(params=VERSIONS)
def server_version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(server: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """A server that the environment names."""
    monkeypatch.setenv("AIRBYTE_WB_URL", server.url)
    return server


def connect(server: Emulator, name: str) -> str:
    with AirbyteClient(ServerSettings(server.url)) as client:
        return client.create_connection(
            ConnectionCreate(source_id=SHOP, destination_id=WAREHOUSE, name=name)
        ).connection_id


def test_every_function_answers_on_every_version(server: Emulator) -> None:
    old = str(server.server.rules.version) in {"0.50.0", "1.0.0"}
    made = connect(server, "first"), connect(server, "second")
    assert airbyte.get_source(name="shop-postgres").source_id == SHOP
    assert airbyte.get_source(source_id=SHOP).name == "shop-postgres"
    assert airbyte.get_destination(destination_id=WAREHOUSE, workspace_id=WORKSPACE).destination_id == WAREHOUSE
    assert airbyte.get_connection(name="second").connection_id == made[1]
    assert airbyte.get_connection(connection_id=made[0]).name == "first"
    assert airbyte.get_state_type(made[0]) is StateType.NOT_SET
    assert [each.name for each in airbyte.get_connections(WORKSPACE)] == ["first", "second"]
    assert airbyte.get_connections(WORKSPACE, source_ids=[UNKNOWN]) == []
    assert airbyte.get_workspace().workspace_id == WORKSPACE
    assert airbyte.get_workspace(name="Default").workspace_id == WORKSPACE
    assert airbyte.get_workspace(workspace_id=WORKSPACE).name == "Default"
    assert airbyte.get_workspace_state(WORKSPACE).has_connections
    assert airbyte.check_updates().source_definitions == 0
    streams = airbyte.discover_streams(SHOP)
    assert [stream.descriptor.key for stream in streams] == sorted(stream.descriptor.key for stream in streams)
    assert "public.users" in {stream.descriptor.key for stream in streams}
    if old:
        assert airbyte.get_geographies() == ["auto"]
    else:
        with pytest.raises(airbyte.ProgramError, match=r"geographies/list needs a server of versions up to 1\.6\.0"):
            airbyte.get_geographies()
        assert [group.name for group in airbyte.get_dataplane_groups()] == ["AUTO"]


ERRORS: list[tuple[Callable[[], object], str]] = [
    (lambda: airbyte.get_source(name="shop-postgre"), "is called 'shop-postgre'; did you mean 'shop-postgres'"),
    (lambda: airbyte.get_source(name="zzz"), "no source is called 'zzz'; the server has '"),
    (lambda: airbyte.get_source(source_id=UNKNOWN), f"has no source {UNKNOWN}"),
    (lambda: airbyte.get_source(), "get_source: give a name or a source_id"),
    (lambda: airbyte.get_destination(destination_id=UNKNOWN), f"has no destination {UNKNOWN}"),
    (lambda: airbyte.get_connection(name="x"), "get_connection: no connection is called 'x'; the server has none"),
    (lambda: airbyte.get_connection(connection_id=UNKNOWN), f"has no connection {UNKNOWN}"),
    (lambda: airbyte.get_workspace(name="Defautl"), "no workspace is called 'Defautl'; did you mean 'Default'"),
    (lambda: airbyte.get_workspace(workspace_id=UNKNOWN), f"has no workspace {UNKNOWN}"),
    (lambda: airbyte.discover_streams(UNKNOWN), f"discover_streams: the server at .* has no source {UNKNOWN}"),
    (lambda: airbyte.get_source(name="a", server="eu"), r"no Airbyte server is configured: set airbyte-wb:eu\.url"),
]  # fmt: skip


def test_mistakes_are_one_sentence_with_the_candidates(server: Emulator) -> None:
    for call, words in ERRORS:
        with pytest.raises(airbyte.ProgramError, match=words) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_two_things_of_one_name_are_told_apart_by_their_ids(server: Emulator) -> None:
    made = sorted([connect(server, "double"), connect(server, "double")])
    with pytest.raises(airbyte.ProgramError, match="2 connections are called 'double'") as caught:
        airbyte.get_connection(name="double")
    assert f"{made[0]}, {made[1]}; give the connection_id instead" in str(caught.value)


def test_a_deleted_connection_is_none(server: Emulator) -> None:
    made = connect(server, "gone")
    with AirbyteClient(ServerSettings(server.url)) as client:
        client.delete_connection(made)
    with pytest.raises(airbyte.ProgramError, match="was deleted"):
        airbyte.get_connection(connection_id=made)
    with pytest.raises(airbyte.ProgramError, match="the server has none"):
        airbyte.get_connection(name="gone")


def test_a_server_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRBYTE_WB_URL", "http://127.0.0.1:9")
    with stamina.set_testing(True), pytest.raises(airbyte.ProgramError, match="no Airbyte server answers at"):
        airbyte.check_updates()


# under mocks ----------------------------------------------------------------------------------------------------------


class Recorded(Mocks):
    """Mocks that note what they are asked, and answer what a test says."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.calls: list[MockCallArgs] = []
        self.answers = answers or {}

    def call(self, args: MockCallArgs) -> Any:
        self.calls.append(args)
        return self.answers.get(args.token, {})

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", args.inputs


@pytest.fixture
def mocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Recorded]]:
    """Sets mocks and takes them back; there is no server anywhere."""
    monkeypatch.delenv("AIRBYTE_WB_URL", raising=False)
    before = dict(vars(SETTINGS))
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        # Whatever ran before in this process has left no loop.
        asyncio.set_event_loop(asyncio.new_event_loop())

    def install(answers: dict[str, Any] | None = None) -> Recorded:
        made = Recorded(answers)
        pulumi.runtime.set_mocks(made)
        return made

    yield install
    vars(SETTINGS).update(before)


FUNCTIONS: list[Callable[[], Any]] = [
    lambda: airbyte.get_source(name="a"),
    lambda: airbyte.get_destination(name="a"),
    lambda: airbyte.get_connection(name="a"),
    lambda: airbyte.get_connections(WORKSPACE),
    lambda: airbyte.get_state_type(UNKNOWN),
    lambda: airbyte.get_workspace(),
    lambda: airbyte.get_workspace_state(WORKSPACE),
    lambda: airbyte.get_geographies(),
    lambda: airbyte.get_dataplane_groups(),
    lambda: airbyte.check_updates(),
    lambda: airbyte.discover_streams(SHOP),
]


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_mocks_that_answer_nothing_get_the_same_answer_each_time(mocks: Callable[..., Recorded], number: int) -> None:
    made = mocks()
    first, second = FUNCTIONS[number](), FUNCTIONS[number]()
    assert first == second
    assert len(made.calls) == 2


def test_made_up_ids_are_ids_and_differ_by_name(mocks: Callable[..., Recorded]) -> None:
    mocks()
    one, other = airbyte.get_source(name="a"), airbyte.get_source(name="b")
    assert uuid.UUID(one.source_id) != uuid.UUID(other.source_id)
    assert (one.name, airbyte.get_source(source_id=SHOP).source_id) == ("a", SHOP)
    assert uuid.UUID(one.workspace_id or "")


def test_mocks_answer_in_either_spelling(mocks: Callable[..., Recorded]) -> None:
    made = mocks(
        {"airbyte:getSource": {"sourceId": SHOP}, "airbyte:getConnections": [{"connection_id": "c", "name": "n"}]}
    )
    assert airbyte.get_source(name="shop").source_id == SHOP
    assert [each.name for each in airbyte.get_connections(WORKSPACE)] == ["n"]
    assert made.calls[0].args == {"name": "shop"}
    mocks({"airbyte:getSource": {"source_id": 7}})
    with pytest.raises(airbyte.ProgramError, match="the mocks' answer to airbyte:getSource does not fit: source"):
        airbyte.get_source(name="shop")


def test_outputs_give_outputs(mocks: Callable[..., Recorded]) -> None:
    made = mocks({"airbyte:getSource": {"sourceId": SHOP, "workspaceId": WORKSPACE}})

    async def program() -> tuple[Any, Any]:
        source = airbyte.get_source_output(name=pulumi.Output.from_input("shop"))
        destination = airbyte.get_destination_output(name="warehouse", workspace_id=source.workspace_id)
        return await source.source_id.future(), await destination.name.future()

    assert _sync_await(program()) == (SHOP, "warehouse")
    assert [call.args for call in made.calls] == [
        {"name": "shop"},
        {"name": "warehouse", "workspace_id": WORKSPACE},
    ]


def test_a_program_with_resources_and_functions_runs_under_mocks(mocks: Callable[..., Recorded]) -> None:
    mocks()

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> Any:
        source = airbyte.get_source(name="shop")
        connection = airbyte.Connection(
            "shop",
            source_id=source.source_id,
            destination_id=airbyte.get_destination_output(name="w").destination_id,
            streams=[airbyte.stream("public.users", "full_refresh_overwrite")],
        )

        def check(values: list[Any]) -> None:
            assert values[0] == "shop-id"

        return pulumi.Output.all(connection.id).apply(check)

    program()


class Silent(Recorded):
    """Mocks that answer nothing about resources."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", {}


class Renaming(Recorded):
    """Mocks with an answer of their own."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", args.inputs | {"name": "renamed", "status": "inactive", "workspace_id": WORKSPACE}


def _outputs(kind: type[Recorded]) -> dict[str, Any]:
    """What the outputs of resources hold under mocks."""
    seen: dict[str, Any] = {}
    pulumi.runtime.set_mocks(kind())

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> Any:
        streams = [airbyte.stream("public.users", "full_refresh_overwrite")]
        bare = airbyte.Connection("shop", source_id=SHOP, destination_id=UNKNOWN, streams=streams)
        named = airbyte.Connection("crm", source_id=SHOP, destination_id=UNKNOWN, name="the crm", status="inactive")
        catalog = airbyte.Catalog("more", connection_id=named.connection_id, streams=streams)
        operation = airbyte.Operation("dbt", workspace_id=WORKSPACE)
        outputs = {
            "bare": [bare.name, bare.status, bare.workspace_id],
            "named": [named.name, named.status],
            "catalog": [catalog.connection_id, catalog.workspace_id],
            "operation": [operation.name, operation.workspace_id],
        }
        return pulumi.Output.all(**outputs).apply(seen.update)

    program()
    return seen


@pytest.mark.parametrize("kind", [Recorded, Silent])
def test_outputs_answer_under_mocks(mocks: Callable[..., Recorded], kind: type[Recorded]) -> None:
    seen = _outputs(kind)
    assert seen["bare"][:2] == ["shop", "active"]
    assert seen["named"] == ["the crm", "inactive"]
    assert seen["catalog"][0] == "crm-id"
    assert seen["operation"] == ["dbt", WORKSPACE]
    assert uuid.UUID(seen["bare"][2]) != uuid.UUID(seen["catalog"][1])
    assert _outputs(kind) == seen


def test_what_the_mocks_answer_stands(mocks: Callable[..., Recorded]) -> None:
    seen = _outputs(Renaming)
    assert seen["bare"] == ["renamed", "inactive", WORKSPACE]
    assert seen["operation"] == ["renamed", WORKSPACE]
