"""What waits at the server: resets that an inactive connection was ordered, and sync state of the old kind."""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.live.history import REACH
from pulumi_airbyte_wb.live.job_pages import page_of, reason_of
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, ConnectionStatus, JobConfigType, JobStatus, StateType
from pulumi_airbyte_wb.models import StreamDescriptor as Stream
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import InFlight, Required, ServerQueued, Unsynced
from pulumi_airbyte_wb.state.server_acts import FailedJob


def still_unsynced(session: Session, connection: ConnectionRead, noted: Baseline) -> dict[Stream, Unsynced]:
    """The changes that no sync was seen to follow; asks for jobs only where some are noted."""
    waiting = noted.memory.of(Unsynced)
    if not waiting:
        return {}
    jobs = session.history(connection.connection_id).jobs
    return {
        stream: each
        for stream, each in waiting.items()
        if not any(stream in entry.moved() for entry in jobs if entry.job.id > each.after_job)
    }


def with_outcome(session: Session, connection: ConnectionRead, live: Baseline) -> Baseline:
    """``live`` once it was seen what came of the replacements that were ordered; a failed one is due again.

    Asks for jobs only where an update did not wait for them.
    """
    live = replace(live, memory=live.memory.having(Unsynced, still_unsynced(session, connection, live)))
    if not live.memory.of(Required):
        live = replace(live, memory=replace(live.memory, failed=None))
    if not live.memory.of(InFlight):
        return live
    waiting, failed = live.memory.of(InFlight), live.memory.of(Required)
    jobs = session.history(connection.connection_id).jobs
    seen: list[FailedJob] = []
    for entry in jobs:
        job = entry.job
        if job.config_type not in {JobConfigType.RESET_CONNECTION, JobConfigType.REFRESH} or not job.ended:
            continue
        about = job.streams() or waiting.keys()
        done = [stream for stream, order in waiting.items() if stream in about and job.id > order.after_job]
        if done and job.status != JobStatus.SUCCEEDED:
            failed = {**{stream: waiting[stream].required for stream in done}, **failed}
            page = page_of(session, connection.connection_id, connection.source_id)
            keys = tuple(sorted(stream.key for stream in done))
            seen.append(FailedJob(job.id, job.status, keys, reason_of(entry), page))
        waiting = {stream: order for stream, order in waiting.items() if stream not in done}
    if jobs and len(jobs) == REACH:
        # It is older than the history that the server tells: no refresh will ever see it succeed.
        oldest = min(entry.job.id for entry in jobs)
        for stream in [stream for stream, order in waiting.items() if order.after_job < oldest]:
            failed.setdefault(stream, waiting.pop(stream).required)
    memory = replace(live.memory, failed=seen[0]) if seen else live.memory
    return replace(live, memory=memory.having(InFlight, waiting).having(Required, failed))


def queued(session: Session, connection: ConnectionRead) -> dict[Stream, ServerQueued]:
    """The streams that Airbyte itself clears or reads again as soon as the connection is active (semantics §9.5).

    A reset that did not succeed stays queued; a refresh that was cancelled has dropped the sync state already. Asks for
    the jobs of inactive connections only.
    """
    if connection.status != ConnectionStatus.INACTIVE:
        return {}
    configured = connection.sync_catalog.selected().keys()
    found: dict[Stream, ServerQueued] = {}
    done: set[Stream] = set()
    for entry in session.history(connection.connection_id).jobs:
        job = entry.job
        about = (job.streams() or set(configured)) & configured
        if job.config_type not in {JobConfigType.RESET_CONNECTION, JobConfigType.REFRESH}:
            # A sync reads what a cancelled refresh would have; it cannot come before a queued reset.
            done |= set(configured) if job.status == JobStatus.SUCCEEDED else set()
            continue
        if job.ended and job.status != JobStatus.SUCCEEDED:
            reset = job.config_type == JobConfigType.RESET_CONNECTION
            found |= dict.fromkeys(about - done - found.keys(), ServerQueued(clears=reset))
        done |= about
    return found


def has_legacy_state(session: Session, connection_id: str) -> bool:
    """Whether a reset of one stream clears them all: sync state of the old kind on a server up to 0.59.1 (§5.3)."""
    if not session.client.capabilities.has("resets.allOfLegacyState"):
        return False
    return session.history(connection_id).state_type is StateType.LEGACY
