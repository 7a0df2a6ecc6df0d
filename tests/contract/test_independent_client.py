"""A client that is generated from the specification, not ours, runs the eight operations against the emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.contract.generated_client import GeneratedClient, Refused
from tests.contract.slices import VERSIONS, need_slices
from tools.builtin_world import SHOP, UNKNOWN, WAREHOUSE, WORKSPACE


@pytest.fixture(params=VERSIONS)
def client(request: pytest.FixtureRequest) -> Iterator[GeneratedClient]:
    need_slices()
    with Emulator(server_version=request.param) as emulator:
        emulator.set_shuffle(on=True)
        yield GeneratedClient(request.param, emulator.url)


def test_all_eight_operations(client: GeneratedClient) -> None:
    schema = client.discoverSchemaForSource(sourceId=SHOP)
    catalog = schema["catalog"]
    for entry in catalog["streams"]:
        entry["config"]["selected"] = entry["stream"]["name"] == "users"
    made = client.webBackendCreateConnection(
        sourceId=SHOP,
        destinationId=WAREHOUSE,
        status="inactive",
        name="made",
        syncCatalog=catalog,
        sourceCatalogId=schema["catalogId"],
    )
    connection_id = made["connectionId"]

    assert client.webBackendGetConnection(connectionId=connection_id)["name"] == "made"
    refreshed = client.webBackendGetConnection(connectionId=connection_id, withRefreshedCatalog=True)
    assert refreshed["catalogDiff"] == {"transforms": []}

    changed = client.webBackendUpdateConnection(
        connectionId=connection_id, name="changed", syncCatalog=refreshed["syncCatalog"], skipReset=True
    )
    assert changed["name"] == "changed"

    listed = client.webBackendListConnectionsForWorkspace(workspaceId=WORKSPACE, sourceId=[SHOP])
    assert [each["name"] for each in listed["connections"]] == ["changed"]
    assert client.getStateType(connectionId=connection_id) == "not_set"
    assert client.webBackendGetWorkspaceState(workspaceId=WORKSPACE)["hasConnections"] is True
    assert client.webBackendCheckUpdates() == {"destinationDefinitions": 0, "sourceDefinitions": 0}
    if "webBackendListGeographies" in client:
        assert client.webBackendListGeographies() == {"geographies": ["auto"]}


def test_errors_are_those_that_the_specification_names(client: GeneratedClient) -> None:
    for call in (client.webBackendGetConnection, client.webBackendUpdateConnection):
        with pytest.raises(Refused) as caught:
            call(connectionId=UNKNOWN)
        assert caught.value.status == 404
    with pytest.raises(AttributeError, match="has no operation"):
        client.webBackendDoSomethingElse()
