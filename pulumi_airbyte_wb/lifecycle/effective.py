"""What is in force of a stream beside what is declared of it: writing that down later is no change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from pulumi_airbyte_wb.live.observe import Observation, observe
from pulumi_airbyte_wb.live.tables import Subject
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Facts
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline

P = TypeVar("P")


def with_predicted(declared: Baseline, subject: Subject, facts: Facts) -> Baseline:
    """``declared`` with what will be in force once it is: of a line that stays, what is remembered of it."""
    before, connection = subject.before, subject.connection
    if connection is not None:
        live = observe(subject.session, connection, subject.after)
        facts = replace(facts, in_force=live.in_force if subject.before is not None else {})
    noted = before.memory.effective if before is not None else {}
    found: dict[StreamDescriptor, StreamSpec] = {}
    for stream, spec in subject.after.streams.items():
        old = before.streams.get(stream) if before is not None else None
        known = noted.get(stream) if old == spec else _predicted(stream, old, spec, noted.get(stream), facts)
        if known is not None:
            found[stream] = known
    return replace(declared, memory=replace(declared.memory, effective=found))


def with_learnt(now: Observation, live: Baseline) -> Baseline:
    """``live`` with what is in force, where nothing is remembered of a stream.

    What is remembered and no longer live is not known any more: a run that died may have changed it, and its rows were
    not replaced.
    """
    entries, known = now.connection.sync_catalog.by_descriptor(), live.memory.effective
    found: dict[StreamDescriptor, StreamSpec] = {}
    for stream, spec in live.streams.items():
        there, entry = now.in_force.get(stream), entries.get(stream)
        if there is None or entry is None:
            continue
        seen = _undeclared(
            spec,
            there,
            own_cursor=bool(entry.stream.source_defined_cursor),
            own_key=bool(entry.stream.source_defined_primary_key),
        )
        if stream in known:
            found[stream] = _still(known[stream], there)
        elif seen is not None:
            found[stream] = seen
    return replace(live, memory=replace(live.memory, effective=found))


def _predicted(
    stream: StreamDescriptor, old: StreamSpec | None, spec: StreamSpec, noted: StreamSpec | None, facts: Facts
) -> StreamSpec | None:
    live = facts.in_force.get(stream)

    def part(get: Callable[[StreamSpec], P | None], found: P | None) -> P | None:
        if noted is not None and old is not None and get(old) is None and old.mode == spec.mode:
            return get(noted)
        declared = get(old) if old is not None and stream in facts.in_force else None
        return declared or found

    return _undeclared(
        spec,
        StreamSpec(
            mode=spec.mode,
            cursor=part(lambda each: each.cursor, facts.cursor(stream, spec)),
            key=part(lambda each: each.key, facts.key(stream, spec)),
            fields=part(lambda each: each.fields, live.fields if live is not None else None),
        ),
        own_cursor=facts.source_cursor(stream),
        own_key=facts.source_key(stream) is not None,
    )


def _undeclared(spec: StreamSpec, there: StreamSpec, *, own_cursor: bool, own_key: bool) -> StreamSpec | None:
    """Those parts that the program does not declare and the source does not define; ``None`` where there are none."""
    reads_by = spec.mode.incremental and spec.cursor is None and not own_cursor
    merges_by = spec.mode.dedup and spec.key is None and not own_key
    columns = there.fields if spec.fields is None else None
    if not (reads_by or merges_by or columns):
        return None
    cursor, key = there.cursor if reads_by else None, there.key if merges_by else None
    return StreamSpec(spec.mode, cursor=cursor or None, key=key or None, fields=columns or None)


def _still(known: StreamSpec, there: StreamSpec) -> StreamSpec:
    """What is remembered, without what is otherwise now."""
    return replace(
        known,
        cursor=known.cursor if known.cursor == there.cursor else None,
        key=known.key if known.key == there.key else None,
        fields=known.fields if known.fields == there.fields else None,
    )
