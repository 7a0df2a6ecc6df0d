"""What re-syncing a stream will cost, by what its jobs have moved so far (semantics §13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pulumi_airbyte_wb.models import JobRead, JobWithAttempts, StreamDescriptor, SyncStats


@dataclass(frozen=True)
class Cost:
    """An estimate.

    Args:
        records: how many records will be read.
        bytes: how many bytes those are.
        seconds: how long the job took that last read everything, ``None`` where the history does not tell.
        complete: whether the history reaches back to that job; else the figures are a lower bound.
    """

    records: int
    bytes: int
    seconds: int | None = None
    complete: bool = True

    def __str__(self) -> str:
        about = "about" if self.complete else "at least"
        took = f"; the last full read took {duration(self.seconds)}" if self.seconds is not None else ""
        return f"{about} {count(self.records)} records, {size(self.bytes)} (by its jobs){took}"


def estimates(
    jobs: Sequence[JobWithAttempts], streams: Iterable[StreamDescriptor]
) -> dict[StreamDescriptor, Cost | None]:
    """The cost of reading streams from the start, each; ``None`` where no job has moved one.

    A full read's figures are the cost. Where later jobs read on from there, theirs are added: rows that changed twice
    count twice, as nothing tells them apart.

    Args:
        jobs: the connection's jobs, newest first, as ``jobs/list`` answers them.
        streams: which streams.
    """
    runs = [_Run(entry.job, entry.job.streams(), _figures(entry), _seconds(entry)) for entry in jobs]
    return {stream: _estimate(runs, stream) for stream in streams}


@dataclass(frozen=True)
class _Run:
    job: JobRead
    about: set[StreamDescriptor]
    figures: Mapping[StreamDescriptor, SyncStats]
    seconds: int | None


def _estimate(runs: Sequence[_Run], stream: StreamDescriptor) -> Cost | None:
    records = volume = 0
    moved = False
    for run in runs:
        job, about = run.job, run.about
        if job.config_type == "reset_connection":
            if stream in about or not about:
                return Cost(records, volume) if moved else None
            continue
        if job.status == "failed":
            continue
        stats = run.figures.get(stream)
        if stats is not None:
            moved = True
            records += stats.records_emitted or stats.records_committed or 0
            volume += stats.bytes_emitted or stats.bytes_committed or 0
        if job.config_type == "refresh" and (stream in about or not about):
            return Cost(records, volume, run.seconds)
    if not moved:
        return None
    first = runs[-1]
    return Cost(records, volume, first.seconds, complete=stream in first.figures)


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of estimates; how long it takes cannot be summed."""
    found = list(costs)
    return Cost(
        sum(cost.records for cost in found),
        sum(cost.bytes for cost in found),
        complete=all(cost.complete for cost in found),
    )


def count(number: int) -> str:
    """``950``, ``12 k``, ``1.2 M``, ``3.4 G``."""
    return _scaled(number, 1000, ("", "k", "M", "G"))


def size(number: int) -> str:
    """``950 B``, ``12 kB``, ``3.4 GB``."""
    return _scaled(number, 1000, ("B", "kB", "MB", "GB", "TB"))


def duration(seconds: int) -> str:
    """``45 s``, ``12 min``, ``2 h 10 min``, ``3 d 4 h``."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _scaled(number: int, step: int, units: tuple[str, ...]) -> str:
    value, index = float(number), 0
    while value >= step and index < len(units) - 1:
        value, index = value / step, index + 1
    text = f"{value:.1f}" if index and value < 10 else f"{value:.0f}"
    return f"{text} {units[index]}".strip()


def _figures(entry: JobWithAttempts) -> dict[StreamDescriptor, SyncStats]:
    attempt = entry.last_attempt()
    of_attempt = {stats.descriptor: stats.stats for stats in (attempt.stream_stats if attempt else None) or ()}
    of_job = {totals.descriptor: totals.stats for totals in entry.job.stream_aggregated_stats or ()}
    return of_attempt | of_job


def _seconds(entry: JobWithAttempts) -> int | None:
    job: JobRead = entry.job
    attempt = entry.last_attempt()
    ended = (attempt.ended_at if attempt else None) or job.updated_at
    started = job.started_at or job.created_at
    return max(0, ended - started) if ended and started and job.ended else None
