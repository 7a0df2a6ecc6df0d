"""The order in which a preview tells, and a secret inside a mapper, by the real engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.main_job.conftest import Projects, write

TABLES = [f"t{number:02}" for number in range(12)]
SALES = {
    "sources": [
        {
            "name": "sales",
            "streams": [
                {
                    "name": name,
                    "columns": {"id": "string", "at": "timestamp"},
                    "sourceDefinedCursor": True,
                    "defaultCursorField": ["at"],
                    "sourceDefinedPrimaryKey": [["id"]],
                    "rows": [{"id": "1", "at": "2024-01-01T00:00:00Z"}],
                }
                for name in reversed(TABLES)
            ],
        }
    ],
    "destinations": [{"name": "lake", "supportsRefreshes": True}],
}
MANY = """
sales, lake = airbyte.get_source(name="sales"), airbyte.get_destination(name="lake")
airbyte.Connection("sales", source_id=sales.source_id, destination_id=lake.destination_id,
    schedule=airbyte.manual(), prefix=pulumi.Config().get("prefix") or "",
    streams=[airbyte.streams("t*", "incremental_append_dedup")])
"""


@pytest.fixture
def sales() -> Iterator[Emulator]:
    with Emulator(SALES) as server:
        server.set_speed(10_000)
        yield server


@pytest.mark.engine
def test_a_preview_tells_its_streams_in_their_order_each_time(sales: Emulator, projects: Projects) -> None:
    project = projects(MANY)
    project.set_config("airbyte-wb:url", sales.url)
    assert project.up().code == 0
    [connection] = sales.connection_ids()
    sales.sync(connection)
    project.set_config("prefix", "x_")
    told = [_by_resource(project.preview().out) for _ in range(3)]
    assert told[0] == told[1] == told[2]
    summary = re.findall(r"^ +(t\d\d) of sales$", told[0]["pulumi:pulumi:Stack (example-dev)"], re.MULTILINE)
    sales_told = told[0]["pulumi-python:dynamic/airbyte:Connection (sales)"]
    listed = re.findall(r"t\d\d", sales_told.split("12 streams (", 1)[1].partition(")")[0])
    assert summary == listed == TABLES


def _by_resource(output: str) -> dict[str, str]:
    """What is told of each resource; the order of the resources is the engine's, by which one spoke first."""
    _, _, diagnostics = output.partition("Diagnostics:\n")
    parts = re.split(r"^  (\S+ \(\S+\)):\n", diagnostics.partition("\nResources:")[0], flags=re.MULTILINE)[1:]
    return {name: told.rstrip() for name, told in zip(parts[::2], parts[1::2], strict=True)}


ENCRYPTED = """
AES = pulumi.Config().require_secret("aes")
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule=airbyte.manual(),
    streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id",
        mappers=MAPPERS)])
"""
MAPPER = """{"type": "encryption", "mapperConfiguration": {"algorithm": "AES", "targetField": "email",
    "fieldNameSuffix": "_enc", "mode": "CBC", "padding": "PKCS5Padding", "key": AES}}"""
KEYS = ("00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100")


@pytest.mark.engine
def test_a_secret_inside_a_mapper_is_taken_and_shown_nowhere(server: Emulator, projects: Projects) -> None:
    project = projects(ENCRYPTED.replace("MAPPERS", f"[{MAPPER}]"))
    shown = []

    def run(*arguments: str) -> int:
        result = project.run(*arguments)
        shown.append(result.out)
        return result.code

    assert run("config", "set", "--secret", "aes", KEYS[0]) == 0
    assert run("up", "--yes", "--non-interactive") == 0
    [connection] = server.connection_ids()
    server.sync(connection)
    assert run("refresh", "--yes", "--non-interactive") == 0
    assert run("preview", "--expect-no-changes", "--non-interactive") == 0
    write(project, ENCRYPTED.replace("MAPPERS", f"AES.apply(lambda AES: [{MAPPER}])"))
    assert run("preview", "--expect-no-changes", "--non-interactive") == 0
    assert run("config", "set", "--secret", "aes", KEYS[1]) == 0
    assert run("preview", "--diff", "--non-interactive") == 0
    assert "re-synced" in shown[-1]
    exported = project.run("stack", "export").out
    assert json.loads(exported)["deployment"]["resources"]
    assert not [text for text in [*shown, exported] if any(key in text for key in KEYS)]
