"""A preview's plans together, on the row of the stack; and the end of a preview in which a plan is blocked."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pulumi

from pulumi_airbyte_wb.errors import AirbyteError
from pulumi_airbyte_wb.providers.running import take_running
from pulumi_airbyte_wb.resources.program import ProgramError, config

if TYPE_CHECKING:
    from pulumi_airbyte_wb.live.session import Sessions
    from pulumi_airbyte_wb.plan import Plan
    from pulumi_airbyte_wb.plan.costs import Cost

_PAUSE = 0.02


class Summary:
    """Collects what resources plan, and tells it once, when the program has ended and the last of them has.

    Args:
        sessions: answers the servers, whose jobs tell what a re-sync costs.
    """

    def __init__(self, sessions: Callable[[], Sessions]) -> None:
        self._sessions = sessions
        self._awaited = 0
        self._begun = False
        self._plans: dict[str, Plan] = {}
        self._costs: list[Cost | None] = []
        self._told = ""

    def add(
        self, name: str, planned: pulumi.Output[Any], connection_id: pulumi.Output[str], server: str | None
    ) -> None:
        """Await what one resource plans, and in an update that it is done.

        A preview with a blocked plan fails once every plan has been shown.

        Args:
            name: the name of the resource.
            planned: its computed input.
            connection_id: the connection, which is not known where it is created.
            server: the name of its server.
        """
        if not self._begun and not pulumi.runtime.is_dry_run():
            take_running(pulumi.get_stack(), pulumi.get_project())  # left by a run that was stopped
        self._begun = True
        self._awaited += 1

        async def take(values: Any) -> Any:
            self._awaited -= 1
            planned = values["plan"] if isinstance(values, dict) else None
            if isinstance(planned, dict) and planned and pulumi.runtime.is_dry_run():
                from pulumi_airbyte_wb.plan import decode

                plan = decode(planned)
                self._plans[name] = plan
                self._costs += self._costs_of(plan, values["id"], server)
            while _program_runs():
                await asyncio.sleep(_PAUSE)
            if not self._awaited:
                self._tell()

        pulumi.Output.all(plan=planned, id=connection_id).apply(take, run_with_unknowns=True)

    def _tell(self) -> None:
        text = self._of_preview() if pulumi.runtime.is_dry_run() else _of_update()
        if text and text != self._told:
            self._told = text
            pulumi.log.info(text)
        if self._plans:
            from pulumi_airbyte_wb.plan.summary import blocked

            if refusal := blocked(self._plans):
                raise ProgramError(refusal)

    def _of_preview(self) -> str:
        if not self._plans:
            return ""
        from pulumi_airbyte_wb.plan.summary import summarize

        return summarize(self._plans, self._costs)

    def _costs_of(self, plan: Plan, connection_id: object, server: str | None) -> list[Cost | None]:
        from pulumi_airbyte_wb.plan import Action
        from pulumi_airbyte_wb.plan.costs import estimates

        reads = {Action.MERGE, Action.TRUNCATE, Action.CLEAR}
        streams = [stream for stream, action in plan.actions().items() if action in reads]
        if not streams or not isinstance(connection_id, str) or not connection_id:
            return [None] * len(streams)
        try:
            jobs = self._sessions().get(config, server or "").client.list_jobs(connection_id, limit=200)
        except AirbyteError:
            return [None] * len(streams)
        return list(estimates(jobs, streams).values())


def _of_update() -> str:
    jobs = take_running(pulumi.get_stack(), pulumi.get_project())
    if not jobs:
        return ""
    from pulumi_airbyte_wb.plan.notices import running_text

    return running_text(jobs)


def _program_runs() -> bool:
    """Whether the program waits for an answer now, such as that of a provider's function, and may declare more."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_name != "_run_once":
        frame = frame.f_back
    # The SDK turns the running event loop itself while a program waits; else asyncio does.
    turns = frame.f_back if frame is not None else None
    return turns is not None and turns.f_globals.get("__name__") == "pulumi.runtime.sync_await"
