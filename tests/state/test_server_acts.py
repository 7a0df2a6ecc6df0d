"""What Airbyte did by itself, as state keeps it: read back as it was written, anything else is refused by its path."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.errors import DeclarationError, PlanError
from pulumi_airbyte_wb.state.server_acts import FailedJob, Pause, read_pause

FAILED = FailedJob(7, "failed", ("public.users", "public.events"), "out of disk", "http://airbyte/jobs/7")


@pytest.mark.parametrize("job", [FAILED, FailedJob(0, "cancelled", (), "", "")])
def test_a_failed_job_comes_back_as_it_was(job: FailedJob) -> None:
    assert FailedJob.read(job.record(), "failed") == job


def test_a_failed_job_is_kept_in_words_of_the_api() -> None:
    assert FAILED.record() == {
        "job": "7",
        "status": "failed",
        "streams": ["public.users", "public.events"],
        "reason": "out of disk",
        "page": "http://airbyte/jobs/7",
    }


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"job": "seven"}, "failed.job"),
        ({"job": 7}, "failed.job"),
        ({"streams": "public.users"}, "failed.streams"),
        ({"reason": 1}, "failed.reason"),
    ],
)
def test_another_value_is_refused_by_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        FailedJob.read({**FAILED.record(), **changes}, "failed")
    assert str(caught.value).startswith(path)


def test_what_only_a_newer_version_knows_is_not_dropped() -> None:
    with pytest.raises(PlanError):
        FailedJob.read({**FAILED.record(), "attempts": 3}, "failed")


@pytest.mark.parametrize("pause", list(Pause))
def test_a_pause_comes_back_as_it_was(pause: Pause) -> None:
    assert read_pause(pause.value, "paused_by") is pause


def test_another_pause_is_refused_by_its_path() -> None:
    with pytest.raises(DeclarationError, match=r"^paused_by"):
        read_pause("weather", "paused_by")
