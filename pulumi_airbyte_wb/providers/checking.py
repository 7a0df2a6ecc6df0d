"""``check``: read what a program declares, and say what it will do.

An unchanged declaration costs no call to the server. A changed one asks for what many resources share (what the source
offers, what the destination can), once per run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pulumi_airbyte_wb.catalog.merge import unknown_stream
from pulumi_airbyte_wb.catalog.schemas import STREAM_GONE
from pulumi_airbyte_wb.catalog.selectors import expand, matches
from pulumi_airbyte_wb.catalog.streams import StreamSpec, observe
from pulumi_airbyte_wb.catalog.tables import Table, table_of
from pulumi_airbyte_wb.catalog.validate import check_offered
from pulumi_airbyte_wb.errors import DeclarationError, NotFoundError, nearest, shown
from pulumi_airbyte_wb.models import AirbyteStream, ConnectionRead, ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan import (
    FIELDS,
    Declaration,
    Effect,
    Facts,
    Plan,
    Policy,
    SchemaChanges,
    Step,
    build_plan,
    read_inputs,
)
from pulumi_airbyte_wb.plan.declaration import (
    CATALOG,
    COMPUTED,
    CONNECTION,
    DERIVED,
    Shape,
    problems_of,
    read_state,
)
from pulumi_airbyte_wb.plan.notes import NOTES
from pulumi_airbyte_wb.plan.schema_changes import parted
from pulumi_airbyte_wb.plan.table import FIRM
from pulumi_airbyte_wb.providers import journal
from pulumi_airbyte_wb.providers.facts import NAMING, columns_left, facts_of, naming_of, offers_of, renames
from pulumi_airbyte_wb.providers.pending import with_pending
from pulumi_airbyte_wb.providers.schemas import pending_schema
from pulumi_airbyte_wb.providers.session import Session
from pulumi_airbyte_wb.providers.supported import check_supported


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

    Raises:
        AirbyteError: the server does not answer, or the state cannot be read.
    """
    given = {name: value for name, value in news.items() if name not in COMPUTED or name == "secret_inputs"}
    reading = read_inputs(given, unknown, shape)
    after = reading.declaration
    problems = reading.problems or tuple(problems_of(after))
    if problems:
        return Checked(dict(news), problems)
    before = read_state(olds, shape) if olds.get(shape.ids[0]) else None
    try:
        if before is not None and before.patterns and not after.patterns and after.streams == before.streams:
            # The engine gives the recorded streams back where the program says ignore_changes.
            after = replace(after, patterns=before.patterns)
        if before is not None:
            # What was secret and is declared no longer is still so: the server has its value.
            after = replace(after, secret=after.secret | (before.secret - given.keys()))
            waiting = before.owed.keys() | before.due.keys()
            after = replace(after, resets=after.resets.after(before.resets, waiting))
        after = _with_notes(before, _resolve_patterns(before, after, session))
        _check_handed_over(before, after)
        if before is not None and before.record() == after.record() and not _moves_under(after, session):
            return Checked(_inputs(after, news, {}))
        _check_overrides(before, after)
        after, plan = _plan(before, after, session(after.server), news)
    except DeclarationError as problem:
        return Checked(dict(news), (problem,))
    refused = tuple(_refusal(effect) for effect in plan.refusals())
    return Checked(_inputs(replace(after, owed=plan.owed, due=plan.due), news, plan.announcement()), refused, plan)


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


def situated(
    declaration: Declaration, connection: ConnectionRead, fields: Mapping[str, str] = MappingProxyType({})
) -> Declaration:
    """The declaration of a ``Catalog`` with what it leaves to its connection; that of a ``Connection`` as it is.

    ``fields`` are those that the connection has at another time, where that is what counts.
    """
    if declaration.shape is not CATALOG:
        return declaration
    live = {name: value for name in (*NAMING, "status") if (value := FIELDS[name].live(connection)) is not None}
    return replace(
        declaration, fields={**live, **fields}, source_id=connection.source_id, destination_id=connection.destination_id
    )


