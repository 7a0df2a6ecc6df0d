"""What an update sends: the fields and the catalog that bring a live connection to what is declared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pulumi_airbyte_wb.live.context import Context
from pulumi_airbyte_wb.live.merge import is_changed, merge_catalogs
from pulumi_airbyte_wb.live.operations import own_operations
from pulumi_airbyte_wb.live.schema import newer_schema
from pulumi_airbyte_wb.live.secrets import sendable
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import (
    ConnectionRead,
    DiscoveredSchema,
    StreamDescriptor,
    SyncCatalog,
)
from pulumi_airbyte_wb.plan import Obstacle
from pulumi_airbyte_wb.plan.blocking import blocked_by
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.fields import FIELDS
from pulumi_airbyte_wb.spec.validation import hidden
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.newer_schema import on_schema, schema_notes


def changed_fields(connection: ConnectionRead, declaration: Baseline, recorded: Baseline | None) -> dict[str, Any]:
    """The fields to send: declared otherwise than recorded, and not live as declared.

    A field that was changed elsewhere since the last refresh is left to the refresh that will show it.
    """
    changed = {
        name: value
        for name, value in declaration.spec.fields.items()
        if (recorded is None or recorded.spec.fields.get(name) != value)
        and FIELDS[name].observed(connection, value) != value
    }
    sent = arguments(changed)
    if "resource_requirements" in sent:
        sent["resource_requirements"] = {
            **(connection.resource_requirements or {}),
            **sent["resource_requirements"],
        }
    return sent


def catalog_to_send(
    session: Session,
    declaration: Baseline,
    connection: ConnectionRead,
    removed: Iterable[StreamDescriptor],
    *,
    without: Collection[StreamDescriptor] = (),
) -> dict[str, Any]:
    """The catalog to send, some streams left as they are live; empty where the live one is as declared already.

    A connection has one schema: where one of those streams is to get another, the others, and what only the newer
    schema has, wait for the update that brings it.

    Raises:
        BlockedError: a selection hides a key or cursor; or a new stream needs the source's newer schema, which would
            change other streams too; or the server hides the key of a mapper that is not declared.
    """
    if declaration.spec.streams is None:
        return {}
    declared = {stream: spec for stream, spec in declaration.spec.streams.items() if stream not in without}
    live = connection.sync_catalog
    newer = newer_schema(session, connection, declaration)
    if newer is not None and newer.catalog is not None and _moves(connection, newer.catalog, without):
        newer, declared = None, {stream: spec for stream, spec in declared.items() if stream in live.by_descriptor()}
    if newer is not None and newer.catalog is not None:
        _check_others(connection, newer.catalog, {*declaration.spec.streams, *removed})
        merged = merge_catalogs(on_schema(live, newer.catalog), declared, set(removed), newer.catalog)
        return {"sync_catalog": _checked(merged, declared, declaration), "source_catalog_id": newer.catalog_id}
    newcomers = declared.keys() - live.by_descriptor().keys()
    if not newcomers:
        merged = merge_catalogs(live, declared, set(removed))
        _check_hidden(merged, declared, declaration)
        changed = is_changed(live, merged, declared)
        return {"sync_catalog": sendable(merged, declaration.spec)} if changed else {}
    schema = _schema_for_newcomers(session, connection, newcomers)
    merged = merge_catalogs(live, declared, set(removed), schema.catalog)
    return {"sync_catalog": _checked(merged, declared, declaration), "source_catalog_id": schema.catalog_id}


def _checked(merged: SyncCatalog, declared: Collection[StreamDescriptor], declaration: Baseline) -> SyncCatalog:
    _check_hidden(merged, declared, declaration)
    return sendable(merged, declaration.spec)


def _schema_for_newcomers(
    session: Session, connection: ConnectionRead, newcomers: Iterable[StreamDescriptor]
) -> DiscoveredSchema:
    """The source's schema for streams that the connection does not know.

    The server merges what it answers over one discovered catalog and leaves out streams that this one lacks.

    Raises:
        BlockedError: that schema is another one for streams that are selected already.
    """
    schema = session.discovered(connection.source_id)
    offers = schema.catalog.by_descriptor() if schema.catalog else {}
    changed = [
        stream
        for stream, entry in connection.sync_catalog.selected().items()
        if stream not in offers or offers[stream].stream.json_schema != entry.stream.json_schema
    ]
    if changed:
        raise blocked_by(Obstacle(Code.NEWCOMERS_CHANGE_OTHERS, _keys(changed), _keys(newcomers)))
    return schema


def operations_to_send(context: Context, connection: ConnectionRead, recorded: Baseline | None) -> dict[str, Any]:
    """The connection's operations to send; empty where the live ones are as declared already."""
    operations = own_operations(context.session, context.report, connection, context.declaration, recorded)
    return {} if operations is None else {"operations": operations}


def arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """Declared fields as arguments of a create or an update."""
    sent: dict[str, Any] = {}
    for name, value in values.items():
        sent |= FIELDS[name].send(value)
    return sent


def _check_hidden(merged: SyncCatalog, declared: Collection[StreamDescriptor], declaration: Baseline) -> None:
    """A selection of columns that is not the program's must not hide what it declares to be cursor or key."""
    for stream, entry in merged.selected().items():
        for what, column in hidden(entry) if stream in declared else ():
            told = what if declaration.spec.hides_stream(stream) else f"{what} {column!r}"
            key = "a secret stream" if "streams" in declaration.spec.secret else stream.key
            raise blocked_by(Obstacle(Code.COLUMN_HIDDEN, (key,), (told,)))


def _moves(connection: ConnectionRead, discovered: SyncCatalog, streams: Collection[StreamDescriptor]) -> bool:
    """Whether a newer schema changes any of the streams."""
    there, offers = connection.sync_catalog.by_descriptor(), discovered.by_descriptor()
    both = [stream for stream in streams if stream in there and stream in offers]
    return any(there[stream].stream.json_schema != offers[stream].stream.json_schema for stream in both)


def _check_others(connection: ConnectionRead, discovered: SyncCatalog, declared: Collection[StreamDescriptor]) -> None:
    """A connection has one schema: taking it over must not change streams that the program does not declare."""
    offers = discovered.by_descriptor()
    changed = [
        stream
        for stream, entry in connection.sync_catalog.selected().items()
        if stream not in declared and schema_notes(entry, offers[stream].stream if stream in offers else None)
    ]
    if changed:
        raise blocked_by(Obstacle(Code.SCHEMA_CHANGES_OTHERS, _keys(changed)))


def _keys(streams: Iterable[StreamDescriptor]) -> tuple[str, ...]:
    return tuple(sorted(stream.key for stream in streams))
