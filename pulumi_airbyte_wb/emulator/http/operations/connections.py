"""``connections/*`` and ``state/*`` (semantics §1.2, §9, §10)."""

from collections.abc import Callable
from typing import Any

from pulumi_airbyte_wb.emulator.connection.row import patch_connection
from pulumi_airbyte_wb.emulator.connection.states import replace_state, state_read
from pulumi_airbyte_wb.emulator.core.failures import KnownError, null_pointer
from pulumi_airbyte_wb.emulator.core.server import UNFINISHED, Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.http.answers import connection_read
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
    plain_update_shape,
)
from pulumi_airbyte_wb.emulator.jobs import history, queue
from pulumi_airbyte_wb.emulator.jobs.connection_changes import delete_connection


def _connection(airbyte: Airbyte, body: Doc) -> Doc:
    return airbyte.connection(body.get("connectionId") or "null")


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
def search(airbyte: Airbyte, body: Doc) -> Doc:
    """Connections of all workspaces that have just the given values, without the deleted ones; blank asks nothing."""
    asked = {name: value for name, value in body.items() if name not in _ENDS and value}
    rows = [row for row in airbyte.connections() if all(row.get(name) == value for name, value in asked.items())]
    found = [row for row in rows if all(_has(end(airbyte, row), body.get(name) or {}) for name, end in _ENDS.items())]
    return {"connections": [connection_read(airbyte, row) for row in found]}


_ENDS: dict[str, Callable[[Airbyte, Doc], Doc]] = {
    "source": lambda airbyte, connection: airbyte.source(connection["sourceId"]),
    "destination": lambda airbyte, connection: airbyte.destination(connection["destinationId"]),
}


def _has(actor: Doc, asked: Doc) -> bool:
    return all(actor.get(name) == value for name, value in asked.items() if value)


@operation("connections/list_paginated", WORKSPACES_PAGE)
def list_paginated(airbyte: Airbyte, body: Doc) -> Doc:
    """Connections of several workspaces, by row offset."""
    connections = airbyte.connections(
        workspace_ids=body.get("workspaceIds") or [], deleted=bool(body.get("includeDeleted"))
    )
    page = offset_page(connections, body.get("pagination"), len(connections) or 1)
    return {"connections": [connection_read(airbyte, connection) for connection in page]}


@operation("connections/update", by_version=plain_update_shape)
def update(airbyte: Airbyte, body: Doc) -> Doc:
    """The plain update: nothing is ever reset (§5.1)."""
    connection = _connection(airbyte, body)
    if body.get("operationIds") is not None:
        for operation_id in body["operationIds"]:
            airbyte.operation(operation_id)
        connection["operationIds"] = list(dict.fromkeys(body["operationIds"]))
    patch_connection(airbyte, connection, body, body.get("breakingChange"))
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
    """An empty list means all streams only after v2.0.0; before it starts a plain sync (§9.2)."""
    connection = _connection(airbyte, body)
    if body.get("streams") is None:
        raise null_pointer("streams")
    queue.order_resets(airbyte, connection["connectionId"], _keys(body["streams"]))
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
    if supported:
        mode = body.get("refreshMode") or "Truncate"
        keys = _keys(body.get("streams") or []) or queue.all_streams(airbyte, connection["connectionId"])
        job = queue.refresh(airbyte, connection, keys, mode.upper())
    if not airbyte.rules.has("refresh.answersJob"):
        return {"value": supported}
    return {} if job is None else {"job": history.job_read(job, airbyte.rules)}


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
    return state_read(airbyte, body.get("connectionId") or "")
