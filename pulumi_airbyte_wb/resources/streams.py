"""Streams as a program declares them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack, cast

from pulumi import Input, Output

from pulumi_airbyte_wb.models.names import quote
from pulumi_airbyte_wb.resources.program import ProgramError, hidden_values, holds_output, refuse_unknown, told
from pulumi_airbyte_wb.spec.mappers import canonical_json
from pulumi_airbyte_wb.spec.other_words import STREAM_WORDS
from pulumi_airbyte_wb.spec.stream_parts import ALL_FIELDS, GUARANTEES

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
Guarantee = Literal["cursor_monotonic", "key_unique"]
Columns = str | Sequence[str | Sequence[str]]
"""A column, or several; each by name, or as the path that Airbyte writes: ``[["id"]]``."""


class PatternOptions(TypedDict, total=False):
    """What ``stream`` and ``streams`` both take; ``Stream`` describes each."""

    cursor: Input[Columns] | None
    key: Input[Columns] | None
    fields: Input[Columns] | None
    mappers: Input[Sequence[Mapping[str, Any]]] | None
    include_files: Input[bool] | None
    guarantees: Guarantee | Sequence[Guarantee]


class StreamOptions(PatternOptions, total=False):
    """What ``stream`` takes besides: what only one stream can have."""

    destination_object_name: Input[str] | None


class StreamArgsDict(StreamOptions):
    """A stream as a dict literal; see ``Stream``."""

    name: str
    mode: SyncModeName


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
        guarantees: what the program guarantees, as no server can check it: ``cursor_monotonic`` (a row's cursor never
            falls and is never null), ``key_unique`` (the keys are unique and never null, before and after a change of
            key); one word, or several.
    """

    name: str
    mode: SyncModeName
    cursor: Input[Columns] | None = None
    key: Input[Columns] | None = None
    fields: Input[Columns] | None = None
    mappers: Input[Sequence[Mapping[str, Any]]] | None = None
    include_files: Input[bool] | None = None
    destination_object_name: Input[str] | None = None
    guarantees: Guarantee | Sequence[Guarantee] = ()

    @property
    def line(self) -> Input[str]:
        """The one-line form; later where a part is an Output. The provider says what is wrong in it.

        Raises:
            ProgramError: a part has a type that no line can hold.
        """
        where = f"stream({told(self.name)})"
        parts = {name: getattr(self, name) for name in _STREAM_ARGUMENTS if name != "name"}
        if any(holds_output(part) for part in parts.values()):
            return Output.all(**parts).apply(lambda known: _known_line(where, known))
        return _line(where, parts)


StreamsArg = Sequence[Stream | StreamArgsDict] | Mapping[str, str]
"""A list of streams, or lines by stream name: ``{"public.users": "incremental_append cursor=id"}``."""


def stream(name: str, mode: SyncModeName, **options: Unpack[StreamOptions]) -> Stream:
    """Declare one stream, for example ``stream("public.users", "incremental_append_dedup", cursor="at", key="id")``.

    Args:
        name: as ``Stream`` describes it, and so the others.
        mode: how the stream is read and written.
        options: ``cursor``, ``key``, ``fields``, ``mappers``, ``include_files``, ``destination_object_name``,
            ``guarantees``.

    Raises:
        ProgramError: an argument does not exist; the nearest right name is in the text.
    """
    refuse_unknown(f"stream({name!r})", _others(options, StreamOptions), _STREAM_ARGUMENTS, STREAM_WORDS)
    return Stream(name, mode, **options)


def streams(pattern: str, mode: SyncModeName, **options: Unpack[PatternOptions]) -> Stream:
    """Declare every stream that a pattern names, for example ``public.dim_*``; single declarations win over patterns.

    A pattern is resolved when it is new or changed, and listed in the preview; later it keeps its streams until a
    refresh finds that the source has more.

    Of several patterns that name a stream the most specific one has it: the one with more fixed letters
    (``public.dim_*`` before ``public.*``), then with more ``[…]``, then with more ``?``, then with fewer ``*``. Two
    that are equally specific, with different configurations, are an error that names both. Their order does not count.

    Args:
        pattern: names with ``*``, ``?`` or ``[…]`` in them.
        mode: how the streams are read and written, as ``Stream`` describes it, and so the others.
        options: ``cursor``, ``key``, ``fields``, ``mappers``, ``include_files``, ``guarantees``.

    Raises:
        ProgramError: an argument does not exist; the nearest right name is in the text.
    """
    known = ("pattern", "mode", *PatternOptions.__annotations__)
    refuse_unknown(f"streams({pattern!r})", _others(options, PatternOptions), known, STREAM_WORDS)
    return Stream(pattern, mode, **options)


def _others(options: Mapping[str, Any], known: type) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in known.__annotations__}


def stream_lines(declared: object) -> Input[dict[str, str]]:
    """The lines by stream name of any form of ``StreamsArg``; a line is known later where a part of it is an Output.

    Raises:
        ProgramError: the argument has another form, or names a stream twice.
    """
    return cast("Input[dict[str, str]]", dict(_lines_of(declared)))


_STREAM_ARGUMENTS = tuple(Stream.__dataclass_fields__)


