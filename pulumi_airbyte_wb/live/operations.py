"""The operations of a connection: its own, through ``web_backend``, and others', attached by id (semantics §8).

Other tools and people may add to both. What the program does not declare stays; an operation that another
connection shares is never changed: this connection gets one of its own in its place, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_airbyte_wb.errors import DriftedError, NotFoundError
from pulumi_airbyte_wb.live.report import Report
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, InlineOperation, OperationRead, PlainConnectionUpdate
from pulumi_airbyte_wb.spec.operations import line_of, parse_line
from pulumi_airbyte_wb.state.baseline import Baseline


def own_operations(
    session: Session, report: Report, connection: ConnectionRead, declared: Baseline, recorded: Baseline | None
) -> list[InlineOperation] | None:
    """The whole list of operations to send with an update; ``None`` where the live ones are as declared.

    Args:
        session: the server.
        report: where it is said that a shared operation is left alone.
        connection: the live connection, just read.
        declared: what is declared now.
        recorded: what state remembers: an own operation in it that is no longer declared is left out.
    """
    wanted, before = _lines(declared), _lines(recorded)
    attached = set(_ids(declared)) | set(_ids(recorded))
    workspace = session.source(connection.source_id).workspace_id or ""
    shared: Mapping[str, list[str]] | None = None
    todo = dict(wanted)
    listed: list[InlineOperation] = []
    changed = False
    for operation in sorted(connection.operations, key=lambda each: (each.name, each.operation_id)):
        line = todo.pop(operation.name, None) if operation.operation_id not in attached else None
        live = line_of(operation.operator_configuration)
        if line is None and operation.name in before and operation.name not in wanted:
            changed = changed or operation.operation_id not in attached
            if operation.operation_id not in attached:
                continue
        if line is None or line == live:
            listed.append(_as_it_is(operation))
            continue
        changed = True
        shared = _shared(session, connection, workspace) if shared is None else shared
        users = shared.get(operation.operation_id, [])
        if users:
            report.warn(
                f'operation "{operation.name}" is shared with {", ".join(users)}, which keep it as it is; '
                "this connection gets one of its own"
            )
        listed.append(_new(workspace, operation.name, line, None if users else operation.operation_id))
    listed += [_new(workspace, name, line, None) for name, line in todo.items()]
    return listed if changed or todo else None


def attach(
    session: Session, connection: ConnectionRead, declared: Baseline, recorded: Baseline | None
) -> ConnectionRead:
    """Attach operations by their ids, and detach those that are recorded and no longer declared.

    Raises:
        DriftedError: an operation does not exist on this server, or was deleted there.
    """
    wanted, before = set(_ids(declared)), set(_ids(recorded))
    live = list(dict.fromkeys(connection.operation_ids))
    ids = [each for each in live if each in wanted or each not in before] + sorted(wanted - set(live))
    if ids == live:
        return connection
    request = PlainConnectionUpdate(connection_id=connection.connection_id, operation_ids=ids)
    try:
        session.client.attach_operations(request)
    except NotFoundError:
        missing = ", ".join(sorted(wanted - set(live)))
        raise DriftedError(
            f"operation_ids: the server at {session.client.settings.base_url} does not know all of {missing}; "
            "no operation was attached: run `pulumi refresh`, or take the id from an Operation of this program"
        ) from None
    answer = session.client.get_connection(connection.connection_id)
    there = {each.operation_id for each in answer.operations}
    ghosts = sorted(wanted - there)
    if ghosts:
        # The server attaches a deleted operation too, and answers for it by its id alone; it would never run.
        back = PlainConnectionUpdate(connection_id=connection.connection_id, operation_ids=live)
        session.client.attach_operations(back)
        raise DriftedError(
            f"operation_ids: {', '.join(ghosts)} was deleted on the server, so it would never run; nothing was "
            "attached: replace the Operation (`pulumi up --replace URN`), or take the id out"
        )
    return answer


def delete_without(session: Session, connection: ConnectionRead, kept: Iterable[str]) -> None:
    """Delete a connection, but let go of some operations first: the server deletes those that no other one has.

    Also of those that it does not have: an earlier run may have given up waiting for the server to attach them.
    """
    kept = set(kept)
    ids = [each for each in connection.operation_ids if each not in kept]
    if kept:
        request = PlainConnectionUpdate(connection_id=connection.connection_id, operation_ids=ids)
        session.client.attach_operations(request)
    session.client.delete_connection(connection.connection_id)


def delete_incomplete(session: Session, connection_id: str, declared: Baseline) -> None:
    """Delete what an earlier run left incomplete: of its operations only those that are the connection's own."""
    connection = session.client.get_connection(connection_id)
    own, attached = _lines(declared), set(_ids(declared))
    foreign = {each.operation_id for each in connection.operations if each.name not in own}
    delete_without(session, connection, attached | foreign)


def attached_ids(declaration: Baseline) -> tuple[str, ...]:
    """The declared operations that are resources of their own."""
    return _ids(declaration)


def _lines(declaration: Baseline | None) -> Mapping[str, str]:
    lines: Any = declaration.spec.fields.get("operations") if declaration else None
    return lines or {}


def _ids(declaration: Baseline | None) -> tuple[str, ...]:
    ids: Any = declaration.spec.fields.get("operation_ids") if declaration else None
    return ids or ()


def _shared(session: Session, connection: ConnectionRead, workspace: str) -> dict[str, list[str]]:
    """By operation, the names of other connections that have it; deleted ones do not count."""
    users: dict[str, list[str]] = {}
    for other in session.client.list_connections(workspace):
        if other.connection_id != connection.connection_id:
            for operation_id in other.operation_ids:
                users.setdefault(operation_id, []).append(f'"{other.name}"')
    return users


def _as_it_is(operation: OperationRead) -> InlineOperation:
    return InlineOperation(
        workspace_id=operation.workspace_id,
        name=operation.name,
        operator_configuration=operation.operator_configuration,
        operation_id=operation.operation_id,
    )


def _new(workspace: str, name: str, line: str, operation_id: str | None) -> InlineOperation:
    return InlineOperation(
        workspace_id=workspace,
        name=name,
        operator_configuration=parse_line(line, f'operations["{name}"]'),
        operation_id=operation_id,
    )
