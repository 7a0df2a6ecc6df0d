"""Patterns over stream names: ``public.dim_*``."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor

T = TypeVar("T")
Naming = Mapping[StreamDescriptor, Sequence[str]]
"""The patterns that name each stream."""

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_WILDCARD = re.compile(rf"({_QUOTED.pattern})|(\[!?\]?[^\]]*\])|(\?)|(\*)|.", re.DOTALL)
_PART = re.compile(rf"({_QUOTED.pattern}|[^.\"]*)\.(.*)", re.DOTALL)


def is_pattern(text: str) -> bool:
    """Whether a stream name holds a wildcard outside quotes."""
    bare = "".join(text.split('"')[::2])
    return any(letter in bare for letter in "*?[")


def matches(pattern: str, stream: StreamDescriptor) -> bool:
    """Whether a pattern names a stream.

    ``*``, ``?`` and ``[…]`` are as in a shell, upper and lower case differ. With a dot the part before it is for the
    namespace: ``public.dim_*`` and ``*.dim_*``; without one the pattern is for streams that have no namespace. A part
    in double quotes is taken as it is: ``"my.schema".*``.
    """
    parts = _PART.match(pattern)
    namespace, name = (parts[1], parts[2]) if parts else (None, pattern)
    if namespace is None:
        return stream.namespace is None and _matches(name, stream.name)
    return stream.namespace is not None and _matches(namespace, stream.namespace) and _matches(name, stream.name)


def _matches(pattern: str, name: str) -> bool:
    if _QUOTED.fullmatch(pattern):
        with suppress(ValueError):
            return bool(name == json.loads(pattern))
        return False
    return fnmatch.fnmatchcase(name, pattern)


def expand(pattern: str, streams: Iterable[StreamDescriptor]) -> list[StreamDescriptor]:
    """The streams that a pattern names, in the order of their keys."""
    return sorted((stream for stream in streams if matches(pattern, stream)), key=lambda stream: stream.key)


def resolved(
    declared: Mapping[StreamDescriptor, T], lines: Mapping[str, T], naming: Naming
) -> dict[StreamDescriptor, T]:
    """The line of each stream, in the order of the streams' keys: its own, else that of the most specific pattern.

    That is the pattern with more fixed letters (``public.dim_*`` before ``public.*``); of equally many, the one with
    more ``[…]``, then with more ``?``, then with fewer ``*``.

    Args:
        declared: the lines of streams that are declared by their own names.
        lines: the lines of patterns.
        naming: the patterns that name each stream.

    Raises:
        DeclarationError: two patterns of different lines are equally specific.
    """
    found = dict(declared)
    for stream in sorted(naming.keys() - declared.keys(), key=lambda stream: stream.key):
        first, *rest = sorted(naming[stream], key=lambda pattern: (_openness(pattern), pattern))
        for other in rest:
            if _openness(first) == _openness(other) and lines[first] != lines[other]:
                raise DeclarationError(
                    f'streams["{other}"]',
                    other,
                    f"names {stream.key}, as does {first!r}, and neither is more specific than the other",
                    f"declare {stream.key} by its own name, or make one of the patterns narrower",
                )
        found[stream] = lines[first]
    return dict(sorted(found.items(), key=lambda item: item[0].key))


def _openness(pattern: str) -> tuple[int, int, int, int]:
    """How much a pattern leaves open, the least first."""
    letters = sets = singles = stars = 0
    for part in _WILDCARD.finditer(pattern):
        quoted, chosen, single, star = part.groups()
        sets, singles, stars = sets + bool(chosen), singles + bool(single), stars + bool(star)
        if not (chosen or single or star):
            letters += len(quoted) - 2 if quoted else 1
    return -letters, -sets, -singles, stars
