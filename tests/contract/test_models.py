"""Models built from made-up instances of each version's schemas: accepted, and the same again on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.models import (
    ConnectionCreate,
    ConnectionRead,
    ConnectionUpdate,
    OperationRead,
    ReadModel,
    SourceRead,
    SyncCatalog,
    WorkspaceRead,
)
from tests.contract.slices import VERSIONS, answer_schema, instances, need_slices, operations, request_problems
from tools.builtin_world import UNKNOWN

MODELS: list[tuple[str, type[ReadModel]]] = [
    ("web_backend/connections/get", ConnectionRead),
    ("connections/get", ConnectionRead),
    ("operations/get", OperationRead),
    ("sources/get", SourceRead),
    ("workspaces/get", WorkspaceRead),
]
CALLS: dict[str, Callable[[AirbyteClient], object]] = {
    "web_backend/state/get_type": lambda client: client.get_state_type(UNKNOWN),
    "web_backend/check_updates": lambda client: client.check_updates(),
    "web_backend/connections/create": lambda client: client.create_connection(
        ConnectionCreate(source_id=UNKNOWN, destination_id=UNKNOWN)
    ),
    "web_backend/connections/get": lambda client: client.get_connection(UNKNOWN),
    "web_backend/workspace/state": lambda client: client.get_workspace_state(UNKNOWN),
    "web_backend/connections/list": lambda client: list(client.list_connections_for_workspace(UNKNOWN)),
    "web_backend/geographies/list": lambda client: client.list_geographies(),
    "web_backend/connections/update": lambda client: client.update_connection(ConnectionUpdate(connection_id=UNKNOWN)),
    "connections/list": lambda client: client.list_connections(UNKNOWN),
    "sources/discover_schema": lambda client: client.discover_schema(UNKNOWN),
    "sources/list": lambda client: client.list_sources(UNKNOWN),
    "destinations/list": lambda client: client.list_destinations(UNKNOWN),
    "operations/list": lambda client: client.list_operations(UNKNOWN),
    "state/get": lambda client: client.get_state(UNKNOWN).streams(),
    "jobs/get": lambda client: client.get_job(1).last_attempt(),
    "jobs/list": lambda client: [each.job.streams() for each in client.list_jobs(UNKNOWN)],
    "actor_definition_versions/get_for_destination": lambda client: client.get_destination_version(UNKNOWN),
    "dataplane_group/list": lambda client: client.list_dataplane_groups(),
    "instance_configuration": lambda client: client.get_instance_configuration(),
}
MANY = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


def pairs() -> list[tuple[str, str]]:
    return [
        (version, path)
        for version in VERSIONS
        for path in CALLS
        if not operations(version) or path in operations(version)
    ]


@pytest.mark.parametrize(("version", "path"), pairs())
def test_the_client_accepts_every_answer_of_the_version(version: str, path: str) -> None:
    need_slices()
    schema = answer_schema(version, path)
    assert schema is not None

    @MANY
    @given(instances(version, schema))
    def check(answer: Any) -> None:
        def handler(request: httpx.Request) -> httpx.Response:
            asked = request.url.path.removeprefix("/api/v1/")
            if asked == "instance_configuration" and path != asked:
                return httpx.Response(200, json={"version": version})
            assert asked == path
            body = json.loads(request.content) if request.content else None
            assert request_problems(version, path, request.method, body) == []
            # A list in pages ends where the next page is empty.
            paged = isinstance(body, dict) and "cursor" in body
            return httpx.Response(200, json={**answer, path.split("/")[-2]: []} if paged else answer)

        with AirbyteClient(ServerSettings("http://h"), transport=httpx.MockTransport(handler)) as client:
            CALLS[path](client)

    check()


@pytest.mark.parametrize(("path", "model"), MODELS, ids=[path for path, _ in MODELS])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_model_gives_back_what_it_was_made_from(version: str, path: str, model: type[ReadModel]) -> None:
    need_slices()
    schema = answer_schema(version, path)
    assert schema is not None

    @MANY
    @given(instances(version, schema))
    def check(answer: Any) -> None:
        back = model.model_validate(answer).wire()
        assert lacking(answer, back) == []
        assert model.model_validate(back).wire() == back

    check()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_catalog_that_is_sent_back_is_one_of_the_version(version: str) -> None:
    need_slices()
    schema = answer_schema(version, "web_backend/connections/get")
    assert schema is not None

    @MANY
    @given(instances(version, {"$ref": "#/components/schemas/AirbyteCatalog"}), st.booleans())
    def check(catalog: Any, skip: bool) -> None:
        complete = [each for each in catalog["streams"] if {"stream", "config"} <= each.keys()]
        model = SyncCatalog.model_validate({"streams": complete})
        body = ConnectionUpdate(connection_id=UNKNOWN, sync_catalog=model, skip_reset=skip).wire()
        assert request_problems(version, "web_backend/connections/update", "POST", body) == []

    check()


def lacking(given: Any, back: Any, path: str = "") -> list[str]:
    """What of ``given`` is lost or changed in ``back``; what ``back`` has besides are defaults."""
    if isinstance(given, dict) and isinstance(back, dict):
        lost = [f"{path}.{name}" for name, value in given.items() if name not in back and value is not None]
        both = [name for name in given if name in back]
        return lost + [each for name in both for each in lacking(given[name], back[name], f"{path}.{name}")]
    if isinstance(given, list) and isinstance(back, list) and len(given) == len(back):
        pairs = enumerate(zip(given, back, strict=True))
        return [each for index, (one, other) in pairs for each in lacking(one, other, f"{path}[{index}]")]
    return [] if given == back else [f"{path}: {given!r} became {back!r}"]


def test_what_is_lost_would_be_found() -> None:
    assert lacking({"a": [{"b": 1}]}, {"a": [{}]}) == [".a[0].b"]
    assert lacking({"a": 1}, {"a": 2}) == [".a: 1 became 2"]
