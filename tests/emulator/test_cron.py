"""The parts of Quartz expressions that name a day by the month that it is in."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from pulumi_airbyte_wb.emulator.connection.cron import parse_cron


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("0 0 6 L * ?", ["01-31", "02-28", "03-31"]),
        ("0 0 6 LW * ?", ["01-30", "02-27", "03-31"]),
        ("0 0 6 L-3 * ?", ["01-28", "02-25", "03-28"]),
        ("0 0 6 15W * ?", ["01-15", "02-16", "03-16"]),
        ("0 0 6 1W * ?", ["01-01", "02-02", "03-02"]),
        ("0 0 6 31W * ?", ["01-30", "03-31", "05-29"]),
        ("0 0 6 ? * 6#3", ["01-16", "02-20", "03-20"]),
        ("0 0 6 ? * mon#1", ["01-05", "02-02", "03-02"]),
        ("0 0 6 ? * 6#5", ["01-30", "05-29", "07-31"]),
        ("0 0 6 ? * friL", ["01-30", "02-27", "03-27"]),
        ("0 0 6 ? * L", ["01-03", "01-10", "01-17"]),
        ("0 0 6 29 2 ?", ["02-29"]),
    ],
)
def test_days_that_depend_on_the_month(expression: str, days: list[str]) -> None:
    fires = parse_cron(expression).fires(datetime(2026, 1, 1, tzinfo=UTC))
    assert [fire.strftime("%m-%d") for fire in islice(fires, len(days))] == days
