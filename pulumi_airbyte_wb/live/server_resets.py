"""What Airbyte itself would do about an update: asked of the exact mirror of its rules, at the server's version."""

from __future__ import annotations

from collections.abc import Collection

from pulumi_airbyte_wb.api.capabilities import Release
from pulumi_airbyte_wb.errors import ApiError, CatalogError, PlanError
from pulumi_airbyte_wb.live.merge import merge_catalogs
from pulumi_airbyte_wb.live.observe import observed, situated
from pulumi_airbyte_wb.live.requests import catalog_to_send
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionRead, StateType, StreamDescriptor, SyncCatalog
from pulumi_airbyte_wb.plan import Action, Facts, Obstacle, Plan, ServerDefault
from pulumi_airbyte_wb.plan.blocking import blocked_by
from pulumi_airbyte_wb.plan.table import LOSING
from pulumi_airbyte_wb.server_rules.resets import check_sent, server_resets
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import ConnectionSpec
from pulumi_airbyte_wb.spec.resets import Policy
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import Interrupted

_UNREADABLE = "internal"
"""The reason of a catalog that the server fails on, or that this mirror of it cannot read."""


def resets_of_server(
    session: Session,
    declaration: Baseline,
    connection: ConnectionRead,
    removed: Collection[StreamDescriptor],
    recorded: Baseline | None = None,
) -> frozenset[StreamDescriptor] | None:
    """The streams that Airbyte resets for what the program leaves to it; ``None`` where that cannot be foreseen.

    What is left to it goes out in an update of its own, after everything else is written. With ``recorded`` the streams
    count too whose change is written since then: an earlier run may have broken off before Airbyte came to the reset.
    """
    if situated(declaration, connection).paused:
        # It is left to Airbyte later, when the connection is activated.
        return None
    try:
        left = left_to_airbyte(session, declaration, connection, removed)
        written = _resets_of_written(session, declaration, connection, recorded) if recorded else frozenset()
        if not left:
            return written
        first = catalog_to_send(session, declaration, connection, removed, without=left)
        there = first.get("sync_catalog", connection.sync_catalog)
        sent = catalog_to_send(session, declaration, connection, removed).get("sync_catalog", there)
    except (ApiError, PlanError):
        return None
    found = _resets(session, connection, there, sent)
    return None if found is None or written is None else found | written


def default_of_server(
    session: Session,
    declaration: Baseline,
    connection: ConnectionRead,
    removed: Collection[StreamDescriptor],
    plan: Plan,
    facts: Facts,
) -> ServerDefault | None:
    """What Airbyte would do about the whole update without ``skipReset``, where that is worse than the plan."""
    if plan.paused or not plan.effects:
        return None
    try:
        sent = catalog_to_send(session, declaration, connection, removed).get("sync_catalog")
    except (ApiError, PlanError):
        return None
    resets = _resets(session, connection, connection.sync_catalog, sent)
    if resets is None:
        return None
    resets -= facts.blank
    specs = declaration.spec.streams or {}
    effects = {stream: found[0] for stream, found in plan.by_stream().items() if stream in specs}
    # Airbyte's default loses no more at the next sync than the plan does, once that is approved of.
    asked = {s: e for s, e in effects.items() if e.code not in LOSING}
    needs = {s for s, e in asked.items() if (e.called_for if e.overruled_by else e.action) is not Action.NONE}
    appended = {s for s in resets if s in specs and not (specs[s].mode.dedup or specs[s].mode.overwrites)}
    default = ServerDefault(
        resynced=len(resets) if facts.can_refresh else 0,
        cleared=0 if facts.can_refresh else len(resets),
        doubled=len(appended) if facts.can_refresh else 0,
        stale=len(needs - resets),
    )
    ours = {s for s, action in plan.actions().items() if action is not Action.BLOCK}
    worse = default.doubled or default.stale or resets - ours
    return default if worse else None


