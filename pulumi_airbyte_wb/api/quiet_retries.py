"""stamina's own log line of a call that is tried again, left out where logging is not set up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LOG = logging.getLogger("stamina")
_OURS: ContextVar[bool] = ContextVar("ours", default=False)


def _asked_for(_record: logging.LogRecord) -> bool:
    """Whether a line is of other retries than ours, or logging is set up, so that it goes where it is wanted."""
    return not _OURS.get() or _LOG.hasHandlers()


@contextmanager
def quiet_retries() -> Iterator[None]:
    """Retries that are told elsewhere: Python would print their log lines, and Pulumi show them below the stack.

    Hooks that a program has set for stamina are called as ever.
    """
    _LOG.addFilter(_asked_for)  # a second time it does nothing
    token = _OURS.set(True)
    try:
        yield
    finally:
        _OURS.reset(token)