def _plan(
    before: Declaration | None, after: Declaration, session: Session, news: Mapping[str, Any]
) -> tuple[Declaration, Plan]:
    """The plan, and the declaration with what was learnt of the live connection on the way."""
    name, urn = _resource_name(news), str(news.get("resource_urn", ""))
    if before is not None and after.shape is CONNECTION:
        name = str(before.fields.get("name") or before.naming.get("name") or name)
    step, subject, known_id = None, "", None
    declared = after
    if after.shape is CATALOG and after.connection_id:
        known_id = after.connection_id
        connection = _live(session, "connection_id", known_id)
        name, after = connection.name, situated(after, connection, session.coming(known_id))
        declared = replace(declared, naming=_noted_naming(after))
        if before is None or before.connection_id != known_id:
            before, step = _before_adoption(session, urn, connection, after), Step.ATTACH
            subject = _subject(connection, after)
        else:
            before = situated(before, connection, before.naming)
    elif before is None and after.adopt:
        known_id = after.adopt
        connection = _adopted(session, after, urn)
        before, step = _before_adoption(session, urn, connection, after), Step.ADOPT
        declared = after = replace(after, **live_notes(connection, after), legacy=before.legacy)
        subject = _subject(connection, after)
    elif before is not None and _replaced(before, after):
        if not after.allow_replace:
            changed = "source_id" if before.source_id != after.source_id else "destination_id"
            raise DeclarationError(
                changed,
                getattr(after, changed),
                "would replace the connection: it is deleted with its sync state and created anew",
                f"say allow_replace=True if that is meant (it has {getattr(before, changed)})",
            )
        session.first_to_claim(("replacing", urn), urn)
    if step is None and urn and session.claimed(("replacing", urn)):
        # The engine checks a replacement a second time, as if it were new.
        step, subject = Step.REPLACE, "the connection is deleted first, then created; every stream is read anew"
    check_supported(session, before, after)
    _check_ids(session, after)
    if before is None and after.shape is CONNECTION and not after.unknown:
        _check_twins(session, after, name, urn)
    # A connection that takes the place of another one knows nothing of its tables, and counts generations anew.
    recorded = None if step is Step.REPLACE else _with_others(before, after)
    facts = facts_of(session, recorded, after, name, known_id, urn)
    facts = _check_streams(session, recorded, after, facts)
    left = columns_left(session, recorded, after, name, known_id)
    declared = replace(declared, columns={**declared.columns, **left})
    _check_tables(session, recorded, after, urn)
    return declared, build_plan(recorded, after, facts, step=step, subject=subject)


def _before_adoption(session: Session, urn: str, connection: ConnectionRead, after: Declaration) -> Declaration:
    """What is there to be adopted, with what an adoption that died has changed and not read again."""
    earlier = journal.owed(session, urn, connection)
    live = with_pending(session, connection, observed(connection, after))
    live = replace(live, schema=pending_schema(session, connection, after))
    return live if earlier is None else journal.with_owed(live, observed(earlier, after))


def _moves_under(after: Declaration, session: Callable[[str], Session]) -> bool:
    """Whether another resource of this run gives the tables of this ``Catalog`` other names."""
    if after.shape is not CATALOG or not after.connection_id:
        return False
    return bool(session(after.server).coming(after.connection_id).keys() & set(NAMING))


def _noted_naming(situated: Declaration) -> dict[str, str]:
    """How the connection of a ``Catalog`` names tables, in full: what is not noted is not known."""
    return {name: str(situated.fields.get(name) or "") for name in NAMING}


def _subject(connection: ConnectionRead, declaration: Declaration) -> str:
    # A Catalog cannot know whether the name that another resource gave the connection is a secret of the program.
    hidden = "name" in declaration.secret or declaration.shape is CATALOG
    name = "" if hidden else f" ({shown(connection.name)})"
    return f"connection {connection.connection_id}{name}"


