"""The control API under ``/_emulator/``: the side door for tests and demos, over HTTP."""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from pulumi_airbyte_wb.emulator.failures import ApiError
from pulumi_airbyte_wb.emulator.fault import Fault, Kind, Step
from pulumi_airbyte_wb.emulator.side_door import SideDoor, SideDoorError
from pulumi_airbyte_wb.emulator.world_file import WorldError, parse_world

Row = dict[str, Any]


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Clock(_Body):
    """The virtual clock."""

    now: float
    speed: float


class ClockChange(_Body):
    """What to do with the clock."""

    advance: float | None = Field(default=None, ge=0, description="virtual seconds to let pass")
    speed: float | None = Field(default=None, ge=0, description="virtual seconds per real second; 0 stands still")


class Rows(_Body):
    """Rows of a source table."""

    namespace: str | None = None
    rows: list[Row]


class RowChange(_Body):
    """New values for the rows that match."""

    namespace: str | None = None
    where: Row = Field(default_factory=dict)
    values: Row


class RowChoice(_Body):
    """Which rows to delete."""

    namespace: str | None = None
    where: Row = Field(default_factory=dict)


class Column(_Body):
    """A column: its JSON schema, or null to drop it."""

    namespace: str | None = None
    json_schema: dict[str, Any] | None


class StreamChange(_Body):
    """A stream of a source: an AirbyteStream object, and its rows (those that are there if not given)."""

    stream: dict[str, Any]
    rows: list[Row] | None = None


class FaultOrder(_Body):
    """A fault of the API: after ``skip`` matching requests it strikes ``times`` times."""

    kind: Kind
    path: str | None = Field(default=None, description="a path under /api/v1/; any if not given")
    about: str | None = Field(default=None, description="a text in the request's body, such as a connection's id")
    skip: int = Field(default=0, ge=0)
    times: int = Field(default=1, ge=1)
    status: int = 500
    delay: float = Field(default=0, ge=0, description="real seconds before the request is carried out")
    hold: float = Field(default=0, ge=0, description="real seconds before the answer leaves")
    headers: dict[str, str] = Field(default_factory=dict)
    apply: bool = Field(default=False, description="carry the request out although its answer is an error")
    step: Step | None = Field(default=None, description="break a create or an update of web_backend off after this")


class StreamFault(_Body):
    """A fault of a stream in the connection's next job."""

    connection_id: str
    stream: str
    namespace: str | None = None
    after: int = Field(default=0, ge=0, description="records that arrive before it breaks")
    checkpoint: bool = False
    message: str = "a fault of the emulator"


class Release(_Body):
    """When the requests are carried out that a fault ``late`` kept."""

    before: list[str] = Field(default_factory=list, description="just before a request to one of these paths")
    after: int = Field(default=0, ge=0, description="after so many more requests")


class Requests(_Body):
    """The request log."""

    counts: dict[str, int]
    requests: list[dict[str, Any]]


class Waiting(_Body):
    """How many faults."""

    faults: int


class Count(_Body):
    """How many rows."""

    rows: int


def control_app(side: SideDoor) -> FastAPI:
    """The control API of a server; its documentation is at ``/_emulator/docs``."""
    app = FastAPI(title="Airbyte emulator: control API", version=str(side.server.rules.version))

    @app.exception_handler(SideDoorError)
    async def _missing(_request: Request, problem: SideDoorError) -> JSONResponse:
        return JSONResponse({"detail": str(problem)}, status_code=404)

    @app.exception_handler(ApiError)
    async def _refused(_request: Request, problem: ApiError) -> JSONResponse:
        return JSONResponse({"detail": problem.message}, status_code=problem.status)

    @app.exception_handler(WorldError)
    async def _no_world(_request: Request, problem: WorldError) -> JSONResponse:
        return JSONResponse({"detail": str(problem)}, status_code=422)

    _add_world_calls(app, side)
    _add_time_calls(app, side)
    _add_source_calls(app, side)
    _add_destination_calls(app, side)
    _add_fault_calls(app, side)
    return app


def _add_world_calls(app: FastAPI, side: SideDoor) -> None:
    @app.put("/world", status_code=204, tags=["world"])
    async def load_world(request: Request) -> Response:
        """Start over with a world (the body is YAML or JSON)."""
        side.load_world(parse_world((await request.body()).decode(), "the request's body"))
        return Response(status_code=204)

    @app.get("/snapshot", tags=["world"])
    async def snapshot() -> Response:
        """Everything there is, as one JSON text for ``PUT /snapshot``."""
        return Response(side.snapshot(), media_type="application/json")

    @app.put("/snapshot", status_code=204, tags=["world"])
    async def restore(request: Request) -> Response:
        """Go back to a snapshot, its time included."""
        side.restore((await request.body()).decode())
        return Response(status_code=204)

    @app.put("/shuffle", status_code=204, tags=["world"])
    async def shuffle(on: bool) -> None:
        """Whether answers come in a random order where the real server's order means nothing."""
        side.set_shuffle(on)


