"""``create`` of what is there: it is read, and recorded as it is."""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.lifecycle.guard import check_as_found
from pulumi_airbyte_wb.lifecycle.update import carry_out, found
from pulumi_airbyte_wb.live.context import Context
from pulumi_airbyte_wb.live.observe import observe
from pulumi_airbyte_wb.models import ConnectionRead
from pulumi_airbyte_wb.plan.blocking import check_unblocked
from pulumi_airbyte_wb.plan.explain import next_text


def take_over(context: Context, connection_id: str) -> ConnectionRead:
    """Take a connection over, or streams of it, as they are; add those that need nothing else.

    Raises:
        DriftedError: it is not any more as the plan has found it, or was deleted.
        BlockedError: the plan is blocked.
        AirbyteError: this is another server.
    """
    check_unblocked(context.plan)
    added = {effect.stream for effect in context.plan.effects}
    if added:
        streams = {s: spec for s, spec in context.declaration.streams.items() if s not in added}
        connection = carry_out(
            context,
            connection_id,
            "",
            replace(context.declaration, spec=replace(context.declaration.spec, streams=streams)),
        )
    else:
        connection = found(context.session, connection_id, "")
        check_as_found(observe(context.session, connection, context.declaration))
    context.report.info(f"taken over as it is; {next_text(context.plan)}")
    return connection
