"""From declarations to a plan: what is asked of the server, and what a check refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError, NotFoundError
from pulumi_airbyte_wb.lifecycle.carry import left_behind, with_others
from pulumi_airbyte_wb.lifecycle.effective import with_predicted
from pulumi_airbyte_wb.lifecycle.guard import leaving
from pulumi_airbyte_wb.lifecycle.supported import check_supported
from pulumi_airbyte_wb.lifecycle.validate import (
    check_duplicates,
    check_ids,
    check_streams,
    check_tables,
    live_connection,
)
from pulumi_airbyte_wb.live.facts import columns_left, facts_of, own_id
from pulumi_airbyte_wb.live.observe import naming_in_full, observe, situated
from pulumi_airbyte_wb.live.renamed import with_names_in_force
from pulumi_airbyte_wb.live.secrets import unmasked
from pulumi_airbyte_wb.live.server_resets import default_of_server, resets_of_server
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.live.tables import Subject, begun
from pulumi_airbyte_wb.models import ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Facts, Operation, Plan, build_plan
from pulumi_airbyte_wb.spec.changes import Kind
from pulumi_airbyte_wb.spec.connection import CATALOG, CONNECTION
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import Unsynced

_BY_NEXT_SYNC = frozenset(
    {Kind.SELECTED, Kind.MASKED, Kind.COLUMN_RENAMED, Kind.FILTER_RELAXED, Kind.KEY, Kind.TABLE_RENAMED}
)
"""Changes that need nothing where each sync reads everything: the next one makes them right."""


def plan_of(
    before: Baseline | None,
    after: Baseline,
    session: Session,
    news: Mapping[str, Any],
    known: ConnectionRead | None = None,
) -> tuple[Baseline, Plan, ConnectionRead | None]:
    """The declaration with what was learnt on the way, the plan, and the live connection where that is certain.

    Args:
        before: what is recorded; ``None`` for a connection that does not exist.
        after: what is declared, with what was noted before.
        session: the server.
        news: the inputs of the program.
        known: the live connection, where it is known already.

    Raises:
        DeclarationError: something that is declared cannot be.
    """
    urn = str(news.get("resource_urn", ""))
    name = _name_in_force(session, before, after, resource_name(news))
    declared, connection = after, known
    operation = _operation(session, before, after, urn)
    if after.spec.kind is CATALOG and after.spec.connection_id:
        connection = known or live_connection(session, "connection_id", after.spec.connection_id)
        name = connection.name
        before, after, declared = _of_catalog(session, connection, before, after)
    elif connection is None and operation is not Operation.REPLACE:
        connection = _own(session, before, after, name)
    before, declared = _with_names_in_force(session, connection, before, declared)
    _check_whole(session, before, after, name, urn)
    recorded = _recorded(session, before, after, connection, operation)
    subject = _beginning(Subject(session, recorded, after, connection, urn))
    facts = check_streams(session, recorded, after, facts_of(subject))
    declared = with_predicted(_with_departed_columns(declared, subject), subject, facts)
    check_tables(session, recorded, after, urn)
    plan = _planned(subject, facts, operation)
    return _with_unsynced(declared, subject, facts, plan), plan, connection


def _check_whole(session: Session, before: Baseline | None, after: Baseline, name: str, urn: str) -> None:
    """What is declared of the whole: it can be, and there is no second connection of its kind."""
    check_supported(session, before, after)
    check_ids(session, after.spec)
    if before is None and after.spec.kind is CONNECTION and not after.spec.unknown:
        check_duplicates(session, after, name, urn)


def _planned(subject: Subject, facts: Facts, operation: Operation | None) -> Plan:
    """The plan, with what Airbyte's own default would do to a connection that is there."""
    session, before, after, connection = subject.session, subject.before, subject.after, subject.connection
    if connection is None:
        return build_plan(before, after, facts, operation=operation)
    connection = unmasked(session, connection, before, after)
    gone = leaving(session, subject.urn, situated(after, connection), before, connection)
    resets = resets_of_server(session, after, connection, gone, before)
    facts = replace(facts, server_resets=resets, in_force=observe(session, connection, after).in_force)
    plan = build_plan(before, after, facts, operation=operation)
    default = default_of_server(session, after, connection, gone, plan, facts)
    return replace(plan, server_default=default)


