"""What servers hide in a connection: put in again before it is compared and sent, and never sent back as a mask."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConfiguredStream, ConnectionRead, StreamDescriptor, SyncCatalog
from pulumi_airbyte_wb.plan import Obstacle
from pulumi_airbyte_wb.plan.blocking import blocked_by
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import ConnectionSpec
from pulumi_airbyte_wb.spec.mappers import is_masked, with_secrets
from pulumi_airbyte_wb.spec.streams import configure, observe
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.not_taken import stream_in_words


def unmasked(session: Session, connection: ConnectionRead, *known: Baseline | None) -> ConnectionRead:
    """The live connection with what the server masks in its mappers, as far as the program knows it.

    So too with what it has not taken of what is recorded: it is no change, and would not be taken again.

    Args:
        session: knows what other resources of the run declare.
        connection: the live connection, as the server answers it.
        known: where a stream's mappers are looked for, the most certain first: recorded, then declared. What is
            recorded with a mask has a key that is not known, whatever is declared: it is left masked.
    """
    catalog = connection.sync_catalog
    if not any(_is_other(entry, known) for entry in catalog.streams):
        return connection
    streams = [
        _in_words(_unmasked(entry, _mappers(session, connection, entry.descriptor, *known)), known)
        if _is_other(entry, known)
        else entry
        for entry in catalog.streams
    ]
    return connection.model_copy(update={"sync_catalog": catalog.model_copy(update={"streams": streams})})


def sendable(catalog: SyncCatalog, spec: ConnectionSpec) -> SyncCatalog:
    """A catalog as the server takes it.

    ``hashedFields`` is its older form of the hashing mappers that it shows beside: they are sent once.

    Raises:
        BlockedError: a stream has a mapper whose key only the server knows, which refuses the mask that it shows.
    """
    masked = sorted(stream.key for stream, entry in catalog.selected().items() if _masks(entry))
    if masked:
        raise blocked_by(Obstacle(Code.KEY_MASKED, tuple(_name(key, spec) for key in masked)))
    return catalog.model_copy(update={"streams": [_hashed_once(entry) for entry in catalog.streams]})


def _is_other(entry: ConfiguredStream, known: Sequence[Baseline | None]) -> bool:
    """Whether an entry may be told in other words than the server's."""
    noted = any(each is not None and entry.descriptor in each.memory.not_taken for each in known)
    return bool(entry.config.mappers) or noted


def _in_words(entry: ConfiguredStream, known: Sequence[Baseline | None]) -> ConfiguredStream:
    for baseline in known:
        notes = baseline.memory.not_taken.get(entry.descriptor, ()) if baseline is not None else ()
        declared, live = baseline.streams.get(entry.descriptor) if baseline is not None else None, observe(entry)
        if notes and declared is not None and live is not None:
            entry = configure(entry, stream_in_words(live, declared, notes))
    return entry


def _masks(entry: ConfiguredStream) -> bool:
    return any(map(is_masked, entry.config.mappers or ()))


def _unmasked(entry: ConfiguredStream, known: Iterator[tuple[str, ...]]) -> ConfiguredStream:
    mappers = entry.config.mappers or []
    for declared in known:
        mappers = with_secrets(mappers, declared)
    return entry.model_copy(update={"config": entry.config.model_copy(update={"mappers": mappers})})


def _mappers(
    session: Session, connection: ConnectionRead, stream: StreamDescriptor, *known: Baseline | None
) -> Iterator[tuple[str, ...]]:
    """The mappers of a stream, by whoever declares it; no more of one whose key is recorded as not known."""
    declared = any(baseline is not None and stream in baseline.streams for baseline in known)
    for baseline in known:
        if baseline is None:
            continue
        spec = baseline.streams.get(stream) or (baseline.memory.unmanaged.get(stream) if declared else None)
        mappers = (spec.mappers or ()) if spec is not None else ()
        yield mappers
        if any(is_masked(json.loads(mapper)) for mapper in mappers):
            return
    other = session.line(connection.connection_id, stream)
    yield (other.mappers or ()) if other is not None else ()


def _hashed_once(entry: ConfiguredStream) -> ConfiguredStream:
    config = entry.config
    if config.mappers is None or "hashedFields" not in (config.model_extra or {}):
        return entry
    return entry.model_copy(update={"config": config.model_copy(update={"hashedFields": None})})


def _name(key: str, spec: ConnectionSpec) -> str:
    declared = StreamDescriptor.parse(key) in (spec.streams or {})
    return "a secret stream" if declared and "streams" in spec.secret else key
