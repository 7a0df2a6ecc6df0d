"""The control API under ``/_emulator/``: control for tests and demos, over HTTP."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from pulumi_airbyte_wb.emulator.control.calls import add_calls
from pulumi_airbyte_wb.emulator.control.control import Control, ControlError
from pulumi_airbyte_wb.emulator.core.failures import ApiError
from pulumi_airbyte_wb.emulator.core.world_file import WorldError


def control_app(control: Control) -> FastAPI:
    """The control API of a server; its documentation, at ``/_emulator/docs``, needs no internet."""
    title, version = "Airbyte emulator: control API", str(control.server.rules.version)
    app = FastAPIOffline(title=title, version=version, redoc_url=None)

    @app.exception_handler(ControlError)
    async def _missing(_request: Request, problem: ControlError) -> JSONResponse:
        return JSONResponse({"detail": str(problem)}, status_code=404)

    @app.exception_handler(ApiError)
    async def _refused(_request: Request, problem: ApiError) -> JSONResponse:
        return JSONResponse({"detail": problem.message}, status_code=problem.status)

    @app.exception_handler(WorldError)
    async def _no_world(_request: Request, problem: WorldError) -> JSONResponse:
        return JSONResponse({"detail": str(problem)}, status_code=422)

    add_calls(app, control)
    return app
