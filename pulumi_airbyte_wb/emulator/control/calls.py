"""The calls of the control API: each hands its request to :class:`Control`."""

from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request, Response

from pulumi_airbyte_wb.emulator.control.bodies import (
    Clock,
    ClockChange,
    Column,
    Connection,
    Count,
    DropOrder,
    Dropped,
    FaultOrder,
    Release,
    Requests,
    RowChange,
    RowChoice,
    Rows,
    StreamChange,
    StreamFault,
    TableSize,
    Waiting,
)
from pulumi_airbyte_wb.emulator.control.control import Control
from pulumi_airbyte_wb.emulator.core.fault import Fault
from pulumi_airbyte_wb.emulator.core.streams import Row
from pulumi_airbyte_wb.emulator.core.world_file import parse_world


def add_calls(app: FastAPI, control: Control) -> None:
    """Serve every call."""
    _add_world_calls(app, control)
    _add_time_calls(app, control)
    _add_source_calls(app, control)
    _add_destination_calls(app, control)
    _add_request_calls(app, control)
    _add_fault_calls(app, control)


def _add_world_calls(app: FastAPI, control: Control) -> None:
    @app.put("/world", status_code=204, tags=["world"])
    async def load_world(request: Request) -> Response:
        """Start over with a world (the body is YAML or JSON)."""
        control.load_world(parse_world((await request.body()).decode(), "the request's body"))
        return Response(status_code=204)

    @app.get("/snapshot", tags=["world"])
    async def snapshot() -> Response:
        """Everything there is, as one JSON text for ``PUT /snapshot``."""
        return Response(control.snapshot(), media_type="application/json")

    @app.put("/snapshot", status_code=204, tags=["world"])
    async def restore(request: Request) -> Response:
        """Go back to a snapshot, its time included."""
        control.restore((await request.body()).decode())
        return Response(status_code=204)

    @app.put("/shuffle", status_code=204, tags=["world"])
    async def shuffle(on: bool) -> None:
        """Whether answers come in a random order where the real server's order means nothing."""
        control.set_shuffle(on)


def _add_time_calls(app: FastAPI, control: Control) -> None:
    def clock() -> Clock:
        return Clock(now=control.now(), speed=control.server.clock.speed)

    @app.get("/clock", tags=["time"])
    async def read_clock() -> Clock:
        """The virtual time."""
        return clock()

    @app.post("/clock", tags=["time"])
    async def change_clock(change: ClockChange) -> Clock:
        """Change the speed, let time pass."""
        if change.speed is not None:
            control.set_speed(change.speed)
        control.advance(change.advance or 0)
        return clock()

    @app.get("/connections", tags=["time"])
    async def connections() -> list[Connection]:
        """The connections that are not deleted."""
        return [Connection(**connection) for connection in control.connections()]

    @app.post("/connections/{connection}/sync", tags=["time"])
    async def sync(connection: str) -> dict[str, Any]:
        """Start a sync and let time pass until it has ended; answers the job. The connection is a name or an id."""
        job_id = control.sync(connection)
        return next(job for job in control.explained_jobs(connection) if job["job"]["id"] == job_id)

    @app.post("/jobs/finish", status_code=204, tags=["time"])
    async def finish(connection_id: str | None = None) -> None:
        """Let time pass until no job is unfinished."""
        control.finish_jobs(connection_id)

    @app.get("/connections/{connection}/jobs", tags=["time"])
    async def jobs(connection: str) -> list[dict[str, Any]]:
        """The jobs of a connection, oldest first, each with its cause and, unless it succeeded, its reason."""
        return control.explained_jobs(connection)


