"""What a re-sync costs, by the jobs so far."""

from collections.abc import Mapping

import pytest

from pulumi_airbyte_wb.models import JobWithAttempts, StreamDescriptor, StreamTotals
from pulumi_airbyte_wb.plan.costs import Cost, count, duration, estimates, size, total

USERS = StreamDescriptor("public", "users")


def job(
    kind: str,
    records: int | None = None,
    *,
    about: bool = False,
    others: bool = False,
    seconds: int = 60,
    status: str = "succeeded",
) -> JobWithAttempts:
    named = ["users"] * about + ["events"] * others
    described = [{"name": name, "namespace": "public"} for name in named]
    figures = {"streamName": "users", "streamNamespace": "public", "recordsEmitted": records, "bytesEmitted": 10}
    return JobWithAttempts.model_validate(
        {
            "job": {
                "id": 1,
                "configType": kind,
                "status": status,
                "createdAt": 1000,
                "updatedAt": 1000 + seconds,
                "resetConfig": {"streamsToReset": described} if kind == "reset_connection" else None,
                "refreshConfig": {"streamsToRefresh": described} if kind == "refresh" else None,
            },
            "attempts": [
                {"id": 0, "status": "succeeded", "streamStats": _stats(figures) if records is not None else []}
            ],
        }
    )


def totals(*figures: Mapping[str, object]) -> list[StreamTotals]:
    return [StreamTotals.model_validate(each) for each in figures]


def _stats(figures: Mapping[str, object]) -> list[dict[str, object]]:
    return [{"streamName": "users", "streamNamespace": "public", "stats": figures}]


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ([], None),
        ([job("sync")], None),
        ([job("sync", 5), job("sync", 100, seconds=90)], Cost(105, 20, 90)),
        ([job("sync", 5), job("refresh", 100, about=True, seconds=30), job("sync", 7)], Cost(105, 20, 30)),
        ([job("sync", 5), job("sync", 100), job("reset_connection", about=True), job("sync", 7)], Cost(105, 20)),
        ([job("sync", 5), job("sync")], Cost(5, 10, 60, complete=False)),
        ([job("reset_connection", about=True), job("sync", 7)], None),
        ([job("sync", 5), job("reset_connection"), job("sync", 7)], Cost(5, 10)),
        ([job("sync", 5), job("reset_connection", others=True), job("sync", 7)], Cost(12, 20, 60)),
        ([job("sync", 5), job("refresh", 100), job("sync", 7)], Cost(105, 20, 60)),
        ([job("sync", 5), job("refresh", others=True), job("sync", 7)], Cost(12, 20, 60)),
        ([job("sync", 5, status="failed"), job("sync", 7)], Cost(7, 10, 60)),
        ([job("sync", 5), job("sync", 7, status="running")], Cost(12, 20)),
    ],
)
def test_an_estimate_reaches_back_to_the_last_full_read(jobs: list[JobWithAttempts], expected: Cost | None) -> None:
    assert estimates(jobs, [USERS])[USERS] == expected


def test_an_estimate_is_one_sentence() -> None:
    assert (
        str(Cost(1_234_567, 3_400_000_000, 7800))
        == "about 1.2 M records, 3.4 GB (by its jobs); the last full read took 2 h 10 min"
    )
    assert str(total([Cost(900, 50), Cost(100, 7, complete=False)])) == ("at least 1.0 k records, 57 B (by its jobs)")


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (7, "7"), (999, "999"), (1000, "1.0 k"), (10_000, "10 k"), (12_345, "12 k"), (10**12, "1000 G")],
)
def test_counts(number: int, text: str) -> None:
    assert count(number) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (2 * 10**15, "2000 TB")])
def test_sizes(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (720, "12 min"), (7800, "2 h 10 min"), (273_600, "3 d 4 h")])
def test_durations(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_figures_of_the_job_itself_go_before_those_of_its_attempt() -> None:
    entry = job("sync", 7)
    entry.job.stream_aggregated_stats = totals(
        {"streamName": "events", "streamNamespace": "public", "recordsEmitted": 1, "bytesEmitted": 1},
        {"streamName": "users", "streamNamespace": "public", "recordsEmitted": 9, "bytesEmitted": 3},
    )
    assert estimates([entry], [USERS])[USERS] == Cost(9, 3, 60)


def test_an_attempt_says_when_it_ended() -> None:
    entry = job("sync", 7, seconds=500)
    entry.attempts[0].ended_at = 1020
    assert estimates([entry], [USERS])[USERS] == Cost(7, 10, 20)


def test_records_that_were_written_count_where_nothing_says_how_many_were_read() -> None:
    entry = job("sync", 0)
    entry.job.stream_aggregated_stats = totals(
        {"streamName": "users", "streamNamespace": "public", "recordsCommitted": 8, "bytesCommitted": 4}
    )
    assert estimates([entry], [USERS])[USERS] == Cost(8, 4, 60)
    entry.job.stream_aggregated_stats = totals({"streamName": "users", "streamNamespace": "public"})
    assert estimates([entry], [USERS])[USERS] == Cost(0, 0, 60)


def test_a_job_without_attempts_has_moved_nothing() -> None:
    entry = job("sync", 7)
    entry.attempts.clear()
    assert estimates([entry], [USERS])[USERS] is None
    entry.job.stream_aggregated_stats = totals(
        {"streamName": "users", "streamNamespace": "public", "recordsEmitted": 3}
    )
    assert estimates([entry], [USERS])[USERS] == Cost(3, 0, 60)


def test_a_job_says_when_it_really_began() -> None:
    entry = job("sync", 7, seconds=500)
    entry.job.started_at = 1400
    assert estimates([entry], [USERS])[USERS] == Cost(7, 10, 100)
    entry.job.started_at = 1600
    assert estimates([entry], [USERS])[USERS] == Cost(7, 10, 0)


@pytest.mark.parametrize("times", [{"created_at": None}, {"updated_at": None}, {"status": "running"}])
def test_a_job_that_does_not_say_how_long_it_took(times: dict[str, object]) -> None:
    entry = job("sync", 7)
    entry.job = entry.job.model_copy(update=times)
    assert estimates([entry], [USERS])[USERS] == Cost(7, 10, None)


def test_a_sum_is_complete_where_all_its_parts_are() -> None:
    assert total([Cost(1, 2, 3), Cost(4, 5)]) == Cost(5, 7)
    assert total([]) == Cost(0, 0)
