"""Jobs and their figures (semantics §13)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pulumi_airbyte_wb.models.base import ReadModel
from pulumi_airbyte_wb.models.catalog import StreamDescriptor

ENDED = frozenset({"succeeded", "failed", "cancelled"})


class SyncStats(ReadModel):
    """Records and bytes of an attempt or of one of its streams."""

    records_emitted: int | None = None
    bytes_emitted: int | None = None
    records_committed: int | None = None
    bytes_committed: int | None = None
    estimated_records: int | None = None
    estimated_bytes: int | None = None


class StreamStats(ReadModel):
    """The figures of one stream within an attempt."""

    stream_name: str
    stream_namespace: str | None = None
    stats: SyncStats = Field(default_factory=SyncStats)

    @property
    def descriptor(self) -> StreamDescriptor:
        """Which stream this is."""
        return StreamDescriptor(self.stream_namespace, self.stream_name)


class AttemptRead(ReadModel):
    """One try of a job; times are epoch seconds."""

    id: int = 0
    status: str = ""
    created_at: int | None = None
    updated_at: int | None = None
    ended_at: int | None = None
    total_stats: SyncStats | None = None
    stream_stats: list[StreamStats] | None = None
    failure_summary: dict[str, Any] | None = None


class JobRead(ReadModel):
    """A job; times are epoch seconds."""

    id: int
    config_type: str = ""
    config_id: str | None = None
    status: str = ""
    created_at: int | None = None
    updated_at: int | None = None
    started_at: int | None = None
    reset_config: dict[str, Any] | None = None
    refresh_config: dict[str, Any] | None = None
    enabled_streams: list[dict[str, Any]] | None = None
    stream_aggregated_stats: list[dict[str, Any]] | None = None

    @property
    def ended(self) -> bool:
        """Whether it will not change any more."""
        return self.status in ENDED

    def streams(self) -> set[StreamDescriptor]:
        """The streams that a reset or refresh job is for; empty for a sync."""
        listed = (
            (self.reset_config or {}).get("streamsToReset") or (self.refresh_config or {}).get("streamsToRefresh") or []
        )
        return {StreamDescriptor(entry.get("namespace"), entry["name"]) for entry in listed}

    def enabled(self) -> set[StreamDescriptor]:
        """The streams that the connection had when the job was made."""
        return {StreamDescriptor(entry.get("namespace"), entry["name"]) for entry in self.enabled_streams or ()}


class JobWithAttempts(ReadModel):
    """A job with its attempts, as ``jobs/list`` and ``jobs/get`` answer."""

    job: JobRead
    attempts: list[Any] = Field(default_factory=list)

    def last_attempt(self) -> AttemptRead | None:
        """The newest attempt: ``jobs/get`` wraps each in ``{"attempt": …, "logs": …}``, ``jobs/list`` does not."""
        if not self.attempts:
            return None
        return _attempt(self.attempts[-1])

    def moved(self) -> set[StreamDescriptor]:
        """The streams that an attempt has moved; of an attempt that tells nothing it is not known, so each may be."""
        moved: set[StreamDescriptor] = set()
        for attempt in self.attempts:
            stats = _attempt(attempt).stream_stats
            moved |= {each.descriptor for each in stats} if stats else self.job.enabled()
        return moved


def _attempt(answer: Any) -> AttemptRead:
    return AttemptRead.model_validate(answer.get("attempt", answer))
