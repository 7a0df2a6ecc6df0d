"""Mistakes in programs as one sentence: Pulumi prints a ``RunError`` without a traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pulumi

from pulumi_airbyte_wb.errors import AirbyteError, nearest, shown


class ProgramError(AirbyteError, pulumi.RunError):
    """A program that cannot be carried out, told by one sentence."""


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn this package's errors into ``ProgramError``."""
    try:
        yield
    except ProgramError:
        raise
    except AirbyteError as error:
        raise ProgramError(str(error)) from None


def refuse_unknown(where: str, unknown: Mapping[str, object], known: Iterable[str]) -> None:
    """Refuse arguments that do not exist.

    Raises:
        ProgramError: naming the first one and the nearest right name.
    """
    for name, value in unknown.items():
        hint = nearest(name, known) or f"it takes {', '.join(known)}"
        raise ProgramError(f"{where}: {name}={shown(value)} is no argument; {hint}")
