"""Generations: which streams start a new one, and which rows may stay (semantics §9.3, §9.4; rows.md §2.1)."""

from pulumi_airbyte_wb.emulator.connection.states import delete_states
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of, stream_ref

_OVERWRITES = ("overwrite", "overwrite_dedup")


def generation(airbyte: Airbyte, connection_id: str, key: Key) -> int:
    """The stream's current generation."""
    doc = airbyte.store.get("generation", connection_id) or {}
    return int(doc.get(stream_ref(key), 0))


def raise_generation(airbyte: Airbyte, connection_id: str, key: Key) -> None:
    """Start a new generation."""
    doc = airbyte.store.get("generation", connection_id) or {}
    doc[stream_ref(key)] = generation(airbyte, connection_id, key) + 1
    airbyte.store.put("generation", connection_id, doc)


def minimum_generation(job: Doc, entry: Doc, current: int) -> int:
    """minimumGenerationId: the current one where older rows must go, else 0.

    They go at a truncate refresh of any mode, a clear, and a full refresh that overwrites (rows.md §2.1).
    """
    key, config = key_of(entry["stream"]), entry["config"]
    if job["configType"] == "reset_connection":
        return current if key in listed_streams(job) else 0
    if job["configType"] == "refresh" and key in listed_streams(job, "TRUNCATE"):
        return current
    overwrites = config["destinationSyncMode"] in _OVERWRITES
    if not job["generations"]:
        return current if overwrites else 0
    return current if overwrites and config["syncMode"] == "full_refresh" else 0


def listed_streams(job: Doc, refresh_type: str | None = None) -> list[Key]:
    """The streams that a reset or refresh job names."""
    return [
        key_of(part)
        for part, kind in zip(job["streams"], job["refreshTypes"], strict=True)
        if refresh_type is None or kind == refresh_type
    ]


def start_generations(airbyte: Airbyte, job: Doc) -> None:
    """What an attempt does before data moves: raise generations, delete states (§9.3, §9.4).

    The first attempt does so for the named streams and for full refreshes, later ones for full refreshes alone: none is
    resumable here, so they start again.
    """
    named = listed_streams(job) if len(job["attempts"]) == 1 else []
    entries = [] if job["configType"] == "reset_connection" else job["catalog"]["streams"]
    full = [key_of(entry["stream"]) for entry in entries if entry["config"]["syncMode"] == "full_refresh"]
    overwriting = [
        key_of(entry["stream"]) for entry in entries if entry["config"]["destinationSyncMode"] in _OVERWRITES
    ]
    again = full if job["generations"] else overwriting
    for key in dict.fromkeys([*named, *again]):
        raise_generation(airbyte, job["connectionId"], key)
    if job["generations"] and (named or full):
        delete_states(airbyte, job["connectionId"], list(dict.fromkeys([*named, *full])))
