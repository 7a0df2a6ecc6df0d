"""What a server answers in place of a success, and what breaks on the way, as our errors."""

from __future__ import annotations

import email.utils
import json
import time
from typing import Any

import httpx

from pulumi_airbyte_wb.api.auth import BearerAuth, ClientCredentialsAuth
from pulumi_airbyte_wb.api.bounds import DEEPEST_ANSWER, UnboundedError
from pulumi_airbyte_wb.api.settings import ServerSettings, config_key, hide_secrets
from pulumi_airbyte_wb.errors import (
    AnswerError,
    ApiError,
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NoEndpointError,
    NotFoundError,
    ServerError,
    StatusError,
    UnreachableError,
    shown,
)

_LONGEST_RETRY_AFTER = 60.0
_LOOKED_AT = 4096
_OF_AIRBYTE = frozenset({"exceptionClassName", "errorId", "documentationUrl"})
"""What marks an answer as Airbyte's: its exception up to 1.8.0, an error id from 2.0.0 on, or a page of its docs."""
_NO_PATH = "Object not found."
"""All that the server says of a path that it does not have; older frameworks answer with links."""
_UNKNOWN_ID = "Could not find configuration for"
_KINDS: dict[int, type[StatusError]] = {
    400: InvalidRequestError,
    409: ConflictError,
    413: InvalidRequestError,
    422: InvalidRequestError,
    423: ConflictError,
    429: ServerError,
}


