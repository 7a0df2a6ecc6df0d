"""Finding things by name when the program runs, so that one program serves every environment.

Every function comes twice: ``get_source`` takes plain values and answers at once, ``get_source_output`` takes Outputs
too and answers an Output. In unit tests, under ``pulumi.runtime.set_mocks``, none of them asks a server: the mocks'
``call`` is asked, as for every Pulumi function, with the token ``airbyte:getSource`` and the arguments as written;
where it answers nothing, the answer is made up from the arguments, the same each time.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pulumi

from pulumi_airbyte_wb.api import AirbyteClient, read_settings
from pulumi_airbyte_wb.errors import NotFoundError, nearest, shown
from pulumi_airbyte_wb.models import (
    AirbyteStream,
    AvailableUpdates,
    ConnectionListItem,
    ConnectionRead,
    DataplaneGroup,
    DestinationRead,
    SourceRead,
    StateType,
    WorkspaceRead,
    WorkspaceState,
)
from pulumi_airbyte_wb.resources.mocks import mocked_answer, mocks_of_program, snake_case
from pulumi_airbyte_wb.resources.program import ProgramError, config, one_sentence, told
from pulumi_airbyte_wb.resources.run import current_run

Found = TypeVar("Found")
Answer = TypeVar("Answer")
Text = pulumi.Input[str] | None


def client(server: str = "") -> AirbyteClient:
    """A client of the stack's configured server, for what the resources and functions do not cover; close it after use.

    Raises:
        ConfigurationError: the stack and the environment name no server.
    """
    return AirbyteClient(read_settings(config, server=server))


# sources and destinations ---------------------------------------------------------------------------------------------


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

    def ask(airbyte: AirbyteClient) -> SourceRead:
        if source_id is not None:
            return _by_id("source", source_id, airbyte.get_source, airbyte)
        found = _everywhere(airbyte, workspace_id, airbyte.list_sources)
        return _by_name("source", name, found, lambda each: each.name, _place("source_id"))

    arguments = {"name": name, "source_id": source_id, "workspace_id": workspace_id}
    return _call("getSource", arguments, server, SourceRead, ask)


def get_source_output(
    *, name: Text = None, source_id: Text = None, workspace_id: Text = None, server: str = ""
) -> pulumi.Output[SourceRead]:
    """As ``get_source``, with Outputs."""
    return _later(get_source, name=name, source_id=source_id, workspace_id=workspace_id, server=server)


def get_destination(
    *, name: str | None = None, destination_id: str | None = None, workspace_id: str | None = None, server: str = ""
) -> DestinationRead:
    """Look up a destination by name or id, when the program runs (``destinations/{list,get}``).

    The arguments and errors are those of ``get_source``.
    """

    def ask(airbyte: AirbyteClient) -> DestinationRead:
        if destination_id is not None:
            return _by_id("destination", destination_id, airbyte.get_destination, airbyte)
        found = _everywhere(airbyte, workspace_id, airbyte.list_destinations)
        return _by_name("destination", name, found, lambda each: each.name, _place("destination_id"))

    arguments = {"name": name, "destination_id": destination_id, "workspace_id": workspace_id}
    return _call("getDestination", arguments, server, DestinationRead, ask)


def get_destination_output(
    *, name: Text = None, destination_id: Text = None, workspace_id: Text = None, server: str = ""
) -> pulumi.Output[DestinationRead]:
    """As ``get_destination``, with Outputs."""
    return _later(get_destination, name=name, destination_id=destination_id, workspace_id=workspace_id, server=server)


def discover_streams(source_id: str, *, disable_cache: bool = False, server: str = "") -> list[AirbyteStream]:
    """The streams that a source offers, in the order of their names (``sources/discover_schema``).

    Args:
        source_id: the source.
        disable_cache: whether the source itself is asked, which may take minutes, in place of the server's cache.
        server: the name of a further server of the stack's config.

    Raises:
        ProgramError: there is no such source, or it cannot be read.
    """

    def ask(airbyte: AirbyteClient) -> list[AirbyteStream]:
        try:
            schema = airbyte.discover_schema(source_id, disable_cache=disable_cache)
        except NotFoundError:
            raise _unknown("discover_streams", "source", source_id, airbyte) from None
        if schema.catalog is None:
            raise ProgramError(
                f"discover_streams: the discovery of source {source_id} failed; open its page in Airbyte and test it"
            )
        return sorted((entry.stream for entry in schema.catalog.streams), key=lambda stream: stream.descriptor.key)

    return _call("discoverStreams", {"source_id": source_id}, server, list[AirbyteStream], ask)


def discover_streams_output(
    source_id: pulumi.Input[str], *, disable_cache: bool = False, server: str = ""
) -> pulumi.Output[list[AirbyteStream]]:
    """As ``discover_streams``, with Outputs."""
    return _later(discover_streams, source_id=source_id, disable_cache=disable_cache, server=server)


# connections ----------------------------------------------------------------------------------------------------------


def get_connection(
    *, name: str | None = None, connection_id: str | None = None, workspace_id: str | None = None, server: str = ""
) -> ConnectionRead:
    """Look up a connection by name or id (``web_backend/connections/{list,get}``), with its stored schema.

    The arguments and errors are those of ``get_source``; a deleted connection counts as none.
    """

    def ask(airbyte: AirbyteClient) -> ConnectionRead:
        wanted = connection_id
        if wanted is None:
            found = _everywhere(airbyte, workspace_id, airbyte.list_connections_for_workspace)
            wanted = _by_name(
                "connection", name, found, lambda each: each.name, lambda each: each.connection_id
            ).connection_id
        connection = _by_id("connection", wanted, airbyte.get_connection, airbyte)
        if connection.deleted:
            raise ProgramError(
                f"get_connection: connection {wanted} ({shown(connection.name)}) was deleted; name one that is there"
            )
        return connection

    arguments = {"name": name, "connection_id": connection_id, "workspace_id": workspace_id}
    return _call("getConnection", arguments, server, ConnectionRead, ask)


def get_connection_output(
    *, name: Text = None, connection_id: Text = None, workspace_id: Text = None, server: str = ""
) -> pulumi.Output[ConnectionRead]:
    """As ``get_connection``, with Outputs."""
    return _later(get_connection, name=name, connection_id=connection_id, workspace_id=workspace_id, server=server)


def get_connections(
    workspace_id: str, *, source_ids: Sequence[str] = (), destination_ids: Sequence[str] = (), server: str = ""
) -> list[ConnectionListItem]:
    """The connections of a workspace, in the order of their names (``web_backend/connections/list``, all pages).

    Args:
        workspace_id: the workspace; one that does not exist has none.
        source_ids: only those from these sources; all where it is empty.
        destination_ids: only those to these destinations; all where it is empty.
        server: the name of a further server of the stack's config.
    """

    def ask(airbyte: AirbyteClient) -> list[ConnectionListItem]:
        found = airbyte.list_connections_for_workspace(
            workspace_id, source_ids=source_ids, destination_ids=destination_ids
        )
        return sorted(found, key=lambda each: (each.name, each.connection_id))

    arguments = {"workspace_id": workspace_id, "source_ids": [*source_ids], "destination_ids": [*destination_ids]}
    return _call("getConnections", arguments, server, list[ConnectionListItem], ask)


def get_connections_output(
    workspace_id: pulumi.Input[str],
    *,
    source_ids: pulumi.Input[Sequence[pulumi.Input[str]]] = (),
    destination_ids: pulumi.Input[Sequence[pulumi.Input[str]]] = (),
    server: str = "",
) -> pulumi.Output[list[ConnectionListItem]]:
    """As ``get_connections``, with Outputs."""
    return _later(
        get_connections,
        workspace_id=workspace_id,
        source_ids=source_ids,
        destination_ids=destination_ids,
        server=server,
    )


def get_state_type(connection_id: str, *, server: str = "") -> StateType:
    """Which kind of sync state a connection holds (``web_backend/state/get_type``).

    A connection that never synced, and one that does not exist, have ``not_set``.
    """
    return _call(
        "getStateType",
        {"connection_id": connection_id},
        server,
        StateType,
        lambda airbyte: airbyte.get_state_type(connection_id),
    )


def get_state_type_output(connection_id: pulumi.Input[str], *, server: str = "") -> pulumi.Output[StateType]:
    """As ``get_state_type``, with Outputs."""
    return _later(get_state_type, connection_id=connection_id, server=server)


# workspaces and the instance ------------------------------------------------------------------------------------------


def get_workspace(*, name: str | None = None, workspace_id: str | None = None, server: str = "") -> WorkspaceRead:
    """Look up a workspace by name or id (``workspaces/get``, and the list that the server's version has).

    With neither, the only workspace that there is. The errors are those of ``get_source``.
    """

    def ask(airbyte: AirbyteClient) -> WorkspaceRead:
        if workspace_id is not None:
            return _by_id("workspace", workspace_id, airbyte.get_workspace, airbyte)
        found = airbyte.list_workspaces()
        if name is None and len(found) == 1:
            return found[0]
        if name is None:
            names = ", ".join(repr(each.name) for each in found[:12]) or "none"
            raise ProgramError(f"get_workspace: the server has {len(found)} workspaces ({names}); give a name")
        return _by_name("workspace", name, found, lambda each: each.name, lambda each: each.workspace_id)

    return _call("getWorkspace", {"name": name, "workspace_id": workspace_id}, server, WorkspaceRead, ask)


def get_workspace_output(
    *, name: Text = None, workspace_id: Text = None, server: str = ""
) -> pulumi.Output[WorkspaceRead]:
    """As ``get_workspace``, with Outputs."""
    return _later(get_workspace, name=name, workspace_id=workspace_id, server=server)


def get_workspace_state(workspace_id: str, *, server: str = "") -> WorkspaceState:
    """Whether a workspace holds anything (``web_backend/workspace/state``); one that does not exist holds nothing."""
    return _call(
        "getWorkspaceState",
        {"workspace_id": workspace_id},
        server,
        WorkspaceState,
        lambda airbyte: airbyte.get_workspace_state(workspace_id),
    )


def get_workspace_state_output(workspace_id: pulumi.Input[str], *, server: str = "") -> pulumi.Output[WorkspaceState]:
    """As ``get_workspace_state``, with Outputs."""
    return _later(get_workspace_state, workspace_id=workspace_id, server=server)


def get_geographies(*, server: str = "") -> list[str]:
    """Where syncs can run (``web_backend/geographies/list``, server up to 1.6.0).

    Raises:
        ProgramError: the server is newer; it has groups of data planes: ``get_dataplane_groups``.
    """
    return _call("getGeographies", {}, server, list[str], lambda airbyte: airbyte.list_geographies())


def get_geographies_output(*, server: str = "") -> pulumi.Output[list[str]]:
    """As ``get_geographies``, as an Output."""
    return _later(get_geographies, server=server)


def get_dataplane_groups(*, server: str = "") -> list[DataplaneGroup]:
    """Where syncs can run (``dataplane_group/list``, server 1.6.0 on).

    Raises:
        ProgramError: the server is older; it has geographies: ``get_geographies``.
    """
    return _call(
        "getDataplaneGroups", {}, server, list[DataplaneGroup], lambda airbyte: airbyte.list_dataplane_groups()
    )


def get_dataplane_groups_output(*, server: str = "") -> pulumi.Output[list[DataplaneGroup]]:
    """As ``get_dataplane_groups``, as an Output."""
    return _later(get_dataplane_groups, server=server)


def check_updates(*, server: str = "") -> AvailableUpdates:
    """How many connector definitions could be updated (``web_backend/check_updates``); 0 where no registry is read."""
    return _call("checkUpdates", {}, server, AvailableUpdates, lambda airbyte: airbyte.check_updates())


def check_updates_output(*, server: str = "") -> pulumi.Output[AvailableUpdates]:
    """As ``check_updates``, as an Output."""
    return _later(check_updates, server=server)


# how they ask ---------------------------------------------------------------------------------------------------------


def _call(
    function: str,
    arguments: Mapping[str, Any],
    server: str,
    kind: type[Answer],
    ask: Callable[[AirbyteClient], Answer],
) -> Answer:
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


def _later(function: Callable[..., Answer], **arguments: Any) -> pulumi.Output[Answer]:
    async def ask(known: dict[str, Any]) -> Answer:
        # The request must not hold up the program's other Outputs.
        return await asyncio.to_thread(function, **known)

    return pulumi.Output.all(**arguments).apply(ask)


def _everywhere(
    airbyte: AirbyteClient, workspace_id: str | None, listed: Callable[[str], Iterable[Found]]
) -> list[Found]:
    workspaces = [workspace_id] if workspace_id else [each.workspace_id for each in airbyte.list_workspaces()]
    return [found for workspace in workspaces for found in listed(workspace)]


def _by_id(kind: str, wanted: str, get: Callable[[str], Found], airbyte: AirbyteClient) -> Found:
    try:
        return get(wanted)
    except NotFoundError:
        raise _unknown(f"get_{kind}", kind, wanted, airbyte) from None


def _unknown(function: str, kind: str, wanted: str, airbyte: AirbyteClient) -> ProgramError:
    return ProgramError(
        f"{function}: the server at {airbyte.settings.base_url} has no {kind} {wanted}; find it by its name"
    )


def _by_name(
    kind: str,
    name: str | None,
    everything: Sequence[Found],
    name_of: Callable[[Found], str],
    place_of: Callable[[Found], str],
) -> Found:
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


def _place(id_name: str) -> Callable[[Any], str]:
    return lambda each: f"{getattr(each, id_name)} (workspace {each.workspace_id})"
