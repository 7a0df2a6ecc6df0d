"""What a connection has done, as its jobs and its sync state tell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from itertools import takewhile
from typing import Any, TypeVar

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.api.configuration import ConnectionState
from pulumi_airbyte_wb.models import JobConfigType, JobStatus, JobWithAttempts, StateType, StreamDescriptor

Answer = TypeVar("Answer")
_FAILURES = 20
_DAYS_OF_FAILURES = 7
REACH = 200
"""How many jobs are asked for, the newest."""


class History:
    """The jobs and the sync state of one connection, each asked for when it is first needed, and once.

    Args:
        client: the server.
        connection_id: the connection.
    """

    def __init__(self, client: AirbyteClient, connection_id: str) -> None:
        self._client, self._id = client, connection_id
        self._answers: dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def _once(self, what: str, ask: Callable[[], Answer]) -> Answer:
        with self._lock:
            if what not in self._answers:
                self._answers[what] = ask()
            answer: Answer = self._answers[what]
            return answer

    @property
    def jobs(self) -> list[JobWithAttempts]:
        """The newest jobs, at most ``REACH``, the newest first."""
        return self._once("jobs", lambda: self._client.list_jobs(self._id, limit=REACH))

    @property
    def state(self) -> ConnectionState:
        """The sync state."""
        return self._once("state", lambda: self._client.get_state(self._id))

    @property
    def state_type(self) -> StateType:
        """The kind of the sync state; ``not_set`` where there is none."""
        return self._once("state type", lambda: self._client.get_state_type(self._id))

    @property
    def newest_job(self) -> int:
        """The id of the newest job; 0 where there is none."""
        return max((entry.job.id for entry in self.jobs), default=0)

    @property
    def is_idle(self) -> bool:
        """Whether the connection has never moved anything: it has no sync state, and no job but clears."""
        kinds = {entry.job.config_type for entry in self.jobs}
        if not kinds <= {JobConfigType.RESET_CONNECTION}:
            return False
        return self.state_type is StateType.NOT_SET or self.state.empty

    @property
    def only_fails(self) -> bool:
        """Whether the newest jobs have failed so often, or for so long, that Airbyte pauses a connection (§10)."""
        failed = list(takewhile(lambda entry: entry.job.status == JobStatus.FAILED, self.jobs))
        if not failed:
            return False
        lasted = (failed[0].job.updated_at or 0) - (failed[-1].job.created_at or 0)
        return len(failed) >= _FAILURES or lasted >= _DAYS_OF_FAILURES * 86400

    def moved(self) -> set[StreamDescriptor]:
        """The streams that the connection has moved, and not cleared since."""
        return self._changes()[0] | self.state.streams()

    def cleared(self) -> set[StreamDescriptor]:
        """The streams that the connection has cleared, and not moved since."""
        return self._changes()[1] - self.moved()

    def _changes(self) -> tuple[set[StreamDescriptor], set[StreamDescriptor]]:
        moved: set[StreamDescriptor] = set()
        cleared: set[StreamDescriptor] = set()
        for entry in self.jobs:
            job = entry.job
            if job.config_type == JobConfigType.RESET_CONNECTION:
                # A clear leaves the table of a stream alone that is not in the connection any more (§9.3).
                done = job.streams() & job.enabled() if job.status == JobStatus.SUCCEEDED else set()
                cleared |= done - moved
            else:
                moved |= entry.moved() - cleared
        return moved, cleared
