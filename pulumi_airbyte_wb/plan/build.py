"""From declarations and facts to a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from pulumi_airbyte_wb.plan.decide import decide, resetting
from pulumi_airbyte_wb.plan.effects import Action, Effect, NextSync, Why, because
from pulumi_airbyte_wb.plan.facts import Facts
from pulumi_airbyte_wb.plan.plan import Operation, Plan, Refill
from pulumi_airbyte_wb.plan.remembered import (
    cleared_with_others,
    defer,
    given_up,
    managed,
    of_unmanaged,
    performed_by_server,
    required_now,
    since,
    written,
)
from pulumi_airbyte_wb.plan.schema_changes import accepted, told_once
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Kind, Moved, What, changes, moved, renamed_before
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import CONNECTION, ConnectionSpec
from pulumi_airbyte_wb.spec.fields import FIELDS, Value, shown_value
from pulumi_airbyte_wb.spec.resets import AfterClear, Loading, OnRemove, Policy, SchemaChanges
from pulumi_airbyte_wb.spec.streams import Streams
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.newer_schema import STREAM_GONE
from pulumi_airbyte_wb.state.pending import Interrupted

_LACKING = frozenset({Code.COLUMNS_SELECTED, Code.TYPE_WIDENED})
_READING = frozenset({NextSync.READS_ALL, NextSync.RESUMES})
_DEFAULT_NAMING = {"namespace_definition": "source", "namespace_format": "", "prefix": ""}


def build_plan(before: Baseline | None, after: Baseline, facts: Facts, *, operation: Operation | None = None) -> Plan:
    """What has to be done to get from one declaration to another.

    Args:
        before: what was recorded, or what is live; ``None`` for a connection that does not exist.
        after: what is declared.
        facts: what else is known.
        operation: what happens to the whole, where it is not plain from ``before``.
    """
    operation = operation or (Operation.CREATE if before is None else Operation.UPDATE)
    secret = after.spec.secret | (before.spec.secret if before else frozenset())
    if undecided := after.spec.unknown & {"streams", *after.spec.kind.ids}:
        return Plan(operation, undecided=tuple(sorted(undecided)), secret=secret)
    from_there = before if operation is not Operation.REPLACE else None
    old = before.spec if before else ConnectionSpec()
    fields = _changed_fields(old, after.spec)
    paused = after.paused or (before is not None and before.paused and "status" not in after.spec.fields)
    effects = _effects(from_there, after, facts, _renamed(from_there, fields) if from_there else [])
    streams: Streams = dict(after.streams)
    if paused:
        effects, deferred, required = defer(before, managed(from_there, after, facts), streams, effects)
    else:
        effects, deferred, required = _due(from_there, after, effects, facts), {}, {}
    effects = list(_told_together(_in_turn(effects, streams, facts)))
    if operation is Operation.CREATE:
        effects = [effect for effect in effects if effect.code is not Code.ADDED_TO_FREE_TABLE]
    return Plan(
        operation,
        effects=tuple(replace(each, hidden=after.spec.hides(each.stream, each.detail.what, old)) for each in effects),
        fields=fields,
        released=_released_fields(old, after.spec) if operation is Operation.UPDATE else {},
        released_streams=tuple(sorted(stream.key for stream in old.streams or () if after.spec.streams is None)),
        refill=_refill(effects, after, facts),
        running=after.resets.running,
        wait=after.resets.wait,
        paused=paused,
        secret=secret,
        deferred=deferred,
        required=required,
    )


def _changed_fields(old: ConnectionSpec, new: ConnectionSpec) -> dict[str, tuple[Value | None, Value]]:
    return {name: (old.fields.get(name), value) for name, value in new.fields.items() if old.fields.get(name) != value}


def _released_fields(old: ConnectionSpec, new: ConnectionSpec) -> dict[str, Value]:
    return {name: value for name, value in old.fields.items() if name not in new.fields and name not in new.unknown}


def _effects(before: Baseline | None, after: Baseline, facts: Facts, renamed: Collection[Moved]) -> list[Effect]:
    """What the changes of streams mean for their data, without what memory alone calls for."""
    changed = [each for each in told_once(_found(before, after, facts, renamed)) if not _unmoved(each, facts)]
    effects = [_decided(each, before, after, facts) for each in changed]
    if before is not None:
        effects += cleared_with_others(before, dict(after.streams), effects, after.resets)
        effects += performed_by_server(before, after)
        effects += (each for each in of_unmanaged(before, after, renamed) if each.stream not in facts.unmoved)
        effects += given_up(before, after)
    return effects


def _due(before: Baseline | None, after: Baseline, effects: list[Effect], facts: Facts) -> list[Effect]:
    """The effects in an active connection: of changes, of what memory requires, and of Airbyte's own resets."""
    streams: Streams = dict(after.streams)
    if before is not None:
        effects = [*effects, *required_now(before, streams, effects, facts, after.resets)]
    return [*effects, *_reset_by_server(before, streams, effects, facts)]


