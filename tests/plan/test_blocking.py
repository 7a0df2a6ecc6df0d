"""A blocked plan as an error."""

import pytest

from pulumi_airbyte_wb.errors import BlockedError, DriftedError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Obstacle, Operation, Plan
from pulumi_airbyte_wb.plan.blocking import blocked_by, check_unblocked
from pulumi_airbyte_wb.spec.changes import ChangeKey, Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code

INACTIVE = Obstacle(Code.INACTIVE, ("public.users",), ("inactive",))
MOVED = Obstacle(Code.CONNECTION_GONE, (), ("c1",))
USERS = StreamDescriptor(namespace="public", name="users")
KEY = Effect(
    ChangeKey.of(USERS, Kind.KEY, "id", "name"),
    Code.KEY_CHANGED,
    Action.BLOCK,
    Detail(What.KEY, (Item("", "id", "name"),)),
)


@pytest.mark.parametrize(("obstacle", "error"), [(INACTIVE, BlockedError), (MOVED, DriftedError)])
def test_what_moved_on_the_server_is_told_apart_from_what_needs_an_approval(
    obstacle: Obstacle, error: type[Exception]
) -> None:
    found = blocked_by(obstacle)
    assert type(found) is error
    assert found.obstacle == obstacle


def test_a_plan_that_nothing_blocks_passes() -> None:
    check_unblocked(Plan(Operation.UPDATE))


def test_one_obstacle_is_the_error_itself() -> None:
    with pytest.raises(BlockedError) as caught:
        check_unblocked(Plan(Operation.UPDATE, obstacles=(INACTIVE,)))
    assert caught.value.obstacle == INACTIVE


def test_everything_that_blocks_is_named_at_once() -> None:
    with pytest.raises(BlockedError, match=r"^nothing was sent: public\.users.*inactive") as caught:
        check_unblocked(Plan(Operation.UPDATE, effects=(KEY,), obstacles=(INACTIVE,)))
    assert caught.value.obstacle is None
