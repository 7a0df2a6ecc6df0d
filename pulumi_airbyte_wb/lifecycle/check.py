"""``check``: read what a program declares, and say what it will do.

An unchanged declaration costs no call to the server. A changed one asks for what many resources share (what the source
offers, what the destination can), once per run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.lifecycle.adoption import as_it_is, in_two_runs, subject_of
from pulumi_airbyte_wb.lifecycle.carry import carried
from pulumi_airbyte_wb.lifecycle.diff import options_changed
from pulumi_airbyte_wb.lifecycle.planning import plan_of, resource_name
from pulumi_airbyte_wb.lifecycle.replacement import note_in_state, note_turn, obstacle_to_replacing, obstacle_to_taking
from pulumi_airbyte_wb.lifecycle.validate import (
    check_ids,
    check_overrides,
    check_released,
    live_connection,
)
from pulumi_airbyte_wb.live.schema import offers_of
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import AirbyteStream, ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import Operation, Plan, encode
from pulumi_airbyte_wb.spec.connection import CATALOG, CONNECTION, ConnectionSpec, ResourceKind
from pulumi_airbyte_wb.spec.fields import FIELDS
from pulumi_airbyte_wb.spec.input_names import COMPUTED, DERIVED, PLANNED, SECRET
from pulumi_airbyte_wb.spec.parsing import parse_spec, problems_of
from pulumi_airbyte_wb.spec.patterns import expand, matches, resolved
from pulumi_airbyte_wb.spec.resets import SchemaChanges, lasting
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.tables import NAMING
from pulumi_airbyte_wb.state.baseline import MEMORY, Baseline, read_baseline
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.newer_schema import STREAM_GONE
from pulumi_airbyte_wb.state.pending import Deferred, Required


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


def check_declaration(
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    unknown: frozenset[str],
    session: Callable[[str], Session],
    kind: ResourceKind = CONNECTION,
) -> Checked:
    """Check a resource's inputs.

    Args:
        olds: the inputs in state; empty for a new resource.
        news: the inputs of the program.
        unknown: the top-level inputs that are not known yet.
        session: answers the session of a named server.
        kind: what the resource may declare.

    Raises:
        AirbyteError: the server does not answer, or the state cannot be read.
    """
    given = {name: value for name, value in news.items() if name not in COMPUTED or name in SECRET}
    parsed = parse_spec(given, unknown, kind)
    spec = parsed.spec
    problems = parsed.problems or tuple(problems_of(spec))
    if problems:
        return Checked(dict(news), problems)
    before = read_baseline(olds, kind) if olds.get(kind.ids[0]) else None
    if before is not None and _is_of_another(before, spec):
        # The engine replaces it, and checks it as a new one then.
        before = None
    try:
        spec = _as_secret_as_connection(spec, session)
        if before is not None:
            spec = _as_before(before.spec, spec, given, before.memory)
        spec = _resolve_patterns(before, spec, session)
        note_turn(session(spec.options.server), news, spec, in_state=bool(olds.get(kind.ids[0])))
        if before is None:
            return _new(spec, news, session)
        return _again(before, spec, olds, news, session)
    except DeclarationError as problem:
        return Checked(dict(news), (problem,))


def _as_secret_as_connection(spec: ConnectionSpec, sessions: Callable[[str], Session]) -> ConnectionSpec:
    """What a ``Catalog`` declares, as secret as its connection is where this program declares that too."""
    if spec.kind is not CATALOG or not spec.connection_id:
        return spec
    hidden = sessions(spec.options.server).hidden(spec.connection_id) & {*NAMING, "streams"}
    return replace(spec, secret=spec.secret | hidden)


def _as_before(
    before: ConnectionSpec, spec: ConnectionSpec, given: Mapping[str, Any], memory: Memory
) -> ConnectionSpec:
    """What is declared, with what stays of what was declared before: patterns, secrets, spent permissions."""
    if before.patterns and not spec.patterns and spec.streams == before.streams:
        # The engine gives the recorded streams back where the program says ignore_changes.
        spec = replace(spec, patterns=before.patterns)
    # What was secret and is declared no longer is still so: the server has its value.
    gone = frozenset(key for key in before.secret_streams if key not in (given.get("streams") or {}))
    waiting = memory.of(Deferred).keys() | memory.of(Required).keys()
    return replace(
        spec,
        secret=spec.secret | (before.secret - given.keys()),
        secret_streams=spec.secret_streams | gone,
        options=replace(spec.options, resets=spec.options.resets.after(before.options.resets, waiting)),
    )


def _new(spec: ConnectionSpec, news: Mapping[str, Any], sessions: Callable[[str], Session]) -> Checked:
    """Check a resource that is not in state: what is there already is taken over first, and changed by the next run."""
    after = Baseline(spec)
    check_overrides(None, after)
    session, urn = sessions(spec.options.server), str(news.get("resource_urn", ""))
    connection = subject_of(session, after, urn)
    if connection is None:
        obstacle = obstacle_to_replacing(session, urn, spec) if spec.kind is CONNECTION else None
        if obstacle is not None:
            return _checked(after, Plan(Operation.UPDATE, obstacles=(obstacle,)), news, None)
        after, plan, connection = plan_of(None, after, session, news)
        return _checked(after, plan, news, connection)
    name = urn.rsplit("::", 1)[-1]
    taken = as_it_is(session, connection, after, name)
    after = carried(taken, spec, resource_name(news))
    _, wished, _ = plan_of(taken, after, session, news, connection)
    taken, plan = in_two_runs(session, connection, taken, after, wished, urn)
    obstacle = obstacle_to_taking(session, urn, connection.connection_id)
    if obstacle is not None:
        plan = replace(plan, obstacles=(obstacle,))
    return Checked(_inputs(taken, _unspent(news), encode(plan)), (), plan, connection)


def _again(
    before: Baseline,
    spec: ConnectionSpec,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    sessions: Callable[[str], Session],
) -> Checked:
    """Check a resource that is in state: where it is declared as before, the server is not asked."""
    note_in_state(sessions(spec.options.server), str(news.get("resource_urn", "")), spec)
    after = carried(before, spec, resource_name(news))
    check_released(before, after)
    check_overrides(before, after)
    same = before.record() == after.record() and not options_changed(olds, news)
    if same and not _moves_under(before, sessions):
        return Checked(_inputs(after, news, {}))
    after, plan, connection = plan_of(before, after, sessions(spec.options.server), news)
    return _checked(after, plan, news, connection)


def _checked(after: Baseline, plan: Plan, news: Mapping[str, Any], connection: ConnectionRead | None) -> Checked:
    memory = after.memory.having(Deferred, plan.deferred).having(Required, plan.required)
    return Checked(_inputs(replace(after, memory=memory), news, encode(plan)), (), plan, connection)


def _unspent(news: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs without permissions for one run: the run that takes over uses none, so the next one may."""
    resets = lasting(news.get("resets") or {})
    rest = {name: value for name, value in news.items() if name != "resets"}
    return rest | ({"resets": resets} if resets else {})


