"""The jobs of an update: clear, refresh, fill, and the waiting for them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import assert_never

from pulumi_airbyte_wb.errors import ConflictError, JobError
from pulumi_airbyte_wb.live.context import Context, names
from pulumi_airbyte_wb.live.job_pages import reason_of
from pulumi_airbyte_wb.models import (
    ConnectionRead,
    ConnectionStatus,
    JobConfigType,
    JobRead,
    JobStatus,
    RefreshMode,
    ScheduleType,
    StreamDescriptor,
)
from pulumi_airbyte_wb.plan import Action
from pulumi_airbyte_wb.plan.steps import ClearStreams, Job, RefreshStreams, StartSync, WaitForSync
from pulumi_airbyte_wb.spec.resets import Running, Wait
from pulumi_airbyte_wb.state.pending import InFlight, Required

_PATIENCE = 30
_FILLING = frozenset({JobConfigType.SYNC, JobConfigType.REFRESH})


def run_job(
    context: Context,
    connection: ConnectionRead,
    step: Job,
    newest: int,
) -> None:
    """Order what a step is about, and wait as far as the program wants it.

    Notes with the work the streams whose replacement was ordered and not seen to its end: one that is broken off for
    good must be ordered again, as the next sync would pour its rows into the old ones.

    Args:
        context: what it works with: what to do, and where.
        connection: the connection.
        step: the step.
        newest: the newest job before the update, where jobs are waited for.

    Raises:
        JobError: a job failed, was cancelled, or did not end in time.
    """
    wait, connection_id = context.declaration.resets.wait is not Wait.ACCEPTED, connection.connection_id
    try:
        _run(context, connection, step, newest, wait=wait)
    finally:
        context.session.look_again(connection_id)


def _run(context: Context, connection: ConnectionRead, step: Job, newest: int, *, wait: bool) -> None:
    connection_id = connection.connection_id
    match step:
        case ClearStreams(streams):
            clear(context, connection_id, streams)
        case RefreshStreams(mode, streams):
            before = newest_job(context, connection_id)
            job = _refresh(context, connection_id, list(streams), mode, before, wait=wait)
            seen = follow(context, job, f"re-syncing {names(streams)}", wait=wait)
            if not seen and mode is RefreshMode.TRUNCATE:
                context.ordered.update({stream: InFlight(before, _required(context, stream)) for stream in streams})
        case StartSync(streams):
            follow(context, _sync(context, connection_id), f"filling {names(streams)}", wait=wait)
        case WaitForSync():
            cleared = Action.CLEAR in context.plan.actions().values()
            fill(context, connection, newest_job(context, connection_id) if cleared else newest)
        case _:
            assert_never(step)


def _required(context: Context, stream: StreamDescriptor) -> Required:
    """What called for the replacement of a stream's rows."""
    effect = context.plan.deciding(stream)
    return Required(effect.code, effect.kind, effect.detail)


def clear(context: Context, connection_id: str, streams: Iterable[StreamDescriptor]) -> None:
    """Clear the tables of streams, and wait for that.

    Raises:
        JobError: the job failed, was cancelled, or did not end in time.
    """
    client = context.session.client
    streams = list(streams)
    for job in (entry.job for entry in client.list_jobs(connection_id, limit=5)):
        if job.config_type == JobConfigType.REFRESH and not job.ended and not job.streams() <= set(streams):
            # The server would cancel it, which leaves old rows beside new ones.
            follow(context, job, f"waiting for job {job.id}", wait=True, must=True, succeed=False)
    ask = client.clear_streams if client.capabilities.has("endpoint connections/clear/stream") else client.reset_streams
    follow(context, ask(connection_id, streams), f"clearing {names(streams)}", wait=True, must=True)


def fill(context: Context, connection: ConnectionRead, after: int) -> None:
    """Wait until a sync that began after the job ``after`` has succeeded; the schedule starts it.

    Raises:
        JobError: it failed, was cancelled, or did not end in time.
    """
    doing, connection_id = "filling the tables", connection.connection_id
    if connection.status != ConnectionStatus.ACTIVE or connection.schedule_type == ScheduleType.MANUAL:
        why = "its schedule is manual" if connection.status == ConnectionStatus.ACTIVE else "the connection is inactive"
        context.report.warn(f"{doing}: not waited for, as nothing starts a sync: {why}")
        return
    with _slot(context) as free:
        if not free:
            return
        deadline = _deadline(context)
        while not (started := [j for j in jobs_after(context, connection_id, after) if j.config_type in _FILLING]):
            if time.monotonic() > deadline:
                raise JobError(
                    f"{doing}: no sync has started within {context.declaration.resets.timeout_minutes} minutes; the "
                    "next `pulumi up` waits again, or raise resets timeout_minutes"
                )
            context.report.status(f"{doing}: waiting for the schedule's next sync")
            time.sleep(context.waiting.poll_seconds)
        _await(context, started[0], doing, deadline)


