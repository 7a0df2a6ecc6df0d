"""Connections, and what they have synced."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.errors import shown
from pulumi_airbyte_wb.models import (
    ConnectionListItem,
    ConnectionRead,
    StateType,
)
from pulumi_airbyte_wb.resources.lookups.asking import Text, as_output, by_id, by_name, call, everywhere
from pulumi_airbyte_wb.resources.program import ProgramError


def get_connection(
    *, name: str | None = None, connection_id: str | None = None, workspace_id: str | None = None, server: str = ""
) -> ConnectionRead:
    """Look up a connection by name or id (``web_backend/connections/{list,get}``), with its stored schema.

    The arguments and errors are those of ``get_source``; a deleted connection counts as none.
    """

    def ask(airbyte: AirbyteClient) -> ConnectionRead:
        wanted = connection_id
        if wanted is None:
            found = everywhere(airbyte, workspace_id, airbyte.list_connections_for_workspace)
            wanted = by_name(
                "connection", name, found, lambda each: each.name, lambda each: each.connection_id
            ).connection_id
        connection = by_id("connection", wanted, airbyte.get_connection, airbyte)
        if connection.deleted:
            raise ProgramError(
                f"get_connection: connection {wanted} ({shown(connection.name)}) was deleted; name one that is there"
            )
        return connection

    arguments = {"name": name, "connection_id": connection_id, "workspace_id": workspace_id}
    return call("getConnection", arguments, server, ConnectionRead, ask)


def get_connection_output(
    *, name: Text = None, connection_id: Text = None, workspace_id: Text = None, server: str = ""
) -> pulumi.Output[ConnectionRead]:
    """As ``get_connection``, with Outputs."""
    return as_output(get_connection, name=name, connection_id=connection_id, workspace_id=workspace_id, server=server)


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
    return call("getConnections", arguments, server, list[ConnectionListItem], ask)


def get_connections_output(
    workspace_id: pulumi.Input[str],
    *,
    source_ids: pulumi.Input[Sequence[pulumi.Input[str]]] = (),
    destination_ids: pulumi.Input[Sequence[pulumi.Input[str]]] = (),
    server: str = "",
) -> pulumi.Output[list[ConnectionListItem]]:
    """As ``get_connections``, with Outputs."""
    return as_output(
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
    return call(
        "getStateType",
        {"connection_id": connection_id},
        server,
        StateType,
        lambda airbyte: airbyte.get_state_type(connection_id),
    )


def get_state_type_output(connection_id: pulumi.Input[str], *, server: str = "") -> pulumi.Output[StateType]:
    """As ``get_state_type``, with Outputs."""
    return as_output(get_state_type, connection_id=connection_id, server=server)
