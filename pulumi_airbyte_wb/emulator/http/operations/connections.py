"""``connections/*`` and ``state/*`` (semantics §1.2, §9, §10)."""

from typing import Any

from pulumi_airbyte_wb.emulator.connection.row import create_connection, patch_connection
from pulumi_airbyte_wb.emulator.connection.states import replace_state, state_read
from pulumi_airbyte_wb.emulator.core.failures import KnownError, asked, needed, null_pointer
from pulumi_airbyte_wb.emulator.core.server import UNFINISHED, Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.http.answers import connection_read
from pulumi_airbyte_wb.emulator.http.connection_requests import plain_create_shape, plain_update_shape
from pulumi_airbyte_wb.emulator.http.paging import offset_page
from pulumi_airbyte_wb.emulator.http.registry import NO_CONTENT, operation
from pulumi_airbyte_wb.emulator.http.requests import (
    CONNECTION_ID,
    CONNECTION_SEARCH,
    REFRESH,
    STATE_WRITE,
    STREAM_REFERENCES,
    WORKSPACE_ID,
    WORKSPACES_PAGE,
)
from pulumi_airbyte_wb.emulator.jobs import history, queue
from pulumi_airbyte_wb.emulator.jobs.connection_changes import delete_connection


def _connection(airbyte: Airbyte, body: Doc) -> Doc:
    return airbyte.connection(needed(body, "connectionId", airbyte.rules))


@operation("connections/get", CONNECTION_ID)
def get(airbyte: Airbyte, body: Doc) -> Doc:
    """A connection; a deleted one reads ``deprecated`` (§10)."""
    return connection_read(airbyte, _connection(airbyte, body))


@operation("connections/list", WORKSPACE_ID)
def list_connections(airbyte: Airbyte, body: Doc) -> Doc:
    """All connections of a workspace, without the deleted ones."""
    connections = airbyte.connections(workspace_ids=[body.get("workspaceId") or ""])
    return {"connections": [connection_read(airbyte, connection) for connection in connections]}


@operation("connections/list_all", WORKSPACE_ID)
def list_all(airbyte: Airbyte, body: Doc) -> Doc:
    """All connections of a workspace, deleted ones included."""
    connections = airbyte.connections(workspace_ids=[body.get("workspaceId") or ""], deleted=True)
    return {"connections": [connection_read(airbyte, connection) for connection in connections]}


@operation("connections/search", CONNECTION_SEARCH)
def search(airbyte: Airbyte, body: Doc) -> Doc:  # noqa: ARG001 - a handler
    """Search connections: no server finds any.

    The server compares each connection with a copy of it that has the asked values. The copy lacks other fields, such
    as nonBreakingChangesPreference, so that the two are never equal (seen at v0.50.0 and v1.8.0, read at v0.40.32).
    """
    return {"connections": []}


@operation("connections/list_paginated", WORKSPACES_PAGE)
def list_paginated(airbyte: Airbyte, body: Doc) -> Doc:
    """Connections of several workspaces, by row offset."""
    connections = airbyte.connections(
        workspace_ids=body.get("workspaceIds") or [], deleted=bool(body.get("includeDeleted"))
    )
    page = offset_page(connections, body.get("pagination"), len(connections) or 1)
    return {"connections": [connection_read(airbyte, connection) for connection in page]}


@operation("connections/create", by_version=plain_create_shape)
def create(airbyte: Airbyte, body: Doc) -> Doc:
    """Create a connection; its operations are named by their ids (real-server.md 16)."""
    for name in ("sourceId", "destinationId"):
        needed(body, name, airbyte.rules)
    return connection_read(airbyte, create_connection(airbyte, body))


@operation("connections/update", by_version=plain_update_shape)
def update(airbyte: Airbyte, body: Doc) -> Doc:
    """The plain update: nothing is ever reset (§5.1)."""
    connection = _connection(airbyte, body)
    operation_ids = body.get("operationIds")
    patch_connection(airbyte, connection, body, body.get("breakingChange"), operation_ids)
    return connection_read(airbyte, connection)


@operation("connections/delete", CONNECTION_ID)
def delete(airbyte: Airbyte, body: Doc) -> Any:
    """Delete a connection; deleting twice is fine (§10)."""
    delete_connection(airbyte, _connection(airbyte, body))
    return NO_CONTENT


@operation("connections/sync", CONNECTION_ID)
def sync(airbyte: Airbyte, body: Doc) -> Doc:
    """Start a sync."""
    return history.job_info(queue.manual_sync(airbyte, _connection(airbyte, body)), airbyte.rules)


