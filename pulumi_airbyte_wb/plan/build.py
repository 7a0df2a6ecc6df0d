"""From declarations and facts to a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from pulumi_airbyte_wb.catalog.schemas import STREAM_GONE
from pulumi_airbyte_wb.catalog.streams import Streams, StreamSpec
from pulumi_airbyte_wb.models import ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan.changes import Change, ChangeKey, Detail, Kind, Moved, What, changes, moved
from pulumi_airbyte_wb.plan.codes import Code
from pulumi_airbyte_wb.plan.decide import decide, refused, resetting, skipped
from pulumi_airbyte_wb.plan.declaration import CONNECTION, Declaration
from pulumi_airbyte_wb.plan.effects import Action, Effect, Why, because
from pulumi_airbyte_wb.plan.facts import Earlier, Facts
from pulumi_airbyte_wb.plan.fields import FIELDS, Value, shown_value
from pulumi_airbyte_wb.plan.notes import Required
from pulumi_airbyte_wb.plan.plan import Operation, Plan, Refill
from pulumi_airbyte_wb.plan.resets import AfterClear, Loading, OnRemove, Policy, Resets, SchemaChanges
from pulumi_airbyte_wb.plan.schema_changes import accepted
from pulumi_airbyte_wb.plan.table import replacing

_DEFAULT_NAMING = {"namespace_definition": "source", "namespace_format": "", "prefix": ""}
_NEVER_LATER = frozenset({Code.REMOVED, Code.TABLE_RENAMED_TO_FREE, Code.TABLE_RENAMED_TO_OWN})


def build_plan(
    before: Declaration | None,
    after: Declaration,
    facts: Facts,
    *,
    operation: Operation | None = None,
    subject: str = "",
    subject_name: str = "",
) -> Plan:
    """What has to be done to get from one declaration to another.

    Args:
        before: what was recorded, or what is live; ``None`` for a connection that does not exist.
        after: what is declared.
        facts: what else is known.
        operation: what happens to the whole, where it is not plain from ``before``.
        subject: the connection that is adopted, or whose streams are declared.
        subject_name: its name, where that is no secret.
    """
    operation = operation or (Operation.CREATE if before is None else Operation.UPDATE)
    secret = after.secret | (before.secret if before else frozenset())
    undecided = after.unknown & {"streams", *after.shape.ids}
    if undecided:
        return Plan(operation, undecided=tuple(sorted(undecided)), secret=secret)
    from_there = before if operation is not Operation.REPLACE else None
    old_fields = before.fields if before else {}
    fields = {
        name: (old_fields.get(name), value) for name, value in after.fields.items() if old_fields.get(name) != value
    }
    old: Streams = dict(from_there.streams or {}) if from_there and after.streams is not None else {}
    new: Streams = dict(after.streams or {})
    renamed = _renamed(from_there, fields) if from_there else []
    effects = [_decided(each, before, after, facts) for each in _found(from_there, after, old, new, renamed)]
    if from_there is not None:
        effects += _cleared_with_others(from_there, new, effects, after.resets)
        effects += _performed_by_server(from_there, after)
        effects += _of_unmanaged(from_there, after, renamed)
        effects += _given_up(from_there, after)
    owed: dict[StreamDescriptor, StreamSpec] = {}
    due: dict[StreamDescriptor, Required] = {}
    paused = after.paused or (before is not None and before.paused and "status" not in after.fields)
    if paused:
        effects, owed, due = _put_off(before, old, new, effects)
    elif from_there is not None:
        effects += _due(from_there, new, effects, facts, after.resets)
    if not paused:
        effects += _reset_by_server(from_there, new, effects, facts)
    effects = _in_turn(effects, new, facts)
    if operation is Operation.CREATE:
        effects = [effect for effect in effects if effect.code is not Code.ADDED_TO_FREE_TABLE]
    cleared = {effect.stream for effect in effects if effect.action is Action.CLEAR and effect.stream in new}
    gone = before.streams.keys() if before and before.streams and after.streams is None else ()
    return Plan(
        operation,
        subject,
        subject_name,
        effects=tuple(
            replace(effect, hidden=after.hides(effect.stream, effect.detail.what, before)) for effect in effects
        ),
        fields=fields,
        released={
            name: value
            for name, value in old_fields.items()
            if name not in after.fields and name not in after.unknown and operation is Operation.UPDATE
        },
        released_streams=tuple(sorted(stream.key for stream in gone)),
        refill=_refill(cleared, after.resets, facts),
        running=after.resets.running,
        wait=after.resets.wait,
        paused=paused,
        secret=secret,
        owed={stream: spec for stream, spec in owed.items() if _since({stream: spec}, new)},
        due={stream: required for stream, required in due.items() if stream in new},
    )  # fmt: skip


def _found(
    before: Declaration | None, after: Declaration, old: Streams, new: Streams, renamed: Collection[Moved]
) -> list[Change]:
    """Every change of the streams, each once, in the order of the streams' keys."""
    found = {change.key: change for change in changes(old, new)}
    if before is not None:
        for noted in (before.unsettled, before.owed):
            for change in _since(noted, new):
                found.setdefault(change.key, change)
        if after.schema_changes is SchemaChanges.ACCEPT:
            for stream, notes in before.schema.items():
                for change in (
                    accepted(stream, new[stream], notes, before.parted.get(stream, ())) if stream in new else ()
                ):
                    found.setdefault(change.key, change)
        for change in moved({stream: spec for stream, spec in new.items() if stream in old}, renamed):
            found.setdefault(change.key, change)
    return sorted(found.values(), key=lambda change: change.stream.key)


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


