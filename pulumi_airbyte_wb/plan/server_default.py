"""What Airbyte itself does about a change that is sent without ``skipReset`` (semantics §5)."""

from __future__ import annotations

import json

from pulumi_airbyte_wb.plan.changes import Change, Kind
from pulumi_airbyte_wb.plan.effects import Action
from pulumi_airbyte_wb.plan.facts import Facts

_COMPARED = frozenset({Kind.ADDED, Kind.MODE, Kind.CURSOR, Kind.KEY, Kind.SELECTED, Kind.DESELECTED})
_MAPPED = frozenset({Kind.DESELECTED, Kind.HIDDEN, Kind.RENAMED, Kind.LOOSENED})


def server_default(change: Change, facts: Facts) -> tuple[Action, str]:
    """The action, and how to say it.

    Servers from 0.62.2 on refresh where the destination can, and keep the old rows; else they clear the stream, and its
    table stays empty until the next sync. The update holds the exact answer for the live connection against this one.
    """
    if not _resets(change, facts):
        return Action.NONE, "Airbyte does nothing about it"
    if facts.can_refresh:
        return Action.MERGE, "Airbyte reads it again beside the rows that are there"
    return Action.CLEAR, "Airbyte empties the table, and its next sync fills it"


def _resets(change: Change, facts: Facts) -> bool:
    if change.before is not None and change.after is not None and change.kind in _MAPPED:
        old, new = set(change.before.mappers or ()), set(change.after.mappers or ())
        if old != new and change.kind is not Kind.DESELECTED:
            # A row filter leaves the schema as it is, and the schema is what is compared.
            return facts.sees_mappers and any(json.loads(text)["type"] != "row-filtering" for text in old ^ new)
    return change.kind in _COMPARED