class Failures:
    """The errors of one server: each names the setting to check, and none repeats a credential.

    Args:
        settings: the server's address and credentials.
        auth: how requests log in.
    """

    def __init__(self, settings: ServerSettings, auth: httpx.Auth | None) -> None:
        self._settings = settings
        self._auth = auth
        self._address = settings.base_url

    def of_answer(self, response: httpx.Response, operation: str) -> ApiError:
        """The error that an answer without success stands for."""
        status, detail = response.status_code, self._detail(response)
        said = f": {detail}" if detail else ""
        if response.is_redirect:
            return AnswerError(
                f"{operation}: {self._address} redirects to another address, which is not followed; "
                f"check {self._key('url')}",
                operation=operation,
            )
        if status == 401:
            return AuthenticationError(
                f"the server at {self._address} does not accept the credentials (401); check {self._login()}",
                operation=operation,
                status=status,
                detail=detail,
            )
        if status == 403:
            return ForbiddenError(
                f"{operation}: these credentials are not allowed to do that (403){said}",
                operation=operation,
                status=status,
                detail=detail,
            )
        if status == httpx.codes.NOT_FOUND:
            return self._not_found(response, operation, detail)
        kind = _KINDS.get(status, ServerError if status >= 500 else StatusError)
        return kind(
            f"{operation}: the server answered {status}{said}",
            operation=operation,
            status=status,
            detail=detail,
            retry_after=_retry_after(response),
        )

    def not_json(self, response: httpx.Response, operation: str) -> AnswerError:
        """A success whose body cannot be read."""
        return AnswerError(
            f"{operation}: the answer is not JSON ({self._beginning(response)}); "
            "is a proxy or a login page in front of the Airbyte server?",
            operation=operation,
        )

    def not_fitting(self, where: str, rule: str, operation: str) -> AnswerError:
        """A success whose body does not have the form that the API promises, in the part ``where``."""
        return AnswerError(
            f"{operation}: {where} of the server's answer does not fit ({rule}); {self._is_it_airbyte()}",
            operation=operation,
        )

    def too_deep(self, operation: str) -> AnswerError:
        """An answer with more levels than any of Airbyte's."""
        return AnswerError(
            f"{operation}: the answer is nested deeper than {DEEPEST_ANSWER} levels; {self._is_it_airbyte()}",
            operation=operation,
        )

    def unbounded(self, error: UnboundedError, operation: str) -> AnswerError:
        """An answer that was not read to its end."""
        return AnswerError(
            f"{operation}: the answer {error}, so it was not read to its end; {self._is_it_airbyte()}",
            operation=operation,
        )

    def unreachable(self, error: httpx.HTTPError, operation: str) -> UnreachableError:
        """Nothing was sent, as no connection came about."""
        return UnreachableError(
            f"no Airbyte server answers at {self._address} ({self._cause(error)}); "
            f"check {self._key('url')} and that the server is running",
            operation=operation,
            applied=False,
        )

    def too_late(self, seconds: float, operation: str) -> UnreachableError:
        """No whole answer came in time."""
        return UnreachableError(
            f"{operation}: no whole answer from {self._address} within {seconds:.0f} s; "
            "the server may still be working on it",
            operation=operation,
        )

    def broken(self, error: httpx.HTTPError, operation: str) -> UnreachableError:
        """The connection ended in the middle of the exchange."""
        return UnreachableError(
            f"{operation}: the connection to {self._address} broke ({self._cause(error)})", operation=operation
        )

    def _not_found(self, response: httpx.Response, operation: str, detail: str) -> ApiError:
        """A 404 is an answer only in the words of Airbyte or its framework: any proxy has a page for it too."""
        told = _mapping(response)
        said = f": {detail}" if detail else ""
        if "_links" in told or "_embedded" in told or response.text.strip() == _NO_PATH:
            return NoEndpointError(
                f"{operation}: the server has no such endpoint (404){said}; check {self._key('url')}",
                operation=operation,
                status=404,
                detail=detail,
            )
        if _OF_AIRBYTE & told.keys() or _UNKNOWN_ID in str(told.get("message")):
            return NotFoundError(
                f"{operation}: the server answered 404{said}", operation=operation, status=404, detail=detail
            )
        return AnswerError(
            f"{operation}: the answer 404 is none of Airbyte's ({self._beginning(response)}); "
            f"is a proxy in front of the Airbyte server, and does {self._key('url')} name its API?",
            operation=operation,
        )

    def _detail(self, response: httpx.Response) -> str:
        """The server's own words: four body shapes (semantics §11.1), or none."""
        body = _mapping(response)
        embedded = body.get("_embedded")
        errors = embedded.get("errors") if isinstance(embedded, dict) else None
        first = errors[0] if isinstance(errors, list) and errors else None
        inner = first.get("message") if isinstance(first, dict) else None
        for words in (inner, body.get("detail"), body.get("message"), body.get("title")):
            if isinstance(words, str) and words:
                # Hidden first: a secret that is escaped or cut off would be looked for in vain.
                said = self._hide(words[:_LOOKED_AT].removeprefix("Internal Server Error: "))
                return shown(said, 400).strip("'\"")
        reference = body.get("errorId")
        return f"no message, see error id {reference} in the server's log" if isinstance(reference, str) else ""

    def _cause(self, error: httpx.HTTPError) -> str:
        text = str(error).lower()
        if "refused" in text:
            return "connection refused"
        if "name or service" in text or "nodename" in text or "name resolution" in text:
            return "unknown host"
        if "certificate" in text:
            return "its TLS certificate is not trusted"
        if isinstance(error, httpx.ConnectTimeout):
            return "timed out"
        return shown(self._hide(str(error)[:_LOOKED_AT]) or type(error).__name__, 120).strip("'\"")

    def _beginning(self, response: httpx.Response) -> str:
        return shown(self._hide(response.text[:_LOOKED_AT]), 60)

    def _is_it_airbyte(self) -> str:
        return f"is {self._address} the API of an Airbyte server?"

    def _login(self) -> str:
        """The setting that logs in; all of them where there is none."""
        if isinstance(self._auth, BearerAuth):
            return f"{self._key('token')}: it is wrong, or has expired"
        used = {ClientCredentialsAuth: ("clientId",), httpx.BasicAuth: ("username", "password")}
        keys = next((keys for kind, keys in used.items() if isinstance(self._auth, kind)), None)
        return ", ".join(map(self._key, keys or ("token", "username", "clientId")))

    def _key(self, name: str) -> str:
        return config_key(name, self._settings.label)

    def _hide(self, text: str) -> str:
        """A text that is not ours, without any of our credentials that it may repeat."""
        fetched = self._auth.secret if isinstance(self._auth, ClientCredentialsAuth) else ""
        return hide_secrets(text, [*self._settings.secrets, fetched])


def _mapping(response: httpx.Response) -> dict[str, Any]:
    """The JSON of an answer, empty where it is no mapping."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds of a ``Retry-After`` header, in either of its forms, at most a minute."""
    value = response.headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER) if seconds == seconds else None
