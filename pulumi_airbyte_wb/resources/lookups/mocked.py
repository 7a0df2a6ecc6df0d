"""The answers to lookups under ``pulumi.runtime.set_mocks``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pulumi.runtime.mocks import MockCallArgs, Mocks
from pydantic import BaseModel, TypeAdapter, ValidationError

from pulumi_airbyte_wb.models import StateType
from pulumi_airbyte_wb.resources.mocks import made_up_id
from pulumi_airbyte_wb.resources.program import ProgramError

Answer = TypeVar("Answer")


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
        return str(given.get(what) or made_up_id(what, given.get("name", "")))

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


def snake_case(name: str) -> str:
    """A name of the API as Python writes it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
