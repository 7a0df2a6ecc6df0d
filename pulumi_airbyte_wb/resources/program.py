"""Mistakes in programs as one sentence: Pulumi prints a ``RunError`` without a traceback."""

from __future__ import annotations

import enum
import inspect
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

import pulumi

from pulumi_airbyte_wb.errors import AirbyteError, nearest, shown
from pulumi_airbyte_wb.resources.exit_code import expect_shown_error


class ProgramError(AirbyteError, pulumi.RunError):
    """A program that cannot be carried out, told by one sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        expect_shown_error()


def config(key: str) -> str | None:
    """A value of the stack's config, by its whole key."""
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn this package's errors into ``ProgramError``."""
    try:
        yield
    except ProgramError:
        raise
    except AirbyteError as error:
        raise ProgramError(str(error)) from None


def refuse_unknown(
    where: str, unknown: Mapping[str, object], known: Iterable[str], words: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Refuse arguments that do not exist.

    Args:
        where: what was given them.
        unknown: the arguments.
        known: those that exist.
        words: names of other tools, each with what to declare instead.

    Raises:
        ProgramError: naming the first one and the right name.
    """
    for name, value in unknown.items():
        if _hidden.get():
            raise ProgramError(f"{where}: there is an argument too many; it takes {', '.join(known)}")
        hint = words.get(str(name)) or nearest(str(name), known) or f"it takes {', '.join(known)}"
        written = name if isinstance(name, str) and name.isidentifier() else told(name)
        raise ProgramError(f"{where}: {written}={told(value)} is no argument; {hint}")


def refuse_skip_reset(where: str, unknown: Mapping[str, object]) -> None:
    """Refuse Airbyte's own flag by saying what it is here.

    Raises:
        ProgramError: it was given.
    """
    for name in unknown.keys() & {"skip_reset", "skipReset"}:
        raise ProgramError(
            f'{where}: {name} is no argument; say resets={{"default": "skip"}} for what skipReset=true does, '
            '"server" for false, or nothing for what ends with the right rows (airbyte-wb docs skip-reset)'
        )


_hidden: ContextVar[bool] = ContextVar("hidden", default=False)


@contextmanager
def hidden_values() -> Iterator[None]:
    """Name the types of values in place of the values: what an Output holds may be secret."""
    token = _hidden.set(True)
    try:
        yield
    finally:
        _hidden.reset(token)


def told(value: object) -> str:
    """A value as a message shows it; of what is no plain value, or may be secret, its type alone."""
    if isinstance(value, pulumi.Output):
        return "an Output"
    if _hidden.get():
        return f"a value of type {type(value).__name__!r}"
    try:
        _refuse_foreign(value, "")
    except ProgramError:
        return f"a value of type {type(value).__name__!r}"
    return shown(value)


def carried(value: Any, where: str, *, text: bool = False) -> Any:
    """A declared value whose Outputs are looked at, too, once they are known.

    Args:
        value: what is declared.
        where: the resource and the property.
        text: whether it has to be one text.

    Raises:
        ProgramError: it holds something that no property can hold, of which Pulumi would give a traceback.
    """
    if isinstance(value, pulumi.Output):
        return value.apply(lambda known: _carried_later(known, where, text=text))
    if text and isinstance(value, Mapping | list | tuple):
        raise ProgramError(f"{where}: {told(value)} is not a text; write one text in quotes")
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise ProgramError(f"{where}: the key {told(name)} is not a text; write it in quotes")
            _refuse_foreign(name, where)
        inner = {name: where if _hidden.get() else f"{where}{_part(name)}" for name in value}
        return {name: carried(item, inner[name]) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [carried(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if not inspect.isawaitable(value):
        _refuse_foreign(value, where)
    return value


def _carried_later(known: Any, where: str, *, text: bool) -> Any:
    with hidden_values():
        return carried(known, where, text=text)


def _refuse_foreign(value: object, where: str) -> None:
    if isinstance(value, list | tuple):
        for item in value:
            _refuse_foreign(item, where)
    elif isinstance(value, Mapping):
        for item in [*value, *value.values()]:
            _refuse_foreign(item, where)
    elif isinstance(value, str):
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            said = "the text" if _hidden.get() else shown(value)
            raise ProgramError(f"{where}: {said} holds half a character, which no text can; remove it")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ProgramError(f"{where}: {value} is no number that can be kept; write a finite number")
    elif isinstance(value, int):
        # The engine keeps every number as a double.
        if abs(value) > 2**53:
            said = "the number" if _hidden.get() else _digits(value)
            raise ProgramError(f"{where}: {said} is larger than Pulumi keeps exactly; write a number up to {2**53}")
    elif value is not None and not isinstance(value, enum.Enum):
        kind = type(value).__name__
        if isinstance(value, pulumi.Resource):
            raise ProgramError(f"{where}: a value of type {kind!r} is a resource; write .id behind it")
        rule = f"a value of type {kind!r} is nothing that a property can hold"
        name = where.rpartition(" ")[2]
        hint = "write a text, a number, a list or a mapping"
        if isinstance(value, set | frozenset):
            hint = "write a list"
        elif name.isidentifier() and hasattr(value, name):
            hint = f"write .{name} behind it"
        raise ProgramError(f"{where}: {rule}; {hint}")


def _part(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{shown(name)}]"


def _digits(value: int) -> str:
    """A number of any size, shortened: Python itself refuses to write very long ones."""
    digits = value.bit_length() * 3 // 10
    return str(value) if digits < 40 else f"a number of about {digits} digits"


def holds_output(value: object) -> bool:
    """Whether a value is, or holds, what is known later only."""
    if value is None or isinstance(value, str | int | float):
        return False
    if isinstance(value, Mapping):
        return any(holds_output(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds_output(item) for item in value)
    return isinstance(value, pulumi.Output) or inspect.isawaitable(value)
