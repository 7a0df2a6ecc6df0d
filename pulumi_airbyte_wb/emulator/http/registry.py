"""The table of the API's operations: which function answers which path."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.versions import Rules
from pulumi_airbyte_wb.emulator.http.binding import Shape

Handler = Callable[[Airbyte, dict[str, Any]], Any]

NO_CONTENT = object()
"""What a handler returns for 204."""


@dataclass(frozen=True)
class Operation:
    """One path of the API."""

    path: str
    handler: Handler
    shape: Callable[[Rules], Shape] | None
    method: str
    open: bool

    def bind(self, body: Any, rules: Rules) -> dict[str, Any]:
        """The request body as the handler gets it."""
        return self.shape(rules)(body, "body") if self.shape is not None else {}


OPERATIONS: dict[str, Operation] = {}


def operation(
    path: str, shape: Shape | None = None, *, by_version: Callable[[Rules], Shape] | None = None, method: str = "POST",
    open_to_all: bool = False,
) -> Callable[[Handler], Handler]:  # fmt: skip
    """Register the function that answers a path under ``/api/v1/``."""

    def register(handler: Handler) -> Handler:
        build = by_version if by_version is not None else None if shape is None else (lambda _rules: shape)
        OPERATIONS[path] = Operation(path, handler, build, method, open_to_all)
        return handler

    return register
