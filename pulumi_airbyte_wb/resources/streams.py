"""Streams as a program declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Never, NotRequired, TypedDict

from pulumi_airbyte_wb.catalog.streams import ALL_FIELDS, canonical_json
from pulumi_airbyte_wb.models.catalog import quote
from pulumi_airbyte_wb.resources.program import ProgramError, refuse_unknown

SyncModeName = Literal[
    "full_refresh_overwrite",
    "full_refresh_append",
    "full_refresh_overwrite_dedup",
    "full_refresh_append_dedup",
    "full_refresh_update",
    "full_refresh_soft_delete",
    "incremental_append",
    "incremental_append_dedup",
    "incremental_update",
    "incremental_soft_delete",
]
Vouch = Literal["cursor_grows", "key_unique"]


class StreamArgsDict(TypedDict):
    """A stream as a dict literal; see ``Stream``."""

    name: str
    mode: SyncModeName
    cursor: NotRequired[str | None]
    key: NotRequired[str | Sequence[str] | None]
    fields: NotRequired[str | Sequence[str] | None]
    mappers: NotRequired[Sequence[Mapping[str, Any]] | None]
    include_files: NotRequired[bool | None]
    destination_object_name: NotRequired[str | None]
    vouch: NotRequired[Vouch | Sequence[Vouch]]


@dataclass(frozen=True)
class Stream:
    """One stream, or a pattern over streams; made by ``stream`` and ``streams``.

    Args:
        name: ``namespace.name``, or the name alone where the source has no namespaces; parts that hold a dot stand in
            double quotes. A pattern has ``*``, ``?`` or ``[…]``.
        mode: how it is read and written: the source's sync mode and the destination's, in one word.
        cursor: the column that tells new rows; leave it out where the source defines it.
        key: the column or columns of the primary key, in any order; leave it out where the source defines it.
        fields: the columns to select, or ``"*"`` for all; left out, the selection is not this program's.
        mappers: the mappers in order, as the API takes them, for example
            ``{"type": "hashing", "mapperConfiguration": {…}}``; left out, they are not this program's.
        include_files: whether files are moved too (server 1.7.0 on).
        destination_object_name: the destination's own name of the stream (server 1.8.0 on).
        vouch: what the program answers for, as no server can check it: ``cursor_grows`` (a row's cursor never falls and
            is never null), ``key_unique`` (the keys are unique and never null, before and after a change of key).
    """

    name: str
    mode: SyncModeName
    cursor: str | None = None
    key: str | Sequence[str] | None = None
    fields: str | Sequence[str] | None = None
    mappers: Sequence[Mapping[str, Any]] | None = None
    include_files: bool | None = None
    destination_object_name: str | None = None
    vouch: Vouch | Sequence[Vouch] = ()

    @property
    def line(self) -> str:
        """The one-line form; it is checked by the provider, which knows what to say about mistakes."""
        parts: list[str] = [str(self.mode)]
        if self.cursor is not None:
            parts.append(f"cursor={_column(self.cursor)}")
        if self.key is not None:
            parts.append(f"key={_columns(self.key)}")
        if self.fields is not None:
            parts.append(f"fields={ALL_FIELDS if self.fields == ALL_FIELDS else _columns(self.fields)}")
        if self.mappers is not None:
            parts.append(f"mappers=[{','.join(canonical_json(mapper) for mapper in self.mappers)}]")
        if self.include_files is not None:
            parts.append(f"files={'yes' if self.include_files else 'no'}")
        if self.destination_object_name is not None:
            parts.append(f"object={quote(self.destination_object_name)}")
        if self.vouch:
            parts.append(f"vouch={self.vouch if isinstance(self.vouch, str) else ','.join(self.vouch)}")
        return " ".join(parts)


StreamsArg = Sequence[Stream | StreamArgsDict] | Mapping[str, str]
"""A list of streams, or lines by stream name: ``{"public.users": "incremental_append cursor=id"}``."""


def stream(
    name: str,
    mode: SyncModeName,
    *,
    cursor: str | None = None,
    key: str | Sequence[str] | None = None,
    fields: str | Sequence[str] | None = None,
    mappers: Sequence[Mapping[str, Any]] | None = None,
    include_files: bool | None = None,
    destination_object_name: str | None = None,
    vouch: Vouch | Sequence[Vouch] = (),
    **unknown: Never,
) -> Stream:
    """Declare one stream; ``Stream`` describes the arguments.

    Raises:
        ProgramError: an argument does not exist; the nearest right name is in the text.
    """
    refuse_unknown(f"stream({name!r})", unknown, _STREAM_ARGUMENTS)
    return Stream(name, mode, cursor, key, fields, mappers, include_files, destination_object_name, vouch)


def streams(
    pattern: str,
    mode: SyncModeName,
    *,
    cursor: str | None = None,
    key: str | Sequence[str] | None = None,
    fields: str | Sequence[str] | None = None,
    mappers: Sequence[Mapping[str, Any]] | None = None,
    **unknown: Never,
) -> Stream:
    """Declare every stream that a pattern names, for example ``public.dim_*``; single declarations win over patterns.

    A pattern is resolved when it is new or changed, and listed in the preview; later it keeps its streams until a
    refresh finds that the source has more.

    Raises:
        ProgramError: an argument does not exist; the nearest right name is in the text.
    """
    refuse_unknown(f"streams({pattern!r})", unknown, _STREAM_ARGUMENTS)
    return Stream(pattern, mode, cursor, key, fields, mappers)


def stream_lines(declared: object) -> dict[str, str]:
    """The lines by stream name of any form of ``StreamsArg``.

    Raises:
        ProgramError: the argument has another form, or names a stream twice.
    """
    if isinstance(declared, Mapping):
        return {str(name): line if isinstance(line, str) else _line_of(name, line) for name, line in declared.items()}
    if isinstance(declared, str) or not isinstance(declared, Sequence):
        raise ProgramError(f"streams: {declared!r} is not a list of streams; write streams=[airbyte.stream(…), …]")
    lines: dict[str, str] = {}
    for index, item in enumerate(declared):
        if isinstance(item, Mapping):
            surplus = {name: value for name, value in item.items() if name not in _STREAM_ARGUMENTS}
            refuse_unknown(f"streams[{index}]", surplus, _STREAM_ARGUMENTS)
            for needed in ("name", "mode"):
                if needed not in item:
                    raise ProgramError(f"streams[{index}]: {needed} is missing; every stream needs a name and a mode")
            item = Stream(**item)
        if not isinstance(item, Stream):
            raise ProgramError(f"streams[{index}]: {item!r} is not a stream; write airbyte.stream(…)")
        if item.name in lines:
            raise ProgramError(f"streams[{index}]: {item.name!r} is declared twice; keep one of them")
        lines[item.name] = item.line
    return lines


_STREAM_ARGUMENTS = tuple(Stream.__dataclass_fields__)


def _line_of(name: object, value: object) -> str:
    if isinstance(value, Mapping):
        return stream_lines([{"name": name, **value}])[str(name)]
    raise ProgramError(f"streams[{name!r}]: {value!r} is not a line such as 'incremental_append cursor=updated_at'")


def _columns(columns: str | Sequence[str]) -> str:
    return ",".join(_column(column) for column in ([columns] if isinstance(columns, str) else columns))


def _column(column: str) -> str:
    # A name with a dot may be meant as a path, which the provider refuses with a sentence; quoted text stays as it is.
    if column.startswith('"'):
        return column
    return ".".join(part if not part else quote(part) for part in column.split("."))