def _add_time_calls(app: FastAPI, side: SideDoor) -> None:
    def clock() -> Clock:
        return Clock(now=side.now(), speed=side.server.clock.speed)

    @app.get("/clock", tags=["time"])
    async def read_clock() -> Clock:
        """The virtual time."""
        return clock()

    @app.post("/clock", tags=["time"])
    async def change_clock(change: ClockChange) -> Clock:
        """Change the speed, let time pass."""
        if change.speed is not None:
            side.set_speed(change.speed)
        side.advance(change.advance or 0)
        return clock()

    @app.post("/connections/{connection_id}/sync", tags=["time"])
    async def sync(connection_id: str) -> dict[str, Any]:
        """Start a sync and let time pass until it has ended; answers the job."""
        job_id = side.sync(connection_id)
        return next(job for job in side.jobs(connection_id) if job["job"]["id"] == job_id)

    @app.post("/jobs/finish", status_code=204, tags=["time"])
    async def finish(connection_id: str | None = None) -> None:
        """Let time pass until no job is unfinished."""
        side.finish_jobs(connection_id)

    @app.get("/connections/{connection_id}/jobs", tags=["time"])
    async def jobs(connection_id: str) -> list[dict[str, Any]]:
        """The jobs of a connection, oldest first."""
        return side.jobs(connection_id)


def _add_source_calls(app: FastAPI, side: SideDoor) -> None:
    @app.get("/sources/{source}/streams/{stream}/rows", tags=["sources"])
    async def read_rows(source: str, stream: str, namespace: str | None = None) -> list[Row]:
        """The rows of a source table."""
        return side.source_rows(source, stream, namespace)

    @app.post("/sources/{source}/streams/{stream}/rows", tags=["sources"])
    async def insert(source: str, stream: str, body: Rows) -> Count:
        """Add rows to a source table."""
        return Count(rows=side.insert(source, stream, body.rows, body.namespace))

    @app.patch("/sources/{source}/streams/{stream}/rows", tags=["sources"])
    async def update(source: str, stream: str, body: RowChange) -> Count:
        """Change the rows that match."""
        return Count(rows=side.update(source, stream, body.where, body.values, body.namespace))

    @app.post("/sources/{source}/streams/{stream}/rows/delete", tags=["sources"])
    async def delete(source: str, stream: str, body: RowChoice) -> Count:
        """Delete the rows that match."""
        return Count(rows=side.delete(source, stream, body.where, body.namespace))

    @app.put("/sources/{source}/streams/{stream}/columns/{column}", status_code=204, tags=["sources"])
    async def set_column(source: str, stream: str, column: str, body: Column) -> None:
        """Add, retype or drop a column."""
        side.set_column(source, stream, column, body.json_schema, body.namespace)

    @app.put("/sources/{source}/streams", status_code=204, tags=["sources"])
    async def set_stream(source: str, body: StreamChange) -> None:
        """Add or replace a stream."""
        side.set_stream(source, body.stream, body.rows)

    @app.put("/sources/{source}/discovery", status_code=204, tags=["sources"])
    async def break_discovery(source: str, trouble: str | None = None) -> None:
        """Let discovery of a source fail with a message, or (without one) work again."""
        side.break_discovery(source, trouble)

    @app.delete("/sources/{source}/streams/{stream}", status_code=204, tags=["sources"])
    async def drop_stream(source: str, stream: str, namespace: str | None = None) -> None:
        """Take a stream from a source."""
        side.drop_stream(source, stream, namespace)


def _add_destination_calls(app: FastAPI, side: SideDoor) -> None:
    @app.get("/destinations/{destination}/tables", tags=["destinations"])
    async def tables(destination: str) -> dict[str, list[Row]]:
        """The tables of a destination with their rows, by ``namespace.name``."""
        return side.tables(destination)

    @app.get("/destinations/{destination}/raw", tags=["destinations"])
    async def raw_tables(destination: str) -> dict[str, list[Row]]:
        """What lies in raw and temporary tables."""
        return side.raw_tables(destination)

    @app.post("/destinations/{destination}/settle", status_code=204, tags=["destinations"])
    async def settle(destination: str) -> None:
        """Let a table engine that merges in the background finish."""
        side.settle(destination)


def _add_fault_calls(app: FastAPI, side: SideDoor) -> None:
    @app.get("/requests", tags=["requests"])
    async def requests() -> Requests:
        """The requests of the API, oldest first, and how many there were of each path."""
        return Requests(counts=dict(side.log.counts), requests=side.log.as_json())

    @app.delete("/requests", status_code=204, tags=["requests"])
    async def forget_requests() -> None:
        """Empty the request log."""
        side.log.clear()

    @app.get("/faults", tags=["faults"])
    async def faults() -> Waiting:
        """How many faults are yet to strike."""
        return Waiting(faults=len(side.server.faults))

    @app.post("/faults", status_code=204, tags=["faults"])
    async def add_fault(order: FaultOrder) -> None:
        """Let a request fail."""
        side.add_fault(Fault(**order.model_dump()))

    @app.post("/faults/late", status_code=204, tags=["faults"])
    async def carry_out_late(order: Release) -> None:
        """Carry out the requests that a fault ``late`` kept; at once where nothing else is said."""
        side.carry_out_late(before=order.before, after=order.after)

    @app.post("/faults/streams", status_code=204, tags=["faults"])
    async def break_stream(order: StreamFault) -> None:
        """Break off a stream of the connection's next job."""
        side.break_stream(
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
        side.clear_faults()
