"""Streams: what identifies one, and what a source delivered of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Row = dict[str, Any]


class Key(NamedTuple):
    """What identifies a stream: null and empty namespaces are different (§5.2)."""

    name: str
    namespace: str | None


def key_of(stream: Mapping[str, Any]) -> Key:
    """The key of a stream object, or of a descriptor."""
    return Key(stream.get("name"), stream.get("namespace"))  # type: ignore[arg-type]


def descriptor(key: Key) -> dict[str, Any]:
    """The API's form of a key; the namespace is left out where there is none."""
    return {"name": key.name} if key.namespace is None else {"name": key.name, "namespace": key.namespace}


def stream_ref(key: Key) -> str:
    """A stream's key as one text, for ids of documents."""
    return key.name if key.namespace is None else f"{key.namespace}\N{INVISIBLE SEPARATOR}{key.name}"


@dataclass
class ReadResult:
    """What a source delivers for a stream."""

    rows: list[Row]
    state: dict[str, Any] | None = None
    shared: dict[str, Any] | None = None
