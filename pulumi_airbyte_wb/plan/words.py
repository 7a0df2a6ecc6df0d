"""The sentences of plans: of actions, changes, reasons and obstacles. Nothing reads them back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pulumi_airbyte_wb.plan.codec import HIDDEN
from pulumi_airbyte_wb.plan.effects import Action, Effect, NextSync, Reason, Why
from pulumi_airbyte_wb.plan.plan import Refill, ServerDefault
from pulumi_airbyte_wb.plan.table import BY_CODE
from pulumi_airbyte_wb.spec.changes import Detail, Item, What

MEANING = {
    Action.NONE: "nothing to do",
    Action.MERGE: "refresh, retaining records",
    Action.TRUNCATE: "refresh, removing old records when it is done",
    Action.CLEAR: "cleared, then filled by the next sync",
    Action.BLOCK: "blocked",
}
"""What each action is, in the words of Airbyte's own screens."""

AT_NEXT_SYNC = {
    NextSync.REPLACES: "the next sync replaces all rows",
    NextSync.READS_ALL: "the next sync reads it in full",
    NextSync.RESUMES: "the next sync resumes where it stood",
}
"""What the next sync does to the table of a stream for which nothing is started."""

REFILLED = {
    Refill.SYNC: "a sync of the whole connection is started when the tables are empty",
    Refill.SERVER: "Airbyte itself starts a sync of the whole connection when the tables are empty",
    Refill.SCHEDULE: "no sync is started; cleared tables stay empty until the next one runs",
}
"""Who fills the tables that are cleared."""

NOTED = (
    "while it is re-synced, an inactive connection beside this one notes it, so that a run that dies does not append "
    "its rows twice"
)
"""What an append merge needs on the server."""

_CHANGE = {
    What.ADDED: "added",
    What.REMOVED: "removed",
    What.DROPPED_BY_SOURCE: "removed, as the source has dropped it",
    What.MODE: "{before} => {after}",
    What.CURSOR: "cursor {before} => {after}",
    What.KEY: "key {before} => {after}",
    What.KEY_OF_SOURCE: "key of the source, which breaks the connection: {names}",
    What.SELECTED: "columns selected: {names}",
    What.ALL_SELECTED: "columns selected: all",
    What.DESELECTED: "columns deselected: {names}",
    What.ALL_DESELECTED_BUT: "columns deselected: all but {names}",
    What.NEW_AT_SOURCE: "new at the source: {names}",
    What.BACK_AT_SOURCE: "back at the source: {names}",
    What.GONE_FROM_SOURCE: "gone from the source: {names}",
    What.NEEDED_GONE: "cursor or key gone from the source: {names}",
    What.CURSOR_TYPE_AT_SOURCE: "type of the cursor at the source: {names}",
    What.TYPE_AT_SOURCE: "type at the source: {names}",
    What.MAPPER_ADDED: "mapper added: {words}",
    What.MAPPER_REMOVED: "mapper removed: {words}",
    What.MAPPERS_REORDERED: "order of mappers",
    What.ENCRYPTION_KEY: "key of mapper, which the server does not tell: {words}",
    What.FILES: "files {names}",
    What.OBJECT: "object {before} => {after}",
    What.RENAMED_OUTSIDE: "its table got another name",
    What.RENAMED_UNFILLED: "its table got another name, and no sync has filled it yet",
    What.ACTIVATED: "the connection becomes active",
    What.CLEARED_WITH: "cleared with {names}",
    What.RESET_TOO: "not changed",
    What.RELEASED: "no longer managed",
}
_UNDECLARED = {What.CURSOR: "(undeclared)", What.KEY: "(undeclared)", What.OBJECT: "?"}
_EMPTY = {What.CURSOR: "(none)", What.KEY: "(none)"}

