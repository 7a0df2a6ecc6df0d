"""What a fetched schema does to connections: pausing, propagation, backfill (semantics §3.4, §7)."""

from pulumi_airbyte_wb.emulator.catalog.checks import configured_streams
from pulumi_airbyte_wb.emulator.catalog.configured import api_catalog_of, in_stored_order
from pulumi_airbyte_wb.emulator.catalog.diff import (
    catalog_diff,
    configured_by_key,
    field_transforms_of,
    is_breaking,
    streams_by_key,
)
from pulumi_airbyte_wb.emulator.catalog.discovery import DiscoveryError, default_configuration, fetch_catalog
from pulumi_airbyte_wb.emulator.connection.states import delete_states_of_changed_modes
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import descriptor, key_of

_PROPAGATING = ("propagate_columns", "propagate_fully")
_DAY = 86400


def refresh_diff(airbyte: Airbyte, connection: Doc, discovered: Doc) -> list[Doc]:
    """The diff from the connection's stored discovered catalog to the new one (§6.1)."""
    configured = airbyte.configured(connection["connectionId"])
    catalog_id = connection["sourceCatalogId"]
    original = None if catalog_id is None else airbyte.store.get("catalog", catalog_id)
    old = [entry["stream"] for entry in configured["streams"]] if original is None else original["streams"]
    return catalog_diff(old, discovered["streams"], configured_by_key(configured), airbyte.rules)


def apply_discovery(airbyte: Airbyte, connection: Doc, discovered: Doc) -> list[Doc]:
    """The side effects of a discovery that names a connection; returns that connection's diff (§3.4)."""
    diff = refresh_diff(airbyte, connection, discovered)
    if airbyte.rules.has("discover.onlyNamedConnection"):
        _mark(airbyte, connection, diff)
        return diff
    refresh_connections(airbyte, airbyte.source(connection["sourceId"]), discovered)
    return diff


def refresh_connections(airbyte: Airbyte, source: Doc, discovered: Doc) -> None:
    """The side effects of a discovery on every connection of a source (up to v1.3.0).

    The server's order is undefined; here the newest comes first. One that cannot be compared breaks the rest off.
    """
    for other in reversed(airbyte.connections()):
        if other["sourceId"] == source["sourceId"]:
            _mark(airbyte, other, refresh_diff(airbyte, other, discovered))


def _mark(airbyte: Airbyte, connection: Doc, diff: list[Doc]) -> None:
    """Set breakingChange; pause for a breaking change or a preference. Never reactivates."""
    connection["breakingChange"] = is_breaking(diff)
    if connection["status"] == "active" and (
        connection["breakingChange"] or (connection["nonBreakingChangesPreference"] == "disable" and diff)
    ):
        connection["status"] = "inactive"
    airbyte.store.put("connection", connection["connectionId"], connection)


def fetch_for_job(airbyte: Airbyte, job: Doc) -> None:
    """The schema fetch inside a job, before the data moves (§7.1)."""
    connection = airbyte.connection(job["connectionId"])
    fetch = airbyte.store.get("fetch", connection["sourceId"])
    if not airbyte.rules.has("jobs.fetchSchemaAlways") and fetch is not None and airbyte.moment - fetch["at"] < _DAY:
        return
    try:
        discovered = fetch_catalog(airbyte, airbyte.source(connection["sourceId"]))
    except DiscoveryError:
        return
    diff = apply_discovery(airbyte, connection, discovered)
    if _propagates(airbyte, connection, diff):
        propagate(airbyte, connection, discovered, diff)
        job["catalog"] = airbyte.configured(connection["connectionId"])
        job["backfill"] = _backfilled(airbyte, connection, diff)


def _propagates(airbyte: Airbyte, connection: Doc, diff: list[Doc]) -> bool:
    if not airbyte.rules.has("propagate.withoutFlag"):
        return False
    if not diff:
        return airbyte.rules.has("propagate.emptyDiff") and connection["sourceCatalogId"] is not None
    return not connection["breakingChange"] and connection["nonBreakingChangesPreference"] in _PROPAGATING


def propagate(airbyte: Airbyte, connection: Doc, discovered: Doc, diff: list[Doc]) -> None:
    """Write the discovered schema into the configured catalog; nothing is reset (§7.3)."""
    connection_id = connection["connectionId"]
    old = airbyte.configured(connection_id)
    fully = connection["nonBreakingChangesPreference"] == "propagate_fully"
    entries = {key_of(entry["stream"]): entry for entry in old["streams"]}
    found = streams_by_key(discovered["streams"], airbyte.rules)
    for transform in diff:
        key = key_of(transform["streamDescriptor"])
        kind = transform["transformType"]
        if kind == "update_stream" and key in entries:
            entries[key] = _updated(entries[key], found[key], transform, airbyte)
        elif kind == "add_stream" and fully:
            entries[key] = _added(airbyte, connection, found[key])
        elif kind == "remove_stream" and fully:
            entries.pop(key, None)
    new = in_stored_order(list(entries.values()))
    delete_states_of_changed_modes(airbyte, connection_id, old, new)
    airbyte.keep_configured(connection_id, new)
    connection["sourceCatalogId"] = discovered["catalogId"]
    airbyte.store.put("connection", connection_id, connection)


def _updated(entry: Doc, stream: Doc, transform: Doc, airbyte: Airbyte) -> Doc:
    rules = airbyte.rules
    config = api_catalog_of({"streams": [entry]}, rules)["streams"][0]["config"]
    if config["fieldSelectionEnabled"] and rules.has("propagate.newFieldsSelected"):
        added = [
            {"fieldPath": part["fieldName"]}
            for part in field_transforms_of(transform)
            if part["transformType"] == "add_field" and len(part["fieldName"]) == 1
        ]
        config = {**config, "selectedFields": [*config["selectedFields"], *added]}
    stored = configured_streams([{"stream": stream, "config": config}], rules)[0]
    return {**stored, "config": {**stored["config"], "mappers": entry["config"].get("mappers") or []}}


def _added(airbyte: Airbyte, connection: Doc, stream: Doc) -> Doc:
    modes = airbyte.destination(connection["destinationId"])["supportedDestinationSyncModes"]
    config = default_configuration(stream, airbyte.rules, alone=False, destination_modes=modes)
    return configured_streams([{"stream": stream, "config": {**config, "selected": True}}], airbyte.rules)[0]


def _backfilled(airbyte: Airbyte, connection: Doc, diff: list[Doc]) -> list[Doc]:
    """The streams that this job reads from the start because columns came or changed (§7.4)."""
    state = airbyte.store.get("state", connection["connectionId"])
    if (
        not airbyte.rules.has("backfill.withoutFlag")
        or connection["backfillPreference"] != "enabled"
        or state is None
        or state["type"] != "stream"
    ):
        return []
    configured = configured_by_key(airbyte.configured(connection["connectionId"]))
    streams = []
    for transform in diff:
        key = key_of(transform["streamDescriptor"])
        grown = any(f["transformType"] in ("add_field", "update_field_schema") for f in field_transforms_of(transform))
        if grown and key in configured and configured[key]["syncMode"] == "incremental":
            streams.append(descriptor(key))
    return streams
