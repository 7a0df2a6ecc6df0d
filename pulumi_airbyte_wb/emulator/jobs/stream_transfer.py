"""Moving one stream of a job: reading it, its progress, loading it, keeping its state (semantics §9; rows.md §6)."""

import json
from dataclasses import replace

from pulumi_airbyte_wb.emulator.catalog.destination import mapped_stream
from pulumi_airbyte_wb.emulator.connection.states import keep_state, shared_state, state_type, stream_state
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, ReadResult, key_of
from pulumi_airbyte_wb.emulator.jobs.generations import generation, listed_streams, minimum_generation
from pulumi_airbyte_wb.emulator.rows import destination_tables as tables
from pulumi_airbyte_wb.emulator.rows.load import Load, StreamFailedError
from pulumi_airbyte_wb.emulator.rows.pipeline import columns_of, destination_names, records_of
from pulumi_airbyte_wb.emulator.rows.source_read import checkpoint_state, read_stream
from pulumi_airbyte_wb.emulator.rows.source_tables import find_table

_MIGRATABLE = ("legacy", "not_set")


def begin_stream(airbyte: Airbyte, job: Doc) -> None:
    """Read the job's current stream, and set when it will be through."""
    entry = job["catalog"]["streams"][job["at"]]
    run, pace = job["runs"][job["at"]], airbyte.pace
    result = _read(airbyte, job, entry)
    airbyte.reads[job["id"]] = result
    run["startedAt"] = airbyte.moment
    run["total"] = len(result.rows)
    run["bytes"] = sum(len(json.dumps(row)) for row in result.rows)
    job["due"] = airbyte.moment + pace.per_stream + run["total"] / pace.records_per_second
    run["dueAt"] = job["due"]
    _count(run, len(job["attempts"]) - 1, 0, committed=0)


def show_progress(airbyte: Airbyte, job: Doc) -> None:
    """Bring the running stream's statistics to the present moment."""
    run = job["runs"][job["at"]]
    _count(run, len(job["attempts"]) - 1, int(run["total"] * _fraction(airbyte, run)), committed=0)


def finish_stream(airbyte: Airbyte, job: Doc) -> None:
    """Load the current stream whole and keep its state; StreamFailedError when it cannot be."""
    entry, run = job["catalog"]["streams"][job["at"]], job["runs"][job["at"]]
    result = airbyte.reads.pop(job["id"], None) or _read(airbyte, job, entry)
    fault = _take_fault(airbyte, job, key_of(entry["stream"]))
    if fault is not None:
        _load(airbyte, job, entry, result, fault["after"], complete=False)
        if fault["checkpoint"]:
            _keep_checkpoint(airbyte, job, entry, result, fault["after"])
        raise StreamFailedError(fault["message"])
    _load(airbyte, job, entry, result, len(result.rows), complete=True)
    _count(run, len(job["attempts"]) - 1, len(result.rows), committed=len(result.rows))
    if job["configType"] != "reset_connection" or key_of(entry["stream"]) not in listed_streams(job):
        _keep(airbyte, job, entry, result)


def break_off(airbyte: Airbyte, job: Doc) -> None:
    """The job ends in the middle of a stream: what was moved so far stays, without a checkpoint (§9.2)."""
    entry, run = job["catalog"]["streams"][job["at"]], job["runs"][job["at"]]
    result = airbyte.reads.pop(job["id"], None) or _read(airbyte, job, entry)
    count = int(len(result.rows) * _fraction(airbyte, run))
    _count(run, len(job["attempts"]) - 1, count, committed=count)
    try:
        _load(airbyte, job, entry, result, count, complete=False)
    except StreamFailedError:
        return


def commit_global_state(airbyte: Airbyte, job: Doc) -> None:
    """A global state is kept once, when all streams are through."""
    for pending in job.pop("pendingState", []):
        key = key_of(pending)
        keep_state(airbyte, job["connectionId"], "global", key, pending["state"], pending["shared"])


def _fraction(airbyte: Airbyte, run: Doc) -> float:
    span = run["dueAt"] - run["startedAt"]
    return 1.0 if span <= 0 else max(0.0, min(1.0, (airbyte.moment - run["startedAt"]) / span))


