"""``check``: read what a program declares, and say what it will do.

An unchanged declaration costs no call to the server. A changed one asks for what many resources share (what the source
offers, what the destination can), once per run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_airbyte_wb.catalog.merge import unknown_stream
from pulumi_airbyte_wb.catalog.selectors import expand, matches
from pulumi_airbyte_wb.catalog.streams import StreamSpec, observe
from pulumi_airbyte_wb.catalog.tables import Table, table_of
from pulumi_airbyte_wb.catalog.validate import check_offered
from pulumi_airbyte_wb.errors import AirbyteError, DeclarationError, NotFoundError, shown
from pulumi_airbyte_wb.models import AirbyteStream, ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import FIELDS, Declaration, Earlier, Facts, Plan, Step, build_plan, read_inputs
from pulumi_airbyte_wb.plan.declaration import CATALOG, COMPUTED, CONNECTION, Shape
from pulumi_airbyte_wb.providers.session import MARK, Session
from pulumi_airbyte_wb.providers.supported import check_supported

_NOTES = ("retired", "left", "unsettled", "owed")


@dataclass(frozen=True)
class Checked:
    """The outcome of a check: the inputs to keep, or what is wrong."""

    inputs: dict[str, Any]
    problems: tuple[DeclarationError, ...] = ()
    plan: Plan | None = None


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
    """
    reading = read_inputs({name: value for name, value in news.items() if name not in COMPUTED}, unknown, shape)
    if reading.problems:
        return Checked(dict(news), reading.problems)
    after = reading.declaration
    before = read_inputs(olds, shape=shape).declaration if olds.get(shape.ids[0]) else None
    try:
        after = _resolve_patterns(before, after, session)
        if before is not None:
            after = replace(after, retired=_retired(before, after), left=_left(before, after))
            if after.paused:
                after = replace(after, owed=before.owed)
            if before.adopt and after.adopt and before.adopt != after.adopt:
                raise DeclarationError(
                    "adopt", after.adopt, f"is not the connection that this resource has ({before.adopt})",
                    "adopt it under another resource name",
                )  # fmt: skip
            if before.record() == after.record():
                return Checked(_inputs(after, news, {}))
        plan = _plan(before, after, session(after.server), news)
    except DeclarationError as problem:
        return Checked(dict(news), (problem,))
    after = replace(after, owed=plan.owed)
    problems = tuple(
        DeclarationError(
            f'streams["{effect.stream}"]',
            effect.what,
            f"is refused [{effect.code}]: {effect.because}",
            "say resets overrides 'reset' for this stream to read it again, or 'skip' to leave the rows as they are",
        )
        for effect in plan.refusals()
    )
    return Checked(_inputs(after, news, plan.announcement()), problems, plan)


def facts_of(session: Session, before: Declaration | None, declaration: Declaration, name: str) -> Facts:
    """What the server tells about a declaration's source and destination; of tables only where names are new."""
    if declaration.source_id is None or declaration.destination_id is None:
        return Facts(family=declaration.resets.family)
    known = (before.streams or {}).keys() if before else set()
    new_names = bool((declaration.streams or {}).keys() - known) or (
        before is not None and _renames(before, declaration)
    )
    tables, complete = _tables(session, before, declaration, name) if new_names else ({}, True)
    return Facts(
        can_refresh=bool(session.destination_version(declaration.destination_id).supports_refreshes),
        family=declaration.resets.family,
        backfill=declaration.resets.backfill,
        offers=_offers(session, declaration.source_id),
        tables=tables,
        tables_known=complete,
    )


def observed(connection: ConnectionRead, declaration: Declaration) -> Declaration:
    """The live connection in the words of a declaration: its declared parts, as they are now."""
    live = {
        stream: spec
        for stream, entry in connection.sync_catalog.selected().items()
        if (spec := observe(entry)) is not None
    }
    streams: dict[StreamDescriptor, StreamSpec] | None = None
    if declaration.streams is not None:
        streams = {
            stream: declaration.streams[stream].declared_only(spec) if stream in declaration.streams else spec
            for stream, spec in live.items()
            if stream in declaration.streams or declaration.exclusive
        }
    return replace(
        declaration,
        source_id=connection.source_id,
        destination_id=connection.destination_id,
        fields={
            name: value
            for name, declared in declaration.fields.items()
            if (value := FIELDS[name].observed(connection, declared)) is not None
        },
        streams=streams,
    )


def situated(declaration: Declaration, connection: ConnectionRead) -> Declaration:
    """The declaration of a ``Catalog`` with what it leaves to its connection; that of a ``Connection`` as it is."""
    if declaration.shape is not CATALOG:
        return declaration
    fields = {
        name: value
        for name in ("namespace_definition", "namespace_format", "prefix", "status")
        if (value := FIELDS[name].live(connection)) is not None
    }
    return replace(declaration, fields=fields, source_id=connection.source_id, destination_id=connection.destination_id)


