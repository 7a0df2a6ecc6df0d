"""Quartz cron expressions, held against what Quartz itself takes.

Stricter than Quartz only where it reads on as if nothing were wrong: empty parts, steps of 0, text after a value, and
days that no month has.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from itertools import product

from pulumi_airbyte_wb.errors import DeclarationError

EXAMPLE = "write for example '0 0 6 * * ?'"


@dataclass(frozen=True)
class _Field:
    """One of the seven fields."""

    name: str
    lowest: int
    highest: int
    words: dict[str, int] = field(default_factory=dict)
    span: str = ""
    largest_step: int = 0

    @property
    def range(self) -> str:
        return f"it goes from {self.span or f'{self.lowest} to {self.highest}'}"

    @property
    def steps(self) -> int:
        return self.largest_step or self.highest


_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_DAY, _MONTH, _WEEKDAY, _YEAR = 3, 4, 5, 6
_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS, "1 to 12 or from JAN to DEC"),
    _Field("day of the week", 1, 7, _DAYS, "1 (Sunday) to 7, or from SUN to SAT"),
    _Field("year", 1970, 2099, largest_step=129),
)
_LAST_DAY = re.compile(r"L(-(?P<offset>\d+))?W?")
_NEAREST = re.compile(r"(?P<value>\d+)W")
_LAST_WEEKDAY = re.compile(r"(?P<value>\d+|[A-Z]+)L")
_NTH = re.compile(r"(?P<value>\d+|[A-Z]+)#(?P<nth>\d+)")


def check_expression(expression: list[str], path: str) -> None:
    """Hold the six or seven fields of an expression against Quartz's rules.

    Raises:
        DeclarationError: with the part that is wrong.
    """
    values = [_values(part, position, path) for position, part in enumerate(expression)]
    if (expression[_DAY] == "?") == (expression[_WEEKDAY] == "?"):
        raise DeclarationError(
            path, " ".join(expression), "must have '?' for either the day of the month or the day of the week", EXAMPLE
        )
    days, months = values[_DAY], values[_MONTH] or range(1, 13)
    if days and not any(day <= _length(month) for day, month in product(days, months)):
        raise DeclarationError(
            path, " ".join(expression), "never comes: none of these months has that day", "choose another day or month"
        )


def _length(month: int) -> int:
    return 29 if month == 2 else calendar.monthrange(2024, month)[1]


def _values(part: str, position: int, path: str) -> set[int]:
    """The values that a field lists; empty where it names no fixed ones."""
    items = part.split(",")
    if "" in items:
        raise DeclarationError(path, part, "has an empty part between commas", "take a comma out")
    if len(items) > 1 and position in {_DAY, _WEEKDAY}:
        if any(re.fullmatch(r"L.*|.*\dL|[A-Z]{3}L", item.upper()) for item in items):
            raise DeclarationError(
                path, part, "puts the last day beside others, which Quartz does not take", "name one of them"
            )
        if "#" in part:
            raise DeclarationError(
                path, part, "counts weeks of more than one day, which Quartz does not take", "name one of them"
            )
    found: set[int] = set()
    for item in items:
        values = _item(item, position, path)
        if values is None:
            return set()
        found |= values
    return found


def _item(item: str, position: int, path: str) -> set[int] | None:
    """The values of one part of a field; ``None`` for all of them, or for days that depend on the month."""
    if item == "?":
        if position not in {_DAY, _WEEKDAY}:
            raise DeclarationError(
                path, item, "stands for a day of the month or of the week alone", "write '*' for every value"
            )
        return None
    if item[0] in "Ll" or item[-1] in "LlWw" or "#" in item:
        _special(item, position, path)
        return None
    base, slash, step_text = item.partition("/")
    step = _step(item, step_text, position, path) if slash else 1
    if base in {"*", ""}:
        return None  # with a step too: the lowest value is among them, and there is a first day and a January
    first_text, dash, last_text = base.partition("-")
    first = _number(first_text, item, position, path)
    if not dash:
        return set(range(first, _FIELDS[position].highest + 1, step)) if slash else {first}
    last = _number(last_text, item, position, path)
    if first <= last:
        return set(range(first, last + 1, step))
    if position == _YEAR:
        raise DeclarationError(path, item, "ends before it begins", "write the smaller year first")
    return None


def _special(item: str, position: int, path: str) -> None:
    """``L``, ``W`` and ``#``."""
    if found := _NTH.fullmatch(item.upper()):
        _only(item, position, {_WEEKDAY}, path)
        _number(found["value"], item, position, path)
        if not 1 <= int(found["nth"]) <= 5:
            raise DeclarationError(path, item, "names a week that no month has: it goes from 1 to 5", EXAMPLE)
    elif found := _NEAREST.fullmatch(item.upper()):
        _only(item, position, {_DAY}, path)
        _number(found["value"], item, position, path)
    elif found := _LAST_DAY.fullmatch(item.upper()):
        _only(item, position, {_DAY, _WEEKDAY} if item.upper() == "L" else {_DAY}, path)
        if found["offset"] and not 1 <= int(found["offset"]) <= 30:
            raise DeclarationError(
                path, item, "is too far from the end of the month: it goes from L-1 to L-30", EXAMPLE
            )
    elif found := _LAST_WEEKDAY.fullmatch(item.upper()):
        _only(item, position, {_WEEKDAY}, path)
        _number(found["value"], item, position, path)
    else:
        raise DeclarationError(path, item, f"is no {_FIELDS[position].name}: {_FIELDS[position].range}", EXAMPLE)


def _only(item: str, position: int, places: set[int], path: str) -> None:
    if position not in places:
        names = {_DAY: "the day of the month", _WEEKDAY: "the day of the week"}
        where = "the day of the month or of the week" if len(places) > 1 else names[next(iter(places))]
        raise DeclarationError(path, item, f"is possible for {where} alone", EXAMPLE)


def _number(text: str, item: str, position: int, path: str) -> int:
    part = _FIELDS[position]
    number = part.words.get(text.upper())
    if number is None and text.isascii() and text.isdecimal() and part.lowest <= int(text[:9]) <= part.highest:
        number = int(text[:9])
    if number is None:
        said = f"is no {part.name}: {part.range}"
        if text != item and not text:
            raise DeclarationError(path, item, f"has no end: {text!r} {said}", EXAMPLE)
        raise DeclarationError(path, text, said, EXAMPLE)
    return number


def _step(item: str, text: str, position: int, path: str) -> int:
    largest = _FIELDS[position].steps
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= largest):
        raise DeclarationError(
            path, item, f"has the step {text!r}, and a step goes from 1 to {largest}", "write for example '*/5'"
        )
    return int(text)
