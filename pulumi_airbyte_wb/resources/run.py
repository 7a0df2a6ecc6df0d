"""What the resources of one run remember of each other: it hangs on that run's stack, never on a module.

Two programs of one process, one after the other or side by side in threads, have a stack each.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime import settings

from pulumi_airbyte_wb.resources.summary import Summary

if TYPE_CHECKING:
    from pulumi_airbyte_wb.live.session import Sessions
    from pulumi_airbyte_wb.resources.connection import Connection

_NAME = "_airbyte_wb_run"


class ProgramRun:
    """One run of a program.

    Attributes:
        summary: collects the plans of a preview.
        declaring: the connections that declare streams, by the names of their resources, with what they adopt.
    """

    def __init__(self) -> None:
        self.summary = Summary(lambda: self.sessions)
        self.declaring: list[tuple[str, Connection, Any]] = []

    @cached_property
    def sessions(self) -> Sessions:
        """The servers that the program asks; most programs ask none."""
        from pulumi_airbyte_wb.live.session import Sessions

        return Sessions()


def current_run() -> ProgramRun:
    """That of the program that runs now; asked for while the program itself runs, not in callbacks."""
    stack: Any = pulumi.runtime.get_root_resource()
    # Under mocks there may be no stack; the settings are then what is new with each run.
    holder = settings.SETTINGS.rpc_manager if stack is None else stack
    run = vars(holder).get(_NAME)
    if not isinstance(run, ProgramRun):
        run = ProgramRun()
        vars(holder)[_NAME] = run
    return run
