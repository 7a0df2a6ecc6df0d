"""The sync state of connections, its types and its deletion (semantics §9.1, §5.6)."""

from typing import Any

from pulumi_airbyte_wb.emulator.catalog.diff import configured_by_key
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, descriptor, key_of


def state_type(airbyte: Airbyte, connection_id: str) -> str:
    """global, stream, legacy or not_set; an unknown connection is not_set (§1.1)."""
    state = airbyte.store.get("state", connection_id)
    return "not_set" if state is None else str(state["type"])


def stream_state(airbyte: Airbyte, connection_id: str, key: Key) -> Doc | None:
    """What is stored for a stream."""
    state = airbyte.store.get("state", connection_id)
    if state is None:
        return None
    return next((entry["state"] for entry in state["streams"] if key_of(entry) == key), None)


def shared_state(airbyte: Airbyte, connection_id: str) -> Doc | None:
    """The shared part of a global state."""
    state = airbyte.store.get("state", connection_id)
    return None if state is None else state["shared"]


def keep_state(
    airbyte: Airbyte, connection_id: str, kind: str, key: Key, state: Doc | None, shared: Doc | None
) -> None:
    """Store what a sync emitted for a stream: rows are added and replaced, never dropped (rows.md §1.1)."""
    stored = airbyte.store.get("state", connection_id) or {"type": kind, "shared": None, "streams": []}
    stored["type"] = kind
    if shared is not None:
        stored["shared"] = shared
    if state is not None:
        stored["streams"] = [entry for entry in stored["streams"] if key_of(entry) != key]
        stored["streams"].append({"name": key.name, "namespace": key.namespace, "state": state})
    airbyte.store.put("state", connection_id, stored)


def delete_states(airbyte: Airbyte, connection_id: str, keys: list[Key]) -> None:
    """bulkDelete: everything goes when these are all streams that have state, or all configured ones (§9.1)."""
    stored = airbyte.store.get("state", connection_id)
    if stored is None:
        return
    wanted = set(keys)
    with_state = {key_of(entry) for entry in stored["streams"]}
    configured = set(configured_by_key(airbyte.configured(connection_id)))
    if wanted in (with_state, configured):
        airbyte.store.delete("state", connection_id)
        return
    stored["streams"] = [entry for entry in stored["streams"] if key_of(entry) not in wanted]
    if not stored["streams"] and stored["shared"] is None:
        airbyte.store.delete("state", connection_id)
    else:
        airbyte.store.put("state", connection_id, stored)


def state_read(airbyte: Airbyte, connection_id: str) -> Doc:
    """A ConnectionState."""
    stored = airbyte.store.get("state", connection_id)
    kind = state_type(airbyte, connection_id)
    answer: Doc = {"stateType": kind, "connectionId": connection_id}
    if stored is None:
        return answer
    streams: list[Any] = [
        {"streamDescriptor": descriptor(key_of(entry))}
        | ({} if entry["state"] is None else {"streamState": entry["state"]})
        for entry in stored["streams"]
    ]
    if kind == "stream":
        answer["streamState"] = streams
    elif kind == "global":
        answer["globalState"] = {"shared_state": stored["shared"] or {}, "streamStates": streams}
    else:
        answer["state"] = {
            "cdc": False,
            "streams": [
                {"stream_name": entry["name"], "stream_namespace": entry["namespace"], **entry["state"]}
                for entry in stored["streams"]
            ],
        }
    return answer


def replace_state(airbyte: Airbyte, connection_id: str, state: Doc) -> None:
    """Store a ConnectionState as a client wrote it."""
    kind = state.get("stateType", "not_set")
    shared: Doc | None = None
    if kind == "stream":
        entries = [(part["streamDescriptor"], part.get("streamState")) for part in state.get("streamState") or []]
    elif kind == "global":
        whole = state.get("globalState") or {}
        shared = whole.get("shared_state")
        entries = [(part["streamDescriptor"], part.get("streamState")) for part in whole.get("streamStates") or []]
    elif kind == "legacy":
        entries = [
            ({"name": part["stream_name"], "namespace": part.get("stream_namespace")}, part)
            for part in (state.get("state") or {}).get("streams", [])
        ]
    else:
        airbyte.store.delete("state", connection_id)
        return
    streams = [{"name": part["name"], "namespace": part.get("namespace"), "state": value} for part, value in entries]
    airbyte.store.put("state", connection_id, {"type": kind, "shared": shared, "streams": streams})


def delete_states_of_changed_modes(airbyte: Airbyte, connection_id: str, old: Doc, new: Doc) -> None:
    """From v1.8.0 a changed source syncMode costs the stream its state, whatever skipReset says (§5.6)."""
    if not airbyte.rules.has("state.deletedOnSyncModeChange"):
        return
    before = configured_by_key(old)
    changed = [
        key
        for key, config in configured_by_key(new).items()
        if key in before and before[key]["syncMode"] != config["syncMode"]
    ]
    if changed:
        delete_states(airbyte, connection_id, changed)
