"""The canonical one-line form of a stream's configuration, and what a program declares of it.

``incremental_append_dedup cursor=updated_at key=id,region fields=id,region,total``: the mode, then what is declared, in
a fixed order, so that two equal declarations are equal text. A part that is absent is not declared: it is not
managed by the program, and stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import (
    ConfiguredStream,
    DestinationSyncMode,
    SelectedField,
    StreamConfiguration,
    StreamDescriptor,
    SyncMode,
)
from pulumi_airbyte_wb.models.catalog import quote, split_dotted
from pulumi_airbyte_wb.spec.mappers import plain_mapper, unmasked
from pulumi_airbyte_wb.spec.other_words import STREAM_WORDS, modes_meant

Path = tuple[str, ...]

ALL_FIELDS = "*"
GUARANTEES = ("cursor_monotonic", "key_unique")
"""What only the program can know, because no server can check it (see ``airbyte-wb docs resets``)."""


class Mode(NamedTuple):
    """A pair of sync modes, written as one word: ``incremental_append_dedup``."""

    sync_mode: SyncMode
    destination_sync_mode: DestinationSyncMode

    @property
    def word(self) -> str:
        """``SYNCMODE_DESTINATIONSYNCMODE``."""
        return f"{self.sync_mode}_{self.destination_sync_mode}"

    @property
    def incremental(self) -> bool:
        """Whether the source continues from a cursor."""
        return self.sync_mode is SyncMode.INCREMENTAL

    @property
    def dedup(self) -> bool:
        """Whether the destination keeps one row per key."""
        return self.destination_sync_mode in {DestinationSyncMode.APPEND_DEDUP, DestinationSyncMode.OVERWRITE_DEDUP}

    @property
    def overwrites(self) -> bool:
        """Whether each sync replaces the whole table."""
        return self.destination_sync_mode in {DestinationSyncMode.OVERWRITE, DestinationSyncMode.OVERWRITE_DEDUP}


MODES: dict[str, Mode] = {
    mode.word: mode
    for mode in (Mode(source, destination) for source in SyncMode for destination in DestinationSyncMode)
    # The platform truncates for full refreshes only: an incremental overwrite would append (rows.md §2.1).
    if not (mode.incremental and mode.overwrites)
}


@dataclass(frozen=True)
class StreamSpec:
    """What is declared of one stream; ``None`` means not declared.

    Args:
        mode: how it is read and written.
        cursor: the path of the cursor column.
        key: the primary key as a set of column paths.
        fields: the selected columns; an empty set means all of them.
        mappers: the mappers in order, each as canonical JSON.
        include_files: whether files are moved too (server 1.7.0 on).
        destination_object_name: the destination's own name of it (server 1.8.0 on).
        guarantees: what the program guarantees of the data, words of ``GUARANTEES``.
    """

    mode: Mode
    cursor: Path | None = None
    key: frozenset[Path] | None = None
    fields: frozenset[str] | None = None
    mappers: tuple[str, ...] | None = None
    include_files: bool | None = None
    destination_object_name: str | None = None
    guarantees: frozenset[str] = frozenset()

    @property
    def line(self) -> str:
        """The canonical text."""
        parts = [self.mode.word]
        if self.cursor is not None:
            parts.append(f"cursor={path_text(self.cursor)}")
        if self.key is not None:
            parts.append(f"key={key_text(self.key)}")
        if self.fields is not None:
            parts.append(f"fields={','.join(quote(name) for name in sorted(self.fields)) or ALL_FIELDS}")
        if self.mappers is not None:
            parts.append(f"mappers=[{','.join(self.mappers)}]")
        if self.include_files is not None:
            parts.append(f"files={'yes' if self.include_files else 'no'}")
        if self.destination_object_name is not None:
            parts.append(f"object={quote(self.destination_object_name)}")
        if self.guarantees:
            parts.append(f"guarantees={','.join(sorted(self.guarantees))}")
        return " ".join(parts)

    @classmethod
    def parse(cls, line: str, path: str = "stream") -> StreamSpec:
        """Read the canonical text, or the same parts in any order.

        Raises:
            DeclarationError: naming ``path`` and the part that cannot be.
        """
        word, _, rest = line.strip().partition(" ")
        mode = parse_mode(word if word in MODES or not modes_meant(line, MODES) else line.strip(), path)
        values: dict[str, Any] = {}
        for name, text in _parts(rest.strip(), path):
            if name in values:
                raise DeclarationError(f"{path}.{name}", text, "is said twice", "keep one of them")
            values[name] = _PARSERS[name](text, f"{path}.{name}")
        return cls(mode=mode, **{_FIELD_OF.get(name, name): value for name, value in values.items()})

    def told(self) -> StreamSpec:
        """A live stream's configuration without the parts that say nothing: what to note of an unmanaged stream."""
        return replace(
            self,
            cursor=self.cursor if self.mode.incremental and self.cursor else None,
            key=self.key if self.mode.dedup and self.key else None,
            fields=self.fields or None,
            mappers=self.mappers or None,
            include_files=self.include_files or None,
            destination_object_name=self.destination_object_name or None,
        )

    def in_full(self) -> StreamSpec:
        """What ``told`` has left out, filled in again."""
        return replace(
            self,
            cursor=self.cursor or (),
            key=self.key or frozenset(),
            fields=self.fields or frozenset(),
            mappers=self.mappers or (),
            include_files=bool(self.include_files),
            destination_object_name=self.destination_object_name or "",
        )

    def declared_only(self, live: StreamSpec) -> StreamSpec:
        """``live`` without the parts that this declaration leaves alone: what a comparison with it may look at.

        What the server masks in a mapper is taken to be what is declared there.
        """
        absent: dict[str, Any] = {
            part.name: None
            for part in fields(self)
            if part.name not in {"mode", "guarantees"} and getattr(self, part.name) is None
        }
        mappers = live.mappers and tuple(unmasked(live.mappers, self.mappers or ()))
        return replace(live, guarantees=self.guarantees, **{"mappers": mappers, **absent})


