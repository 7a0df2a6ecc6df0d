"""Jobs and their figures (semantics §13)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pulumi_airbyte_wb.models.base import ReadModel
from pulumi_airbyte_wb.models.names import StreamDescriptor

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


class StreamName(ReadModel):
    """A stream as answers name it."""

    name: str
    namespace: str | None = None

    @property
    def descriptor(self) -> StreamDescriptor:
        """Which stream this is."""
        return StreamDescriptor(self.namespace, self.name)


class StreamTotals(ReadModel):
    """The figures of one stream over all attempts of a job (server 0.57 on)."""

    stream_name: str = ""
    stream_namespace: str | None = None
    records_emitted: int | None = None
    bytes_emitted: int | None = None
    records_committed: int | None = None
    bytes_committed: int | None = None

    @property
    def descriptor(self) -> StreamDescriptor:
        """Which stream this is."""
        return StreamDescriptor(self.stream_namespace, self.stream_name)

    @property
    def stats(self) -> SyncStats:
        """Its figures alone."""
        return SyncStats.model_validate(self.model_dump(include=set(SyncStats.model_fields)))


class ResetConfig(ReadModel):
    """What a reset or a clear is for."""

    streams_to_reset: list[StreamName] | None = None


class RefreshConfig(ReadModel):
    """What a refresh is for."""

    streams_to_refresh: list[StreamName] | None = None


class FailureReason(ReadModel):
    """Why an attempt failed: the words for users, and where the failure came from."""

    failure_origin: str | None = None
    failure_type: str | None = None
    external_message: str | None = None
    internal_message: str | None = None


class FailureSummary(ReadModel):
    """The failures of an attempt, the first one first."""

    failures: list[FailureReason] = Field(default_factory=list)


class AttemptRead(ReadModel):
    """One try of a job; times are epoch seconds."""

    id: int = 0
    status: str = ""
    created_at: int | None = None
    updated_at: int | None = None
    ended_at: int | None = None
    total_stats: SyncStats | None = None
    stream_stats: list[StreamStats] | None = None
    failure_summary: FailureSummary | None = None


class JobRead(ReadModel):
    """A job; times are epoch seconds."""

    id: int
    config_type: str = ""
    config_id: str | None = None
    status: str = ""
    created_at: int | None = None
    updated_at: int | None = None
    started_at: int | None = None
    reset_config: ResetConfig | None = None
    refresh_config: RefreshConfig | None = None
    enabled_streams: list[StreamName] | None = None
    stream_aggregated_stats: list[StreamTotals] | None = None

    @property
    def ended(self) -> bool:
        """Whether it will not change any more."""
        return self.status in ENDED

    def streams(self) -> set[StreamDescriptor]:
        """The streams that a reset or refresh job is for; empty for a sync."""
        reset = self.reset_config.streams_to_reset if self.reset_config else None
        refreshed = self.refresh_config.streams_to_refresh if self.refresh_config else None
        return {each.descriptor for each in reset or refreshed or ()}

    def enabled(self) -> set[StreamDescriptor]:
        """The streams that the connection had when the job was made."""
        return {each.descriptor for each in self.enabled_streams or ()}


def _unwrapped(attempt: Any) -> Any:
    """``jobs/get`` wraps each attempt in ``{"attempt": …, "logs": …}``, ``jobs/list`` does not."""
    return attempt.get("attempt", attempt) if isinstance(attempt, dict) else attempt


class JobWithAttempts(ReadModel):
    """A job with its attempts, as ``jobs/list`` and ``jobs/get`` answer."""

    job: JobRead
    attempts: list[Annotated[AttemptRead, BeforeValidator(_unwrapped)]] = Field(default_factory=list)

    def last_attempt(self) -> AttemptRead | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None

    def moved(self) -> set[StreamDescriptor]:
        """The streams that an attempt has moved; of an attempt that tells nothing it is not known, so each may be."""
        moved: set[StreamDescriptor] = set()
        for attempt in self.attempts:
            stats = attempt.stream_stats
            moved |= {each.descriptor for each in stats} if stats else self.job.enabled()
        return moved
