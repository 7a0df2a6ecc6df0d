"""What an execution works with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pulumi_airbyte_wb.live.report import Report
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.live.waiting import Waiting
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Plan
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.not_taken import NotTaken
from pulumi_airbyte_wb.state.pending import InFlight


@dataclass(frozen=True)
class Context:
    """What an execution works with.

    Args:
        session: the server.
        report: where what happens to the resource is told.
        declaration: what is declared.
        plan: what the preview planned.
        urn: the resource.
        waiting: how jobs are waited for.
        ordered: filled by the execution: the replacements that are on their way.
        not_taken: filled by the execution: what the server keeps in place of what is declared.
        running: filled by the execution: the jobs that it has ordered and not seen to end.
    """

    session: Session
    report: Report
    declaration: Baseline
    plan: Plan
    urn: str = ""
    waiting: Waiting = field(default_factory=Waiting)
    ordered: dict[StreamDescriptor, InFlight] = field(default_factory=dict)
    not_taken: dict[StreamDescriptor | None, tuple[NotTaken, ...]] = field(default_factory=dict)
    running: list[int] = field(default_factory=list)

    @property
    def resource_name(self) -> str:
        """The name of the Pulumi resource, which names the connection where the program does not."""
        return self.urn.rsplit("::", 1)[-1] or "connection"


def names(streams: Iterable[StreamDescriptor]) -> str:
    """Streams in a sentence."""
    return ", ".join(sorted(stream.key for stream in streams))