def _told_together(effects: Iterable[Effect]) -> Iterator[Effect]:
    """The effects of each stream, none of which contradicts another one.

    Where one of them has the rows replaced or re-synced, no other says that older rows lack something, nor that the
    next sync is the one that reads them.
    """
    found = list(effects)
    ordered = {e.stream for e in found if e.outcome in {Action.MERGE, Action.TRUNCATE, Action.CLEAR}}
    filled = {e.stream for e in found if e.outcome in {Action.TRUNCATE, Action.CLEAR}}
    filled |= {e.stream for e in found if e.outcome is Action.MERGE and not e.appends}
    filled |= {e.stream for e in found if e.action is Action.NONE and e.next_sync is NextSync.REPLACES}
    for effect in found:
        told = effect
        if effect.outcome is Action.NONE and effect.stream in filled and effect.code in _LACKING:
            told = replace(told, reasons=because(Why.FILLED_ANYWAY))
        if effect.outcome is Action.NONE and effect.stream in ordered and effect.next_sync in _READING:
            told = replace(told, next_sync=NextSync.AS_BEFORE)
        yield told


def _found(before: Baseline | None, after: Baseline, facts: Facts, renamed: Collection[Moved]) -> list[Change]:
    """Every change of the streams, each once, in the order of the streams' keys."""
    old, new = managed(before, after, facts), dict(after.streams)
    unsynced = {s: spec for s, spec in facts.unsynced.items() if s in old and old[s] != new.get(s, old[s])}
    # What has run counts, not what the line said meanwhile; without its sync state a stream cannot go on from there.
    ran = {**old, **{s: spec for s, spec in unsynced.items() if s not in facts.stateless}}
    found = {change.key: change for change in changes(ran, new)}
    if before is not None:
        live = {stream: each.live for stream, each in before.memory.of(Interrupted).items()}
        for change in (*since(live, new), *since(written(before), new), *since(unsynced, new)):
            found.setdefault(change.key, change)
        if after.spec.options.schema_changes is SchemaChanges.ACCEPT:
            for stream, notes in before.memory.newer_schema.items():
                if stream not in new:
                    continue
                spec, away = new[stream], before.memory.dropped_columns.get(stream, ())
                needed = facts.cursor(stream, spec), facts.key(stream, spec)
                for change in accepted(stream, spec, notes, away, *needed):
                    found.setdefault(change.key, change)
        for change in moved({stream: spec for stream, spec in new.items() if stream in old}, renamed):
            found.setdefault(change.key, change)
        for stream in facts.unfilled & new.keys():
            change = renamed_before(stream, new[stream])
            found.setdefault(change.key, change)
    return sorted(found.values(), key=lambda change: change.stream.key)


def _unmoved(change: Change, facts: Facts) -> bool:
    """Whether other values of the naming fields leave a stream's table as it is."""
    return change.kind is Kind.TABLE_RENAMED and change.detail.what is What.FIELDS and change.stream in facts.unmoved


def _in_turn(effects: list[Effect], new: Streams, facts: Facts) -> list[Effect]:
    """Block what an append merge or a clear cannot do beside a replacement for another type: each has to go first.

    Every job fails while a table is of another type: a merge would append the rows once more each time. And a
    replacement that goes first syncs what is to be merged, which then comes twice.
    """
    renamed = {effect.stream for effect in effects if effect.code is Code.TABLE_RENAMED_TO_FREE}
    actions = {e.stream: e.action for e in effects if e.code is Code.TYPE_CHANGED and e.stream not in renamed}
    retyped = sorted(stream.key for stream, action in actions.items() if action is Action.TRUNCATE)
    if not retyped or facts.loading is Loading.TYPING_DEDUPING:
        return effects
    return [
        replace(effect, action=Action.BLOCK, reasons=because(Why.NEITHER_FIRST, retyped, *effect.reasons))
        if (effect.action is Action.MERGE and effect.stream in new and not new[effect.stream].mode.dedup)
        or (effect.action is Action.CLEAR and effect.stream in actions)
        else effect
        for effect in effects
    ]


