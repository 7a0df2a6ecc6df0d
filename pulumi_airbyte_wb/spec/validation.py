"""A declared stream held against what the source offers: the server checks none of this (semantics §11.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import AirbyteStream, ConfiguredStream, DestinationSyncMode, SyncMode
from pulumi_airbyte_wb.spec.streams import Path, StreamSpec, key_text, path_text

_META_COLUMNS = "_ab_"


def check_declared(spec: StreamSpec, path: str) -> Iterator[DeclarationError]:
    """What is wrong with a declaration in itself, whatever the source offers."""
    if not spec.mode.incremental and spec.cursor is not None:
        yield DeclarationError(
            f"{path}.cursor",
            path_text(spec.cursor),
            f"has no use in {spec.mode.word}, which reads everything each time",
            "leave it out, or declare an incremental mode",
        )
    if not spec.mode.dedup and spec.key:
        yield DeclarationError(
            f"{path}.key",
            key_text(spec.key),
            f"has no use in {spec.mode.word}, which keeps no single row per key",
            "leave it out, or declare a mode that ends in _dedup",
        )
    for name, columns in (("cursor", [spec.cursor] if spec.cursor else []), ("key", sorted(spec.key or ()))):
        for column in columns:
            if len(column) > 1:
                yield DeclarationError(
                    f"{path}.{name}",
                    path_text(column),
                    "is nested: destinations use its first element only",
                    "choose a top-level column",
                )
    if spec.fields:
        for name, needed in (("cursor", [spec.cursor] if spec.cursor else []), ("key", sorted(spec.key or ()))):
            for column in needed:
                if column[0] not in spec.fields:
                    yield DeclarationError(
                        f"{path}.fields",
                        ",".join(sorted(spec.fields)),
                        f"leaves out {column[0]!r}, which is the {name}",
                        "select it too",
                    )


def check_offered(spec: StreamSpec, stream: AirbyteStream, path: str) -> Iterator[DeclarationError]:
    """What is wrong with a declaration for this stream of the source."""
    modes = stream.supported_sync_modes or [SyncMode.FULL_REFRESH.value]
    if spec.mode.sync_mode.value not in modes:
        yield DeclarationError(
            f"{path}.mode",
            spec.mode.word,
            f"is not possible: the source reads this stream only by {' or '.join(modes)}",
            "choose a mode that starts with it",
        )
        return
    if spec.mode.incremental:
        yield from _check_cursor(spec, stream, path)
    if spec.mode.dedup:
        yield from _check_key(spec, stream, path)
    for name in sorted(spec.fields or ()):
        yield from _check_column((name,), stream, f"{path}.fields")
    yield from _check_mappers(spec, stream, path)


def hidden(entry: ConfiguredStream) -> Iterator[tuple[str, str]]:
    """The columns that a stream's own selection of columns leaves out although it needs them (§11.3): what, column."""
    config = entry.config
    if not config.field_selection_enabled:
        return
    chosen = {field.field_path[0] for field in config.selected_fields or () if field.field_path}
    needed = [("cursor", config.cursor_field)] if config.sync_mode == SyncMode.INCREMENTAL else []
    if config.destination_sync_mode in {DestinationSyncMode.APPEND_DEDUP, DestinationSyncMode.OVERWRITE_DEDUP}:
        needed += [("key", column) for column in config.primary_key]
    yield from ((what, path[0]) for what, path in needed if path and path[0] not in chosen)


def _check_cursor(spec: StreamSpec, stream: AirbyteStream, path: str) -> Iterator[DeclarationError]:
    if stream.source_defined_cursor:
        own = tuple(stream.default_cursor_field)
        if spec.cursor is not None and own and spec.cursor != own:
            yield DeclarationError(
                f"{path}.cursor",
                path_text(spec.cursor),
                f"is not possible: the source itself defines the cursor ({path_text(own)})",
                "leave the cursor out",
            )
    elif spec.cursor is not None:
        yield from _check_column(spec.cursor, stream, f"{path}.cursor")
    elif not stream.default_cursor_field:
        yield DeclarationError(
            f"{path}.cursor",
            spec.mode.word,
            "needs a cursor, and the source defines none",
            f"declare one of {_columns(stream)}",
        )


def _check_key(spec: StreamSpec, stream: AirbyteStream, path: str) -> Iterator[DeclarationError]:
    own = frozenset(tuple(column) for column in stream.source_defined_primary_key)
    if own and spec.key is not None and spec.key != own:
        yield DeclarationError(
            f"{path}.key",
            key_text(spec.key),
            f"is not possible: the source itself defines the key ({key_text(own)})",
            "leave the key out",
        )
    elif not own and not spec.key:
        yield DeclarationError(
            f"{path}.key",
            spec.mode.word,
            "needs a key, and the source defines none",
            f"declare one or more of {_columns(stream)}",
        )
    elif not own:
        for column in sorted(spec.key or ()):
            yield from _check_column(column, stream, f"{path}.key")


def _check_mappers(spec: StreamSpec, stream: AirbyteStream, path: str) -> Iterator[DeclarationError]:
    needed = {column[0] for column in spec.key or ()} | ({spec.cursor[0]} if spec.cursor else set())
    for text in spec.mappers or ():
        mapper = json.loads(text)
        settings = mapper.get("mapperConfiguration", {})
        target = settings.get("targetField") or settings.get("originalFieldName")
        if isinstance(target, str):
            yield from _check_column((target,), stream, f"{path}.mappers")
            if target in needed:
                yield DeclarationError(
                    f"{path}.mappers",
                    target,
                    f"is the cursor or part of the key, which a {mapper['type']} mapper would change",
                    "map another column",
                )


def _check_column(column: Path, stream: AirbyteStream, path: str) -> Iterator[DeclarationError]:
    columns = stream.columns
    # A source may fill columns that it does not describe, such as CDC's _ab_cdc_lsn; an empty schema describes none.
    if columns and column[0] not in columns and not column[0].startswith(_META_COLUMNS):
        hint = nearest(column[0], columns) or f"it has {_columns(stream)}"
        yield DeclarationError(path, column[0], f"is no column of {stream.descriptor}", hint)


def _columns(stream: AirbyteStream, limit: int = 12) -> str:
    names = sorted(stream.columns)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f"{', '.join(names[:limit])}{more}" if names else "its columns"
