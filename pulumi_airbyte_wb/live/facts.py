"""The facts of a decision: what the server tells of a source, a destination, and the tables that are there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from pulumi_airbyte_wb.errors import AirbyteError, shown
from pulumi_airbyte_wb.live.marks import is_incomplete_of
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import AirbyteStream, ConfiguredStream, ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import Earlier, Facts
from pulumi_airbyte_wb.spec.resets import SchemaChanges
from pulumi_airbyte_wb.spec.streams import observe
from pulumi_airbyte_wb.spec.tables import table_of
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.newer_schema import columns_digest
from pulumi_airbyte_wb.state.pending import Deferred, Interrupted

NAMING = ("namespace_definition", "namespace_format", "prefix")
"""The fields that decide the names of tables."""


def facts_of(
    session: Session,
    before: Baseline | None,
    after: Baseline,
    name: str,
    connection: ConnectionRead | None = None,
    urn: str = "",
) -> Facts:
    """What the server tells about a change; of tables only where their names are new.

    Args:
        session: the server.
        before: the recorded or live declaration, ``None`` for a connection that does not exist.
        after: what is declared.
        name: the connection's name.
        connection: the live connection, where it is known: its own history tells which tables it has filled.
        urn: the resource, whose incomplete connection does not count: it has never synced.
    """
    if after.spec.source_id is None or after.spec.destination_id is None:
        return Facts(loading=after.resets.destination_loading)
    added = after.streams.keys() - (before.streams.keys() if before else set())
    changed = _changed(before, after)
    decides = changed is None or bool(changed)
    renamed = before is not None and renames(before, after)
    connection_id = connection.connection_id if connection else None
    tables: dict[StreamDescriptor, Earlier] = {}
    complete = True
    if added or renamed:
        moved = session.history(connection_id).moved() & added if connection_id else set()
        moved -= before.memory.departed.keys() if before else set()
        tables, complete = _tables(session, before, after, name, connection, urn, moved)
    return Facts(
        can_refresh=bool(session.destination_version(after.spec.destination_id).supports_refreshes),
        loading=after.resets.destination_loading,
        syncs_after_reset=session.client.capabilities.has("resets.syncAfter"),
        backfill=after.resets.backfill,
        # A source that cannot be asked today must not keep anybody from pausing its connection.
        offers=_offers(session, after, changed, connection) if decides else {},
        tables=tables,
        tables_known=complete,
        blank=_blank(session, before, after, name, connection, urn) if decides or renamed else frozenset(),
    )


def _changed(before: Baseline | None, after: Baseline) -> set[StreamDescriptor] | None:
    """The streams whose lines change; ``None`` where more is decided again than lines tell, by the facts as before."""
    if before is None or before.memory.newer_schema or _decided_again(before.memory):
        return None
    return {stream for stream, spec in after.streams.items() if before.streams.get(stream) != spec}


def _decided_again(memory: Memory) -> bool:
    return bool(memory.of(Deferred) or memory.of(Interrupted))


def _offers(
    session: Session, after: Baseline, changed: set[StreamDescriptor] | None, connection: ConnectionRead | None
) -> dict[StreamDescriptor, AirbyteStream]:
    """The streams as the connection stores them, where it has all that change; else as the source offers them."""
    keeps = after.spec.options.schema_changes is not SchemaChanges.ACCEPT
    if connection is not None and connection.catalog_id and changed is not None and keeps:
        stored = connection.sync_catalog.by_descriptor()
        if changed <= stored.keys():
            return {stream: entry.stream for stream, entry in stored.items()}
    return offers_of(session, after.spec.source_id or "")


def _blank(
    session: Session,
    before: Baseline | None,
    after: Baseline,
    name: str,
    connection: ConnectionRead | None,
    urn: str,
) -> frozenset[StreamDescriptor]:
    """The streams of a connection that has never synced whose tables no other one has filled either."""
    if before is None or connection is None or not session.history(connection.connection_id).is_idle:
        return frozenset()
    there = replace(
        before, spec=replace(before.spec, source_id=after.spec.source_id, destination_id=after.spec.destination_id)
    )
    filled, complete = _tables(session, None, there, name, connection, urn, set())
    return frozenset(before.streams.keys() - filled.keys()) if complete else frozenset()


def offers_of(session: Session, source_id: str, *, fresh: bool = False) -> dict[StreamDescriptor, AirbyteStream]:
    """What a source offers; ``fresh`` asks the source itself, once a run, where the server's cache has an answer.

    Raises:
        AirbyteError: the discovery failed.
    """
    schema = session.discovered_fresh(source_id) if fresh else session.discovered(source_id)
    if schema.catalog is None:
        source = session.source(source_id)
        raise AirbyteError(
            f"the discovery of source {shown(source.name)} ({source_id}) failed; "
            "open the source's page in Airbyte, test it, and try again"
        )
    return {stream: entry.stream for stream, entry in schema.catalog.by_descriptor().items()}


def columns_left(
    before: Baseline | None, after: Baseline, connection: ConnectionRead | None
) -> dict[StreamDescriptor, str]:
    """What columns the streams have that leave: who adds one again later must know whether its table is still right."""
    if before is None or after.spec.streams is None or connection is None:
        return {}
    leaving = before.streams.keys() - after.spec.streams.keys()
    selected = connection.sync_catalog.selected()
    return {s: columns_digest(entry.stream, _chosen(entry)) for s, entry in selected.items() if s in leaving}


def own_id(session: Session, before: Baseline | None, after: Baseline, name: str) -> str | None:
    """The connection itself, by its name: a check is not told its id. ``None`` where that is not plain."""
    if before is None or after.spec.source_id is None:
        return None
    own = session.named(name, after.spec.source_id, after.spec.destination_id or "")
    return own[0] if len(own) == 1 else None


def _is_own(connection: ConnectionRead, after: Baseline, name: str, connection_id: str | None) -> bool:
    """Whether it is the connection itself; without its id it is known by its name, and a deleted one is another."""
    ends = (connection.source_id, connection.destination_id) == (after.spec.source_id, after.spec.destination_id)
    same = ends and connection.name == name and not connection.deleted
    return connection.connection_id == connection_id or same


def _chosen(entry: ConfiguredStream) -> set[str]:
    fields = entry.config.selected_fields if entry.config.field_selection_enabled else ()
    return {field.field_path[0] for field in fields or () if field.field_path}


def _same_columns(
    session: Session, before: Baseline, after: Baseline, connection: ConnectionRead | None, stream: StreamDescriptor
) -> bool:
    """Whether a stream that left gets the columns now that it had."""
    noted, spec = before.memory.departed_columns.get(stream), before.memory.departed[stream]
    if noted is None or spec is None:
        return False
    schema = offers_of(session, after.spec.source_id or "").get(stream)
    if (
        before.spec.options.schema_changes is not after.spec.options.schema_changes
        or after.spec.options.schema_changes is not SchemaChanges.ACCEPT
    ):
        if connection is None:
            return False
        # The stored schema is kept, unless a stream that the connection has never had brings the newer one along.
        stored = connection.sync_catalog.by_descriptor()
        if after.streams.keys() <= stored.keys():
            schema = stored[stream].stream
    return schema is not None and columns_digest(schema, spec.fields or ()) == noted


def naming_of(declaration: Baseline) -> dict[str, str | None]:
    """The naming fields: as declared, else as noted of the live connection, else the server's defaults."""
    known = {
        **declaration.memory.undeclared_fields,
        **{name: str(value) for name, value in declaration.spec.fields.items() if name in NAMING},
    }
    return {name: known.get(name) for name in NAMING}


