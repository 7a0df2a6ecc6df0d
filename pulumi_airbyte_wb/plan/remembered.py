"""What is remembered of streams calls for effects that no change of their lines tells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from pulumi_airbyte_wb.models import ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan.decide import decide, refused, skipped
from pulumi_airbyte_wb.plan.effects import Action, Effect, Why, because
from pulumi_airbyte_wb.plan.facts import Facts
from pulumi_airbyte_wb.plan.table import replacing
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Kind, Moved, What, changes, moved
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import CONNECTION
from pulumi_airbyte_wb.spec.resets import Policy, Resets
from pulumi_airbyte_wb.spec.streams import Streams, StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import Deferred, Interrupted, Required, ServerQueued

_NEVER_LATER = frozenset({Code.REMOVED, Code.TABLE_RENAMED_TO_FREE, Code.TABLE_RENAMED_TO_OWN})


def managed(before: Baseline | None, after: Baseline, facts: Facts) -> Streams:
    """The streams that were declared before, each with what is in force where it is declared only now.

    None where the program declares none now.
    """
    if before is None or after.spec.streams is None:
        return {}
    return {stream: _in_force(stream, spec, before, after, facts) for stream, spec in before.streams.items()}


def _in_force(
    stream: StreamDescriptor, spec: StreamSpec, before: Baseline, after: Baseline, facts: Facts
) -> StreamSpec:
    new = after.streams.get(stream)
    if new is None:
        return spec
    known, live = before.memory.effective.get(stream), facts.in_force.get(stream)
    cursor, key, columns = (known.cursor, known.key, known.fields) if known is not None else (None, None, None)
    if columns is None and live is not None and not live.fields:
        # Without a selection that is remembered all columns have been selected, as they still are.
        columns = live.fields
    return replace(
        spec,
        cursor=cursor if spec.cursor is None and new.cursor is not None else spec.cursor,
        key=key if spec.key is None and new.key is not None else spec.key,
        fields=columns if spec.fields is None and new.fields is not None else spec.fields,
    )


def of_unmanaged(before: Baseline, after: Baseline, renamed: Collection[Moved]) -> Iterator[Effect]:
    """What other names of tables mean for the streams that the program does not declare with this connection."""
    others = {
        s: spec for s, spec in before.memory.unmanaged.items() if s not in after.streams and not after.spec.exclusive
    }
    for change in moved(others if after.spec.kind is CONNECTION else {}, renamed):
        if others[change.stream].mode.incremental:
            reasons = because(Why.UNMANAGED)
            yield Effect(change.key, Code.TABLE_OF_UNMANAGED_RENAMED, Action.NONE, change.detail, reasons)


def given_up(before: Baseline, after: Baseline) -> Iterator[Effect]:
    """Streams that are released before their rows were replaced, as the program says ``skip``."""
    if after.spec.streams is None:
        unfinished = (before.memory.unfinished | before.memory.of(Interrupted).keys()) & (
            before.spec.streams or {}
        ).keys()
        for stream in sorted(unfinished, key=lambda stream: stream.key):
            yield Effect(
                ChangeKey(stream, Kind.RELEASED), Code.GIVEN_UP, Action.NONE, Detail(What.RELEASED),
                because(Why.SAYS_SKIP_UNFINISHED), overruled_by=Policy.SKIP, called_for=Action.TRUNCATE,
            )  # fmt: skip


def written(before: Baseline) -> dict[StreamDescriptor, StreamSpec]:
    """The deferred streams as they were when their rows were written."""
    return {stream: each.written for stream, each in before.memory.of(Deferred).items()}


def since(noted: Mapping[StreamDescriptor, StreamSpec], new: Streams) -> list[Change]:
    """What has changed since streams were as they are noted."""
    rows = {stream: new[stream].declared_only(spec) for stream, spec in noted.items() if stream in new}
    return list(changes(rows, {stream: new[stream] for stream in rows}))


def performed_by_server(before: Baseline, after: Baseline) -> Iterator[Effect]:
    """What Airbyte does without being asked when an inactive connection is activated, whatever is declared of it."""
    if not before.paused or after.spec.fields.get("status") != ConnectionStatus.ACTIVE:
        return
    leaving = before.streams.keys() - after.spec.streams.keys() if after.spec.streams is not None else set()
    for stream, queued in sorted(before.memory.of(ServerQueued).items(), key=lambda item: item[0].key):
        if stream in leaving:
            continue
        action, why = (Action.CLEAR, Why.RESET_ORDERED) if queued.clears else (Action.MERGE, Why.REFRESH_ORDERED)
        effect = Effect(
            ChangeKey(stream, Kind.STATUS), Code.PERFORMED_BY_SERVER, action, Detail(What.ACTIVATED),
            because(why),
        )  # fmt: skip
        yield refused(effect) if after.resets.policy(stream) is Policy.REFUSE else effect


def cleared_with_others(before: Baseline, new: Streams, effects: Iterable[Effect], resets: Resets) -> Iterator[Effect]:
    """On legacy state a reset of one stream clears all of them: each is planned, one that appends is blocked."""
    named = {effect.stream for effect in effects if effect.action is Action.CLEAR}
    if not before.memory.legacy_state or not named:
        return
    keys = sorted(stream.key for stream in named)
    for stream in sorted({*new, *before.memory.unmanaged} - named, key=lambda stream: stream.key):
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


def required_now(
    before: Baseline, new: Streams, effects: Iterable[Effect], facts: Facts, resets: Resets
) -> Iterator[Effect]:
    """What has to be replaced whatever the lines say, where no other effect of the stream does it anyway."""
    found = list(effects)
    done = {effect.stream for effect in found if effect.action in {Action.TRUNCATE, Action.CLEAR, Action.BLOCK}}
    left = {each.stream for each in found if each.kind is Kind.TABLE_RENAMED and each.detail.what is What.FIELDS}
    for stream, required in sorted(before.memory.of(Required).items(), key=lambda item: item[0].key):
        if stream not in new or stream in done:
            continue
        key = ChangeKey.of(stream, required.kind, None, required.detail.items)
        if required.detail.what is What.RENAMED_OUTSIDE:
            # Whoever gave the name did not come to what the table calls for, so that is still called for.
            unclear = {stream} if required.code is Code.TABLE_UNCLEAR else set()
            change = Change(key, new[stream], new[stream], required.detail)
            if stream not in left:
                yield decide(change, replace(facts, unclear=facts.unclear | unclear), resets)
            continue
        effect = Effect(key, required.code, replacing(facts), required.detail, because(Why.UNFINISHED))
        policy = resets.policy(stream)
        yield skipped(effect) if policy is Policy.SKIP else refused(effect) if policy is Policy.REFUSE else effect


def defer(
    before: Baseline | None, old: Streams, new: Streams, effects: Iterable[Effect]
) -> tuple[list[Effect], dict[StreamDescriptor, Deferred], dict[StreamDescriptor, Required]]:
    """The effects on an inactive connection: its jobs would be cancelled after they dropped state (semantics §9.5)."""
    deferred = before.memory.of(Deferred) if before else {}
    required = before.memory.of(Required) if before else {}
    # What the lines do not tell at the activation, such as another type at the source, is required whatever they say.
    told = {change.key for change in changes(old, new)}
    known = {change.key for change in since(written(before), new)} if before else set()
    effects_now = []
    for effect in effects:
        if effect.action in {Action.NONE, Action.BLOCK}:
            effects_now.append(effect)
        elif effect.stream not in old or effect.code in _NEVER_LATER:
            reasons = because(Why.TOO_LATE_INACTIVE, (), *effect.reasons)
            effects_now.append(replace(effect, action=Action.BLOCK, reasons=reasons))
        else:
            if effect.key in told:
                deferred.setdefault(effect.stream, Deferred(old[effect.stream]))
            elif effect.key not in known:
                required.setdefault(effect.stream, Required(effect.code, effect.kind, effect.detail))
            effects_now.append(replace(effect, action=Action.NONE, deferred=effect.action))
    return (
        effects_now,
        {stream: each for stream, each in deferred.items() if since({stream: each.written}, new)},
        {stream: each for stream, each in required.items() if stream in new},
    )
