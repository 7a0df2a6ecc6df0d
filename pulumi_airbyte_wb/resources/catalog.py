"""The ``Catalog`` resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Never

from pulumi import CustomResource, Input, Output, ResourceOptions

from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.resources.connection import Connection
from pulumi_airbyte_wb.resources.mocks import answer_outputs
from pulumi_airbyte_wb.resources.program import ProgramError, refuse_skip_reset, refuse_unknown
from pulumi_airbyte_wb.resources.properties import lines_of, properties
from pulumi_airbyte_wb.resources.resets import ResetsArg, resets_property
from pulumi_airbyte_wb.resources.run import current_run
from pulumi_airbyte_wb.resources.streams import StreamsArg

TYPE = "pulumi-python:dynamic/airbyte:Catalog"
"""The type token, which policy packs and state know."""


class Catalog(CustomResource):
    """Streams of a connection that is managed elsewhere: in another stack, by another team, or by hand.

    The first run takes over the streams that the connection has, as they are, and adds those whose tables are free.
    What else is declared, such as another key, or a stream whose table was filled before, is done by the next run.

    Its streams are merged into what the connection has; streams that it does not declare are not its own. Within one
    program a stream has one owner: it is an error when a ``Connection`` or another ``Catalog`` declares it too. Two
    programs do not see each other: an update is blocked only where it would do more to the rows than its preview said::

        airbyte.Catalog(
            "events",
            connection_id=airbyte.get_connection(name="shop-to-warehouse").connection_id,
            streams=[airbyte.stream("public.events", "incremental_append", cursor="ts")],
        )

    Args:
        resource_name: the name of the Pulumi resource.
        connection_id: the connection. Changing it releases the streams of the old one, and begins with the new one.
        streams: the streams: ``stream(…)``, patterns by ``streams(…)``, or lines by name.
        exclusive: whether streams that are not declared here are taken out of the connection.
        on_delete: ``keep`` the streams in the connection when this resource is deleted, or ``remove`` them from it.
        on_remove: ``keep`` or ``clear`` the table of a stream that was declared and is no longer.
        resets: how changes that call for a re-sync are decided and carried out: ``Resets``, or a dict of its keys.
        with_refreshed_catalog: whether `pulumi refresh` asks the source for its schema and prints what changed in it.
            That takes as long as a discovery, and the server may pause the connection for what it finds (before 1.4.0
            every connection of the source): leave it out unless that is wanted.
        schema_changes: ``keep`` the schema that the connection has (the default), or ``accept`` that of the source: a
            refresh then notes what is different, and the next preview plans it, with what it does to the rows.
        server: the name of a further server of the stack's config (``airbyte-wb:NAME.url``).
        opts: the usual resource options.

    Raises:
        ProgramError: an argument does not exist or has another form. Everything else is told by the preview.
    """

    workspace_id: Output[str]
    connection_id: Output[str]
    planned: Output[Mapping[str, Any] | None]

    def __init__(
        self,
        resource_name: str,
        opts: ResourceOptions | None = None,
        *,
        connection_id: Input[str],
        streams: Input[StreamsArg],
        exclusive: bool | None = None,
        on_delete: Literal["keep", "remove"] | None = None,
        on_remove: Literal["keep", "clear"] | None = None,
        resets: Input[ResetsArg] | None = None,
        schema_changes: Literal["keep", "accept"] | None = None,
        with_refreshed_catalog: bool | None = None,
        server: str | None = None,
        **unknown: Never,
    ) -> None:
        refuse_skip_reset(f"Catalog({resource_name!r})", unknown)
        if unknown:
            from pulumi_airbyte_wb.spec.connection import CATALOG
            from pulumi_airbyte_wb.spec.other_words import CONNECTION_WORDS

            refuse_unknown(f"Catalog({resource_name!r})", unknown, CATALOG.arguments, CONNECTION_WORDS)
        declared: dict[str, Any] = {
            "connection_id": connection_id,
            "streams": lines_of(streams),
            "exclusive": exclusive,
            "on_delete": on_delete,
            "on_remove": on_remove,
            "resets": resets_property(resets),
            "schema_changes": schema_changes,
            "with_refreshed_catalog": with_refreshed_catalog,
            "server": server,
        }
        _refuse_declared(resource_name, connection_id)
        answers = ("workspace_id", "planned")
        super().__init__(
            TYPE, resource_name, properties(resource_name, TYPE, CatalogProvider, declared, answers, opts), opts
        )
        answer_outputs(self, resource_name)
        current_run().summary.add(resource_name, self.planned, self.id, server)


def _refuse_declared(resource_name: str, connection_id: Input[str]) -> None:
    """A connection of this program that declares streams is their owner."""
    for connection in Connection.declaring(connection_id):
        raise ProgramError(
            f"Catalog({resource_name!r}): the streams of Connection {connection!r} are declared by it already; leave "
            "streams out of the Connection, or the Catalog out of the program"
        )
