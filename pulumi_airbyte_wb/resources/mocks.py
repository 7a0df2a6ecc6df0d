"""Answers under ``pulumi.runtime.set_mocks``, where no server is asked."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, Mocks
from pulumi.runtime.settings import get_monitor
from pydantic import BaseModel, TypeAdapter, ValidationError

from pulumi_airbyte_wb.models import StateType
from pulumi_airbyte_wb.resources.program import ProgramError

Answer = TypeVar("Answer")


def mocks_of_program() -> Mocks | None:
    """The mocks that a unit test has set, or ``None`` where a real engine runs the program."""
    monitor = get_monitor()
    return monitor.mocks if isinstance(monitor, MockMonitor) else None


def answer_outputs(resource: pulumi.CustomResource, resource_name: str) -> None:
    """Under mocks, give the outputs that a server fills in a value, where the mocks give them none."""
    if mocks_of_program() is None:
        return
    made_up = {"name": resource_name, "status": "active", "workspace_id": _made_up_id("workspace_id", resource_name)}
    for output, value in made_up.items():
        known = getattr(resource, output, None)
        if isinstance(known, pulumi.Output):
            setattr(resource, output, known.apply(partial(_given_or, value)))


def _given_or(made_up: str, given: str | None) -> str:
    return given or made_up


def mocked_answer(mocks: Mocks, function: str, given: dict[str, Any], kind: type[Answer]) -> Answer:
    """What the mocks answer to a function of this package; where they answer nothing, made up from the arguments.

    Raises:
        ProgramError: the answer has not the form of ``kind``.
    """
    answer: Any = mocks.call(MockCallArgs(token=f"airbyte:{function}", args=given, provider=""))
    if isinstance(answer, tuple):  # with failures, as mocks may answer
        answer = answer[0]
    made_up: Any = _made_up(function, given, kind)
    if not answer:
        answer = made_up
    elif isinstance(answer, Mapping) and isinstance(made_up, dict):
        answer = made_up | {snake_case(name): value for name, value in answer.items()}
    try:
        return TypeAdapter(kind).validate_python(answer)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise ProgramError(f"the mocks' answer to airbyte:{function} does not fit: {where}: {first['msg']}") from None


def _made_up(function: str, given: Mapping[str, Any], kind: Any) -> Any:
    """An answer that depends on the arguments alone, for mocks that have none: ids are UUIDs made from their names."""

    def made(what: str) -> str:
        return str(given.get(what) or _made_up_id(what, given.get("name", "")))

    if kind is StateType:
        return StateType.NOT_SET
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return ["auto"] if function == "getGeographies" else []
    answers: dict[type, Callable[[type[Any]], Any]] = {str: lambda _: "", bool: lambda _: False, int: lambda _: 0}
    answer: dict[str, Any] = {"name": given.get("name", "")} if "name" in kind.model_fields else {}
    for name, field in kind.model_fields.items():
        if name.endswith("_id") and (field.is_required() or name in {"workspace_id", *given}):
            answer[name] = made(name)
        elif field.is_required() and field.annotation in answers:
            answer[name] = answers[field.annotation](field.annotation)
    return answer


def _made_up_id(what: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"airbyte:{what}:{name}"))


def snake_case(name: str) -> str:
    """A name of the API as Python writes it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
