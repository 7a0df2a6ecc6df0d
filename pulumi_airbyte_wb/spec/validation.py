"""A declared stream held against what the source offers: the server checks none of this (semantics §11.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import AirbyteStream, ConfiguredStream, DestinationSyncMode, SyncMode
from pulumi_airbyte_wb.spec.mapper_checks import UNDESCRIBED, check_mappers
from pulumi_airbyte_wb.spec.stream_parts import Path, key_text, path_text
from pulumi_airbyte_wb.spec.streams import StreamSpec


def check_declared(spec: StreamSpec, path: str) -> Iterator[DeclarationError]:
    """What is wrong with a declaration in itself, whatever the source offers."""
    if not spec.mode.incremental and spec.cursor:
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
    if spec.fields:
        for name, needed in (("cursor", [spec.cursor] if spec.cursor else []), ("key", sorted(spec.key or ()))):
            for column in needed:
                if column[0] not in spec.fields and len(column) == 1:
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
    nested = list(_check_nested(spec, stream, path))
    if nested:
        yield from nested
        return
    if spec.mode.incremental:
        yield from _check_cursor(spec, stream, path)
    if spec.mode.dedup:
        yield from _check_key(spec, stream, path)
    for name in sorted(spec.fields or ()):
        yield from _check_column((name,), stream, f"{path}.fields")
    needed = _needed(spec, stream)
    yield from _check_needed(spec, stream, needed, path)
    selected, name = spec.fields or (), str(stream.descriptor)
    yield from check_mappers(spec.mappers or (), name, stream.columns, selected, needed, path)


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


def _check_nested(spec: StreamSpec, stream: AirbyteStream, path: str) -> Iterator[DeclarationError]:
    for name, columns in (("cursor", [spec.cursor] if spec.cursor else []), ("key", sorted(spec.key or ()))):
        for column in columns:
            if len(column) < 2:
                continue
            whole = ".".join(column)
            if whole in stream.columns:
                rule = "is read as a path into another column, and this one has a dot in its name"
                shape = [whole] if name == "cursor" else [[whole]]
                hint = f"write {name}={shape}, or {name}={json.dumps(whole)} in a line"
            elif name == "key" and set(column) <= stream.columns.keys():
                rule, hint = "is one path into a column", f"for a key of these columns write key={list(column)}"
            else:
                rule, hint = "is nested: destinations use its first element only", "choose a top-level column"
            yield DeclarationError(f"{path}.{name}", path_text(column), rule, hint)


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


def _check_needed(
    spec: StreamSpec, stream: AirbyteStream, needed: Mapping[str, str], path: str
) -> Iterator[DeclarationError]:
    """The selection must have the columns that the source defines as cursor and key, too."""
    for column, what in sorted(needed.items()):
        described = column in stream.columns or not column.startswith(UNDESCRIBED)
        if spec.fields and described and column not in spec.fields:
            chosen = ",".join(sorted(spec.fields))
            yield DeclarationError(f"{path}.fields", chosen, f"leaves out {column!r}, which is {what}", "select it too")


def _needed(spec: StreamSpec, stream: AirbyteStream) -> dict[str, str]:
    """The columns of the cursor and the key that are in force, each with what it is."""
    needed = {path[0]: "part of the key" for path in effective_key(spec, stream)}
    cursor = effective_cursor(spec, stream)
    return needed | ({cursor[0]: "the cursor"} if cursor else {})


def effective_cursor(spec: StreamSpec, stream: AirbyteStream) -> Path:
    """The cursor that is in force: what the source defines, else what is declared, else what the source proposes."""
    if not spec.mode.incremental:
        return ()
    own = tuple(stream.default_cursor_field)
    return own if own and (stream.source_defined_cursor or spec.cursor is None) else spec.cursor or ()


def effective_key(spec: StreamSpec, stream: AirbyteStream) -> frozenset[Path]:
    """The primary key that is in force: what the source defines, else what is declared."""
    if not spec.mode.dedup:
        return frozenset()
    own = frozenset(tuple(column) for column in stream.source_defined_primary_key if column)
    return own or spec.key or frozenset()


def _check_column(column: Path, stream: AirbyteStream, path: str) -> Iterator[DeclarationError]:
    columns = stream.columns
    # A source may fill columns that it does not describe, such as CDC's _ab_cdc_lsn; an empty schema describes none.
    if columns and column[0] not in columns and not column[0].startswith(UNDESCRIBED):
        hint = nearest(column[0], columns) or f"it has {_columns(stream)}"
        first = column[0].partition(".")[0]
        hint = f"only whole columns can be selected: select {first!r}" if first in columns else hint
        yield DeclarationError(path, column[0], f"is no column of {stream.descriptor}", hint)


def _columns(stream: AirbyteStream, limit: int = 12) -> str:
    names = sorted(stream.columns)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f"{', '.join(names[:limit])}{more}" if names else "its columns"
