"""``create`` of what is there: it is read, and recorded as it is."""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.models import ConnectionRead
from pulumi_airbyte_wb.plan.explain import next_text
from pulumi_airbyte_wb.providers.blocking import check_unblocked
from pulumi_airbyte_wb.providers.executing import found, update
from pulumi_airbyte_wb.providers.guarding import check_as_found
from pulumi_airbyte_wb.providers.work import Work


def take_over(work: Work, connection_id: str) -> ConnectionRead:
    """Take a connection over, or streams of it, as they are; add those that need nothing else.

    Raises:
        DriftedError: it is not any more as the plan has found it, or was deleted.
        BlockedError: the plan is blocked.
        AirbyteError: this is another server.
    """
    check_unblocked(work.plan)
    added = {effect.stream for effect in work.plan.effects}
    if added:
        streams = {s: spec for s, spec in work.declaration.streams.items() if s not in added}
        connection = update(
            work, connection_id, "", replace(work.declaration, spec=replace(work.declaration.spec, streams=streams))
        )
    else:
        connection = found(work.session, connection_id, "")
        check_as_found(connection, work.declaration)
    work.console.info(f"taken over as it is; {next_text(work.plan)}")
    return connection
