"""The parts of a stream's one-line form: ``cursor=updated_at key=id,region fields=id,region,total``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models.names import quote, split_dotted
from pulumi_airbyte_wb.spec.mappers import plain_mapper
from pulumi_airbyte_wb.spec.other_words import STREAM_WORDS

Path = tuple[str, ...]

ALL_FIELDS = "*"
GUARANTEES = ("cursor_monotonic", "key_unique")
"""What only the program can know, because no server can check it (see ``airbyte-wb docs resets``)."""


def parse_parts(text: str, path: str) -> dict[str, Any]:
    """The values of ``name=value name=value``, by the names that ``StreamSpec`` has for them.

    Raises:
        DeclarationError: naming ``path`` and the part that cannot be.
    """
    values: dict[str, Any] = {}
    for name, value in _parts(text, path):
        field = FIELD_OF.get(name, name)
        if field in values:
            raise DeclarationError(f"{path}.{name}", value, "is given twice", "keep one of them")
        values[field] = _PARSERS[name](value, f"{path}.{name}")
    return values


def path_text(path: Path) -> str:
    """A column path with dots."""
    return ".".join(quote(part) for part in path)


def key_text(key: Iterable[Path]) -> str:
    """A primary key, its columns in the alphabet's order."""
    return ",".join(sorted(path_text(path) for path in key))


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
FIELD_OF = {"files": "include_files", "object": "destination_object_name"}
