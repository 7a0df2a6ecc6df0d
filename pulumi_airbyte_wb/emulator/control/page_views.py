"""What the page shows, as plain values for its template."""

from typing import Any

from pulumi_airbyte_wb.emulator.connection.states import state_type, stream_state
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import key_of
from pulumi_airbyte_wb.emulator.http.request_log import LoggedRequest
from pulumi_airbyte_wb.emulator.jobs.causes import clock_time, told_cause, told_reason
from pulumi_airbyte_wb.emulator.jobs.generations import generation
from pulumi_airbyte_wb.emulator.rows import destination_tables as tables

_SHOWN_JOBS, _SHOWN_ROWS = 20, 25


def connection_view(airbyte: Airbyte, connection: Doc) -> Doc:
    """A connection with its streams and its newest jobs."""
    connection_id = connection["connectionId"]
    jobs = airbyte.jobs_of(connection_id)
    newest = jobs[-1] if jobs else None
    return {
        "id": connection_id,
        "name": connection["name"],
        "status": connection["status"],
        "source": airbyte.source(connection["sourceId"])["name"],
        "destination": airbyte.destination(connection["destinationId"])["name"],
        "schedule": connection["scheduleType"],
        "state": state_type(airbyte, connection_id),
        "jobs": [_job(job) for job in jobs[-_SHOWN_JOBS:][::-1]],
        "more_jobs": max(0, len(jobs) - _SHOWN_JOBS),
        "streams": [
            _stream(airbyte, connection_id, entry, newest) for entry in airbyte.configured(connection_id)["streams"]
        ],
    }


def table_view(airbyte: Airbyte, table: Doc) -> Doc:
    """A table with its first rows."""
    rows = tables.visible_rows(table)
    return {
        "name": tables.full_name(table["namespace"], table["name"]),
        "destination": airbyte.destination(table["destinationId"])["name"],
        "destination_id": table["destinationId"],
        "columns": list(table["columns"]),
        "rows": rows[:_SHOWN_ROWS],
        "count": len(rows),
        "more": max(0, len(rows) - _SHOWN_ROWS),
    }


def request_view(request: LoggedRequest) -> Doc:
    """A request of the log, without its body."""
    return {
        "number": request.number,
        "at": clock_time(request.at),
        "path": f"{request.method} {request.path}",
        "status": request.status,
        "fault": request.fault,
    }


def _job(job: Doc) -> Doc:
    emitted = [part for run in job["runs"] for part in run["stats"][-1:] if part]
    return {
        "id": job["id"],
        "kind": job["configType"].replace("_", " "),
        "cause": told_cause(job),
        "status": job["status"],
        "reason": told_reason(job),
        "records": sum(part["recordsEmitted"] for part in emitted),
        "expected": sum(run["total"] for run in job["runs"]),
    }


def _stream(airbyte: Airbyte, connection_id: str, entry: Doc, job: Doc | None) -> Doc:
    key, config = key_of(entry["stream"]), entry["config"]
    runs: list[Any] = [] if job is None else job["runs"]
    run = next((run for run in runs if (run["name"], run["namespace"]) == (key.name, key.namespace)), None)
    stats = None if run is None or not run["stats"] else run["stats"][-1]
    state = stream_state(airbyte, connection_id, key)
    return {
        "name": tables.full_name(key.namespace, key.name),
        "mode": f"{config['syncMode']} | {config['destinationSyncMode']}".replace("_", " "),
        "cursor": ".".join(config.get("cursorField") or []),
        "key": ", ".join(".".join(path) for path in config.get("primaryKey") or []),
        "state": "" if state is None else str(state.get("cursor", "finished")),
        "generation": generation(airbyte, connection_id, key),
        "records": None if stats is None else stats["recordsEmitted"],
    }
