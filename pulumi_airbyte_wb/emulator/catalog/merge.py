"""What ``get`` answers as syncCatalog: the configured catalog laid over a discovered one (semantics §3.3)."""

from pulumi_airbyte_wb.emulator.catalog.json_order import hash_order
from pulumi_airbyte_wb.emulator.catalog.selection import first_properties, selected_names
from pulumi_airbyte_wb.emulator.core.failures import null_pointer
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import key_of
from pulumi_airbyte_wb.emulator.core.versions import Rules

# what the answer carries over as the configured catalog shows it
_CARRIED = ("aliasName", "suggested", "mappers", "includeFiles", "destinationObjectName", "fieldSelectionEnabled")


def merged_catalog(configured: Doc, original: Doc, discovered: Doc, rules: Rules) -> Doc:
    """merge(C, O, D), all in the API's form: ``original`` and ``discovered`` carry default configurations."""
    stored = {key_of(entry["stream"]): entry for entry in configured["streams"]}
    originals = {key_of(entry["stream"]): entry["stream"] for entry in original["streams"]}
    streams = []
    for entry in discovered["streams"]:
        key = key_of(entry["stream"])
        config = (
            _merged(stored[key]["config"], entry, originals.get(key), rules)
            if key in stored
            else {**entry["config"], "selected": False}
        )
        streams.append({"stream": entry["stream"], "config": config})
    return {"streams": streams}


def _merged(config: Doc, entry: Doc, original: Doc | None, rules: Rules) -> Doc:
    stream, default = entry["stream"], entry["config"]
    supported = config.get("syncMode") in (stream.get("supportedSyncModes") or [])
    merged: Doc = {
        "syncMode": config["syncMode"] if supported else default["syncMode"],
        "cursorField": config["cursorField"] or default["cursorField"],
        "primaryKey": _merged_key(config, stream, default, rules),
        "selected": True,
    }
    if config.get("destinationSyncMode") is not None:
        merged["destinationSyncMode"] = config["destinationSyncMode"]
    merged |= {name: config[name] for name in _CARRIED if name in config}
    names = _names(stream, rules)
    if config["fieldSelectionEnabled"]:
        if original is None:
            raise null_pointer("null")
        chosen, known = set(selected_names(config)), set(_names(original, rules))
        shown = [name for name in hash_order(names) if name in chosen or name not in known]
        merged["selectedFields"] = [{"fieldPath": [name]} for name in shown]
    elif rules.has("merge.emptySelectedFields"):
        merged["selectedFields"] = []
    if rules.has("hashedFields"):
        top = (stream.get("jsonSchema") or {}).get("properties") or {}
        merged["hashedFields"] = [field for field in config["hashedFields"] if field["fieldPath"][0] in top]
    if config["fieldSelectionEnabled"] and not merged["selectedFields"] and not rules.has("merge.emptySelectedFields"):
        del merged["selectedFields"]
    return merged


def _merged_key(config: Doc, stream: Doc, default: Doc, rules: Rules) -> list[list[str]]:
    if rules.has("merge.sourceKeyWins") and stream.get("sourceDefinedPrimaryKey"):
        return stream["sourceDefinedPrimaryKey"]  # type: ignore[no-any-return]
    return config["primaryKey"] or default["primaryKey"]  # type: ignore[no-any-return]


def _names(stream: Doc, rules: Rules) -> list[str]:
    properties = first_properties(stream.get("jsonSchema"), rules)
    return list(properties) if isinstance(properties, dict) else []
