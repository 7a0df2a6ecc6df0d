"""What a change means for a stream's data: actions, and effects with their reasons as values."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.facts import Facts
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Kind
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Policy


class Action(IntEnum):
    """What is done for a stream besides writing its configuration; a greater one does what a smaller one does too."""

    NONE = 0
    MERGE = 1
    TRUNCATE = 2
    CLEAR = 3
    BLOCK = 4

    @property
    def word(self) -> str:
        """As plans write it."""
        return self.name.lower()


class Why(StrEnum):
    """A reason; its sentence is in ``explain``."""

    ROW = "row"

    # notes of the table's rows
    SYNCS_FROM_START = "syncs_from_start"
    DROP_TABLE_FIRST = "drop_table_first"
    CURSOR_GUARANTEED = "cursor_guaranteed"
    OLD_ROWS_NEVER_MERGE = "old_rows_never_merge"
    DOUBLED = "doubled"
    TABLES_NOT_TOLD = "tables_not_told"
    NEW_CURSOR_GUARANTEED = "new_cursor_guaranteed"
    CURSOR_MAY_FALL = "cursor_may_fall"
    KEYS_GUARANTEED = "keys_guaranteed"
    REBUILT_FROM_RAW = "rebuilt_from_raw"
    VERSIONS_LOST = "versions_lost"
    RAW_SHOWS_ALL = "raw_shows_all"
    UNTOLD_ROWS_MISSING = "untold_rows_missing"
    MERGE_GUARANTEED = "merge_guaranteed"
    NEXT_SYNC_REPLACES = "next_sync_replaces"
    NEXT_SYNC_READS_ALL = "next_sync_reads_all"
    NOT_BEFORE_NEXT_SYNC = "not_before_next_sync"
    OLDER_VERSIONS_GO = "older_versions_go"
    STAY_MISSING = "stay_missing"
    KEY_NOT_TOLD = "key_not_told"
    NO_PLACE_MEANWHILE = "no_place_meanwhile"
    ONLY_REPLACING_HELPS = "only_replacing_helps"
    CHOOSE_ANOTHER_NAME = "choose_another_name"
    TABLE_NOT_TOLD = "table_not_told"
    OTHERS_WRITE = "others_write"
    WRITTEN_BY = "written_by"
    WRITTEN_BY_DUPLICATE = "written_by_duplicate"
    ANOTHER_PREFIX = "another_prefix"
    NO_SYNC_SINCE = "no_sync_since"
    ROWS_MERGE = "rows_merge"
    RAW_KEEPS = "raw_keeps"
    VALUES_LOST = "values_lost"
    HISTORY_LOST = "history_lost"
    FILLED_ANYWAY = "filled_anyway"
    DECLARE_ANOTHER = "declare_another"
    ORDER_CHANGES = "order_changes"
    DELETED_ROWS_STAY = "deleted_rows_stay"
    CURSOR_FELL = "cursor_fell"
    MOVED_FIRST = "moved_first"

    # what the program says
    SAYS_SKIP = "says_skip"
    SAYS_SKIP_UNFINISHED = "says_skip_unfinished"
    SAYS_REFUSE = "says_refuse"
    SAYS_MEANS = "says_means"
    CANNOT_REFRESH = "cannot_refresh"
    SAYS_SERVER = "says_server"
    SAID_SERVER = "said_server"
    SAYS_CLEAR = "says_clear"
    PERMITTED = "permitted"
    PERMIT_OVER = "permit_over"
    PERMIT_USED = "permit_used"

    # what the connection is in
    NEVER_SYNCED = "never_synced"
    NEITHER_FIRST = "neither_first"
    STILL_INACTIVE = "still_inactive"
    TOO_LATE_INACTIVE = "too_late_inactive"
    UNMANAGED = "unmanaged"
    RESET_ORDERED = "reset_ordered"
    REFRESH_ORDERED = "refresh_ordered"
    LEGACY_STATE = "legacy_state"
    LEGACY_UNMANAGED = "legacy_unmanaged"
    LEGACY_APPENDED = "legacy_appended"
    UNFINISHED = "unfinished"
    RESET_BY_SERVER = "reset_by_server"


class NextSync(StrEnum):
    """What the next sync does to a stream's table because of a change, without any job that the update orders."""

    AS_BEFORE = ""
    REPLACES = "replaces"
    DROPS = "drops"
    READS_ALL = "reads_all"
    RESUMES = "resumes"


class Reason(NamedTuple):
    """A reason with the names that stand in its sentence."""

    why: Why
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """A row's answer.

    Args:
        action: what is done.
        notes: where the row has several answers, why this one.
        next_sync: what the next sync does where nothing is done.
        loses: what is lost by that and only the table has, so that it takes an explicit approval; ``None`` for nothing.
    """

    action: Action
    notes: tuple[Why, ...] = ()
    next_sync: NextSync = NextSync.AS_BEFORE
    loses: Why | None = None


@dataclass(frozen=True)
class Effect:
    """What a change means for one stream's data.

    Args:
        key: which change of which stream.
        code: the row that decided.
        action: what is done now.
        detail: the change as it is told.
        reasons: why, the one that decided last first.
        appends: whether rows are appended to the stream's table.
        hidden: whether the values of the change are secret.
        deferred: what is done once the connection is active.
        overruled_by: the policy of the program that decided instead of the table.
        called_for: what the table calls for, where such a policy decided.
        next_sync: what the next sync does where nothing is done, or would do where that is blocked.
        dropped: how many columns the next sync drops.
    """

    key: ChangeKey
    code: Code
    action: Action
    detail: Detail
    reasons: tuple[Reason, ...] = (Reason(Why.ROW),)
    appends: bool = False
    hidden: bool = False
    deferred: Action = Action.NONE
    overruled_by: Policy | None = None
    called_for: Action = Action.NONE
    next_sync: NextSync = NextSync.AS_BEFORE
    dropped: int = 0

    @property
    def stream(self) -> StreamDescriptor:
        """Which stream."""
        return self.key.stream

    @property
    def kind(self) -> Kind:
        """What about it changed."""
        return self.key.kind

    @property
    def outcome(self) -> Action:
        """What is done in the end: now, or once the connection is active."""
        return self.action if self.deferred is Action.NONE else self.deferred

    @property
    def unsafe(self) -> bool:
        """Whether the program leaves rows missing, doubled or stale that the table would make right."""
        return self.overruled_by in {Policy.SKIP, Policy.SERVER} and self.called_for is not self.outcome

    def has(self, why: Why) -> bool:
        """Whether this is among the reasons."""
        return any(reason.why is why for reason in self.reasons)


def because(why: Why, names: Collection[str] = (), *rest: Reason) -> tuple[Reason, ...]:
    """A reason, and those that it stands before."""
    return (Reason(why, tuple(names)), *rest)


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    code: Code
    kind: Kind
    title: str
    because: str
    judge: Callable[[Change, Facts], Verdict | None]
    harmless: bool = False
