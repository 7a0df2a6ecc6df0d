"""One resource of a program, each of whose acts is a run of the engine in this process: fast, for the many cases.

The real engine runs the same provider in ``tests/main_job``.
"""

from __future__ import annotations

from collections.abc import Callable

from pulumi.dynamic import ResourceProvider

from pulumi_airbyte_wb.plan import Plan, planned_of
from pulumi_airbyte_wb.plan.explain import refusals
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from tests.told import told
from tools import engine
from tools.engine import RefusedError, Values, new_run, this_run

__all__ = ["RefusedError", "Resource"]


class Resource(engine.Resource):
    """One resource of a program, with its state.

    Args:
        url: the server.
        name: the name of the Pulumi resource.
        provider: its provider class.
    """

    def __init__(self, url: str, name: str = "shop", provider: type[ResourceProvider] = ConnectionProvider) -> None:
        super().__init__(name, provider)
        self.url = url

    def preview(self, news: Values) -> dict[str, str]:
        """What the program's change plans; nothing where it changes nothing.

        Raises:
            RefusedError: the check failed, or the plan is blocked.
        """
        return _shown(new_run(self.url).preview(self, news))

    def preview_with(self, other: Resource, news: Values, others_news: Values) -> tuple[dict[str, str], dict[str, str]]:
        """What one run plans for this resource, and for another that comes after it."""
        run = new_run(self.url)
        return _shown(run.preview(self, news)), _shown(run.preview(other, others_news))

    def preview_after(self, other: Resource, others_news: Values, news: Values) -> dict[str, str]:
        """What a run plans for this resource in which another one had its turn before."""
        return other.preview_with(self, others_news, news)[1]

    def changed(self, news: Values) -> bool:
        """Whether a preview would show anything."""
        return new_run(self.url).changes(self, news)

    def up(self, news: Values, *, keep: bool = False, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Check, diff, and create, update, replace or nothing.

        ``keep`` in the run that is under way; ``meanwhile`` is what happens after the check.

        Raises:
            RefusedError: the check failed, or the plan is blocked.
            AirbyteError: the provider failed; the state stays as it was.
        """
        run = this_run(self.url) if keep else new_run(self.url)
        checked = run.check(self, news)
        plan = planned_of(checked)
        if plan.blocked():
            raise RefusedError("; ".join(refusals(plan)))
        meanwhile()
        run.carry_out(self, news, checked, run.diff(self, checked))

    def refresh(self) -> bool:
        """Read; a resource that is gone leaves the state. Whether the engine reports a change."""
        return new_run(self.url).refresh(self)

    def destroy(self) -> None:
        """Delete."""
        new_run(self.url).destroy(self)


def _shown(plan: Plan | None) -> dict[str, str]:
    if plan is None:
        return {}
    if plan.is_blocked:
        raise RefusedError("; ".join(refusals(plan)))
    return told(plan)
