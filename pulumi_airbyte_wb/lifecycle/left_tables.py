"""Tables that a connection has left behind under other names, and that another resource of its program takes."""

from __future__ import annotations

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.live.tables import default_namespace
from pulumi_airbyte_wb.spec.tables import table_of_key
from pulumi_airbyte_wb.state.baseline import Baseline


def note_left(session: Session, urn: str, connection_id: str, new: Baseline) -> None:
    """Note what a connection has left behind, for the resources that have their turn after it.

    Raises:
        PlanError: one that had its turn before begins to write such a table, and has taken it for a free one.
    """
    left = [table_of_key(key) for key in new.memory.abandoned_tables]
    if not left:
        return
    session.tables.leave(connection_id, left)
    names = {table.folded.name for table in left}
    taken = [each for each in session.tables.taken(urn, connection_id) if each.table.folded.name in names]
    if not taken or session.history(connection_id).is_idle:
        return
    destination = new.spec.destination_id or session.client.get_connection(connection_id).destination_id
    default = default_namespace(session, destination)
    for each in taken:
        if each.destination_id == destination and any(table.may_be(each.table, default) for table in left):
            other, what = each.urn.rsplit("::", 1)[-1], "a table" if each.hidden else f"the table {each.table.shown}"
            raise PlanError(
                f"{what} holds rows that this connection has written under an earlier prefix or namespace, and {other} "
                "begins to write it, although its plan took it for a free one; nothing was sent: give "
                f"{other} another prefix or namespace; or declare it after this resource, with depends_on, so that its "
                "own plan says what it takes"
            )