def _plan(before: Declaration | None, after: Declaration, session: Session, news: Mapping[str, Any]) -> Plan:
    name, urn = _resource_name(news), str(news.get("resource_urn", ""))
    step, subject = None, ""
    if after.shape is CATALOG and after.connection_id:
        connection = _live(session, "connection_id", after.connection_id)
        name, after = connection.name, situated(after, connection)
        if before is None or before.connection_id != after.connection_id:
            before, step = observed(connection, after), Step.ATTACH
            subject = f"connection {after.connection_id} ({shown(connection.name)})"
        else:
            before = situated(before, connection)
    elif before is None and after.adopt:
        connection = _adopted(session, after)
        before, step = observed(connection, after), Step.ADOPT
        subject = f"connection {after.adopt} ({shown(connection.name)})"
    elif before is not None and _replaced(before, after):
        if not after.allow_replace:
            changed = "source_id" if before.source_id != after.source_id else "destination_id"
            raise DeclarationError(
                changed, getattr(after, changed),
                f"would replace the connection: it is deleted with its sync state and created anew "
                f"(it has {getattr(before, changed)})",
                "say allow_replace=True if that is meant",
            )  # fmt: skip
        step, subject = Step.REPLACE, "the connection is deleted first, then created; every stream is read anew"
    check_supported(session, before, after)
    _check_ids(session, after)
    facts = facts_of(session, before, after, name)
    _check_streams(before, after, facts)
    _check_tables(session, before, after, urn)
    return build_plan(before, after, facts, step=step, subject=subject)


def _check_ids(session: Session, after: Declaration) -> None:
    try:
        source = session.source(after.source_id) if after.source_id else None
    except NotFoundError:
        raise _missing("source_id", after.source_id, session, "get_source(name=…)") from None
    try:
        destination = session.destination(after.destination_id) if after.destination_id else None
    except NotFoundError:
        raise _missing("destination_id", after.destination_id, session, "get_destination(name=…)") from None
    if source and destination and source.workspace_id != destination.workspace_id:
        raise DeclarationError(
            "destination_id", after.destination_id,
            f"is in workspace {destination.workspace_id}, but the source is in {source.workspace_id}",
            "both must be in one workspace",
        )  # fmt: skip


def _missing(name: str, value: str | None, session: Session, lookup: str) -> DeclarationError:
    where = session.client.settings.base_url
    return DeclarationError(name, value, f"is not known to the server at {where}", f"look it up by name: {lookup}")


def _live(session: Session, name: str, connection_id: str) -> ConnectionRead:
    try:
        connection = session.client.get_connection(connection_id)
    except NotFoundError:
        raise DeclarationError(
            name, connection_id, f"is no connection of the server at {session.client.settings.base_url}",
            "copy the id from the address of the connection's page",
        ) from None  # fmt: skip
    if connection.deleted:
        raise DeclarationError(name, connection_id, "was deleted", "name a connection that is there")
    return connection


def _adopted(session: Session, after: Declaration) -> ConnectionRead:
    connection = _live(session, "adopt", after.adopt or "")
    for name in ("source_id", "destination_id"):
        if getattr(after, name) not in {None, getattr(connection, name)}:
            raise DeclarationError(
                "adopt", after.adopt, f"has the {name} {getattr(connection, name)}, not {getattr(after, name)}",
                "declare what the connection has: neither can be changed",
            )  # fmt: skip
    return connection


def _replaced(before: Declaration, after: Declaration) -> bool:
    return (after.source_id is not None and before.source_id != after.source_id) or (
        after.destination_id is not None and before.destination_id != after.destination_id
    )


def _check_tables(session: Session, before: Declaration | None, after: Declaration, urn: str) -> None:
    """Two streams must not write one table: of one connection, or of two that one program creates.

    What other connections write is a fact of the plan; here it is about those that are not there yet.
    """
    seen: dict[Table, StreamDescriptor] = {}
    for stream in after.streams or {}:
        table = table_of(stream, **_naming(after))
        other = seen.setdefault(table, stream)
        if other != stream:
            raise _shared(stream, table, f"{other} of the same connection")
        if before is None and not after.adopt and after.shape is CONNECTION:
            owner = session.first_to_fill((after.destination_id, table), urn)
            if owner != urn:
                raise _shared(stream, table, f"the connection {owner.rsplit('::', 1)[-1]!r} of this program")


def _shared(stream: StreamDescriptor, table: Table, other: str) -> DeclarationError:
    return DeclarationError(
        f'streams["{stream}"]', stream.key, f"writes the table {table.shown}, as does {other}",
        "give one of them another prefix or namespace",
    )  # fmt: skip


def _check_streams(before: Declaration | None, after: Declaration, facts: Facts) -> None:
    """Hold new and changed streams against what the source offers; unchanged ones are taken as they are."""
    old = (before.streams or {}) if before else {}
    if after.source_id is None:
        return
    for stream, spec in (after.streams or {}).items():
        if old.get(stream) == spec:
            continue
        offer = facts.offers.get(stream)
        if offer is None:
            raise unknown_stream(stream, facts.offers)
        for problem in check_offered(spec, offer, f'streams["{stream}"]'):
            raise problem


