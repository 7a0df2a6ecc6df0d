"""What is stored of a configured stream, and how the API shows it (semantics §1.2, §3.2; real-server.md 8, 9, A13)."""

import re
from typing import Any

from pulumi_airbyte_wb.emulator.catalog.json_order import stored_order
from pulumi_airbyte_wb.emulator.catalog.mappers import hashed_fields, masked, stored_mappers
from pulumi_airbyte_wb.emulator.catalog.selection import first_properties
from pulumi_airbyte_wb.emulator.catalog.well_known_types import read_back
from pulumi_airbyte_wb.emulator.core.failures import null_pointer
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

_STREAM_PARTS = ("sourceDefinedCursor", "namespace", "isResumable", "isFileBased")
_LISTS = ("supportedSyncModes", "defaultCursorField", "sourceDefinedPrimaryKey")


def alias(name: str | None) -> str:
    """AliasName is never stored: every answer makes it of the stream's name."""
    if name is None:
        raise null_pointer('Cannot invoke "java.lang.CharSequence.toString()" because "src" is null')
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def stored_entry(entry: Doc, rules: Rules) -> Doc:
    """What the database keeps of a selected stream whose schema is cut."""
    config = entry["config"]
    kept: Doc = {
        "syncMode": config.get("syncMode"),
        "cursorField": config.get("cursorField") or [],
        "destinationSyncMode": config.get("destinationSyncMode"),
        "primaryKey": config.get("primaryKey") or [],
        "fieldSelectionEnabled": bool(config.get("fieldSelectionEnabled")),
        "includeFiles": bool(config.get("includeFiles")),
        "destinationObjectName": config.get("destinationObjectName"),
        "mappers": stored_mappers(config, rules),
    }
    return {"stream": stream_object(entry["stream"], rules), "config": kept}


def in_stored_order(entries: list[Doc]) -> Doc:
    """Entries as a catalog that is stored: schemas come back with their keys in the database's order."""
    return {
        "streams": [
            {**entry, "stream": {**entry["stream"], "jsonSchema": stored_order(entry["stream"]["jsonSchema"])}}
            if "jsonSchema" in entry["stream"]
            else entry
            for entry in entries
        ]
    }


def stream_object(stream: Doc, rules: Rules) -> Doc:
    """A stream as the database keeps it: its lists are never missing."""
    kept: Doc = {"name": stream.get("name"), "jsonSchema": stream.get("jsonSchema")}
    kept |= {name: stream[name] for name in _STREAM_PARTS if stream.get(name) is not None}
    kept |= {name: stream.get(name) or [] for name in _LISTS}
    if rules.has("stream.cursorFlagSent"):
        kept.setdefault("sourceDefinedCursor", False)
    return {name: value for name, value in kept.items() if name != "jsonSchema" or value is not None}


def api_catalog_of(configured: Doc, rules: Rules) -> Doc:
    """The configured catalog as the API shows it: selected streams with their cut schemas."""
    entries = configured["streams"]
    streams = read_back([entry["stream"] for entry in entries], rules)
    return {
        "streams": [
            {"stream": stream, "config": _api_config(stream, entry["config"], rules)}
            for stream, entry in zip(streams, entries, strict=True)
        ]
    }


def _api_config(stream: Doc, config: Doc, rules: Rules) -> Doc:
    enabled = bool(config.get("fieldSelectionEnabled"))
    shown: Doc = {
        "syncMode": config["syncMode"],
        "cursorField": config.get("cursorField") or [],
        "destinationSyncMode": config["destinationSyncMode"],
        "primaryKey": config.get("primaryKey") or [],
        "aliasName": alias(stream.get("name")),
        "selected": True,
        "suggested": False if rules.has("merge.suggested") else None,
        "fieldSelectionEnabled": enabled,
        "selectedFields": [] if rules.has("merge.emptySelectedFields") else None,
    }
    if enabled:
        properties = first_properties(stream.get("jsonSchema"), rules)
        shown["selectedFields"] = [{"fieldPath": [name]} for name in properties or ()]
    shown |= mapped_parts(config, rules)
    if rules.has("includeFiles"):
        shown["includeFiles"] = bool(config.get("includeFiles"))
    if rules.has("destinationObjectName"):
        shown["destinationObjectName"] = config.get("destinationObjectName")
    return {name: value for name, value in shown.items() if value is not None}


def mapped_parts(config: Doc, rules: Rules) -> dict[str, Any]:
    """The mappers of a stored configuration as the API shows them: secrets are masked, hashed fields derived."""
    shown: dict[str, Any] = {}
    if rules.has("hashedFields"):
        shown["hashedFields"] = hashed_fields(config)
    if rules.has("mappers"):
        shown["mappers"] = [masked(mapper, rules) for mapper in config.get("mappers") or []]
    return shown
