"""What a check reports: values that cannot be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from pulumi_airbyte_wb.errors import DeclarationError, NotFoundError, nearest
from pulumi_airbyte_wb.live.merge import unknown_stream, vanished_stream
from pulumi_airbyte_wb.live.schema import offers_of
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.live.tables import default_namespace
from pulumi_airbyte_wb.models import AirbyteStream, ConnectionRead, StreamDescriptor
from pulumi_airbyte_wb.plan import Facts
from pulumi_airbyte_wb.spec.connection import ConnectionSpec
from pulumi_airbyte_wb.spec.resets import Policy, SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.spec.tables import NAMING, Table
from pulumi_airbyte_wb.spec.validation import check_offered
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.pending import Interrupted


def check_duplicates(session: Session, after: Baseline, name: str, urn: str) -> None:
    """A new connection must not be a duplicate of one that is there, or of another of this program."""
    owner = session.reserve(("name", after.spec.source_id, after.spec.destination_id, name), urn)
    if owner != urn:
        raise DeclarationError(
            "name", name, f"is also the connection {_last(owner)!r} of this program, from the same source to the same "
            "destination", "give one of them another name",
        )  # fmt: skip
    workspace = session.source(after.spec.source_id or "").workspace_id or ""
    for item in session.names(workspace):
        # In a replacement the connection that this resource has is deleted before.
        own = session.claimed(("connection", item.connection_id)) == urn
        if item.name == name and item.ends == (after.spec.source_id, after.spec.destination_id) and not own:
            raise DeclarationError(
                "name", name, f"is a connection already, from this source to this destination ({item.connection_id})",
                f'give this resource an alias if it was renamed; else say adopt="{item.connection_id}" to take it over '
                "(an earlier run may have made it), or declare another name",
            )  # fmt: skip


def check_released(before: Baseline | None, after: Baseline) -> None:
    """Streams that another resource is to declare must have the rows that their lines tell: it knows nothing else."""
    if before is None or after.spec.streams is not None or "streams" in after.spec.unknown:
        return
    skipped = {stream for stream, policy in after.resets.overrides.items() if policy is Policy.SKIP}
    unfinished = (before.memory.unfinished | before.memory.of(Interrupted).keys()) & (
        before.spec.streams or {}
    ).keys() - skipped
    if unfinished:
        names = ", ".join(sorted(stream.key for stream in unfinished))
        raise DeclarationError(
            "streams", "nothing", f"is declared any more, but rows of {names} have still to be replaced",
            "keep these streams declared and the connection active, and run `pulumi refresh` and `pulumi up` until "
            "that is done; or set resets overrides 'skip' for each to leave the rows as they are",
        )  # fmt: skip


def check_overrides(before: Baseline | None, after: Baseline) -> None:
    """An override must be for a stream that the program has, or that the connection had."""
    if "streams" in after.spec.unknown:
        return
    known = {*after.streams, *_had(before)}
    for stream in after.resets.overrides:
        if stream not in known:
            raise DeclarationError(
                f'resets.overrides["{stream}"]', stream.key, "is no declared stream",
                nearest(stream.key, [other.key for other in known]),
            )  # fmt: skip


def check_ids(session: Session, spec: ConnectionSpec) -> None:
    """Source and destination must be there, in one workspace."""
    try:
        source = session.source(spec.source_id) if spec.source_id else None
    except NotFoundError:
        raise _missing("source_id", spec.source_id, session, "get_source(name=…)") from None
    try:
        destination = session.destination(spec.destination_id) if spec.destination_id else None
    except NotFoundError:
        raise _missing("destination_id", spec.destination_id, session, "get_destination(name=…)") from None
    if source and destination and source.workspace_id != destination.workspace_id:
        raise DeclarationError(
            "destination_id", spec.destination_id,
            f"is in workspace {destination.workspace_id}, but the source is in {source.workspace_id}",
            "both must be in one workspace",
        )  # fmt: skip


def _missing(name: str, value: str | None, session: Session, lookup: str) -> DeclarationError:
    where = session.client.settings.base_url
    return DeclarationError(name, value, f"is not known to the server at {where}", f"look it up by name: {lookup}")


def live_connection(session: Session, name: str, connection_id: str) -> ConnectionRead:
    """The connection that a property names; one that was deleted is none."""
    try:
        connection = session.client.get_connection(connection_id)
    except NotFoundError:
        raise DeclarationError(
            name, connection_id, f"is no connection of the server at {session.client.settings.base_url}",
            "copy the id from the address of the connection's page",
        ) from None  # fmt: skip
    if connection.deleted:
        raise DeclarationError(name, connection_id, "was deleted", "name a connection that is there")
    session.note_ends(connection)
    return connection


def adopted_connection(session: Session, after: Baseline, urn: str) -> ConnectionRead:
    """The connection to take over; no other resource may have it, and its ends must be those declared."""
    owner = session.reserve(("connection", after.spec.options.adopt), urn)
    if owner != urn:
        raise DeclarationError(
            "adopt", after.spec.options.adopt, f"is the connection of {_last(owner)!r}", "keep it in one of them"
        )
    connection = live_connection(session, "adopt", after.spec.options.adopt or "")
    for name in ("source_id", "destination_id"):
        if getattr(after.spec, name) not in {None, getattr(connection, name)}:
            raise DeclarationError(
                "adopt",
                after.spec.options.adopt,
                f"has another {name}",
                f"declare {getattr(connection, name)}, as neither source nor destination can be changed; to replace a "
                "connection, which deletes it with its sync state, take adopt out of the program",
            )
    return connection


def check_tables(session: Session, before: Baseline | None, after: Baseline, urn: str) -> None:
    """Two streams must not write one table: of one connection, or of two of one program.

    What other connections write is a fact of the plan; here it is about those that begin to write it in this run.
    """
    renamed = before is not None and before.names_change(after)
    default = default_namespace(session, after.spec.destination_id)
    seen: dict[Table, StreamDescriptor] = {}
    for stream in after.spec.streams or {}:
        table = after.naming.table(stream)
        place = table.resolved(default).folded
        other = seen.setdefault(place, stream)
        if other != stream:
            raise _shared(stream, table, f"{other} of the same connection", after.spec.secret)
        begins = before is None or renamed or stream not in before.streams
        if begins and after.spec.destination_id is not None:
            owner = session.reserve(("table", after.spec.destination_id, place), urn)
            if owner != urn:
                raise _shared(stream, table, f"the connection {_last(owner)!r} of this program", after.spec.secret)


def _shared(stream: StreamDescriptor, table: Table, other: str, secret: Collection[str]) -> DeclarationError:
    writes = "one table" if {*NAMING, "streams"} & set(secret) else f"the table {table.shown}"
    return DeclarationError(
        f'streams["{stream}"]', stream.key, f"writes {writes}, as does {other}",
        "give one of them another prefix or namespace",
    )  # fmt: skip


def check_streams(session: Session, before: Baseline | None, after: Baseline, facts: Facts) -> Facts:
    """Hold new and changed streams against what the source offers; unchanged ones are taken as they are.

    What neither the connection nor the server's cache has is asked for once more, past the cache.
    """
    old = before.streams if before else {}
    if after.spec.source_id is None:
        return facts
    moved = (
        before.memory.newer_schema.keys()
        if before and after.spec.options.schema_changes is SchemaChanges.ACCEPT
        else set()
    )
    changed = {s: spec for s, spec in after.streams.items() if old.get(s) != spec or s in moved}
    if any(_problems(changed, facts.offers, _had(before))):
        facts = replace(facts, offers=offers_of(session, after.spec.source_id))
    if any(_problems(changed, facts.offers, _had(before))):
        facts = replace(facts, offers=offers_of(session, after.spec.source_id, fresh=True))
    for problem in _problems(changed, facts.offers, _had(before)):
        raise problem
    return facts


def _had(before: Baseline | None) -> frozenset[StreamDescriptor]:
    """The streams that the connection has, or had while this resource knew of it."""
    return frozenset({*before.streams, *before.memory.departed, *before.memory.unmanaged} if before else ())


def _problems(
    streams: Mapping[StreamDescriptor, StreamSpec],
    offers: Mapping[StreamDescriptor, AirbyteStream],
    had: Collection[StreamDescriptor],
) -> Iterator[DeclarationError]:
    for stream, spec in streams.items():
        offer = offers.get(stream)
        if offer is None:
            yield vanished_stream(stream) if stream in had else unknown_stream(stream, offers)
        else:
            yield from check_offered(spec, offer, f'streams["{stream}"]')


def _last(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
