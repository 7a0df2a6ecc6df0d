"""Between the engine's property bags and our declarations: what the providers of connections and catalogs share."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult, DiffResult, UpdateResult

from pulumi_airbyte_wb.errors import AirbyteError, ApiError, DeclarationError, PlanError
from pulumi_airbyte_wb.lifecycle import read
from pulumi_airbyte_wb.lifecycle.check import Checked, check_declaration
from pulumi_airbyte_wb.lifecycle.diff import check_adopted, difference
from pulumi_airbyte_wb.lifecycle.foresight import Foresight, foresee
from pulumi_airbyte_wb.lifecycle.left_tables import note_left
from pulumi_airbyte_wb.lifecycle.update import carry_out
from pulumi_airbyte_wb.live.context import Context
from pulumi_airbyte_wb.live.server_queue import with_outcome
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Operation, Plan, encode, explain, planned_of
from pulumi_airbyte_wb.plan.blocking import blocked_by
from pulumi_airbyte_wb.plan.costs import estimates, total
from pulumi_airbyte_wb.plan.explain import blocking_codes
from pulumi_airbyte_wb.providers.advice import advice
from pulumi_airbyte_wb.providers.bag import hide, unknown_inputs
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.process import process
from pulumi_airbyte_wb.providers.refresh import Get, known, last_of, tell_notices, unpacked
from pulumi_airbyte_wb.providers.running import note_running
from pulumi_airbyte_wb.providers.shown import held_to_preview
from pulumi_airbyte_wb.spec.connection import CONNECTION, ConnectionSpec, ResourceKind
from pulumi_airbyte_wb.spec.input_names import PLANNED
from pulumi_airbyte_wb.spec.resets import SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.tables import NAMING
from pulumi_airbyte_wb.state.baseline import Baseline, from_inputs, read_baseline, read_memory
from pulumi_airbyte_wb.state.pending import InFlight


def check(olds: Mapping[str, Any], news: dict[str, Any], get: Get, kind: ResourceKind = CONNECTION) -> CheckResult:
    """Check inputs; for a resource that is new, print what its creation will do."""
    Console(str(news.get("resource_urn", ""))).here()
    try:
        checked = check_declaration(
            olds, news, unknown_inputs(news), lambda name: process.sessions.get(get, name), kind
        )
    except AirbyteError as error:
        return CheckResult(news, [CheckFailure("", advice(error))])
    # The engine looks values up by top-level name only, so the sentence names the whole path itself.
    failures = [CheckFailure("", str(problem)) for problem in hide(checked.problems, olds, news)]
    if not failures:
        checked = _as_shown(checked, str(news.get("resource_urn", "")))
    if not failures and not olds:
        _tell(checked.inputs, {})
    elif not failures:
        _foresee(checked, olds, get, kind)
    if not failures and olds:
        tell_notices(str(news.get("resource_urn", "")), read_baseline(olds, kind), news)
    with process.lock:
        process.checked.add(str(news.get("resource_urn", "")))
    return CheckResult(checked.inputs, failures)


def compare(
    id_: str, olds: Mapping[str, Any], news: Mapping[str, Any], get: Get, kind: ResourceKind = CONNECTION
) -> DiffResult:
    """Compare what is recorded with what is declared; for what changes, print what the update will do and cost."""
    unknown = unknown_inputs(news)
    # A refresh compares what was recorded: values that a person gave the server may be none that a program could.
    new = from_inputs(news, unknown, kind, recorded=True)
    check_adopted(id_, new)
    record, control = unpacked(olds, kind)
    found = difference(record, control, new, news, unknown)
    urn = str(news.get("resource_urn", ""))
    session = process.sessions.get(get, new.spec.options.server)
    note_left(session, urn, id_, new)
    if kind is CONNECTION:
        claim_connection(session, id_, urn, new.spec, record, moves=bool(planned_of(news).actions()))
    with process.lock:
        told = urn in process.checked
        process.checked.discard(urn)
        foreseen = process.foreseen.pop(urn, None)
    if found.changed and told:
        _tell(news, _costs(session, id_, planned_of(news)))
        recorded = Baseline(read_baseline({**record, **known(control)}, kind).spec, read_memory(record))
        _tell_outcome(session, id_, olds, news, recorded)
        if not found.replaces and not unknown:
            if foreseen is None or foreseen.connection_id != id_:
                context = as_recorded(context_of(news, get, kind), recorded)
                foreseen = foresee(context, id_, lambda: _live(context, id_, olds), recorded)
            _tell_foreseen(Console(urn), foreseen)
    return DiffResult(changes=found.changed, replaces=list(found.replaces), delete_before_replace=kind is CONNECTION)


def _tell_outcome(
    session: Session, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any], recorded: Baseline
) -> None:
    """Say what came of the re-syncs that no refresh has looked for yet."""
    if not recorded.memory.of(InFlight):
        return
    with suppress(AirbyteError):
        connection = read.find(session, id_, str(olds.get("workspace_id", "")))
        if connection is not None:
            urn = str(news.get("resource_urn", ""))
            tell_notices(urn, with_outcome(session, connection, recorded), news)


def claim_connection(
    session: Session, connection_id: str, urn: str, spec: ConnectionSpec, record: Mapping[str, Any], *, moves: bool
) -> None:
    """Note which resource has a connection, and what it declares of it.

    Raises:
        PlanError: another resource of the program has it.
    """
    given = {n: str(spec.fields[n]) for n in ("status", *NAMING) if n in spec.fields}
    # What is recorded already is not sent again: what a person has made of it since stays.
    changed_now = {n: value for n, value in given.items() if record.get(n) != value}
    session.foretell(connection_id, given, changed_now, moves=moves)
    owner = session.reserve(("connection", connection_id), urn) if urn else urn
    if owner != urn:
        raise PlanError(
            f"connection {connection_id} is that of {last_of(owner)} and of {last_of(urn)}; keep it in one of them"
        )


def claim(connection_id: str, inputs: Mapping[str, Any], get: Get) -> None:
    """Note who declares which streams of a connection.

    Raises:
        PlanError: another resource of the program declares the same.
    """
    urn = str(inputs.get("resource_urn", ""))
    streams = inputs.get("streams")
    if inputs.get("source_id") and inputs.get("secret_inputs"):
        process.sessions.get(get, str(inputs.get("server") or "")).hide(connection_id, inputs["secret_inputs"])
    if not isinstance(streams, Mapping) or not urn:
        return
    session = process.sessions.get(get, str(inputs.get("server") or ""))
    for stream, line in streams.items():
        _tell_line(session, connection_id, str(stream), line)
        other = session.reserve(("stream", connection_id, str(stream)), urn)
        if other != urn:
            raise PlanError(
                f"{stream} of connection {connection_id} is declared twice: by {last_of(other)} and by {last_of(urn)}; "
                "keep it in one of them"
            )


def _tell_line(session: Session, connection_id: str, stream: str, line: object) -> None:
    """Note a line with mappers: another resource that updates the connection sends them too, with their secrets."""
    if isinstance(line, str) and " mappers=" in line:
        with suppress(DeclarationError):
            session.tell_line(connection_id, stream, StreamSpec.parse(line))


def update(
    id_: str, olds: Mapping[str, Any], news: Mapping[str, Any], get: Get, kind: ResourceKind = CONNECTION
) -> UpdateResult:
    """Carry out what was planned, after a look at the live connection."""
    context = context_of(news, get, kind)
    record, control = unpacked(olds, kind)
    recorded = read_baseline({**record, **known(control)}, kind)
    context = as_recorded(context, recorded)
    connection = carry_out(context, id_, str(olds.get("workspace_id", "")), recorded)
    return UpdateResult(outputs(context, connection, news))


def as_recorded(context: Context, recorded: Baseline) -> Context:
    """A program that begins to accept schemas begins with the next refresh, which notes them: no preview has yet."""
    if recorded.spec.options.schema_changes is SchemaChanges.ACCEPT:
        return context
    spec = context.declaration.spec
    kept = replace(spec, options=replace(spec.options, schema_changes=SchemaChanges.KEEP))
    return replace(context, declaration=replace(context.declaration, spec=kept))


def context_of(
    props: Mapping[str, Any], get: Get, kind: ResourceKind = CONNECTION, *, recorded: bool = False
) -> Context:
    """What an execution works with; ``recorded`` inputs are those of what is taken over as it is."""
    declaration = from_inputs(props, frozenset(), kind, recorded=recorded)
    urn = str(props.get("resource_urn", ""))
    session = process.sessions.get(get, declaration.spec.options.server)
    return Context(session, Console(urn).here(), declaration, planned_of(props), urn, process.waiting)


def outputs(context: Context, connection: ConnectionRead, props: Mapping[str, Any]) -> dict[str, Any]:
    """What state keeps after a create or an update."""
    workspace = context.session.source(connection.source_id).workspace_id or ""
    note_running(context.urn, len(context.running))
    memory = context.declaration.memory
    learnt = memory.having(InFlight, {**memory.of(InFlight), **context.ordered})
    declaration = replace(context.declaration, memory=replace(learnt, not_taken=dict(context.not_taken)))
    return read.outputs(connection, declaration, workspace, read.control_of(props))


def _as_shown(checked: Checked, urn: str) -> Checked:
    """Block what the preview of the same command has not shown."""
    obstacle = held_to_preview(urn, checked.plan)
    if obstacle is None or checked.plan is None:
        return checked
    plan = replace(checked.plan, obstacles=(*checked.plan.obstacles, obstacle))
    return replace(checked, plan=plan, inputs={**checked.inputs, PLANNED: encode(plan)})


def _tell(inputs: Mapping[str, Any], costs: Mapping[StreamDescriptor | None, str]) -> None:
    console = Console(str(inputs.get("resource_urn", "")))
    plan = planned_of(inputs)
    by_stream = {stream: cost for stream, cost in costs.items() if stream is not None}
    for block in explain(plan, by_stream, lambda told: process.first_to_tell(told, last_of(console.urn))):
        console.info(block)
    if None in costs:
        console.info(costs[None])
    command = process.command
    if plan.actions() and command is not None and command.updates and not command.previews:
        console.info("no preview has shown this: it is carried out as it is planned here")
    if plan.is_blocked:
        console.warn(f"blocked: {blocking_codes(plan)}; nothing will be sent")


def _foresee(checked: Checked, olds: Mapping[str, Any], get: Get, kind: ResourceKind) -> None:
    """Look at the live connection where it is known for certain: what stands in the way becomes part of the plan."""
    plan, connection = checked.plan, checked.connection
    if plan is None or connection is None or plan.operation is not Operation.UPDATE or plan.undecided:
        return
    recorded = read_baseline(olds, kind)
    context = as_recorded(replace(context_of(checked.inputs, get, kind), plan=plan), recorded)
    # What another resource of this run changes of the connection is done before this one has its turn.
    coming = context.session.coming(connection.connection_id) if kind is not CONNECTION else {}
    there = connection.model_copy(update=dict(coming))
    foreseen = foresee(context, there.connection_id, lambda: there, recorded)
    if foreseen.obstacles:
        blocked = encode(replace(plan, obstacles=(*plan.obstacles, *foreseen.obstacles)))
        checked.inputs[PLANNED] = blocked
    with process.lock:
        process.foreseen[context.urn] = replace(foreseen, obstacles=())


def _tell_foreseen(console: Console, foreseen: Foresight) -> None:
    """Say what was seen of the live connection.

    Raises:
        PlanError: something stands in the way that the plan does not tell.
    """
    for line in foreseen.kept:
        console.info(line)
    for line in foreseen.warnings:
        console.warn(line)
    if foreseen.obstacles:
        raise blocked_by(foreseen.obstacles[0])


def _live(context: Context, id_: str, olds: Mapping[str, Any]) -> ConnectionRead | None:
    return read.find(context.session, id_, str(olds.get("workspace_id", "")))


def _costs(session: Session, connection_id: str, plan: Plan) -> dict[StreamDescriptor | None, str]:
    """What the planned re-syncs will cost, by stream, and together."""
    streams = [stream for stream, action in plan.actions().items() if action is not Action.BLOCK]
    if not streams:
        return {}
    try:
        jobs = session.history(connection_id).jobs
    except ApiError as error:
        return {None: f"what it costs cannot be told: {error}"}
    found = estimates(jobs, streams)
    costs: dict[StreamDescriptor | None, str] = {
        stream: str(cost) if cost else "no job has moved it yet" for stream, cost in found.items()
    }
    known = [cost for cost in found.values() if cost]
    if len(known) > 1:
        costs[None] = f"together: {total(known)}"
    return costs
