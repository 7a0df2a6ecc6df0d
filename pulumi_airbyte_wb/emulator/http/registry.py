"""The table of the API's operations: which function answers which path."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pulumi_airbyte_wb.emulator.core.failures import FrameworkError
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.versions import Rules
from pulumi_airbyte_wb.emulator.http.binding import BindingError, Body

Handler = Callable[[Airbyte, dict[str, Any]], Any]

NO_CONTENT = object()
"""What a handler returns for 204."""


@dataclass(frozen=True)
class Operation:
    """One path of the API."""

    path: str
    handler: Handler
    shape: Callable[[Rules], Body] | None
    method: str
    open: bool

    def bind(self, body: Any, rules: Rules) -> dict[str, Any]:
        """The request body as the handler gets it; a FrameworkError where it has another shape."""
        if self.shape is None:
            return {}
        shape = self.shape(rules)
        try:
            return shape(body, shape.name)  # type: ignore[no-any-return]
        except BindingError as problem:
            raise unbound(shape, rules, str(problem)) from None


def unbound(shape: Body, rules: Rules, why: str) -> FrameworkError:
    """The answer to a body that is missing or has another shape (real-server.md 2)."""
    if rules.has("json.micronaut4"):
        text = f"Failed to convert argument [{shape.argument}] for value [null] due to: {why}"
    else:
        text = f"Required argument [{shape.name} {shape.argument}] not specified"
    return FrameworkError(400, text, argument=shape.argument)


OPERATIONS: dict[str, Operation] = {}


def operation(
    path: str, shape: Body | None = None, *, by_version: Callable[[Rules], Body] | None = None, method: str = "POST",
    open_to_all: bool = False,
) -> Callable[[Handler], Handler]:  # fmt: skip
    """Register the function that answers a path under ``/api/v1/``."""

    def register(handler: Handler) -> Handler:
        build = by_version if by_version is not None else None if shape is None else (lambda _rules: shape)
        OPERATIONS[path] = Operation(path, handler, build, method, open_to_all)
        return handler

    return register