def renames(before: Baseline, after: Baseline) -> bool:
    """Whether tables get other names."""
    old, new = naming_of(before), naming_of(after)
    return any(name in after.spec.fields and (new[name] or "") != (old[name] or "") for name in NAMING)


def _tables(
    session: Session,
    before: Baseline | None,
    after: Baseline,
    name: str,
    connection: ConnectionRead | None,
    urn: str,
    moved: set[StreamDescriptor],
) -> tuple[dict[StreamDescriptor, Earlier], bool]:
    """The tables of declared streams that were filled before, and whether that is all of them."""
    connection_id = connection.connection_id if connection else None
    mine = {table_of(stream, **naming_of(after)): stream for stream in after.spec.streams or {}}
    earlier: dict[StreamDescriptor, list[Earlier]] = defaultdict(list)
    connections = session.all_connections(session.source(after.spec.source_id or "").workspace_id or "")
    retired = before.memory.departed if before else {}
    left = before.memory.abandoned_tables if before else frozenset()
    if connection_id and (retired.keys() & after.streams.keys() or left):
        emptied = session.history(connection_id).cleared()
        retired = {stream: spec for stream, spec in retired.items() if stream not in emptied}
        if session.history(connection_id).is_idle:
            retired, left = {}, frozenset()
    for stream, spec in retired.items():
        # Its sync state was kept, but under another name it would leave out all older rows.
        kept = None if before and renames(before, after) else spec
        again = before is not None and kept is not None and stream in after.streams
        same = again and before is not None and _same_columns(session, before, after, connection, stream)
        earlier[stream].append(Earlier(own=True, spec=kept, resumes=kept is not None, retyped=not same))
    for table, stream in mine.items():
        if table.key in left:
            earlier[stream].append(Earlier(own=True))
    for stream in moved:
        earlier[stream].append(Earlier(own=True))
    for other in connections or ():
        own = before is not None and _is_own(other, after, name, connection_id)
        own = own or other.connection_id == connection_id or is_incomplete_of(urn, other.name)
        if other.destination_id != after.spec.destination_id or own:
            continue
        for stream, entry in other.sync_catalog.by_descriptor().items():
            table = table_of(stream, other.namespace_definition, other.namespace_format, other.prefix)
            # A other that is there may fill its tables yet; of a deleted one only its history counts.
            if table in mine and (not other.deleted or stream in session.history(other.connection_id).moved()):
                earlier[mine[table]].append(Earlier(own=False, spec=observe(entry)))
    return {stream: _worst(found) for stream, found in earlier.items()}, connections is not None


def _worst(found: list[Earlier]) -> Earlier:
    """Of several that filled one table, what holds for all of them."""
    specs = {item.spec for item in found}
    return Earlier(
        own=all(item.own for item in found),
        spec=found[0].spec if len(specs) == 1 else None,
        resumes=len(found) == 1 and found[0].resumes,
        retyped=any(item.retyped for item in found),
    )