def settle_running(context: Context, connection_id: str) -> bool:
    """Wait for a running sync, or cancel it, as the program says; whether anything was done.

    A clear or a refresh is waited for either way: broken off, it would leave old rows beside new ones.

    Raises:
        JobError: it did not end in time.
    """
    wanted = context.declaration.resets.running
    if wanted is Running.LEAVE:
        return False
    client = context.session.client
    running = [entry.job for entry in client.list_jobs(connection_id, limit=5) if not entry.job.ended]
    for job in running:
        if wanted is Running.CANCEL and job.config_type == JobConfigType.SYNC:
            context.report.info(f"job {job.id} is running: cancelled, as the program says")
            client.cancel_job(job.id)
        sync = job.config_type == JobConfigType.SYNC
        follow(context, job, f"waiting for job {job.id}", wait=True, must=not sync, succeed=False)
    return bool(running)


def newest_job(context: Context, connection_id: str) -> int:
    """The id of the connection's newest job; 0 where it has none."""
    return context.session.history(connection_id).newest_job


def jobs_after(context: Context, connection_id: str, job_id: int) -> list[JobRead]:
    """The connection's newest jobs that were made after one, in their order."""
    found = [entry.job for entry in context.session.client.list_jobs(connection_id, limit=5)]
    return sorted((job for job in found if job.id > job_id), key=lambda job: job.id)


def follow(
    context: Context, job: JobRead | None, doing: str, *, wait: bool, must: bool = False, succeed: bool = True
) -> bool:
    """Say which job does it, and wait for its end where that is wanted; whether the end was seen.

    ``must`` waits although others wait already: what comes next depends on it, and it is short.

    Raises:
        JobError: it failed, was cancelled, or did not end in time.
    """
    if job is None:
        return False
    context.report.info(f"{doing}: job {job.id} accepted")
    with nullcontext(wait) if must or not wait else _slot(context) as waits:
        if waits:
            _await(context, job, doing, _deadline(context), succeed=succeed)
        else:
            context.running.append(job.id)
        return waits


def _deadline(context: Context) -> float:
    return time.monotonic() + context.declaration.resets.timeout_minutes * 60


def _await(context: Context, job: JobRead, doing: str, deadline: float, *, succeed: bool = True) -> None:
    reason = ""
    while not job.ended:
        if time.monotonic() > deadline:
            raise JobError(
                f"{doing}: job {job.id} has not ended within {context.declaration.resets.timeout_minutes} minutes; it "
                "goes on in Airbyte; the next `pulumi up` orders it again, or raise resets timeout_minutes"
            )
        time.sleep(context.waiting.poll_seconds)
        answer = context.session.client.get_job(job.id)
        job, attempt = answer.job, answer.last_attempt()
        reason = reason_of(answer)
        counts = [
            f"{stats.descriptor} {stats.stats.records_emitted or 0:,}"
            for stats in (attempt.stream_stats if attempt else None) or ()
        ]
        context.report.status(f"{doing}: job {job.id} {job.status}{', records: ' if counts else ''}{', '.join(counts)}")
    if job.status != JobStatus.SUCCEEDED and succeed:
        why = f": {reason}" if reason else ""
        raise JobError(
            f"{doing}: job {job.id} {job.status}{why}; see it in Airbyte, then run `pulumi up` to order it again"
        )
    context.report.info(f"{doing}: job {job.id} {job.status}")


def _refresh(
    context: Context, connection_id: str, streams: list[StreamDescriptor], mode: RefreshMode, newest: int, *, wait: bool
) -> JobRead | None:
    """Order a refresh, and find its job where the server does not name it: before 1.2.0, or behind a running job."""
    client = context.session.client
    job = client.refresh_streams(connection_id, streams, mode)
    # With a reset in the queue the server begins with that one, and names it here.
    if job is not None and job.config_type == JobConfigType.REFRESH and job.streams() >= set(streams):
        return job
    started = [each for each in jobs_after(context, connection_id, newest) if each.config_type == JobConfigType.REFRESH]
    if started:
        return started[0]
    context.report.info(f"{names(streams)}: another job is running; they are re-synced by the next one")
    if not wait:
        return None
    for running in (each for each in jobs_after(context, connection_id, 0) if not each.ended):
        follow(context, running, f"waiting for job {running.id}", wait=True, must=True, succeed=False)
    return _sync(context, connection_id)


def _sync(context: Context, connection_id: str) -> JobRead | None:
    """Start a sync; one that was started meanwhile, by the schedule for example, is as good."""
    client = context.session.client
    for _ in range(_PATIENCE):
        try:
            return client.sync(connection_id)
        except ConflictError:
            running = [entry.job for entry in client.list_jobs(connection_id, limit=3) if not entry.job.ended]
            for job in running:
                if job.config_type in _FILLING:
                    context.report.info(f"job {job.id} was started meanwhile")
                    return job
            time.sleep(context.waiting.poll_seconds)
    context.report.warn("the sync that is to fill the tables could not be started; the schedule's next one does it")
    return None


@contextmanager
def _slot(context: Context) -> Iterator[bool]:
    free = context.waiting.slots.acquire(blocking=False)
    try:
        if not free:
            context.report.warn("not waiting for the job: three other resources are waiting already")
        yield free
    finally:
        if free:
            context.waiting.slots.release()
