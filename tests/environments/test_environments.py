"""examples/environments through the real engine: two stacks, two servers, and nothing of one in the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import new_project

pytestmark = pytest.mark.engine

EXAMPLE = Path(__file__).parents[2] / "examples" / "environments"
SECRET = "only-prod-may-know-this"
TABLES: list[dict[str, Any]] = [
    {"name": "users", "namespace": "public", "columns": {"id": "integer", "updated_at": "timestamp"}},
    {"name": "events", "namespace": "public", "columns": {"ts": "timestamp"}},
    {"name": "orders", "namespace": "public", "columns": {"id": "integer"}},
]


def world(number: int, destination: str, **auth: str) -> dict[str, Any]:
    """A server with the same names as the other, and ids of its own."""
    tail = f"-0000-4000-8000-{number:012}"
    return {
        "workspaces": [{"name": "Default", "workspaceId": f"10000000{tail}"}],
        "sources": [{"name": "shop-postgres", "sourceId": f"20000000{tail}", "streams": TABLES}],
        "destinations": [{"name": destination, "destinationId": f"30000000{tail}"}],
        "auth": auth or {"mode": "none"},
    }


def names(client: AirbyteClient) -> list[str]:
    (workspace,) = client.list_workspaces()
    return sorted(each.name for each in client.list_connections_for_workspace(workspace.workspace_id))


def test_two_stacks_two_servers(tmp_path: Path) -> None:
    files = {path.name: path.read_text() for path in EXAMPLE.iterdir() if path.is_file()}
    program = files.pop("__main__.py")
    login = {"mode": "client-credentials", "clientId": "pulumi", "clientSecret": SECRET}
    with (
        Emulator(world(1, "warehouse-dev"), "1.0.0") as dev,
        Emulator(world(2, "warehouse", **login), "2.0.0") as prod,
        AirbyteClient(ServerSettings(dev.url)) as dev_api,
        AirbyteClient(ServerSettings(prod.url, client_id="pulumi", client_secret=SecretStr(SECRET))) as prod_api,
    ):
        project = new_project(tmp_path, program, files=files, stack="dev")
        for arguments in (
            ("config", "set", "airbyte-wb:url", dev.url),
            ("stack", "init", "prod"),
            ("config", "set", "airbyte-wb:url", prod.url),
            ("config", "set", "--secret", "airbyte-wb:clientSecret", SECRET),
        ):
            assert project.run(*arguments).code == 0

        first = project.up("--stack", "dev")
        assert first.code == 0, first.out
        assert names(dev_api) == ["shop (dev)"]
        assert not prod.log.requests

        seen = len(dev.log.requests)
        second = project.up("--stack", "prod")
        assert second.code == 0, second.out
        assert names(prod_api) == ["shop (prod)"]
        assert len(dev.log.requests) == seen

        for stack, api, own, other, prefix in (
            ("dev", dev_api, "000000000001", "000000000002", "dev_"),
            ("prod", prod_api, "000000000002", "000000000001", ""),
        ):
            silent = project.preview("--expect-no-changes", "--stack", stack)
            assert silent.code == 0, silent.out
            state = project.run("stack", "export", "--stack", stack).stdout
            outputs = project.run("stack", "output", "--json", "--stack", stack).json()
            connection = api.get_connection(outputs["connectionId"])
            assert connection.source_id.endswith(own)
            assert (connection.prefix or "", connection.schedule_type) == (prefix, "manual" if prefix else "cron")
            assert own in state
            assert f"-8000-{other}" not in state
            assert outputs["server"] == api.settings.base_url.removesuffix("/api/v1")
            assert SECRET not in state + first.out + second.out
        assert "clientSecret" not in project.run("stack", "export", "--stack", "dev").stdout
        assert not [
            path for path in tmp_path.rglob("*") if path.is_file() and SECRET in path.read_text(errors="ignore")
        ]

        destroyed = project.destroy("--stack", "dev")
        assert destroyed.code == 0, destroyed.out
        assert (names(dev_api), names(prod_api)) == ([], ["shop (prod)"])

        assert project.run("config", "set", "airbyte-environments:destination", "warehouse-dev").code == 0
        wrong = project.preview("--stack", "prod")
        assert wrong.code != 0
        assert "get_destination: no destination is called 'warehouse-dev'; did you mean 'warehouse'?" in wrong.out
        assert "Traceback" not in wrong.out
