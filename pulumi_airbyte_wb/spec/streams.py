"""What a program declares of a stream, as a value with a canonical one-line form.

``incremental_append_dedup cursor=updated_at key=id,region fields=id,region,total``: the mode, then what is declared, in
a fixed order, so that two equal declarations are equal text. A part that is absent is not declared: it is not
managed by the program, and stays as it is.
"""

from __future__ import annotations

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
from pulumi_airbyte_wb.models.names import quote
from pulumi_airbyte_wb.spec.mappers import plain_mapper, sent_mappers, shown_mapper, unmasked
from pulumi_airbyte_wb.spec.other_words import modes_meant
from pulumi_airbyte_wb.spec.stream_parts import ALL_FIELDS, Path, key_text, parse_parts, path_text


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
        return " ".join([self.mode.word, *(f"{name}={text}" for name, text in self.parts.items())])

    @property
    def parts(self) -> dict[str, str]:
        """The declared parts but for the mode, as text, by the names that the line has for them."""
        parts: dict[str, str] = {}
        if self.cursor is not None:
            parts["cursor"] = path_text(self.cursor)
        if self.key is not None:
            parts["key"] = key_text(self.key)
        if self.fields is not None:
            parts["fields"] = ",".join(quote(name) for name in sorted(self.fields)) or ALL_FIELDS
        if self.mappers is not None:
            parts["mappers"] = f"[{','.join(self.mappers)}]"
        if self.include_files is not None:
            parts["files"] = "yes" if self.include_files else "no"
        if self.destination_object_name is not None:
            parts["object"] = quote(self.destination_object_name)
        if self.guarantees:
            parts["guarantees"] = ",".join(sorted(self.guarantees))
        return parts

    @classmethod
    def parse(cls, line: str, path: str = "stream") -> StreamSpec:
        """Read the canonical text, or the same parts in any order.

        Raises:
            DeclarationError: naming ``path`` and the part that cannot be.
        """
        word, _, rest = line.strip().partition(" ")
        mode = parse_mode(word if word in MODES or not modes_meant(line, MODES) else line.strip(), path)
        return cls(mode=mode, **parse_parts(rest.strip(), path))

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

    def without_keys(self) -> StreamSpec:
        """This declaration without the keys that mappers encrypt with: whether they are those in force is not told."""
        return replace(self, mappers=self.mappers and tuple(map(shown_mapper, self.mappers)))

    def declared_only(self, live: StreamSpec) -> StreamSpec:
        """``live`` without the parts that this declaration leaves alone: what a comparison with it may look at."""
        absent: dict[str, Any] = {
            part.name: None
            for part in fields(self)
            if part.name not in {"mode", "guarantees"} and getattr(self, part.name) is None
        }
        return replace(live, guarantees=self.guarantees, **absent)

    def in_words(self, live: StreamSpec) -> StreamSpec:
        """The same of ``live``; what the server masks in a mapper is taken to be what is declared there."""
        seen = self.declared_only(live)
        return replace(seen, mappers=seen.mappers and tuple(unmasked(seen.mappers, self.mappers or ())))


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
        changed["mappers"] = sent_mappers(spec.mappers or (), config.mappers or ())
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


Streams = dict[StreamDescriptor, StreamSpec]
"""Configured streams, by their names."""
