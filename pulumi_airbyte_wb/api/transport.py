"""One exchange with the server: timeouts and retries by kind of call, answers as models, failures as our errors."""

from __future__ import annotations

import email.utils
import enum
import functools
import json
import os
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
import stamina
from pydantic import BaseModel, ValidationError

from pulumi_airbyte_wb._version import __version__
from pulumi_airbyte_wb.api.auth import BearerAuth, ClientCredentialsAuth, auth_for
from pulumi_airbyte_wb.api.bounds import DEEPEST_ANSWER, ENCODINGS, Deadline, UnboundedError, bound, cap, deeper_than
from pulumi_airbyte_wb.api.circuit import BUSY, Circuit
from pulumi_airbyte_wb.api.quiet_retries import quiet_retries
from pulumi_airbyte_wb.api.settings import ServerSettings, config_key, hide_secrets
from pulumi_airbyte_wb.errors import (
    AnswerError,
    ApiError,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NoEndpointError,
    NotAskedError,
    NotFoundError,
    ServerError,
    StatusError,
    UnreachableError,
    shown,
)

Answer = TypeVar("Answer", bound=BaseModel)
_ATTEMPTS = 4
_LONGEST_RETRY_AFTER = 60.0
_LOOKED_AT = 4096
OPEN = ("health", "instance_configuration")
"""Endpoints that need no credentials (semantics §12)."""


class Kind(enum.Enum):
    """What a call does, which decides how long it may take and whether it may be sent twice."""

    READ = "read"
    DISCOVER = "discover"
    WRITE = "write"
    CREATE = "create"

    @property
    def longest(self) -> float:
        """Seconds that one read may take: discovery runs the connector, and updates of servers up to 0.57 do too."""
        return {Kind.READ: 60.0, Kind.DISCOVER: 900.0, Kind.WRITE: 310.0, Kind.CREATE: 310.0}[self]

    @property
    def timeout(self) -> httpx.Timeout:
        """The limits of each step."""
        return httpx.Timeout(self.longest, connect=10.0)

    @property
    def total(self) -> float:
        """Seconds from the first byte sent to the last one read, also where an answer comes drop by drop."""
        return self.longest + 60.0


_OF_AIRBYTE = frozenset({"exceptionClassName", "errorId", "documentationUrl"})
"""What marks an answer as Airbyte's: its exception up to 1.8.0, an error id from 2.0.0 on, or a page of its docs."""
_UNKNOWN_ID = "Could not find configuration for"


