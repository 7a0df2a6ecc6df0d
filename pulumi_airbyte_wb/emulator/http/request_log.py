"""The request log: what was asked and answered, with counts; never a credential."""

import json
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

from fastapi import Response

from pulumi_airbyte_wb.emulator.core.api_request import ApiRequest
from pulumi_airbyte_wb.emulator.core.fault import Fault
from pulumi_airbyte_wb.emulator.core.server import Airbyte

_KEPT = 2000
_LONGEST_REQUEST, _LONGEST_ANSWER = 256 * 1024, 4 * 1024
_SECRETS = frozenset({"client_secret", "access_token", "password"})


@dataclass(frozen=True)
class LoggedRequest:
    """One request of the API."""

    number: int
    at: float
    method: str
    path: str
    status: int
    request: Any
    answer: Any
    fault: str | None


class RequestLog:
    """The newest requests, and how many there were of each path."""

    def __init__(self) -> None:
        self.requests: deque[LoggedRequest] = deque(maxlen=_KEPT)
        self.counts: Counter[str] = Counter()
        self._number = 0

    def add(self, airbyte: Airbyte, request: ApiRequest, response: Response, fault: Fault | None) -> None:
        """Note a request."""
        self._number += 1
        self.counts[request.path] += 1
        self.requests.append(
            LoggedRequest(
                self._number,
                airbyte.clock.now(),
                request.method,
                request.path,
                response.status_code,
                _kept(request.body, _LONGEST_REQUEST),
                _kept(bytes(response.body), _LONGEST_ANSWER),
                None if fault is None else fault.kind,
            )
        )

    def clear(self) -> None:
        """Forget the requests and the counts."""
        self.requests.clear()
        self.counts.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """The requests, oldest first."""
        return [asdict(request) for request in self.requests]


def _kept(body: bytes, longest: int) -> Any:
    """A body as the log keeps it: parsed, secrets masked; nothing of a long one."""
    return _masked(_parsed(body)) if body and len(body) <= longest else None


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body[:200].decode("utf-8", "replace")


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "***" if name in _SECRETS else _masked(inner) for name, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list) else value
