"""``delete``: a connection is deleted, the streams of a ``Catalog`` are released."""

from __future__ import annotations

from pulumi_airbyte_wb.lifecycle.guard import declared_by
from pulumi_airbyte_wb.live import merge_note
from pulumi_airbyte_wb.live.context import names
from pulumi_airbyte_wb.live.merge import merge_catalogs
from pulumi_airbyte_wb.live.operations import attached_ids, delete_without
from pulumi_airbyte_wb.live.report import Report
from pulumi_airbyte_wb.live.secrets import sendable, unmasked
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, ConnectionUpdate
from pulumi_airbyte_wb.spec.resets import OnDelete
from pulumi_airbyte_wb.state.baseline import Baseline


def delete(session: Session, urn: str, connection: ConnectionRead, recorded: Baseline) -> None:
    """Delete a connection, and what a run that died has left beside it; operations that are resources stay."""
    merge_note.end(session, urn, connection)
    delete_without(session, connection, attached_ids(recorded))


def release(session: Session, report: Report, urn: str, connection: ConnectionRead, recorded: Baseline) -> None:
    """Let go of a connection's streams: take them out where the program said so, else leave them as they are."""
    with session.changing(connection.connection_id):
        _release(session, report, urn, session.client.get_connection(connection.connection_id), recorded)
    merge_note.end(session, urn, connection)


def _release(session: Session, report: Report, urn: str, connection: ConnectionRead, recorded: Baseline) -> None:
    unfinished = recorded.memory.unfinished & connection.sync_catalog.selected().keys()
    if unfinished:
        report.warn(f"{names(unfinished)}: its rows still have to be replaced, but after this no resource remembers it")
    live = (recorded.streams or {}).keys() & connection.sync_catalog.selected().keys()
    leaving = {stream for stream in live if declared_by(session, connection.connection_id, stream) in {None, urn}}
    if recorded.spec.options.on_delete is OnDelete.REMOVE and leaving:
        known = unmasked(session, connection, recorded)
        catalog = sendable(merge_catalogs(known.sync_catalog, {}, leaving), recorded.spec)
        session.client.update_connection(ConnectionUpdate(connection_id=connection.connection_id, sync_catalog=catalog))
