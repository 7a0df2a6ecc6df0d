"""Sources and destinations, and what a source offers."""

from __future__ import annotations

import pulumi

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.errors import NotFoundError
from pulumi_airbyte_wb.models import (
    AirbyteStream,
    DestinationRead,
    SourceRead,
)
from pulumi_airbyte_wb.resources.lookups.asking import Text, as_output, by_id, by_name, call, everywhere, place, unknown
from pulumi_airbyte_wb.resources.program import ProgramError


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
            return by_id("source", source_id, airbyte.get_source, airbyte)
        found = everywhere(airbyte, workspace_id, airbyte.list_sources)
        return by_name("source", name, found, lambda each: each.name, place("source_id"))

    arguments = {"name": name, "source_id": source_id, "workspace_id": workspace_id}
    return call("getSource", arguments, server, SourceRead, ask)


def get_source_output(
    *, name: Text = None, source_id: Text = None, workspace_id: Text = None, server: str = ""
) -> pulumi.Output[SourceRead]:
    """As ``get_source``, with Outputs."""
    return as_output(get_source, name=name, source_id=source_id, workspace_id=workspace_id, server=server)


def get_destination(
    *, name: str | None = None, destination_id: str | None = None, workspace_id: str | None = None, server: str = ""
) -> DestinationRead:
    """Look up a destination by name or id, when the program runs (``destinations/{list,get}``).

    The arguments and errors are those of ``get_source``.
    """

    def ask(airbyte: AirbyteClient) -> DestinationRead:
        if destination_id is not None:
            return by_id("destination", destination_id, airbyte.get_destination, airbyte)
        found = everywhere(airbyte, workspace_id, airbyte.list_destinations)
        return by_name("destination", name, found, lambda each: each.name, place("destination_id"))

    arguments = {"name": name, "destination_id": destination_id, "workspace_id": workspace_id}
    return call("getDestination", arguments, server, DestinationRead, ask)


def get_destination_output(
    *, name: Text = None, destination_id: Text = None, workspace_id: Text = None, server: str = ""
) -> pulumi.Output[DestinationRead]:
    """As ``get_destination``, with Outputs."""
    return as_output(
        get_destination, name=name, destination_id=destination_id, workspace_id=workspace_id, server=server
    )


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
            raise unknown("discover_streams", "source", source_id, airbyte) from None
        if schema.catalog is None:
            raise ProgramError(
                f"discover_streams: the discovery of source {source_id} failed; open its page in Airbyte and test it"
            )
        return sorted((entry.stream for entry in schema.catalog.streams), key=lambda stream: stream.descriptor.key)

    return call("discoverStreams", {"source_id": source_id}, server, list[AirbyteStream], ask)


def discover_streams_output(
    source_id: pulumi.Input[str], *, disable_cache: bool = False, server: str = ""
) -> pulumi.Output[list[AirbyteStream]]:
    """As ``discover_streams``, with Outputs."""
    return as_output(discover_streams, source_id=source_id, disable_cache=disable_cache, server=server)