def live_notes(connection: ConnectionRead, declaration: Declaration) -> dict[str, Any]:
    """What to note of a live connection that is not declared: its other streams, and how it names tables."""
    others = {
        stream: spec.told()
        for stream, entry in connection.sync_catalog.selected().items()
        if stream not in (declaration.streams or {}) and (spec := observe(entry)) is not None
    }
    if declaration.shape is CATALOG:
        return {
            "others": {} if declaration.exclusive else others,
            "naming": _noted_naming(situated(declaration, connection)),
        }
    live = {name: getattr(connection, name) for name in NAMING}
    naming = {
        name: str(value)
        for name, value in live.items()
        if name not in declaration.fields and value and value != "source"
    }
    if connection.status == ConnectionStatus.INACTIVE and "status" not in declaration.fields:
        naming["status"] = connection.status
    return {"others": {} if declaration.exclusive else others, "naming": naming}


def _with_notes(before: Declaration | None, after: Declaration) -> Declaration:
    """What a check has to pass on of what was noted before."""
    if before is None:
        return after
    declared = after.streams or {}
    naming = {name: value for name, value in before.naming.items() if name not in after.fields}
    if before.paused and "status" not in after.fields and after.shape is CONNECTION:
        naming["status"] = ConnectionStatus.INACTIVE.value
    paused = replace(after, naming=naming).paused
    unclear = "streams" in after.unknown or after.streams is None
    gone = dict(before.retired) if unclear else {**before.retired, **(before.streams or {})}
    # Streams that are handed back altogether stay in the connection, as somebody else's.
    others = {**before.others, **(before.streams or {})} if after.streams is None else before.others
    left = before.left
    if renames(before, after):
        left |= {table_of(stream, **naming_of(before)).key for stream in (*(before.streams or {}), *before.retired)}
        # Under another name there is nothing to resume: the sync state would leave out all older rows.
        gone = dict.fromkeys(gone)
    # Nor where the rows that were left are not those that the line would have written.
    gone |= dict.fromkeys(gone.keys() & before.unfinished)
    return replace(
        after,
        retired={stream: spec for stream, spec in gone.items() if stream not in declared},
        parted=_parted(before, after),
        columns={stream: digest for stream, digest in before.columns.items() if stream not in declared},
        left=left,
        others={stream: spec for stream, spec in others.items() if stream not in declared},
        naming=naming,
        owed=before.owed if paused else {},
        due=before.due if paused else {},
        queued=before.queued if after.paused or "status" not in after.fields else {},
        ordered={stream: spec for stream, spec in before.ordered.items() if stream in declared},
        legacy=before.legacy,
    )


def _parted(before: Declaration, after: Declaration) -> dict[StreamDescriptor, tuple[str, ...]]:
    """The columns that the source took away: they are at the destination until a sync comes, which nobody tells."""
    accepts = before.schema_changes is after.schema_changes is SchemaChanges.ACCEPT
    notes = before.schema if accepts else {}
    found = {
        stream: parted(before.parted.get(stream, ()), notes.get(stream, ()))
        for stream in before.parted.keys() | notes.keys()
    }
    return {stream: columns for stream, columns in found.items() if columns}


def _with_others(before: Declaration | None, after: Declaration) -> Declaration | None:
    """The recorded declaration with those of the connection's other streams that the program takes over now."""
    if before is None or after.streams is None:
        return before
    taken = {
        stream: after.streams[stream].declared_only(spec) if stream in after.streams else spec
        for stream, spec in before.others.items()
        if stream in after.streams or after.exclusive
    }
    return replace(before, streams={**(before.streams or {}), **taken})


