"""What a server keeps in place of what it was told, although it took the request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.connection import ConnectionSpec, plain_value
from pulumi_airbyte_wb.spec.fields import Value
from pulumi_airbyte_wb.spec.inputs import mapping, noted_text
from pulumi_airbyte_wb.spec.mappers import canonical_json, shown_mapper
from pulumi_airbyte_wb.spec.stream_parts import FIELD_OF
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.record import check_known

_KEYS = ("part", "declared", "kept")


@dataclass(frozen=True)
class NotTaken:
    """A declared value that the server did not take.

    Args:
        part: the field of the connection, or the part of the stream.
        declared: what was sent, as text; no key of an encryption stands in it.
        kept: what the server has instead, as text.
    """

    part: str
    declared: str
    kept: str

    def record(self) -> dict[str, str]:
        """As state keeps it."""
        return {"part": self.part, "declared": self.declared, "kept": self.kept}


Notes = Mapping[StreamDescriptor | None, tuple[NotTaken, ...]]
"""What was not taken, by stream; ``None`` stands for the fields of the connection."""


def read_not_taken(value: object, path: str) -> tuple[NotTaken, ...]:
    """What ``NotTaken.record`` gave, of one stream or of the connection.

    Raises:
        DeclarationError: it is something else.
        PlanError: it holds what only a newer version of this package knows.
    """
    if not isinstance(value, list | tuple):
        raise DeclarationError(path, value, "is not a list")
    entries = [mapping(each, path) for each in value]
    for entry in entries:
        check_known(entry, _KEYS, path)
    return tuple(NotTaken(*(noted_text(entry.get(key), f"{path}.{key}") for key in _KEYS)) for entry in entries)


def fields_not_taken(declared: Mapping[str, Value], live: Mapping[str, Value]) -> Iterator[NotTaken]:
    """The fields that are live otherwise than declared; one that the server does not answer is passed over."""
    for name, value in declared.items():
        if name in live and live[name] != value:
            yield NotTaken(name, _text(value), _text(live[name]))


def parts_not_taken(declared: StreamSpec, live: StreamSpec) -> Iterator[NotTaken]:
    """The parts of a stream that are live otherwise than declared.

    Args:
        declared: the declaration.
        live: what of it is live, in its words.
    """
    there = _parts(live)
    for name, text in _parts(declared).items():
        if there.get(name, "") != text:
            yield NotTaken(name, text, there.get(name, ""))


def field_in_words(name: str, live: Value, declared: Value, notes: Iterable[NotTaken]) -> Value:
    """A live field as it is declared, where it is what the server is known to keep in its place."""
    return declared if NotTaken(name, _text(declared), _text(live)) in notes else live


def stream_in_words(live: StreamSpec, declared: StreamSpec, notes: Iterable[NotTaken]) -> StreamSpec:
    """A live stream whose parts are as declared where they are what the server is known to keep in their place."""
    said, there = _parts(declared), _parts(live)
    known = [
        note.part for note in notes if (said.get(note.part), there.get(note.part, "")) == (note.declared, note.kept)
    ]
    found: dict[str, Any] = {FIELD_OF.get(name, name): getattr(declared, FIELD_OF.get(name, name)) for name in known}
    return replace(live, **found)


def still_declared(notes: Notes, spec: ConnectionSpec) -> dict[StreamDescriptor | None, tuple[NotTaken, ...]]:
    """The notes about what is declared as it was then."""
    said = _texts(spec.fields, spec.streams or {})
    kept = {
        subject: tuple(each for each in found if said.get(subject, {}).get(each.part) == each.declared)
        for subject, found in notes.items()
    }
    return {subject: found for subject, found in kept.items() if found}


def still_kept(
    notes: Notes, fields: Mapping[str, Value], streams: Mapping[StreamDescriptor, StreamSpec]
) -> dict[StreamDescriptor | None, tuple[NotTaken, ...]]:
    """The notes whose value the server keeps still.

    Args:
        notes: what was noted.
        fields: the live fields.
        streams: the live streams, in the words of their declarations but for what is noted.
    """
    there = _texts(fields, streams)
    kept = {
        subject: tuple(each for each in found if there.get(subject, {}).get(each.part, "") == each.kept)
        for subject, found in notes.items()
    }
    return {subject: found for subject, found in kept.items() if found}


def _texts(
    fields: Mapping[str, Value], streams: Mapping[StreamDescriptor, StreamSpec]
) -> dict[StreamDescriptor | None, dict[str, str]]:
    texts: dict[StreamDescriptor | None, dict[str, str]] = {s: _parts(spec) for s, spec in streams.items()}
    return texts | {None: {name: _text(value) for name, value in fields.items()}}


def _parts(spec: StreamSpec) -> dict[str, str]:
    parts = {"mode": spec.mode.word, **spec.parts}
    return parts | ({} if spec.mappers is None else {"mappers": f"[{','.join(map(shown_mapper, spec.mappers))}]"})


def _text(value: Value) -> str:
    return canonical_json(plain_value(value))
