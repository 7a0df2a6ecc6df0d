"""Reading world files, with errors of one sentence: where, what stands there, and the rule."""

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pulumi_airbyte_wb.emulator.core.world import World


class WorldError(ValueError):
    """A world file that cannot be used; the text is one sentence."""


class _Loader(yaml.SafeLoader):
    """YAML without dates: a timestamp in a row stays the text that it is."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse_world(text: str, origin: str) -> World:
    """Read a world from YAML text; ``origin`` is what error messages call it."""
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    except RecursionError:
        raise WorldError(f"{origin}: it is nested too deeply.") from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark is not None else ""
        raise WorldError(f"{origin}{where}: not YAML: {getattr(problem, 'problem', None) or 'unreadable'}.") from None
    return world_from(data if data is not None else {}, origin)


def world_from(data: Any, origin: str = "world") -> World:
    """Check plain data against the rules of a world file."""
    try:
        return World.model_validate(data)
    except ValidationError as problem:
        raise WorldError(_sentence(problem, origin)) from None


def read_world(path: Path) -> World:
    """Read a world file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise WorldError(f"{path}: cannot be read: {problem.strerror}.") from None
    return parse_world(text, str(path))


def default_world() -> World:
    """Return the world that is built in, as the caller's own copy."""
    return _built_in().model_copy(deep=True)


@cache
def _built_in() -> World:
    text = resources.files("pulumi_airbyte_wb.emulator.core").joinpath("default_world.yaml").read_text(encoding="utf-8")
    return parse_world(text, "the built-in world")


def _sentence(problem: ValidationError, origin: str) -> str:
    first = problem.errors()[0]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    if first["type"] == "extra_forbidden":
        rule = "no such key"
    elif first["type"] == "missing":
        return f"{origin}: {where} is missing."
    else:
        rule = first["msg"].removeprefix("Value error, ")
    rule = rule[:1].lower() + rule[1:]
    if not isinstance(first["input"], str | int | float | bool | None):
        return f"{origin}: {where + ': ' if where else ''}{rule}."
    return f"{origin}: {where} is {first['input']!r}: {rule}."
