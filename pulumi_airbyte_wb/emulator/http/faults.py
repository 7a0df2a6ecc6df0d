"""Faults on demand: what happens to the nth request, or to a path (issue "emulator", item 4)."""

import json
import os
import signal

from fastapi import Response
from starlette.types import Receive, Scope, Send

from pulumi_airbyte_wb.emulator.core.fault import Fault
from pulumi_airbyte_wb.emulator.core.server import Airbyte

CUT = "emulator.cut"
"""Where the HTTP server leaves the function that closes the connection."""

_GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_TIMEOUT_PAGE = _GATEWAY_PAGE.replace("502 Bad Gateway", "504 Gateway Time-out")
_LOGIN_PATH = "applications/token"


class CutConnection(Response):
    """An answer that never comes: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Close the connection."""
        _cut(scope)


class ConnectionCutError(Exception):
    """The connection was cut by a fault; only callers in process see this."""


class HalfAnswer(Response):
    """An answer that is cut in the middle of its body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send half of the body, then close the connection."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        _cut(scope)


def _cut(scope: Scope) -> None:
    """Close the connection by what the HTTP server left in the scope; in process there is none to close."""
    cut = scope.get(CUT)
    if cut is None:
        raise ConnectionCutError
    cut()


def take_fault(airbyte: Airbyte, path: str, body: bytes) -> Fault | None:
    """The fault that strikes this request, if any."""
    with airbyte.lock:
        for fault in list(airbyte.faults):
            if fault.path is not None and fault.path != path:
                continue
            if fault.kind == "expire" and path == _LOGIN_PATH:
                continue
            if fault.about is not None and fault.about.encode() not in body:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                airbyte.faults.remove(fault)
            return fault
    return None


def die() -> None:
    """End this process as ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def faulty_answer(fault: Fault, real: Response | None) -> Response:
    """What the client sees."""
    if fault.kind == "exit":
        die()
    if fault.kind in ("refuse", "cut-before", "cut-after"):
        return CutConnection()
    if fault.kind == "html":
        return Response(_GATEWAY_PAGE, status_code=fault.status or 502, media_type="text/html", headers=fault.headers)
    if fault.kind == "late":
        return Response(_TIMEOUT_PAGE, status_code=504, media_type="text/html")
    if fault.kind == "status":
        body = {"message": f"a fault of the emulator: {fault.status}"}
        return Response(
            json.dumps(body), status_code=fault.status, media_type="application/json", headers=fault.headers
        )
    if real is None:
        raise RuntimeError(f"fault {fault.kind} needs the real answer")
    if fault.kind == "half":
        return HalfAnswer(real.body, status_code=real.status_code, media_type="application/json")
    if fault.kind == "garbage":
        return Response("%% not JSON {", status_code=real.status_code, media_type="application/json")
    return real
