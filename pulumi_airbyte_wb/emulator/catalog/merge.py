"""What ``get`` answers as syncCatalog: the configured catalog laid over a discovered one (semantics §3.3)."""

from pulumi_airbyte_wb.emulator.catalog.selection import first_properties, selected_names
from pulumi_airbyte_wb.emulator.core.failures import null_pointer
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import key_of
from pulumi_airbyte_wb.emulator.core.versions import Rules

# what the answer carries over as stored, if stored
_CARRIED = ("mappers", "includeFiles", "destinationObjectName")


def merged_catalog(configured: Doc, original: Doc, discovered: Doc, rules: Rules) -> Doc:
    """merge(C, O, D): ``original`` and ``discovered`` carry default configurations."""
    stored = {key_of(entry["stream"]): entry for entry in configured["streams"]}
    originals = {key_of(entry["stream"]): entry["stream"] for entry in original["streams"]}
    streams = []
    for entry in discovered["streams"]:
        key = key_of(entry["stream"])
        config = (
            _merged(stored[key]["config"], entry, originals.get(key), rules) if key in stored else _unselected(entry)
        )
        streams.append({"stream": entry["stream"], "config": config})
    return {"streams": streams}


def configured_answer(configured: Doc, rules: Rules) -> Doc:
    """The configured catalog alone, as the API shows it: selected streams with their cut schemas (§1.2, §3.2)."""
    return {
        "streams": [
            {"stream": entry["stream"], "config": _stored_answer(entry["config"], rules)}
            for entry in configured["streams"]
        ]
    }


def _unselected(entry: Doc) -> Doc:
    return {**entry["config"], "selected": False}


def _merged(config: Doc, entry: Doc, original: Doc | None, rules: Rules) -> Doc:
    stream, default = entry["stream"], entry["config"]
    for name in ("cursorField", "primaryKey"):
        if name in config and config[name] is None:
            raise null_pointer(name)
    merged: Doc = {
        **default,
        "syncMode": config["syncMode"]
        if config["syncMode"] in (stream.get("supportedSyncModes") or [])
        else default["syncMode"],
        "cursorField": config.get("cursorField") or default["cursorField"],
        "destinationSyncMode": config["destinationSyncMode"],
        "primaryKey": _merged_key(config, stream, default, rules),
        "aliasName": config.get("aliasName", default["aliasName"]),
        "selected": True,
        "suggested": False,
    }
    for name in _CARRIED:
        if config.get(name) is not None:
            merged[name] = config[name]
    _merge_fields(merged, config, stream, original, rules)
    return merged


def _merged_key(config: Doc, stream: Doc, default: Doc, rules: Rules) -> list[list[str]]:
    if rules.has("merge.sourceKeyWins") and stream.get("sourceDefinedPrimaryKey"):
        return stream["sourceDefinedPrimaryKey"]  # type: ignore[no-any-return]
    return config.get("primaryKey") or default["primaryKey"]  # type: ignore[no-any-return]


def _merge_fields(merged: Doc, config: Doc, stream: Doc, original: Doc | None, rules: Rules) -> None:
    if config.get("fieldSelectionEnabled") is not None:
        merged["fieldSelectionEnabled"] = config["fieldSelectionEnabled"]
    properties = _names(stream, rules)
    if config.get("fieldSelectionEnabled"):
        chosen, known = set(selected_names(config)), set(_names(original, rules))
        merged["selectedFields"] = [{"fieldPath": [name]} for name in properties if name in chosen or name not in known]
    if rules.has("hashedFields"):
        merged["hashedFields"] = [
            field for field in config.get("hashedFields") or [] if field["fieldPath"][0] in properties
        ]


def _names(stream: Doc | None, rules: Rules) -> list[str]:
    properties = None if stream is None else first_properties(stream.get("jsonSchema"), rules)
    return list(properties) if isinstance(properties, dict) else []


def _stored_answer(config: Doc, rules: Rules) -> Doc:
    answer = {name: value for name, value in config.items() if value is not None}
    answer.setdefault("cursorField", [])
    answer.setdefault("primaryKey", [])
    answer["selected"] = True
    answer.setdefault("suggested", False)
    if rules.has("merge.emptySelectedFields"):
        answer.setdefault("selectedFields", [])
    if rules.has("hashedFields"):
        answer.setdefault("hashedFields", [])
    if rules.has("mappers"):
        answer.setdefault("mappers", [])
    return answer
