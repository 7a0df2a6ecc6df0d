"""What changed in a source's schema: as lines for users, and as changes to be decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.newer_schema import GONE, KEY, NEW, RETYPED, WIDENED

BACK = "back"
"""As ``new``, of a column that the table may have still, with the type that it had before it was taken away."""
_KINDS = {
    NEW: (Kind.SELECTED, What.NEW_AT_SOURCE),
    BACK: (Kind.TYPE_CHANGED, What.BACK_AT_SOURCE),
    GONE: (Kind.DESELECTED, What.GONE_FROM_SOURCE),
    WIDENED: (Kind.TYPE_WIDENED, What.TYPE_AT_SOURCE),
    RETYPED: (Kind.TYPE_CHANGED, What.TYPE_AT_SOURCE),
    KEY: (Kind.KEY, What.KEY_OF_SOURCE),
}
_WORDS = {
    "add_stream": "is new at the source",
    "remove_stream": "is gone from the source",
    "add_field": "has the new column",
    "remove_field": "has lost the column",
    "update_field_schema": "has another type of the column",
    "update_primary_key": "has another key of the source's own",
}


def schema_changes(diff: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a ``CatalogDiff``, of any server version, in the order of the streams' keys.

    Args:
        diff: the API's object: ``updateStream`` is a list of field transforms up to 0.58.1, an object later.
    """
    lines = []
    for transform in diff.get("transforms") or ():
        described = transform.get("streamDescriptor") or {}
        stream = StreamDescriptor(described.get("namespace"), described.get("name", ""))
        if transform["transformType"] != "update_stream":
            lines.append(f"{stream} {_WORDS.get(transform['transformType'], 'changed')}")
            continue
        update = transform.get("updateStream") or {}
        fields = update if isinstance(update, list) else update.get("fieldTransforms") or []
        attributes = [] if isinstance(update, list) else update.get("streamAttributeTransforms") or []
        for item in (*fields, *attributes):
            column = ".".join(item.get("fieldName") or ())
            breaking = ", which breaks this connection" if item.get("breaking") else ""
            lines.append(f"{stream} {_WORDS.get(item['transformType'], 'changed')} {column}".rstrip() + breaking)
    yield from sorted(lines)


def dropped_columns(columns: Iterable[str], notes: Iterable[str]) -> tuple[str, ...]:
    """The columns of a stream that are away once a newer schema is taken over, of those that were away before."""
    split = [note.partition(" ") for note in notes]
    back = {name for word, _, name in split if word == NEW}
    return tuple(sorted({*columns, *(name for word, _, name in split if word == GONE)} - back))


def accepted(
    stream: StreamDescriptor, spec: StreamSpec, notes: Iterable[str], away: Collection[str] = ()
) -> Iterator[Change]:
    """The changes that taking over a newer schema makes, one for each kind.

    Args:
        stream: whose schema.
        spec: how the stream is declared.
        notes: those of ``schema_notes``.
        away: the columns that were taken away before.
    """
    grouped: dict[str, list[str]] = {}
    for note in notes:
        word, _, rest = note.partition(" ")
        word = BACK if word == NEW and rest in away else word
        grouped.setdefault(word, []).append(rest)
    for word, parts in grouped.items():
        if word in _KINDS and (word != KEY or spec.mode.dedup):
            kind, what = _KINDS[word]
            yield Change(ChangeKey.of(stream, kind, [word], parts), spec, spec, Detail.of(what, parts))