def parse_mode(word: str, path: str) -> Mode:
    """The mode that a word names.

    Raises:
        DeclarationError: with the nearest right word.
    """
    mode = MODES.get(word)
    if mode is not None:
        return mode
    if word == "incremental_overwrite":
        raise DeclarationError(
            f"{path}.mode",
            word,
            "appends instead of overwriting: the server truncates for full refreshes only",
            "declare 'full_refresh_overwrite', or 'incremental_append_dedup' with a key",
        )
    meant = modes_meant(word, MODES)
    if len(meant) > 1:
        rule, hint = "is only one half of a mode", f"declare {' or '.join(map(repr, meant))}"
    else:
        rule, hint = "is not a sync mode", f"did you mean {meant[0]!r}?" if meant else nearest(word, MODES)
    raise DeclarationError(f"{path}.mode", word, rule, hint or f"use one of {', '.join(MODES)}")


def path_text(path: Path) -> str:
    """A column path with dots."""
    return ".".join(quote(part) for part in path)


def key_text(key: Iterable[Path]) -> str:
    """A primary key, its columns in the alphabet's order."""
    return ",".join(sorted(path_text(path) for path in key))


def observe(live: ConfiguredStream) -> StreamSpec | None:
    """The configuration of a live stream with every part filled in, or ``None`` for a mode outside our vocabulary."""
    config = live.config
    mode = MODES.get(f"{config.sync_mode}_{config.destination_sync_mode}")
    if mode is None:
        return None
    selected = config.selected_fields if config.field_selection_enabled else None
    return StreamSpec(
        mode=mode,
        cursor=tuple(config.cursor_field),
        key=frozenset(tuple(path) for path in config.primary_key),
        fields=frozenset(item.field_path[0] for item in selected or () if item.field_path),
        mappers=tuple(plain_mapper(mapper) for mapper in config.mappers or ()),
        include_files=bool(config.include_files),
        destination_object_name=config.destination_object_name or "",
    )


def kept(live: ConfiguredStream) -> ConfiguredStream:
    """``live`` to be sent back as it is.

    The server answers the source's own cursor for an empty one. Stored, it would let a full read lose against older
    rows of its key, which destinations order by it; the empty one is answered in the same way, and never wrong.
    """
    spec, stream = observe(live), live.stream
    if spec is None or spec.mode.incremental or not spec.mode.dedup or not stream.source_defined_cursor:
        return live
    return live.model_copy(update={"config": live.config.model_copy(update={"cursor_field": []})})


def configure(live: ConfiguredStream, spec: StreamSpec) -> ConfiguredStream:
    """``live`` as declared: what is not declared stays, so do fields that this package does not know."""
    config, seen = live.config, observe(live)
    changed: dict[str, Any] = {
        "selected": True,
        "sync_mode": spec.mode.sync_mode.value,
        "destination_sync_mode": spec.mode.destination_sync_mode.value,
    }

    def differs(part: str) -> bool:
        # What is equal keeps the server's own form: the order of a key, the ids of mappers.
        return getattr(spec, part) is not None and (seen is None or getattr(spec, part) != getattr(seen, part))

    if differs("cursor"):
        changed["cursor_field"] = list(spec.cursor or ())
    elif spec.cursor is None and spec.mode.incremental and not config.cursor_field:
        changed["cursor_field"] = list(live.stream.default_cursor_field)
    elif spec.cursor is None and spec.mode.dedup and not spec.mode.incremental:
        # Destinations order the rows of a key by it, and a full read must win whatever its cursor; the server answers
        # the source's own cursor for an empty one.
        changed["cursor_field"] = []
    if differs("key"):
        changed["primary_key"] = sorted(list(path) for path in spec.key or ())
    elif spec.key is None and spec.mode.dedup and not config.primary_key:
        changed["primary_key"] = live.stream.source_defined_primary_key
    if differs("fields"):
        changed["field_selection_enabled"] = bool(spec.fields)
        changed["selected_fields"] = [SelectedField(field_path=[name]) for name in sorted(spec.fields or ())]
    if differs("mappers"):
        changed["mappers"] = [json.loads(text) for text in spec.mappers or ()]
    if differs("include_files"):
        changed["include_files"] = spec.include_files
    if differs("destination_object_name"):
        changed["destination_object_name"] = spec.destination_object_name
    return live.model_copy(update={"config": config.model_copy(update=changed)})