def _renamed(before: Baseline, fields: Mapping[str, tuple[Value | None, Value]]) -> list[Moved]:
    """The changed fields that give tables other names."""
    found = []
    for name, (was, now) in fields.items():
        if FIELDS[name].moves_tables:
            in_force = was or before.memory.undeclared_fields.get(name, _DEFAULT_NAMING[name])
            if in_force != now:
                found.append(Moved(name, str(in_force), str(now), (shown_value(was), shown_value(now))))
    return found


def _refill(effects: Iterable[Effect], after: Baseline, facts: Facts) -> Refill | None:
    resets, cleared = after.resets, {effect.stream for effect in effects if effect.action is Action.CLEAR}
    cleared &= after.streams.keys()
    if not cleared:
        return None
    if resets.after_clear is AfterClear.SYNC and any(resets.policy(stream) is not Policy.SERVER for stream in cleared):
        return Refill.SYNC
    by_server = any(resets.policy(stream) is Policy.SERVER for stream in cleared)
    return Refill.SERVER if by_server and facts.syncs_after_reset else Refill.SCHEDULE


def _decided(change: Change, before: Baseline | None, after: Baseline, facts: Facts) -> Effect:
    on_remove = after.spec.options.on_remove
    if change.kind is Kind.REMOVED and before and STREAM_GONE in before.memory.newer_schema.get(change.stream, ()):
        # The program takes it out because the source has dropped it: no request was made that its rows go too.
        change, on_remove = replace(change, detail=Detail(What.DROPPED_BY_SOURCE)), OnRemove.KEEP
    effect = decide(change, facts, after.resets, on_remove)
    if effect.overruled_by is Policy.SERVER and before is not None and _was_deferred(change, before, after, facts):
        # It was sent while the connection was inactive: Airbyte does no more about it, so that its part is done here.
        effect = decide(change, replace(facts, server_resets=None), after.resets)
        effect = replace(effect, reasons=because(Why.SAID_SERVER, (), *effect.reasons[1:]))
    late = before is not None and before.paused and after.spec.kind is CONNECTION and not after.paused
    if late and effect.kind is Kind.REMOVED and effect.action is Action.CLEAR:
        return replace(effect, action=Action.BLOCK, reasons=because(Why.STILL_INACTIVE, (), *effect.reasons))
    return effect


def _was_deferred(change: Change, before: Baseline, after: Baseline, facts: Facts) -> bool:
    new: Streams = dict(after.streams)
    recorded = {each.key for each in changes(managed(before, after, facts), new)}
    return change.key not in recorded and any(change.key == each.key for each in since(written(before), new))


def _reset_by_server(
    before: Baseline | None, new: Streams, effects: Iterable[Effect], facts: Facts
) -> Iterator[Effect]:
    """The streams that Airbyte resets beside those whose change is left to it."""
    done = {effect.stream for effect in effects if effect.action is not Action.NONE}
    left = any(effect.overruled_by is Policy.SERVER for effect in effects)
    if before is None or not left or facts.server_resets is None:
        return
    skipping = {effect.stream for effect in effects if effect.overruled_by is Policy.SERVER} | facts.blank
    for stream in sorted(facts.server_resets - done - skipping, key=lambda stream: stream.key):
        spec = new.get(stream) or before.memory.unmanaged.get(stream)
        appends = spec is not None and not (spec.mode.dedup or spec.mode.overwrites)
        key, detail = ChangeKey(stream, Kind.SHARED_RESET), Detail(What.RESET_TOO)
        yield Effect(
            key, Code.RESET_BY_SERVER, resetting(facts), detail, because(Why.RESET_BY_SERVER), appends,
            overruled_by=Policy.SERVER,
        )  # fmt: skip
