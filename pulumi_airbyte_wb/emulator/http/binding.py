"""How request bodies become values: unknown properties vanish, wrong types are refused (semantics §11.2)."""

import uuid
from collections.abc import Callable
from typing import Any

from pulumi_airbyte_wb.emulator.core.failures import FrameworkError

Shape = Callable[[Any, str], Any]


def _refuse(name: str, why: str) -> FrameworkError:
    return FrameworkError(400, f"Failed to convert argument [{name}] for value [null] due to: {why}")


def text(value: Any, name: str) -> str:
    """A string; Jackson turns other scalars into one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _refuse(name, "Cannot deserialize value of type `java.lang.String`")


def flag(value: Any, name: str) -> bool:
    """A boolean."""
    if isinstance(value, bool):
        return value
    raise _refuse(name, f"Cannot deserialize value of type `java.lang.Boolean` from {value!r}")


def whole(value: Any, name: str) -> int:
    """A whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    raise _refuse(name, f"Cannot deserialize value of type `java.lang.Long` from {value!r}")


def identifier(value: Any, name: str) -> str:
    """A UUID, in its canonical spelling."""
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) and len(value) == 36 else _no_uuid(value, name)
    except ValueError:
        return _no_uuid(value, name)


def _no_uuid(value: Any, name: str) -> str:
    raise _refuse(name, f"Cannot deserialize value of type `java.util.UUID` from {value!r}: UUID has to be represented "
                  "by standard 36-char representation")  # fmt: skip


def anything(value: Any, name: str) -> Any:  # noqa: ARG001 - a shape
    """Any JSON."""
    return value


def mapping(value: Any, name: str) -> dict[str, Any]:
    """Any JSON object."""
    if isinstance(value, dict):
        return value
    raise _refuse(name, "Cannot deserialize value: an object is wanted")


def word(*words: str) -> Shape:
    """One of the words, in exact case."""

    def bind(value: Any, name: str) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise _refuse(name, f"Unexpected value '{value}'")

    return bind


def many(shape: Shape) -> Shape:
    """A list."""

    def bind(value: Any, name: str) -> list[Any]:
        if not isinstance(value, list):
            raise _refuse(name, "Cannot deserialize value of type `java.util.ArrayList`")
        return [None if item is None else shape(item, name) for item in value]

    return bind


def record(**shapes: Shape) -> Shape:
    """An object with these properties; others are ignored, null stays null, absent stays absent."""

    def bind(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _refuse(name, "Cannot deserialize value: an object is wanted")
        return {
            key: None if value[key] is None else shape(value[key], key) for key, shape in shapes.items() if key in value
        }

    return bind
