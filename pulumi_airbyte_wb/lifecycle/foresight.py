"""What a preview sees of the live connection that the update will meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pulumi_airbyte_wb.errors import ApiError, PlanError
from pulumi_airbyte_wb.lifecycle.guard import look
from pulumi_airbyte_wb.live.context import Context
from pulumi_airbyte_wb.live.secrets import unmasked
from pulumi_airbyte_wb.models import ConnectionRead
from pulumi_airbyte_wb.plan import Obstacle
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.fields import FIELDS, shown_value
from pulumi_airbyte_wb.state.baseline import Baseline


@dataclass(frozen=True)
class Foresight:
    """What was seen.

    Args:
        connection_id: of which connection.
        obstacles: what will stand in the way of the update.
        kept: the values of what is no longer managed, as lines.
        warnings: what could not be seen, and why.
    """

    connection_id: str
    obstacles: tuple[Obstacle, ...] = ()
    kept: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def foresee(
    context: Context, connection_id: str, live: Callable[[], ConnectionRead | None], recorded: Baseline
) -> Foresight:
    """Look at the live connection as the update will: has it moved so that more would happen than is planned?

    Args:
        context: what it works with: what to do, and where.
        connection_id: the connection.
        live: answers it; ``None`` where it is gone.
        recorded: what state remembers.

    Raises:
        DeclarationError: something of the program cannot be with the connection as it is.
    """
    try:
        connection = live()
        if connection is None:
            return Foresight(connection_id, (Obstacle(Code.CONNECTION_GONE, (), (connection_id,)),))
        connection = unmasked(context.session, connection, recorded, context.declaration)
        look(context, connection, recorded)
    except PlanError as error:
        if isinstance(error.obstacle, Obstacle):
            return Foresight(connection_id, (error.obstacle,))
        raise
    except ApiError as error:
        warning = f"planned from what was recorded, as the live connection cannot be read: {error}"
        return Foresight(connection_id, warnings=(warning,))
    released = (
        set(recorded.spec.fields)
        - set(context.declaration.spec.fields)
        - recorded.spec.secret
        - context.declaration.spec.secret
    )
    kept = (
        f"{name} is {shown_value(FIELDS[name].live(connection))} on the server, and stays so"
        for name in sorted(released)
    )
    return Foresight(connection_id, kept=tuple(kept))
