"""What differs between two declarations of a connection's streams, one kind of change at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.mappers import unmasked
from pulumi_airbyte_wb.spec.stream_parts import Path, key_text, path_text
from pulumi_airbyte_wb.spec.streams import StreamSpec


class Kind(StrEnum):
    """What about a stream changed."""

    ADDED = "stream added"
    REMOVED = "stream removed"
    MODE = "sync mode"
    CURSOR = "cursor"
    KEY = "key"
    SELECTED = "columns selected"
    DESELECTED = "columns deselected"
    MASKED = "values masked or rows filtered"
    COLUMN_RENAMED = "columns renamed or shown again"
    FILTER_RELAXED = "row filter relaxed"
    FILES = "files"
    TABLE_RENAMED = "table name"
    NEEDED_GONE = "cursor or key gone from the source"
    CURSOR_RETYPED = "type of the cursor column changed at the source"
    TYPE_WIDENED = "column type widened at the source"
    TYPE_CHANGED = "column type changed at the source"
    STATUS = "connection activated"
    SHARED_RESET = "cleared with other streams"
    RELEASED = "no longer managed"


class What(StrEnum):
    """How a change is told; the sentence is made of it and of the change's items."""

    ADDED = "added"
    REMOVED = "removed"
    DROPPED_BY_SOURCE = "dropped_by_source"
    MODE = "mode"
    CURSOR = "cursor"
    KEY = "key"
    KEY_OF_SOURCE = "key_of_source"
    SELECTED = "selected"
    ALL_SELECTED = "all_selected"
    DESELECTED = "deselected"
    ALL_DESELECTED_BUT = "all_deselected_but"
    NEW_AT_SOURCE = "new_at_source"
    BACK_AT_SOURCE = "back_at_source"
    GONE_FROM_SOURCE = "gone_from_source"
    TYPE_AT_SOURCE = "type_at_source"
    NEEDED_GONE = "needed_gone"
    CURSOR_TYPE_AT_SOURCE = "cursor_type_at_source"
    MAPPER_ADDED = "mapper_added"
    MAPPER_REMOVED = "mapper_removed"
    MAPPERS_REORDERED = "mappers_reordered"
    ENCRYPTION_KEY = "encryption_key"
    FILES = "files"
    OBJECT = "object"
    FIELDS = "fields"
    RENAMED_OUTSIDE = "renamed_outside"
    RENAMED_UNFILLED = "renamed_unfilled"
    ACTIVATED = "activated"
    CLEARED_WITH = "cleared_with"
    RESET_TOO = "reset_too"
    RELEASED = "released"


class Item(NamedTuple):
    """A part of a change: a name, and its value before and after where it has such."""

    name: str = ""
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Detail:
    """A change as it is told.

    Args:
        what: the form of the sentence.
        items: what stands in it.
    """

    what: What
    items: tuple[Item, ...] = ()

    @classmethod
    def of(cls, what: What, names: Iterable[str] = ()) -> Detail:
        """A change that is told by names alone."""
        return cls(what, tuple(Item(name) for name in names))

    @classmethod
    def between(cls, what: What, before: str | None, after: str | None) -> Detail:
        """A change that is told by one value before and after; ``None`` is not declared."""
        return cls(what, (Item("", before, after),))


@dataclass(frozen=True)
class ChangeKey:
    """What makes two changes the same, whatever they are called.

    Args:
        stream: which stream.
        kind: what about it changed.
        before: a digest of the value before; empty where that was not declared, so that it may be any.
        after: a digest of the value after.
    """

    stream: StreamDescriptor
    kind: Kind
    before: str = ""
    after: str = ""

    @classmethod
    def of(cls, stream: StreamDescriptor, kind: Kind, before: Any, after: Any) -> ChangeKey:
        """The key of a change between two values of JSON; ``None`` is not declared."""
        return cls(stream, kind, *("" if value is None else _digest(value) for value in (before, after)))

    def covers(self, other: ChangeKey) -> bool:
        """Whether a change that was planned under this key is the other one."""
        same = (self.stream, self.kind, self.after) == (other.stream, other.kind, other.after)
        return same and self.before in {"", other.before}


@dataclass(frozen=True)
class Change:
    """One change of one stream.

    Args:
        key: what makes it this change.
        before: the configuration before; ``None`` for an added stream. Parts that were not declared are ``None``.
        after: the configuration after; ``None`` for a removed stream.
        detail: the change as it is told.
    """

    key: ChangeKey
    before: StreamSpec | None
    after: StreamSpec | None
    detail: Detail

    @property
    def stream(self) -> StreamDescriptor:
        """Which stream."""
        return self.key.stream

    @property
    def kind(self) -> Kind:
        """What about it changed."""
        return self.key.kind


def changes(
    before: Mapping[StreamDescriptor, StreamSpec], after: Mapping[StreamDescriptor, StreamSpec]
) -> Iterator[Change]:
    """The changes of the streams themselves, in the order of their keys."""
    for stream in sorted(before.keys() | after.keys(), key=lambda stream: stream.key):
        old, new = before.get(stream), after.get(stream)
        if old is None and new is not None:
            key = ChangeKey.of(stream, Kind.ADDED, None, new.line)
            yield Change(key, None, new, Detail(What.ADDED))
        elif new is None and old is not None:
            yield Change(ChangeKey(stream, Kind.REMOVED), old, None, Detail(What.REMOVED))
        elif old is not None and new is not None and old != new:
            yield from _of_stream(stream, old, new)


