"""What one process holds of the runs that it serves: the only mutable state of this package that hangs on a module."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pulumi_airbyte_wb.live.waiting import POLL_SECONDS, TESTING_SECONDS, Waiting

if TYPE_CHECKING:
    import httpx

    from pulumi_airbyte_wb.lifecycle.foresight import Foresight
    from pulumi_airbyte_wb.live.session import Sessions
    from pulumi_airbyte_wb.providers.shown import Command

TESTING_VARIABLE = "AIRBYTE_WB_TESTING"
"""The environment variable that lets a provider process, which the engine starts, poll without waiting."""


class Process:
    """The state of a provider process.

    Attributes:
        waiting: how jobs are waited for.
        checked: the resources whose declaration was checked, and whose plan was not told yet.
        untold: tells the servers' sessions of resources that do not change; done once a session is asked for.
        in_update: whether this process works for an update whose preview another one has shown.
        foreseen: what a check has seen of live connections, by resource.
        engine: the engine, once it was asked for.
        transport: an httpx transport in place of the network, for tests in one process.
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
            self.waiting = Waiting(TESTING_SECONDS if testing else POLL_SECONDS)
            self.forget_runs()
            self.engine: Any = None
            self.transport: httpx.BaseTransport | None = None
            self.current = threading.local()

    def forget_runs(self) -> None:
        """Forget what was learnt of servers and resources, as a new run does."""
        with self.lock:
            self._sessions: Sessions | None = None
            self.checked: set[str] = set()
            self.untold: list[Callable[[], None]] = []
            self.foreseen: dict[str, Foresight] = {}
            self.in_update = False
            self._told: dict[str, str] = {}
            self._noticed: set[tuple[str, str]] = set()

    def first_to_tell(self, text: str, name: str) -> str:
        """The name of the other resource that was the first of this run to tell something; empty where none was."""
        with self.lock:
            first = self._told.setdefault(text, name)
        return "" if first == name else first

    def is_news(self, urn: str, text: str) -> bool:
        """Whether something was not told yet on the row of a resource in this run; from now on it was."""
        with self.lock:
            news = (urn, text) not in self._noticed
            self._noticed.add((urn, text))
        return news

    @cached_property
    def command(self) -> Command | None:
        """The ``pulumi`` process that this one works for, where it is to be found."""
        from pulumi_airbyte_wb.providers.shown import command_of_engine

        return command_of_engine()

    @property
    def sessions(self) -> Sessions:
        """The servers of the resources."""
        from pulumi_airbyte_wb.live.session import Sessions
        from pulumi_airbyte_wb.providers.console import tell_retry  # the console tells by this process's engine

        with self.lock:
            if self._sessions is None:
                self._sessions = Sessions(tell_retry, self.transport)
            while self.untold:
                self.untold.pop(0)()
            return self._sessions


process = Process()
"""That of this process."""


def set_testing(testing: bool = True) -> None:
    """Poll jobs without waiting, for tests against the emulator; ``False`` waits again.

    This is for tests in one process. A provider that the engine starts reads the environment variable
    ``AIRBYTE_WB_TESTING`` instead.
    """
    process.waiting.poll_seconds = TESTING_SECONDS if testing else POLL_SECONDS
