"""What a change means for a stream's data: actions, and effects with their reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.changes import Change, Kind
from pulumi_airbyte_wb.plan.facts import Facts


class Action(IntEnum):
    """What is done for a stream besides writing its configuration; a greater one does what a smaller one does too."""

    NONE = 0
    MERGE = 1
    TRUNCATE = 2
    CLEAR = 3
    REFUSE = 4

    @property
    def word(self) -> str:
        """As plans write it."""
        return self.name.lower()


MEANING = {
    Action.NONE: "nothing to do",
    Action.MERGE: "read again, keeping the rows that are there",
    Action.TRUNCATE: "read again, replacing all rows when done",
    Action.CLEAR: "emptied, then filled by the next sync",
    Action.REFUSE: "refused",
}


@dataclass(frozen=True)
class Verdict:
    """A row's answer: the action, and where the row has several answers, why this one."""

    action: Action
    note: str = ""


@dataclass(frozen=True)
class Effect:
    """What a change means for one stream's data.

    Args:
        stream: which stream.
        code: the row that decided, for example ``AWB220``.
        action: what is done.
        what: the change in words.
        because: the reason.
    """

    stream: StreamDescriptor
    code: str
    action: Action
    what: str
    because: str


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    code: str
    kind: Kind
    title: str
    because: str
    judge: Callable[[Change, Facts], Verdict | None]
