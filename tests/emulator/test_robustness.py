"""Requests that are wrong in any one place are answered, never a crash of the emulator (semantics §11.2)."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_airbyte_wb.emulator import Emulator

from .api import DEDUP, SHOP, VERSIONS, WAREHOUSE, WORKSPACE, Api, Doc
from .test_create import WEBHOOK

ODD: list[Any] = [None, "", "x", 0, -1, 1.5, True, [], {}, [None], {"a": None}, [[]]]


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(node, dict):
        for name, value in node.items():
            found += _places(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node[:3]):
            found += _places(value, (*path, index))
    return found


def _changed(body: Doc, path: tuple[Any, ...], value: Any) -> Doc:
    changed = copy.deepcopy(body)
    node: Any = changed
    for step in path[:-1]:
        node = node[step]
    if value is _changed:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return changed


def _bodies(api: Api) -> dict[str, Doc]:
    selection = {"fieldSelectionEnabled": True, "selectedFields": [{"fieldPath": [n]} for n in ("id", "updated_at")]}
    mapper = {"type": "hashing", "mapperConfiguration": {"targetField": "email", "method": "SHA-256"}}
    config = {**DEDUP, **selection, "mappers": [mapper], "hashedFields": [{"fieldPath": ["name"]}]}
    catalog = api.catalog(users=config)
    catalog["syncCatalog"]["streams"].sort(key=lambda entry: entry["stream"]["name"] != "users")
    catalog["syncCatalog"]["streams"] = catalog["syncCatalog"]["streams"][:2]
    connection_id = api.connect(users=DEDUP)["connectionId"]
    cron = {"scheduleType": "cron", "scheduleData": {"cron": {"cronExpression": "0 0 6 * * ?", "cronTimeZone": "UTC"}}}
    common = {**catalog, "name": "n", "operations": [WEBHOOK], "resourceRequirements": {"cpu_limit": "1"}, **cron}
    return {
        "web_backend/connections/create": {"sourceId": SHOP, "destinationId": WAREHOUSE, "status": "active", **common},
        "web_backend/connections/update": {"connectionId": connection_id, "skipReset": False, **common},
        "web_backend/connections/list": {
            "workspaceId": WORKSPACE,
            "pageSize": 2,
            "filters": {"tagIds": [], "searchTerm": "n"},
        },
        "connections/reset/stream": {"connectionId": connection_id, "streams": [{"streamName": "users"}]},
        "jobs/list": {
            "configTypes": ["sync"],
            "configId": connection_id,
            "pagination": {"pageSize": 2, "rowOffset": 0},
        },
        "state/create_or_update": {
            "connectionId": connection_id,
            "connectionState": {
                "stateType": "stream",
                "streamState": [{"streamDescriptor": {"name": "users"}, "streamState": {}}],
            },
        },
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_one_wrong_place(version: str) -> None:
    emulator = Emulator(server_version=version)
    emulator.set_speed(0)
    api = Api(emulator)
    bodies = _bodies(api)
    places = [(path, place) for path, body in bodies.items() for place in _places(body)]
    start = emulator.snapshot()

    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(places), st.sampled_from([*ODD, _changed]))
    def check(place: tuple[str, tuple[Any, ...]], value: Any) -> None:
        path, where = place
        response = api.raw(path, _changed(bodies[path], where, value))
        assert response.status_code in (200, 400, 404, 409, 422, 500)
        json.loads(response.text)
        if response.status_code == 200:
            emulator.finish_jobs()
            emulator.restore(start)

    check()
    emulator.stop()
