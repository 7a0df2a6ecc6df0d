"""The jobs of a connection: finding them and how they read in answers (semantics §13)."""

from typing import Any

from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.core.versions import Rules

REPLICATION = ("sync", "reset_connection", "refresh")

_COUNTS = ("recordsEmitted", "bytesEmitted", "recordsCommitted", "bytesCommitted")


def add_job(airbyte: Airbyte, job: Doc) -> None:
    """Store a new job."""
    index = airbyte.store.get("connection_jobs", job["connectionId"]) or {"ids": []}
    index["ids"].append(job["id"])
    airbyte.store.put("connection_jobs", job["connectionId"], index)
    airbyte.store.put("job", str(job["id"]), job)


def forget_stream(airbyte: Airbyte, connection_id: str, key: Key) -> None:
    """Forget what the jobs of a connection did to a stream; a job that did nothing else is forgotten whole."""
    for job in airbyte.jobs_of(connection_id):
        for name in ("runs", "enabledStreams"):
            job[name] = [part for part in job[name] if key_of(part) != key]
        if job["runs"] or job["enabledStreams"]:
            airbyte.store.put("job", str(job["id"]), job)
        else:
            airbyte.store.delete("job", str(job["id"]))


def newest_sync(airbyte: Airbyte, connection_id: str, *, in_list: bool = False) -> Doc | None:
    """The newest job that counts as a sync: a reset never does, a refresh not in the lists of v1.8.0+ (§13)."""
    refreshes = airbyte.rules.has("jobs.refreshCountsAsSync") and not (in_list and airbyte.rules.has("cursorPaging"))
    kinds = ("sync", "refresh") if refreshes else ("sync",)
    return next((job for job in reversed(airbyte.jobs_of(connection_id)) if job["configType"] in kinds), None)


def job_read(job: Doc, rules: Rules) -> Doc:
    """A JobRead."""
    answer: Doc = {
        "id": job["id"],
        "configType": job["configType"],
        "configId": job["connectionId"],
        "createdAt": int(job["createdAt"]),
        "updatedAt": int(job["updatedAt"]),
        "status": job["status"],
    }
    if rules.has("enabledStreams"):
        answer["enabledStreams"] = job["enabledStreams"]
    if job.get("startedAt") is not None:
        answer["startedAt"] = int(job["startedAt"])
    if job["configType"] == "reset_connection":
        answer["resetConfig"] = {"streamsToReset": job["streams"]}
    if job["configType"] == "refresh" and rules.has("refreshConfig"):
        answer["refreshConfig"] = {"streamsToRefresh": job["streams"]}
    if rules.has("aggregatedStats"):
        streams = [_stream_totals(job, run, rules) for run in job["runs"] if _last(run) is not None]
        answer["streamAggregatedStats"] = streams
        answer["aggregatedStats"] = {name: sum(stream[name] for stream in streams) for name in _COUNTS}
        if rules.has("recordsRejected"):
            answer["aggregatedStats"]["recordsRejected"] = 0
    return answer


def attempt_read(job: Doc, number: int, rules: Rules) -> Doc:
    """An AttemptRead."""
    attempt = job["attempts"][number]
    stats = [run["stats"][number] for run in job["runs"] if len(run["stats"]) > number and run["stats"][number]]
    answer: Doc = {
        "id": number,
        "status": attempt["status"],
        "createdAt": int(attempt["createdAt"]),
        "updatedAt": int(attempt["updatedAt"]),
        "bytesSynced": sum(part["bytesEmitted"] for part in stats),
        "recordsSynced": sum(part["recordsEmitted"] for part in stats),
        "totalStats": _attempt_stats(_sum(stats), rules),
        "streamStats": [
            _named(run, {"stats": _attempt_stats(run["stats"][number], rules)})
            for run in job["runs"]
            if len(run["stats"]) > number and run["stats"][number]
        ],
    }
    if attempt.get("endedAt") is not None:
        answer["endedAt"] = int(attempt["endedAt"])
    if attempt.get("failure"):
        answer["failureSummary"] = {
            "failures": [_failure_reason(attempt["failure"], int(attempt["updatedAt"]) * 1000)],
            "partialSuccess": any(part["recordsCommitted"] for part in stats),
        }
    return answer


def _failure_reason(failure: Doc, timestamp: int) -> Doc:
    """A FailureReason; a cancellation has no origin."""
    origin = {"failureOrigin": failure["origin"], "retryable": False} if failure["origin"] else {}
    return {
        **origin,
        "failureType": failure.get("type", "system_error"),
        "externalMessage": failure["message"],
        "internalMessage": failure.get("internal", failure["message"]),
        "timestamp": timestamp,
    }


def job_with_attempts(job: Doc, rules: Rules) -> Doc:
    """A JobWithAttemptsRead, as ``jobs/list`` holds it."""
    return {"job": job_read(job, rules), "attempts": [attempt_read(job, n, rules) for n in range(len(job["attempts"]))]}


def job_info(job: Doc, rules: Rules) -> Doc:
    """A JobInfoRead, as ``jobs/get`` and the calls that start a job answer it."""
    attempts: list[Any] = []
    for number in range(len(job["attempts"])):
        attempt: Doc = {
            "attempt": attempt_read(job, number, rules),
            "logs": {"logLines": job["attempts"][number]["log"]},
        }
        if rules.has("structuredLogs"):
            attempt["logType"] = "formatted"
        attempts.append(attempt)
    return {"job": job_read(job, rules), "attempts": attempts}


def _stream_totals(job: Doc, run: Doc, rules: Rules) -> Doc:
    parts = [stats for stats in run["stats"] if stats]
    totals = _sum(parts if run["incremental"] else parts[-1:])
    answer = _named(run, {name: totals[name] for name in _COUNTS})
    if rules.has("recordsRejected"):
        answer["recordsRejected"] = 0
    answer["wasBackfilled"] = run.get("backfilled", False)
    if rules.has("wasResumed"):
        answer["wasResumed"] = len(job["attempts"]) > 1
    return answer


def _last(run: Doc) -> Doc | None:
    return next((stats for stats in reversed(run["stats"]) if stats), None)


def _sum(parts: list[Doc]) -> Doc:
    return {name: sum(part[name] for part in parts) for name in (*_COUNTS, "estimatedRecords", "estimatedBytes")}


def _attempt_stats(stats: Doc, rules: Rules) -> Doc:
    answer = {
        name: stats[name]
        for name in ("recordsEmitted", "bytesEmitted", "recordsCommitted", "estimatedRecords", "estimatedBytes")
    }
    if rules.has("recordsRejected"):
        answer["recordsRejected"] = 0
    return answer


def _named(run: Doc, values: Doc) -> Doc:
    namespace = {} if run["namespace"] is None else {"streamNamespace": run["namespace"]}
    return {"streamName": run["name"], **namespace, **values}