def _read(airbyte: Airbyte, job: Doc, entry: Doc) -> ReadResult:
    """Read the source; a reset job's source is empty (§9.3)."""
    if job["configType"] == "reset_connection":
        return ReadResult([])
    connection = airbyte.connection(job["connectionId"])
    source = airbyte.source(connection["sourceId"])
    key = key_of(entry["stream"])
    table = find_table(airbyte, source["sourceId"], key)
    log = airbyte.store.get("source_log", source["sourceId"])
    if log is not None:
        events = [event for event in log["events"] if event["position"] <= job["logEnd"]]
        log = {"position": job["logEnd"], "events": events}
    state = (
        None
        if job.get("backfill") and key in _keys(job["backfill"])
        else stream_state(airbyte, job["connectionId"], key)
    )
    return read_stream(source, table, entry["config"], state, shared_state(airbyte, job["connectionId"]), log)


def _keys(parts: list[Doc]) -> list[Key]:
    return [key_of(part) for part in parts]


def _load(airbyte: Airbyte, job: Doc, entry: Doc, result: ReadResult, count: int, *, complete: bool) -> None:
    connection = airbyte.connection(job["connectionId"])
    destination = airbyte.destination(connection["destinationId"])
    stream, config = entry["stream"], entry["config"]
    key = key_of(stream)
    current = generation(airbyte, job["connectionId"], key)
    namespace, name = destination_names(connection, stream, destination)
    mode = config["destinationSyncMode"]
    if job["configType"] == "reset_connection":
        mode = _mode_in_reset(mode, named=key in listed_streams(job))
    mapped = mapped_stream(entry, airbyte.rules)
    order = Load(
        key=key,
        namespace=namespace,
        table=name,
        destination_mode=mode,
        cursor=list(mapped.cursor or []),
        primary_key=[list(path) for path in mapped.key or []],
        columns=columns_of(mapped),
        generation=current,
        minimum=minimum_generation(job, entry, current),
        complete=complete,
    )
    records = records_of(entry, result.rows[:count], lambda: airbyte.next_number("extraction"))
    tables.write(airbyte, destination, replace(order, records=records))


def _mode_in_reset(mode: str, *, named: bool) -> str:
    """A reset job overwrites the named streams with nothing; others must not be touched (§9.3)."""
    if named:
        return "overwrite"
    return {"overwrite": "append", "overwrite_dedup": "append_dedup"}.get(mode, mode)


def _keep(airbyte: Airbyte, job: Doc, entry: Doc, result: ReadResult) -> None:
    if result.state is None and result.shared is None:
        return
    connection = airbyte.connection(job["connectionId"])
    source = airbyte.source(connection["sourceId"])
    kind = "global" if source["kind"] == "cdc" else "legacy" if source["legacyState"] else "stream"
    stored = state_type(airbyte, job["connectionId"])
    if stored not in (*_MIGRATABLE, kind):
        raise StreamFailedError(f"state type {stored} cannot become {kind}: the connection must be reset")
    key = key_of(entry["stream"])
    if kind == "global":
        pending = {"name": key.name, "namespace": key.namespace, "state": result.state, "shared": result.shared}
        job.setdefault("pendingState", []).append(pending)
    else:
        keep_state(airbyte, job["connectionId"], kind, key, result.state, None)


def _keep_checkpoint(airbyte: Airbyte, job: Doc, entry: Doc, result: ReadResult, count: int) -> None:
    state = checkpoint_state(result, entry["config"], count)
    if state is not None:
        keep_state(airbyte, job["connectionId"], "stream", key_of(entry["stream"]), state, None)


def _take_fault(airbyte: Airbyte, job: Doc, key: Key) -> Doc | None:
    """A fault that was ordered for this stream; each is used once."""
    faults = airbyte.store.get("stream_fault", job["connectionId"])
    for fault in [] if faults is None else faults["faults"]:
        if fault["name"] == key.name and fault["namespace"] == key.namespace:
            faults["faults"].remove(fault)  # type: ignore[index]
            airbyte.store.put("stream_fault", job["connectionId"], faults)  # type: ignore[arg-type]
            return dict(fault)
    return None


def _count(run: Doc, attempt: int, emitted: int, *, committed: int) -> None:
    size = 0 if not run["total"] else run["bytes"] // run["total"]
    while len(run["stats"]) <= attempt:
        run["stats"].append(None)
    run["stats"][attempt] = {
        "recordsEmitted": emitted,
        "bytesEmitted": emitted * size,
        "recordsCommitted": committed,
        "bytesCommitted": committed * size,
        "estimatedRecords": run["total"],
        "estimatedBytes": run["bytes"],
    }