class Transport:
    """A pooled HTTP client of one server; safe to share between threads.

    Args:
        settings: address and credentials.
        transport: an httpx transport in place of the network, for tests.
        attempts: how often a call that may be repeated is tried.
        on_retry: told of each wait as ``(what happened, seconds, attempt, attempts)``.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        attempts: int = _ATTEMPTS,
        on_retry: Callable[[str, float, int, int], None] | None = None,
    ) -> None:
        self.settings = settings
        self.attempts = attempts
        self.on_retry = on_retry
        self.explain: Callable[[NoEndpointError], ApiError] = lambda error: error
        self._auth = auth_for(settings)
        self._circuit = Circuit(settings.base_url)
        self._http = httpx.Client(
            base_url=settings.base_url,
            auth=self._auth,
            headers={
                "User-Agent": f"pulumi-airbyte-wb/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": ENCODINGS,
            },
            follow_redirects=False,
            transport=transport,
            verify=_tls(settings),
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=8),
            event_hooks={"response": [cap]},
        )
        self._deadline = Deadline()
        self._sent = threading.local()
        bound(self._http, self._deadline)

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    def call(self, operation: str, body: dict[str, Any] | None, answer: type[Answer], kind: Kind = Kind.READ) -> Answer:
        """POST ``body`` to ``operation`` and read the answer as ``answer``.

        Raises:
            UnreachableError: no answer.
            AnswerError: not the JSON that the API promises.
            StatusError: an error status.
        """
        payload = self.call_raw(operation, body, kind)
        try:
            return answer.model_validate(payload)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the answer"
            raise AnswerError(
                f"{operation}: {where} of the server's answer does not fit ({first['msg']}); "
                f"is {self.settings.base_url} the API of an Airbyte server?",
                operation=operation,
            ) from None

    @property
    def sent(self) -> int:
        """How many requests this thread has sent."""
        count: int = getattr(self._sent, "count", 0)
        return count

    def call_raw(
        self, operation: str, body: dict[str, Any] | None, kind: Kind = Kind.READ, method: str = "POST"
    ) -> Any:
        """As ``call``, but the answer is plain JSON; ``None`` for an empty answer."""
        try:
            return self._repeated(operation, body, kind, method)
        except NoEndpointError as error:
            raise self.explain(error) from None

    def serves(self, operation: str) -> bool:
        """Whether the server has an endpoint, without calling it: a GET of a POST endpoint is refused, not unknown."""
        try:
            self._repeated(operation, None, Kind.READ, "GET")
        except NoEndpointError:
            return False
        except (ConflictError, ServerError):
            raise
        except StatusError as error:
            return error.status == httpx.codes.METHOD_NOT_ALLOWED
        return True

    def _repeated(self, operation: str, body: dict[str, Any] | None, kind: Kind, method: str) -> Any:
        try:
            with quiet_retries():
                return self._attempts(operation, body, kind, method)
        except ApiError as error:
            self._circuit.note(error, looks=kind is Kind.READ)
            raise

    def _attempts(self, operation: str, body: dict[str, Any] | None, kind: Kind, method: str) -> Any:
        for attempt in stamina.retry_context(
            on=lambda error: self._may_repeat(error, kind),
            attempts=self.attempts,
            timeout=120.0,
            wait_initial=0.5,
            wait_max=20.0,
        ):
            with attempt:
                try:
                    return self._once(operation, body, kind, method)
                except ApiError as error:
                    again = self._may_repeat(error, kind)
                    if self.on_retry and attempt.num < self.attempts and again is not False:
                        wait = attempt.next_wait if again is True else again
                        self.on_retry(str(error), wait, attempt.num, self.attempts)
                    raise
        msg = "a retry context always returns or raises"
        raise AssertionError(msg)

    def _may_repeat(self, error: Exception, kind: Kind) -> bool | float:
        """Whether to try again; a number is how many seconds the server wants to be left alone."""
        if not isinstance(error, ApiError):
            return False
        if kind is Kind.CREATE and error.applied:
            return False
        if isinstance(error, ServerError):
            # A plain 500 is the answer to mistakes of ours (semantics §1.3): only a busy server is worth a wait.
            if error.status not in {429, *BUSY}:
                return False
            return True if error.retry_after is None else error.retry_after
        return isinstance(error, UnreachableError) and not isinstance(error, NotAskedError)

    def _once(self, operation: str, body: dict[str, Any] | None, kind: Kind, method: str) -> Any:
        self._circuit.check(operation)
        self._sent.count = self.sent + 1
        try:
            # What is open to all must not fail because no token can be had; a proxy may want a password even then.
            no_token = operation in OPEN and isinstance(self._auth, ClientCredentialsAuth)
            auth = None if no_token else httpx.USE_CLIENT_DEFAULT
            with self._deadline.within(kind.total):
                response = self._http.request(method, f"/{operation}", json=body, timeout=kind.timeout, auth=auth)
        except UnboundedError as error:
            raise AnswerError(
                f"{operation}: the answer {error}, so it was not read to its end; "
                f"is {self.settings.base_url} the API of an Airbyte server?",
                operation=operation,
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise UnreachableError(
                f"no Airbyte server answers at {self.settings.base_url} ({self._cause(error)}); "
                f"check {config_key('url', self.settings.label)} and that the server is running",
                operation=operation,
                applied=False,
            ) from None
        except httpx.TimeoutException:
            raise UnreachableError(
                f"{operation}: no whole answer from {self.settings.base_url} within "
                f"{kind.total if self._deadline.missed else kind.longest:.0f} s; "
                "the server may still be working on it",
                operation=operation,
            ) from None
        except httpx.HTTPError as error:
            raise UnreachableError(
                f"{operation}: the connection to {self.settings.base_url} broke ({self._cause(error)})",
                operation=operation,
            ) from None
        if response.status_code not in BUSY:
            self._circuit.close()
        if response.is_success:
            return self._json(response, operation)
        raise self._failure(response, operation)

    def _failure(self, response: httpx.Response, operation: str) -> ApiError:
        status, detail = response.status_code, _detail(response, self._hide)
        said = f": {detail}" if detail else ""
        label = self.settings.label
        if response.is_redirect:
            return AnswerError(
                f"{operation}: {self.settings.base_url} redirects to another address, which is not followed; "
                f"check {config_key('url', label)}",
                operation=operation,
            )
        if status == 401:
            return AuthenticationError(
                f"the server at {self.settings.base_url} does not accept the credentials (401); check {self._login()}",
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
        kinds: dict[int, type[StatusError]] = {
            400: InvalidRequestError,
            409: ConflictError,
            413: InvalidRequestError,
            422: InvalidRequestError,
            423: ConflictError,
        }
        kind = kinds.get(status, ServerError if status >= 500 or status == 429 else StatusError)
        return kind(
            f"{operation}: the server answered {status}{said}",
            operation=operation,
            status=status,
            detail=detail,
            retry_after=_retry_after(response),
        )

    def _not_found(self, response: httpx.Response, operation: str, detail: str) -> ApiError:
        """A 404 is an answer only in the words of Airbyte or its framework: any proxy has a page for it too."""
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError):
            body = None
        told = body if isinstance(body, dict) else {}
        said = f": {detail}" if detail else ""
        if "_links" in told or "_embedded" in told:
            return NoEndpointError(
                f"{operation}: the server has no such endpoint (404){said}; "
                f"check {config_key('url', self.settings.label)}",
                operation=operation,
                status=404,
                detail=detail,
            )
        if _OF_AIRBYTE & told.keys() or _UNKNOWN_ID in str(told.get("message")):
            return NotFoundError(
                f"{operation}: the server answered 404{said}", operation=operation, status=404, detail=detail
            )
        words = shown(self._hide(response.text[:_LOOKED_AT]), 60)
        return AnswerError(
            f"{operation}: the answer 404 is none of Airbyte's ({words}); is a proxy in front of the Airbyte server, "
            f"and does {config_key('url', self.settings.label)} name its API?",
            operation=operation,
        )

    def _login(self) -> str:
        """The setting that logs in; all of them where there is none."""
        label = self.settings.label
        if isinstance(self._auth, BearerAuth):
            return f"{config_key('token', label)}: it is wrong, or has expired"
        used = {ClientCredentialsAuth: ("clientId",), httpx.BasicAuth: ("username", "password")}
        keys = next((keys for kind, keys in used.items() if isinstance(self._auth, kind)), None)
        return ", ".join(config_key(key, label) for key in keys or ("token", "username", "clientId"))

    def _json(self, response: httpx.Response, operation: str) -> Any:
        if response.status_code == httpx.codes.NO_CONTENT or not response.content:
            return None
        try:
            answer = json.loads(response.content, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise AnswerError(
                f"{operation}: the answer is not JSON ({shown(self._hide(response.text[:_LOOKED_AT]), 60)}); "
                "is a proxy or a login page in front of the Airbyte server?",
                operation=operation,
            ) from None
        if isinstance(answer, dict | list) and deeper_than(answer, DEEPEST_ANSWER):
            raise AnswerError(
                f"{operation}: the answer is nested deeper than {DEEPEST_ANSWER} levels; "
                f"is {self.settings.base_url} the API of an Airbyte server?",
                operation=operation,
            )
        return answer

    def _cause(self, error: Exception) -> str:
        return _cause(error, self._hide)

    def _hide(self, text: str) -> str:
        """A text that is not ours, without any of our credentials that it may repeat."""
        fetched = self._auth.secret if isinstance(self._auth, ClientCredentialsAuth) else ""
        return hide_secrets(text, [*self.settings.secrets, fetched])


def _refuse(word: str) -> None:
    """Python reads NaN and infinity, which are no JSON."""
    raise ValueError(word)


@functools.cache
def _public_authorities(*_: str | None) -> ssl.SSLContext:
    """What trusts the public authorities; shared, as reading them takes longer than all else about a client."""
    return httpx.create_ssl_context()


def _tls(settings: ServerSettings) -> ssl.SSLContext:
    if not settings.ca_bundle and not settings.client_cert:
        return _public_authorities(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    try:
        context = ssl.create_default_context(cafile=settings.ca_bundle)
        if settings.client_cert:
            context.load_cert_chain(settings.client_cert)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"the TLS files cannot be used: {error}; name PEM files in {config_key('caBundle', settings.label)} and "
            f"{config_key('clientCert', settings.label)}"
        ) from None
    return context


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


def _detail(response: httpx.Response, hide: Callable[[str], str]) -> str:
    """The server's own words: four body shapes (semantics §11.1), or none."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    embedded = body.get("_embedded")
    errors = embedded.get("errors") if isinstance(embedded, dict) else None
    inner = errors[0].get("message") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
    for words in (inner, body.get("detail"), body.get("message"), body.get("title")):
        if isinstance(words, str) and words:
            # Hidden first: a secret that is escaped or cut off would be looked for in vain.
            return shown(hide(words[:_LOOKED_AT].removeprefix("Internal Server Error: ")), 400).strip("'\"")
    reference = body.get("errorId")
    return f"no message, see error id {reference} in the server's log" if isinstance(reference, str) else ""


def _cause(error: Exception, hide: Callable[[str], str]) -> str:
    text = str(error).lower()
    if "refused" in text:
        return "connection refused"
    if "name or service" in text or "nodename" in text or "name resolution" in text:
        return "unknown host"
    if "certificate" in text:
        return "its TLS certificate is not trusted"
    if isinstance(error, httpx.ConnectTimeout):
        return "timed out"
    return shown(hide(str(error)[:_LOOKED_AT]) or type(error).__name__, 120).strip("'\"")