def _renamed(before: Declaration, fields: Mapping[str, tuple[Value | None, Value]]) -> list[Moved]:
    """The changed fields that give tables other names."""
    found = []
    for name, (was, now) in fields.items():
        if FIELDS[name].moves_tables:
            in_force = was or before.naming.get(name, _DEFAULT_NAMING[name])
            if in_force != now:
                found.append(Moved(name, str(in_force), str(now), (shown_value(was), shown_value(now))))
    return found


def _of_unmanaged(before: Declaration, after: Declaration, renamed: Collection[Moved]) -> Iterator[Effect]:
    """What other names of tables mean for the streams that the program does not declare with this connection."""
    others = {s: spec for s, spec in before.others.items() if s not in (after.streams or {}) and not after.exclusive}
    for change in moved(others if after.shape is CONNECTION else {}, renamed):
        if others[change.stream].mode.incremental:
            reasons = because(Why.UNMANAGED)
            yield Effect(change.key, Code.TABLE_OF_UNMANAGED_RENAMED, Action.NONE, change.detail, reasons)


def _given_up(before: Declaration, after: Declaration) -> Iterator[Effect]:
    """Streams that are released before their rows were replaced, as the program says ``skip``."""
    if after.streams is None:
        unfinished = (before.unfinished | before.unsettled.keys()) & (before.streams or {}).keys()
        for stream in sorted(unfinished, key=lambda stream: stream.key):
            yield Effect(
                ChangeKey(stream, Kind.RELEASED), Code.GIVEN_UP, Action.NONE, Detail(What.RELEASED),
                because(Why.SAYS_SKIP_UNFINISHED), overruled_by=Policy.SKIP, called_for=Action.TRUNCATE,
            )  # fmt: skip


def _since(noted: Mapping[StreamDescriptor, StreamSpec], new: Streams) -> list[Change]:
    """What has changed since streams were as they are noted."""
    rows = {stream: new[stream].declared_only(spec) for stream, spec in noted.items() if stream in new}
    return list(changes(rows, {stream: new[stream] for stream in rows}))


def _refill(cleared: Collection[StreamDescriptor], resets: Resets, facts: Facts) -> Refill | None:
    if not cleared:
        return None
    if resets.after_clear is AfterClear.SYNC and any(resets.policy(stream) is not Policy.SERVER for stream in cleared):
        return Refill.SYNC
    by_server = any(resets.policy(stream) is Policy.SERVER for stream in cleared)
    return Refill.SERVER if by_server and facts.syncs_after_reset else Refill.SCHEDULE


def _decided(change: Change, before: Declaration | None, after: Declaration, facts: Facts) -> Effect:
    on_remove = after.on_remove
    if change.kind is Kind.REMOVED and before and STREAM_GONE in before.schema.get(change.stream, ()):
        # The program takes it out because the source has dropped it: no request was made that its rows go too.
        change, on_remove = replace(change, detail=Detail(What.DROPPED_BY_SOURCE)), OnRemove.KEEP
    effect = decide(change, facts, after.resets, on_remove)
    if effect.overruled_by is Policy.SERVER and before is not None and _was_put_off(change, before, after):
        # It was sent while the connection was inactive: Airbyte does no more about it, so that its part is done here.
        effect = decide(change, replace(facts, server_resets=None), after.resets)
        effect = replace(effect, reasons=because(Why.SAID_SERVER, (), *effect.reasons[1:]))
    late = before is not None and before.paused and after.shape is CONNECTION and not after.paused
    if late and effect.kind is Kind.REMOVED and effect.action is Action.CLEAR:
        return replace(effect, action=Action.BLOCK, reasons=because(Why.STILL_INACTIVE, (), *effect.reasons))
    return effect


def _was_put_off(change: Change, before: Declaration, after: Declaration) -> bool:
    new: Streams = dict(after.streams or {})
    recorded = {each.key for each in changes(dict(before.streams or {}), new)}
    return change.key not in recorded and any(change.key == each.key for each in _since(before.owed, new))


def _performed_by_server(before: Declaration, after: Declaration) -> Iterator[Effect]:
    """What Airbyte does without being asked when an inactive connection is activated, whatever is declared of it."""
    if not before.paused or after.fields.get("status") != ConnectionStatus.ACTIVE:
        return
    leaving = (before.streams or {}).keys() - after.streams.keys() if after.streams is not None else set()
    for stream, word in sorted(before.queued.items(), key=lambda item: item[0].key):
        if stream in leaving:
            continue
        why = Why.REFRESH_ORDERED if word == Action.MERGE.word else Why.RESET_ORDERED
        effect = Effect(
            ChangeKey(stream, Kind.STATUS), Code.PERFORMED_BY_SERVER, Action[word.upper()], Detail(What.ACTIVATED),
            because(why),
        )  # fmt: skip
        yield refused(effect) if after.resets.policy(stream) is Policy.REFUSE else effect


