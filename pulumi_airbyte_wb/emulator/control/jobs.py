"""Control of time and jobs."""

from pulumi_airbyte_wb.emulator.control.base import ControlBase, ControlError
from pulumi_airbyte_wb.emulator.core.failures import InternalError
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.jobs import history, queue
from pulumi_airbyte_wb.emulator.jobs.causes import told_cause, told_reason
from pulumi_airbyte_wb.emulator.jobs.runner import tick


class JobControl(ControlBase):
    """The virtual clock, and what falls due by it."""

    def now(self) -> float:
        """The virtual time."""
        return self.server.clock.now()

    def set_speed(self, speed: float) -> None:
        """Virtual seconds per real second; 0 stands still until :meth:`advance`."""
        with self.server.lock:
            self.server.clock.speed = speed

    def advance(self, seconds: float) -> None:
        """Let virtual time pass, and everything happen that falls due."""
        with self.server.lock:
            self.server.clock.advance(seconds)
            tick(self.server)
            self._commit()

    def sync(self, connection: str, by: str = "the control API") -> int:
        """Start a sync and let time pass until it has ended; returns the job's id.

        ``connection`` is a name or an id. A job that is running ends first. Where resets or refreshes are pending, the
        new job is theirs, as on the real server. ``by`` is what the job's cause names.
        """
        with self.server.lock:
            tick(self.server)
            doc = self._connection(connection)
            self._finish(doc["connectionId"])
            with self.server.asked(by):
                job = self._start(doc)
            self._finish(doc["connectionId"])
            return int(job["id"])

    def finish_jobs(self, connection_id: str | None = None) -> None:
        """Let time pass until no job is unfinished."""
        with self.server.lock:
            ids = self.server.store.ids("connection") if connection_id is None else [connection_id]
            for each in ids:
                self._finish(each)

    def connections(self) -> list[dict[str, str]]:
        """Id, name and status of the connections that are not deleted."""
        with self.server.lock:
            names = ("connectionId", "name", "status")
            return [{name: str(doc[name]) for name in names} for doc in self.server.connections()]

    def connection_ids(self) -> list[str]:
        """The connections that are not deleted."""
        with self.server.lock:
            return [connection["connectionId"] for connection in self.server.connections()]

    def jobs(self, connection: str) -> list[Doc]:
        """The jobs of a connection, oldest first, as ``jobs/list`` shows them; ``connection`` is a name or an id."""
        with self.server.lock:
            tick(self.server)
            jobs = self.server.jobs_of(self._connection(connection)["connectionId"])
            return [history.job_with_attempts(job, self.server.rules) for job in jobs]

    def connection_name(self, connection: str) -> str:
        """The name of a connection, given by name or id."""
        with self.server.lock:
            return str(self._connection(connection)["name"])

    def explained_jobs(self, connection: str) -> list[Doc]:
        """The jobs of a connection, as :meth:`jobs`, with their ``cause``, and the ``reason`` of a failure."""
        with self.server.lock:
            shown = self.jobs(connection)
            jobs = self.server.jobs_of(self._connection(connection)["connectionId"])
            return [
                {**entry, "cause": told_cause(job), "reason": told_reason(job)}
                for entry, job in zip(shown, jobs, strict=True)
            ]

    def _start(self, connection: Doc) -> Doc:
        try:
            return queue.manual_sync(self.server, connection)
        except InternalError:
            if connection["status"] == "active":
                raise
            state = "deleted" if connection["status"] == "deprecated" else "inactive"
            raise ControlError(
                f"connection '{connection['name']}' is {state}, and only an active one can be synced."
            ) from None

    def _finish(self, connection_id: str) -> None:
        server = self.server
        while (job := server.unfinished_job(connection_id)) is not None:
            server.clock.advance(max(0.0, job["due"] - server.clock.now()))
            tick(server)
        self._commit()
