"""Tables that got other names outside of the run that looks: by a person, another tool, or a run that died.

Syncs may have run under the new names, and no server tells since when a connection has them. So whatever it has ever
moved may be in the new tables, unless the note of a run that died tells which job was the newest then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pulumi_airbyte_wb.live.merge_note import is_appended, synced_meanwhile
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.live.table_index import naming_of
from pulumi_airbyte_wb.live.tables import Subject, default_namespace
from pulumi_airbyte_wb.models import ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.spec.changes import Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import CATALOG, CONNECTION
from pulumi_airbyte_wb.spec.resets import Policy
from pulumi_airbyte_wb.spec.tables import NAMING, Sameness
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import Required

_MERGING = frozenset({Policy.AUTO, Policy.MERGE})


def with_renamed(session: Session, connection: ConnectionRead, recorded: Baseline, live: Baseline) -> Baseline:
    """``live`` with what other names of tables owe, where they are other ones than is recorded."""
    if recorded.spec.streams is None:
        return live
    if recorded.spec.kind is CATALOG and not recorded.memory.undeclared_fields:
        return live
    if recorded.naming == live.naming:
        return live
    default = default_namespace(session, connection.destination_id)
    tables = {stream: (recorded.naming.table(stream), live.naming.table(stream)) for stream in recorded.streams}
    same = {stream: old.compared(new, default) for stream, (old, new) in tables.items()}
    moved = {stream for stream in tables if same[stream] is not Sameness.SAME}
    if not moved or session.history(connection.connection_id).is_idle:
        return live
    due: dict[StreamDescriptor, Required] = {}
    for stream in moved & live.streams.keys():
        if live.streams[stream].mode.incremental:
            code = Code.TABLE_UNCLEAR if same[stream] is Sameness.MAYBE else Code.TABLE_RENAMED_TO_OWN
            due[stream] = Required(code, Kind.TABLE_RENAMED, Detail(What.RENAMED_OUTSIDE))
    memory = replace(
        live.memory,
        abandoned_tables=live.memory.abandoned_tables | {tables[stream][0].key for stream in moved},
        # Under another name there is nothing to resume: the sync state would leave out all older rows.
        departed=dict.fromkeys(live.memory.departed),
    )
    return replace(live, memory=memory.having(Required, {**due, **live.memory.of(Required)}))


def with_names_in_force(session: Session, connection: ConnectionRead | None, recorded: Baseline) -> Baseline:
    """What is recorded of a ``Connection``, brought up to how it names tables now, as a refresh would."""
    if connection is None or recorded.spec.kind is not CONNECTION or recorded.naming == naming_of(connection):
        return recorded
    now = dict(zip(NAMING, naming_of(connection), strict=True))
    fields = {name: now.get(name, value) for name, value in recorded.spec.fields.items()}
    others = {name: value for name, value in recorded.memory.undeclared_fields.items() if name not in now}
    told = {name: value for name, value in now.items() if name not in fields and value and value != "source"}
    live = replace(
        recorded,
        spec=replace(recorded.spec, fields=fields),
        memory=replace(recorded.memory, undeclared_fields={**others, **told}),
    )
    return with_renamed(session, connection, recorded, live)


def renamed_outside(baseline: Baseline | None) -> dict[StreamDescriptor, Required]:
    """The streams whose tables got other names outside, as it was noted."""
    required = baseline.memory.of(Required) if baseline else {}
    return {stream: each for stream, each in required.items() if each.detail.what is What.RENAMED_OUTSIDE}


def filled_since(subject: Subject, renamed: Collection[StreamDescriptor]) -> set[StreamDescriptor]:
    """The streams of these, renamed outside, whose new tables the connection may have filled already."""
    due = subject.after.streams.keys() & set(renamed)
    if not due or subject.connection is None:
        return due
    naming, resets = subject.after.naming, subject.after.resets
    merges = {
        stream: f"{naming.table(stream).key} {spec.line}"
        for stream, spec in subject.after.streams.items()
        if stream in due and is_appended(spec) and resets.policy(stream) in _MERGING
    }
    synced = synced_meanwhile(subject.session, subject.urn, subject.connection, merges)
    return due & (subject.session.history(subject.connection.connection_id).moved() if synced is None else synced)