def _check_twins(session: Session, after: Declaration, name: str, urn: str) -> None:
    """A new connection must not be the twin of one that is there, or of another of this program."""
    owner = session.first_to_claim(("name", after.source_id, after.destination_id, name), urn)
    if owner != urn:
        raise DeclarationError(
            "name", name, f"is also the connection {_last(owner)!r} of this program, from the same source to the same "
            "destination", "give one of them another name",
        )  # fmt: skip
    workspace = session.source(after.source_id or "").workspace_id or ""
    for item in session.names(workspace):
        # In a replacement the connection that this resource has is deleted before.
        own = session.claimed(("connection", item.connection_id)) == urn
        if item.name == name and item.ends == (after.source_id, after.destination_id) and not own:
            raise DeclarationError(
                "name", name, f"is a connection already, from this source to this destination ({item.connection_id})",
                f'give this resource an alias if it was renamed; else say adopt="{item.connection_id}" to take it over '
                "(an earlier run may have made it), or declare another name",
            )  # fmt: skip


def _check_handed_over(before: Declaration | None, after: Declaration) -> None:
    """Streams that another resource is to declare must have the rows that their lines tell: it knows nothing else."""
    if before is None or after.streams is not None or "streams" in after.unknown:
        return
    skipped = {stream for stream, policy in after.resets.overrides.items() if policy is Policy.SKIP}
    unfinished = (before.unfinished | before.unsettled.keys()) & (before.streams or {}).keys() - skipped
    if unfinished:
        names = ", ".join(sorted(stream.key for stream in unfinished))
        raise DeclarationError(
            "streams", "nothing", f"is declared any more, while rows of {names} have still to be replaced",
            "declare them until that is done, with the connection active: run `pulumi refresh` and `pulumi up`; or say "
            "resets overrides 'skip' for each to leave the rows as they are",
        )  # fmt: skip


def _check_overrides(before: Declaration | None, after: Declaration) -> None:
    if "streams" in after.unknown:
        return
    known = {**(after.streams or {}), **((before.streams or {}) if before else {})}
    for stream in after.resets.overrides:
        if stream not in known:
            raise DeclarationError(
                f'resets.overrides["{stream}"]', stream.key, "is no declared stream",
                nearest(stream.key, [other.key for other in known]),
            )  # fmt: skip


def _refusal(effect: Effect) -> DeclarationError:
    way_out = "say resets overrides 'reset' for this stream to read it again, or 'skip' to leave the rows as they are"
    if effect.because.startswith("the program says 'refuse'"):
        way_out = "take the 'refuse' out of resets to let it through"
    elif effect.code in {"AWB208", "AWB243"}:
        way_out = "drop the table and then say resets overrides 'skip' for this stream, or choose another prefix"
    elif effect.code in FIRM:
        way_out = "say resets overrides 'skip' for this stream if you answer for its rows"
    elif effect.code == "AWB283":
        way_out = "declare the stream and say resets overrides 'reset' for it, or leave the other change out"
    elif effect.code == "AWB203":
        way_out = "activate the connection in an update of its own before, or leave on_remove out"
    return DeclarationError(
        f'streams["{effect.stream}"]', effect.what, f"is refused [{effect.code}]: {effect.because}", way_out
    )


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


def _adopted(session: Session, after: Declaration, urn: str) -> ConnectionRead:
    owner = session.first_to_claim(("connection", after.adopt), urn)
    if owner != urn:
        raise DeclarationError("adopt", after.adopt, f"is the connection of {_last(owner)!r}", "keep it in one of them")
    connection = _live(session, "adopt", after.adopt or "")
    for name in ("source_id", "destination_id"):
        if getattr(after, name) not in {None, getattr(connection, name)}:
            raise DeclarationError(
                "adopt", after.adopt, f"has another {name}", f"declare {getattr(connection, name)}, as neither source "
                "nor destination can be changed; to replace a connection, take adopt out of the program",
            )  # fmt: skip
    return connection


