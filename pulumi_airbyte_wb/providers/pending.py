"""What waits at the server: resets that an inactive connection was ordered, and sync state of the old kind."""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.models import ConnectionRead, ConnectionStatus, JobConfigType, JobStatus, StateType
from pulumi_airbyte_wb.models import StreamDescriptor as Stream
from pulumi_airbyte_wb.plan import Action, Declaration
from pulumi_airbyte_wb.providers.session import Session

_REACH = 200


def with_pending(session: Session, connection: ConnectionRead, live: Declaration) -> Declaration:
    """``live`` with what waits at the server for the connection."""
    waiting = {stream: action.word for stream, action in queued(session, connection).items()}
    return replace(live, queued=waiting, legacy=has_legacy_state(session, connection.connection_id))


def with_outcome(session: Session, connection: ConnectionRead, live: Declaration) -> Declaration:
    """``live`` once it was seen what came of the replacements that were ordered; a failed one is due again.

    Asks for jobs only where an update did not wait for them.
    """
    if not live.ordered:
        return live
    waiting, failed = dict(live.ordered), dict(live.due)
    jobs = session.client.list_jobs(connection.connection_id, limit=_REACH)
    for entry in jobs:
        job = entry.job
        if job.config_type not in {JobConfigType.RESET_CONNECTION, JobConfigType.REFRESH} or not job.ended:
            continue
        about = job.streams() or waiting.keys()
        for stream in [stream for stream, order in waiting.items() if stream in about and job.id > order.after]:
            order = waiting.pop(stream)
            if job.status != JobStatus.SUCCEEDED:
                failed.setdefault(stream, order.required)
    if jobs and len(jobs) == _REACH:
        # It is older than the history that the server tells: no refresh will ever see it succeed.
        oldest = min(entry.job.id for entry in jobs)
        for stream in [stream for stream, order in waiting.items() if order.after < oldest]:
            failed.setdefault(stream, waiting.pop(stream).required)
    return replace(live, ordered=waiting, due=failed)


def queued(session: Session, connection: ConnectionRead) -> dict[Stream, Action]:
    """The streams that Airbyte itself clears or re-syncs as soon as the connection is active (semantics §9.5).

    A reset that did not succeed stays queued; a refresh that was cancelled has dropped the sync state already. Asks for
    the jobs of inactive connections only.
    """
    if connection.status != ConnectionStatus.INACTIVE:
        return {}
    configured = connection.sync_catalog.selected().keys()
    found: dict[Stream, Action] = {}
    done: set[Stream] = set()
    for entry in session.client.list_jobs(connection.connection_id, limit=_REACH):
        job = entry.job
        about = (job.streams() or set(configured)) & configured
        if job.config_type not in {JobConfigType.RESET_CONNECTION, JobConfigType.REFRESH}:
            # A sync reads what a cancelled refresh would have; it cannot come before a queued reset.
            done |= set(configured) if job.status == JobStatus.SUCCEEDED else set()
            continue
        if job.ended and job.status != JobStatus.SUCCEEDED:
            reset = job.config_type == JobConfigType.RESET_CONNECTION
            found |= dict.fromkeys(about - done - found.keys(), Action.CLEAR if reset else Action.MERGE)
        done |= about
    return found


def has_legacy_state(session: Session, connection_id: str) -> bool:
    """Whether a reset of one stream clears them all: sync state of the old kind on a server up to 0.59.1 (§5.3)."""
    client = session.client
    if not client.capabilities.has("resets.allOfLegacyState"):
        return False
    return client.get_state_type(connection_id) is StateType.LEGACY
