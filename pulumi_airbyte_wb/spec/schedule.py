"""Schedules as one line: ``manual``, ``every 6 hours``, ``cron 0 0 6 * * ? UTC``."""

from __future__ import annotations

import zoneinfo

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import BasicSchedule, CronSchedule, ScheduleData, ScheduleType, TimeUnit
from pulumi_airbyte_wb.spec.quartz import check_expression

_LARGEST = 2**31 - 1
_FORMS = "write 'manual', 'every 6 hours' or 'cron 0 0 6 * * ? UTC'"


def parse_schedule(line: str, path: str = "schedule") -> tuple[ScheduleType, ScheduleData | None]:
    """The API's two fields for a schedule line.

    Raises:
        DeclarationError: with the part that is wrong. The server checks cron expressions and zones itself too, but only
            when the update is under way.
    """
    kind, _, rest = line.strip().partition(" ")
    words = rest.split()
    if kind == "manual" and not words:
        return ScheduleType.MANUAL, None
    if kind == "every":
        return ScheduleType.BASIC, ScheduleData(basic_schedule=_basic(words, line, path))
    if kind == "cron":
        return ScheduleType.CRON, ScheduleData(cron=_cron(words, line, path))
    raise DeclarationError(path, line, "is not a schedule", _FORMS)


def schedule_line(kind: str | None, data: ScheduleData | None) -> str:
    """The canonical line of a schedule as the server answers it."""
    if kind == ScheduleType.CRON and data and data.cron:
        return f"cron {' '.join(data.cron.cron_expression.split())} {data.cron.cron_time_zone}"
    if kind == ScheduleType.BASIC and data and data.basic_schedule:
        return f"every {data.basic_schedule.units} {data.basic_schedule.time_unit}"
    return "manual"


def _basic(words: list[str], line: str, path: str) -> BasicSchedule:
    if len(words) != 2 or not (words[0].isascii() and words[0].isdecimal()) or not words[0].strip("0"):
        raise DeclarationError(path, line, "does not say how often", "write 'every 6 hours'")
    if len(words[0]) > 10 or int(words[0]) > _LARGEST:
        raise DeclarationError(
            path, line, "is a longer interval than the server can store", f"write at most {_LARGEST}"
        )
    unit = words[1] if words[1].endswith("s") else f"{words[1]}s"
    if unit not in set(TimeUnit):
        hint = nearest(unit, TimeUnit) or f"use {', '.join(TimeUnit)}"
        raise DeclarationError(path, words[1], "is not a unit of time", hint)
    return BasicSchedule(units=int(words[0]), time_unit=unit)


def _cron(words: list[str], line: str, path: str) -> CronSchedule:
    if len(words) not in {7, 8}:
        raise DeclarationError(
            path,
            line,
            "is not a cron schedule: it takes the six or seven fields of a Quartz expression and a time zone",
            "write for example 'cron 0 0 6 * * ? UTC'",
        )
    *expression, zone = words
    zones = {name for name in zoneinfo.available_timezones() if not name.lower().startswith("etc")}
    if zone not in zones:
        hint = nearest(zone, zones) or "use a name such as 'Europe/Berlin' or 'UTC'"
        raise DeclarationError(path, zone, "is not a time zone that the server takes", hint)
    check_expression(expression, path)
    return CronSchedule(cron_expression=" ".join(expression), cron_time_zone=zone)