def _lines_of(declared: object) -> Iterator[tuple[str, Input[str]]]:
    if isinstance(declared, Mapping):
        for name, value in declared.items():
            if isinstance(value, str | Output):
                yield str(name), value
            elif isinstance(value, Mapping):
                yield str(name), _stream_of({"name": name, **value}, f"streams[{told(name)}]").line
            else:
                raise ProgramError(
                    f"streams[{told(name)}]: {told(value)} is no line; write for example 'incremental_append cursor=id'"
                )
        return
    if isinstance(declared, str) or not isinstance(declared, Sequence):
        raise ProgramError(f"streams: {told(declared)} is not a list of streams; write streams=[airbyte.stream(…), …]")
    seen: set[str] = set()
    for index, item in enumerate(declared):
        given = _stream_of(item, f"streams[{index}]") if isinstance(item, Mapping) else item
        if not isinstance(given, Stream):
            hint = "write airbyte.stream(…)"
            if isinstance(item, Output):
                hint += ", whose arguments may be Outputs, or make the whole list one Output"
            raise ProgramError(f"streams[{index}]: {told(item)} is not a stream; {hint}")
        if not isinstance(given.name, str):
            raise ProgramError(
                f"streams[{index}]: the name is {told(given.name)}, and has to be a text that is known now; "
                "make the whole list one Output where it is not"
            )
        if given.name in seen:
            raise ProgramError(f"streams[{index}]: {told(given.name)} is declared twice; keep one of them")
        seen.add(given.name)
        yield given.name, given.line


def _stream_of(item: Mapping[str, Any], where: str) -> Stream:
    unknown = {name: item[name] for name in item if name not in _STREAM_ARGUMENTS}
    refuse_unknown(where, unknown, _STREAM_ARGUMENTS, STREAM_WORDS)
    for needed in ("name", "mode"):
        if needed not in item:
            raise ProgramError(f"{where}: {needed} is missing; every stream needs a name and a mode")
    return Stream(**item)


def _known_line(where: str, known: Mapping[str, object]) -> str:
    with hidden_values():
        return _line(where, known)


def _line(where: str, known: Mapping[str, object]) -> str:
    """The line of a stream whose parts are all known."""
    mode = known["mode"]
    if not isinstance(mode, str):
        raise ProgramError(f"{where}: mode={told(mode)} is not a text; write for example 'incremental_append'")
    parts = [f"{word}={write(known[name], where)}" for name, word, write in _PARTS if _declared(name, known)]
    return " ".join([mode, *parts])


def _declared(name: str, known: Mapping[str, object]) -> bool:
    # No guarantee is an empty list, which is as good as none.
    return bool(known[name]) if name == "guarantees" else known[name] is not None


def _cursor(cursor: object, where: str) -> str:
    # A cursor is one column: a list is the path that Airbyte writes.
    return _columns(cursor if isinstance(cursor, str) else [cursor], where, "cursor")


def _key(key: object, where: str) -> str:
    return _columns(key, where, "key")


def _fields(fields: object, where: str) -> str:
    if not fields:
        raise ProgramError(
            f"{where}: fields={told(fields)} selects nothing; leave it out, or write '*' for all columns"
        )
    return ALL_FIELDS if fields == ALL_FIELDS else _columns(fields, where, "fields")


def _files(include_files: object, where: str) -> str:
    if not isinstance(include_files, bool):
        raise ProgramError(f"{where}: include_files={told(include_files)} is neither True nor False; write one of them")
    return "yes" if include_files else "no"


def _object(name: object, _where: str) -> str:
    return quote(str(name))


def _guarantees(guarantees: object, where: str) -> str:
    words = [guarantees] if isinstance(guarantees, str) else guarantees
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ProgramError(
            f"{where}: guarantees={told(guarantees)} is not a list of words; use {', '.join(GUARANTEES)}"
        )
    return ",".join(words)


def _columns(columns: object, where: str, argument: str) -> str:
    listed = [columns] if isinstance(columns, str) else columns
    if not isinstance(listed, list | tuple | set | frozenset):
        raise ProgramError(f"{where}: {argument}={told(columns)} is no column; write the column's name")
    return ",".join(_column(column, where, argument) for column in listed)


def _column(column: object, where: str, argument: str) -> str:
    if isinstance(column, list | tuple) and all(isinstance(part, str) for part in column):
        return ".".join(quote(part) for part in column)
    if not isinstance(column, str):
        raise ProgramError(f"{where}: {argument}={told(column)} is no column; write the column's name")
    # A name with a dot may be meant as a path, which the provider refuses with a sentence; quoted text stays as it is.
    return column if column.startswith('"') else ".".join(quote(part) if part else "" for part in column.split("."))


def _json(mappers: object, where: str) -> str:
    try:
        text = canonical_json(mappers)
        json.loads(text, parse_constant=_refuse_constant)
    except (TypeError, ValueError, RecursionError):
        raise ProgramError(f"{where}: mappers={told(mappers)} is no JSON; write them as the API takes them") from None
    return text


def _refuse_constant(word: str) -> None:
    """Python writes NaN and infinity, which are no JSON."""
    raise ValueError(word)


_PARTS: tuple[tuple[str, str, Callable[[object, str], str]], ...] = (
    ("cursor", "cursor", _cursor),
    ("key", "key", _key),
    ("fields", "fields", _fields),
    ("mappers", "mappers", _json),
    ("include_files", "files", _files),
    ("destination_object_name", "object", _object),
    ("guarantees", "guarantees", _guarantees),
)
"""The parts of a line in their order: the argument, its word in the line, and what writes the value."""
