"""The simulated server: its documents, its rules, its clock, and what every part looks up in them."""

import heapq
import random
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from pulumi_airbyte_wb.emulator.core.clock import Clock
from pulumi_airbyte_wb.emulator.core.failures import InternalError, NotFoundError
from pulumi_airbyte_wb.emulator.core.fault import Fault, Step
from pulumi_airbyte_wb.emulator.core.late_requests import LateRequests
from pulumi_airbyte_wb.emulator.core.login import KeptLogin
from pulumi_airbyte_wb.emulator.core.store import Doc, Store
from pulumi_airbyte_wb.emulator.core.streams import ReadResult
from pulumi_airbyte_wb.emulator.core.versions import Rules
from pulumi_airbyte_wb.emulator.core.world import Pace

UNFINISHED = ("pending", "running", "incomplete")
"""The statuses of a job that is not at its end."""

_EMPTY_CATALOG: Doc = {"streams": []}


class Airbyte:
    """One server. Whoever reads or changes it holds ``lock``."""

    def __init__(self, store: Store, rules: Rules, clock: Clock) -> None:
        self.store = store
        self.rules = rules
        self.clock = clock
        self.lock = threading.RLock()
        self.random = random.Random(0)  # noqa: S311 - order and ids of a simulation
        self.faults: list[Fault] = []
        self.late = LateRequests()
        self.break_after: Step | None = None
        self.order: Doc | None = None
        self.agenda: list[tuple[float, str, str]] = []
        self.reads: dict[int, ReadResult] = {}
        self._moment: float | None = None

    def passed(self, step: Step) -> None:
        """Break off where a fault says so; what was written stays."""
        if self.break_after == step:
            raise InternalError(f"a fault of the emulator after the step {step!r}")

    @contextmanager
    def asked(self, by: str) -> Iterator[None]:
        """Note what orders everything that is started within, a request's path or the like, and when."""
        before, self.order = self.order, {"by": by, "at": self.moment}
        try:
            yield
        finally:
            self.order = before

    # settings -------------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Doc:
        """Login, pace and shuffling; set by the world, changed by the control API."""
        settings = self.store.get("setting", "server")
        if settings is None:
            raise RuntimeError("no world was loaded")
        return settings

    @property
    def login(self) -> KeptLogin:
        """How callers prove who they are."""
        return KeptLogin.model_validate(self.settings["login"])

    @property
    def pace(self) -> Pace:
        """How long jobs take."""
        return Pace.model_validate(self.settings["pace"])

    # time and ids ---------------------------------------------------------------------------------------------------

    @property
    def moment(self) -> float:
        """The virtual time; while the agenda is worked off, the time of its entry."""
        return self.clock.now() if self._moment is None else self._moment

    def now(self) -> int:
        """The virtual time in whole seconds, as the API shows it."""
        return int(self.moment)

    @contextmanager
    def at(self, moment: float) -> Iterator[None]:
        """Let things happen at a moment that has passed."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before

    def keep_time(self) -> None:
        """Store the virtual time, for a start from the file."""
        self.store.put("clock", "now", {"at": self.clock.now()})

    def plan(self, due: float, kind: str, doc_id: str) -> None:
        """Put a job or a connection's next run on the agenda."""
        heapq.heappush(self.agenda, (due, kind, doc_id))

    def new_id(self) -> str:
        """A fresh UUID."""
        return str(uuid.uuid4())

    def next_number(self, name: str) -> int:
        """The next number of a sequence (job ids, order of creation, extraction times)."""
        counter = self.store.get("counter", name) or {"value": 0}
        counter["value"] += 1
        self.store.put("counter", name, counter)
        return int(counter["value"])

    # lookups --------------------------------------------------------------------------------------------------------

    def workspace(self, workspace_id: str) -> Doc:
        """The workspace, or 404."""
        return self._found("workspace", workspace_id, "STANDARD_WORKSPACE")

    def source(self, source_id: str) -> Doc:
        """The source, or 404."""
        return self._found("source", source_id, "SOURCE_CONNECTION")

    def destination(self, destination_id: str) -> Doc:
        """The destination, or 404."""
        return self._found("destination", destination_id, "DESTINATION_CONNECTION")

    def connection(self, connection_id: str) -> Doc:
        """The connection, deleted ones included, or 404."""
        return self._found("connection", connection_id, "STANDARD_SYNC")

    def operation(self, operation_id: str) -> Doc:
        """The operation, tombstoned ones included, or 404."""
        return self._found("operation", operation_id, "STANDARD_SYNC_OPERATION")

    def _found(self, kind: str, doc_id: str | None, name: str) -> Doc:
        doc = None if doc_id is None else self.store.get(kind, doc_id)
        if doc is None:
            raise NotFoundError(name, str(doc_id))
        return doc

    def configured(self, connection_id: str) -> Doc:
        """The stored catalog of a connection: selected streams, schemas cut to the selected fields."""
        return self.store.get("configured", connection_id) or _EMPTY_CATALOG

    def keep_configured(self, connection_id: str, catalog: Doc) -> None:
        """Store a connection's catalog; versions before v0.64.4 do so without ``fields`` (§5.5)."""
        fields = self.rules.has("catalog.fields")
        self.store.put("configured", connection_id, {"streams": catalog["streams"], "fields": fields})

    def connections(self, *, workspace_ids: list[str] | None = None, deleted: bool = False) -> list[Doc]:
        """The connections; only when asked for the deleted ones, and those without a status, which SQL never finds."""
        return [
            connection
            for connection in self.store.all("connection")
            if (deleted or connection["status"] not in ("deprecated", None))
            and (workspace_ids is None or connection["workspaceId"] in workspace_ids)
        ]

    def jobs_of(self, connection_id: str) -> list[Doc]:
        """The jobs of a connection, oldest first."""
        index = self.store.get("connection_jobs", connection_id)
        if index is None:
            return []
        jobs = (self.store.get("job", str(job_id)) for job_id in index["ids"])
        return [job for job in jobs if job is not None]

    def unfinished_job(self, connection_id: str) -> Doc | None:
        """The job that is not at its end; there is at most one (§10)."""
        return next((job for job in reversed(self.jobs_of(connection_id)) if job["status"] in UNFINISHED), None)

    def supports_refreshes(self, connection: Doc) -> bool:
        """Whether the connection's destination supports refreshes (§5.3)."""
        return bool(self.destination(connection["destinationId"])["supportsRefreshes"])
