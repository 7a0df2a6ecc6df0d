"""What a Quartz expression may hold."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.spec.quartz import check_expression


def problem(expression: str) -> str:
    """What is said of an expression; empty where it is taken."""
    try:
        check_expression(expression.split(), "schedule")
    except DeclarationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "expression",
    [
        "0 0 6 * * ?",
        "0 0 6 ? * *",
        "0 0 6 1 * ? 2030",
        "0 0 6 ? * * *",
        "59 59 23 31 12 ? 2099",
        "0 0 0 1 1 ? 1970",
        "0,30 0 6 * * ?",
        "0 */5 * * * ?",
        "0 /5 * * * ?",
        "0 */59 * * * ?",
        "0 0 */23 * * ?",
        "0 0 6 * * ? */129",
        "0 10/20 6 * * ?",
        "0 0 9-17 * * ?",
        "0 0 9-9 * * ?",
        "0 0 22-2 * * ?",
        "0 0 6 ? jan-MAR mon-fri",
        "0 0 6 ? * 1",
        "0 0 6 ? * 7",
        "0 0 6 ? * FRI-MON",
        "0 0 6 1,15 * ?",
        "0 0 6 ? * MON,FRI",
        "0 0 6 L * ?",
        "0 0 6 l * ?",
        "0 0 6 LW * ?",
        "0 0 6 lw * ?",
        "0 0 6 L-1 * ?",
        "0 0 6 L-30 * ?",
        "0 0 6 L-3W * ?",
        "0 0 6 15W * ?",
        "0 0 6 15w * ?",
        "0 0 6 ? * L",
        "0 0 6 ? * 6L",
        "0 0 6 ? * friL",
        "0 0 6 ? * 6#1",
        "0 0 6 ? * MON#5",
        "0 0 6 29 2 ?",
        "0 0 6 30 2,4 ?",
        "0 0 6 31,28 2 ?",
        "0 0 6 31 */2 ?",
        "0 0 6 31 11-2 ?",
    ],
)
def test_what_quartz_takes(expression: str) -> None:
    assert problem(expression) == ""


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("60 0 6 * * ?", "'60' is no second: it goes from 0 to 59"),
        ("0 60 6 * * ?", "'60' is no minute: it goes from 0 to 59"),
        ("0 0 24 * * ?", "'24' is no hour: it goes from 0 to 23"),
        ("0 0 6 0 * ?", "'0' is no day of the month: it goes from 1 to 31"),
        ("0 0 6 32 * ?", "'32' is no day of the month"),
        ("0 0 6 * 13 ?", "'13' is no month: it goes from 1 to 12 or from JAN to DEC"),
        ("0 0 6 ? * 8", "'8' is no day of the week: it goes from 1 (Sunday) to 7, or from SUN to SAT"),
        ("0 0 6 * * ? 1969", "'1969' is no year: it goes from 1970 to 2099"),
        ("0 0 6 * * ? 2100", "'2100' is no year"),
        ("0 0 x * * ?", "'x' is no hour"),
        ("0 0 ٣ * * ?", "is no hour"),
        ("0 0 ² * * ?", "is no hour"),
        ("0 0 6- * * ?", "has no end: '' is no hour"),
        ("0 0 6-x * * ?", "schedule: 'x' is no hour"),
        ("0 0 6-24 * * ?", "schedule: '24' is no hour"),
        ("0 0 -6 * * ?", "has no end: '' is no hour"),
    ],
)
def test_a_number_is_one_of_its_field(expression: str, words: str) -> None:
    assert words in problem(expression)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 0 6 * * *", "must have '?' for either the day of the month or the day of the week"),
        ("0 0 6 ? * ?", "must have '?' for either"),
        ("0 ? 6 * * ?", "stands for a day of the month or of the week alone"),
        ("0 0 6 * ? ?", "stands for a day of the month or of the week alone"),
        ("0 0 6,, * * ?", "has an empty part between commas"),
        ("0 0 6, * * ?", "has an empty part between commas"),
        ("0 0 6 * * ? 2031-2030", "ends before it begins"),
    ],
)
def test_the_form_of_an_expression(expression: str, words: str) -> None:
    assert words in problem(expression)


@pytest.mark.parametrize("step", ["0", "60", "", "x", "٣", "-1"])
def test_a_step_is_a_number_of_its_field(step: str) -> None:
    assert f"has the step {step!r}, and a step goes from 1 to 59" in problem(f"0 */{step} 6 * * ?")


@pytest.mark.parametrize(("expression", "largest"), [("0 0 */24 * * ?", 23), ("0 0 6 * * ? */130", 129)])
def test_the_largest_step(expression: str, largest: int) -> None:
    assert f"a step goes from 1 to {largest};" in problem(expression)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 0 6 L,15 * ?", "puts the last day beside others"),
        ("0 0 6 15,l * ?", "puts the last day beside others"),
        ("0 0 6 ? * 6L,2", "puts the last day beside others"),
        ("0 0 6 ? * FRIL,2", "puts the last day beside others"),
        ("0 0 6 ? * 2#1,6#3", "counts weeks of more than one day"),
        ("0 0 6 ? * 6#0", "names a week that no month has"),
        ("0 0 6 ? * 6#6", "names a week that no month has"),
        ("0 0 6 ? * 8#1", "'8' is no day of the week"),
        ("0 0 6 6#1 * ?", "is possible for the day of the week alone"),
        ("0 0 6 32W * ?", "'32' is no day of the month"),
        ("0 0 6 ? * 3W", "is possible for the day of the month alone"),
        ("0 0 6 L-0 * ?", "is too far from the end of the month"),
        ("0 0 6 L-31 * ?", "is too far from the end of the month"),
        ("0 0 6 ? * L-3", "is possible for the day of the month alone"),
        ("0 0 6 ? * LW", "is possible for the day of the month alone"),
        ("0 0 L * * ?", "is possible for the day of the month or of the week alone"),
        ("0 0 6 3L * ?", "is possible for the day of the week alone"),
        ("0 0 6 ? * 8L", "'8' is no day of the week"),
        ("0 0 6 ? * XXXL", "'XXX' is no day of the week"),
        ("0 0 6 LX * ?", "is no day of the month"),
        ("0 0 6 W * ?", "is no day of the month"),
        ("0 0 6 ? * #3", "is no day of the week"),
    ],
)
def test_days_that_depend_on_the_month(expression: str, words: str) -> None:
    assert words in problem(expression)


@pytest.mark.parametrize("expression", ["0 0 6 30 2 ?", "0 0 6 31 2,4,6,9,11 ?", "0 0 6 30-31 FEB ?", "0 0 6 31 4 ?"])
def test_a_day_that_never_comes(expression: str) -> None:
    assert problem(expression).startswith(f"schedule: {expression!r} never comes: none of these months has that day")
