"""The ``Connection`` resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Never

from pulumi import CustomResource, Input, Output, ResourceOptions

from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.resources.mocks import answer_outputs
from pulumi_airbyte_wb.resources.operation import OperationArgsDict
from pulumi_airbyte_wb.resources.program import refuse_skip_reset, refuse_unknown
from pulumi_airbyte_wb.resources.properties import lines_of, properties
from pulumi_airbyte_wb.resources.resets import ResetsArg, resets_property
from pulumi_airbyte_wb.resources.run import current_run
from pulumi_airbyte_wb.resources.streams import StreamsArg

TYPE = "pulumi-python:dynamic/airbyte:Connection"
"""The type token, which policy packs and state know."""


class Connection(CustomResource):
    """An Airbyte connection: a source, a destination, and the streams that move between them.

    Only what is declared is managed: a field or a stream that the program leaves out stays as it is on the server. A
    preview says for each changed stream what happens to its rows, and why::

        airbyte.Connection(
            "shop-to-warehouse",
            source_id=airbyte.get_source(name="shop-postgres").source_id,
            destination_id=airbyte.get_destination(name="warehouse").destination_id,
            schedule=airbyte.cron("0 0 6 * * ?", "Europe/Berlin"),
            streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id")],
        )

    Args:
        resource_name: the name of the Pulumi resource; also the connection's name where ``name`` is left out.
        source_id: the source to read from. Changing it replaces the connection, which needs ``allow_replace``.
        destination_id: the destination to write to; as ``source_id``.
        streams: the streams: ``stream(…)``, patterns by ``streams(…)``, or lines by name. Left out, the streams
            are not managed here, but for example by a ``Catalog``.
        name: the connection's name.
        status: ``active`` or ``inactive``; a new connection is active.
        schedule: ``cron(…)``, ``every(…)`` or ``manual()``.
        namespace_definition: which namespace tables get: ``source``, ``destination`` or ``customformat``.
        namespace_format: with ``customformat``: for example ``${SOURCE_NAMESPACE}_raw``.
        prefix: what table names begin with.
        non_breaking_changes_preference: ``ignore``, ``disable``, ``propagate_columns`` or ``propagate_fully``.
        backfill_preference: ``enabled`` or ``disabled`` (server 0.50.45 on).
        notify_schema_changes: whether schema changes are told by webhook.
        notify_schema_changes_by_email: whether they are told by mail.
        resource_requirements: ``cpu_request``, ``cpu_limit``, ``memory_request``, ``memory_limit`` of the sync jobs.
        geography: where syncs run (server up to 1.6.0).
        tags: ids of tags (server 1.6.0 on), in any order.
        destination_catalog_id: the destination's catalog (server 1.7.0 on).
        operations: what happens after a sync, each with a ``name`` and one of ``webhook``, ``dbt`` and
            ``normalization`` (see ``Operation``). They are this connection's own; others that it has stay as they are.
        operation_ids: ids of ``Operation`` resources to attach, in any order; others that are attached stay.
        adopt: the id of a connection to take over instead of creating one. The first run records it as it is and sends
            nothing; the next one changes what is declared otherwise. What is not declared stays as it is.
        allow_replace: whether a changed source or destination may replace the connection.
        exclusive: whether streams that the program does not declare are taken out of the connection.
        on_remove: ``keep`` or ``clear`` the table of a stream that was declared and is no longer.
        resets: how changes that call for a re-sync are decided and carried out: ``Resets``, or a dict of its keys.
        schema_changes: ``keep`` the schema that the connection has (the default), or ``accept`` that of the source: a
            refresh then notes what is different, and the next preview plans it, with what it does to the rows.
        server: the name of a further server of the stack's config (``airbyte-wb:NAME.url``).
        opts: the usual resource options.

    Raises:
        ProgramError: an argument does not exist or has another form. Everything else is told by the preview.
    """

    workspace_id: Output[str]
    name: Output[str]
    status: Output[str]
    planned: Output[Mapping[str, Any] | None]

    def __init__(
        self,
        resource_name: str,
        opts: ResourceOptions | None = None,
        *,
        source_id: Input[str],
        destination_id: Input[str],
        streams: Input[StreamsArg] | None = None,
        name: Input[str] | None = None,
        status: Input[Literal["active", "inactive"]] | None = None,
        schedule: Input[str] | None = None,
        namespace_definition: Input[Literal["source", "destination", "customformat"]] | None = None,
        namespace_format: Input[str] | None = None,
        prefix: Input[str] | None = None,
        non_breaking_changes_preference: Input[str] | None = None,
        backfill_preference: Input[Literal["enabled", "disabled"]] | None = None,
        notify_schema_changes: Input[bool] | None = None,
        notify_schema_changes_by_email: Input[bool] | None = None,
        resource_requirements: Input[Mapping[str, Input[str]]] | None = None,
        geography: Input[str] | None = None,
        tags: Input[Sequence[Input[str]]] | None = None,
        destination_catalog_id: Input[str] | None = None,
        operations: Input[Sequence[Input[OperationArgsDict]]] | None = None,
        operation_ids: Input[Sequence[Input[str]]] | None = None,
        adopt: Input[str] | None = None,
        allow_replace: bool | None = None,
        exclusive: bool | None = None,
        on_remove: Literal["keep", "clear"] | None = None,
        resets: Input[ResetsArg] | None = None,
        schema_changes: Literal["keep", "accept"] | None = None,
        server: str | None = None,
        **unknown: Never,
    ) -> None:
        refuse_skip_reset(f"Connection({resource_name!r})", unknown)
        if unknown:
            from pulumi_airbyte_wb.spec.connection import CONNECTION
            from pulumi_airbyte_wb.spec.other_words import CONNECTION_WORDS

            refuse_unknown(f"Connection({resource_name!r})", unknown, CONNECTION.arguments, CONNECTION_WORDS)
        declared: dict[str, Any] = {
            "source_id": source_id,
            "destination_id": destination_id,
            "streams": lines_of(streams),
            "name": name,
            "status": status,
            "schedule": schedule,
            "namespace_definition": namespace_definition,
            "namespace_format": namespace_format,
            "prefix": prefix,
            "non_breaking_changes_preference": non_breaking_changes_preference,
            "backfill_preference": backfill_preference,
            "notify_schema_changes": notify_schema_changes,
            "notify_schema_changes_by_email": notify_schema_changes_by_email,
            "resource_requirements": resource_requirements,
            "geography": geography,
            "tags": tags,
            "destination_catalog_id": destination_catalog_id,
            "operations": operations,
            "operation_ids": operation_ids,
            "adopt": adopt,
            "allow_replace": allow_replace,
            "exclusive": exclusive,
            "on_remove": on_remove,
            "resets": resets_property(resets),
            "schema_changes": schema_changes,
            "server": server,
        }
        answers = ("workspace_id", "name", "status", "planned")
        super().__init__(
            TYPE, resource_name, properties(resource_name, TYPE, ConnectionProvider, declared, answers, opts), opts
        )
        answer_outputs(self, resource_name)
        run = current_run()
        run.summary.add(resource_name, self.planned, self.id, server)
        if streams is not None:
            run.declaring.append((resource_name, self, adopt))

    @staticmethod
    def declaring(connection_id: Input[str]) -> list[str]:
        """The names of this program's connections that declare streams and have this id, as far as that is known."""
        return [
            name
            for name, connection, adopt in current_run().declaring
            if connection.id is connection_id or (isinstance(adopt, str) and adopt == connection_id)
        ]

    @property
    def connection_id(self) -> Output[str]:
        """The id that the server gave the connection; not known in a preview that creates it."""
        return self.id
