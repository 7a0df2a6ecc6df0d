"""Who may use the control API and the page: callers on this machine's own names, from the page itself, logged in.

The API under ``/api/v1/`` is left as the real server has it.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulumi_airbyte_wb.emulator.control.sessions import Sessions
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.http.tokens import admitted

_API = "/api/v1/"
_OPEN = frozenset({"/login", "/page.js", "/page.css"})
_READING = ("GET", "HEAD")
_HEADERS = {"x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN", "referrer-policy": "same-origin"}


class Gate:
    """Middleware that refuses foreign hosts, other origins and callers who are not logged in."""

    def __init__(self, app: ASGIApp, airbyte: Airbyte, sessions: Sessions, hosts: Iterable[str]) -> None:
        self._app = app
        self._airbyte = airbyte
        self._sessions = sessions
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or hand the request on."""
        if scope["type"] != "http" or scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await (self._app if refusal is None else refusal)(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        host = _host_of(request.headers.get("host", ""))
        if not _is_own(host, self._hosts):
            return _refused(
                403, f"the host {host!r} is not this emulator's: use its address, or start it with --allow-host {host}."
            )
        if not _is_same_origin(request):
            return _refused(403, "requests from other sites are refused: use the emulator's own page, or no browser.")
        if request.url.path in _OPEN or self._logged_in(request):
            return None
        if request.url.path.startswith("/_emulator/"):
            kind = "Basic" if self._airbyte.login.mode == "basic" else "Bearer"
            answer = _refused(401, "the control API asks for the same login as the API; a browser logs in at /login.")
            answer.headers["www-authenticate"] = f'{kind} realm="Airbyte emulator"'
            return answer
        return RedirectResponse("/login", status_code=303)

    def _logged_in(self, request: Request) -> bool:
        with self._airbyte.lock:
            return admitted(self._airbyte, request.headers.get("authorization")) or self._sessions.knows(request)


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status_code=status)


def _host_of(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _is_own(host: str, more: frozenset[str]) -> bool:
    """A name that no foreign DNS server can point here: an address, this machine itself, or a name that was given."""
    if host == "localhost" or host.endswith(".localhost") or host in more:
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_same_origin(request: Request) -> bool:
    """Whether no other site is behind a request; one may show the page by a link, as it cannot read the answer."""
    headers = request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return False
    if site in (None, "same-origin", "none"):
        return True
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return followed and request.method in _READING