def _reset(airbyte: Airbyte, body: Doc) -> Doc:
    connection = _connection(airbyte, body)
    keys = queue.all_streams(airbyte, connection["connectionId"])
    queue.order_resets(airbyte, connection["connectionId"], keys)
    return history.job_info(queue.signal_reset(airbyte, connection), airbyte.rules)


def _reset_streams(airbyte: Airbyte, body: Doc) -> Doc:
    """From v1.8.0 an empty list, or none, means all streams (A12); before, no rows are written: a plain sync (§9.2)."""
    connection = _connection(airbyte, body)
    if "streams" in body and body["streams"] is None:
        raise null_pointer("null")
    keys = _keys(body.get("streams") or [])
    if not keys and airbyte.rules.has("reset.emptyListIsAll"):
        keys = queue.all_streams(airbyte, connection["connectionId"])
    queue.order_resets(airbyte, connection["connectionId"], keys)
    return history.job_info(queue.signal_reset(airbyte, connection), airbyte.rules)


def _keys(streams: list[Doc]) -> list[Key]:
    return [Key(stream["streamName"], stream.get("streamNamespace")) for stream in streams]


operation("connections/reset", CONNECTION_ID)(_reset)
operation("connections/clear", CONNECTION_ID)(_reset)
operation("connections/reset/stream", STREAM_REFERENCES)(_reset_streams)
operation("connections/clear/stream", STREAM_REFERENCES)(_reset_streams)


@operation("connections/refresh", REFRESH)
def refresh(airbyte: Airbyte, body: Doc) -> Doc:
    """Order a refresh; a destination without support: nothing is done (§1.2)."""
    connection = _connection(airbyte, body)
    supported = airbyte.supports_refreshes(connection)
    job = None
    if airbyte.rules.has("refresh.mode"):
        needed(body, "refreshMode", airbyte.rules)
    if supported:
        mode = body.get("refreshMode") or "Truncate"
        keys = _keys(body.get("streams") or []) or queue.all_streams(airbyte, connection["connectionId"])
        job = queue.refresh(airbyte, connection, keys, mode.upper())
    if not airbyte.rules.has("refresh.answersJob"):
        return {"value": supported}
    if job is None:
        return {}
    read = history.job_read(job, airbyte.rules)
    read.pop("aggregatedStats", None)
    return {"job": read}


@operation("connections/last_job_per_stream", CONNECTION_ID)
def last_job_per_stream(airbyte: Airbyte, body: Doc) -> Any:
    """The newest finished job of each stream (§13)."""
    found: dict[Key, Doc] = {}
    for job in airbyte.jobs_of(_connection(airbyte, body)["connectionId"]):
        for run in job["runs"] if job["status"] not in UNFINISHED else ():
            stats = next((part for part in reversed(run["stats"]) if part), None)
            if stats is None:
                continue
            found[key_of(run)] = {
                "streamName": run["name"],
                "streamNamespace": run["namespace"] or "",
                "jobId": job["id"],
                "configType": job["configType"],
                "jobStatus": job["status"],
                "startedAt": int(job["startedAt"]),
                "endedAt": int(job["endedAt"]),
                "bytesCommitted": stats["bytesCommitted"],
                "recordsCommitted": stats["recordsCommitted"],
            }
    return list(found.values())


@operation("state/create_or_update", STATE_WRITE)
def write_state(airbyte: Airbyte, body: Doc) -> Doc:
    """Replace the state."""
    return _write_state(airbyte, body)


def _write_state(airbyte: Airbyte, body: Doc) -> Doc:
    connection_id = body.get("connectionId") or ""
    replace_state(airbyte, connection_id, body.get("connectionState") or {})
    return state_read(airbyte, connection_id)


@operation("state/create_or_update_safe", STATE_WRITE)
def write_state_safely(airbyte: Airbyte, body: Doc) -> Doc:
    """Replace the state unless a sync is running (§1.2)."""
    if airbyte.unfinished_job(body.get("connectionId") or "") is not None:
        raise KnownError(423, "State cannot be updated while a sync is running", "SyncIsRunningException")
    return _write_state(airbyte, body)


@operation("state/get", CONNECTION_ID)
def get_state(airbyte: Airbyte, body: Doc) -> Doc:
    """The state; no check that the connection exists (§1.1)."""
    return state_read(airbyte, asked(body, "connectionId", airbyte.rules))
