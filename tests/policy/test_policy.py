"""The policy pack of the examples, run by the real engine."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.policy import Permission
from pulumi_airbyte_wb.policy.permissions import protected
from tests.engine import PulumiProject
from tests.main_job.conftest import Projects, projects, write
from tests.main_job.test_refusals import GOOD

__all__ = ["projects"]

PACK = Path(__file__).parents[2] / "examples" / "policy-pack"
TODAY = dt.datetime.now(dt.UTC).date()


def preview(project: PulumiProject, config: dict[str, Any] | None = None) -> tuple[int, str]:
    extra = []
    if config is not None:
        file = project.folder / "policy.json"
        file.write_text(json.dumps(config))
        extra = ["--policy-pack-config", str(file)]
    result = project.preview("--policy-pack", str(PACK), *extra)
    return result.code, result.out


def permitting(**changes: str) -> dict[str, Any]:
    permission = {"resource": "shop", "stream": "public.users", "code": "AWB220", "until": TODAY.isoformat(), **changes}
    return {"airbyte-no-unpermitted-reads": {"permissions": [permission]}}


@pytest.mark.engine
def test_the_pack_stops_what_is_not_permitted_and_lets_the_rest_through(projects: Projects, server: Emulator) -> None:
    project = projects(GOOD)
    assert project.up().code == 0
    for connection in server.connection_ids():
        server.sync(connection)

    write(project, GOOD.replace('key="id"', 'key="email"'))
    code, out = preview(project)
    assert code != 0
    assert (
        "public.users of shop would be changed by refresh, removing old records when it is done: key id => email" in out
    )
    assert f'"code": "AWB220", "until": "{TODAY}"' in out
    assert preview(project, permitting())[0] == 0
    assert preview(project, permitting(until="2026-01-01"))[0] != 0, "it has run out"
    code, out = preview(project, permitting(untill="x"))
    assert code != 0
    assert "did you mean 'until'?" in out

    leaving = GOOD.replace('key="id"', 'key="email"').replace("streams=", 'resets={"default": "server"}, streams=')
    write(project, leaving)
    code, out = preview(project, permitting())
    assert code != 0
    assert "take the 'server' out of resets" in out

    skipping = GOOD.replace('key="id"', 'key="email"').replace("streams=", 'resets={"default": "skip"}, streams=')
    write(project, skipping)
    code, out = preview(project)
    assert code != 0
    assert "the program says 'skip', although rows written under the old key would never merge" in out

    write(project, GOOD.replace("public.users", "public.orders").replace(', key="id"', ""))
    code, out = preview(project)
    assert code != 0
    assert "public.orders of shop is deduplicated by a key that the program does not name" in out


@pytest.mark.parametrize(
    ("asked", "covered"),
    [
        (("shop", "public.users", "AWB220", TODAY), True),
        (("shop", "public.users", "AWB220", TODAY + dt.timedelta(days=1)), False),
        (("other", "public.users", "AWB220", TODAY), False),
        (("shop", "public.events", "AWB220", TODAY), False),
        (("shop", "public.users", "AWB210", TODAY), False),
    ],
)
def test_a_permission_is_for_one_code_of_one_stream_of_one_resource(
    asked: tuple[str, str, str, dt.date], covered: bool
) -> None:
    assert Permission("shop", "public.users", "AWB220", TODAY).covers(*asked) is covered
    assert not Permission("shop", "public.*", "AWB220", TODAY).covers(*asked)


@pytest.mark.parametrize(
    ("config", "guarded"),
    [({}, True), ({"stacks": []}, True), ({"stacks": ["prod*"]}, False), ({"stacks": ["prod*", "dev"]}, True)],
)
def test_stacks_are_protected_by_their_names(config: dict[str, Any], guarded: bool) -> None:
    assert protected("dev", config) is guarded


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("x", "p"),
        ({"resource": "a", "stream": "b", "code": "c"}, "p.until"),
        ({"resource": "a", "stream": "b", "code": "c", "until": "tomorrow"}, "p.until"),
        ({"resource": "", "stream": "b", "code": "c", "until": "2026-01-01"}, "p.resource"),
        ({"resources": "a"}, "p.resources"),
    ],
)
def test_a_permission_that_cannot_be(value: object, path: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        Permission.read(value, "p")
    assert caught.value.path == path
