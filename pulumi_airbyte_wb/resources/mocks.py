"""Answers under ``pulumi.runtime.set_mocks``, where no server is asked."""

from __future__ import annotations

import uuid
from functools import partial

import pulumi
from pulumi.runtime.mocks import MockMonitor, Mocks
from pulumi.runtime.settings import get_monitor


def mocks_of_program() -> Mocks | None:
    """The mocks that a unit test has set, or ``None`` where a real engine runs the program."""
    monitor = get_monitor()
    return monitor.mocks if isinstance(monitor, MockMonitor) else None


def answer_outputs(resource: pulumi.CustomResource, resource_name: str) -> None:
    """Under mocks, give the outputs that a server fills in a value, where the mocks give them none."""
    if mocks_of_program() is None:
        return
    made_up = {"name": resource_name, "status": "active", "workspace_id": made_up_id("workspace_id", resource_name)}
    for output, value in made_up.items():
        known = getattr(resource, output, None)
        if isinstance(known, pulumi.Output):
            setattr(resource, output, known.apply(partial(_given_or, value)))


def _given_or(made_up: str, given: str | None) -> str:
    return given or made_up


def made_up_id(what: str, name: str) -> str:
    """A UUID that depends on what it is of, and on the name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"airbyte:{what}:{name}"))