_REASON = {
    Why.SYNCS_FROM_START: "each of its syncs reads everything from the start",
    Why.DROP_TABLE_FIRST: "choose another prefix, or drop the table first, which loses all of its rows",
    Why.CURSOR_GUARANTEED: "the program guarantees that the cursor grows",
    Why.OLD_ROWS_NEVER_MERGE: "old rows might never merge with the new ones",
    Why.DOUBLED: "every row would be appended a second time",
    Why.TABLES_NOT_TOLD: "the server does not say which tables exist",
    Why.NEW_CURSOR_GUARANTEED: "rows merge by key, as the program guarantees that the new cursor grows",
    Why.CURSOR_MAY_FALL: "a row whose new cursor is lower or null would keep its old values "
    "(guarantees='cursor_monotonic' rules this out)",
    Why.KEYS_GUARANTEED: "but the program guarantees that both keys are unique",
    Why.REBUILT_FROM_RAW: "but with the next rows this destination builds the table again from its raw table",
    Why.VERSIONS_LOST: "replacing the rows would delete older versions that only this table has",
    Why.RAW_SHOWS_ALL: "but destinations with raw tables would show all older versions again when a column changes",
    Why.UNTOLD_ROWS_MISSING: "but different rows with the same key were merged into one (guarantees='key_unique' "
    "rules this out)",
    Why.MERGE_GUARANTEED: "but the program guarantees that they merge",
    Why.NEXT_SYNC_REPLACES: "the next sync replaces the table",
    Why.NEXT_SYNC_READS_ALL: "but the next sync reads everything",
    Why.NOT_BEFORE_NEXT_SYNC: "the next successful sync replaces all rows; until then they stay as they are",
    Why.OLDER_VERSIONS_GO: "only replacing the rows removes this, which also deletes older versions",
    Why.STAY_MISSING: "they stay missing",
    Why.KEY_NOT_TOLD: "if the declared key is the one in use, permit the change; if it is another one, use 'reset'",
    Why.NO_PLACE_MEANWHILE: "but values that syncs have read since then and that did not fit the old type are "
    "null until their row changes",
    Why.ONLY_REPLACING_HELPS: "only replacing the rows corrects this, which also deletes older versions",
    Why.CHOOSE_ANOTHER_NAME: "choose another name",
    Why.TABLE_NOT_TOLD: "the server does not tell the destination's default namespace, or the names differ only "
    "in case or special characters: use 'skip' if it is the same table, 'reset' if it is another one",
    Why.WRITTEN_BY: "{names} writes this table; {rest}",
    Why.WRITTEN_BY_DUPLICATE: "connection {names}, from the same source to the same destination, writes this "
    "table: if the resource was renamed in the program, give it an alias, or adopt that connection; {rest}",
    Why.NO_SYNC_SINCE: "the sync mode was changed before, no sync has run since, and the sync state is gone: "
    "every row would be appended a second time",
    Why.ANOTHER_PREFIX: "choose another prefix or namespace",
    Why.OTHERS_WRITE: "{names} writes this table too: a clear would also delete those rows, and a sync that "
    "reads only what is new would not write them again",
    Why.ROWS_MERGE: "rows merge by key, as the program guarantees that the cursor grows",
    Why.RAW_KEEPS: "the raw tables of this destination keep their values",
    Why.VALUES_LOST: "their values are lost, and those of older versions exist nowhere else",
    Why.HISTORY_LOST: "older versions that the source no longer has are lost",
    Why.FILLED_ANYWAY: "another change of this stream already re-syncs all rows",
    Why.DECLARE_ANOTHER: "declare another cursor or key, or a mode that needs none, or schema_changes='keep'",
    Why.ORDER_CHANGES: "only replacing the rows corrects the order, which also deletes older versions",
    Why.DELETED_ROWS_STAY: "rows that were deleted at the source would stay in the table",
    Why.CURSOR_FELL: "a row whose cursor is lower than before or null would not merge "
    "(guarantees='cursor_monotonic' rules this out)",
    Why.MOVED_FIRST: "another job of this update writes rows to the new table first, and they would be appended "
    "a second time",
    Why.SAYS_SKIP: "the program says 'skip', although {rest}",
    Why.SAYS_SKIP_UNFINISHED: "the program says 'skip', although its rows still have to be replaced",
    Why.SAYS_REFUSE: "the program says 'refuse'; {rest}",
    Why.SAYS_MEANS: "the program says {names!r}; {rest}",
    Why.CANNOT_REFRESH: "the program says {names!r}, but this destination cannot refresh; {rest}",
    Why.SAYS_SERVER: "the program says 'server': {does}: {rest}",
    Why.SAID_SERVER: "the program says 'server', and it was changed while the connection was inactive: {does}: {rest}",
    Why.SAYS_CLEAR: "the program says on_remove='clear'",
    Why.PERMITTED: "a permission of the program covers it; {rest}",
    Why.PERMIT_OVER: "the permission of the program has expired, it was valid until {names} (UTC); {rest}",
    Why.PERMIT_USED: "the permission {names!r} of the program was for one run and is used up (for another run "
    "write a new word, such as 'once:2'); {rest}",
    Why.NEVER_SYNCED: "it has never synced, so no row is there",
    Why.NEITHER_FIRST: "in the same update {names} is re-synced for a new column type, and neither job can run "
    "first: change one, then the other; {rest}",
    Why.STILL_INACTIVE: "the connection stays inactive, so no clear runs, and after the stream has left it is "
    "too late: {rest}",
    Why.TOO_LATE_INACTIVE: "an inactive connection runs no jobs, and after this update it is too late: {rest}",
    Why.UNMANAGED: "this resource does not declare it: its new table lacks older rows, unless a Catalog of this "
    "program re-syncs it",
    Why.RESET_ORDERED: "a reset was ordered while the connection was inactive, and Airbyte runs it now",
    Why.REFRESH_ORDERED: "a refresh was ordered while the connection was inactive: the sync state is gone, so "
    "all rows are re-synced",
    Why.LEGACY_STATE: "the connection has one sync state for all streams (old format), so a reset of one stream "
    "clears all",
    Why.LEGACY_UNMANAGED: "the connection has one sync state for all streams (old format), so a reset of one "
    "stream clears all, also this one, which the program does not declare",
    Why.LEGACY_APPENDED: "the connection has one sync state for all streams (old format), so a reset of one "
    "stream clears all, also this one, whose rows are appended",
    Why.UNFINISHED: "its rows still have to be replaced: earlier this was not done, or did not finish",
    Why.RESET_BY_SERVER: "Airbyte resets it too, with the change that the program leaves to Airbyte",
}
_SERVER_DOES = {
    Action.NONE: "Airbyte does nothing about it",
    Action.MERGE: "Airbyte re-syncs it beside the rows that are there",
    Action.CLEAR: "Airbyte clears the table, and its next sync fills it",
}