def exact_resets(
    session: Session, connection: ConnectionRead, sent: SyncCatalog | None
) -> tuple[StreamDescriptor, ...]:
    """The streams that this server resets when a catalog, or none, is sent without ``skipReset``.

    Raises:
        CatalogError: the server would refuse the catalog.
    """
    legacy = session.client.capabilities.has("resets.allOfLegacyState")
    state = session.history(connection.connection_id).state_type if legacy else StateType.STREAM
    return server_resets(connection.sync_catalog, sent, server_version=_version(session), state_type=state.value)


def check_accepted(
    session: Session,
    connection: ConnectionRead,
    sent: SyncCatalog | None,
    left: SyncCatalog | None,
    spec: ConnectionSpec,
) -> None:
    """Stop before a catalog that the server would refuse; what its version is has to be known for that.

    What this mirror cannot read a newer server may: only where Airbyte itself decides does that stop an update too.

    Args:
        session: the server.
        connection: the live connection.
        sent: the catalog of the first write, with ``skipReset``; ``None`` where it has none.
        left: that of the one that is left to Airbyte; ``None`` where nothing is.
        spec: what of it is secret.

    Raises:
        BlockedError: the server would refuse one of them.
    """
    if not session.client.capabilities.exact:
        return
    try:
        if sent is not None:
            check_sent(sent, server_version=_version(session))
    except CatalogError as error:
        if error.code != _UNREADABLE:
            raise _refused(error, spec) from None
    try:
        if left is not None:
            exact_resets(session, connection, left)
    except CatalogError as error:
        raise _refused(error, spec) from None


def _refused(error: CatalogError, spec: ConnectionSpec) -> PlanError:
    secret = "streams" in spec.secret or spec.secret_streams
    return blocked_by(Obstacle(Code.CATALOG_REFUSED, (), (error.code if secret else str(error),)))


def _version(session: Session) -> str:
    return str(session.client.capabilities.at_least or Release(0, 44, 0))


def left_to_airbyte(
    session: Session, declaration: Baseline, connection: ConnectionRead, removed: Collection[StreamDescriptor]
) -> set[StreamDescriptor]:
    """The streams for which the program says ``server``, and which the update changes.

    Raises:
        BlockedError: the catalog cannot be sent.
    """
    resets = declaration.resets
    if Policy.SERVER not in {resets.default, *resets.overrides.values()}:
        return set()
    sent = catalog_to_send(session, declaration, connection, removed).get("sync_catalog", connection.sync_catalog)
    before, after = connection.sync_catalog.by_descriptor(), sent.by_descriptor()
    ours = [stream for stream in declaration.spec.streams or {} if resets.policy(stream) is Policy.SERVER]
    return {stream for stream in ours if before.get(stream) != after.get(stream)}


def _resets_of_written(
    session: Session, declaration: Baseline, connection: ConnectionRead, recorded: Baseline
) -> frozenset[StreamDescriptor] | None:
    live = observed(connection, declaration).spec.streams or {}
    written: set[StreamDescriptor] = set()
    before: dict[StreamDescriptor, StreamSpec] = {}
    interrupted = {stream: each.live for stream, each in recorded.memory.of(Interrupted).items()}
    for stream, spec in declaration.streams.items():
        if declaration.resets.policy(stream) is not Policy.SERVER or live.get(stream) != spec:
            continue
        # A refresh keeps the recorded line and notes the live one.
        noted = [each[stream] for each in (recorded.spec.streams or {}, interrupted) if stream in each]
        other = next((each for each in noted if each != spec), None)
        if other is not None:
            before[stream] = other
        if other is not None or not noted:
            written.add(stream)
    if not written:
        return frozenset()
    there = merge_catalogs(connection.sync_catalog, before, written - before.keys())
    found = _resets(session, connection, there, connection.sync_catalog)
    return None if found is None else found & written


def _resets(
    session: Session, connection: ConnectionRead, there: SyncCatalog, sent: SyncCatalog | None
) -> frozenset[StreamDescriptor] | None:
    """The answer of the mirror; ``None`` where the server does not tell its version, or refuses the catalog."""
    if not session.client.capabilities.exact:
        return None
    before = connection.model_copy(update={"sync_catalog": there})
    try:
        return frozenset(exact_resets(session, before, sent))
    except (ApiError, CatalogError):
        return None
