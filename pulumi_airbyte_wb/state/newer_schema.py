"""A connection's stored schema against what its source offers now: what changed, and the catalog that takes it over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pulumi_airbyte_wb.models import AirbyteStream, ConfiguredStream, SyncCatalog
from pulumi_airbyte_wb.spec.stream_parts import key_text

NEW, GONE, WIDENED, RETYPED, KEY, STREAM_GONE = "new", "gone", "widened", "retyped", "key", "dropped"
"""The words that a note about a stream's schema begins with."""

_WIDER = {"integer": {"number", "string"}, "number": {"string"}, "boolean": {"string"}}


def schema_notes(stored: ConfiguredStream, offer: AirbyteStream | None) -> tuple[str, ...]:
    """What is different at the source, for the columns that the connection moves: ``retyped total string => integer``.

    What is inside an object is not looked at: it is one column to a destination. Order and decoration make no note.

    Args:
        stored: the stream as the connection has it.
        offer: the stream as the source offers it now, ``None`` where it is gone.
    """
    if offer is None:
        return (STREAM_GONE,)
    return tuple(sorted(_notes(stored, offer)))


def columns_digest(stream: AirbyteStream, chosen: Collection[str] = ()) -> str:
    """A short text that changes with the names and types of a stream's columns, or of the chosen ones."""
    columns = {name: _kind(node) for name, node in stream.columns.items() if not chosen or name in chosen}
    return hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()[:12]


def taken_over(notes: Iterable[str], stored: ConfiguredStream) -> tuple[str, ...]:
    """Those notes whose change the connection has already: of the others, the source has taken back what it changed."""
    columns = stored.stream.columns
    key = key_text(tuple(path) for path in stored.stream.source_defined_primary_key) or "(none)"

    def has(note: str) -> bool:
        word, _, rest = note.partition(" ")
        before, _, now = rest.rpartition(" => ")
        name = before.rpartition(" ")[0]
        return {
            NEW: rest in columns,
            GONE: rest not in columns,
            WIDENED: name in columns and _kind(columns[name]) == now,
            RETYPED: name in columns and _kind(columns[name]) == now,
            KEY: key == now,
        }.get(word, True)

    return tuple(note for note in notes if has(note))


def on_schema(stored: SyncCatalog, discovered: SyncCatalog) -> SyncCatalog:
    """The selected streams of a connection as configured, with the schemas that the source has now.

    A selected column that is gone is selected no longer, and a key that was the source's own is its new one. Streams
    that are gone from the source are left out.
    """
    offers = {stream: entry.stream for stream, entry in discovered.by_descriptor().items()}
    moved = [_moved(entry, offers[stream]) for stream, entry in stored.selected().items() if stream in offers]
    return stored.model_copy(update={"streams": moved})


def _notes(stored: ConfiguredStream, offer: AirbyteStream) -> Iterator[str]:
    old, new = stored.stream.columns, offer.columns
    if stored.config.field_selection_enabled:
        chosen = {field.field_path[0] for field in stored.config.selected_fields or () if field.field_path}
        old, new = ({name: node for name, node in side.items() if name in chosen} for side in (old, new))
    yield from (f"{NEW} {name}" for name in new.keys() - old.keys())
    yield from (f"{GONE} {name}" for name in old.keys() - new.keys())
    for name in old.keys() & new.keys():
        was, now = _kind(old[name]), _kind(new[name])
        if was != now:
            yield f"{WIDENED if now in _WIDER.get(was, ()) else RETYPED} {name} {was} => {now}"
    old_key, new_key = (
        frozenset(tuple(path) for path in side.source_defined_primary_key) for side in (stored.stream, offer)
    )
    if old_key != new_key:
        yield f"{KEY} {key_text(old_key) or '(none)'} => {key_text(new_key) or '(none)'}"


def _kind(node: Any) -> str:
    """The type of a column as destinations tell types apart."""
    if not isinstance(node, dict):
        return "unknown"
    kinds = node.get("type")
    kinds = [
        kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str) and kind != "null"
    ]
    if "oneOf" in node or "anyOf" in node or len(kinds) > 1:
        return "union"
    if not kinds:
        return "unknown"
    if kinds[0] == "string":
        return str(node.get("airbyte_type") or node.get("format") or "string")
    if kinds[0] == "number" and node.get("airbyte_type") == "integer":
        return "integer"
    return str(kinds[0])


def _moved(entry: ConfiguredStream, offer: AirbyteStream) -> ConfiguredStream:
    config = entry.config
    changed: dict[str, Any] = {}
    if config.selected_fields is not None:
        changed["selected_fields"] = [
            field for field in config.selected_fields if not field.field_path or field.field_path[0] in offer.columns
        ]
    if offer.source_defined_primary_key and config.primary_key == entry.stream.source_defined_primary_key:
        changed["primary_key"] = offer.source_defined_primary_key
    return entry.model_copy(update={"stream": offer, "config": config.model_copy(update=changed)})
