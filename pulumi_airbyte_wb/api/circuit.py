"""A circuit per server: one that is dead is waited for once, not once per resource."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pulumi_airbyte_wb.errors import ApiError, NotAskedError, ServerError, UnreachableError

BUSY = (502, 503, 504)
"""Statuses by which a proxy says that there is no server behind it."""

OPEN_SECONDS = 30.0
"""How long a server that does not answer is left alone; then the next call asks it again."""


class Circuit:
    """Remembers that a server did not answer; safe to share between threads.

    Args:
        address: the server's, for messages.
        clock: seconds that only grow.
    """

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._clock = clock
        self._lock = threading.Lock()
        self._until = 0.0

    def check(self, operation: str) -> None:
        """Let a call through.

        Raises:
            NotAskedError: the server did not answer a moment ago.
        """
        with self._lock:
            left = self._until - self._clock()
        if left > 0:
            raise NotAskedError(
                f"{operation} was not sent, since the server at {self._address} did not answer before; the first error "
                f"says why, and in {left:.0f} s it is asked again",
                operation=operation,
                applied=False,
            )

    def close(self) -> None:
        """The server answered, whatever it said."""
        with self._lock:
            self._until = 0.0

    def note(self, error: ApiError, *, looks: bool) -> None:
        """A call was given up, all its tries used.

        Args:
            error: what ended it.
            looks: whether the call only looks: a slow write or discovery is no sign of a dead server.
        """
        dead = isinstance(error, UnreachableError) and (looks or not error.applied)
        dead = dead or (isinstance(error, ServerError) and error.status in BUSY)
        if dead and not isinstance(error, NotAskedError):
            with self._lock:
                self._until = self._clock() + OPEN_SECONDS
