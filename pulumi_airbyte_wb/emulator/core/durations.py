"""Spans of time as people write them: ``90``, ``30s``, ``1h``, ``1d12h``."""

import re

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = 100 * 366 * 86400
"""The longest span, in seconds: what a clock can show is bounded."""

_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


class DurationError(ValueError):
    """A text that is no span of time; the text of the error is one sentence."""


def seconds_of(text: str) -> float:
    """The seconds of a span of time."""
    compact = "".join(text.split()).lower()
    parts = _PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise DurationError(f"{text!r} is no span of time: write it like 90s, 30m, 1h or 1d12h.")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if seconds > LONGEST:
        raise DurationError(f"{text!r} is longer than a hundred years: let less time pass at once.")
    return seconds
