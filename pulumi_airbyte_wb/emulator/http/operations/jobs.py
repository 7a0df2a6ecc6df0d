"""``jobs/*`` (semantics §13)."""

from datetime import datetime

from pulumi_airbyte_wb.emulator.connection.schedule import plan_next_run
from pulumi_airbyte_wb.emulator.core.failures import InternalError, database
from pulumi_airbyte_wb.emulator.core.server import UNFINISHED, Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.paging import offset_page
from pulumi_airbyte_wb.emulator.http.registry import operation
from pulumi_airbyte_wb.emulator.http.requests import CONNECTION_ID, JOB_ID, job_list_shape
from pulumi_airbyte_wb.emulator.jobs import history
from pulumi_airbyte_wb.emulator.jobs.job_end import end_job

_DEFAULT_PAGE = 200


def _job(airbyte: Airbyte, body: Doc) -> Doc:
    job = airbyte.store.get("job", str(body.get("id")))
    if job is None:
        raise InternalError(f"Could not find job with id: {body.get('id')}", "java.lang.RuntimeException")
    return job


@operation("jobs/get", JOB_ID)
def get(airbyte: Airbyte, body: Doc) -> Doc:
    """A job with its attempts."""
    return history.job_info(_job(airbyte, body), airbyte.rules)


@operation("jobs/get_without_logs", JOB_ID)
def get_without_logs(airbyte: Airbyte, body: Doc) -> Doc:
    """A job with its attempts, logs empty."""
    answer = history.job_info(_job(airbyte, body), airbyte.rules)
    for attempt in answer["attempts"]:
        attempt["logs"] = {"logLines": []}
    return answer


@operation("jobs/get_light", JOB_ID)
def get_light(airbyte: Airbyte, body: Doc) -> Doc:
    """A job alone."""
    return {"job": history.job_read(_job(airbyte, body), airbyte.rules)}


@operation("jobs/cancel", JOB_ID)
def cancel(airbyte: Airbyte, body: Doc) -> Doc:
    """Cancel a job; what it committed stays."""
    job = _job(airbyte, body)
    if job["status"] in UNFINISHED:
        end_job(airbyte, job, "cancelled")
        plan_next_run(airbyte, airbyte.connection(job["connectionId"]))
    return history.job_info(job, airbyte.rules)


@operation("jobs/get_last_replication_job", CONNECTION_ID)
def last_replication_job(airbyte: Airbyte, body: Doc) -> Doc:
    """The newest job of a connection, if there is one."""
    jobs = airbyte.jobs_of(body.get("connectionId") or "")
    return {"job": history.job_read(jobs[-1], airbyte.rules)} if jobs else {}


@operation("jobs/list", by_version=job_list_shape)
def list_jobs(airbyte: Airbyte, body: Doc) -> Doc:
    """Jobs of the given types, newest first, in pages of 200 (§13)."""
    kinds = body.get("configTypes")
    if not kinds:
        raise InternalError("Must include at least one configType.", "java.lang.IllegalStateException")
    connection_id = body.get("configId")
    jobs = list(airbyte.store.all("job")) if connection_id is None else airbyte.jobs_of(connection_id)
    found = [job for job in jobs if job["configType"] in kinds and _passes(job, body, airbyte)]
    found.sort(key=lambda job: (job["createdAt"], job["id"]), reverse=True)
    if airbyte.rules.has("jobs.ordering") and (body.get("orderByField") or body.get("orderByMethod")):
        field = body.get("orderByField") or "createdAt"
        found.sort(key=lambda job: (job[field], job["id"]), reverse=body.get("orderByMethod") != "ASC")
    page = _page(found, body, airbyte)
    return {"jobs": [history.job_with_attempts(job, airbyte.rules) for job in page], "totalJobCount": len(found)}


def _page(jobs: list[Doc], body: Doc, airbyte: Airbyte) -> list[Doc]:
    """The page; with ``includingJobId`` as many as are needed to hold that job."""
    asked_size = (body.get("pagination") or {}).get("pageSize")
    if asked_size is not None and (asked_size < 0 or (asked_size == 0 and airbyte.rules.has("jobs.pagesInCode"))):
        return _odd_page(jobs, asked_size, airbyte)
    page = offset_page(jobs, body.get("pagination"), _DEFAULT_PAGE)
    wanted = body.get("includingJobId")
    position = next((index for index, job in enumerate(jobs) if job["id"] == wanted), None)
    if position is None or any(job["id"] == wanted for job in page):
        return page
    size = (body.get("pagination") or {}).get("pageSize") or _DEFAULT_PAGE
    return jobs[: (position // size + 1) * size]


def _odd_page(jobs: list[Doc], size: int, airbyte: Airbyte) -> list[Doc]:
    """A page below one: newer versions divide by it, or take a negative one for no limit (real-server.md 10, A16)."""
    if not airbyte.rules.has("jobs.pagesInCode"):
        raise database("LIMIT must not be negative", airbyte.rules)
    if size == 0:
        raise InternalError("/ by zero", "java.lang.ArithmeticException")
    return jobs


def _passes(job: Doc, body: Doc, airbyte: Airbyte) -> bool:
    rules = airbyte.rules
    if rules.has("jobs.statuses") and body.get("statuses") and job["status"] not in body["statuses"]:
        return False
    if rules.has("jobs.status") and body.get("status") and job["status"] != body["status"]:
        return False
    if not rules.has("jobs.ordering"):
        return True
    for name in ("createdAt", "updatedAt"):
        start, end = _moment(body.get(f"{name}Start")), _moment(body.get(f"{name}End"))
        if (start is not None and job[name] < start) or (end is not None and job[name] > end):
            return False
    return True


def _moment(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()
