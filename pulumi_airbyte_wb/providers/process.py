"""What one process holds of the runs that it serves: the only mutable state of this package that hangs on a module."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_airbyte_wb.providers.foresight import Foresight
    from pulumi_airbyte_wb.providers.session import Sessions

TESTING_VARIABLE = "AIRBYTE_WB_TESTING"
"""The environment variable that lets a provider process, which the engine starts, poll without waiting."""

_POLL_SECONDS = 1.0
_TESTING_SECONDS = 0.001
_WAITING = 3


class Process:
    """The state of a provider process.

    Attributes:
        poll_seconds: how long is waited between two looks at a job.
        checked: the resources whose declaration was checked, and whose plan was not told yet.
        foreseen: what a check has seen of live connections, by resource.
        slots: how many resources may wait for jobs: the process answers four calls at a time, and one is always left
            for resources that need no waiting.
        engine: the engine, once it was asked for.
        current: the row of the CLI that the work of a thread is about.
        lock: what guards all of this.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything, as a new process has."""
        with self.lock:
            testing = os.environ.get(TESTING_VARIABLE, "") not in {"", "0"}
            self.poll_seconds = _TESTING_SECONDS if testing else _POLL_SECONDS
            self.forget_runs()
            self.slots = threading.BoundedSemaphore(_WAITING)
            self.engine: Any = None
            self.current = threading.local()

    def forget_runs(self) -> None:
        """Forget what was learnt of servers and resources, as a new run does."""
        with self.lock:
            self._sessions: Sessions | None = None
            self.checked: set[str] = set()
            self.foreseen: dict[str, Foresight] = {}

    @property
    def sessions(self) -> Sessions:
        """The servers of the resources."""
        from pulumi_airbyte_wb.providers.session import Sessions  # it tells retries by this process's console

        with self.lock:
            if self._sessions is None:
                self._sessions = Sessions()
            return self._sessions


process = Process()
"""That of this process."""


def set_testing(testing: bool = True) -> None:
    """Poll jobs without waiting, for tests against the emulator; ``False`` waits again.

    This is for tests in one process. A provider that the engine starts reads the environment variable
    ``AIRBYTE_WB_TESTING`` instead.
    """
    process.poll_seconds = _TESTING_SECONDS if testing else _POLL_SECONDS
