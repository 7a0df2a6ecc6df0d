"""Every operation of every version, its answers validated against that version's OpenAPI slice."""

from typing import Any

import httpx
import pytest

from tools.builtin_world import CRM, SHOP, WAREHOUSE, WORKSPACE

from .api import APPEND, DEDUP, OVERWRITE, Api
from .openapi import need_slices, problems


def _serves(api: Api, path: str) -> bool:
    return api.emulator.server.rules.serves(path)


def test_a_tour_of_every_operation(any_api: Api) -> None:
    api = any_api
    api.read("health")
    if _serves(api, "instance_configuration"):
        said = api.read("instance_configuration").get("version")
        assert said == (None if api.version == "0.50.0" else api.version)
    api.call("workspaces/get", workspaceId=WORKSPACE)
    for path in ("sources/list", "destinations/list"):
        api.call(path, workspaceId=WORKSPACE)
    api.call("sources/get", sourceId=CRM)
    api.call("destinations/get", destinationId=WAREHOUSE)
    if _serves(api, "workspaces/list"):
        api.call("workspaces/list")
    if _serves(api, "workspaces/list_paginated"):
        api.call("workspaces/list_paginated", workspaceIds=[WORKSPACE])
    if api.version not in ("0.44.0", "0.50.0"):
        api.call("actor_definition_versions/get_for_source", sourceId=SHOP)
        api.call("actor_definition_versions/get_for_destination", destinationId=WAREHOUSE)
    operation: dict[str, Any] = {
        "workspaceId": WORKSPACE,
        "name": "dbt",
        "operatorConfiguration": {
            "operatorType": "webhook",
            "webhook": {"webhookType": "dbtCloud", "dbtCloud": {"accountId": 1, "jobId": 2}},
        },
    }
    connection = api.connect(users=DEDUP, orders=OVERWRITE, fields={"operations": [operation]})
    connection_id = connection["connectionId"]
    api.call("web_backend/connections/list", workspaceId=WORKSPACE)
    for path in ("connections/list", "connections/list_all"):
        api.call(path, workspaceId=WORKSPACE)
    api.call("connections/get", connectionId=connection_id)
    api.call("web_backend/connections/get", connectionId=connection_id, withRefreshedCatalog=True)
    api.call("operations/list", connectionId=connection_id)
    api.call("connections/sync", connectionId=connection_id)
    api.emulator.advance(15)
    (job,) = api.jobs(connection_id)
    assert job["job"]["status"] == "running"
    api.emulator.finish_jobs()
    (job,) = api.jobs(connection_id)
    assert job["job"]["status"] == "succeeded"
    for path in ("jobs/get", "jobs/get_without_logs", "jobs/get_light"):
        if _serves(api, path):
            api.call(path, id=job["job"]["id"])
    api.call("jobs/get_last_replication_job", connectionId=connection_id)
    api.call("state/get", connectionId=connection_id)
    assert api.call("web_backend/state/get_type", connectionId=connection_id) == "stream"
    api.reconfigure(connection_id, users={"primaryKey": [["id"], ["region"]]})
    api.emulator.finish_jobs()
    api.update(connection_id, name="renamed", nonBreakingChangesPreference="disable")
    api.call("connections/reset", connectionId=connection_id)
    api.emulator.finish_jobs()
    if _serves(api, "connections/clear/stream"):
        api.call("connections/clear", connectionId=connection_id)
        api.emulator.finish_jobs()
        streams = [{"streamName": "users", "streamNamespace": "public"}]
        api.call("connections/clear/stream", connectionId=connection_id, streams=streams)
        api.emulator.finish_jobs()
        api.call("connections/refresh", connectionId=connection_id, refreshMode="Truncate", streams=streams)
        api.emulator.finish_jobs()
    if _serves(api, "connections/last_job_per_stream"):
        api.call("connections/last_job_per_stream", connectionId=connection_id)
    if _serves(api, "connections/list_paginated"):
        api.call("connections/list_paginated", workspaceIds=[WORKSPACE])
    if _serves(api, "tags/create"):
        tag = api.call("tags/create", workspaceId=WORKSPACE, name="gold", color="FFD700")
        api.call("tags/list", workspaceId=WORKSPACE)
        api.update(connection_id, tags=[tag])
        api.call("tags/update", tagId=tag["tagId"], name="silver", color="C0C0C0")
        api.call("web_backend/connections/list", workspaceId=WORKSPACE)
    api.call("web_backend/check_updates")
    api.call("web_backend/workspace/state", workspaceId=WORKSPACE)
    if _serves(api, "web_backend/geographies/list"):
        api.call("web_backend/geographies/list")
    created = api.call("operations/create", **operation)
    api.call("operations/get", operationId=created["operationId"])
    api.call("operations/update", **{**operation, "operationId": created["operationId"], "name": "other"})
    api.call("operations/check", **operation["operatorConfiguration"])
    api.call("operations/delete", operationId=created["operationId"])
    api.call("connections/sync", connectionId=connection_id)
    api.call("jobs/cancel", id=api.jobs(connection_id)[0]["job"]["id"])
    api.call("connections/delete", connectionId=connection_id)
    assert api.get(connection_id)["status"] == "deprecated"


def test_discovery_of_a_connection(any_api: Api) -> None:
    connection = any_api.connect(events=APPEND)
    any_api.emulator.set_column("shop-postgres", "events", "kind", None, namespace="public")
    body = {"sourceId": SHOP, "connectionId": connection["connectionId"], "disable_cache": True}
    answer = any_api.call("sources/discover_schema", **body)
    (transform,) = answer["catalogDiff"]["transforms"]
    assert transform["streamDescriptor"]["name"] == "events"


@pytest.mark.parametrize("path", ["clear", "refresh", "last_job_per_stream"])
def test_old_versions_do_not_have_newer_paths(make_api: "object", path: str) -> None:
    api: Api = make_api("0.50.0")  # type: ignore[operator]
    response = api.raw(f"connections/{path}")
    assert (response.status_code, response.text) == (404, "Object not found.")


def test_the_validation_can_fail() -> None:
    need_slices()
    assert problems("1.8.0", "health", "GET", 200, {"available": True}) == []
    assert problems("1.8.0", "health", "GET", 200, {"available": "yes"})
    assert problems("1.8.0", "health", "GET", 200, {"available": True, "more": 1})


def test_the_asgi_application_answers_in_process(api: Api) -> None:
    import anyio

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=api.emulator.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://emulator") as client:
            return await client.get("/api/v1/health")

    assert anyio.run(ask).json() == {"available": True}