def unselected(live: ConfiguredStream) -> ConfiguredStream:
    """``live`` taken out of the connection."""
    return live.model_copy(update={"config": live.config.model_copy(update={"selected": False})})


def offered(stream: ConfiguredStream) -> ConfiguredStream:
    """A discovered stream with an empty configuration to start from: discovery's own choices are not the program's."""
    config = StreamConfiguration(
        sync_mode=SyncMode.FULL_REFRESH.value,
        destination_sync_mode=DestinationSyncMode.OVERWRITE.value,
        alias_name=stream.config.alias_name,
    )
    return stream.model_copy(update={"config": config})


def _parts(text: str, path: str) -> Iterator[tuple[str, str]]:
    """Split ``name=value name=value``; quotes and brackets keep spaces inside a value together."""
    position = 0
    while position < len(text):
        equals = text.find("=", position)
        name = text[position : equals if equals >= 0 else None].split(" ")[0]
        if equals < 0 or name not in _PARSERS or position + len(name) != equals:
            raise DeclarationError(
                f"{path}.{name}",
                name,
                "is not a property of a stream",
                _LINE_WORDS.get(name) or nearest(name, _PARSERS) or f"use {', '.join(_PARSERS)}",
            )
        end = _end_of_value(text, equals + 1)
        yield name, text[equals + 1 : end]
        position = end
        while position < len(text) and text[position] == " ":
            position += 1


def _end_of_value(text: str, start: int) -> int:
    """The position of the space that ends a value: the first one outside quotes and brackets."""
    return next((position for position, letter in _bare(text, start) if letter == " "), len(text))


def _split_list(text: str) -> list[str]:
    """The items between commas outside quotes."""
    commas = [position for position, letter in _bare(text, 0) if letter == ","]
    starts, ends = [0, *(position + 1 for position in commas)], [*commas, len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _bare(text: str, start: int) -> Iterator[tuple[int, str]]:
    """The letters outside quotes and brackets, with their positions."""
    depth, quoted, escaped = 0, False, False
    for position in range(start, len(text)):
        letter = text[position]
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = letter == "\\", letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        elif depth == 0:
            yield position, letter


def parse_path(text: str, where: str) -> Path:
    """A column path.

    Raises:
        DeclarationError: an element is empty.
    """
    try:
        return split_dotted(text)
    except ValueError as error:
        raise DeclarationError(where, text, f"is not a column: it {error}", "write the column's name") from None


def parse_key(text: str, where: str) -> frozenset[Path]:
    """The columns of a primary key."""
    return frozenset(parse_path(item, where) for item in _split_list(text)) if text else frozenset()


def _parse_fields(text: str, where: str) -> frozenset[str]:
    if text == ALL_FIELDS:
        return frozenset()
    # Only whole columns can be selected, so that a dot can only be a part of a column's name.
    return frozenset(".".join(parse_path(item, where)) for item in _split_list(text))


def _parse_mappers(text: str, where: str) -> tuple[str, ...]:
    try:
        mappers = json.loads(text)
    except (ValueError, RecursionError):
        mappers = None
    if not isinstance(mappers, list) or not all(isinstance(mapper, dict) and "type" in mapper for mapper in mappers):
        raise DeclarationError(
            where, text, "is not a list of mappers, each with a 'type'", "write [{'type': 'hashing', …}]"
        )
    return tuple(plain_mapper(mapper) for mapper in mappers)


def _parse_files(text: str, where: str) -> bool:
    if text not in {"yes", "no"}:
        raise DeclarationError(where, text, "is neither 'yes' nor 'no'", "write one of them")
    return text == "yes"


def _parse_cursor(text: str, where: str) -> Path:
    return parse_path(text, where) if text else ()


def _parse_object(text: str, where: str) -> str:
    return ".".join(parse_path(text, where)) if text.strip('"') else ""


def _parse_guarantees(text: str, where: str) -> frozenset[str]:
    words = frozenset(text.split(","))
    for word in sorted(words - set(GUARANTEES)):
        raise DeclarationError(
            where,
            word,
            "is not a guarantee",
            f"use {', '.join(GUARANTEES)}",
        )
    return words


_PARSERS = {
    "cursor": _parse_cursor,
    "key": parse_key,
    "fields": _parse_fields,
    "mappers": _parse_mappers,
    "files": _parse_files,
    "object": _parse_object,
    "guarantees": _parse_guarantees,
}
_LINE_WORDS = {**STREAM_WORDS, "include_files": "write files=yes", "destination_object_name": "write object=…"}
_FIELD_OF = {"files": "include_files", "object": "destination_object_name"}

Streams = dict[StreamDescriptor, StreamSpec]
"""Configured streams, by their names."""
