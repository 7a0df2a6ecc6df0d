"""Small catalogs for tests, in the API's JSON."""

from __future__ import annotations

from typing import Any

from pulumi_airbyte_wb.server_rules.resets import ServerUpdate

Json = dict[str, Any]

STRING: Json = {"type": "string"}
INTEGER: Json = {"type": "integer"}


def schema(**properties: Any) -> Json:
    return {"type": "object", "properties": properties}


COLUMNS = schema(id=STRING, t=STRING, x=INTEGER, o={"type": "object", "properties": {"n": STRING}})
DEDUP: Json = {"sync_mode": "incremental", "destination_sync_mode": "append_dedup", "cursor": ["t"], "key": [["id"]]}


def stream(
    name: str = "a",
    json_schema: Any = None,
    *,
    namespace: str | None = None,
    source_key: list[list[str]] | None = None,
    sync_mode: str = "full_refresh",
    destination_sync_mode: str = "append",
    cursor: list[str] | None = None,
    key: list[list[str]] | None = None,
    selected: bool = True,
    **config: Any,
) -> Json:
    """One entry of a catalog; what else is named goes into the configuration under that name."""
    source: Json = {
        "name": name,
        "jsonSchema": schema(id=STRING) if json_schema is None else json_schema,
        "supportedSyncModes": ["full_refresh", "incremental"],
    }
    if namespace is not None:
        source["namespace"] = namespace
    if source_key is not None:
        source["sourceDefinedPrimaryKey"] = source_key
    return {
        "stream": source,
        "config": {
            "syncMode": sync_mode,
            "destinationSyncMode": destination_sync_mode,
            "cursorField": cursor or [],
            "primaryKey": key or [],
            "selected": selected,
            **config,
        },
    }


def catalog(*streams: Json) -> Json:
    return {"streams": list(streams)}


def selection(*names: str) -> Json:
    """Field selection of these columns, as configuration."""
    return {"fieldSelectionEnabled": True, "selectedFields": [{"fieldPath": [name]} for name in names]}


def mapper(type_: str, **config: Any) -> Json:
    return {"type": type_, "mapperConfiguration": config}


def hashing(field: str, suffix: str = "_hashed") -> Json:
    return mapper("hashing", targetField=field, method="SHA-256", fieldNameSuffix=suffix)


def renaming(old: str, new: str) -> Json:
    return mapper("field-renaming", originalFieldName=old, newFieldName=new)


def dropping(field: str) -> Json:
    return mapper("field-filtering", targetField=field)


def fields(result: ServerUpdate) -> set[tuple[str, str, bool]]:
    """The changes of fields that an update makes: kind, path, whether it is breaking."""
    return {
        (change["transformType"], ".".join(change["fieldName"]), change["breaking"])
        for transform in result.diff.transforms
        for change in transform["updateStream"]["fieldTransforms"]
    }
