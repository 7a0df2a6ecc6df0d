"""One exchange with the server: timeouts and retries by kind of call, answers as models."""

from __future__ import annotations

import enum
import json
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
import stamina
from pydantic import BaseModel, ValidationError

from pulumi_airbyte_wb._version import __version__
from pulumi_airbyte_wb.api.auth import ClientCredentialsAuth, auth_for
from pulumi_airbyte_wb.api.bounds import DEEPEST_ANSWER, ENCODINGS, Deadline, UnboundedError, bound, cap, deeper_than
from pulumi_airbyte_wb.api.circuit import BUSY, Circuit
from pulumi_airbyte_wb.api.failures import Failures
from pulumi_airbyte_wb.api.quiet_retries import quiet_retries
from pulumi_airbyte_wb.api.settings import ServerSettings
from pulumi_airbyte_wb.api.tls import tls_context
from pulumi_airbyte_wb.errors import (
    ApiError,
    ConflictError,
    NoEndpointError,
    NotAskedError,
    ServerError,
    StatusError,
    UnreachableError,
)

Answer = TypeVar("Answer", bound=BaseModel)
_ATTEMPTS = 4
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
        self._failures = Failures(settings, self._auth)
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
            verify=tls_context(settings),
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
            raise self._failures.not_fitting(where, first["msg"], operation) from None

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
            raise self._failures.unbounded(error, operation) from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise self._failures.unreachable(error, operation) from None
        except httpx.TimeoutException:
            seconds = kind.total if self._deadline.missed else kind.longest
            raise self._failures.too_late(seconds, operation) from None
        except httpx.HTTPError as error:
            raise self._failures.broken(error, operation) from None
        if response.status_code not in BUSY:
            self._circuit.close()
        if response.is_success:
            return self._json(response, operation)
        raise self._failures.of_answer(response, operation)

    def _json(self, response: httpx.Response, operation: str) -> Any:
        if response.status_code == httpx.codes.NO_CONTENT or not response.content:
            return None
        try:
            answer = json.loads(response.content, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise self._failures.not_json(response, operation) from None
        if isinstance(answer, dict | list) and deeper_than(answer, DEEPEST_ANSWER):
            raise self._failures.too_deep(operation)
        return answer


def _refuse(word: str) -> None:
    """Python reads NaN and infinity, which are no JSON."""
    raise ValueError(word)
