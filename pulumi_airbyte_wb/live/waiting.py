"""How jobs are waited for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

POLL_SECONDS = 1.0
TESTING_SECONDS = 0.001
_AT_A_TIME = 3


@dataclass
class Waiting:
    """How jobs are waited for, by all the resources of a process.

    Attributes:
        poll_seconds: the pause between two looks at a job.
        slots: how many resources may wait at a time: the process answers four calls at a time, and one is always left
            for resources that need no waiting.
    """

    poll_seconds: float = POLL_SECONDS
    slots: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_AT_A_TIME))
