"""What to do after an exchange with the server failed: every error that a user sees says it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pulumi_airbyte_wb.errors import AirbyteError, ConflictError, ServerError, UnreachableError
from pulumi_airbyte_wb.providers.failure import end_call

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_AGAIN = "run the same command again: it goes on where this one stopped"


def advice(error: AirbyteError) -> str:
    """The error's text, with a hint where only time, or the server's operators, can help."""
    if isinstance(error, ConflictError):
        return f"{error}; wait until the server is done with what it is busy with, then {_AGAIN}"
    if isinstance(error, ServerError):
        return f"{error}; the server's log says why; when it is well, {_AGAIN}"
    if isinstance(error, UnreachableError):
        return f"{error}; then {_AGAIN}"
    return str(error)


def advised(act: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let what a step of a provider raises say what to do, and reach the user as that sentence alone.

    An exception that is not one of this package's own is a mistake in it, and keeps its traceback.
    """

    @functools.wraps(act)
    def step(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return act(*args, **kwargs)
        except AirbyteError as error:
            error.args = (advice(error),)
            end_call(str(error))
            raise

    return step
