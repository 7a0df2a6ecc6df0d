"""The virtual clock: real time at a set speed, plus what tests and demos skip."""

import time
from collections.abc import Callable


class Clock:
    """Seconds since the epoch that run ``speed`` times as fast as real ones and can be advanced."""

    def __init__(self, speed: float, now: float | None = None, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self._speed = speed
        self._base = time.time() if now is None else now
        self._since = real()

    @property
    def speed(self) -> float:
        """Virtual seconds per real second; 0 stands still."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        self._base = self.now()
        self._since = self._real()
        self._speed = value

    def now(self) -> float:
        """Return the virtual time."""
        return self._base + (self._real() - self._since) * self._speed

    def advance(self, seconds: float) -> None:
        """Skip virtual time."""
        self._base += seconds

    def set(self, now: float) -> None:
        """Go to a virtual time (restoring a snapshot goes back)."""
        self._base = now
        self._since = self._real()
