"""What changed in a source's schema: as lines for users, and as changes to be decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.spec.stream_parts import Path
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.newer_schema import GONE, KEY, NEW, RETYPED, WIDENED

BACK = "back"
"""As ``new``, of a column that the table may have still, with the type that it had before it was taken away."""
NEEDED = "needed"
"""As ``gone``, of the column of the cursor or of a key."""
CURSOR = "cursor"
"""As ``widened``, of the cursor's column, where its values sort differently then: ``10`` is before ``9`` as a text."""
_KINDS = {
    NEW: (Kind.SELECTED, What.NEW_AT_SOURCE),
    BACK: (Kind.TYPE_CHANGED, What.BACK_AT_SOURCE),
    NEEDED: (Kind.NEEDED_GONE, What.NEEDED_GONE),
    CURSOR: (Kind.CURSOR_RETYPED, What.CURSOR_TYPE_AT_SOURCE),
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
    stream: StreamDescriptor,
    spec: StreamSpec,
    notes: Iterable[str],
    away: Collection[str] = (),
    cursor: Path = (),
    key: Collection[Path] = (),
) -> Iterator[Change]:
    """The changes that taking over a newer schema makes, one for each kind.

    Args:
        stream: whose schema.
        spec: how the stream is declared.
        notes: those of ``schema_notes``.
        away: the columns that were taken away before.
        cursor: the cursor that is in force.
        key: the key that is in force.
    """
    needed = {path[0] for path in (cursor, *key) if path}
    grouped: dict[str, list[str]] = {}
    for note in notes:
        word, _, rest = note.partition(" ")
        if word == NEW and rest in away:
            word = BACK
        elif word == GONE and rest in needed:
            word = NEEDED
        elif word == WIDENED and cursor and _sorts_otherwise(cursor[0], rest):
            word = CURSOR
        grouped.setdefault(word, []).append(rest)
    for word, parts in grouped.items():
        if word in _KINDS and (word != KEY or spec.mode.dedup):
            kind, what = _KINDS[word]
            yield Change(ChangeKey.of(stream, kind, [word], parts), spec, spec, Detail.of(what, parts))


def _sorts_otherwise(column: str, note: str) -> bool:
    """Whether a note ``seq integer => string`` is about this column, and numbers become texts."""
    before, _, now = note.rpartition(" => ")
    name, _, was = before.rpartition(" ")
    return name == column and now == "string" and was in {"integer", "number"}


def told_once(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes without the columns that another change of the same stream is about too.

    A column that the source has dropped is not deselected by the program as well, and one that is new there, or back,
    is not selected as well: the source's change tells more.
    """
    found = list(changes)
    dropped, come = (
        _columns(found, kinds) for kinds in ({What.GONE_FROM_SOURCE}, {What.NEW_AT_SOURCE, What.BACK_AT_SOURCE})
    )
    for change in found:
        told = {What.DESELECTED: dropped, What.SELECTED: come}.get(change.detail.what, {}).get(change.stream, set())
        items = tuple(item for item in change.detail.items if item.name not in told)
        if items or not change.detail.items:
            yield replace(change, detail=replace(change.detail, items=items)) if told else change


def _columns(changes: Iterable[Change], whats: Collection[What]) -> dict[StreamDescriptor, set[str]]:
    columns: dict[StreamDescriptor, set[str]] = defaultdict(set)
    for change in changes:
        if change.detail.what in whats:
            columns[change.stream].update(item.name for item in change.detail.items)
    return columns
