"""Requests that are wrong in any one place are answered, never a crash of the emulator (semantics §11.2)."""

import copy
import json
from typing import Any

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tools.builtin_world import SHOP, WAREHOUSE, WORKSPACE

from .api import DEDUP, VERSIONS, Api, Doc
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
    cases = [
        (path, place, value) for path, body in bodies.items() for place in _places(body) for value in [*ODD, _changed]
    ]
    start = emulator.snapshot()
    # All of them take three seconds a version; a third each, and another third on the next version.
    for path, place, value in cases[VERSIONS.index(version) % 3 :: 3]:
        told = f"{path} {place} = {value!r}"
        response = api.raw(path, _changed(bodies[path], place, value))
        assert response.status_code in (200, 400, 404, 409, 422, 500), told
        json.loads(response.text)
        if response.status_code == 200:
            emulator.finish_jobs()
            emulator.restore(start)
    emulator.stop()


@pytest.mark.parametrize("path", [["absent"], ["users", "name"]])
def test_hashing_what_is_not_there(path: list[Any]) -> None:
    emulator = Emulator(server_version="1.0.0")
    emulator.set_speed(0)
    api = Api(emulator)
    connection = api.connect(users={**DEDUP, "hashedFields": [{"fieldPath": path}]})
    api.raw("connections/sync", {"connectionId": connection["connectionId"]})
    emulator.finish_jobs()
    assert [job["job"]["status"] for job in api.jobs(connection["connectionId"])] == ["succeeded"]
    emulator.stop()
