"""What ``OperationProvider`` does: read what is declared, and create, find, change and delete it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_airbyte_wb.errors import AirbyteError, ApiError, DeclarationError, NotFoundError, nearest
from pulumi_airbyte_wb.lifecycle.supported import of_operation
from pulumi_airbyte_wb.live.report import Report
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import OperationCreate, OperationRead, OperationUpdate
from pulumi_airbyte_wb.spec.input_names import OPERATION, OPERATION_COMPUTED
from pulumi_airbyte_wb.spec.inputs import text, uuid
from pulumi_airbyte_wb.spec.operations import KINDS, configuration_of, declared, line_of, parse_line
from pulumi_airbyte_wb.state.record import damaged, pack, unpack_all

RECORDED = ("workspace_id", "name", "line", "server", "resource_urn")
"""What state remembers of an operation, in the order of ``DeclaredOperation``."""


@dataclass(frozen=True)
class DeclaredOperation:
    """A declared operation; ``""`` stands for what an engine does not know yet."""

    workspace_id: str
    name: str
    line: str
    server: str = ""
    urn: str = ""

    def record(self) -> dict[str, Any]:
        """What state remembers."""
        return {"workspace_id": self.workspace_id, "name": self.name, "line": self.line, "server": self.server,
                "resource_urn": self.urn}  # fmt: skip


def read_operation(inputs: Mapping[str, Any], unknown: frozenset[str] = frozenset()) -> DeclaredOperation:
    """Read an operation's inputs.

    Raises:
        DeclarationError: something impossible is declared.
    """
    given = {name: value for name, value in inputs.items() if value is not None and name not in unknown}
    for name in sorted(set(given) - set(OPERATION) - set(OPERATION_COMPUTED)):
        hint = nearest(name, OPERATION) or f"it has {', '.join(OPERATION)}"
        raise DeclarationError(name, given[name], "is not a property of an Operation", hint)
    if "workspace_id" not in given and "workspace_id" not in unknown:
        raise DeclarationError(
            "workspace_id", "nothing", "is declared, but every operation needs one", "find it by get_workspace(name=…)"
        )
    urn = str(given.get("resource_urn", ""))
    name = "" if "name" in unknown else text(given.get("name", urn.rsplit("::", 1)[-1]), "name")
    if not name and "name" not in unknown:
        raise DeclarationError("name", "", "is empty", "leave it out to use the resource's name")
    line = ""
    if not unknown & set(KINDS):
        line = line_of(configuration_of({kind: given[kind] for kind in KINDS if kind in given}, ""))
    workspace_id = "" if "workspace_id" in unknown else uuid(given["workspace_id"], "workspace_id")
    return DeclaredOperation(workspace_id, name, line, text(given.get("server", ""), "server"), urn)


def check(
    olds: Mapping[str, Any], news: Mapping[str, Any], unknown: frozenset[str], session: Callable[[str], Session]
) -> tuple[dict[str, Any], list[DeclarationError]]:
    """The canonical inputs, and what is wrong with them; only what changes costs a call to the server."""
    try:
        after = read_operation(news, unknown)
        before = read_operation(olds) if olds.get("workspace_id") else None
        if before is None or before.record() != after.record():
            _check_server(session(after.server), before, after)
    except DeclarationError as problem:
        return dict(news), [problem]
    inputs = {name: value for name, value in news.items() if name not in {"recorded", *KINDS} or name in unknown}
    if news.get("secret_inputs"):
        # An empty input of this name is what makes the engine keep the output of the same name secret.
        inputs["recorded"] = ""
    if after.line:
        inputs |= declared(parse_line(after.line, "operation"))
    inputs |= {name: value for name, value in (("workspace_id", after.workspace_id), ("name", after.name)) if value}
    return inputs, []


def create(session: Session, operation: DeclaredOperation) -> OperationRead:
    """Create it.

    Raises:
        AirbyteError: the answer was lost: no call finds an operation that is attached to nothing.
    """
    request = OperationCreate(
        workspace_id=operation.workspace_id,
        name=operation.name,
        operator_configuration=parse_line(operation.line, "operation"),
    )
    try:
        return session.client.create_operation(request)
    except ApiError as error:
        if not error.applied:
            raise
        raise AirbyteError(
            f"{error}; if the server did create the operation, it stays behind attached to nothing and never runs: "
            "run `pulumi up` again"
        ) from None


def find(session: Session, operation_id: str, workspace_id: str) -> OperationRead | None:
    """The live operation, or ``None`` when it is gone, which only a server that lost its database answers.

    Raises:
        AirbyteError: the server does not know the recorded workspace either, so it is another server.
    """
    try:
        return session.client.get_operation(operation_id)
    except NotFoundError:
        session.check_workspace(workspace_id, "operation")
    return None


def update(session: Session, operation_id: str, operation: DeclaredOperation) -> OperationRead:
    """Replace its name and configuration, for every connection that has it."""
    if find(session, operation_id, operation.workspace_id) is None:
        raise AirbyteError(
            f"operation {operation_id} was deleted outside this program; nothing was sent: run `pulumi refresh`, "
            "then `pulumi up` creates it again"
        )
    return session.client.update_operation(
        OperationUpdate(
            operation_id=operation_id,
            name=operation.name,
            operator_configuration=parse_line(operation.line, "operation"),
        )
    )


def delete(session: Session, report: Report, operation_id: str, operation: DeclaredOperation) -> None:
    """Delete it, and say which connections lose it."""
    if find(session, operation_id, operation.workspace_id) is None:
        return
    users = [
        f'"{connection.name}"'
        for connection in session.client.list_connections(operation.workspace_id)
        if operation_id in connection.operation_ids
    ]
    if users:
        report.warn(f'operation "{operation.name}" is detached from {", ".join(sorted(users))}')
    session.client.delete_operation(operation_id)


def observed(operation: OperationRead, recorded: DeclaredOperation) -> DeclaredOperation:
    """What is recorded, as it is live."""
    line = line_of(operation.operator_configuration)
    return replace(recorded, workspace_id=operation.workspace_id, name=operation.name, line=line)


def outputs(operation: OperationRead, declaration: DeclaredOperation) -> dict[str, Any]:
    """What state keeps besides the inputs."""
    return {
        "workspace_id": operation.workspace_id,
        "name": operation.name,
        "recorded": pack(declaration.record()),
    }


def recorded(outputs: Mapping[str, Any]) -> DeclaredOperation:
    """What state remembers."""
    record, _ = unpack_all(outputs.get("recorded"), ("workspace_id",), RECORDED)
    for name in RECORDED:
        if not isinstance(record.get(name), str):
            raise damaged(f"its 'recorded' output has no {name}")
    return DeclaredOperation(*(record[name] for name in RECORDED))


def inputs(operation: DeclaredOperation) -> dict[str, Any]:
    """The inputs that stand for a refreshed operation."""
    found: dict[str, Any] = {"workspace_id": operation.workspace_id, "name": operation.name}
    found["resource_urn"] = operation.urn
    try:
        found |= declared(parse_line(operation.line, "operation"))
    except DeclarationError:
        # Newer servers keep the type of an old operation alone; a program cannot declare that.
        found |= {operation.line.partition(" ")[0]: {}}
    return found | ({"server": operation.server} if operation.server else {})


def _check_server(session: Session, before: DeclaredOperation | None, after: DeclaredOperation) -> None:
    if after.line and (before is None or before.line != after.line):
        for name, path, value in of_operation(parse_line(after.line, "operation"), ""):
            why = session.client.capabilities.lack(name)
            if why:
                raise DeclarationError(path, value, f"is not possible here: it {why}", "leave it out")
    if after.workspace_id and (before is None or before.workspace_id != after.workspace_id):
        try:
            session.once(("workspace", after.workspace_id), lambda: session.client.get_workspace(after.workspace_id))
        except NotFoundError:
            known = ", ".join(f"{each.workspace_id} ({each.name})" for each in session.client.list_workspaces()[:5])
            raise DeclarationError(
                "workspace_id", after.workspace_id,
                f"is not known to the server at {session.client.settings.base_url}", f"it has {known or 'none'}",
            ) from None  # fmt: skip
