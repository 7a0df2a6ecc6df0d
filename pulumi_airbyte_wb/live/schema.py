"""The schema of a source that has moved on, for programs that say ``schema_changes="accept"``."""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.errors import AirbyteError, shown
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import AirbyteStream, ConfiguredStream, ConnectionRead, DiscoveredSchema, StreamDescriptor
from pulumi_airbyte_wb.spec.resets import SchemaChanges
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.newer_schema import columns_digest, schema_notes


def newer_schema(session: Session, connection: ConnectionRead, declaration: Baseline) -> DiscoveredSchema | None:
    """What the source offers now, where the program takes that over and the connection has another schema.

    It is the server's newest discovery, which a source that was asked today answers from a cache.
    """
    if declaration.spec.options.schema_changes is not SchemaChanges.ACCEPT or declaration.spec.streams is None:
        return None
    schema = session.discovered(connection.source_id)
    known = connection.catalog_id or connection.source_catalog_id
    return None if schema.catalog is None or schema.catalog_id == known else schema


def with_columns_left(session: Session, connection: ConnectionRead, live: Baseline) -> Baseline:
    """``live`` with the columns of streams that were taken out of the connection, which still has their schema."""
    unknown = {
        stream
        for stream, spec in live.memory.departed.items()
        if spec is not None and stream not in live.memory.departed_columns
    }
    if not unknown:
        return live
    if connection.catalog_id is None:
        # Lists show selected streams only.
        connection = session.client.get_connection(connection.connection_id)
    entries = connection.sync_catalog.by_descriptor()
    chosen = {stream: (spec.fields if spec else None) or () for stream, spec in live.memory.departed.items()}
    found = {stream: columns_digest(entries[stream].stream, chosen[stream]) for stream in unknown & entries.keys()}
    return replace(live, memory=replace(live.memory, departed_columns={**live.memory.departed_columns, **found}))


def pending_schema(
    session: Session, connection: ConnectionRead, declaration: Baseline
) -> dict[StreamDescriptor, tuple[str, ...]]:
    """What the newer schema changes for the declared streams; empty where there is none."""
    schema = newer_schema(session, connection, declaration)
    if schema is None or schema.catalog is None:
        return {}
    if connection.catalog_id is None:
        # Lists show the columns that are selected, not the schema that was stored.
        connection = session.client.get_connection(connection.connection_id)
    offers = schema.catalog.by_descriptor()
    found = {
        stream: schema_notes(entry, offers[stream].stream if stream in offers else None)
        for stream, entry in connection.sync_catalog.selected().items()
        if stream in declaration.streams
    }
    return {stream: notes for stream, notes in found.items() if notes}


def offers_of(session: Session, source_id: str, *, fresh: bool = False) -> dict[StreamDescriptor, AirbyteStream]:
    """What a source offers; ``fresh`` asks the source itself, once a run, where the server's cache has an answer.

    Raises:
        AirbyteError: the discovery failed.
    """
    schema = session.discovered_fresh(source_id) if fresh else session.discovered(source_id)
    if schema.catalog is None:
        source = session.source(source_id)
        raise AirbyteError(
            f"the discovery of source {shown(source.name)} ({source_id}) failed; "
            "open the source's page in Airbyte, test it, and try again"
        )
    return {stream: entry.stream for stream, entry in schema.catalog.by_descriptor().items()}


def chosen_columns(entry: ConfiguredStream) -> set[str]:
    """The columns that are selected; empty where all are."""
    fields = entry.config.selected_fields if entry.config.field_selection_enabled else ()
    return {field.field_path[0] for field in fields or () if field.field_path}


def same_columns(
    session: Session, before: Baseline, after: Baseline, connection: ConnectionRead | None, stream: StreamDescriptor
) -> bool:
    """Whether a stream that left gets the columns now that it had."""
    noted, spec = before.memory.departed_columns.get(stream), before.memory.departed[stream]
    if noted is None or spec is None:
        return False
    schema = offers_of(session, after.spec.source_id or "").get(stream)
    if (
        before.spec.options.schema_changes is not after.spec.options.schema_changes
        or after.spec.options.schema_changes is not SchemaChanges.ACCEPT
    ):
        if connection is None:
            return False
        # The stored schema is kept, unless a stream that the connection has never had brings the newer one along.
        stored = connection.sync_catalog.by_descriptor()
        if after.streams.keys() <= stored.keys():
            schema = stored[stream].stream
    return schema is not None and columns_digest(schema, spec.fields or ()) == noted
