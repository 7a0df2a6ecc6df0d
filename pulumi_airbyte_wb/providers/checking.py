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
from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import AirbyteStream, ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import FIELDS, Declaration, Plan, SchemaChanges, encode, read_inputs
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
from pulumi_airbyte_wb.plan.resets import lasting
from pulumi_airbyte_wb.providers.adopting import as_it_is, in_two_runs, subject_of
from pulumi_airbyte_wb.providers.carrying import with_notes
from pulumi_airbyte_wb.providers.facts import NAMING, offers_of
from pulumi_airbyte_wb.providers.forcing import note_in_state, obstacle_to_taking
from pulumi_airbyte_wb.providers.planning import plan_of, resource_name
from pulumi_airbyte_wb.providers.refusing import (
    check_handed_over,
    check_ids,
    check_overrides,
    live_connection,
)
from pulumi_airbyte_wb.providers.session import Session


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
    if before is not None and _is_of_another(before, after):
        # The engine replaces it, and checks it as a new one then.
        before = None
    try:
        if after.shape is CATALOG and after.connection_id:
            hidden = session(after.server).hidden(after.connection_id) & {*NAMING, "streams"}
            after = replace(after, secret=after.secret | hidden)
        if before is not None:
            after = _with_past(before, after, given)
        after = _resolve_patterns(before, after, session)
        if before is None:
            return _new(after, news, session)
        note_in_state(session(after.server), str(news.get("resource_urn", "")), after)
        after = with_notes(before, after, resource_name(news))
        check_handed_over(before, after)
        if before.record() == after.record() and not _moves_under(before, session):
            return Checked(_inputs(after, news, {}))
        check_overrides(before, after)
        after, plan, connection = plan_of(before, after, session(after.server), news)
    except DeclarationError as problem:
        return Checked(dict(news), (problem,))
    return _checked(after, plan, news, connection)


def _new(after: Declaration, news: Mapping[str, Any], sessions: Callable[[str], Session]) -> Checked:
    """Check a resource that is not in state: what is there already is taken over first, and changed by the next run."""
    check_overrides(None, after)
    session, urn = sessions(after.server), str(news.get("resource_urn", ""))
    connection = subject_of(session, after, urn)
    if connection is None:
        after, plan, connection = plan_of(None, after, session, news)
        return _checked(after, plan, news, connection)
    name = urn.rsplit("::", 1)[-1]
    taken = as_it_is(session, connection, after, name)
    after = with_notes(taken, after, resource_name(news))
    _, wished, _ = plan_of(taken, after, session, news, connection)
    taken, plan = in_two_runs(session, connection, taken, after, wished)
    obstacle = obstacle_to_taking(session, urn, connection.connection_id)
    if obstacle is not None:
        plan = replace(plan, obstacles=(obstacle,))
    return Checked(_inputs(taken, _unspent(news), encode(plan)), (), plan, connection)


def _with_past(before: Declaration, after: Declaration, given: Mapping[str, Any]) -> Declaration:
    """What is declared, with the secrets, patterns and spent permissions that state knows of."""
    if before.patterns and not after.patterns and after.streams == before.streams:
        # The engine gives the recorded streams back where the program says ignore_changes.
        after = replace(after, patterns=before.patterns)
    # What was secret and is declared no longer is still so: the server has its value.
    gone = frozenset(key for key in before.secret_streams if key not in (given.get("streams") or {}))
    return replace(
        after,
        secret=after.secret | (before.secret - given.keys()),
        secret_streams=after.secret_streams | gone,
        resets=after.resets.after(before.resets, before.owed.keys() | before.due.keys()),
    )


def _checked(after: Declaration, plan: Plan, news: Mapping[str, Any], connection: ConnectionRead | None) -> Checked:
    inputs = _inputs(replace(after, owed=plan.owed, due=plan.due), news, encode(plan))
    return Checked(inputs, (), plan, connection)


def _unspent(news: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs without permissions for one run: the run that takes over uses none, so the next one may."""
    resets = lasting(news.get("resets") or {})
    rest = {name: value for name, value in news.items() if name != "resets"}
    return rest | ({"resets": resets} if resets else {})


def _is_of_another(before: Declaration, after: Declaration) -> bool:
    """Whether a ``Catalog`` is of another connection than before."""
    return after.connection_id is not None and before.connection_id != after.connection_id


def _moves_under(before: Declaration, session: Callable[[str], Session]) -> bool:
    """Whether another resource of this program gives the tables of this ``Catalog`` other names, or has given them."""
    if before.shape is not CATALOG or not before.connection_id or not before.naming:
        return False
    declared = session(before.server).declared(before.connection_id)
    return any(declared.get(name, before.naming.get(name)) != before.naming.get(name) for name in NAMING)


def _resolve_patterns(before: Declaration | None, after: Declaration, session: Callable[[str], Session]) -> Declaration:
    """Give each pattern its streams: an unchanged pattern keeps those that it had, a new one asks the source."""
    streams = dict(after.streams or {})
    offers: Mapping[StreamDescriptor, AirbyteStream] | None = None
    same = before is not None and all(getattr(before, name) == getattr(after, name) for name in after.shape.ids)
    for pattern, spec in after.patterns.items():
        # A stream that vanished from the source stays until its schema is accepted, or somebody takes it out by name.
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
    known = {"streams", *FIELDS} - after.unknown
    inputs = {name: value for name, value in news.items() if name not in {*DERIVED, PLANNED, "recorded", *known}}
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
