"""How one value of a program is read: what it must be, and what is said when it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from unicodedata import bidirectional, category
from uuid import UUID

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.other_words import VALUES

MAX_TEXT = 256
"""The longest text that the server's database takes for names."""


_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


_FORM = {"streams": "write {'public.users': 'full_refresh_overwrite'}", "resets": "write {'default': …}"}


def text(value: object, path: str, *, longest: int = MAX_TEXT) -> str:
    """A declared text.

    Raises:
        DeclarationError: it is no text, too long, or holds control characters.
    """
    if not isinstance(value, str):
        plain = isinstance(value, bool | int | float)
        raise DeclarationError(path, value, "is not a text", f"write {'it' if plain else 'one text'} in quotes")
    if len(value) > longest:
        raise DeclarationError(path, value, f"is longer than {longest} characters", "shorten it")
    if not value.isprintable():
        kinds = {category(letter) for letter in value}
        if kinds & {"Cc", "Cs", "Zl", "Zp"}:
            raise DeclarationError(path, value, "holds a line break or another control character", "remove it")
        if any(bidirectional(letter) in _TURNING for letter in value):
            raise DeclarationError(path, value, "holds a character that reverses the direction of text", "remove it")
    return value


def uuid(value: object, path: str) -> str:
    """A declared id.

    Raises:
        DeclarationError: it is not of the form of Airbyte's ids.
    """
    try:
        return str(UUID(text(value, path)))
    except ValueError:
        raise DeclarationError(
            path, value, "is not an id of Airbyte's", "copy the UUID from the address of its page, or use a lookup"
        ) from None


def choice(words: type[StrEnum], *, without: tuple[str, ...] = ()) -> Callable[[object, str], str]:
    """A reader of one of the words of an enumeration, as its text."""
    allowed = [word.value for word in words if word.value not in without]

    def canonical(value: object, path: str) -> str:
        value = VALUES.get(str(value), value)
        if value not in allowed:
            hint = nearest(str(value), allowed) or f"use {' or '.join(map(repr, allowed))}"
            raise DeclarationError(path, value, "is not possible here", hint)
        return str(value)

    return canonical


def one_of(words: type[StrEnum]) -> Any:
    """A reader of one of the words of an enumeration, as its member."""

    def canonical(value: object, path: str) -> StrEnum:
        try:
            return words(str(value))
        except ValueError:
            hint = nearest(str(value), words) or f"use {' or '.join(repr(word.value) for word in words)}"
            raise DeclarationError(path, value, "is not possible here", hint) from None

    return canonical


def flag(value: object, path: str) -> bool:
    """A declared yes or no.

    Raises:
        DeclarationError: it is neither true nor false.
    """
    if not isinstance(value, bool):
        raise DeclarationError(path, value, "is neither true nor false", "write True or False, without quotes")
    return value


def mapping(value: object, path: str) -> Mapping[str, Any]:
    """A declared mapping.

    Raises:
        DeclarationError: it is none.
    """
    if not isinstance(value, Mapping):
        raise DeclarationError(path, value, "is not a mapping", _FORM.get(path, "write {name: value, …}"))
    return value


def names(value: object, path: str) -> tuple[str, ...]:
    """A list of texts that we noted ourselves.

    Raises:
        DeclarationError: it is none.
    """
    if not isinstance(value, list | tuple):
        raise DeclarationError(path, value, "is not a list")
    return tuple(noted_text(name, path) for name in value)


def noted(value: object, path: str) -> dict[str, str]:
    """Texts by name that we noted ourselves.

    Raises:
        DeclarationError: it is no mapping of texts.
    """
    return {name: noted_text(item, f"{path}.{name}") for name, item in mapping(value, path).items()}


def noted_text(value: object, path: str) -> str:
    """A text that we noted ourselves: the server may have what no program may declare, such as a line break.

    Raises:
        DeclarationError: it is no text.
    """
    if not isinstance(value, str):
        raise DeclarationError(path, value, "is not a text")
    return value


def stream_key(key: object, path: str) -> StreamDescriptor:
    """A stream's name as a program writes it.

    Raises:
        DeclarationError: it is no text, or a part of it is empty.
    """
    try:
        return StreamDescriptor.parse(text(key, path, longest=65_536))
    except ValueError as error:
        raise DeclarationError(path, key, f"is not a stream's name: it {error}", "write namespace.name") from None