class Moved(NamedTuple):
    """A connection-level field that decides table names, and changes.

    Args:
        name: the field.
        before: the value as it was in force.
        after: the value now.
        shown: both, as messages show them.
    """

    name: str
    before: str
    after: str
    shown: tuple[str, str]


def moved(streams: Mapping[StreamDescriptor, StreamSpec], fields: Iterable[Moved]) -> Iterator[Change]:
    """The changes that connection-level fields make: every stream writes to another table.

    Args:
        streams: the streams that stay in the connection.
        fields: the changed fields that decide table names.
    """
    changed = sorted(fields)
    if not changed:
        return
    detail = Detail(What.FIELDS, tuple(Item(each.name, *each.shown) for each in changed))
    before, after = ([[each.name, value] for each, value in zip(changed, side, strict=True)] for side in (
        [each.before for each in changed], [each.after for each in changed],
    ))  # fmt: skip
    for stream, spec in sorted(streams.items(), key=lambda item: item[0].key):
        yield Change(ChangeKey.of(stream, Kind.TABLE_RENAMED, before, after), spec, spec, detail)


def renamed_before(stream: StreamDescriptor, spec: StreamSpec) -> Change:
    """That a stream's table got another name in an earlier update, and that no sync has filled it since."""
    key = ChangeKey.of(stream, Kind.TABLE_RENAMED, None, What.RENAMED_UNFILLED.value)
    return Change(key, spec, spec, Detail(What.RENAMED_UNFILLED))


def _of_stream(stream: StreamDescriptor, old: StreamSpec, new: StreamSpec) -> Iterator[Change]:
    def change(kind: Kind, detail: Detail, before: Any, after: Any) -> Change:
        return Change(ChangeKey.of(stream, kind, before, after), old, new, detail)

    if old.mode != new.mode:
        words = old.mode.word, new.mode.word
        yield change(Kind.MODE, Detail.between(What.MODE, *words), *words)
    if old.mode.incremental and new.mode.incremental and new.cursor is not None and old.cursor != new.cursor:
        cursors = _cursor(old.cursor), _cursor(new.cursor)
        yield change(Kind.CURSOR, Detail.between(What.CURSOR, *cursors), *cursors)
    if old.mode.dedup and new.mode.dedup and new.key is not None and old.key != new.key:
        keys = _key(old.key), _key(new.key)
        yield change(Kind.KEY, Detail.between(What.KEY, *keys), *keys)
    if new.fields is not None and old.fields != new.fields:
        yield from _of_fields(change, old.fields, new.fields)
    if new.mappers is not None and (old.mappers or ()) != new.mappers:
        yield from _of_mappers(change, old.mappers or (), new.mappers)
    if new.include_files is not None and bool(old.include_files) != new.include_files:
        detail = Detail.of(What.FILES, ["yes" if new.include_files else "no"])
        yield change(Kind.FILES, detail, bool(old.include_files), new.include_files)
    if new.destination_object_name is not None and old.destination_object_name != new.destination_object_name:
        objects = old.destination_object_name, new.destination_object_name
        yield change(Kind.TABLE_RENAMED, Detail.between(What.OBJECT, *objects), *objects)


_Make = Callable[[Kind, Detail, Any, Any], Change]


def _of_fields(change: _Make, old: frozenset[str] | None, new: frozenset[str]) -> Iterator[Change]:
    # The empty set selects all columns, and an undeclared selection may be any: both directions are possible then.
    values = None if old is None else sorted(old), sorted(new)
    if new and (not old or old - new):
        detail = Detail.of(What.DESELECTED, sorted(old - new)) if old else Detail.of(
            What.ALL_DESELECTED_BUT, sorted(new)
        )  # fmt: skip
        yield change(Kind.DESELECTED, detail, *values)
    if old is None or (old and (not new or new - old)):
        come = sorted(new - (old or frozenset()))
        detail = Detail.of(What.SELECTED, come) if new else Detail(What.ALL_SELECTED)
        yield change(Kind.SELECTED, detail, *values)


def _cursor(cursor: Path | None) -> str | None:
    return None if cursor is None else path_text(cursor)


def _key(key: frozenset[Path] | None) -> str | None:
    return None if key is None else key_text(key)


def _of_mappers(change: _Make, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    told = tuple(unmasked(old, new))
    for before, after in zip(old, told, strict=True):
        if before != after:
            yield change(Kind.MASKED, Detail.of(What.ENCRYPTION_KEY, _mapper(after)), before, after)
    if told == new:
        return
    old = told
    come, gone = [text for text in new if text not in old], [text for text in old if text not in new]
    for text in come:
        kind = json.loads(text)["type"]
        detail = Detail.of(What.MAPPER_ADDED, _mapper(text))
        if kind == "field-filtering":
            yield change(Kind.DESELECTED, detail, "", text)
        else:
            # What an unknown mapper does is not known: masking is the worst that it can do.
            yield change(Kind.COLUMN_RENAMED if kind == "field-renaming" else Kind.MASKED, detail, "", text)
    for text in gone:
        filtering = json.loads(text)["type"] == "row-filtering"
        detail = Detail.of(What.MAPPER_REMOVED, _mapper(text))
        yield change(Kind.FILTER_RELAXED if filtering else Kind.COLUMN_RENAMED, detail, text, "")
    if not come and not gone:
        yield change(Kind.MASKED, Detail(What.MAPPERS_REORDERED), list(old), list(new))


def _mapper(text: str) -> list[str]:
    mapper = json.loads(text)
    settings = mapper.get("mapperConfiguration", {})
    target = settings.get("targetField") or settings.get("originalFieldName")
    return [mapper["type"], *([target] if target else [])]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
