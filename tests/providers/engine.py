"""What the engine does with one resource, without the engine: fast, and honest about which call gets what.

The real engine runs the same provider in ``tests/main_job``; here are the many cases that would take it minutes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pulumi.dynamic import ConfigureRequest, ResourceProvider
from pulumi.dynamic.config import Config

from pulumi_airbyte_wb.plan import planned_of
from pulumi_airbyte_wb.plan.explain import refusals
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.providers.process import process
from tests.told import told


class RefusedError(Exception):
    """A check that failed, with the sentences that the engine would print."""


@dataclass
class Resource:
    """One resource of a program, with its state.

    Attributes:
        url: the server.
        name: the name of the Pulumi resource.
        inputs: the inputs in state; empty before the first ``up``.
    """

    url: str
    name: str = "shop"
    provider: type[ResourceProvider] = ConnectionProvider
    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def preview(self, news: dict[str, Any]) -> dict[str, str]:
        """What the program's change plans; nothing where it changes nothing.

        Raises:
            RefusedError: the check failed, or the plan is blocked.
        """
        checked = self._check(self._fresh(), news, self.inputs)
        if self.id and not self._fresh(keep=True).diff(self.id, self.outputs, checked).changes:
            return {}
        return _shown(checked)

    def preview_with(
        self, other: Resource, news: dict[str, Any], others_news: dict[str, Any]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """What one run plans for this resource, and for another that comes after it."""
        self._fresh()
        shown = []
        for resource, values in ((self, news), (other, others_news)):
            checked = resource._check(resource._fresh(keep=True), values, resource.inputs)
            changes = not resource.id or resource._fresh(keep=True).diff(resource.id, resource.outputs, checked).changes
            shown.append(_shown(checked) if changes else {})
        return shown[0], shown[1]

    def preview_after(self, other: Resource, others_news: dict[str, Any], news: dict[str, Any]) -> dict[str, str]:
        """What a run plans for this resource in which another one had its turn before."""
        return other.preview_with(self, others_news, news)[1]

    def changed(self, news: dict[str, Any]) -> bool:
        """Whether a preview would show anything."""
        checked = self._check(self._fresh(), news, self.inputs)
        return not self.id or bool(self._fresh(keep=True).diff(self.id, self.outputs, checked).changes)

    def up(self, news: dict[str, Any], *, keep: bool = False, meanwhile: Callable[[], object] | None = None) -> None:
        """Check, diff, and create, update, replace or nothing.

        ``keep`` in the run that is under way; ``meanwhile`` is what happens after the check.

        Raises:
            RefusedError: the check failed, or the plan is blocked.
            AirbyteError: the provider failed; the state stays as it was.
        """
        provider = self._fresh(keep=keep)
        checked = self._check(provider, news, self.inputs)
        if planned_of(checked).blocked():
            raise RefusedError("; ".join(refusals(planned_of(checked))))
        if meanwhile is not None:
            meanwhile()
        if not self.id:
            self._create(provider, checked)
            return
        diff = provider.diff(self.id, self.outputs, checked)
        if diff.replaces:
            checked = self._check(provider, news, {})
            provider.delete(self.id, self.outputs)
            self._create(provider, checked)
        elif diff.changes:
            self.outputs = _plain(provider.update(self.id, self.outputs, checked).outs)
            self.inputs = checked
        else:
            self.inputs = checked

    def refresh(self) -> bool:
        """Read; a resource that is gone leaves the state. Whether the engine reports a change.

        It asks whether what was recorded would change what was read.
        """
        provider = self._fresh()
        result = provider.read(self.id, self.outputs)
        if not result.id:
            self.id, self.inputs, self.outputs = "", {}, {}
            return True
        inputs, self.inputs, self.outputs = self.inputs, _plain(result.inputs), _plain(result.outs)
        return bool(provider.diff(self.id, self.outputs, inputs).changes)

    def destroy(self) -> None:
        """Delete."""
        self._fresh().delete(self.id, self.outputs)
        self.id, self.inputs, self.outputs = "", {}, {}

    def _create(self, provider: ResourceProvider, checked: dict[str, Any]) -> None:
        result = provider.create(checked)
        self.id, self.outputs, self.inputs = result.id, _plain(result.outs), checked

    def _check(self, provider: ResourceProvider, news: dict[str, Any], olds: dict[str, Any]) -> dict[str, Any]:
        urn = f"urn:pulumi:dev::p::t::{self.name}"
        result = provider.check(dict(olds), _plain({**news, "resource_urn": urn}))
        if result.failures:
            raise RefusedError("; ".join(failure.reason for failure in result.failures))
        return _plain(result.inputs)

    def _fresh(self, *, keep: bool = False) -> ResourceProvider:
        """A provider as in a new process: nothing is remembered from earlier runs."""
        if not keep:
            self._forget()
        provider = self.provider()
        provider.configure(ConfigureRequest(config=Config({"airbyte-wb:url": self.url}, "p")))
        return provider

    @staticmethod
    def _forget() -> None:
        process.forget_runs()


def _shown(checked: dict[str, Any]) -> dict[str, str]:
    plan = planned_of(checked)
    if plan.is_blocked:
        raise RefusedError("; ".join(refusals(plan)))
    return told(plan)


def _plain(values: Any) -> dict[str, Any]:
    """As the engine's wire leaves them: JSON, every list and mapping a copy."""
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return plain
