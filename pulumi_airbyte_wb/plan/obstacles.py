"""What stands in the way of an update, in sentences: what it is, that nothing was sent, and what to do."""

from __future__ import annotations

from pulumi_airbyte_wb.plan.effects import Action
from pulumi_airbyte_wb.plan.plan import Obstacle
from pulumi_airbyte_wb.plan.words import MEANING, visible
from pulumi_airbyte_wb.spec.codes import Code

_AGAIN = "run `pulumi refresh`, then preview again"
OBSTACLES = {
    Code.CATALOG_REFUSED: "Airbyte would refuse the streams: {names}; nothing was sent: change what is named there, in "
    "the program or on the connection's page in Airbyte",
    Code.KEY_MASKED: "{streams}: a mapper encrypts with a key that the program does not declare; Airbyte shows "
    "only a mask for the key, and refuses every update of the streams that contains the mask; nothing was sent: "
    "declare the mappers of {streams} in this resource, with the key: stream(…, mappers=[…])",
    Code.MOVED: "{streams}: the live connection has changed since it was last read, so this update would do more than "
    "was planned ({names}); nothing was sent: " + _AGAIN,
    Code.WOULD_LEAVE: "{streams}: the update would remove this stream from the connection, but the plan does not "
    "say so; nothing was sent: " + _AGAIN,
    Code.STATE_LOST: "{streams}: its sync state is gone, so it cannot resume, and every row would be in the "
    "table a second time; nothing was sent: " + _AGAIN,
    Code.INACTIVE: "{streams} must be re-synced or cleared, but the connection is {names}: Airbyte would cancel "
    "the jobs, and the sync state would be lost; nothing was sent: activate the connection in the same update, "
    "or change the streams later",
    Code.PAUSED_BY_SCHEMA: "the server paused this connection because its source's schema changed in a breaking way; "
    "nothing was sent: accept the new schema on the connection's page in Airbyte, then run `pulumi refresh` and "
    "`pulumi up`; or say schema_changes='accept' with status='inactive', run `pulumi up` and `pulumi refresh`, and "
    "activate it then",
    Code.COLUMN_HIDDEN: "{streams}: its {names} is not among the columns that are selected on the server; nothing was "
    "sent: declare fields with it among them, or select the column on the connection's page",
    Code.SCHEMA_CHANGES_OTHERS: "the source's newer schema, which schema_changes='accept' takes over, also changes "
    "{streams}, which this program does not declare; nothing was sent: declare these streams too, or accept the schema "
    "on the connection's page in Airbyte",
    Code.NEWCOMERS_CHANGE_OTHERS: "{names} came with a newer schema of the source, which also changes {streams}; "
    "nothing was sent: accept the schema on the connection's page in Airbyte, then `pulumi refresh` and preview",
    Code.NOT_AS_SHOWN: "this is not what the preview of this command has shown, because something has changed "
    "since; nothing was sent: run the same command again, and read its new preview",
    Code.REPLACEMENT_FORCED: "a replacement would delete connection {names} and its sync state, so it is not "
    "replaced; nothing was sent: remove what asks for the replacement (`--replace` or replace_on_changes; after "
    "`pulumi state taint` run `pulumi state untaint`)",
    Code.CONNECTION_GONE: "connection {names} was deleted outside this program; nothing was sent: run `pulumi "
    "refresh`, then `pulumi up` creates it again",
}


def obstacle_text(obstacle: Obstacle) -> str:
    """What stands in the way, and what to do about it."""
    streams, names = (", ".join(visible(each) for each in values) for values in (obstacle.streams, obstacle.names))
    if obstacle.code is Code.MOVED:
        code, action = obstacle.names
        names = f"{MEANING[Action[action.upper()]]} [{code}]"
    return OBSTACLES[obstacle.code].format(streams=streams, names=names)