def _beginning(subject: Subject) -> Subject:
    """The same, when it is noted what it begins to write: others may have left that behind."""
    subject.session.tables.take(begun(subject))
    return subject


def _with_departed_columns(declared: Baseline, subject: Subject) -> Baseline:
    """The declaration, with the columns that the tables of departing streams keep."""
    left = columns_left(subject.before, subject.after, subject.connection)
    columns = {**declared.memory.departed_columns, **left}
    return replace(declared, memory=replace(declared.memory, departed_columns=columns))


def _with_unsynced(declared: Baseline, subject: Subject, facts: Facts, plan: Plan) -> Baseline:
    """``declared`` with a note of the streams that the next sync makes right, and no job of the update."""
    recorded, connection = subject.before, subject.connection
    if recorded is None or connection is None:
        return declared
    waiting = {e.stream for e in plan.effects if e.outcome is Action.NONE and _next_sync_decides(e, subject.after)}
    waiting -= plan.actions().keys()
    waiting &= recorded.streams.keys()
    renamed = {e.stream for e in plan.effects if e.kind is Kind.TABLE_RENAMED} & waiting
    newest = subject.session.history(connection.connection_id).newest_job if waiting else 0
    kept = {stream: each for stream, each in declared.memory.of(Unsynced).items() if stream in facts.unsynced}
    noted = {stream: Unsynced(recorded.streams[stream], newest) for stream in waiting}
    # A stream that goes on where it stood has had its new table judged by this plan.
    reads_all = {stream for stream, spec in subject.after.streams.items() if not spec.mode.incremental}
    found = {
        stream: replace(each, renamed=stream in reads_all and (each.renamed or stream in renamed))
        for stream, each in {**noted, **kept}.items()
    }
    return replace(declared, memory=declared.memory.having(Unsynced, found))


def _next_sync_decides(effect: Effect, after: Baseline) -> bool:
    """Whether an effect for which nothing is done is right only once a sync has run."""
    spec = after.streams.get(effect.stream)
    if effect.kind is Kind.MODE:
        return True
    return spec is not None and not spec.mode.incremental and effect.kind in _BY_NEXT_SYNC


def resource_name(inputs: Mapping[str, Any]) -> str:
    """The name that a resource's connection gets."""
    return str(inputs.get("name") or str(inputs.get("resource_urn", "")).rsplit("::", 1)[-1])


def _name_in_force(session: Session, before: Baseline | None, after: Baseline, declared: str) -> str:
    """The name of the live connection: as recorded, or as declared where a run that died has given it already."""
    if before is None or after.spec.kind is not CONNECTION:
        return declared
    recorded = str(before.spec.fields.get("name") or before.memory.undeclared_fields.get("name") or declared)
    if recorded == declared or own_id(session, before, after, recorded):
        return recorded
    return declared if own_id(session, before, after, declared) else recorded


def _never_moved(
    session: Session, before: Baseline | None, after: Baseline, connection: ConnectionRead | None
) -> set[StreamDescriptor]:
    """Streams that are live as declared, in no state, and never moved: a run that died may have added them.

    They are judged as added ones: what their tables call for was not done yet.
    """
    others = before.memory.unmanaged if before else {}
    declared = after.streams
    same = {s for s, spec in others.items() if s in declared and declared[s] == declared[s].in_words(spec.in_full())}
    return same - session.history(connection.connection_id).moved() if same and connection else set()


def _recorded(
    session: Session,
    before: Baseline | None,
    after: Baseline,
    connection: ConnectionRead | None,
    operation: Operation | None,
) -> Baseline | None:
    """What is recorded, with the streams that were unmanaged and are declared now.

    A connection that takes the place of another one knows nothing of its tables, and begins to count generations.
    """
    if operation is Operation.REPLACE:
        return None
    recorded = with_others(before, after, _never_moved(session, before, after, connection))
    return _with_schema_of_others(session, before, recorded, connection)