def _replaced(before: Declaration, after: Declaration) -> bool:
    return (after.source_id is not None and before.source_id != after.source_id) or (
        after.destination_id is not None and before.destination_id != after.destination_id
    )


def _check_tables(session: Session, before: Declaration | None, after: Declaration, urn: str) -> None:
    """Two streams must not write one table: of one connection, or of two of one program.

    What other connections write is a fact of the plan; here it is about those that begin to write it in this run.
    """
    renamed = before is not None and renames(before, after)
    seen: dict[Table, StreamDescriptor] = {}
    for stream in after.streams or {}:
        table = table_of(stream, **naming_of(after))
        other = seen.setdefault(table, stream)
        if other != stream:
            raise _shared(stream, table, f"{other} of the same connection", after.secret)
        begins = before is None or renamed or stream not in (before.streams or {})
        if begins and after.destination_id is not None:
            owner = session.first_to_claim(("table", after.destination_id, table), urn)
            if owner != urn:
                raise _shared(stream, table, f"the connection {_last(owner)!r} of this program", after.secret)


def _shared(stream: StreamDescriptor, table: Table, other: str, secret: Collection[str]) -> DeclarationError:
    writes = "one table" if {*NAMING, "streams"} & set(secret) else f"the table {table.shown}"
    return DeclarationError(
        f'streams["{stream}"]', stream.key, f"writes {writes}, as does {other}",
        "give one of them another prefix or namespace",
    )  # fmt: skip


def _check_streams(session: Session, before: Declaration | None, after: Declaration, facts: Facts) -> Facts:
    """Hold new and changed streams against what the source offers; unchanged ones are taken as they are.

    What the server's cache does not have is asked for once more, past the cache.
    """
    old = (before.streams or {}) if before else {}
    if after.source_id is None:
        return facts
    moved = before.schema.keys() if before and after.schema_changes is SchemaChanges.ACCEPT else set()
    changed = {s: spec for s, spec in (after.streams or {}).items() if old.get(s) != spec or s in moved}
    if any(_problems(changed, facts.offers)):
        facts = replace(facts, offers=offers_of(session, after.source_id, fresh=True))
    for problem in _problems(changed, facts.offers):
        raise problem
    return facts


def _problems(
    streams: Mapping[StreamDescriptor, StreamSpec], offers: Mapping[StreamDescriptor, AirbyteStream]
) -> Iterator[DeclarationError]:
    for stream, spec in streams.items():
        offer = offers.get(stream)
        if offer is None:
            yield unknown_stream(stream, offers)
        else:
            yield from check_offered(spec, offer, f'streams["{stream}"]')


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
    _check_ids(session, after)
    source = after.source_id
    if after.connection_id:
        source = _live(session, "connection_id", after.connection_id).source_id
    return offers_of(session, source or "", fresh=fresh)


def _inputs(after: Declaration, news: Mapping[str, Any], announcement: Mapping[str, str]) -> dict[str, Any]:
    """The inputs to keep: canonical, with what is computed, unknown values left as the engine gave them."""
    inputs = {name: value for name, value in news.items() if name not in {*DERIVED, "recorded"}}
    record = after.record()
    inputs |= {
        name: record[name]
        for name in (*after.shape.ids, "streams", "patterns", *NOTES, *FIELDS)
        if record.get(name) is not None and name not in after.unknown
    }
    if announcement:
        inputs["planned"] = dict(announcement)
    if after.secret:
        inputs["secret_inputs"] = sorted(after.secret)
        # Empty inputs of these names are what makes the engine keep what gets their names later secret too.
        empty = {name: {} for name in DERIVED} | {"left": [], "legacy": False, "recorded": ""}
        inputs = {**empty, **inputs}
    return inputs


def _resource_name(inputs: Mapping[str, Any]) -> str:
    return str(inputs.get("name") or str(inputs.get("resource_urn", "")).rsplit("::", 1)[-1])


def _last(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
