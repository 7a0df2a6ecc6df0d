"""A live connection in the words of a declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from pulumi_airbyte_wb.models import ConnectionRead, ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan import Declaration
from pulumi_airbyte_wb.plan.declaration import (
    CATALOG,
)
from pulumi_airbyte_wb.providers.facts import NAMING
from pulumi_airbyte_wb.spec.fields import FIELDS
from pulumi_airbyte_wb.spec.streams import StreamSpec, observe


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
            "naming": noted_naming(situated(declaration, connection)),
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


def noted_naming(situated: Declaration) -> dict[str, str]:
    """How the connection of a ``Catalog`` names tables, in full: what is not noted is not known."""
    return {name: str(situated.fields.get(name) or "") for name in NAMING}
