"""Made-up requests of each version's schemas drive the emulator: it never breaks, and answers what the version answers.

Ids are often those of things that exist, so that requests get somewhere.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import httpx
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.http.in_process import InProcessTransport
from pulumi_airbyte_wb.emulator.http.registry import OPERATIONS
from tests.api.conftest import CRM, SHOP, WAREHOUSE, WORKSPACE
from tests.contract.slices import NOT_CUT, VERSIONS, instances, need_slices, operations, problems, request_schema

MANY = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ALLOWED = frozenset({200, 204, 400, 404, 409, 422, 423, 500})


def drive(bodies: st.SearchStrategy[Any], ask: Callable[[Any], None]) -> None:
    """Ask with some made-up bodies."""

    @MANY
    @given(bodies)
    def check(body: Any) -> None:
        ask(body)

    check()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_emulator_answers_every_request_as_its_version_does(version: str) -> None:
    need_slices()
    emulator = Emulator(server_version=version)
    emulator.set_speed(0)
    http = httpx.Client(transport=InProcessTransport(emulator.server, emulator.log), base_url="http://emulator/api/v1")
    known = st.sampled_from([WORKSPACE, SHOP, CRM, WAREHOUSE])
    ids = st.one_of(known, known, st.uuids().map(str))
    served = {path: each for path, each in operations(version).items() if path in OPERATIONS and path not in NOT_CUT}
    assert len(served) > 25
    statuses: dict[int, int] = {}

    def ask(path: str, method: str, body: Any) -> None:
        response = http.request(method, f"/{path}", json=body)
        statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
        assert response.status_code in ALLOWED, (path, response.status_code, response.text[:200])
        if response.is_success:
            answer = response.json() if response.content else None
            assert problems(version, path, method, response.status_code, answer) == [], path
        else:
            assert isinstance(json.loads(response.content), dict)

    for path, operation in sorted(served.items()):
        schema = request_schema(version, path)
        bodies = instances(version, schema, uuids=ids) if schema else st.none()
        drive(bodies, functools.partial(ask, path, operation["method"]))
    assert statuses.get(200, 0) > 20
    assert set(statuses) & {404, 400}
