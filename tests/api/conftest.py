"""The real client against an emulator of each version, in process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import (
    ConnectionCreate,
    ConnectionRead,
    DbtCloudJob,
    InlineOperation,
    OperatorConfiguration,
    WebhookOperator,
)
from tools.builtin_world import SHOP, UNKNOWN, WAREHOUSE, WORKSPACE

VERSIONS = ("0.50.0", "1.0.0", "1.8.0", "2.0.0")
WEBHOOK = OperatorConfiguration(
    operator_type="webhook",
    webhook=WebhookOperator(
        webhook_config_id=UNKNOWN, webhook_type="dbtCloud", dbt_cloud=DbtCloudJob(account_id=7, job_id=8)
    ),
)


@dataclass
class Server:
    """An emulator and a client of it."""

    emulator: Emulator
    client: AirbyteClient
    version: str = field(init=False)

    def __post_init__(self) -> None:
        self.version = str(self.emulator.server.rules.version)

    def requests(self, path: str) -> list[Any]:
        """The bodies of the requests to a path, oldest first."""
        return [each.request for each in self.emulator.log.requests if each.path == path]

    def connect(self, name: str = "test", *streams: str, **fields: Any) -> ConnectionRead:
        """Create a connection with some streams of the shop."""
        schema = self.client.discover_schema(SHOP)
        assert schema.catalog is not None
        catalog = schema.catalog.model_copy(deep=True)
        for entry in catalog.streams:
            entry.config.selected = entry.stream.name in (streams or ("users",))
        request = ConnectionCreate(
            **{
                "source_id": SHOP,
                "destination_id": WAREHOUSE,
                "name": name,
                "sync_catalog": catalog,
                "source_catalog_id": schema.catalog_id,
                **fields,
            }
        )
        return self.client.create_connection(request)

    def inline(self, name: str, **more: Any) -> InlineOperation:
        """An operation of a create or update."""
        return InlineOperation(workspace_id=WORKSPACE, name=name, operator_configuration=WEBHOOK, **more)


Start = Callable[..., Server]


@pytest.fixture(autouse=True)
def _no_waiting(no_waiting: None) -> None:
    """No test of the client waits."""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts an emulator of a version, its clock standing still and its answers in random order."""
    made: list[Emulator] = []

    def make(version: str = "1.8.0", world: Any = None, **settings: Any) -> Server:
        emulator = Emulator(world, server_version=version)
        emulator.set_speed(0)
        emulator.set_shuffle(on=True)
        made.append(emulator)
        return Server(
            emulator, AirbyteClient(ServerSettings("http://emulator", **settings), transport=emulator.transport())
        )

    yield make
    for emulator in made:
        emulator.stop()


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest, start: Start) -> Server:
    """A server of each version."""
    return start(request.param)
