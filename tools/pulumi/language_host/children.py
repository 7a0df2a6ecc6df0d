"""The processes that the host starts, each with whatever it starts itself, and how they end."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_GRACE = 2.0
"""Seconds from asking processes to end to killing them; the engine gives the host itself 5."""


class Children:
    """The running processes, each the leader of a process group of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[subprocess.Popen[bytes]] = []
        self._ending = False

    @property
    def ending(self) -> bool:
        """Whether `end_all` was called: a process that fails from then on was made to."""
        return self._ending

    def start(
        self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], output: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts a command.

        Args:
            command: The program and its arguments.
            folder: Its working folder.
            environment: Its environment variables.
            output: `subprocess.PIPE` to read what it prints; None lets it print where the host prints.

        Raises:
            InterruptedError: Everything is ending.
        """
        with self._lock:
            if self._ending:
                raise InterruptedError
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                bufsize=0,  # what is read is what was printed so far
                process_group=0,
            )
            self._running.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Ends a process and everything it started, if that has not happened yet."""
        with self._lock:
            if process not in self._running:
                return
            self._running.remove(process)
        _end([process])

    def end_all(self) -> None:
        """Ends every process and lets no other start."""
        with self._lock:
            self._ending = True
            running, self._running = self._running, []
        _end(running)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    # SIGTERM ends a Python program without a word; SIGINT would make it print a traceback.
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses where all that is left are zombies
        os.killpg(process.pid, number)
