"""Schedules as a program declares them; the results are plain lines, so that a stack's config may hold them too."""

from __future__ import annotations

from typing import Literal

TimeUnitName = Literal["minutes", "hours", "days", "weeks", "months"]


def manual() -> str:
    """Sync only on request: from Airbyte's page, or by its API."""
    return "manual"


def every(units: int, time_unit: TimeUnitName) -> str:
    """Sync every so many minutes, hours, days, weeks or months; the first time at once."""
    return f"every {units} {time_unit}"


def cron(expression: str, time_zone: str = "UTC") -> str:
    """Sync by a Quartz expression (``"0 0 6 * * ?"``: at six every day) in a time zone such as ``Europe/Berlin``."""
    return f"cron {expression} {time_zone}"