_LONGEST = 200


def visible(text: str) -> str:
    """A name or value as a screen shows it: control and bidirectional characters escaped, a very long one shortened."""
    if len(text) > _LONGEST:
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
        text = f"{text[: _LONGEST - 20]}… ({len(text)} characters, {digest})"
    return escaped(text)


def escaped(text: str) -> str:
    """A text whole, its control and bidirectional characters escaped as JSON does."""
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)


def next_sync_text(effect: Effect) -> str:
    """What the next sync does because of an effect; empty where it does as before."""
    if effect.next_sync is NextSync.DROPS:
        return (
            f"the next sync drops {columns_text(effect.dropped)} and {'its' if effect.dropped == 1 else 'their'} values"
        )
    return AT_NEXT_SYNC.get(effect.next_sync, "")


def columns_text(number: int) -> str:
    """A number of columns in words."""
    return "1 column" if number == 1 else f"{number} columns"


def change_text(effect: Effect) -> str:
    """The change in words; that a stream is added is no secret, although its line may be."""
    hidden = effect.hidden and effect.detail.what is not What.ADDED
    return HIDDEN if hidden else detail_text(effect.detail)


def detail_text(detail: Detail) -> str:
    """A change in words, its values in the clear."""
    if detail.what is What.FIELDS:
        return ", ".join(
            f"{item.name} {visible(item.before or '')} => {visible(item.after or '')}" for item in detail.items
        )
    names = [visible(item.name) for item in detail.items]
    first = detail.items[0] if detail.items else Item()
    return _CHANGE[detail.what].format(
        before=_side(detail.what, first.before),
        after=_side(detail.what, first.after),
        names=", ".join(names),
        words=" ".join(names),
    )


def reason_text(effect: Effect) -> str:
    """The reasons in one sentence."""
    sentence = ""
    for reason in reversed(effect.reasons):
        template = BY_CODE[effect.code].because if reason.why is Why.ROW else _REASON[reason.why]
        if "{rest}" in template:
            sentence = _filled(template, reason, effect, sentence)
        else:
            part = template if reason.why is Why.ROW else _filled(template, reason, effect, "")
            sentence = f"{part}; {sentence}" if sentence else part
    return sentence


def default_text(default: ServerDefault) -> str:
    """What Airbyte itself would do, in one line."""
    parts = [
        (default.resynced, "re-sync {}"),
        (default.cleared, "clear {}"),
        (default.doubled, "leave {} with doubled rows"),
        (default.stale, "leave {} with rows that are wrong"),
    ]
    told = [words.format(_streams(number)) for number, words in parts if number]
    return f"Airbyte's own default would {' and '.join([', '.join(told[:-1]), told[-1]] if told[:-1] else told)}"


def _streams(number: int) -> str:
    return "1 stream" if number == 1 else f"{number} streams"


def _filled(template: str, reason: Reason, effect: Effect, rest: str) -> str:
    names = ", ".join(visible(name) for name in reason.names)
    does = ""
    if reason.why in {Why.SAYS_SERVER, Why.SAID_SERVER}:
        same = effect.called_for is effect.outcome
        as_table = ", as its rule says" if same else f", although its rule says {effect.called_for.word}"
        does = f"{_SERVER_DOES[effect.outcome]}{as_table}"
    return template.format(rest=rest, names=names, does=does)


def _side(what: What, value: str | None) -> str:
    if value is None:
        return _UNDECLARED.get(what, "")
    return visible(value) or _EMPTY.get(what, "")


SENTENCES: Mapping[Why, str] = _REASON
"""The sentence of each reason but ``Why.ROW``, whose sentence is its row's."""
