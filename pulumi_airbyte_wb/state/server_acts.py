"""What a refresh has seen Airbyte do, or fail to do: told by every preview until it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.spec.inputs import mapping, names, noted_text
from pulumi_airbyte_wb.state.record import check_known


class Pause(StrEnum):
    """Why Airbyte itself has paused a connection."""

    SCHEMA = "schema"
    FAILURES = "failures"


@dataclass(frozen=True)
class FailedJob:
    """A re-sync that did not succeed, although its rows have to be replaced.

    Args:
        job_id: the job, as Airbyte numbers it.
        status: how it ended.
        streams: the keys of the streams that it was about.
        reason: why, in the job's own words; empty where it tells none.
        page: the address of the page that shows it.
    """

    job_id: int
    status: str
    streams: tuple[str, ...]
    reason: str
    page: str

    def record(self) -> dict[str, Any]:
        """As state keeps it."""
        return {
            "job": str(self.job_id),
            "status": self.status,
            "streams": list(self.streams),
            "reason": self.reason,
            "page": self.page,
        }

    @classmethod
    def read(cls, value: object, path: str) -> FailedJob:
        """Read what ``record`` gave.

        Raises:
            DeclarationError: it is something else.
            PlanError: it holds what only a newer version of this package knows.
        """
        given: Mapping[str, Any] = mapping(value, path)
        check_known(given, ("job", "status", "streams", "reason", "page"), path)
        texts = {name: noted_text(given.get(name), f"{path}.{name}") for name in ("job", "status", "reason", "page")}
        if not texts["job"].isdecimal():
            raise DeclarationError(f"{path}.job", texts["job"], "is not the number of a job")
        streams = names(given.get("streams", ()), f"{path}.streams")
        return cls(int(texts["job"]), texts["status"], streams, texts["reason"], texts["page"])


def read_pause(value: object, path: str) -> Pause:
    """Why Airbyte has paused a connection, as state keeps it.

    Raises:
        DeclarationError: it is something else.
    """
    try:
        return Pause(noted_text(value, path))
    except ValueError:
        raise DeclarationError(path, value, "is no reason for which Airbyte pauses") from None
