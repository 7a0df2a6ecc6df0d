"""What the Pulumi engine does with the resources of a program: which calls a provider gets, in which order, with what.

``Run`` is one run of the engine. The calls reach a provider class of this process (``InProcess``), or one in a process
of its own (``tools.faults.engine``).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import httpx
from pulumi.dynamic import ConfigureRequest, ResourceProvider
from pulumi.dynamic.config import Config

from pulumi_airbyte_wb.plan import Plan, planned_of
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.providers.process import process

Values = dict[str, Any]


@dataclass
class Resource:
    """One resource of a program, with its state.

    Attributes:
        name: the name of the Pulumi resource.
        provider: its provider class.
        id: its id in state; empty before the first ``up``.
        inputs: its inputs in state.
        outputs: its outputs in state.
    """

    name: str
    provider: type[ResourceProvider] = ConnectionProvider
    id: str = ""
    inputs: Values = field(default_factory=dict)
    outputs: Values = field(default_factory=dict)

    def copy(self) -> Self:
        """The same, to be changed apart."""
        return copy.deepcopy(self)

    def forget(self) -> None:
        """Take it out of the state."""
        self.id, self.inputs, self.outputs = "", {}, {}

    @property
    def urn(self) -> str:
        """As the engine names it."""
        return f"urn:pulumi:dev::p::pulumi-python:dynamic/airbyte:{self.provider.__name__}::{self.name}"


@dataclass(frozen=True)
class Diff:
    """The answer of a ``diff``."""

    changes: bool
    replaces: bool = False
    delete_before_replace: bool = False


class Calls(Protocol):
    """The six calls of a provider, each about one resource; what they raise ends the step."""

    def check(self, resource: Resource, olds: Values, news: Values) -> tuple[Values, list[str]]:
        """The checked inputs, and what is wrong with them."""

    def diff(self, resource: Resource, news: Values) -> Diff:
        """What is different from the state."""

    def create(self, resource: Resource, news: Values) -> tuple[str, Values]:
        """The id and the outputs of what was created."""

    def update(self, resource: Resource, news: Values) -> Values:
        """The outputs after an update."""

    def read(self, resource: Resource) -> tuple[str, Values, Values]:
        """The id, empty where it is gone, the outputs and the inputs, as they are live."""

    def delete(self, resource: Resource) -> None:
        """Delete what is in state."""


class RefusedError(Exception):
    """A check that has refused the inputs, with the sentences that the engine prints; or a plan that is blocked."""


class Run:
    """One run of the engine.

    Attributes:
        calls: the provider.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def check(self, resource: Resource, declared: Mapping[str, Any], *, as_new: bool = False) -> Values:
        """The checked inputs of what is declared.

        Args:
            resource: the resource.
            declared: what the program declares of it.
            as_new: as if it were not in state, which is how a replacement is checked.

        Raises:
            RefusedError: the check has refused them.
        """
        news = {**declared, "resource_urn": resource.urn}
        checked, failures = self.calls.check(resource, {} if as_new else resource.inputs, news)
        if failures:
            raise RefusedError("; ".join(failures))
        return checked

    def preview(self, resource: Resource, declared: Mapping[str, Any]) -> Plan | None:
        """What a preview shows; ``None`` where there is nothing to do.

        Raises:
            RefusedError: the check has refused the inputs.
        """
        checked = self.check(resource, declared)
        return planned_of(checked) if self.diff(resource, checked).changes else None

    def changes(self, resource: Resource, declared: Mapping[str, Any]) -> bool:
        """Whether a preview shows anything."""
        return self.preview(resource, declared) is not None

    def up(self, resource: Resource, declared: Mapping[str, Any]) -> None:
        """Check, diff, and create, update, replace or nothing; a step that fails leaves the state as it was.

        Raises:
            RefusedError: the check has refused the inputs.
        """
        checked = self.check(resource, declared)
        self.carry_out(resource, declared, checked, self.diff(resource, checked))

    def create(self, resource: Resource, checked: Values) -> None:
        """Create, and put it into the state."""
        id_, outputs = self.calls.create(resource, checked)
        resource.id, resource.outputs, resource.inputs = id_, outputs, checked

    def diff(self, resource: Resource, checked: Values) -> Diff:
        """What is different from the state; a resource that is not in it is not asked about."""
        return self.calls.diff(resource, checked) if resource.id else Diff(changes=True)

    def carry_out(self, resource: Resource, declared: Mapping[str, Any], checked: Values, diff: Diff) -> None:
        """What follows the check and the diff of an ``up``."""
        if not resource.id:
            self.create(resource, checked)
            return
        if diff.replaces:
            checked = self.check(resource, declared, as_new=True)
            old = resource.copy()
            if diff.delete_before_replace:
                self.destroy(resource)
            self.create(resource, checked)
            if not diff.delete_before_replace:
                self.calls.delete(old)
            return
        if diff.changes:
            resource.outputs = self.calls.update(resource, checked)
        resource.inputs = checked

    def refresh(self, resource: Resource) -> bool:
        """Read; a resource that is gone leaves the state. Answers whether the engine reports a change.

        It asks whether what was recorded would change what was read.
        """
        if not resource.id:
            return False
        id_, outputs, inputs = self.calls.read(resource)
        if not id_:
            resource.forget()
            return True
        recorded, resource.inputs, resource.outputs = resource.inputs, inputs, outputs
        return self.calls.diff(resource, recorded).changes

    def destroy(self, resource: Resource) -> None:
        """Delete."""
        if resource.id:
            self.calls.delete(resource)
        resource.forget()


