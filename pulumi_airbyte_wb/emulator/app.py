"""The application: the API, the control API, the page for people."""

from collections.abc import Callable, Iterable
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from pulumi_airbyte_wb.emulator.control.api import control_app
from pulumi_airbyte_wb.emulator.control.control import Control
from pulumi_airbyte_wb.emulator.control.gate import Gate
from pulumi_airbyte_wb.emulator.control.page import add_page
from pulumi_airbyte_wb.emulator.control.sessions import Sessions
from pulumi_airbyte_wb.emulator.control.world_loader import load_world
from pulumi_airbyte_wb.emulator.core.clock import Clock
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Store
from pulumi_airbyte_wb.emulator.core.versions import DEFAULT_VERSION, Rules
from pulumi_airbyte_wb.emulator.core.world import World
from pulumi_airbyte_wb.emulator.core.world_file import WorldError, default_world
from pulumi_airbyte_wb.emulator.http.api import add_api
from pulumi_airbyte_wb.emulator.jobs.runner import rebuild_agenda


def open_server(world: World | None = None, version: str | None = None, data: Path | None = None) -> Airbyte:
    """Build a server: from its SQLite file if that holds one, else from the world."""
    store = Store(data)
    if store.empty:
        airbyte = Airbyte(store, Rules(version or DEFAULT_VERSION), Clock(0))
        load_world(airbyte, default_world() if world is None else world)
    elif world is not None:
        store.close()
        raise WorldError(f"{data}: holds a server already: leave out the world, or name another file.")
    else:
        settings = store.get("setting", "server") or {}
        settings["version"] = version or settings["version"]
        store.put("setting", "server", settings)
        clock = store.get("clock", "now") or {}
        airbyte = Airbyte(store, Rules(settings["version"]), Clock(settings["pace"]["speed"], clock.get("at")))
        rebuild_agenda(airbyte)
    airbyte.keep_time()
    store.commit()
    return airbyte


def build_app(control: Control, hosts: Iterable[str] = ()) -> FastAPI:
    """The ASGI application of a server; ``hosts`` are more names under which its control API and its page answer."""
    app = FastAPI(title="Airbyte emulator", openapi_url=None, docs_url=None, redoc_url=None)
    app.mount("/_emulator", _Later(lambda: control_app(control)))
    add_api(app, control.server, control.log)
    sessions = Sessions(control.server)
    add_page(app, control, sessions)
    app.add_middleware(Gate, airbyte=control.server, sessions=sessions, hosts=list(hosts))
    return app


class _Later:
    """An ASGI application that its first request builds: to build the control API takes longer than to start."""

    def __init__(self, build: Callable[[], ASGIApp]) -> None:
        self._build = build
        self._built: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self._built is None:
            self._built = self._build()
        await self._built(scope, receive, send)
