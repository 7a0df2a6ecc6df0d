"""The emulator as a Python object: a server on a free port, and control of it."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

from pulumi_airbyte_wb.emulator.app import build_app, open_server
from pulumi_airbyte_wb.emulator.control.control import Control
from pulumi_airbyte_wb.emulator.core.world import World
from pulumi_airbyte_wb.emulator.core.world_file import read_world, world_from
from pulumi_airbyte_wb.emulator.http.in_process import InProcessTransport
from pulumi_airbyte_wb.emulator.http.request_log import RequestLog
from pulumi_airbyte_wb.emulator.http.web_server import BackgroundServer, exposed

WorldLike = World | str | Path | dict[str, Any] | None


class Emulator(Control):
    """A simulated Airbyte server.

    ``with Emulator() as airbyte: airbyte.url`` serves it from a thread; without ``with``, :attr:`app` is an ASGI
    application for use in process. ``world`` is a path, plain data or a :class:`World`; none is the built-in one.
    ``allowed_hosts`` are more host names under which its page and control API answer.
    """

    def __init__(
        self,
        world: WorldLike = None,
        server_version: str | None = None,
        data: str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allowed_hosts: Sequence[str] = (),
    ) -> None:
        server = open_server(_world(world), server_version, None if data is None else Path(data))
        super().__init__(server, RequestLog())
        self.app: FastAPI = build_app(self, [host, *allowed_hosts])
        self._host, self._port = host, port
        self._background: BackgroundServer | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        if self._background is None:
            raise RuntimeError("the emulator is not running: use it in a with statement, or call start()")
        return self._background.url

    def transport(self) -> httpx.BaseTransport:
        """An httpx transport that calls the API in process: ``httpx.Client(transport=airbyte.transport())``."""
        return InProcessTransport(self.server, self.log)

    def start(self) -> Self:
        """Serve from a thread."""
        if self._background is None:
            self._background = BackgroundServer(self.app, self._host, self._port)
            if not self._background.loopback:
                warnings.warn(exposed(self._host, self.server.login.mode), stacklevel=2)
        return self

    def stop(self) -> None:
        """Stop serving and close the data file."""
        if self._background is not None:
            self._background.stop()
            self._background = None
        with self.server.lock:
            self.server.store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _world(world: WorldLike) -> World | None:
    if world is None or isinstance(world, World):
        return world
    return world_from(world) if isinstance(world, dict) else read_world(Path(world))
