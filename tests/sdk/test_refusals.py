"""What goes wrong is told by our sentence and nothing else, on every Pulumi SDK that pip may install."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.models import ConnectionUpdate
from tests.engine import PulumiProject, new_project
from tests.main_job.conftest import HEAD
from tests.sdk.conftest import Projects
from tools.warm_python import WarmPython

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def warm(sdk: Path) -> Iterator[WarmPython]:
    """The environment's Python, which has imported everything: that it can is proved by the quickstart."""
    with WarmPython(sdk / "bin" / "python") as warm:
        yield warm


@pytest.fixture
def projects(warm: WarmPython, tmp_path: Path) -> Projects:
    def make(program: str, url: str) -> PulumiProject:
        return new_project(tmp_path, program, env={**warm.environment, "AIRBYTE_WB_URL": url})

    return make


UP = ("up", "--yes", "--skip-preview")
REFRESH = ("refresh", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview")

GOOD = f"""{HEAD}
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, streams=[
    airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id")])
"""


def write(project: PulumiProject, program: str) -> None:
    (project.folder / "__main__.py").write_text(program)


def refused(project: PulumiProject, *command: str, row: str = "shop") -> str:
    """The one error that a command ends with, which is the last word on its resource's row too."""
    result, events = project.events(*command)
    assert result.code != 0, result.out
    for words in ("Traceback", "Exception calling application", "unhandled", 'File "'):
        assert words not in result.out, result.out
    told = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    errors: list[str] = [each["message"].strip() for each in told if each["severity"] == "error"]
    (ours,) = [error for error in errors if error not in {"update failed", "preview failed"}]
    assert "\n" not in ours
    rows = [line for line in result.stdout.splitlines() if re.search(rf" {row} .*\berror: ", line)]
    assert rows, result.out
    assert all(line.endswith(f"error: {ours}") for line in rows), rows
    return ours


def test_steps_that_fail(projects: Projects) -> None:
    """A create, an update and a delete that fail, one after the other, and what is tried after them works."""
    with Emulator() as server, AirbyteClient(ServerSettings(server.url)) as api:
        project = projects(GOOD, server.url)
        server.add_fault(Fault("status", "web_backend/connections/create", status=422, times=9))
        error = refused(project, *UP)
        assert error.startswith("web_backend/connections/create: the server answered 422: a fault of the emulator")
        server.clear_faults()
        assert project.up().code == 0
        (shop,) = server.connection_ids()
        server.sync(shop)
        api.update_connection(ConnectionUpdate(connection_id=shop, status="inactive"))
        write(project, GOOD.replace('key="id"', 'key="email"'))
        assert refused(project, *UP).startswith(
            "public.users must be re-synced or cleared, but the connection is inactive"
        )
        server.add_fault(Fault("status", "connections/delete", times=9))
        error = refused(project, *DESTROY)
        assert error.startswith("connections/delete: the server answered 500: a fault of the emulator")
        assert error.endswith("run the same command again: it goes on where this one stopped")
        server.clear_faults()
        assert project.destroy().code == 0


def test_a_refresh_that_fails(projects: Projects) -> None:
    with Emulator() as server:
        project = projects(GOOD, server.url)
        assert project.up().code == 0
        address = server.url
    error = refused(project, *REFRESH)
    assert error.startswith(f"no Airbyte server answers at {address}/api/v1 (connection refused); check airbyte-wb:url")


PREVIEWS = [
    (
        GOOD.replace("public.users", "public.user"),
        "shop",
        "streams[\"public.user\"]: 'public.user' is no stream of the source; did you mean 'public.users'?",
    ),
    (
        GOOD.replace("source_id=SHOP", 'source_id=airbyte.get_source(name="shop-postgre").source_id'),
        "example-dev",
        "get_source: no source is called 'shop-postgre'; did you mean 'shop-postgres'?",
    ),
    (
        GOOD + 'airbyte.get_source_output(name="shop-postgre")',
        "example-dev",
        "get_source: no source is called 'shop-postgre'; did you mean 'shop-postgres'?",
    ),
    (
        GOOD.replace("destination_id=", "adopt=SHOP, destination_id="),
        "shop",
        "adopt: this resource has the connection",
    ),
]


def test_a_preview_that_is_refused(projects: Projects) -> None:
    """By the check, by the program, by the program when it has ended, and by the comparison."""
    with Emulator() as server:
        project = projects(GOOD, server.url)
        assert project.up().code == 0
        for program, row, words in PREVIEWS:
            write(project, program)
            assert words in refused(project, "preview", row=row)
