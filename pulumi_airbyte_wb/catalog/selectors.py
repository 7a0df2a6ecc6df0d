"""Patterns over stream names: ``public.dim_*``."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

from pulumi_airbyte_wb.models import StreamDescriptor


def is_pattern(text: str) -> bool:
    """Whether a stream name holds a wildcard outside quotes."""
    bare = "".join(text.split('"')[::2])
    return any(letter in bare for letter in "*?[")


def matches(pattern: str, stream: StreamDescriptor) -> bool:
    """Whether a pattern names a stream.

    ``*``, ``?`` and ``[…]`` are as in a shell, upper and lower case differ. With a dot the part before it is for the
    namespace: ``public.dim_*`` and ``*.dim_*``; without one the pattern is for streams that have no namespace.
    """
    namespace, dot, name = pattern.partition(".")
    if not dot:
        return stream.namespace is None and fnmatch.fnmatchcase(stream.name, pattern)
    return (
        stream.namespace is not None
        and fnmatch.fnmatchcase(stream.namespace, namespace)
        and fnmatch.fnmatchcase(stream.name, name)
    )


def expand(pattern: str, streams: Iterable[StreamDescriptor]) -> list[StreamDescriptor]:
    """The streams that a pattern names, in the order of their keys."""
    return sorted((stream for stream in streams if matches(pattern, stream)), key=lambda stream: stream.key)
