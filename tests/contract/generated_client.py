"""A client of the API that knows nothing but a slice of its specification: a method per ``operationId``, on urllib."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from tests.contract.slices import operations, problems, request_problems


class Refused(Exception):  # noqa: N818 - an answer, not an error of this client
    """An error status."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status} {body[:200]}")
        self.status = status
        self.body = body


class GeneratedClient:
    """Calls operations by their ids, and refuses what the specification has no place for, asked or answered."""

    def __init__(self, version: str, url: str) -> None:
        self._version = version
        self._url = url
        self._by_id = {each["operationId"]: (path, each["method"]) for path, each in operations(version).items()}

    def __getattr__(self, operation_id: str) -> Callable[..., Any]:
        if operation_id not in self._by_id:
            raise AttributeError(f"version {self._version} has no operation {operation_id}")
        path, method = self._by_id[operation_id]

        def call(**body: Any) -> Any:
            return self._call(path, method, body)

        return call

    def __contains__(self, operation_id: str) -> bool:
        return operation_id in self._by_id

    def _call(self, path: str, method: str, body: dict[str, Any]) -> Any:
        wrong = request_problems(self._version, path, method, body or None if method == "GET" else body)
        assert not wrong, wrong
        request = urllib.request.Request(
            f"{self._url}/api/v1/{path}",
            data=None if method == "GET" else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, error.read().decode()) from None
        answer = json.loads(text) if text else None
        wrong = problems(self._version, path, method, status, answer)
        assert not wrong, wrong
        return answer