def _offers(session: Session, source_id: str) -> dict[StreamDescriptor, AirbyteStream]:
    schema = session.discovered(source_id)
    if schema.catalog is None:
        source = session.source(source_id)
        raise AirbyteError(
            f"the discovery of source {shown(source.name)} ({source_id}) failed; "
            "open the source's page in Airbyte, test it, and try again"
        )
    return {stream: entry.stream for stream, entry in schema.catalog.by_descriptor().items()}


def _tables(
    session: Session, before: Declaration | None, declaration: Declaration, name: str
) -> tuple[dict[StreamDescriptor, Earlier], bool]:
    """The tables of declared streams that somebody has filled before, and whether that is all of them."""
    naming = _naming(declaration)
    mine = {table_of(stream, **naming): stream for stream in declaration.streams or {}}
    tables = {
        stream: Earlier(own=True, spec=spec, resumes=spec is not None)
        for stream, spec in (before.retired if before else {}).items()
    }
    left = before.left if before else frozenset()
    tables |= {stream: Earlier(own=True) for table, stream in mine.items() if table.key in left}
    connections = session.all_connections(session.source(declaration.source_id or "").workspace_id or "")
    for connection in connections or ():
        # This connection itself, which may be half made by a run that died, is known by its name.
        own = connection.source_id == declaration.source_id and connection.name.split(MARK)[0] == name
        if connection.destination_id != declaration.destination_id or (own and not connection.deleted):
            continue
        for stream, entry in connection.sync_catalog.by_descriptor().items():
            table = table_of(stream, connection.namespace_definition, connection.namespace_format, connection.prefix)
            if table in mine:
                tables[mine[table]] = Earlier(own=False, spec=observe(entry))
    return tables, connections is not None


def _naming(declaration: Declaration) -> dict[str, str | None]:
    fields = declaration.fields
    return {
        name: str(fields[name]) if name in fields else None
        for name in ("namespace_definition", "namespace_format", "prefix")
    }


def _renames(before: Declaration, after: Declaration) -> bool:
    old, new = _naming(before), _naming(after)
    return any(new[name] is not None and new[name] != old[name] for name in new)


def _resolve_patterns(before: Declaration | None, after: Declaration, session: Callable[[str], Session]) -> Declaration:
    """Give each pattern its streams: an unchanged pattern keeps those that it had, a new one asks the source."""
    streams = dict(after.streams or {})
    offers: Mapping[StreamDescriptor, AirbyteStream] | None = None
    same = before is not None and all(getattr(before, name) == getattr(after, name) for name in after.shape.ids)
    for pattern, spec in after.patterns.items():
        # A stream that vanished from the source stays until somebody takes it out by name.
        found = [stream for stream in (before.streams or {} if before and same else {}) if matches(pattern, stream)]
        if after.unknown & set(after.shape.ids):
            continue
        if before is None or not same or before.patterns.get(pattern) != spec:
            offers = _offers_of(after, session(after.server)) if offers is None else offers
            found += [stream for stream in expand(pattern, offers) if stream not in found]
            if not found:
                names = ", ".join(sorted(stream.key for stream in offers)[:12])
                raise DeclarationError(
                    f'streams["{pattern}"]', pattern, "names no stream of the source", f"it has {names}"
                )
        for stream in found:
            streams.setdefault(stream, spec)
    return replace(after, streams=streams) if after.patterns else after


def _offers_of(after: Declaration, session: Session) -> dict[StreamDescriptor, AirbyteStream]:
    _check_ids(session, after)
    source = after.source_id
    if after.connection_id:
        source = _live(session, "connection_id", after.connection_id).source_id
    return _offers(session, source or "")


def _retired(before: Declaration, after: Declaration) -> dict[StreamDescriptor, StreamSpec | None]:
    """The streams that have left, as they were; one that comes back is none of them any more."""
    gone = {**before.retired, **(before.streams or {})}
    return {stream: spec for stream, spec in gone.items() if stream not in (after.streams or {})}


def _left(before: Declaration, after: Declaration) -> frozenset[str]:
    """The tables that stay behind under their former names."""
    if not _renames(before, after):
        return before.left
    return before.left | {table_of(stream, **_naming(before)).key for stream in before.streams or {}}


def _inputs(after: Declaration, news: Mapping[str, Any], announcement: Mapping[str, str]) -> dict[str, Any]:
    """The inputs to keep: canonical, with what is computed, unknown values left as the engine gave them."""
    dropped = {"planned", *_NOTES}
    if not news.get("secret_inputs"):
        # An empty input of this name is what makes the engine keep the output of the same name secret.
        dropped |= {"recorded"}
    inputs = {name: value for name, value in news.items() if name not in dropped}
    record = after.record()
    inputs |= {
        name: record[name]
        for name in (*after.shape.ids, "streams", "patterns", *_NOTES, *FIELDS)
        if record.get(name) is not None and name not in after.unknown
    }
    if announcement:
        inputs["planned"] = dict(announcement)
    return inputs


def _resource_name(inputs: Mapping[str, Any]) -> str:
    return str(inputs.get("name") or str(inputs.get("resource_urn", "")).rsplit("::", 1)[-1])
