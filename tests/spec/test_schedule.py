"""Schedules as lines, there and back."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import BasicSchedule, CronSchedule, ScheduleData, ScheduleType
from pulumi_airbyte_wb.spec.schedule import parse_schedule, schedule_line


def basic(units: int, unit: str) -> ScheduleData:
    return ScheduleData(basic_schedule=BasicSchedule(units=units, time_unit=unit))


def cron(expression: str, zone: str) -> ScheduleData:
    return ScheduleData(cron=CronSchedule(cron_expression=expression, cron_time_zone=zone))


@pytest.mark.parametrize(
    ("line", "kind", "data", "canonical"),
    [
        ("manual", ScheduleType.MANUAL, None, "manual"),
        (" manual ", ScheduleType.MANUAL, None, "manual"),
        ("every 6 hours", ScheduleType.BASIC, basic(6, "hours"), "every 6 hours"),
        ("every 1 hour", ScheduleType.BASIC, basic(1, "hours"), "every 1 hours"),
        ("every  010 minutes", ScheduleType.BASIC, basic(10, "minutes"), "every 10 minutes"),
        ("every 2147483647 days", ScheduleType.BASIC, basic(2**31 - 1, "days"), "every 2147483647 days"),
        ("cron 0 0 6 * * ? UTC", ScheduleType.CRON, cron("0 0 6 * * ?", "UTC"), "cron 0 0 6 * * ? UTC"),
        (
            "cron  0 0 6 * *  ? 2030 Europe/Berlin",
            ScheduleType.CRON,
            cron("0 0 6 * * ? 2030", "Europe/Berlin"),
            "cron 0 0 6 * * ? 2030 Europe/Berlin",
        ),
    ],
)
def test_a_line_is_read_and_written(line: str, kind: ScheduleType, data: ScheduleData | None, canonical: str) -> None:
    assert parse_schedule(line) == (kind, data)
    assert schedule_line(kind, data) == canonical


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "is not a schedule"),
        ("manual now", "is not a schedule"),
        ("hourly", "is not a schedule"),
        ("every", "does not say how often"),
        ("every hour", "does not say how often"),
        ("every 2 long hours", "does not say how often"),
        ("every x hours", "does not say how often"),
        ("every ٣ hours", "does not say how often"),
        ("every ² hours", "does not say how often"),
        ("every 00 hours", "does not say how often"),
        ("every 2147483648 hours", "is a longer interval than the server can store"),
        ("every 00000000001 hours", "is a longer interval than the server can store"),
        ("every 2 huors", "did you mean 'hours'?"),
        ("every 2 zzz", "use minutes, hours, days, weeks, months"),
        ("cron 0 0 6 * UTC", "takes the six or seven fields"),
        ("cron 0 0 6 * * ? 2030 2031 UTC", "takes the six or seven fields"),
        ("cron 0 0 6 * * ? Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("cron 0 0 6 * * ? Etc/GMT+1", "is not a time zone that the server takes"),
        ("cron 0 0 6 * * ? 2030", "use a name such as 'Europe/Berlin' or 'UTC'"),
        ("cron 0 0 24 * * ? UTC", "is no hour"),
    ],
)
def test_a_line_that_is_no_schedule(line: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        parse_schedule(line, "s")
    assert caught.value.path == "s"
    assert words in caught.value.reason


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (None, None),
        (None, basic(6, "hours")),
        ("manual", basic(6, "hours")),
        ("manual", cron("0 0 6 * * ?", "UTC")),
        ("basic", None),
        ("basic", cron("0 0 6 * * ?", "UTC")),
        ("cron", None),
        ("cron", basic(6, "hours")),
    ],
)
def test_what_the_server_answers_without_its_part_is_manual(kind: str | None, data: ScheduleData | None) -> None:
    assert schedule_line(kind, data) == "manual"


def test_an_expression_is_one_whatever_its_spaces() -> None:
    assert schedule_line("cron", cron(" 0 0  6 * * ? ", "UTC")) == "cron 0 0 6 * * ? UTC"
