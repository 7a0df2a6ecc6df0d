"""What to do after an exchange with the server failed: every error that reaches a person says it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pulumi_airbyte_wb.errors import AirbyteError, ConflictError, ServerError, UnreachableError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_AGAIN = "run the same command again: it goes on where this one stopped"


def advice(error: AirbyteError) -> str:
    """The error's text, with the way out where only time, or the server's people, can help."""
    if isinstance(error, ConflictError):
        return f"{error}; wait until the server is done with what it is busy with, then {_AGAIN}"
    if isinstance(error, ServerError):
        return f"{error}; the server's log says why; when it is well, {_AGAIN}"
    if isinstance(error, UnreachableError):
        return f"{error}; then {_AGAIN}"
    return str(error)


def advised(act: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let what a step raises say what to do."""

    @functools.wraps(act)
    def step(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return act(*args, **kwargs)
        except (ConflictError, ServerError, UnreachableError) as error:
            error.args = (advice(error),)
            raise

    return step
