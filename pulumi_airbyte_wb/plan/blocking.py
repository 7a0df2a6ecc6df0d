"""A plan that cannot be carried out, as an error."""

from __future__ import annotations

from pulumi_airbyte_wb.errors import BlockedError, DriftedError, PlanError
from pulumi_airbyte_wb.plan import Obstacle, Plan
from pulumi_airbyte_wb.plan.explain import refusals
from pulumi_airbyte_wb.plan.obstacles import obstacle_text
from pulumi_airbyte_wb.spec.codes import Code

_DRIFT = frozenset({Code.NOT_AS_SHOWN, Code.MOVED, Code.WOULD_LEAVE, Code.STATE_LOST, Code.CONNECTION_GONE})


def blocked_by(obstacle: Obstacle) -> PlanError:
    """The error of what stands in the way of an update."""
    error = (DriftedError if obstacle.code in _DRIFT else BlockedError)(obstacle_text(obstacle))
    error.obstacle = obstacle
    return error


def check_unblocked(plan: Plan) -> None:
    """Stop before a plan that a preview has shown as blocked.

    Raises:
        BlockedError: with everything that blocks it.
    """
    if plan.obstacles and not plan.blocked():
        raise blocked_by(plan.obstacles[0])
    if plan.is_blocked:
        raise BlockedError(f"nothing was sent: {'; '.join(refusals(plan))}")
