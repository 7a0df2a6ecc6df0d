"""Replacements that the engine is told to make: `--replace`, `pulumi state taint`, ``replace_on_changes``.

What a resource has taken over, the engine would have it take over once more, and then delete; what it has created, it
would create again beside it, or after it was deleted. It checks a resource that
it replaces as if it were new, and asks for no comparison first. So whether it is in state is known by an earlier check
of the same run, or asked of the Pulumi CLI, so that a preview tells. Where that does not answer, the delete knows: of a
resource that was checked as new only, it is one half of a replacement.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_airbyte_wb.live.report import Report
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.plan import Obstacle
from pulumi_airbyte_wb.plan.blocking import blocked_by
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import ConnectionSpec

_PATIENCE = 60
_PROVIDER = ("pulumi", "dynamic", "__main__.py")


def note_turn(session: Session, inputs: Mapping[str, Any], declared: ConnectionSpec, *, in_state: bool) -> None:
    """Note whether a resource is checked as one that is in state or as a new one, which may then not be replaced."""
    urn = str(inputs.get("resource_urn", ""))
    if urn and in_state:
        session.reserve(("compared", urn), urn)
    elif urn and not declared.options.allow_replace and session.claimed(("compared", urn)) is None:
        session.reserve(("new", urn), urn)


def note_in_state(session: Session, urn: str, declared: ConnectionSpec) -> None:
    """Note that a resource is in state, with the connection that its program names."""
    connection_id = declared.options.adopt or declared.connection_id
    if urn and connection_id:
        session.reserve(("in state", urn), connection_id)


def obstacle_to_taking(session: Session, urn: str, connection_id: str) -> Obstacle | None:
    """What stands in the way of taking a connection over: that the resource has it already, and is to be replaced."""
    if not urn:
        return None
    session.reserve(("taken", urn), connection_id)
    has = session.claimed(("in state", urn)) or _ids_in_state(session, urn).get(urn)
    if has != connection_id:
        return None
    session.reserve(("forced", urn), connection_id)
    return _obstacle(connection_id)


def obstacle_to_replacing(session: Session, urn: str, declared: ConnectionSpec) -> Obstacle | None:
    """What stands in the way of creating a connection: that the resource has one, which it is not allowed to lose."""
    has = None if declared.options.allow_replace or not urn else _ids_in_state(session, urn).get(urn)
    if has is None:
        return None
    session.reserve(("forced", urn), has)
    return _obstacle(has)


def is_kept(session: Session, urn: str, connection_id: str, report: Report) -> bool:
    """Whether a resource that the engine deletes has the connection still by this run's program.

    Raises:
        BlockedError: it is deleted to be replaced, and that is blocked.
    """
    kept = connection_id in {session.claimed(("in state", urn)), session.claimed(("taken", urn))}
    if session.claimed(("forced", urn)) == connection_id or (session.claimed(("new", urn)) and not kept):
        raise blocked_by(_obstacle(connection_id))
    if kept:
        report.warn(f"connection {connection_id} was taken over, not created, and is left as it is")
    return kept


def _obstacle(connection_id: str) -> Obstacle:
    return Obstacle(Code.REPLACEMENT_FORCED, (), (connection_id,))


def _ids_in_state(session: Session, urn: str) -> Mapping[str, str]:
    """The ids of the resources in the stack's state, by their URNs; empty where that cannot be told."""
    stack = urn.removeprefix("urn:pulumi:").partition("::")[0]
    return session.once(("state of stack", stack), lambda: _exported(stack))


def _exported(stack: str) -> dict[str, str]:
    if Path(sys.argv[0]).parts[-3:] != _PROVIDER or not sys.argv[1:]:
        return {}  # no engine has started this process
    command = ["pulumi", "stack", "export", "--non-interactive", "--stack", stack]
    try:
        exported = subprocess.run(  # noqa: S603 - no shell; the stack's name is that of a URN
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=True
        )
        resources = json.loads(exported.stdout)["deployment"]["resources"]
        return {each["urn"]: each["id"] for each in resources if each.get("id") and not each.get("delete")}
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return {}
