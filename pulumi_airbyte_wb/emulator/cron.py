"""Quartz cron expressions: what is valid, and when the next run is."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2099))
_NAMES: tuple[dict[str, int], ...] = ({}, {}, {}, {}, _MONTHS, _DAYS, {})


@dataclass(frozen=True)
class Cron:
    """A parsed expression: the allowed values of seconds, minutes, hours, days, months, weekdays and years."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    last_day: bool
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

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
        last = day.day == calendar.monthrange(day.year, day.month)[1]
        weekday = day.isoweekday() % 7 + 1
        return (
            day.year in self.years
            and day.month in self.months
            and (day.day in self.days or (self.last_day and last))
            and weekday in self.weekdays
        )


def parse_cron(expression: str) -> Cron:
    """Parse a Quartz expression of six or seven fields; ValueError where it is none."""
    parts = expression.upper().split()
    if len(parts) not in (6, 7):
        raise ValueError(f"expected 6 or 7 fields, found {len(parts)}")
    if len(parts) == 6:
        parts.append("*")
    if "?" not in (parts[3], parts[5]) and "*" not in (parts[3], parts[5]):
        raise ValueError("day of month and day of week cannot both be given: one must be '?'")
    last_day = parts[3] == "L"
    values = [
        frozenset() if last_day and position == 3 else _field(part, position) for position, part in enumerate(parts)
    ]
    seconds, minutes, hours, days, months, weekdays, years = values
    return Cron(
        tuple(sorted(seconds)), tuple(sorted(minutes)), tuple(sorted(hours)), days, last_day, months, weekdays, years
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
