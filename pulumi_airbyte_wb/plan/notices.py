"""What is told of a connection whatever its program changes: that Airbyte paused it, that a re-sync failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pulumi_airbyte_wb.plan.words import visible
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.server_acts import FailedJob, Pause

PAUSED: Mapping[Pause, str] = MappingProxyType(
    {
        Pause.SCHEMA: "no sync runs: Airbyte has paused this connection, because its source's schema changed in a "
        "breaking way; accept the new schema on the connection's page in Airbyte, then run `pulumi refresh`",
        Pause.FAILURES: "no sync runs: Airbyte has paused this connection, because its syncs failed again and "
        "again; see why on the connection's page in Airbyte, fix the cause, activate the connection there, then "
        "run `pulumi refresh`",
    }
)
FAILED = (
    "the re-sync{streams} did not succeed (job {job} {status}){reason}; see {page}; after a `pulumi refresh` it is "
    "planned again"
)
RUNNING = "{number} jobs still running; `pulumi refresh` tells how they ended"
RUNNING_ONE = "1 job still running; `pulumi refresh` tells how it ended"


def notices(memory: Memory, *, secret: bool = False) -> Iterator[str]:
    """The sentences for what is remembered; with ``secret`` without names and without the words of the server."""
    if memory.paused_by is not None:
        yield PAUSED[memory.paused_by]
    if memory.failed is not None:
        yield failed_text(memory.failed, secret=secret)


def failed_text(failed: FailedJob, *, secret: bool = False) -> str:
    """A re-sync that failed, in one sentence."""
    streams = "" if secret else f" of {', '.join(map(visible, failed.streams))}"
    reason = f": {visible(failed.reason)}" if failed.reason and not secret else ""
    return FAILED.format(streams=streams, job=failed.job_id, status=failed.status, reason=reason, page=failed.page)


def running_text(number: int) -> str:
    """The sentence that an update ends with which has not waited for all of its jobs; empty where it has."""
    if not number:
        return ""
    return RUNNING_ONE if number == 1 else RUNNING.format(number=number)
