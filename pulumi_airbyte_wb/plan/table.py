"""The decision table: for each change of a stream, what must be done so that its table ends right.

One small function a row. Each row has a code, a title and a reason; a judge answers with the action that this row calls
for, or ``None`` where the row is not about the change at hand. The first row that answers decides. The rows and their
reasons are the data that ``docs/resets.md`` is made from; ``docs/decisions/`` argues where they depart from what one
would expect.

Two rules stand above all rows: a table that is written by appending is never cleared without explicit approval, and an
unknown fact counts as its worst case. Where a replacement reads no more rows than the source would read anyway, it is
preferred to a merge that might leave stale rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pulumi_airbyte_wb.models import DestinationSyncMode, StateType
from pulumi_airbyte_wb.plan.effects import Action, NextSync, Row, Verdict, Why
from pulumi_airbyte_wb.plan.facts import Facts
from pulumi_airbyte_wb.spec.changes import Change, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import Loading
from pulumi_airbyte_wb.spec.streams import Mode, StreamSpec

Judge = Callable[[Change, Facts], Verdict | None]

NONE = Verdict(Action.NONE)
READS_ALL = Verdict(Action.NONE, (), NextSync.READS_ALL)
REPLACES = Verdict(Action.NONE, (), NextSync.REPLACES)

FIRM = frozenset(
    {
        Code.ADDED_TO_GENERATIONS,
        Code.CURSOR_OF_SOURCE_CHANGED,
        Code.TABLE_RENAMED_TO_FILLED,
        Code.FILES_CHANGED,
        Code.ACTIVATION_MODE,
    }
)
"""Rows that block what no re-sync puts right, so that ``skip`` is the only approval."""

LOSING = frozenset({Code.INTO_OVERWRITE, Code.COLUMNS_DESELECTED})
"""Rows that block what the next sync would lose, so that a permission is the only approval."""

UNKNOWN = frozenset({Code.ENCRYPTION_KEY_UNKNOWN})
"""Rows that block what only the program can know: by a permission it says that nothing has to be done."""

IMPOSSIBLE = frozenset({Code.NEEDED_COLUMN_GONE})
"""Rows that block what would fail, so that only another declaration helps."""


def _row(code: Code, kind: Kind, title: str, because: str, *, harmless: bool = False) -> Callable[[Judge], Row]:
    return lambda judge: Row(code, kind, title, because, judge, harmless)


def replacing(facts: Facts) -> Action:
    """The cheapest action that ends with nothing but what the source has now."""
    return Action.TRUNCATE if facts.can_refresh and facts.loading is not Loading.NORMALIZATION else Action.CLEAR


def merging(facts: Facts) -> Action:
    """The cheapest action that reads everything into what is there."""
    return Action.MERGE if facts.can_refresh and facts.loading is not Loading.NORMALIZATION else Action.CLEAR


def hashes_keys(facts: Facts) -> bool:
    """Whether the destination may be one with normalization; those cannot refresh."""
    return facts.loading is Loading.NORMALIZATION or (facts.loading is Loading.UNKNOWN and not facts.can_refresh)


def numbers_generations(facts: Facts) -> bool:
    """Whether the destination may be a direct-load one; those can refresh.

    It replaces the rows of older generations only, and every connection counts its generations from one: the rows of
    another connection can be of a higher one, and then stay whatever is ordered.
    """
    return facts.loading is Loading.DIRECT_LOAD or (facts.loading is Loading.UNKNOWN and facts.can_refresh)


# ---- streams that come and go ----------------------------------------------------------------------------------------


@_row(
    Code.ADDED_TO_FREE_TABLE,
    Kind.ADDED,
    "stream added, its table name is free",
    "the first sync fills its table",
    harmless=True,
)
def _added(change: Change, facts: Facts) -> Verdict | None:
    return READS_ALL if facts.tables_known and change.stream not in facts.tables else None


@_row(
    Code.ADDED_AGAIN,
    Kind.ADDED,
    "stream added again as it was",
    "its sync state was kept when it left, so it resumes where it stood",
    harmless=True,
)
def _added_again(change: Change, facts: Facts) -> Verdict | None:
    earlier = facts.tables.get(change.stream)
    if earlier is None or earlier.retyped or facts.state_type is StateType.GLOBAL:
        return None
    if not (earlier.own and earlier.resumes and earlier.spec == change.after):
        return None
    if _after(change).incremental:
        return Verdict(Action.NONE, (), NextSync.RESUMES)
    return Verdict(Action.NONE, (Why.SYNCS_FROM_START,), NextSync.READS_ALL)


@_row(
    Code.ADDED_TO_GENERATIONS,
    Kind.ADDED,
    "stream added onto a table that another connection may have filled, direct load",
    "this destination can only replace rows of this connection, so the rows of the other one would stay",
)
def _added_onto_generations(change: Change, facts: Facts) -> Verdict | None:
    earlier = facts.tables.get(change.stream)
    way = Why.ANOTHER_PREFIX if earlier is not None and earlier.live else Why.DROP_TABLE_FIRST
    blocked = Verdict(Action.BLOCK, (way,))
    return blocked if _of_others(change, facts) and numbers_generations(facts) else None


@_row(
    Code.ADDED_WITH_SAME_KEY,
    Kind.ADDED,
    "stream added onto a table that was deduplicated by the same key",
    "everything is read and merges by the key",
    harmless=True,
)
def _added_same_key(change: Change, facts: Facts) -> Verdict | None:
    earlier = facts.tables.get(change.stream)
    spec = change.after
    if earlier is None or earlier.spec is None or spec is None or not spec.mode.dedup:
        return None
    same = earlier.spec.mode.dedup and earlier.spec.key == spec.key and not earlier.retyped and _merges(change, facts)
    # A row that the source has deleted since is not read again, and keeps what other mappers have written.
    same = same and (earlier.spec.mappers or ()) == (spec.mappers or ())
    return Verdict(Action.NONE, (Why.CURSOR_GUARANTEED,), NextSync.READS_ALL) if same else None


@_row(Code.ADDED_OVERWRITING, Kind.ADDED, "stream added that overwrites", "each sync replaces whatever is in the table")
def _added_overwriting(change: Change, facts: Facts) -> Verdict | None:
    return REPLACES if _after(change).overwrites and not _keeps_rows(change, facts) else None


@_row(
    Code.ADDED_TO_OWN_TABLE,
    Kind.ADDED,
    "stream added again, with another configuration",
    "this connection has filled its table before, and everything is re-synced",
)
def _added_own(change: Change, facts: Facts) -> Verdict | None:
    earlier = facts.tables.get(change.stream)
    if earlier is None or not earlier.own:
        return None
    if _after(change).dedup:
        return Verdict(replacing(facts), (Why.OLD_ROWS_NEVER_MERGE,))
    return Verdict(Action.BLOCK, (Why.DOUBLED,))


@_row(
    Code.ADDED_TO_FILLED_TABLE,
    Kind.ADDED,
    "stream added onto a table that may hold rows of others",
    "everything is read into a table that may already hold rows",
)
def _added_onto(change: Change, facts: Facts) -> Verdict | None:
    note = Why.OLD_ROWS_NEVER_MERGE if _after(change).dedup else Why.DOUBLED
    return Verdict(Action.BLOCK, (note,) if facts.tables_known else (Why.TABLES_NOT_TOLD, note))


@_row(Code.REMOVED, Kind.REMOVED, "stream removed", "its table stays as it is; deleting data needs explicit approval")
def _removed(change: Change, facts: Facts) -> Verdict | None:
    return NONE


# ---- cursor and key --------------------------------------------------------------------------------------------------


@_row(
    Code.CURSOR_OF_SOURCE_DECLARED,
    Kind.CURSOR,
    "cursor declared that the source defines",
    "the source's own cursor is already in use",
    harmless=True,
)
def _cursor_declared(change: Change, facts: Facts) -> Verdict | None:
    own = facts.own_cursor(change.stream)
    undeclared = change.before is not None and change.before.cursor is None
    return NONE if undeclared and own is not None and change.after and change.after.cursor == own else None


@_row(
    Code.CURSOR_OF_SOURCE_CHANGED,
    Kind.CURSOR,
    "cursor changed on a source that defines it itself",
    "the source reads by its own position, but the destination would order rows by this cursor: deleted rows "
    "would stay in the table",
)
def _cursor_of_source(change: Change, facts: Facts) -> Verdict | None:
    own = facts.source_cursor(change.stream) or facts.state_type is StateType.GLOBAL
    return Verdict(Action.BLOCK) if own else None


@_row(
    Code.CURSOR_CHANGED,
    Kind.CURSOR,
    "cursor changed",
    "the source finds no position for the new cursor and reads everything again",
)
def _cursor(change: Change, facts: Facts) -> Verdict | None:
    if not _after(change).dedup:
        return Verdict(Action.BLOCK, (Why.DOUBLED,))
    if _guaranteed(change, "cursor_monotonic"):
        return Verdict(Action.NONE, (Why.NEW_CURSOR_GUARANTEED,), NextSync.READS_ALL)
    return Verdict(replacing(facts), (Why.CURSOR_MAY_FALL,))


@_row(
    Code.CURSOR_RETYPED,
    Kind.CURSOR_RETYPED,
    "type of the cursor column changed at the source, so that its values sort differently",
    "for each key the row with the highest cursor wins, and new rows would lose against the old ones",
)
def _cursor_retyped(change: Change, facts: Facts) -> Verdict | None:
    return _rewrite(
        change,
        facts,
        overwriting=Why.NEXT_SYNC_REPLACES,
        appending=Why.ORDER_CHANGES,
    )


@_row(
    Code.KEY_OF_SOURCE_DECLARED,
    Kind.KEY,
    "key declared that the source defines",
    "the source's own key is already in use",
    harmless=True,
)
def _key_of_source(change: Change, facts: Facts) -> Verdict | None:
    own = facts.source_key(change.stream)
    undeclared = change.before is not None and change.before.key is None
    return NONE if undeclared and own is not None and change.after and change.after.key == own else None


@_row(
    Code.KEY_CHANGED_OVERWRITING,
    Kind.KEY,
    "key changed of a stream that overwrites",
    "each sync builds the whole table under the new key",
)
def _key_overwriting(change: Change, facts: Facts) -> Verdict | None:
    return NONE if _after(change).overwrites else None


@_row(Code.KEY_CHANGED, Kind.KEY, "key changed", "rows written under the old key would never merge with the new ones")
def _key(change: Change, facts: Facts) -> Verdict | None:
    if _guaranteed(change, "key_unique") and not hashes_keys(facts):
        return Verdict(Action.NONE, (Why.KEYS_GUARANTEED,))
    return Verdict(replacing(facts))


# ---- sync modes ------------------------------------------------------------------------------------------------------


@_row(
    Code.ACTIVATION_MODE, Kind.MODE, "into or out of an activation mode", "it is not known what this does to the rows"
)
def _activation(change: Change, facts: Facts) -> Verdict | None:
    unknown = {DestinationSyncMode.UPDATE, DestinationSyncMode.SOFT_DELETE}
    modes = {_before(change).destination_sync_mode, _after(change).destination_sync_mode}
    return Verdict(Action.BLOCK) if modes & unknown else None


@_row(
    Code.INTO_OVERWRITE,
    Kind.MODE,
    "into overwrite",
    "the next sync replaces the table; from then on every sync reads everything",
)
def _into_overwrite(change: Change, facts: Facts) -> Verdict | None:
    if not _after(change).overwrites:
        return None
    before = _before(change)
    if before.overwrites:
        return NONE
    return Verdict(Action.NONE, (), NextSync.REPLACES, Why.HISTORY_LOST if _appends(before) else None)


@_row(
    Code.APPEND_TO_DEDUP,
    Kind.MODE,
    "from append to dedup",
    "rows that are in the table more than once would never be merged",
)
def _append_to_dedup(change: Change, facts: Facts) -> Verdict | None:
    if not (_appends(_before(change)) and _after(change).dedup):
        return None
    # Raw rows of full reads lack what the source has deleted; it is not known whether the stream was read so once.
    unlogged = _after(change).incremental and facts.source_cursor(change.stream)
    if facts.loading is Loading.TYPING_DEDUPING and not unlogged:
        return Verdict(Action.NONE, (Why.REBUILT_FROM_RAW,))
    return Verdict(Action.BLOCK, (Why.VERSIONS_LOST,))


@_row(
    Code.FULL_TO_INCREMENTAL_APPEND,
    Kind.MODE,
    "from full refresh append to incremental append",
    "the next sync appends one more copy, as every sync before; later syncs append only what is new",
)
def _append_to_incremental(change: Change, facts: Facts) -> Verdict | None:
    if not (_appends(_before(change)) and _appends(_after(change)) and _after(change).incremental):
        return None
    return Verdict(Action.BLOCK, (Why.NO_SYNC_SINCE,)) if change.stream in facts.stateless else READS_ALL


@_row(
    Code.INTO_FULL_APPEND,
    Kind.MODE,
    "into full refresh append",
    "from now on each sync appends a whole copy, as this mode always does",
)
def _into_full_append(change: Change, facts: Facts) -> Verdict | None:
    if not _appends(_after(change)) or _after(change).incremental:
        return None
    if _before(change).dedup and facts.loading is not Loading.DIRECT_LOAD:
        return Verdict(replacing(facts), (Why.RAW_SHOWS_ALL,))
    return READS_ALL


@_row(
    Code.INTO_INCREMENTAL_APPEND,
    Kind.MODE,
    "into incremental append from a table without history",
    "the next sync reads everything into a table that holds a copy already",
)
def _into_incremental_append(change: Change, facts: Facts) -> Verdict | None:
    before, after = _before(change), _after(change)
    if not (_appends(after) and after.incremental) or before.incremental:
        return None
    # The table held one copy of the source, or one row per key: nothing older was promised.
    return Verdict(Action.TRUNCATE) if replacing(facts) is Action.TRUNCATE else Verdict(Action.BLOCK, (Why.DOUBLED,))


@_row(Code.DEDUP_TO_APPEND, Kind.MODE, "from dedup to append", "the rows stay, and new versions are put beside them")
def _dedup_to_append(change: Change, facts: Facts) -> Verdict | None:
    if not (_appends(_after(change)) and _before(change).incremental and _before(change).dedup):
        return None
    ran = facts.unsynced.get(change.stream)
    if change.stream in facts.stateless and ran is not None and _appends(ran.mode):
        return Verdict(Action.BLOCK, (Why.NO_SYNC_SINCE,))
    unique = facts.source_key(change.stream) is not None or _guaranteed(change, "key_unique")
    if unique and facts.loading is Loading.DIRECT_LOAD:
        return NONE
    note = Why.RAW_SHOWS_ALL if unique else Why.UNTOLD_ROWS_MISSING
    return Verdict(Action.TRUNCATE if replacing(facts) is Action.TRUNCATE else Action.BLOCK, (note,))


@_row(
    Code.INTO_FULL_DEDUP,
    Kind.MODE,
    "from incremental dedup to full refresh dedup",
    "each sync reads everything and merges by key",
)
def _into_full_dedup(change: Change, facts: Facts) -> Verdict | None:
    before, after = _before(change), _after(change)
    same_key = change.before is not None and change.after is not None and change.before.key == change.after.key
    unchanged = before.dedup and before.incremental and after.dedup and not after.incremental and same_key
    return READS_ALL if unchanged else None


@_row(
    Code.INTO_DEDUP,
    Kind.MODE,
    "into dedup",
    "the next sync reads everything, and the old rows might not merge with the new ones by key and cursor",
)
def _into_dedup(change: Change, facts: Facts) -> Verdict | None:
    if not _after(change).dedup:
        return None
    guaranteed = _merges(change, facts) and _guaranteed(change, "key_unique")
    if guaranteed and not hashes_keys(facts):
        return Verdict(Action.NONE, (Why.MERGE_GUARANTEED,), NextSync.READS_ALL)
    return Verdict(replacing(facts))


# ---- columns and mappers ---------------------------------------------------------------------------------------------


@_row(
    Code.COLUMNS_BACKFILLED,
    Kind.SELECTED,
    "columns selected, to be filled in old rows too",
    "the program wants a backfill, and the column is empty in older rows",
)
def _backfilled(change: Change, facts: Facts) -> Verdict | None:
    return _refill(change, facts) if facts.backfill else None


@_row(
    Code.COLUMNS_SELECTED,
    Kind.SELECTED,
    "columns selected",
    "the column is filled from now on; in older rows it stays empty until they change",
)
def _selected(change: Change, facts: Facts) -> Verdict | None:
    return NONE


@_row(
    Code.COLUMNS_DESELECTED,
    Kind.DESELECTED,
    "columns deselected",
    "the next sync drops them from the table",
)
def _deselected(change: Change, facts: Facts) -> Verdict | None:
    if not numbers_generations(facts):
        return Verdict(Action.NONE, (Why.RAW_KEEPS,), NextSync.DROPS)
    # What the source itself has dropped is lost with the newer schema, which the program accepts.
    asked = _appends(_after(change)) and change.detail.what is not What.GONE_FROM_SOURCE
    return Verdict(Action.NONE, (), NextSync.DROPS, Why.VALUES_LOST if asked else None)


@_row(
    Code.NEEDED_COLUMN_GONE,
    Kind.NEEDED_GONE,
    "cursor or key gone from the source",
    "the cursor or key column no longer exists at the source, so every sync would fail",
)
def _needed_gone(change: Change, facts: Facts) -> Verdict | None:
    return Verdict(Action.BLOCK, (Why.DECLARE_ANOTHER,))


@_row(
    Code.ENCRYPTION_KEY_UNKNOWN,
    Kind.MASKED,
    "encryption key that the server does not tell",
    "rows that are there may be encrypted with another key than the declared one",
)
def _encryption_key(change: Change, facts: Facts) -> Verdict | None:
    if change.detail.what is not What.ENCRYPTION_KEY:
        return None
    if _after(change).overwrites:
        return Verdict(Action.NONE, (Why.NOT_BEFORE_NEXT_SYNC,))
    return Verdict(Action.BLOCK, (Why.KEY_NOT_TOLD,))


@_row(
    Code.VALUES_MASKED,
    Kind.MASKED,
    "values masked, or rows filtered out",
    "privacy: rows in the table would keep their unmasked values, and filtered rows would never be updated again",
)
def _masked(change: Change, facts: Facts) -> Verdict | None:
    return _rewrite(
        change,
        facts,
        overwriting=Why.NOT_BEFORE_NEXT_SYNC,
        appending=Why.OLDER_VERSIONS_GO,
    )


@_row(
    Code.COLUMNS_RENAMED,
    Kind.COLUMN_RENAMED,
    "columns renamed or shown again",
    "the new column is empty in the rows that are there",
)
def _column_renamed(change: Change, facts: Facts) -> Verdict | None:
    return _refill(change, facts)


@_row(
    Code.FILTER_RELAXED,
    Kind.FILTER_RELAXED,
    "a row filter relaxed",
    "an incremental sync does not read rows again that the filter has kept out",
)
def _filter_relaxed(change: Change, facts: Facts) -> Verdict | None:
    if _appends(_after(change)):
        return Verdict(Action.NONE, (Why.STAY_MISSING,))
    return _refill(change, facts)


@_row(
    Code.TYPE_WIDENED,
    Kind.TYPE_WIDENED,
    "column type widened at the source",
    "destinations cast the values in the table, and the wider type can hold them all",
    harmless=True,
)
def _type_widened(change: Change, facts: Facts) -> Verdict | None:
    return NONE if _after(change).overwrites else Verdict(Action.NONE, (Why.NO_PLACE_MEANWHILE,))


@_row(
    Code.TYPE_CHANGED,
    Kind.TYPE_CHANGED,
    "column type changed at the source",
    "a value that cannot be cast fails every sync on direct-load destinations, and becomes null on others",
)
def _type_changed(change: Change, facts: Facts) -> Verdict | None:
    return _rewrite(
        change,
        facts,
        overwriting=Why.NEXT_SYNC_REPLACES,
        appending=Why.ONLY_REPLACING_HELPS,
    )


# ---- table names -----------------------------------------------------------------------------------------------------


@_row(
    Code.OBJECT_WITHOUT_USE,
    Kind.TABLE_RENAMED,
    "object named on a destination that has no use for it",
    "only destinations for data activation write to objects; this one goes on writing the stream's table",
    harmless=True,
)
def _object_without_use(change: Change, facts: Facts) -> Verdict | None:
    return NONE if change.detail.what is What.OBJECT and not facts.names_objects else None


@_row(
    Code.TABLE_UNCLEAR,
    Kind.TABLE_RENAMED,
    "table renamed to what may be the same table",
    "if it is the same table, a re-sync writes every row a second time; if it is another one, older rows would "
    "be missing",
)
def _table_unclear(change: Change, facts: Facts) -> Verdict | None:
    if change.stream not in facts.unclear:
        return None
    return NONE if _after(change).overwrites else Verdict(Action.BLOCK, (Why.TABLE_NOT_TOLD,))


@_row(
    Code.TABLE_RENAMED_TO_FILLED,
    Kind.TABLE_RENAMED,
    "table renamed to one that another connection may have filled",
    "rows of two connections would be mixed in one table",
)
def _table_of_others(change: Change, facts: Facts) -> Verdict | None:
    mixes = not _after(change).overwrites or numbers_generations(facts) or _keeps_rows(change, facts)
    return Verdict(Action.BLOCK, (Why.CHOOSE_ANOTHER_NAME,)) if _of_others(change, facts) and mixes else None


@_row(
    Code.TABLE_RENAMED_READING_ALL,
    Kind.TABLE_RENAMED,
    "table renamed, every sync reads everything",
    "the next sync fills the new table; the old one stays behind",
)
def _table_reading_all(change: Change, facts: Facts) -> Verdict | None:
    free = change.stream not in facts.tables
    return READS_ALL if _after(change).overwrites or (free and not _after(change).incremental) else None


@_row(
    Code.TABLE_RENAMED_TO_FREE,
    Kind.TABLE_RENAMED,
    "table renamed, the new name is free",
    "the next sync would resume at the old cursor, so older rows would be missing in the new table; the old "
    "table stays behind",
)
def _table_free(change: Change, facts: Facts) -> Verdict | None:
    if change.stream in facts.tables:
        return None
    if facts.moved_first and _appends(_after(change)):
        # Nothing is there but what the run itself has written.
        return Verdict(replacing(facts), (Why.MOVED_FIRST,))
    return Verdict(merging(facts))


@_row(
    Code.TABLE_RENAMED_TO_OWN,
    Kind.TABLE_RENAMED,
    "table renamed to one that this connection left behind",
    "the table with the new name still holds rows from before",
)
def _table_own(change: Change, facts: Facts) -> Verdict | None:
    return Verdict(replacing(facts)) if _after(change).dedup else Verdict(Action.BLOCK)


# ---- what no row is about --------------------------------------------------------------------------------------------


@_row(Code.FILES_CHANGED, Kind.FILES, "files moved too, or no longer", "it is not known what this does to the rows")
def _files(change: Change, facts: Facts) -> Verdict | None:
    return Verdict(Action.BLOCK)


def _before(change: Change) -> Mode:
    return _spec(change.before).mode


def _after(change: Change) -> Mode:
    return _spec(change.after).mode


def _spec(spec: StreamSpec | None) -> StreamSpec:
    if spec is None:
        msg = "a row asked for the side of a change that it does not have"
        raise AssertionError(msg)
    return spec


def _appends(mode: Mode) -> bool:
    return mode.destination_sync_mode is DestinationSyncMode.APPEND


def _merges(change: Change, facts: Facts) -> bool:
    """Whether all rows, re-synced into what is there, end right.

    A source with a cursor of its own may read a log: reading from the start skips the deletions that stand in it.
    """
    return _guaranteed(change, "cursor_monotonic") and not facts.source_cursor(change.stream)


def _of_others(change: Change, facts: Facts) -> bool:
    """Whether the table may hold rows of another connection."""
    earlier = facts.tables.get(change.stream)
    return not facts.tables_known if earlier is None else not earlier.own


def _keeps_rows(change: Change, facts: Facts) -> bool:
    """Whether the table certainly holds rows of another connection that its next sync would not bring back."""
    earlier = facts.tables.get(change.stream)
    if earlier is None or earlier.own:
        return False
    return earlier.live or earlier.spec is None or not earlier.spec.mode.overwrites


def _guaranteed(change: Change, word: str) -> bool:
    return word in _spec(change.after).guarantees


def _rewrite(change: Change, facts: Facts, *, overwriting: Why, appending: Why) -> Verdict:
    """The rows that are there must go: with the next sync, by a replacement, or, appended, by approval only."""
    if _after(change).overwrites:
        return Verdict(Action.NONE, (overwriting,))
    return Verdict(replacing(facts)) if _after(change).dedup else Verdict(Action.BLOCK, (appending,))


def _refill(change: Change, facts: Facts) -> Verdict:
    after = _after(change)
    if after.overwrites:
        return Verdict(Action.NONE, (Why.NEXT_SYNC_REPLACES,))
    if not after.dedup:
        return Verdict(Action.BLOCK, (Why.DOUBLED,))
    if not after.incremental:
        return Verdict(Action.NONE, (Why.NEXT_SYNC_READS_ALL,))
    if _merges(change, facts):
        return Verdict(merging(facts), (Why.ROWS_MERGE,))
    if facts.source_cursor(change.stream):
        return Verdict(replacing(facts), (Why.DELETED_ROWS_STAY,))
    return Verdict(replacing(facts), (Why.CURSOR_FELL,))


TABLE: tuple[Row, ...] = (
    _added,
    _added_again,
    _added_onto_generations,
    _added_same_key,
    _added_overwriting,
    _added_own,
    _added_onto,
    _removed,
    _cursor_declared,
    _cursor_of_source,
    _cursor,
    _cursor_retyped,
    _key_of_source,
    _key_overwriting,
    _key,
    _activation,
    _into_overwrite,
    _append_to_dedup,
    _append_to_incremental,
    _into_full_append,
    _into_incremental_append,
    _dedup_to_append,
    _into_full_dedup,
    _into_dedup,
    _backfilled,
    _selected,
    _deselected,
    _needed_gone,
    _encryption_key,
    _masked,
    _column_renamed,
    _filter_relaxed,
    _type_widened,
    _type_changed,
    _object_without_use,
    _table_unclear,
    _table_of_others,
    _table_reading_all,
    _table_free,
    _table_own,
    _files,
)
"""The decision table: the first row that answers decides."""

BY_CODE: Mapping[Code, Row] = MappingProxyType({row.code: row for row in TABLE})
"""The rows by their codes; two rows of one code say the same."""
