"""How request bodies become values: unknown properties vanish, wrong types are refused (semantics §11.2).

Jackson is lenient: ``"true"`` is a boolean, ``1.5`` a whole number, a single value a list of one, ``""`` no UUID.
"""

import uuid
from collections.abc import Callable
from typing import Any

Shape = Callable[[Any, str], Any]


class BindingError(ValueError):
    """A value that does not become what the API's model has in its place."""


class Body:
    """The shape of a whole request body: ``name`` is the API's model of it."""

    def __init__(self, name: str, shape: Shape) -> None:
        self.name = name
        self.argument = name[0].lower() + name[1:]
        self._shape = shape

    def __call__(self, value: Any, name: str) -> Any:
        """The bound body."""
        return self._shape(value, name)


def body(model: str, /, **shapes: Shape) -> Body:
    """A request body: an object with these properties."""
    return Body(model, record(**shapes))


def text(value: Any, name: str) -> str:  # noqa: ARG001 - a shape
    """A string; Jackson turns other scalars into one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise BindingError("Cannot deserialize value of type `java.lang.String`")


def flag(value: Any, name: str) -> bool:  # noqa: ARG001 - a shape
    """A boolean."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    if isinstance(value, str) and value.strip() in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return value.strip().lower() == "true"
    raise BindingError(f'Cannot deserialize value of type `java.lang.Boolean` from String "{value}"')


def whole(value: Any, name: str) -> int:  # noqa: ARG001 - a shape
    """A whole number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return int(value)
    raise BindingError(f'Cannot deserialize value of type `java.lang.Long` from String "{value}"')


def identifier(value: Any, name: str) -> str | None:  # noqa: ARG001 - a shape
    """A UUID, in its canonical spelling; a blank text is none at all."""
    if isinstance(value, str) and not value.strip():
        return None
    if isinstance(value, str) and len(value) == 36:
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
    raise BindingError(
        f'Cannot deserialize value of type `java.util.UUID` from String "{value}": '
        "UUID has to be represented by standard 36-char representation"
    )


def anything(value: Any, name: str) -> Any:  # noqa: ARG001 - a shape
    """Any JSON."""
    return value


def mapping(value: Any, name: str) -> dict[str, Any]:  # noqa: ARG001 - a shape
    """Any JSON object."""
    if isinstance(value, dict):
        return value
    raise BindingError("Cannot deserialize value: an object is wanted")


def word(*words: str, model: str = "") -> Shape:
    """One of the words, in exact case; ``model`` is the API's name of the enumeration."""

    def bind(value: Any, name: str) -> str:
        if isinstance(value, str) and value in words:
            return value
        kind = model or name[0].upper() + name[1:]
        raise BindingError(
            f"Cannot construct instance of `io.airbyte.api.model.generated.{kind}`, problem: Unexpected value '{value}'"
        )

    return bind


def many(shape: Shape) -> Shape:
    """A list; anything else is a list of one."""

    def bind(value: Any, name: str) -> list[Any]:
        items = value if isinstance(value, list) else [value]
        return [None if item is None else shape(item, name) for item in items]

    return bind


def record(**shapes: Shape) -> Shape:
    """An object with these properties; others are ignored, null stays null, absent stays absent."""

    def bind(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise BindingError(f"Cannot construct instance of `{name}`: an object is wanted")
        return {
            key: None if value[key] is None else shape(value[key], key) for key, shape in shapes.items() if key in value
        }

    return bind