def _is_of_another(before: Baseline, spec: ConnectionSpec) -> bool:
    """Whether a ``Catalog`` is of another connection than before."""
    return spec.connection_id is not None and before.spec.connection_id != spec.connection_id


def _moves_under(before: Baseline, session: Callable[[str], Session]) -> bool:
    """Whether another resource of this program gives the tables of this ``Catalog`` other names, or has given them."""
    if before.spec.kind is not CATALOG or not before.spec.connection_id or not before.memory.undeclared_fields:
        return False
    declared = session(before.spec.options.server).declared(before.spec.connection_id)
    return any(
        declared.get(name, before.memory.undeclared_fields.get(name)) != before.memory.undeclared_fields.get(name)
        for name in NAMING
    )


def _resolve_patterns(
    before: Baseline | None, spec: ConnectionSpec, session: Callable[[str], Session]
) -> ConnectionSpec:
    """Give each pattern its streams: an unchanged pattern keeps those that it had, a new one asks the source."""
    if not spec.patterns:
        return spec
    offers: Mapping[StreamDescriptor, AirbyteStream] | None = None
    same = before is not None and all(getattr(before.spec, name) == getattr(spec, name) for name in spec.kind.ids)
    had = _had(before, spec) if before and same else {}
    naming: dict[StreamDescriptor, list[str]] = {}
    for pattern, line in spec.patterns.items():
        found = [stream for stream in had if matches(pattern, stream)]
        if spec.unknown & set(spec.kind.ids):
            continue
        if before is None or not same or before.spec.patterns.get(pattern) != line:
            offers = _offers_for(spec, session(spec.options.server)) if offers is None else offers
            if not expand(pattern, offers):
                offers = _offers_for(spec, session(spec.options.server), fresh=True)
            found += [stream for stream in expand(pattern, offers) if stream not in found]
            if not found:
                names = ", ".join(sorted(stream.key for stream in offers)[:12]) or "none"
                raise DeclarationError(
                    f'streams["{pattern}"]', pattern, "names no stream of the source", f"it has {names}"
                )
        for stream in found:
            naming.setdefault(stream, []).append(pattern)
    return replace(spec, streams=resolved(dict(spec.streams or {}), spec.patterns, naming))


def _had(before: Baseline, spec: ConnectionSpec) -> Mapping[StreamDescriptor, StreamSpec]:
    """The streams that patterns named before; one that vanished from the source stays until its schema is accepted."""
    accepted = spec.options.schema_changes is SchemaChanges.ACCEPT
    vanished = {s for s, notes in before.memory.newer_schema.items() if accepted and STREAM_GONE in notes}
    return {stream: line for stream, line in before.streams.items() if stream not in vanished}


def _offers_for(
    spec: ConnectionSpec, session: Session, *, fresh: bool = False
) -> dict[StreamDescriptor, AirbyteStream]:
    check_ids(session, spec)
    source = spec.source_id
    if spec.connection_id:
        source = live_connection(session, "connection_id", spec.connection_id).source_id
    return offers_of(session, source or "", fresh=fresh)


def _inputs(after: Baseline, news: Mapping[str, Any], planned: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs to keep: canonical, with what is computed, unknown values left as the engine gave them."""
    known = {"streams", *FIELDS} - after.spec.unknown
    inputs = {name: value for name, value in news.items() if name not in {*DERIVED, PLANNED, "recorded", *known}}
    record = after.record()
    inputs |= {
        name: record[name]
        for name in (*after.spec.kind.ids, "streams", "patterns", MEMORY, *FIELDS)
        if record.get(name) is not None and name not in after.spec.unknown
    }
    if planned:
        inputs[PLANNED] = dict(planned)
    if after.spec.secret_streams:
        inputs["secret_streams"] = sorted(after.spec.secret_streams)
    if after.spec.secret or after.spec.secret_streams:
        inputs["secret_inputs"] = sorted(after.spec.secret)
        # Empty inputs of these names are what makes the engine keep what gets their names later secret too.
        empty: dict[str, Any] = {**{name: {} for name in DERIVED}, "recorded": ""}
        if "streams" in after.spec.secret:
            empty[PLANNED] = {}
        inputs = {**empty, **inputs}
    return inputs
