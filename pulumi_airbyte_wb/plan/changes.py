"""What differs between two declarations of a connection's streams, one kind of change at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pulumi_airbyte_wb.catalog.streams import Path, StreamSpec, key_text, path_text
from pulumi_airbyte_wb.models import StreamDescriptor

RENAMED = "its table got another name"
"""The change in words where a refresh finds the name changed, and nobody knows whether the new table was filled."""


class Kind(StrEnum):
    """What about a stream changed."""

    ADDED = "stream added"
    REMOVED = "stream removed"
    MODE = "sync mode"
    CURSOR = "cursor"
    KEY = "key"
    SELECTED = "columns selected"
    DESELECTED = "columns deselected"
    HIDDEN = "values hidden or rows filtered"
    RENAMED = "columns renamed or shown again"
    LOOSENED = "row filter loosened"
    FILES = "files"
    TABLE = "table name"
    WIDENED = "column type widened at the source"
    RETYPED = "column type changed at the source"


@dataclass(frozen=True)
class Change:
    """One change of one stream.

    Args:
        stream: which stream.
        kind: what changed.
        before: the configuration before; ``None`` for an added stream. Parts that were not declared are ``None``.
        after: the configuration after; ``None`` for a removed stream.
        what: the change in words, for example ``key id => id,region``.
    """

    stream: StreamDescriptor
    kind: Kind
    before: StreamSpec | None
    after: StreamSpec | None
    what: str


def changes(
    before: Mapping[StreamDescriptor, StreamSpec], after: Mapping[StreamDescriptor, StreamSpec]
) -> Iterator[Change]:
    """The changes of the streams themselves, in the order of their keys."""
    for stream in sorted(before.keys() | after.keys(), key=lambda stream: stream.key):
        old, new = before.get(stream), after.get(stream)
        if old is None and new is not None:
            yield Change(stream, Kind.ADDED, None, new, "added")
        elif new is None and old is not None:
            yield Change(stream, Kind.REMOVED, old, None, "removed")
        elif old is not None and new is not None and old != new:
            yield from _of_stream(stream, old, new)


def moved(streams: Mapping[StreamDescriptor, StreamSpec], fields: Mapping[str, tuple[str, str]]) -> Iterator[Change]:
    """The changes that connection-level fields make: every stream writes to another table.

    Args:
        streams: the streams that stay in the connection.
        fields: the changed fields that decide table names, each with its value before and after.
    """
    what = ", ".join(f"{name} {old} => {new}" for name, (old, new) in sorted(fields.items()))
    if what:
        for stream, spec in sorted(streams.items(), key=lambda item: item[0].key):
            yield Change(stream, Kind.TABLE, spec, spec, what)


def _of_stream(stream: StreamDescriptor, old: StreamSpec, new: StreamSpec) -> Iterator[Change]:
    def change(kind: Kind, what: str) -> Change:
        return Change(stream, kind, old, new, what)

    if old.mode != new.mode:
        yield change(Kind.MODE, f"{old.mode.word} => {new.mode.word}")
    if old.mode.incremental and new.mode.incremental and new.cursor is not None and old.cursor != new.cursor:
        yield change(Kind.CURSOR, f"cursor {_cursor(old.cursor)} => {_cursor(new.cursor)}")
    if old.mode.dedup and new.mode.dedup and new.key is not None and old.key != new.key:
        yield change(Kind.KEY, f"key {_key(old.key)} => {_key(new.key)}")
    if new.fields is not None and old.fields != new.fields:
        yield from _of_fields(change, old.fields, new.fields)
    if new.mappers is not None and (old.mappers or ()) != new.mappers:
        yield from _of_mappers(change, old.mappers or (), new.mappers)
    if new.include_files is not None and bool(old.include_files) != new.include_files:
        yield change(Kind.FILES, f"files {'yes' if new.include_files else 'no'}")
    if new.destination_object_name is not None and old.destination_object_name != new.destination_object_name:
        yield change(Kind.TABLE, f"object {old.destination_object_name or '?'} => {new.destination_object_name}")


def _of_fields(
    change: Callable[[Kind, str], Change], old: frozenset[str] | None, new: frozenset[str]
) -> Iterator[Change]:
    # The empty set selects all columns, and an undeclared selection may be any: both directions are possible then.
    if new and (not old or old - new):
        gone = ", ".join(sorted(old - new)) if old else f"all but {', '.join(sorted(new))}"
        yield change(Kind.DESELECTED, f"columns deselected: {gone}")
    if old is None or (old and (not new or new - old)):
        come = ", ".join(sorted(new - (old or frozenset()))) if new else "all"
        yield change(Kind.SELECTED, f"columns selected: {come}")


def _cursor(cursor: Path | None) -> str:
    return "(undeclared)" if cursor is None else path_text(cursor) or "(none)"


def _key(key: frozenset[Path] | None) -> str:
    return "(undeclared)" if key is None else key_text(key) or "(none)"


def _of_mappers(change: Callable[[Kind, str], Change], old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    come, gone = [text for text in new if text not in old], [text for text in old if text not in new]
    for text in come:
        kind = json.loads(text)["type"]
        if kind == "field-filtering":
            yield change(Kind.DESELECTED, f"mapper added: {_mapper(text)}")
        else:
            # What an unknown mapper does is not known: hiding is the worst that it can do.
            yield change(Kind.RENAMED if kind == "field-renaming" else Kind.HIDDEN, f"mapper added: {_mapper(text)}")
    for text in gone:
        filtering = json.loads(text)["type"] == "row-filtering"
        yield change(Kind.LOOSENED if filtering else Kind.RENAMED, f"mapper removed: {_mapper(text)}")
    if not come and not gone:
        yield change(Kind.HIDDEN, "order of mappers")


def _mapper(text: str) -> str:
    mapper = json.loads(text)
    settings = mapper.get("mapperConfiguration", {})
    target = settings.get("targetField") or settings.get("originalFieldName") or ""
    return f"{mapper['type']} {target}".strip()
