"""A live connection in the words of a declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from pulumi_airbyte_wb.models import ConnectionRead, ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.spec.connection import CATALOG
from pulumi_airbyte_wb.spec.fields import FIELDS
from pulumi_airbyte_wb.spec.streams import StreamSpec, observe
from pulumi_airbyte_wb.spec.tables import NAMING
from pulumi_airbyte_wb.state.baseline import Baseline
from pulumi_airbyte_wb.state.memory import Memory


def observed(connection: ConnectionRead, declaration: Baseline) -> Baseline:
    """The live connection in the words of a declaration: its declared parts, as they are now."""
    live = in_force(connection)
    streams: dict[StreamDescriptor, StreamSpec] | None = None
    if declaration.spec.streams is not None:
        streams = {
            stream: declaration.spec.streams[stream].declared_only(spec) if stream in declaration.spec.streams else spec
            for stream, spec in live.items()
            if stream in declaration.spec.streams or declaration.spec.exclusive
        }
    return replace(
        declaration,
        spec=replace(
            declaration.spec,
            source_id=connection.source_id,
            destination_id=connection.destination_id,
            fields={
                name: value
                for name, declared in declaration.spec.fields.items()
                if (value := FIELDS[name].observed(connection, declared)) is not None
            },
            streams=streams,
        ),
    )


def in_force(connection: ConnectionRead) -> dict[StreamDescriptor, StreamSpec]:
    """The streams of a live connection in every part, whatever is declared of them."""
    found = {stream: observe(entry) for stream, entry in connection.sync_catalog.selected().items()}
    return {stream: spec for stream, spec in found.items() if spec is not None}


def situated(
    declaration: Baseline, connection: ConnectionRead, fields: Mapping[str, str] = MappingProxyType({})
) -> Baseline:
    """The declaration of a ``Catalog`` with what it leaves to its connection; that of a ``Connection`` as it is.

    ``fields`` are those that the connection has at another time, where that is what counts.
    """
    if declaration.spec.kind is not CATALOG:
        return declaration
    live = {name: value for name in (*NAMING, "status") if (value := FIELDS[name].live(connection)) is not None}
    return replace(
        declaration,
        spec=replace(
            declaration.spec,
            fields={**live, **fields},
            source_id=connection.source_id,
            destination_id=connection.destination_id,
        ),
    )


def live_memory(connection: ConnectionRead, declaration: Baseline) -> Memory:
    """What to remember of a live connection that is not declared: its other streams, and how it names tables."""
    others = {
        stream: spec.told()
        for stream, entry in connection.sync_catalog.selected().items()
        if stream not in declaration.streams and (spec := observe(entry)) is not None
    }
    return replace(
        declaration.memory,
        unmanaged={} if declaration.spec.exclusive else others,
        undeclared_fields=_undeclared(connection, declaration),
    )


def _undeclared(connection: ConnectionRead, declaration: Baseline) -> dict[str, str]:
    if declaration.spec.kind is CATALOG:
        return naming_in_full(situated(declaration, connection))
    live = {name: getattr(connection, name) for name in NAMING}
    fields = {
        name: str(value)
        for name, value in live.items()
        if name not in declaration.spec.fields and value and value != "source"
    }
    if connection.status == ConnectionStatus.INACTIVE and "status" not in declaration.spec.fields:
        fields["status"] = connection.status
    return fields


def naming_in_full(situated: Baseline) -> dict[str, str]:
    """How the connection of a ``Catalog`` names tables, in full: what is not remembered is not known."""
    return {name: str(situated.spec.fields.get(name) or "") for name in NAMING}
