"""Quartz cron expressions: what is valid, and when the next run is."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2099))
_DAY_RULE = re.compile(r"L(-([1-9]|[12][0-9]|30))?W?|[0-9]{1,2}W")
_WEEKDAY_RULE = re.compile(r"([0-9]|[A-Z]{3})(L|#[1-5])")
_NAMES: tuple[dict[str, int], ...] = ({}, {}, {}, {}, _MONTHS, _DAYS, {})


@dataclass(frozen=True)
class Cron:
    """A parsed expression: the allowed values of seconds, minutes, hours, days, months, weekdays and years."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]
    day_rule: str = ""
    weekday_rule: str = ""

    def fires(self, after: datetime) -> Iterator[datetime]:
        """Yield the runs after a moment, in its zone, for some years."""
        day = after.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(366 * 8):
            if self._on(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        for second in self.seconds:
                            fire = day.replace(hour=hour, minute=minute, second=second)
                            if fire > after:
                                yield fire
            day += timedelta(days=1)

    def _on(self, day: datetime) -> bool:
        if day.year not in self.years or day.month not in self.months:
            return False
        length = calendar.monthrange(day.year, day.month)[1]
        weekday = day.isoweekday() % 7 + 1
        if self.day_rule:
            return day.day == _ruled_day(self.day_rule, day, length)
        if self.weekday_rule:
            wanted, _, nth = self.weekday_rule.partition("#")
            in_place = (day.day - 1) // 7 + 1 == int(nth) if nth else day.day > length - 7
            return weekday == _number(wanted.removesuffix("L"), 5) and in_place
        return day.day in self.days and weekday in self.weekdays


def _ruled_day(rule: str, day: datetime, length: int) -> int:
    """The day of the month that ``L``, ``L-3``, ``15W`` or ``LW`` names."""
    start = rule.removesuffix("W")
    wanted = length - int(start[2:] or 0) if start.startswith("L") else int(start)
    if not rule.endswith("W") or not 1 <= wanted <= length:
        return wanted
    weekday = day.replace(day=wanted).isoweekday()
    if weekday == 6:
        return wanted - 1 if wanted > 1 else 3
    if weekday == 7:
        return wanted + 1 if wanted < length else wanted - 2
    return wanted


def parse_cron(expression: str) -> Cron:
    """Parse a Quartz expression of six or seven fields; ValueError where it is none."""
    parts = expression.upper().split()
    if len(parts) not in (6, 7):
        raise ValueError(f"expected 6 or 7 fields, found {len(parts)}")
    if len(parts) == 6:
        parts.append("*")
    if (parts[3] == "?") == (parts[5] == "?"):
        raise ValueError("just one of day of month and day of week must be '?'")
    if parts[5] == "L":
        parts[5] = "7"
    day_rule = parts[3] if _DAY_RULE.fullmatch(parts[3]) else ""
    weekday_rule = parts[5] if _WEEKDAY_RULE.fullmatch(parts[5]) else ""
    for position, rule in ((3, day_rule), (5, weekday_rule)):
        number = re.split("[#LW]", rule)[0]
        if rule:
            parts[position] = number or "*"
    values = [_field(part, position) for position, part in enumerate(parts)]
    seconds, minutes, hours, days, months, weekdays, years = values
    return Cron(
        tuple(sorted(seconds)),
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        days,
        months,
        weekdays,
        years,
        day_rule,
        weekday_rule,
    )


def _field(part: str, position: int) -> frozenset[int]:
    values: set[int] = set()
    for item in part.split(","):
        values |= _item(item, position)
    return frozenset(values)


def _item(item: str, position: int) -> set[int]:
    low, high = _RANGES[position]
    base, _, step_text = item.partition("/")
    step = int(step_text) if step_text else 1
    if step < 1:
        raise ValueError(f"'{item}' has a step below 1")
    if base in ("*", "?"):
        return set(range(low, high + 1, step))
    start, dash, end = base.partition("-")
    first = _number(start, position)
    last = _number(end, position) if dash else high if step_text else first
    if not (low <= first <= high and low <= last <= high):
        raise ValueError(f"'{item}' is outside {low} to {high}")
    if first > last:
        return set(range(first, high + 1, step)) | set(range(low, last + 1, step))
    return set(range(first, last + 1, step))


def _number(text: str, position: int) -> int:
    if text in _NAMES[position]:
        return _NAMES[position][text]
    if not text.isdigit():
        raise ValueError(f"'{text}' is no number")
    return int(text)


def next_fire(expression: str, zone: str, after: float) -> float | None:
    """The next run after a moment (seconds since the epoch), or None when there is none."""
    moment = datetime.fromtimestamp(after, UTC).astimezone(ZoneInfo(zone))
    fire = next(parse_cron(expression).fires(moment), None)
    return None if fire is None else fire.timestamp()


def shortest_gap(cron: Cron) -> float:
    """The shortest time between the next runs, in seconds."""
    fires: list[datetime] = []
    for fire in cron.fires(datetime(2026, 1, 1, tzinfo=UTC)):
        fires.append(fire)
        if len(fires) == 64:
            break
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(fires)]
    return min(gaps, default=float("inf"))
