"""``read``: what state remembers of a resource, brought up to what is live; and what a delete has to know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi.dynamic import ReadResult

from pulumi_airbyte_wb.lifecycle.read import find, glance, inputs, outputs, refreshed, with_operations
from pulumi_airbyte_wb.lifecycle.replacement import is_kept
from pulumi_airbyte_wb.live.not_taken import tell_dropped, tell_not_taken
from pulumi_airbyte_wb.live.observe import observe
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead
from pulumi_airbyte_wb.plan.notices import notices
from pulumi_airbyte_wb.plan.schema_changes import schema_changes
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.process import process
from pulumi_airbyte_wb.spec.connection import CONNECTION, ResourceKind
from pulumi_airbyte_wb.spec.input_names import CONTROL, SECRET
from pulumi_airbyte_wb.state.baseline import Baseline, known_keys, read_baseline
from pulumi_airbyte_wb.state.record import unpack_all

Get = Callable[[str], object | None]


@dataclass(frozen=True)
class Remembered:
    """What state remembers of a resource, and what is live."""

    session: Session
    declaration: Baseline
    control: dict[str, Any]
    workspace_id: str
    connection: ConnectionRead | None

    @property
    def urn(self) -> str:
        """The resource."""
        return str(self.control.get("resource_urn", ""))

    @property
    def console(self) -> Console:
        """Its row of the CLI."""
        return Console(self.urn)


def recall(
    id_: str,
    props: Mapping[str, Any],
    get: Get,
    kind: ResourceKind = CONNECTION,
    look: Callable[[Session, str, str], ConnectionRead | None] = find,
) -> Remembered:
    """Unpack what state remembers, and read what is live."""
    record, control = unpacked(props, kind)
    Console(str(control.get("resource_urn", ""))).here()
    declaration = read_baseline({**record, **known(control)}, kind)
    session = process.sessions.get(get, declaration.spec.options.server)
    workspace = str(props.get("workspace_id", ""))
    return Remembered(session, declaration, control, workspace, look(session, id_, workspace))


def passed_on(remembered: Remembered, id_: str) -> bool:
    """Whether a resource of this run has the connection, so that deleting this one must leave it.

    Raises:
        BlockedError: it is deleted to be replaced, and that is blocked.
    """
    urn = remembered.urn
    if is_kept(remembered.session, urn, id_, remembered.console):
        return True
    owner = remembered.session.claimed(("connection", id_))
    if owner is None or owner == urn:
        return False
    remembered.console.warn(f"connection {id_} belongs to {last_of(owner)} now and is left as it is")
    return True


def read(id_: str, props: Mapping[str, Any], get: Get, kind: ResourceKind = CONNECTION) -> ReadResult:
    """Read the live connection: what was recorded of it, as it is now."""
    remembered = recall(id_, props, get, kind, glance)
    if remembered.connection is None:
        return ReadResult("", {})
    recorded = remembered.declaration
    if recorded.spec.options.with_refreshed_catalog:
        remembered = replace(remembered, connection=_with_fresh_schema(remembered, id_))
    if remembered.connection is None:
        return ReadResult("", {})
    session = remembered.session
    connection = with_operations(session, remembered.connection, recorded)
    live = refreshed(observe(session, connection, recorded), last_of(remembered.urn))
    tell_not_taken(remembered.console, live.memory.not_taken, live.spec)
    tell_dropped(remembered.console, connection, live.spec, live.streams)
    tell_notices(remembered.urn, live, remembered.control)
    outs = outputs(connection, live, remembered.workspace_id, remembered.control)
    return ReadResult(id_, outs, inputs=inputs(live, remembered.control))


def tell_notices(urn: str, baseline: Baseline, inputs: Mapping[str, Any]) -> None:
    """Say what is remembered of the server's own acts, on the row of a resource; once a run.

    The words of the server are kept back where something was or is secret: they may name it.
    """
    secret = bool(baseline.spec.secret or baseline.spec.secret_streams or any(inputs.get(name) for name in SECRET))
    for text in notices(baseline.memory, secret=secret):
        if process.is_news(urn, text):
            Console(urn).warn(text)


def _with_fresh_schema(remembered: Remembered, id_: str) -> ConnectionRead:
    """The connection with its source's schema as it is now; what changed in it is told under the resource."""
    connection = remembered.session.client.get_connection(id_, with_refreshed_catalog=True)
    for line in schema_changes(connection.catalog_diff or {}):
        remembered.console.info(line)
    return connection


def unpacked(outs: Mapping[str, Any], kind: ResourceKind) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record in a resource's outputs, and the part of it that says how to work.

    Raises:
        PlanError: it cannot be read.
    """
    return unpack_all(outs.get("recorded"), kind.ids, known_keys(kind))


def known(control: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded inputs that say how to work, without those that no program gives."""
    return {name: value for name, value in control.items() if name in {*CONTROL, *SECRET}}


def last_of(urn: str) -> str:
    """The name of a resource."""
    return urn.rsplit("::", 1)[-1]