def _cleared_with_others(
    before: Declaration, new: Streams, effects: Iterable[Effect], resets: Resets
) -> Iterator[Effect]:
    """On legacy state a reset of one stream clears all of them: each is planned, one that appends is blocked."""
    named = {effect.stream for effect in effects if effect.action is Action.CLEAR}
    if not before.legacy or not named:
        return
    keys = sorted(stream.key for stream in named)
    for stream in sorted({*new, *before.others} - named, key=lambda stream: stream.key):
        spec = new.get(stream)
        action, why = Action.CLEAR, Why.LEGACY_STATE
        allowed = resets.policy(stream) in {Policy.RESET, Policy.CLEAR} or resets.permitted(
            stream, Code.CLEARED_WITH_OTHERS
        )
        if spec is None:
            action, why = Action.BLOCK, Why.LEGACY_UNMANAGED
        elif not (spec.mode.dedup or spec.mode.overwrites) and not allowed:
            action, why = Action.BLOCK, Why.LEGACY_APPENDED
        key = ChangeKey(stream, Kind.SHARED_RESET)
        yield Effect(key, Code.CLEARED_WITH_OTHERS, action, Detail.of(What.CLEARED_WITH, keys), because(why))


def _reset_by_server(
    before: Declaration | None, new: Streams, effects: Iterable[Effect], facts: Facts
) -> Iterator[Effect]:
    """The streams that Airbyte resets beside those whose change is left to it."""
    done = {effect.stream for effect in effects if effect.action is not Action.NONE}
    left = any(effect.overruled_by is Policy.SERVER for effect in effects)
    if before is None or not left or facts.server_resets is None:
        return
    skipping = {effect.stream for effect in effects if effect.overruled_by is Policy.SERVER} | facts.blank
    for stream in sorted(facts.server_resets - done - skipping, key=lambda stream: stream.key):
        spec = new.get(stream) or before.others.get(stream)
        appends = spec is not None and not (spec.mode.dedup or spec.mode.overwrites)
        key, detail = ChangeKey(stream, Kind.SHARED_RESET), Detail(What.RESET_TOO)
        yield Effect(
            key, Code.RESET_BY_SERVER, resetting(facts), detail, because(Why.RESET_BY_SERVER), appends,
            overruled_by=Policy.SERVER,
        )  # fmt: skip


def _due(
    before: Declaration, new: Streams, effects: Iterable[Effect], facts: Facts, resets: Resets
) -> Iterator[Effect]:
    """What has to be replaced whatever the lines say, where no other effect of the stream does it anyway."""
    done = {effect.stream for effect in effects if effect.action in {Action.TRUNCATE, Action.CLEAR, Action.BLOCK}}
    for stream, required in sorted(before.due.items(), key=lambda item: item[0].key):
        if stream not in new or stream in done:
            continue
        key = ChangeKey.of(stream, required.kind, None, required.detail.items)
        if required.detail.what is What.RENAMED_OUTSIDE:
            # Whoever gave the name did not come to what the table calls for, so that is still called for.
            earlier = {stream: Earlier(own=True)} if required.code is Code.TABLE_RENAMED_TO_OWN else {}
            change = Change(key, new[stream], new[stream], required.detail)
            yield decide(change, replace(facts, tables=earlier, tables_known=True), resets)
            continue
        effect = Effect(key, required.code, replacing(facts), required.detail, because(Why.UNFINISHED))
        policy = resets.policy(stream)
        yield skipped(effect) if policy is Policy.SKIP else refused(effect) if policy is Policy.REFUSE else effect


def _put_off(
    before: Declaration | None, old: Streams, new: Streams, effects: Iterable[Effect]
) -> tuple[list[Effect], dict[StreamDescriptor, StreamSpec], dict[StreamDescriptor, Required]]:
    """The effects on an inactive connection: its jobs would be cancelled after they dropped state (semantics §9.5)."""
    owed = dict(before.owed) if before else {}
    due = dict(before.due) if before else {}
    # What the lines do not tell when it is activated, such as another type at the source, is due whatever they say.
    told = {change.key for change in changes(old, new)}
    known = {change.key for change in _since(before.owed, new)} if before else set()
    put_off = []
    for effect in effects:
        if effect.action in {Action.NONE, Action.BLOCK}:
            put_off.append(effect)
        elif effect.stream not in old or effect.code in _NEVER_LATER:
            reasons = because(Why.TOO_LATE_INACTIVE, (), *effect.reasons)
            put_off.append(replace(effect, action=Action.BLOCK, reasons=reasons))
        else:
            if effect.key in told:
                owed.setdefault(effect.stream, old[effect.stream])
            elif effect.key not in known:
                due.setdefault(effect.stream, Required(effect.code, effect.kind, effect.detail))
            put_off.append(replace(effect, action=Action.NONE, deferred=effect.action))
    return put_off, owed, due
