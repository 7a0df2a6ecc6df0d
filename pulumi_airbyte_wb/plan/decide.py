"""The decision table: for each change of a stream, what must be done so that its table ends right.

One small function a row. Each row has a code, a title and a reason; a judge answers with the action that this row calls
for, or ``None`` where the row is not about the change at hand. The first row that answers decides. The rows and their
reasons are the data that ``docs/resets.md`` is made from; how rows really move stands in the design notes there.

Two rules stand above all rows: a table that is written by appending is never emptied unless a person says so, and an
unknown fact counts as its worst case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.models import DestinationSyncMode, StateType, StreamDescriptor
from pulumi_airbyte_wb.plan.changes import Change, Kind
from pulumi_airbyte_wb.plan.declaration import Family, OnRemove, Policy
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
    Action.CLEAR: "emptied now, read again by the next sync",
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


TABLE: list[Row] = []


def _row(
    code: str, kind: Kind, title: str, because: str
) -> Callable[[Callable[[Change, Facts], Verdict | None]], Callable[[Change, Facts], Verdict | None]]:
    def register(judge: Callable[[Change, Facts], Verdict | None]) -> Callable[[Change, Facts], Verdict | None]:
        TABLE.append(Row(code, kind, title, because, judge))
        return judge

    return register


def decide(change: Change, facts: Facts, policy: Policy, on_remove: OnRemove = OnRemove.KEEP) -> Effect:
    """The effect of one change, by the table and by what the program says of the stream."""
    row, verdict = next(
        (row, verdict) for row in TABLE if row.kind is change.kind and (verdict := row.judge(change, facts)) is not None
    )
    because = f"{row.because}; {verdict.note}" if verdict.note else row.because
    action = verdict.action
    if change.kind is Kind.REMOVED:
        if on_remove is OnRemove.CLEAR:
            return Effect(change.stream, row.code, Action.CLEAR, change.what, "the program says on_remove='clear'")
    elif action is not Action.NONE:
        action, because = _by_policy(facts, policy, action, because)
    return Effect(change.stream, row.code, action, change.what, because)


def replacing(facts: Facts) -> Action:
    """The cheapest action that ends with nothing but what the source has now."""
    return Action.TRUNCATE if facts.can_refresh else Action.CLEAR


def _by_policy(facts: Facts, policy: Policy, action: Action, because: str) -> tuple[Action, str]:
    if policy is Policy.SKIP:
        return Action.NONE, f"the program says 'skip', although {because}"
    if policy is Policy.RESET and action is Action.REFUSE:
        return replacing(facts), f"the program says 'reset'; {because}"
    if policy is Policy.REFUSE:
        return Action.REFUSE, f"the program says 'refuse'; {because}"
    return action, because


def _appends(spec: StreamSpec | None) -> bool:
    return spec is not None and spec.mode.destination_sync_mode is DestinationSyncMode.APPEND


@_row("AWB201", Kind.ADDED, "stream added, its table name is free", "the first sync fills its table")
def _added(change: Change, facts: Facts) -> Verdict | None:
    free = facts.tables_known and change.stream not in facts.tables
    return Verdict(Action.NONE) if free else None


@_row(
    "AWB202",
    Kind.ADDED,
    "stream added, a table of that name may be there",
    "everything is read into a table that may already hold rows",
)
def _added_onto(change: Change, facts: Facts) -> Verdict | None:
    spec, earlier = change.after, facts.tables.get(change.stream)
    if spec is None:
        return None
    if spec.mode.overwrites:
        return Verdict(Action.NONE, "each sync replaces the table")
    if spec.mode.dedup and earlier is not None and earlier.mode.dedup and earlier.key == spec.key:
        return Verdict(Action.NONE, "it was written under the same key, so the rows merge")
    doubled = "old rows would never merge" if spec.mode.dedup else "every row would be there twice"
    if not facts.tables_known:
        return Verdict(Action.REFUSE, f"the server does not say which tables exist, and {doubled}")
    return Verdict(Action.REFUSE, doubled)


@_row("AWB203", Kind.REMOVED, "stream removed", "its table stays as it is; deleting data is a person's decision")
def _removed(change: Change, facts: Facts) -> Verdict | None:
    return Verdict(Action.NONE)


@_row("AWB212", Kind.CURSOR, "cursor changed before anything was read", "nothing was read yet")
def _cursor_unread(change: Change, facts: Facts) -> Verdict | None:
    return Verdict(Action.NONE) if facts.state_type is StateType.NOT_SET else None


@_row(
    "AWB211",
    Kind.CURSOR,
    "cursor changed on a source that defines it itself",
    "the source reads by its own position, but the destination would order rows by this cursor: deletes would be lost",
)
def _cursor_of_source(change: Change, facts: Facts) -> Verdict | None:
    own = facts.source_cursor(change.stream) or facts.state_type is StateType.GLOBAL
    return Verdict(Action.REFUSE) if own else None


@_row(
    "AWB210",
    Kind.CURSOR,
    "cursor changed",
    "the source finds no position for the new cursor and reads everything again by itself",
)
def _cursor(change: Change, facts: Facts) -> Verdict | None:
    if change.after is None or not change.after.mode.dedup:
        return Verdict(Action.REFUSE, "appended, every row would be there twice")
    if "cursor_grows" in change.after.vouch:
        return Verdict(Action.NONE, "rows merge by key, as the program vouches that the new cursor grows")
    return Verdict(
        replacing(facts),
        "a row whose new cursor falls or is null would stay stale (vouch for 'cursor_grows' to keep the table)",
    )


@_row("AWB222", Kind.KEY, "key changed before anything was read", "nothing was read yet")
def _key_unread(change: Change, facts: Facts) -> Verdict | None:
    return Verdict(Action.NONE) if facts.state_type is StateType.NOT_SET else None


@_row("AWB221", Kind.KEY, "key declared that the source defines", "the source's own key is in force already")
def _key_of_source(change: Change, facts: Facts) -> Verdict | None:
    own = facts.source_key(change.stream)
    undeclared = change.before is not None and change.before.key is None
    return Verdict(Action.NONE) if undeclared and own is not None and change.after and change.after.key == own else None


@_row("AWB220", Kind.KEY, "key changed", "rows written under the old key would never merge with the new ones")
def _key(change: Change, facts: Facts) -> Verdict | None:
    if change.after is not None and "key_unique" in change.after.vouch and facts.family is not Family.NORMALIZATION:
        return Verdict(Action.NONE, "unless both keys are unique, which the program vouches for")
    return Verdict(replacing(facts))


def _unjudged(change: Change, facts: Facts) -> Verdict | None:
    return Verdict(Action.REFUSE)


TABLE += [
    Row("AWB299", kind, "change not judged yet", "this version cannot say what it does to the rows", _unjudged)
    for kind in (Kind.MODE, Kind.SELECTED, Kind.DESELECTED, Kind.MAPPERS, Kind.FILES, Kind.TABLE)
]
