"""The page for people at ``/``: connections, streams, tables, requests; plain HTML that reloads itself."""

import json
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader

from pulumi_airbyte_wb.emulator.catalog.diff import key_of
from pulumi_airbyte_wb.emulator.jobs import history
from pulumi_airbyte_wb.emulator.jobs.generations import generation
from pulumi_airbyte_wb.emulator.jobs.runner import tick
from pulumi_airbyte_wb.emulator.rows import tables
from pulumi_airbyte_wb.emulator.server import Airbyte
from pulumi_airbyte_wb.emulator.side_door import SideDoor
from pulumi_airbyte_wb.emulator.states import state_type, stream_state
from pulumi_airbyte_wb.emulator.store import Doc

_RELOAD = 2
_SHOWN_CONNECTIONS, _SHOWN_TABLES, _SHOWN_ROWS, _SHOWN_REQUESTS = 50, 50, 25, 40

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
}

_templates = Environment(loader=PackageLoader("pulumi_airbyte_wb.emulator", "templates"), autoescape=True)
_templates.filters["shown"] = lambda value: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def add_page(app: FastAPI, side: SideDoor) -> None:
    """Serve the page."""

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page(reload: int = _RELOAD) -> HTMLResponse:
        return HTMLResponse(render(side, reload=reload), headers=_HEADERS)


def render(side: SideDoor, *, reload: int) -> str:
    """The page as it is now; ``reload`` 0 leaves it alone."""
    airbyte = side.server
    with airbyte.lock:
        tick(airbyte)
        connections = airbyte.connections()
        shown_tables = list(airbyte.store.all("table"))
        return _templates.get_template("page.html").render(
            version=str(airbyte.rules.version),
            now=_time(airbyte.clock.now()),
            speed=airbyte.clock.speed,
            reload=reload,
            connections=[_connection(airbyte, connection) for connection in connections[:_SHOWN_CONNECTIONS]],
            more_connections=max(0, len(connections) - _SHOWN_CONNECTIONS),
            tables=[_table(airbyte, table) for table in shown_tables[:_SHOWN_TABLES]],
            more_tables=max(0, len(shown_tables) - _SHOWN_TABLES),
            requests=[_request(request) for request in list(side.log.requests)[-_SHOWN_REQUESTS:][::-1]],
            request_count=sum(side.log.counts.values()),
        )


def _connection(airbyte: Airbyte, connection: Doc) -> Doc:
    connection_id = connection["connectionId"]
    jobs = history.jobs_of(airbyte, connection_id)
    job = jobs[-1] if jobs else None
    return {
        "id": connection_id,
        "name": connection["name"],
        "status": connection["status"],
        "source": airbyte.source(connection["sourceId"])["name"],
        "destination": airbyte.destination(connection["destinationId"])["name"],
        "schedule": connection["scheduleType"],
        "state": state_type(airbyte, connection_id),
        "job": None if job is None else _job(job),
        "jobs": len(jobs),
        "streams": [
            _stream(airbyte, connection_id, entry, job) for entry in airbyte.configured(connection_id)["streams"]
        ],
    }


def _job(job: Doc) -> Doc:
    emitted = [part for run in job["runs"] for part in run["stats"][-1:] if part]
    return {
        "id": job["id"],
        "kind": job["configType"].replace("_", " "),
        "status": job["status"],
        "records": sum(part["recordsEmitted"] for part in emitted),
        "expected": sum(run["total"] for run in job["runs"]),
        "at": _time(job["createdAt"]),
    }


def _stream(airbyte: Airbyte, connection_id: str, entry: Doc, job: Doc | None) -> Doc:
    key, config = key_of(entry["stream"]), entry["config"]
    run = next(
        (run for run in (job or {"runs": []})["runs"] if (run["name"], run["namespace"]) == (key.name, key.namespace)),
        None,
    )
    stats = None if run is None or not run["stats"] else run["stats"][-1]
    state = stream_state(airbyte, connection_id, key)
    return {
        "name": key.name if key.namespace is None else f"{key.namespace}.{key.name}",
        "mode": f"{config['syncMode']} | {config['destinationSyncMode']}".replace("_", " "),
        "cursor": ".".join(config.get("cursorField") or []),
        "key": ", ".join(".".join(path) for path in config.get("primaryKey") or []),
        "state": "" if state is None else str(state.get("cursor", "finished")),
        "generation": generation(airbyte, connection_id, key),
        "records": None if stats is None else stats["recordsEmitted"],
    }


def _table(airbyte: Airbyte, table: Doc) -> Doc:
    rows = tables.visible_rows(table)
    return {
        "name": f"{table['namespace']}.{table['name']}" if table["namespace"] else table["name"],
        "destination": airbyte.destination(table["destinationId"])["name"],
        "columns": list(table["columns"]),
        "rows": rows[:_SHOWN_ROWS],
        "count": len(rows),
        "more": max(0, len(rows) - _SHOWN_ROWS),
    }


def _request(request: Any) -> Doc:
    return {
        "number": request.number,
        "at": _time(request.at),
        "path": f"{request.method} {request.path}",
        "status": request.status,
        "fault": request.fault,
    }


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")