def _with_schema_of_others(
    session: Session, before: Baseline | None, recorded: Baseline | None, connection: ConnectionRead | None
) -> Baseline | None:
    """``recorded`` with what is different at the source for streams that it takes over: no refresh has noted that."""
    if before is None or recorded is None or connection is None or recorded.streams.keys() == before.streams.keys():
        return recorded
    notes = observe(session, connection, recorded).newer_schema
    new = {stream: found for stream, found in notes.items() if stream not in before.streams}
    return replace(recorded, memory=replace(recorded.memory, newer_schema={**recorded.memory.newer_schema, **new}))


def _of_catalog(
    session: Session, connection: ConnectionRead, before: Baseline | None, after: Baseline
) -> tuple[Baseline | None, Baseline, Baseline]:
    """What is recorded and declared of a ``Catalog``, with what its connection decides; and what to note."""
    declared, after = after, situated(after, connection, session.coming(connection.connection_id))
    declared = replace(declared, memory=replace(declared.memory, undeclared_fields=naming_in_full(after)))
    if before is None:
        return before, after, declared
    # What is in the connection and not noted yet is taken over as it is, not added.
    noted = replace(after, spec=replace(after.spec, streams=before.spec.streams))
    others = observe(session, connection, noted).baseline.memory.unmanaged
    before = situated(
        replace(before, memory=replace(before.memory, unmanaged={**others, **before.memory.unmanaged})),
        connection,
        before.memory.undeclared_fields,
    )
    if before.names_change(after):
        behind = declared.memory.abandoned_tables | left_behind(before, after)
        declared = replace(
            declared,
            memory=replace(declared.memory, abandoned_tables=behind, departed=dict.fromkeys(declared.memory.departed)),
        )
    return before, after, declared


def _with_names_in_force(
    session: Session, connection: ConnectionRead | None, before: Baseline | None, declared: Baseline
) -> tuple[Baseline | None, Baseline]:
    """What is recorded, with the names that its tables have by now; and what to note of those that are left behind."""
    if before is None or declared.spec.kind is CATALOG or not before.names_change(declared):
        return before, declared
    now = with_names_in_force(session, connection, before)
    if now is before:
        return before, declared
    behind = declared.memory.abandoned_tables | now.memory.abandoned_tables | left_behind(now, declared)
    return now, replace(declared, memory=replace(declared.memory, abandoned_tables=behind))


def _operation(session: Session, before: Baseline | None, after: Baseline, urn: str) -> Operation | None:
    """What happens to the whole, where it is not plain from what is recorded."""
    if before is not None and after.spec.kind is CONNECTION and _replaced(before, after):
        if not after.spec.options.allow_replace:
            changed = "source_id" if before.spec.source_id != after.spec.source_id else "destination_id"
            raise DeclarationError(
                changed,
                getattr(after.spec, changed),
                "would replace the connection: it is deleted with its sync state and created again",
                f"say allow_replace=True if that is meant (it has {getattr(before.spec, changed)})",
            )
        session.reserve(("replacing", urn), urn)
    if before is None and after.spec.kind is CATALOG:
        return Operation.ATTACH
    # The engine checks a replacement a second time, as if it were new.
    return Operation.REPLACE if urn and session.claimed(("replacing", urn)) else None


def _own(session: Session, before: Baseline | None, after: Baseline, name: str) -> ConnectionRead | None:
    """The live connection of a resource, found by its name: a check is not told its id."""
    connection_id = own_id(session, before, after, name)
    try:
        connection = session.client.get_connection(connection_id) if connection_id else None
    except NotFoundError:
        return None
    if connection is not None:
        session.note_ends(connection)
    return connection


def _replaced(before: Baseline, after: Baseline) -> bool:
    return (after.spec.source_id is not None and before.spec.source_id != after.spec.source_id) or (
        after.spec.destination_id is not None and before.spec.destination_id != after.spec.destination_id
    )
