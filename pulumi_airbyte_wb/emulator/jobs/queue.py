"""How requests start jobs: stream resets, refreshes, syncs, signals (semantics §9.2)."""

from pulumi_airbyte_wb.emulator.catalog.diff import configured_by_key
from pulumi_airbyte_wb.emulator.core.failures import InternalError, KnownError
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, descriptor, key_of
from pulumi_airbyte_wb.emulator.jobs import history
from pulumi_airbyte_wb.emulator.jobs.causes import cause_of, note_order
from pulumi_airbyte_wb.emulator.jobs.job_end import cancel_unfinished


def order_resets(airbyte: Airbyte, connection_id: str, keys: list[Key]) -> None:
    """Write ``stream_reset`` rows, without duplicates."""
    rows = airbyte.store.get("stream_reset", connection_id) or {"streams": []}
    rows["streams"] += [part for part in map(descriptor, keys) if part not in rows["streams"]]
    airbyte.store.put("stream_reset", connection_id, rows)
    note_order(airbyte, connection_id, keys)


def order_refreshes(airbyte: Airbyte, connection_id: str, keys: list[Key], kind: str) -> None:
    """Write ``stream_refreshes`` rows of type MERGE or TRUNCATE."""
    rows = airbyte.store.get("stream_refresh", connection_id) or {"streams": [], "types": []}
    rows["streams"] += [descriptor(key) for key in keys]
    rows["types"] += [kind] * len(keys)
    airbyte.store.put("stream_refresh", connection_id, rows)
    note_order(airbyte, connection_id, keys)


def pending(airbyte: Airbyte, connection_id: str, kind: str) -> Doc | None:
    """The rows of ``stream_reset`` or ``stream_refresh`` that wait, if any."""
    rows = airbyte.store.get(kind, connection_id)
    return rows if rows is not None and rows["streams"] else None


def signal_reset(airbyte: Airbyte, connection: Doc) -> Doc:
    """The ``resetConnection`` signal: a running job is cancelled, then the next job starts at once (§9.2)."""
    connection_id = connection["connectionId"]
    if connection["status"] == "deprecated":
        raise InternalError("Connection has been deleted", "java.lang.IllegalStateException")
    cancel_unfinished(airbyte, connection_id)
    return start_job(airbyte, connection)


def manual_sync(airbyte: Airbyte, connection: Doc) -> Doc:
    """``/sync``: refused while a job runs (§9.2)."""
    if connection["status"] != "active" and (
        airbyte.rules.has("sync.needsActive") or connection["status"] == "deprecated"
    ):
        raise InternalError("Can only sync an active connection", "java.lang.IllegalStateException")
    if airbyte.unfinished_job(connection["connectionId"]) is not None:
        raise KnownError(
            409,
            "A sync is already running for: " + connection["connectionId"],
            "ValueConflictKnownException",
        )
    return start_job(airbyte, connection)


def refresh(airbyte: Airbyte, connection: Doc, keys: list[Key], kind: str) -> Doc | None:
    """``/refresh``: rows are written, then a manual sync; a running job is left alone (§9.2)."""
    order_refreshes(airbyte, connection["connectionId"], keys, kind)
    if airbyte.unfinished_job(connection["connectionId"]) is not None:
        return None
    return start_job(airbyte, connection)


def start_job(airbyte: Airbyte, connection: Doc) -> Doc:
    """Create the next job: pending resets first, then refreshes, else a sync (§9.2)."""
    connection_id = connection["connectionId"]
    resets = pending(airbyte, connection_id, "stream_reset")
    refreshes = pending(airbyte, connection_id, "stream_refresh") if resets is None else None
    kind = "reset_connection" if resets else "refresh" if refreshes else "sync"
    named = resets or refreshes or {"streams": []}
    if refreshes is not None:
        if not airbyte.supports_refreshes(connection):
            raise InternalError("Destination does not support refreshes", "java.lang.IllegalStateException")
        airbyte.store.delete("stream_refresh", connection_id)
    now = airbyte.moment
    configured = airbyte.configured(connection_id)
    job: Doc = {
        "id": airbyte.next_number("job"),
        "connectionId": connection_id,
        "configType": kind,
        "status": "pending",
        "cause": cause_of(airbyte, connection_id, named["streams"]),
        "createdAt": now,
        "updatedAt": now,
        "streams": list(named["streams"]),
        "refreshTypes": list(named.get("types") or ["CLEAR"] * len(named["streams"])),
        "enabledStreams": _enabled(airbyte, configured, named["streams"] if resets else None),
        "catalog": configured,
        "generations": airbyte.rules.has("jobs.stateDeletedAtStart"),
        "attempts": [],
        "runs": [],
        "phase": "queued",
        "due": now + airbyte.pace.queued,
    }
    history.add_job(airbyte, job)
    airbyte.plan(job["due"], "job", str(job["id"]))
    return job


def _enabled(airbyte: Airbyte, configured: Doc, reset: list[Doc] | None) -> list[Doc]:
    """enabledStreams: of a reset job none up to v0.58.1, then those that it resets (real-server.md 10)."""
    streams = [descriptor(key_of(entry["stream"])) for entry in configured["streams"]]
    if reset is None:
        return streams
    return [stream for stream in streams if stream in reset] if airbyte.rules.has("reset.enabledStreams") else []


def all_streams(airbyte: Airbyte, connection_id: str) -> list[Key]:
    """The configured streams of a connection."""
    return list(configured_by_key(airbyte.configured(connection_id)))
