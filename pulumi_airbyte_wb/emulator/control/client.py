"""A client of the control API, for the command line."""

from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

_PATIENCE = 600.0
_LOGIN = "set AIRBYTE_WB_TOKEN, or AIRBYTE_WB_CLIENT_ID and _CLIENT_SECRET, or AIRBYTE_WB_USERNAME and _PASSWORD"


class Unreachable(Exception):  # noqa: N818 - says what is the case
    """No emulator answers; the text is one sentence."""


class Refused(Exception):  # noqa: N818 - says what is the case
    """The emulator refuses what was asked; the text is one sentence."""


class ControlClient:
    """Calls the control API of the emulator at ``url``, with the login of ``environment`` where it asks for one."""

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(auth=_Login(self.url, environment), timeout=_PATIENCE, trust_env=False)

    def sync(self, connection: str) -> dict[str, Any]:
        """Run a sync to its end; the job, as ``jobs/list`` shows it."""
        return self._call("POST", f"connections/{quote(connection, safe='')}/sync")  # type: ignore[no-any-return]

    def tables(self) -> list[dict[str, Any]]:
        """The tables of all destinations."""
        return self._call("GET", "tables")  # type: ignore[no-any-return]

    def drop(self, table: str | None, destination: str | None) -> list[dict[str, Any]]:
        """Drop a table, or all."""
        order = {"table": table, "destination": destination, "all": table is None}
        return self._call("POST", "tables/drop", order)  # type: ignore[no-any-return]

    def advance(self, seconds: float) -> float:
        """Let virtual time pass; the time that it is then."""
        return float(self._call("POST", "clock", {"advance": seconds})["now"])

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        try:
            answer = self._http.request(method, f"{self.url}/_emulator/{path}", json=body)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise Unreachable(f"{self.url} is no URL: write it like http://localhost:8000.") from None
        except httpx.ConnectError:
            raise Unreachable(
                f"Nothing listens on {self.url}: start the emulator (airbyte-wb emulator --port 8000), "
                "or say where it is with --url."
            ) from None
        except httpx.HTTPError as problem:
            raise Unreachable(f"{self.url} does not answer: {problem or type(problem).__name__}.") from None
        return self._checked(answer)

    def _checked(self, answer: httpx.Response) -> Any:
        try:
            content = answer.json()
        except ValueError:
            content = None
        if answer.is_success and content is not None:
            return content
        detail = content.get("detail") if isinstance(content, dict) else None
        if answer.status_code == 401 and detail:
            sent = "authorization" in answer.request.headers
            trouble = "does not take the login of the environment" if sent else "asks for a login"
            raise Refused(f"{self.url} {trouble}: {_LOGIN}.")
        if isinstance(detail, str) and detail != "Not Found":
            raise Refused(detail)
        raise Unreachable(f"{self.url} is not an emulator: it answers {answer.status_code} where its control API is.")


class _Login(httpx.Auth):
    """Logs in only where the emulator asks for it, so that no other server is shown a credential."""

    requires_response_body = True

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        self._url = url
        self._given = {name: environment.get(f"AIRBYTE_WB_{name}", "") for name in _NAMES}

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        answer = yield request
        if answer.status_code != 401:
            return
        given = self._given
        if given["TOKEN"]:
            request.headers["authorization"] = f"Bearer {given['TOKEN']}"
        elif given["CLIENT_ID"]:
            body = {"client_id": given["CLIENT_ID"], "client_secret": given["CLIENT_SECRET"]}
            granted = yield httpx.Request("POST", f"{self._url}/api/v1/applications/token", json=body)
            if not granted.is_success:
                raise Refused(f"{self._url} does not take the client id and secret of the environment.")
            request.headers["authorization"] = f"Bearer {granted.json()['access_token']}"
        elif given["USERNAME"]:
            basic = httpx.BasicAuth(given["USERNAME"], given["PASSWORD"])
            yield next(basic.auth_flow(request))
            return
        else:
            return
        yield request


_NAMES = ("TOKEN", "CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD")
