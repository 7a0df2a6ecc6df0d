"""The schema of a source that has moved on, for programs that say ``schema_changes="accept"``."""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, DiscoveredSchema, StreamDescriptor
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
