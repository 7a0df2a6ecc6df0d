"""Running a server: uvicorn in a thread, or in the foreground until it is told to stop."""

import contextlib
import ipaddress
import logging
import socket
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from pulumi_airbyte_wb.emulator.http.faults import CUT


class _Cuttable:
    """Lets a fault close the connection: uvicorn's request cycle holds the transport."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)
        if cycle is not None:
            scope[CUT] = cycle.transport.abort
        await self._app(scope, receive, send)


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    # asyncio sends small answers at once only over sockets that say they are TCP; else each waits 40 ms for the client.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """The URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine reaches a bound socket."""
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback


def exposed(host: str, login: str) -> str:
    """What to say of a server that other machines reach."""
    how = "without a login" if login == "none" else f"with its {login} login"
    return (
        f"Warning: it listens on {host}, where other machines can reach it, and who does can read and change all that "
        f"is in it {how}; --host 127.0.0.1 keeps it to this machine."
    )


class _Server(uvicorn.Server):
    """Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def make_server(app: FastAPI, ready: Callable[[], None]) -> uvicorn.Server:
    """A uvicorn server that logs nothing of its own."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        _Cuttable(app), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1, http="h11"
    )
    return _Server(config, ready)


class BackgroundServer:
    """A server in a thread."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._listener = bound_socket(host, port)
        self.url = url_of(self._listener)
        self.loopback = is_loopback(self._listener)
        ready = threading.Event()
        self._server = make_server(app, ready.set)
        self._thread = threading.Thread(target=self._run, name="airbyte-emulator", daemon=True)
        self._thread.start()
        if not ready.wait(timeout=20):
            raise RuntimeError("the emulator did not start within 20 seconds")

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])

    def stop(self) -> None:
        """Stop and free the port."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
        with contextlib.suppress(OSError):
            self._listener.close()
