"""How every lookup asks: its arguments checked, the server or the mocks asked, one thing found among many."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pulumi

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.errors import NotFoundError, nearest, shown
from pulumi_airbyte_wb.resources.lookups.mocked import mocked_answer, snake_case
from pulumi_airbyte_wb.resources.mocks import mocks_of_program
from pulumi_airbyte_wb.resources.program import ProgramError, config, one_sentence, told
from pulumi_airbyte_wb.resources.run import current_run

Found = TypeVar("Found")
Answer = TypeVar("Answer")
Text = pulumi.Input[str] | None


def call(
    function: str,
    arguments: Mapping[str, Any],
    server: str,
    kind: type[Answer],
    ask: Callable[[AirbyteClient], Answer],
) -> Answer:
    """The answer to one function.

    Args:
        function: its name as Pulumi's tokens have it, for example ``getSource``.
        arguments: what it was given; ``None`` is left out. Ids are checked by the ends of their names.
        server: the name of a further server of the stack's config.
        kind: the type of the answer, for mocks.
        ask: asks the server.

    Raises:
        ProgramError: an argument is an Output or no id, or the server's error as one sentence.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    where = snake_case(function)
    for name, value in {**given, "server": server}.items():
        for each in value if isinstance(value, list) and name.endswith("_ids") else [value]:
            _refuse_foreign(where, name, each)
    if (mocks := mocks_of_program()) is not None:
        return mocked_answer(mocks, function, given, kind)
    for name, value in given.items():
        for each in value if isinstance(value, list) else [value]:
            _refuse_malformed(where, name, each)
    with one_sentence():
        return ask(current_run().sessions.get(config, server).client)


def _refuse_foreign(where: str, name: str, value: object) -> None:
    if isinstance(value, pulumi.Output):
        raise ProgramError(f"{where}: {name} is an Output, which is not known yet; call {where}_output")
    if not isinstance(value, str):
        raise ProgramError(f"{where}: {name}={told(value)} is not a text; write it in quotes")


def _refuse_malformed(where: str, name: str, value: str) -> None:
    """What is no id is none on any server, so none is asked."""
    if name.endswith(("_id", "_ids")):
        try:
            uuid.UUID(value)
        except ValueError:
            named = name == f"{where.removeprefix('get_')}_id"
            raise ProgramError(
                f"{where}: {name}={shown(value)} is not an id of Airbyte's; copy the UUID from the address of its page"
                + (", or give a name" if named else "")
            ) from None


def as_output(function: Callable[..., Answer], **arguments: Any) -> pulumi.Output[Answer]:
    """A function of plain values with Outputs."""

    async def ask(known: dict[str, Any]) -> Answer:
        # The request must not hold up the program's other Outputs.
        return await asyncio.to_thread(function, **known)

    return pulumi.Output.all(**arguments).apply(ask)


def everywhere(
    airbyte: AirbyteClient, workspace_id: str | None, listed: Callable[[str], Iterable[Found]]
) -> list[Found]:
    """What one workspace has; without one, what all have that the credentials see."""
    workspaces = [workspace_id] if workspace_id else [each.workspace_id for each in airbyte.list_workspaces()]
    return [found for workspace in workspaces for found in listed(workspace)]


def by_id(kind: str, wanted: str, get: Callable[[str], Found], airbyte: AirbyteClient) -> Found:
    """One thing by its id.

    Raises:
        ProgramError: the server has none.
    """
    try:
        return get(wanted)
    except NotFoundError:
        raise unknown(f"get_{kind}", kind, wanted, airbyte) from None


def unknown(function: str, kind: str, wanted: str, airbyte: AirbyteClient) -> ProgramError:
    """The error of a function that was given an id that the server does not have."""
    return ProgramError(
        f"{function}: the server at {airbyte.settings.base_url} has no {kind} {wanted}; find it by its name"
    )


def by_name(
    kind: str,
    name: str | None,
    everything: Sequence[Found],
    name_of: Callable[[Found], str],
    place_of: Callable[[Found], str],
) -> Found:
    """One thing by its name, exactly.

    Args:
        kind: what is looked for, for messages.
        name: its name.
        everything: what there is.
        name_of: the name of one of them.
        place_of: tells one of them from others with the same name.

    Raises:
        ProgramError: there is none, or more than one; the candidates are in the text.
    """
    if not name:
        raise ProgramError(f"get_{kind}: give a name or a {kind}_id")
    found = [each for each in everything if name_of(each) == name]
    if len(found) == 1:
        return found[0]
    if not found:
        names = sorted({name_of(each) for each in everything})
        hint = nearest(name, names) or f"the server has {', '.join(map(repr, names[:12])) or 'none'}"
        raise ProgramError(f"get_{kind}: no {kind} is called {shown(name)}; {hint}")
    places = ", ".join(sorted(place_of(each) for each in found))
    raise ProgramError(
        f"get_{kind}: {len(found)} {kind}s are called {shown(name)}: {places}; give the {kind}_id instead"
    )


def place(id_name: str) -> Callable[[Any], str]:
    """Tells a thing by its id and its workspace."""
    return lambda each: f"{getattr(each, id_name)} (workspace {each.workspace_id})"
