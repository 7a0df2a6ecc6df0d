"""``operations/*``: the operations of connections (semantics §8.3)."""

from typing import Any

from pulumi_airbyte_wb.emulator.connection.sync_operations import (
    change_operation,
    create_operation,
    detach_operation,
    operation_read,
    stored_configuration,
)
from pulumi_airbyte_wb.emulator.core.failures import InternalError, asked, needed
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.connection_requests import operation_create_shape, operation_update_shape
from pulumi_airbyte_wb.emulator.http.registry import NO_CONTENT, operation
from pulumi_airbyte_wb.emulator.http.requests import CONNECTION_ID, OPERATION_ID, OPERATOR_CHECK


@operation("operations/create", by_version=operation_create_shape)
def create(airbyte: Airbyte, body: Doc) -> Doc:
    """Create an operation that is attached to nothing."""
    return operation_read(create_operation(airbyte, body), airbyte.rules)


@operation("operations/get", OPERATION_ID)
def get(airbyte: Airbyte, body: Doc) -> Doc:
    """An operation, also a tombstoned one."""
    return operation_read(airbyte.operation(needed(body, "operationId", airbyte.rules)), airbyte.rules)


@operation("operations/list", CONNECTION_ID)
def list_operations(airbyte: Airbyte, body: Doc) -> Doc:
    """The operations of a connection that are not tombstoned."""
    connection = airbyte.connection(needed(body, "connectionId", airbyte.rules))
    found = (airbyte.store.get("operation", operation_id) for operation_id in connection["operationIds"])
    return {"operations": [operation_read(each, airbyte.rules) for each in found if each and not each["tombstone"]]}


@operation("operations/update", by_version=operation_update_shape)
def update(airbyte: Airbyte, body: Doc) -> Doc:
    """Replace name and configuration; a tombstone stays."""
    found = airbyte.operation(needed(body, "operationId", airbyte.rules))
    change_operation(airbyte, found, body)
    return operation_read(found, airbyte.rules)


@operation("operations/delete", OPERATION_ID)
def delete(airbyte: Airbyte, body: Doc) -> Any:
    """Unlink from every connection and tombstone; an unknown id is fine."""
    operation_id = asked(body, "operationId", airbyte.rules)
    for connection in airbyte.connections(deleted=True):
        if operation_id in connection["operationIds"]:
            detach_operation(airbyte, connection, operation_id)
    found = airbyte.store.get("operation", operation_id)
    if found is not None:
        found["tombstone"] = True
        airbyte.store.put("operation", operation_id, found)
    return NO_CONTENT


@operation("operations/check", OPERATOR_CHECK)
def check(airbyte: Airbyte, body: Doc) -> Doc:
    """Whether the chosen type's object is there."""
    try:
        stored_configuration(body, airbyte.rules)
    except InternalError as problem:
        return {"status": "failed", "message": problem.message}
    return {"status": "succeeded"}
