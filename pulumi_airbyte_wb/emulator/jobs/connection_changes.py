"""Updating and deleting a connection, with what that does to its jobs (semantics §4.1, §5.3, §10)."""

from pulumi_airbyte_wb.emulator.catalog.discovery import newest_catalog
from pulumi_airbyte_wb.emulator.connection.reset_decision import reset_decision
from pulumi_airbyte_wb.emulator.connection.row import breaking_of_update, patch_connection
from pulumi_airbyte_wb.emulator.connection.states import state_type
from pulumi_airbyte_wb.emulator.connection.sync_operations import detach_operation, replace_operations
from pulumi_airbyte_wb.emulator.core.failures import InternalError
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.jobs import queue
from pulumi_airbyte_wb.emulator.jobs.job_end import cancel_unfinished


def update_connection(airbyte: Airbyte, request: Doc) -> Doc:
    """web_backend update, in the server's order of side effects (§4.1)."""
    connection = airbyte.connection(request["connectionId"])
    connection_id = connection["connectionId"]
    breaking = breaking_of_update(airbyte, connection, request)
    before = airbyte.configured(connection_id)
    operation_ids = None
    if request.get("operations") is not None:
        operation_ids = replace_operations(airbyte, connection, request["operations"])
    airbyte.passed("operations")
    patch_connection(airbyte, connection, request, breaking, operation_ids)
    airbyte.passed("row")
    if request.get("skipReset") is not True:
        # v0.57.3 and v0.57.4 sync at once only when the request brought a catalog and one was ever fetched (§5.3)
        compared = (
            request.get("syncCatalog") is not None and newest_catalog(airbyte, connection["sourceId"]) is not None
        )
        rules = airbyte.rules
        then_sync = rules.has("reset.syncAfter") or (rules.has("reset.syncUnlessClear") and compared)
        _reset_where_needed(airbyte, connection, before, then_sync=then_sync)
    return connection


def _reset_where_needed(airbyte: Airbyte, connection: Doc, before: Doc, *, then_sync: bool) -> None:
    """The reset decision and what it starts (§5.3, §5.4)."""
    rules, connection_id = airbyte.rules, connection["connectionId"]
    # the new side has been through a conversion that finds the fields again (§5.5)
    after = {**airbyte.configured(connection_id), "fields": True}
    decision = reset_decision(before, after, state_type(airbyte, connection_id), rules)
    if not decision.needed:
        return
    deleted = connection["status"] == "deprecated"
    if rules.has("reset.refreshes") and airbyte.supports_refreshes(connection):
        queue.order_refreshes(airbyte, connection_id, decision.streams, "MERGE")
    else:
        queue.order_resets(airbyte, connection_id, decision.streams)
    if deleted:
        if rules.has("reset.asynchronous"):
            raise InternalError("Connection workflow is deleted", "java.lang.RuntimeException")
        return
    job = queue.signal_reset(airbyte, connection)
    if then_sync:
        job["thenSync"] = True
        airbyte.store.put("job", str(job["id"]), job)


def delete_connection(airbyte: Airbyte, connection: Doc) -> None:
    """Delete: the row stays as deprecated, its operations go unless shared, a running job is cancelled (§10)."""
    connection_id = connection["connectionId"]
    for operation_id in list(connection["operationIds"]):
        detach_operation(airbyte, connection, operation_id)
    cancel_unfinished(airbyte, connection_id)
    if airbyte.rules.has("delete.dropsRefreshes"):
        airbyte.store.delete("stream_refresh", connection_id)
    connection.update(status="deprecated", due=None)
    airbyte.store.put("connection", connection_id, connection)
