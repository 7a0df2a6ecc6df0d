"""Patterns over stream names: ``public.dim_*``."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable
from contextlib import suppress

from pulumi_airbyte_wb.models import StreamDescriptor

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
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
