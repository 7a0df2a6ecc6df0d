"""The property bag that a resource hands to the engine: what is declared, and what the provider fills in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi import Input, Output, ResourceOptions
from pulumi.resource import create_urn

from pulumi_airbyte_wb.providers.reference import reference
from pulumi_airbyte_wb.resources.program import carried, hidden_values, holds_output
from pulumi_airbyte_wb.resources.streams import StreamsArg, stream_lines
from pulumi_airbyte_wb.spec.input_names import DERIVED, PLANNED

_TEXTS = ("connection_id", "name", "status", "workspace_id")
"""Arguments that are outputs too, whose types Pulumi asserts."""


def properties(
    resource_name: str,
    type_token: str,
    provider: type,
    declared: Mapping[str, Any],
    answers: Iterable[str],
    opts: ResourceOptions | None,
) -> dict[str, Any]:
    """The properties of a resource.

    Args:
        resource_name: the name of the Pulumi resource.
        type_token: its type.
        provider: the class that state refers to.
        declared: the arguments by name; ``None`` is not declared.
        answers: the outputs that are no inputs.
        opts: the resource options; the parent decides the URN.

    Raises:
        ProgramError: an argument is nothing that a property can hold.
    """
    where = f"{type_token.rpartition(':')[2]}({resource_name!r})"
    given = {
        name: carried(value, f"{where}: {name}", text=name in _TEXTS)
        for name, value in declared.items()
        if value is not None
    }
    urn = create_urn(resource_name, type_token, opts.parent if opts else None)
    bag = {
        **dict.fromkeys(answers),
        **given,
        # A future carries no dependency: a child must not depend on the parent that its URN is made from.
        "resource_urn": asyncio.ensure_future(_plain(urn)),
        "__provider": reference(provider),
    }
    if any(holds_output(value) for value in given.values()):
        bag |= _as_secret_as(given)
    return bag


def _as_secret_as(given: Mapping[str, Any]) -> dict[str, Any]:
    """Empty inputs that make what the provider derives from the arguments as secret as they are.

    The engine keeps the mark of an input for what has the same name afterwards.
    """
    everything = Output.all(**given)
    inputs: dict[str, Any] = {name: everything.apply(lambda _: {}) for name in DERIVED}
    inputs["recorded"] = everything.apply(lambda _: "")
    inputs["secret_inputs"] = asyncio.ensure_future(_secret_names(given))
    streams = given.get("streams")
    if isinstance(streams, Mapping):
        inputs["secret_streams"] = asyncio.ensure_future(_secret_keys(streams))
    elif streams is not None:
        # The plan names streams: it is secret as a whole only where their names are.
        inputs[PLANNED] = Output.from_input(streams).apply(lambda _: {})
    return inputs


def lines_of(streams: Input[StreamsArg] | None) -> Input[dict[str, str]] | None:
    """The streams as lines by name, known now or later.

    Raises:
        ProgramError: the argument has another form.
    """
    if isinstance(streams, Output):
        return streams.apply(_known_lines)
    return None if streams is None else stream_lines(streams)


def _known_lines(streams: Any) -> Input[dict[str, str]]:
    with hidden_values():
        return stream_lines(streams)


async def _secret_names(given: Mapping[str, Any]) -> list[str] | None:
    """The arguments that are secret; of streams by name, those that are secret are named apart."""
    named = isinstance(given.get("streams"), Mapping)
    return await _secret_keys({name: value for name, value in given.items() if not (named and name == "streams")})


async def _secret_keys(values: Mapping[str, Any]) -> list[str] | None:
    return [name for name, value in values.items() if await Output.from_input(value).is_secret()] or None


async def _plain(value: Output[str]) -> str | None:
    return await value.future()
