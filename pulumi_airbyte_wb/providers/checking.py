"""``check``: read what a program declares, and say what it will do.

An unchanged declaration costs no call to the server. A changed one asks for what many resources share (what the source
offers, what the destination can), once per run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_airbyte_wb.catalog.schemas import STREAM_GONE
from pulumi_airbyte_wb.catalog.selectors import expand, matches
from pulumi_airbyte_wb.errors import DeclarationError, NotFoundError
from pulumi_airbyte_wb.models import AirbyteStream, ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import (
    FIELDS,
    Declaration,
    Operation,
    Plan,
    SchemaChanges,
    build_plan,
    encode,
    read_inputs,
)
from pulumi_airbyte_wb.plan.codec import PLANNED
from pulumi_airbyte_wb.plan.declaration import (
    CATALOG,
    COMPUTED,
    CONNECTION,
    DERIVED,
    SECRET,
    Shape,
    problems_of,
    read_state,
)
from pulumi_airbyte_wb.plan.notes import NOTES
from pulumi_airbyte_wb.providers import journal
from pulumi_airbyte_wb.providers.carrying import left_behind, with_notes, with_others
from pulumi_airbyte_wb.providers.facts import NAMING, columns_left, facts_of, offers_of, own_id, renames
from pulumi_airbyte_wb.providers.guarding import leaving
from pulumi_airbyte_wb.providers.observing import live_notes, noted_naming, observed, situated
from pulumi_airbyte_wb.providers.pending import with_pending
from pulumi_airbyte_wb.providers.refusing import (
    adopted_connection,
    check_handed_over,
    check_ids,
    check_overrides,
    check_streams,
    check_tables,
    check_twins,
    live_connection,
)
from pulumi_airbyte_wb.providers.schemas import pending_schema
from pulumi_airbyte_wb.providers.server_rules import default_of_server, resets_of_server
from pulumi_airbyte_wb.providers.session import Session
from pulumi_airbyte_wb.providers.supported import check_supported


@dataclass(frozen=True)
class Checked:
    """The outcome of a check: the inputs to keep, or what is wrong.

    Args:
        inputs: the inputs to keep, ``planned`` among them.
        problems: what cannot be, whatever is approved.
        plan: what is planned; ``None`` where nothing changes, or something is wrong.
        connection: the live connection that the plan is about, where it is known for certain.
    """

    inputs: dict[str, Any]
    problems: tuple[DeclarationError, ...] = ()
    plan: Plan | None = None
    connection: ConnectionRead | None = None


def check(
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    unknown: frozenset[str],
    session: Callable[[str], Session],
    shape: Shape = CONNECTION,
) -> Checked:
    """Check a resource's inputs.

    Args:
        olds: the inputs in state; empty for a new resource.
        news: the inputs of the program.
        unknown: the top-level inputs that are not known yet.
        session: answers the session of a named server.
        shape: what the resource may declare.

    Raises:
        AirbyteError: the server does not answer, or the state cannot be read.
    """
    given = {name: value for name, value in news.items() if name not in COMPUTED or name in SECRET}
    reading = read_inputs(given, unknown, shape)
    after = reading.declaration
    problems = reading.problems or tuple(problems_of(after))
    if problems:
        return Checked(dict(news), problems)
    before = read_state(olds, shape) if olds.get(shape.ids[0]) else None
    try:
        if after.shape is CATALOG and after.connection_id:
            hidden = session(after.server).hidden(after.connection_id) & {*NAMING, "streams"}
            after = replace(after, secret=after.secret | hidden)
        if before is not None and before.patterns and not after.patterns and after.streams == before.streams:
            # The engine gives the recorded streams back where the program says ignore_changes.
            after = replace(after, patterns=before.patterns)
        if before is not None:
            # What was secret and is no longer declared is still so: the server has its value.
            gone = frozenset(key for key in before.secret_streams if key not in (given.get("streams") or {}))
            after = replace(
                after, secret=after.secret | (before.secret - given.keys()), secret_streams=after.secret_streams | gone
            )
            waiting = before.owed.keys() | before.due.keys()
            after = replace(after, resets=after.resets.after(before.resets, waiting))
        after = with_notes(before, _resolve_patterns(before, after, session), _resource_name(news))
        check_handed_over(before, after)
        if before is not None and before.record() == after.record() and not _moves_under(before, session):
            return Checked(_inputs(after, news, {}))
        check_overrides(before, after)
        after, plan, connection = _plan(before, after, session(after.server), news)
    except DeclarationError as problem:
        return Checked(dict(news), (problem,))
    inputs = _inputs(replace(after, owed=plan.owed, due=plan.due), news, encode(plan))
    return Checked(inputs, (), plan, connection)


def _plan(
    before: Declaration | None, after: Declaration, session: Session, news: Mapping[str, Any]
) -> tuple[Declaration, Plan, ConnectionRead | None]:
    """The declaration with what was learnt on the way, the plan, and the live connection where that is certain."""
    name, urn = _resource_name(news), str(news.get("resource_urn", ""))
    if before is not None and after.shape is CONNECTION:
        name = str(before.fields.get("name") or before.naming.get("name") or name)
    operation, known_id, connection = None, None, None
    declared = after
    if after.shape is CATALOG and after.connection_id:
        known_id = after.connection_id
        connection = live_connection(session, "connection_id", known_id)
        name, after = connection.name, situated(after, connection, session.coming(known_id))
        declared = replace(declared, naming=noted_naming(after))
        if before is None or before.connection_id != known_id:
            before, operation = _before_adoption(session, urn, connection, after), Operation.ATTACH
        else:
            # What is in the connection and not noted yet is taken over as it is, not added.
            others = live_notes(connection, replace(after, streams=before.streams))["others"]
            before = situated(replace(before, others={**others, **before.others}), connection, before.naming)
            if renames(before, after):
                behind = declared.left | left_behind(before, after)
                declared = replace(declared, left=behind, retired=dict.fromkeys(declared.retired))
    elif before is None and after.adopt:
        known_id = after.adopt
        connection = adopted_connection(session, after, urn)
        before, operation = _before_adoption(session, urn, connection, after), Operation.ADOPT
        declared = after = replace(after, **live_notes(connection, after), legacy=before.legacy)
    elif before is not None and _replaced(before, after):
        if not after.allow_replace:
            changed = "source_id" if before.source_id != after.source_id else "destination_id"
            raise DeclarationError(
                changed,
                getattr(after, changed),
                "would replace the connection: it is deleted with its sync state, then created",
                f"say allow_replace=True if that is meant (it has {getattr(before, changed)})",
            )
        session.reserve(("replacing", urn), urn)
    if operation is None and urn and session.claimed(("replacing", urn)):
        # The engine checks a replacement a second time, as if it were new.
        operation = Operation.REPLACE
    check_supported(session, before, after)
    check_ids(session, after)
    if before is None and after.shape is CONNECTION and not after.unknown:
        check_twins(session, after, name, urn)
    # A connection that takes the place of another one knows nothing of its tables, and counts generations from one.
    recorded = None if operation is Operation.REPLACE else with_others(before, after)
    facts = facts_of(session, recorded, after, name, known_id, urn)
    facts = check_streams(session, recorded, after, facts)
    left = columns_left(session, recorded, after, name, known_id)
    declared = replace(declared, columns={**declared.columns, **left})
    check_tables(session, recorded, after, urn)
    if connection is None and recorded is not None:
        connection = _own(session, recorded, after, name)
    facts = replace(facts, server_resets=_server_resets(session, urn, recorded, after, connection))
    plan = build_plan(
        recorded, after, facts, operation=operation,
        subject=connection.connection_id if connection and operation else "",
        subject_name=_shown_name(connection, after) if connection and operation else "",
    )  # fmt: skip
    if connection is not None:
        gone = leaving(session, urn, situated(after, connection), recorded, connection)
        default = default_of_server(session, after, connection, gone, plan, facts)
        plan = replace(plan, server_default=default)
    return declared, plan, connection


def _own(session: Session, recorded: Declaration, after: Declaration, name: str) -> ConnectionRead | None:
    """The live connection of a resource, found by its name: a check is not told its id."""
    connection_id = own_id(session, recorded, after, name)
    try:
        return session.client.get_connection(connection_id) if connection_id else None
    except NotFoundError:
        return None


def _server_resets(
    session: Session, urn: str, recorded: Declaration | None, after: Declaration, connection: ConnectionRead | None
) -> frozenset[StreamDescriptor] | None:
    if connection is None:
        return None
    gone = leaving(session, urn, situated(after, connection), recorded, connection)
    return resets_of_server(session, after, connection, gone, recorded)


def _before_adoption(session: Session, urn: str, connection: ConnectionRead, after: Declaration) -> Declaration:
    """What is there to be adopted, with what an adoption that died has changed and not re-synced."""
    earlier = journal.owed(session, urn, connection)
    live = with_pending(session, connection, observed(connection, after))
    live = replace(live, schema=pending_schema(session, connection, after))
    return live if earlier is None else journal.with_owed(live, observed(earlier, after))


def _moves_under(before: Declaration, session: Callable[[str], Session]) -> bool:
    """Whether another resource of this program gives the tables of this ``Catalog`` other names, or has given them."""
    if before.shape is not CATALOG or not before.connection_id or not before.naming:
        return False
    declared = session(before.server).declared(before.connection_id)
    return any(declared.get(name, before.naming.get(name)) != before.naming.get(name) for name in NAMING)


def _shown_name(connection: ConnectionRead, declaration: Declaration) -> str:
    # A Catalog cannot know whether the name that another resource gave the connection is a secret of the program.
    hidden = "name" in declaration.secret or declaration.shape is CATALOG
    return "" if hidden else connection.name


def _replaced(before: Declaration, after: Declaration) -> bool:
    return (after.source_id is not None and before.source_id != after.source_id) or (
        after.destination_id is not None and before.destination_id != after.destination_id
    )


def _resolve_patterns(before: Declaration | None, after: Declaration, session: Callable[[str], Session]) -> Declaration:
    """Give each pattern its streams: an unchanged pattern keeps those that it had, a new one asks the source."""
    streams = dict(after.streams or {})
    offers: Mapping[StreamDescriptor, AirbyteStream] | None = None
    same = before is not None and all(getattr(before, name) == getattr(after, name) for name in after.shape.ids)
    for pattern, spec in after.patterns.items():
        # A stream that vanished from the source stays until its schema is accepted, or it is taken out by name.
        vanished = {stream for stream, notes in before.schema.items() if STREAM_GONE in notes} if before else set()
        if after.schema_changes is not SchemaChanges.ACCEPT:
            vanished = set()
        had = before.streams or {} if before and same else {}
        found = [stream for stream in had if matches(pattern, stream) and stream not in vanished]
        if after.unknown & set(after.shape.ids):
            continue
        if before is None or not same or before.patterns.get(pattern) != spec:
            offers = _offers_for(after, session(after.server)) if offers is None else offers
            if not expand(pattern, offers):
                offers = _offers_for(after, session(after.server), fresh=True)
            found += [stream for stream in expand(pattern, offers) if stream not in found]
            if not found:
                names = ", ".join(sorted(stream.key for stream in offers)[:12]) or "none"
                raise DeclarationError(
                    f'streams["{pattern}"]', pattern, "names no stream of the source", f"it has {names}"
                )
        for stream in found:
            streams.setdefault(stream, spec)
    return replace(after, streams=streams) if after.patterns else after


def _offers_for(after: Declaration, session: Session, *, fresh: bool = False) -> dict[StreamDescriptor, AirbyteStream]:
    check_ids(session, after)
    source = after.source_id
    if after.connection_id:
        source = live_connection(session, "connection_id", after.connection_id).source_id
    return offers_of(session, source or "", fresh=fresh)


def _inputs(after: Declaration, news: Mapping[str, Any], planned: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs to keep: canonical, with what is computed, unknown values left as the engine gave them."""
    inputs = {name: value for name, value in news.items() if name not in {*DERIVED, PLANNED, "recorded"}}
    record = after.record()
    inputs |= {
        name: record[name]
        for name in (*after.shape.ids, "streams", "patterns", *NOTES, *FIELDS)
        if record.get(name) is not None and name not in after.unknown
    }
    if planned:
        inputs[PLANNED] = dict(planned)
    if after.secret_streams:
        inputs["secret_streams"] = sorted(after.secret_streams)
    if after.secret or after.secret_streams:
        inputs["secret_inputs"] = sorted(after.secret)
        # Empty inputs of these names are what makes the engine keep what gets their names later secret too.
        empty = {name: {} for name in DERIVED} | {"left": [], "legacy": False, "recorded": ""}
        if "streams" in after.secret:
            empty[PLANNED] = {}
        inputs = {**empty, **inputs}
    return inputs


def _resource_name(inputs: Mapping[str, Any]) -> str:
    return str(inputs.get("name") or str(inputs.get("resource_urn", "")).rsplit("::", 1)[-1])