class InProcess:
    """Providers of this process; their errors are raised as they are.

    Args:
        url: the server.
    """

    def __init__(self, url: str) -> None:
        self._config = Config({"airbyte-wb:url": url}, "p")

    def check(self, resource: Resource, olds: Values, news: Values) -> tuple[Values, list[str]]:
        """The checked inputs, and what is wrong with them."""
        result = self._provider(resource).check(plain(olds), plain(news))
        return plain(result.inputs), [failure.reason for failure in result.failures or ()]

    def diff(self, resource: Resource, news: Values) -> Diff:
        """What is different from the state."""
        result = self._provider(resource).diff(resource.id, plain(resource.outputs), plain(news))
        return Diff(bool(result.changes), bool(result.replaces), bool(result.delete_before_replace))

    def create(self, resource: Resource, news: Values) -> tuple[str, Values]:
        """The id and the outputs of what was created."""
        result = self._provider(resource).create(plain(news))
        return result.id, plain(result.outs)

    def update(self, resource: Resource, news: Values) -> Values:
        """The outputs after an update."""
        return plain(self._provider(resource).update(resource.id, plain(resource.outputs), plain(news)).outs)

    def read(self, resource: Resource) -> tuple[str, Values, Values]:
        """The id, empty where it is gone, the outputs and the inputs, as they are live."""
        result = self._provider(resource).read(resource.id, plain(resource.outputs))
        return result.id or "", plain(result.outs), plain(result.inputs)

    def delete(self, resource: Resource) -> None:
        """Delete what is in state."""
        self._provider(resource).delete(resource.id, plain(resource.outputs))

    def _provider(self, resource: Resource) -> ResourceProvider:
        provider = resource.provider()
        provider.configure(ConfigureRequest(config=self._config))
        return provider


def new_run(url: str, transport: httpx.BaseTransport | None = None) -> Run:
    """A run in this process, which forgets what earlier runs have learnt.

    Args:
        url: the server.
        transport: in place of the network.
    """
    process.forget_runs()
    process.transport = transport
    return this_run(url)


def this_run(url: str) -> Run:
    """The run that is under way in this process."""
    return Run(InProcess(url))


def plain(values: Mapping[str, Any] | None) -> Values:
    """As the engine's wire leaves them: JSON, every list and mapping a copy, no top-level ``None``."""
    copied: Values = json.loads(
        json.dumps({name: value for name, value in (values or {}).items() if value is not None})
    )
    return copied
