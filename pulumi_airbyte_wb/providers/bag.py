"""Values as the engine hands them over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.output import contains_unknowns

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.spec.input_names import COMPUTED


def unknown_inputs(inputs: Mapping[str, Any]) -> frozenset[str]:
    """The top-level inputs that hold a value which is not known yet, at any depth."""
    return frozenset(name for name, value in inputs.items() if name not in COMPUTED and contains_unknowns(value))


def secret_inputs(inputs: Mapping[str, Any]) -> frozenset[str]:
    """The inputs that hold a secret, as the resource class says: the engine hands values over in the clear."""
    return frozenset(inputs.get("secret_inputs") or ())


def hide(problems: Iterable[DeclarationError], *inputs: Mapping[str, Any]) -> list[DeclarationError]:
    """The problems without the values of what is secret in any of the inputs."""
    secret = frozenset().union(*map(secret_inputs, inputs))
    hidden = frozenset().union(*(each.get("secret_streams") or () for each in inputs))
    declared = (each.get("streams") for each in inputs)
    plain = [key for each in declared if isinstance(each, Mapping) for key in each if key not in hidden]

    def is_secret(path: str) -> bool:
        name = path.partition(".")[0].partition("[")[0]
        of_stream = name in {"streams", "patterns"} and not any(path.startswith(f'{name}["{key}"]') for key in plain)
        return name in secret or bool(hidden and of_stream)

    return [problem.hidden() if is_secret(problem.path) else problem for problem in problems]
