"""Putting a world into an empty server."""

import re
from typing import Any

from pulumi_airbyte_wb.emulator.catalog.discovery import fetch_catalog
from pulumi_airbyte_wb.emulator.connection.row import create_connection
from pulumi_airbyte_wb.emulator.core.login import kept_login
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of
from pulumi_airbyte_wb.emulator.core.world import Connection, Destination, Family, Source, Stream, World, made_id
from pulumi_airbyte_wb.emulator.http.connection_requests import destination_sync_modes
from pulumi_airbyte_wb.emulator.jobs.runner import rebuild_agenda
from pulumi_airbyte_wb.emulator.rows.source_tables import put_table

_SECRET = re.compile(r"password|passphrase|secret|token|api_?key|private_?key|credentials_json", re.IGNORECASE)
_ENGINES = {Family.DIRECT_LOAD: "merge", Family.TYPING_DEDUPING: "delete", Family.NORMALIZATION: None}


def load_world(airbyte: Airbyte, world: World) -> None:
    """Forget everything and start over with a world."""
    airbyte.store.clear()
    airbyte.store.put(
        "setting",
        "server",
        {
            "login": kept_login(world.auth),
            "pace": world.pace.model_dump(mode="json"),
            "shuffle": world.shuffle,
            "version": str(airbyte.rules.version),
        },
    )
    airbyte.clock.speed = world.pace.speed
    workspaces = {}
    for workspace in world.workspaces:
        workspaces[workspace.name] = workspace.id
        slug = re.sub(r"[^a-z0-9]+", "-", workspace.name.lower()).strip("-")
        airbyte.store.put(
            "workspace", workspace.id, {"workspaceId": workspace.id, "name": workspace.name, "slug": slug}
        )
    only = next(iter(workspaces.values()), None)
    for source in world.sources:
        add_source(airbyte, source, workspaces[source.workspace] if source.workspace else str(only))
    for destination in world.destinations:
        add_destination(airbyte, destination, workspaces[destination.workspace] if destination.workspace else str(only))
    catalogs = {name: fetch_catalog(airbyte, airbyte.source(source_id)) for name, source_id in _used_sources(world)}
    for connection in world.connections:
        _add_connection(airbyte, world, connection, catalogs[connection.source])
    rebuild_agenda(airbyte)


def _actor(actor: Source | Destination, kind: str, workspace_id: str, now: float) -> Doc:
    name = actor.definition.name or actor.name
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return {
        f"{kind}Id": actor.id,
        "workspaceId": workspace_id,
        "name": actor.name,
        "configuration": masked(actor.configuration),
        "createdAt": now,
        "definition": {
            "name": name,
            "definitionId": str(actor.definition.definition_id or made_id("definition", kind, name)),
            "dockerRepository": actor.definition.docker_repository or f"airbyte/{kind}-{slug}",
            "dockerImageTag": actor.definition.docker_image_tag,
        },
    }


def masked(value: Any, name: str = "") -> Any:
    """A connector's configuration as Airbyte shows and this server keeps it: secrets are stars."""
    if isinstance(value, dict):
        return {key: masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, name) for inner in value]
    return "**********" if isinstance(value, str) and _SECRET.search(name) else value


def add_source(airbyte: Airbyte, source: Source, workspace_id: str) -> Doc:
    """Add a source with its tables."""
    doc = _actor(source, "source", workspace_id, airbyte.moment) | {
        "kind": source.kind,
        "boundary": source.boundary,
        "lookback": source.lookback,
        "deleteEvents": source.delete_events,
        "legacyState": source.legacy_state,
        "tables": [],
    }
    airbyte.store.put("source", source.id, doc)
    if source.kind == "cdc":
        airbyte.store.put("source_log", source.id, {"position": 0, "events": []})
    for stream in source.streams:
        put_table(airbyte, doc, stream_object(stream), stream.rows)
    return doc


def stream_object(stream: Stream) -> Doc:
    """The AirbyteStream that discovery reports."""
    answer: Doc = {
        "name": stream.name,
        "jsonSchema": stream.schema_of_rows,
        "supportedSyncModes": [str(mode) for mode in stream.supported_sync_modes],
        "defaultCursorField": stream.default_cursor_field,
        "sourceDefinedPrimaryKey": stream.source_defined_primary_key,
    }
    if stream.source_defined_cursor is not None:
        answer["sourceDefinedCursor"] = stream.source_defined_cursor
    if stream.namespace is not None:
        answer["namespace"] = stream.namespace
    if stream.is_resumable is not None:
        answer["isResumable"] = stream.is_resumable
    return answer


def add_destination(airbyte: Airbyte, destination: Destination, workspace_id: str) -> Doc:
    """Add a destination; normalization ones support no refreshes unless the world says so."""
    family = Family(destination.family)
    supports = destination.supports_refreshes
    modes = destination.supported_destination_sync_modes
    default = destination.default_namespace
    configuration = {**({"schema": default} if default else {}), **destination.configuration}
    doc = _actor(destination, "destination", workspace_id, airbyte.moment) | {
        "configuration": masked(configuration),
        "family": str(family),
        "engine": destination.engine or _ENGINES[family],
        "nullKeys": destination.null_keys,
        "hardDeletes": destination.hard_deletes,
        "failingCasts": destination.failing_casts,
        "supportsRefreshes": (family is not Family.NORMALIZATION) if supports is None else supports,
        "supportedDestinationSyncModes": [str(mode) for mode in modes]
        if modes is not None
        else [mode for mode in destination_sync_modes(airbyte.rules) if mode not in ("update", "soft_delete")],
        "defaultNamespace": default,
    }
    airbyte.store.put("destination", destination.id, doc)
    return doc


def _used_sources(world: World) -> list[tuple[str, str]]:
    used = {connection.source for connection in world.connections}
    return [(source.name, source.id) for source in world.sources if source.name in used]


def _add_connection(airbyte: Airbyte, world: World, connection: Connection, catalog: Doc) -> None:
    source = next(source for source in world.sources if source.name == connection.source)
    destination = next(other for other in world.destinations if other.name == connection.destination)
    streams = {key_of(stream): stream for stream in catalog["streams"]}
    wanted = connection.streams
    entries: list[Doc]
    if isinstance(wanted, str):
        entries = [
            _entry(stream, {"syncMode": "full_refresh", "destinationSyncMode": "overwrite"})
            for stream in streams.values()
        ]
    else:
        entries = [
            _entry(
                streams[Key(part.name, part.namespace)],
                {
                    "syncMode": str(part.sync_mode),
                    "destinationSyncMode": str(part.destination_sync_mode),
                    "cursorField": part.cursor_field,
                    "primaryKey": part.primary_key,
                },
            )
            for part in wanted
        ]
    request = {
        "name": connection.name,
        "sourceId": source.id,
        "destinationId": destination.id,
        "status": connection.status,
        "prefix": connection.prefix,
        "sourceCatalogId": catalog["catalogId"],
        "syncCatalog": {"streams": entries},
    }
    create_connection(airbyte, request, connection_id=connection.id)


def _entry(stream: Doc, config: Doc) -> Doc:
    full = {"cursorField": [], "primaryKey": [], "aliasName": stream["name"], "selected": True, **config}
    return {"stream": stream, "config": full}