def _add_source_calls(app: FastAPI, control: Control) -> None:
    @app.get("/sources/{source}/streams/{stream}/rows", tags=["sources"])
    async def read_rows(source: str, stream: str, namespace: str | None = None) -> list[Row]:
        """The rows of a source table."""
        return control.source_rows(source, stream, namespace)

    @app.post("/sources/{source}/streams/{stream}/rows", tags=["sources"])
    async def insert(source: str, stream: str, body: Rows) -> Count:
        """Add rows to a source table."""
        return Count(rows=control.insert(source, stream, body.rows, body.namespace))

    @app.patch("/sources/{source}/streams/{stream}/rows", tags=["sources"])
    async def update(source: str, stream: str, body: RowChange) -> Count:
        """Change the rows that match."""
        return Count(rows=control.update(source, stream, body.where, body.values, body.namespace))

    @app.post("/sources/{source}/streams/{stream}/rows/delete", tags=["sources"])
    async def delete(source: str, stream: str, body: RowChoice) -> Count:
        """Delete the rows that match."""
        return Count(rows=control.delete(source, stream, body.where, body.namespace))

    @app.put("/sources/{source}/streams/{stream}/columns/{column}", status_code=204, tags=["sources"])
    async def set_column(source: str, stream: str, column: str, body: Column) -> None:
        """Add, retype or drop a column."""
        control.set_column(source, stream, column, body.json_schema, body.namespace)

    @app.put("/sources/{source}/streams", status_code=204, tags=["sources"])
    async def set_stream(source: str, body: StreamChange) -> None:
        """Add or replace a stream."""
        control.set_stream(source, body.stream, body.rows)

    @app.put("/sources/{source}/discovery", status_code=204, tags=["sources"])
    async def break_discovery(source: str, trouble: str | None = None) -> None:
        """Let discovery of a source fail with a message, or (without one) work again."""
        control.break_discovery(source, trouble)

    @app.delete("/sources/{source}/streams/{stream}", status_code=204, tags=["sources"])
    async def drop_stream(source: str, stream: str, namespace: str | None = None) -> None:
        """Take a stream from a source."""
        control.drop_stream(source, stream, namespace)


def _add_destination_calls(app: FastAPI, control: Control) -> None:
    @app.get("/tables", tags=["destinations"])
    async def all_tables() -> list[TableSize]:
        """The tables of all destinations."""
        return [
            TableSize(destination=destination, table=table, rows=rows)
            for destination, table, rows in control.table_sizes()
        ]

    @app.post("/tables/drop", tags=["destinations"])
    async def drop(order: DropOrder) -> list[Dropped]:
        """Drop a table, or all, by hand: connections keep their state, what deleted ones did to it is forgotten."""
        if order.table is None:
            return [Dropped(**asdict(dropped)) for dropped in control.drop_tables(order.destination)]
        return [Dropped(**asdict(control.drop_table(order.table, order.destination)))]

    @app.get("/destinations/{destination}/tables", tags=["destinations"])
    async def tables(destination: str) -> dict[str, list[Row]]:
        """The tables of a destination with their rows, by ``namespace.name``."""
        return control.tables(destination)

    @app.get("/destinations/{destination}/raw", tags=["destinations"])
    async def raw_tables(destination: str) -> dict[str, list[Row]]:
        """What lies in raw and temporary tables."""
        return control.raw_tables(destination)

    @app.post("/destinations/{destination}/settle", status_code=204, tags=["destinations"])
    async def settle(destination: str) -> None:
        """Let a table engine that merges in the background finish."""
        control.settle(destination)


def _add_request_calls(app: FastAPI, control: Control) -> None:
    @app.get("/requests", tags=["requests"])
    async def requests() -> Requests:
        """The requests of the API, oldest first, and how many there were of each path."""
        return Requests(counts=dict(control.log.counts), requests=control.log.as_json())

    @app.delete("/requests", status_code=204, tags=["requests"])
    async def forget_requests() -> None:
        """Empty the request log."""
        control.log.clear()


def _add_fault_calls(app: FastAPI, control: Control) -> None:
    @app.get("/faults", tags=["faults"])
    async def faults() -> Waiting:
        """How many faults are yet to strike."""
        return Waiting(faults=len(control.server.faults))

    @app.post("/faults", status_code=204, tags=["faults"])
    async def add_fault(order: FaultOrder) -> None:
        """Let a request fail."""
        control.add_fault(Fault(**order.model_dump()))

    @app.post("/faults/late", status_code=204, tags=["faults"])
    async def carry_out_late(order: Release) -> None:
        """Carry out the requests that a fault ``late`` kept; at once where nothing else is said."""
        control.carry_out_late(before=order.before, after=order.after)

    @app.post("/faults/streams", status_code=204, tags=["faults"])
    async def break_stream(order: StreamFault) -> None:
        """Break off a stream of the connection's next job."""
        control.break_stream(
            order.connection_id,
            order.stream,
            order.namespace,
            after=order.after,
            checkpoint=order.checkpoint,
            message=order.message,
        )

    @app.delete("/faults", status_code=204, tags=["faults"])
    async def clear_faults() -> None:
        """Take back every fault."""
        control.clear_faults()
