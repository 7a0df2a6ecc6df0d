"""How jobs end (semantics §9.2, §9.3, §10)."""

from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.jobs.stream_transfer import break_off

_DAY = 86400
_CANCELLED = {
    "origin": None,
    "type": "manual_cancellation",
    "message": "This attempt was cancelled",
    "internal": "Setting attempt to FAILED because the job was cancelled",
}
"""As ``FailureHelper.failureSummaryForCancellation`` of airbyte-platform has it."""


def end_job(airbyte: Airbyte, job: Doc, status: str, failure: Doc | None = None) -> None:
    """Bring a job to its end: succeeded, failed or cancelled."""
    if job["phase"] == "stream" and status == "cancelled":
        break_off(airbyte, job)
    failure = _CANCELLED if status == "cancelled" else failure
    end_attempt(airbyte, job, "succeeded" if status == "succeeded" else "failed", failure)
    now = airbyte.moment
    job.update(status=status, updatedAt=now, endedAt=now, phase="ended", due=None)
    if status == "cancelled":
        job["cancelledBy"] = None if airbyte.order is None else airbyte.order["by"]
    for name in ("catalog", "pendingState"):
        job.pop(name, None)
    airbyte.reads.pop(job["id"], None)
    if status == "succeeded" and job["configType"] == "reset_connection":
        _forget_resets(airbyte, job)
    airbyte.store.put("job", str(job["id"]), job)
    if status == "failed":
        _disable_after_failures(airbyte, job["connectionId"])


def cancel_unfinished(airbyte: Airbyte, connection_id: str) -> None:
    """Cancel the job of a connection that is not at its end, if there is one."""
    job = airbyte.unfinished_job(connection_id)
    if job is not None:
        end_job(airbyte, job, "cancelled")


def end_attempt(airbyte: Airbyte, job: Doc, status: str, failure: Doc | None) -> None:
    """Bring the running attempt to its end."""
    for attempt in job["attempts"]:
        if attempt["status"] == "running":
            attempt.update(status=status, endedAt=airbyte.moment, updatedAt=airbyte.moment)
            if failure is not None:
                attempt["failure"] = failure
                attempt["log"].append(failure["message"])


def _forget_resets(airbyte: Airbyte, job: Doc) -> None:
    """``stream_reset`` rows go when their job succeeded (§9.3)."""
    rows = airbyte.store.get("stream_reset", job["connectionId"])
    if rows is not None:
        rows["streams"] = [part for part in rows["streams"] if part not in job["streams"]]
        airbyte.store.put("stream_reset", job["connectionId"], rows)


def _disable_after_failures(airbyte: Airbyte, connection_id: str) -> None:
    """The server pauses a connection that only fails (§10)."""
    limit, days = (30, 7) if airbyte.rules.has("autoDisable.late") else (20, 14)
    failed: list[Doc] = []
    for job in reversed(airbyte.jobs_of(connection_id)):
        if job["status"] != "failed":
            break
        failed.append(job)
    connection = airbyte.connection(connection_id)
    long = bool(failed) and airbyte.moment - failed[-1]["createdAt"] >= days * _DAY
    if connection["status"] == "active" and (len(failed) >= limit or long):
        connection["status"] = "inactive"
        airbyte.store.put("connection", connection_id, connection)
