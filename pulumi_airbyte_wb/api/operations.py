"""``operations/*``: the operations of connections, and which connection has which."""

from __future__ import annotations

from typing import Any

from pulumi_airbyte_wb.api.base import Caller
from pulumi_airbyte_wb.api.capabilities import check, restricted_operator
from pulumi_airbyte_wb.api.transport import Kind
from pulumi_airbyte_wb.models import (
    ConnectionRead,
    OperationCreate,
    OperationRead,
    OperationUpdate,
    OperatorConfiguration,
    PlainConnectionUpdate,
    ReadModel,
)


class _Operations(ReadModel):
    operations: list[OperationRead]


class OperationCheck(ReadModel):
    """What the server thinks of an ``operatorConfiguration`` (``operations/check``)."""

    status: str
    message: str | None = None


class Operations(Caller):
    """The calls for operations."""

    def attach_operations(self, request: PlainConnectionUpdate) -> ConnectionRead:
        """Set which operations a connection has, by their ids (``connections/update``).

        ``web_backend`` cannot do that: it makes a new operation of an id that is not attached yet (semantics §8.1). An
        unknown id is a ``NotFoundError``; what is left out is detached and stays as it is.
        """
        return self._transport.call("connections/update", request.wire(), ConnectionRead, Kind.WRITE)

    def create_operation(self, request: OperationCreate) -> OperationRead:
        """Create an operation that is attached to nothing (``operations/create``); never repeated blindly.

        No call lists such operations, so one whose answer is lost cannot be found again; it runs nowhere.
        """
        body = request.wire()
        self._check_operator(body, "operations/create")
        return self._transport.call("operations/create", body, OperationRead, Kind.CREATE)

    def get_operation(self, operation_id: str) -> OperationRead:
        """One operation (``operations/get``); a deleted one is answered as if it were there (semantics §8.3)."""
        return self._transport.call("operations/get", {"operationId": operation_id}, OperationRead)

    def list_operations(self, connection_id: str) -> list[OperationRead]:
        """The operations of a connection (``operations/list``)."""
        return self._transport.call("operations/list", {"connectionId": connection_id}, _Operations).operations

    def update_operation(self, request: OperationUpdate) -> OperationRead:
        """Replace an operation's name and configuration, for every connection that has it (``operations/update``)."""
        body = request.wire()
        self._check_operator(body, "operations/update")
        return self._transport.call("operations/update", body, OperationRead, Kind.WRITE)

    def delete_operation(self, operation_id: str) -> None:
        """Detach an operation from every connection and delete it; unknown ids are fine (``operations/delete``)."""
        self._transport.call_raw("operations/delete", {"operationId": operation_id}, Kind.WRITE)

    def check_operation(self, configuration: OperatorConfiguration) -> OperationCheck:
        """Whether the server would take a configuration (``operations/check``): it looks for the right part only."""
        return self._transport.call("operations/check", configuration.wire(), OperationCheck)

    def _check_operator(self, body: dict[str, Any], operation: str) -> None:
        found = list(restricted_operator(body["operatorConfiguration"], "operatorConfiguration"))
        if found:
            check(self.capabilities, iter(found), operation)
