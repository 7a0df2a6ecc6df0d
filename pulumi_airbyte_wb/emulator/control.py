"""The control API under ``/_emulator/``: the side door for tests and demos."""

from fastapi import FastAPI

from pulumi_airbyte_wb.emulator.request_log import RequestLog
from pulumi_airbyte_wb.emulator.server import Airbyte


def control_app(airbyte: Airbyte, log: RequestLog) -> FastAPI:
    """The control API of a server."""
    app = FastAPI(title="Airbyte emulator: control API", version=str(airbyte.rules.version))

    @app.get("/requests")
    async def requests() -> list[dict[str, object]]:
        """The request log, oldest first."""
        return log.as_json()

    return app
