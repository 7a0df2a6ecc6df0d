"""Why a job failed, in its own words, and where Airbyte shows it."""

from __future__ import annotations

from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import JobWithAttempts

_LONGEST = 300


def reason_of(entry: JobWithAttempts) -> str:
    """What the last attempt of a job says of its failure, on one line; empty where it says nothing."""
    attempt = entry.last_attempt()
    summary = attempt.failure_summary if attempt else None
    for failure in summary.failures if summary else ():
        message = " ".join((failure.external_message or failure.internal_message or "").split())
        about = ", ".join(part for part in (failure.failure_origin, failure.failure_type) if part)
        if message:
            short = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
            return f"{short} ({about})" if about else short
    return ""


def page_of(session: Session, connection_id: str, source_id: str) -> str:
    """The address of the page of a connection's jobs in Airbyte's web app, as it is where that is beside its API."""
    workspace = session.source(source_id).workspace_id or ""
    view = "timeline" if session.client.capabilities.has("page.timeline") else "job-history"
    app = session.client.settings.base_url.removesuffix("/api/v1")
    return f"{app}/workspaces/{workspace}/connections/{connection_id}/{view}"
