"""Working off the agenda: jobs go through their phases, schedules start them (semantics §9, §10)."""

import heapq
from contextlib import suppress

from pulumi_airbyte_wb.emulator.catalog.diff import configured_by_key
from pulumi_airbyte_wb.emulator.connection.schedule import plan_next_run
from pulumi_airbyte_wb.emulator.connection.schema_refresh import fetch_for_job
from pulumi_airbyte_wb.emulator.connection.states import delete_states, state_type
from pulumi_airbyte_wb.emulator.core.failures import ApiError
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import descriptor, key_of
from pulumi_airbyte_wb.emulator.jobs.generations import listed_streams, start_generations
from pulumi_airbyte_wb.emulator.jobs.job_end import end_attempt, end_job
from pulumi_airbyte_wb.emulator.jobs.queue import start_job
from pulumi_airbyte_wb.emulator.jobs.stream_transfer import (
    begin_stream,
    commit_global_state,
    finish_stream,
    show_progress,
)
from pulumi_airbyte_wb.emulator.rows.destination_tables import settle
from pulumi_airbyte_wb.emulator.rows.load import StreamFailedError


def tick(airbyte: Airbyte) -> None:
    """Let everything happen that is due by now."""
    now = airbyte.clock.now()
    while airbyte.agenda and airbyte.agenda[0][0] <= now:
        due, kind, doc_id = heapq.heappop(airbyte.agenda)
        doc = airbyte.store.get(kind, doc_id)
        if doc is None or doc["due"] != due:
            continue
        with airbyte.at(due):
            if kind == "job":
                _advance(airbyte, doc)
            else:
                _start_scheduled(airbyte, doc)
    for job in running_jobs(airbyte):
        if job["phase"] == "stream":
            show_progress(airbyte, job)


def running_jobs(airbyte: Airbyte) -> list[Doc]:
    """The jobs on the agenda."""
    jobs = (airbyte.store.get("job", doc_id) for _due, kind, doc_id in airbyte.agenda if kind == "job")
    return [job for job in jobs if job is not None and job["status"] == "running"]


def rebuild_agenda(airbyte: Airbyte) -> None:
    """Put everything unfinished on the agenda again, after a start or a restore."""
    airbyte.agenda.clear()
    airbyte.reads.clear()
    for kind in ("job", "connection"):
        for doc_id in airbyte.store.ids(kind):
            doc = airbyte.store.get(kind, doc_id)
            if doc is not None and doc["due"] is not None:
                airbyte.plan(doc["due"], kind, doc_id)


def _start_scheduled(airbyte: Airbyte, connection: Doc) -> None:
    connection["due"] = None
    airbyte.store.put("connection", connection["connectionId"], connection)
    if airbyte.unfinished_job(connection["connectionId"]) is None:
        with suppress(ApiError):  # a refresh that waits for a destination that no longer supports it
            start_job(airbyte, connection)


def _advance(airbyte: Airbyte, job: Doc) -> None:
    job["updatedAt"] = airbyte.moment
    {"queued": _start_attempt, "starting": _start_moving, "stream": _next_stream, "finishing": _finish}[job["phase"]](
        airbyte, job
    )
    airbyte.store.put("job", str(job["id"]), job)
    if job["due"] is not None:
        airbyte.plan(job["due"], "job", str(job["id"]))
    else:
        after_job(airbyte, job)


def _start_attempt(airbyte: Airbyte, job: Doc) -> None:
    job["attempts"].append(
        {"status": "running", "createdAt": airbyte.moment, "updatedAt": airbyte.moment, "endedAt": None, "log": []}
    )
    job.update(status="running", phase="starting", due=airbyte.moment + airbyte.pace.starting)
    job.setdefault("startedAt", airbyte.moment)
    start_generations(airbyte, job)


def _start_moving(airbyte: Airbyte, job: Doc) -> None:
    """After the schema fetch: an inactive connection's job ends as cancelled (§7.1, §9.5)."""
    connection = airbyte.connection(job["connectionId"])
    fetch_for_job(airbyte, job)
    if connection["status"] != "active":
        end_job(airbyte, job, "cancelled")
        return
    if _partial_reset_of_legacy_state(airbyte, job):
        _fail(airbyte, job, "a partial reset on a legacy state is refused", "replication")
        return
    settle(airbyte, airbyte.destination(connection["destinationId"]))
    source_log = airbyte.store.get("source_log", connection["sourceId"])
    job["logEnd"] = 0 if source_log is None else source_log["position"]
    if not job["runs"]:
        job["runs"] = [
            {
                "name": entry["stream"]["name"],
                "namespace": entry["stream"].get("namespace"),
                "incremental": entry["config"]["syncMode"] == "incremental",
                "backfilled": descriptor(key_of(entry["stream"])) in job.get("backfill", []),
                "stats": [],
                "total": 0,
                "bytes": 0,
            }
            for entry in job["catalog"]["streams"]
        ]
    job["at"] = -1
    job["phase"] = "stream"
    _begin_next(airbyte, job)


def _next_stream(airbyte: Airbyte, job: Doc) -> None:
    try:
        finish_stream(airbyte, job)
    except StreamFailedError as problem:
        _fail(airbyte, job, str(problem), "destination")
        return
    _begin_next(airbyte, job)


def _begin_next(airbyte: Airbyte, job: Doc) -> None:
    job["at"] += 1
    if job["at"] < len(job["catalog"]["streams"]):
        begin_stream(airbyte, job)
    else:
        job.update(phase="finishing", due=airbyte.moment + airbyte.pace.finishing)


def _finish(airbyte: Airbyte, job: Doc) -> None:
    commit_global_state(airbyte, job)
    if job["configType"] == "reset_connection" and not job["generations"]:
        delete_states(airbyte, job["connectionId"], listed_streams(job))
    end_job(airbyte, job, "succeeded")


def _fail(airbyte: Airbyte, job: Doc, message: str, origin: str) -> None:
    """An attempt failed: the next one, or the end of the job."""
    failure = {"message": message, "origin": origin}
    if len(job["attempts"]) < airbyte.pace.attempts:
        end_attempt(airbyte, job, "failed", failure)
        job.pop("pendingState", None)
        job.update(status="incomplete", phase="queued", due=airbyte.moment + airbyte.pace.queued)
    else:
        job["phase"] = "failed"
        end_job(airbyte, job, "failed", failure)


def _partial_reset_of_legacy_state(airbyte: Airbyte, job: Doc) -> bool:
    if job["configType"] != "reset_connection" or state_type(airbyte, job["connectionId"]) != "legacy":
        return False
    return set(configured_by_key(job["catalog"])) - set(listed_streams(job)) != set()


def after_job(airbyte: Airbyte, job: Doc) -> None:
    """What follows a job that has ended: the sync that an old reset brings along, else the schedule."""
    connection = airbyte.connection(job["connectionId"])
    if connection["status"] == "deprecated":
        return
    if job.get("thenSync") and connection["status"] == "active":
        with airbyte.asked(f"job {job['id']} before it"):
            start_job(airbyte, connection)
    else:
        plan_next_run(airbyte, connection)
