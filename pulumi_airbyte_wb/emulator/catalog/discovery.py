"""Discovered catalogs: what a source shows, what was fetched, default configurations (semantics §3.1, §3.3)."""

import hashlib
from typing import Any

from pulumi_airbyte_wb.emulator.catalog.configured import alias, stream_object
from pulumi_airbyte_wb.emulator.catalog.json_order import discovered_order
from pulumi_airbyte_wb.emulator.catalog.json_schema import canonical
from pulumi_airbyte_wb.emulator.catalog.well_known_types import read_back
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules


class DiscoveryError(Exception):
    """The source could not be asked for its schema."""


def fetch_catalog(airbyte: Airbyte, source: Doc) -> Doc:
    """Run discovery: store what the source shows, and that it was fetched. Equal catalogs keep their id (§3.4)."""
    if source.get("trouble") is not None:
        raise DiscoveryError(source["trouble"])
    streams = [_shown(table["stream"], airbyte.rules) for table in source_tables(airbyte, source["sourceId"])]
    digest = hashlib.sha256(f"{source['sourceId']}{canonical(streams)}".encode()).hexdigest()
    known = airbyte.store.get("catalog_hash", digest)
    if known is None:
        catalog_id = airbyte.new_id()
        airbyte.store.put("catalog_hash", digest, {"catalogId": catalog_id})
        airbyte.store.put(
            "catalog", catalog_id, {"catalogId": catalog_id, "sourceId": source["sourceId"], "streams": streams}
        )
    else:
        catalog_id = known["catalogId"]
    airbyte.store.put("fetch", source["sourceId"], {"catalogId": catalog_id, "at": airbyte.moment})
    catalog = airbyte.store.get("catalog", catalog_id)
    if catalog is None:
        raise RuntimeError("a catalog vanished")
    return catalog


def newest_catalog(airbyte: Airbyte, source_id: str) -> Doc | None:
    """The catalog of the source's newest fetch, if there was one."""
    fetch = airbyte.store.get("fetch", source_id)
    return None if fetch is None else airbyte.store.get("catalog", fetch["catalogId"])


def source_tables(airbyte: Airbyte, source_id: str) -> list[Doc]:
    """The tables of a source, in its order."""
    source = airbyte.source(source_id)
    tables = (airbyte.store.get("source_table", table_id) for table_id in source["tables"])
    return [table for table in tables if table is not None]


def _shown(stream: Doc, rules: Rules) -> Doc:
    """A stream as the source shows it and the database keeps it (real-server.md 14)."""
    unknown = {"isResumable", "isFileBased"} - {name for name in ("isResumable", "isFileBased") if rules.has(name)}
    known = {name: value for name, value in stream.items() if name not in unknown}
    return {**stream_object(known, rules), "jsonSchema": discovered_order(stream.get("jsonSchema"))}


def default_configuration(stream: Doc, rules: Rules, *, alone: bool, destination_modes: list[str] | None = None) -> Doc:
    """The configuration of a stream that was not configured (§3.3)."""
    modes: list[str] = stream.get("supportedSyncModes") or []
    sync_mode, destination_mode = _default_modes(stream, modes, rules)
    if destination_modes is not None and destination_mode not in destination_modes and rules.has("defaults.smartModes"):
        if "full_refresh" in modes and "overwrite" in destination_modes:
            sync_mode, destination_mode = "full_refresh", "overwrite"
        elif modes and destination_modes:
            sync_mode, destination_mode = modes[0], destination_modes[0]
    config: dict[str, Any] = {
        "syncMode": sync_mode,
        "cursorField": list(stream.get("defaultCursorField") or []),
        "destinationSyncMode": destination_mode,
        "primaryKey": [list(path) for path in stream.get("sourceDefinedPrimaryKey") or []],
        "aliasName": alias(stream["name"]),
        "selected": alone or not rules.has("defaults.unselected"),
        "suggested": alone or not rules.has("defaults.unselected"),
    }
    if rules.has("merge.emptySelectedFields"):
        config["selectedFields"] = []
    if rules.has("hashedFields"):
        config["hashedFields"] = []
    if rules.has("mappers"):
        config["mappers"] = []
    return config


def _default_modes(stream: Doc, modes: list[str], rules: Rules) -> tuple[str, str]:
    if not rules.has("defaults.smartModes"):
        return (modes[0] if modes else "incremental"), "append"
    incremental = bool(stream.get("sourceDefinedCursor"))  # whether it is supported is not asked
    if incremental and stream.get("sourceDefinedPrimaryKey"):
        return "incremental", "append_dedup"
    if incremental and "full_refresh" in modes:
        return "full_refresh", "overwrite"
    return ("incremental", "append") if incremental else ("full_refresh", "overwrite")


def api_catalog(catalog: Doc, rules: Rules, destination_modes: list[str] | None = None) -> Doc:
    """A discovered catalog with default configurations."""
    alone = len(catalog["streams"]) == 1
    return {
        "streams": [
            {
                "stream": stream,
                "config": default_configuration(stream, rules, alone=alone, destination_modes=destination_modes),
            }
            for stream in read_back(catalog["streams"], rules)
        ]
    }
