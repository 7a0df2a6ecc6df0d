"""The state that this version writes, kept for ever: ``python -m tests.state.written`` adds the file of a new version.

A file is what ``pulumi stack export`` gave for ``PROGRAM``, with ``http://airbyte`` for the server's address. The tests
hold a server that is as the program left it against every file.
"""

from __future__ import annotations

import json
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi_airbyte_wb import __version__
from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import (
    ConnectionUpdate,
    DbtCloudJob,
    OperationCreate,
    OperatorConfiguration,
    PlainConnectionUpdate,
    WebhookOperator,
)
from pulumi_airbyte_wb.spec.schedule import parse_schedule
from tests.engine import new_project
from tools.builtin_world import CONFIG, WORKSPACE

FOLDER = Path(__file__).parent / "written"
ADDRESS = "http://airbyte"
THEIRS = "40000000-0000-4000-8000-000000000001"

PROGRAM = f"""
import pulumi
import pulumi_airbyte_wb as airbyte

source = airbyte.get_source(name="shop-postgres")
destination = airbyte.get_destination(name="warehouse")
transform = airbyte.Operation("transform", workspace_id=source.workspace_id,
    webhook={{"webhook_config_id": "{CONFIG}", "dbt_cloud": {{"account_id": 7, "job_id": 8}}}})
shop = airbyte.Connection("shop-to-warehouse",
    source_id=source.source_id, destination_id=destination.destination_id,
    schedule=airbyte.cron("0 0 6 * * ?", "Europe/Berlin"), prefix="shop_",
    streams=[
        airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id"),
        airbyte.stream("public.orders", "full_refresh_overwrite"),
    ],
    operation_ids=[transform.operation_id], resets={{"default": "auto"}})
theirs = airbyte.Catalog("theirs", connection_id="{THEIRS}",
    streams=[airbyte.stream("public.orders", "full_refresh_append")])
pulumi.export("shop", shop.connection_id)
"""


def world(ids: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The built-in world with a connection of another person; with ``ids``, the program's own is there too."""
    from tools.builtin_world import world as built_in

    def stream(name: str, source: str, destination: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "namespace": "public", "syncMode": source, "destinationSyncMode": destination, **more}

    ends = {"source": "shop-postgres", "destination": "warehouse"}
    orders = "append" if ids else "overwrite"
    connections: list[dict[str, Any]] = [
        {
            "name": "theirs",
            "connectionId": THEIRS,
            **ends,
            "prefix": "t_",
            "streams": [stream("orders", "full_refresh", orders)],
        }
    ]
    if ids:
        users = stream("users", "incremental", "append_dedup", cursorField=["updated_at"], primaryKey=[["id"]])
        connections.append(
            {
                "name": "shop-to-warehouse",
                "connectionId": ids["shop-to-warehouse"],
                **ends,
                "prefix": "shop_",
                "streams": [users, stream("orders", "full_refresh", "overwrite")],
            }
        )
    return {**built_in(), "connections": connections}


@contextmanager
def as_left(ids: Mapping[str, str]) -> Iterator[Emulator]:
    """A server as the program left it.

    Args:
        ids: those of its resources, by the resources' names.
    """
    with Emulator(world(ids)) as emulator, AirbyteClient(ServerSettings(emulator.url)) as client:
        kind, schedule = parse_schedule("cron 0 0 6 * * ? Europe/Berlin")
        job = WebhookOperator(
            webhook_config_id=CONFIG, webhook_type="dbtCloud", dbt_cloud=DbtCloudJob(account_id=7, job_id=8)
        )
        emulator.server.new_id = lambda: ids["transform"]  # type: ignore[method-assign]
        client.create_operation(
            OperationCreate(
                workspace_id=WORKSPACE,
                name="transform",
                operator_configuration=OperatorConfiguration(operator_type="webhook", webhook=job),
            )
        )
        emulator.server.new_id = lambda: str(uuid.uuid4())  # type: ignore[method-assign]
        shop = ids["shop-to-warehouse"]
        client.update_connection(ConnectionUpdate(connection_id=shop, schedule_type=kind, schedule_data=schedule))
        client.attach_operations(PlainConnectionUpdate(connection_id=shop, operation_ids=[ids["transform"]]))
        yield emulator


def write() -> Path:
    """Run the program and keep the state that it leaves."""
    with tempfile.TemporaryDirectory() as folder, Emulator(world()) as emulator:
        project = new_project(Path(folder), PROGRAM)
        project.set_config("airbyte-wb:url", emulator.url)
        result = project.up()
        if not result.code:
            # The Catalog takes over what is there first.
            result = project.up()
        if result.code:
            sys.exit(result.out)
        text = project.run("stack", "export").stdout.replace(emulator.url, ADDRESS)
        state = json.loads(text)
    for each in state["deployment"]["resources"]:
        # Where the program lay is no part of it.
        each.pop("sourcePosition", None)
        each.pop("stackTrace", None)
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{__version__}.json"
    file.write_text(json.dumps(state, indent=1, sort_keys=True) + "\n")
    return file


if __name__ == "__main__":
    print(write())  # noqa: T201 - a command
