"""Taking over what is there: an adoption, and a new ``Catalog``.

What state does not know yet is never changed and re-synced in one run. The run that takes over records what is live and
sends nothing; its plan tells what the next run does, which finds the live values in state and plans as ever. Only
streams of a new ``Catalog`` that need nothing else are added at once.
"""

from __future__ import annotations

from dataclasses import replace

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.lifecycle.guard import leaving
from pulumi_airbyte_wb.lifecycle.read import refreshed, with_new_matches
from pulumi_airbyte_wb.lifecycle.validate import adopted_connection, live_connection
from pulumi_airbyte_wb.live.observe import observe, situated
from pulumi_airbyte_wb.live.requests import catalog_to_send
from pulumi_airbyte_wb.live.secrets import unmasked
from pulumi_airbyte_wb.live.server_resets import check_accepted
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Obstacle, Operation, Plan
from pulumi_airbyte_wb.spec.connection import CATALOG
from pulumi_airbyte_wb.spec.resets import Policy
from pulumi_airbyte_wb.state.baseline import Baseline


def subject_of(session: Session, after: Baseline, urn: str) -> ConnectionRead | None:
    """The connection that a new resource takes over, in whole or in part; ``None`` where it takes over none.

    Raises:
        DeclarationError: there is no such connection, or it cannot be taken over.
    """
    if after.spec.kind is CATALOG:
        if not after.spec.connection_id:
            return None
        connection = live_connection(session, "connection_id", after.spec.connection_id)
        return connection.model_copy(update=dict(session.coming(after.spec.connection_id)))
    return adopted_connection(session, after, urn) if after.spec.options.adopt else None


def as_it_is(session: Session, connection: ConnectionRead, after: Baseline, name: str) -> Baseline:
    """What is recorded of a connection that is taken over: all that is declared of it, as it is live.

    It is what a refresh makes of it, so that a refresh that follows finds nothing new. A declared stream that is not
    live is absent.
    """
    declared = {stream: spec.without_keys() for stream, spec in after.streams.items()}
    if declared:
        after = replace(after, spec=replace(after.spec, streams=declared))
    live = observe(session, connection, after).baseline
    if live.spec.streams is not None:
        streams = {stream: spec if stream in after.streams else spec.told() for stream, spec in live.streams.items()}
        live = replace(live, spec=replace(live.spec, streams=streams))
    taken = replace(live, memory=observe(session, connection, live).baseline.memory)
    return refreshed(observe(session, connection, taken), name)


def in_two_runs(
    session: Session, connection: ConnectionRead, taken: Baseline, after: Baseline, wished: Plan, urn: str
) -> tuple[Baseline, Plan]:
    """What state gets by this run, and its plan: what is wished beyond that is left to the next run.

    Args:
        session: the server.
        connection: the live connection.
        taken: what of it is declared, as it is live.
        after: what is declared.
        wished: what an update of ``taken`` would do.
        urn: the resource.
    """
    added = _added_at_once(connection, after, wished) if after.spec.kind is CATALOG else set()
    later = replace(
        wished,
        effects=tuple(each for each in wished.effects if each.stream not in added),
        obstacles=_obstacles(session, connection, taken, after, urn),
    )
    plan = Plan(
        Operation.ATTACH if after.spec.kind is CATALOG else Operation.ADOPT,
        connection.connection_id,
        # A Catalog cannot know whether the name that another resource gave the connection is a secret of the program.
        "" if "name" in after.spec.secret or after.spec.kind is CATALOG else connection.name,
        effects=tuple(each for each in wished.effects if each.stream in added),
        wait=after.resets.wait,
        paused=wished.paused,
        secret=wished.secret,
        next_run=later if later.effects or later.fields or later.undecided else None,
        obstacles=later.obstacles if added else (),
    )
    new = {stream: spec for stream, spec in after.streams.items() if stream in added}
    if new:
        taken = replace(taken, spec=replace(taken.spec, streams={**taken.streams, **new}, patterns=after.spec.patterns))
        taken = with_new_matches(session, connection, taken)
    return taken, plan


def _obstacles(
    session: Session, connection: ConnectionRead, taken: Baseline, after: Baseline, urn: str
) -> tuple[Obstacle, ...]:
    """What stands in the way of the catalog that brings the connection to what is declared, where that differs."""
    gone = leaving(session, urn, situated(after, connection), taken, connection)
    try:
        sent = catalog_to_send(session, after, unmasked(session, connection, after), gone).get("sync_catalog")
        check_accepted(session, connection, sent, None, after.spec)
    except PlanError as error:
        if isinstance(error.obstacle, Obstacle):
            return (error.obstacle,)
        raise
    return ()


def _added_at_once(connection: ConnectionRead, after: Baseline, wished: Plan) -> set[StreamDescriptor]:
    """The declared streams that the connection has not, and that need nothing but to be added to it."""
    live = connection.sync_catalog.selected().keys()
    effects = wished.by_stream()
    return {
        stream
        for stream in after.streams.keys() - live
        if stream in effects
        and all(each.outcome is Action.NONE and each.overruled_by is not Policy.SERVER for each in effects[stream])
    }
