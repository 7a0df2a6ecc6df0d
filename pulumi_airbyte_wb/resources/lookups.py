"""Finding sources and destinations by name, so that one program serves every environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import pulumi

from pulumi_airbyte_wb.api import AirbyteClient, read_settings
from pulumi_airbyte_wb.errors import NotFoundError, nearest
from pulumi_airbyte_wb.models import DestinationRead, SourceRead
from pulumi_airbyte_wb.resources.program import ProgramError, one_sentence

Actor = TypeVar("Actor", SourceRead, DestinationRead)


def get_source(
    *, name: str | None = None, source_id: str | None = None, workspace_id: str | None = None, server: str = ""
) -> SourceRead:
    """Look up a source by name or id, when the program runs (``sources/{list,get}``).

    Args:
        name: its name, exactly.
        source_id: its id, in place of the name.
        workspace_id: the workspace to look in; left out, every workspace that the credentials see.
        server: the name of a further server of the stack's config.

    Raises:
        ProgramError: there is none, or more than one; the candidates are in the text.
    """
    with one_sentence(), client(server) as airbyte:
        if source_id is not None:
            return _by_id("source", source_id, airbyte.get_source, airbyte)
        return _by_name("source", name, airbyte.list_sources, airbyte, workspace_id, lambda source: source.source_id)


def get_destination(
    *, name: str | None = None, destination_id: str | None = None, workspace_id: str | None = None, server: str = ""
) -> DestinationRead:
    """Look up a destination by name or id, when the program runs (``destinations/{list,get}``).

    The arguments and errors are those of ``get_source``.
    """
    with one_sentence(), client(server) as airbyte:
        if destination_id is not None:
            return _by_id("destination", destination_id, airbyte.get_destination, airbyte)
        return _by_name(
            "destination",
            name,
            airbyte.list_destinations,
            airbyte,
            workspace_id,
            lambda destination: destination.destination_id,
        )


def client(server: str = "") -> AirbyteClient:
    """A client of the stack's configured server, for what the resources do not cover.

    Raises:
        ConfigurationError: the stack and the environment name no server.
    """

    def get(key: str) -> str | None:
        namespace, _, name = key.partition(":")
        return pulumi.Config(namespace).get(name)

    return AirbyteClient(read_settings(get, server=server))


def _by_id(kind: str, actor_id: str, get: Callable[[str], Actor], airbyte: AirbyteClient) -> Actor:
    try:
        return get(actor_id)
    except NotFoundError:
        raise ProgramError(f"get_{kind}: the server at {airbyte.settings.base_url} has no {kind} {actor_id}") from None


def _by_name(
    kind: str,
    name: str | None,
    actors: Callable[[str], list[Actor]],
    airbyte: AirbyteClient,
    workspace_id: str | None,
    id_of: Callable[[Actor], str],
) -> Actor:
    if not name:
        raise ProgramError(f"get_{kind}: give a name or a {kind}_id")
    workspaces = [workspace_id] if workspace_id else [each.workspace_id for each in airbyte.list_workspaces()]
    everything = [actor for workspace in workspaces for actor in actors(workspace)]
    found = [actor for actor in everything if actor.name == name]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ProgramError(f"get_{kind}: no {kind} is called {name!r}; {_candidates(name, everything)}")
    ids = ", ".join(f"{id_of(actor)} (workspace {actor.workspace_id})" for actor in found)
    raise ProgramError(f"get_{kind}: {len(found)} {kind}s are called {name!r}: {ids}; give the {kind}_id instead")


def _candidates(name: str, actors: Iterable[SourceRead | DestinationRead]) -> str:
    names = sorted({actor.name for actor in actors})
    return nearest(name, names) or f"the server has {', '.join(map(repr, names[:12])) or 'none'}"
