"""What a write was told and the server keeps otherwise: noted, so that it is no change for ever, and said."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from pulumi_airbyte_wb.live.context import Context
from pulumi_airbyte_wb.live.observe import in_force, observed
from pulumi_airbyte_wb.live.report import Report
from pulumi_airbyte_wb.models import ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan.codec import HIDDEN
from pulumi_airbyte_wb.plan.words import visible
from pulumi_airbyte_wb.spec.connection import ConnectionSpec
from pulumi_airbyte_wb.spec.mappers import dropped_settings
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.not_taken import Notes, NotTaken, fields_not_taken, parts_not_taken, still_declared

_ATTACHED = frozenset({"operations", "operation_ids"})
"""Fields that are sent apart, beside what other tools and people add to them."""


def take_note(context: Context, answer: ConnectionRead, recorded: Baseline | None) -> None:
    """Note and say what of a write the server has not taken; see ``note_not_taken`` for the arguments."""
    spec, before = context.declaration.spec, recorded.memory.not_taken if recorded else {}
    notes = note_not_taken(answer, context.declaration, recorded)
    context.not_taken.update(notes)
    new = {subject: tuple(set(found) - set(before.get(subject, ()))) for subject, found in notes.items()}
    tell_not_taken(context.report, new, spec)
    old = recorded.streams if recorded else {}
    written = {stream for stream, each in context.declaration.streams.items() if old.get(stream) != each}
    tell_dropped(context.report, answer, spec, written)


def note_not_taken(answer: ConnectionRead, declaration: Baseline, recorded: Baseline | None) -> Notes:
    """What of that which an update has written the server keeps otherwise, and what was known of before.

    Args:
        answer: the connection after the last write.
        declaration: what was declared, and written where it differs from ``recorded``.
        recorded: what was recorded before; ``None`` where everything was written.
    """
    old = recorded or replace(declaration, spec=replace(declaration.spec, fields={}, streams={}))
    known = still_declared(old.memory.not_taken, declaration.spec)
    live = observed(answer, replace(declaration, memory=replace(declaration.memory, not_taken=known)))
    fields = {
        name: value
        for name, value in declaration.spec.fields.items()
        if name not in _ATTACHED and old.spec.fields.get(name) != value
    }
    found: dict[StreamDescriptor | None, tuple[NotTaken, ...]] = {
        None: tuple(fields_not_taken(fields, live.spec.fields)),
        **{s: tuple(parts_not_taken(spec, live.streams[s])) for s, spec in _written(declaration, old, live).items()},
    }
    together = {subject: (*known.get(subject, ()), *found.get(subject, ())) for subject in (*known, *found)}
    return {subject: notes for subject, notes in together.items() if notes}


def tell_not_taken(report: Report, notes: Notes, spec: ConnectionSpec) -> None:
    """Say what the server keeps in place of what is declared."""
    for subject, found in notes.items():
        for note in found:
            path = note.part if subject is None else f"{_path(subject, spec)}.{note.part}"
            secret = note.part in spec.secret if subject is None else spec.hides_stream(subject)
            declared, kept = (HIDDEN if secret else visible(text) for text in (note.declared, note.kept))
            report.warn(
                f"{path}: Airbyte accepted {declared}, but keeps {kept}; nothing is planned about it while it does"
            )


def tell_dropped(
    report: Report, connection: ConnectionRead, spec: ConnectionSpec, streams: Collection[StreamDescriptor]
) -> None:
    """Say which settings of mappers the server has dropped, as it knows none of their names."""
    live = in_force(connection)
    for stream in sorted(live.keys() & set(streams), key=lambda stream: stream.key):
        for index, name in _dropped((spec.streams or {})[stream], live[stream]):
            setting = HIDDEN if spec.hides_stream(stream) else visible(name)
            report.warn(
                f"{_path(stream, spec)}.mappers[{index}].{setting}: Airbyte knows no such setting and has dropped it; "
                "take it out of the program"
            )


def _dropped(declared: StreamSpec, live: StreamSpec) -> Iterator[tuple[int, str]]:
    pairs = zip(declared.mappers or (), live.mappers or (), strict=False)
    for index, (said, seen) in enumerate(pairs):
        yield from ((index, name) for name in dropped_settings(seen, said))


def _written(declaration: Baseline, old: Baseline, live: Baseline) -> dict[StreamDescriptor, StreamSpec]:
    return {s: spec for s, spec in declaration.streams.items() if s in live.streams and old.streams.get(s) != spec}


def _path(stream: StreamDescriptor, spec: ConnectionSpec) -> str:
    return "a secret stream" if "streams" in spec.secret else f'streams["{visible(stream.key)}"]'
