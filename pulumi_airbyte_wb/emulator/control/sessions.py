"""Who is logged in to the page: a cookie that a browser gets for the login of the API."""

import secrets

from starlette.requests import Request
from starlette.responses import Response

from pulumi_airbyte_wb.emulator.core.login import KeptLogin
from pulumi_airbyte_wb.emulator.core.server import Airbyte


class Sessions:
    """The sessions of one server, in memory; each ends when the server's login changes."""

    def __init__(self, airbyte: Airbyte) -> None:
        self._airbyte = airbyte
        self._logins: dict[str, KeptLogin] = {}

    def knows(self, request: Request) -> bool:
        """Whether a request comes from a browser that is logged in."""
        login = self._logins.get(request.cookies.get(_cookie(request), ""))
        return login is not None and login == self._airbyte.login

    def open(self, request: Request, answer: Response, name: str, secret: str) -> bool:
        """Log a browser in, if name and secret are right: the answer gets the cookie."""
        login = self._airbyte.login
        if not login.accepts(name, secret):
            return False
        session = secrets.token_urlsafe(24)
        self._logins[session] = login
        answer.set_cookie(_cookie(request), session, httponly=True, samesite="strict")
        return True

    def close(self, request: Request, answer: Response) -> None:
        """Log a browser out."""
        self._logins.pop(request.cookies.get(_cookie(request), ""), None)
        answer.delete_cookie(_cookie(request))


def _cookie(request: Request) -> str:
    """Cookies do not tell ports apart, so that the name does."""
    return f"airbyte-emulator-{request.url.port or 80}"
