"""Why jobs are there and why they ended: what ordered them, when, in words for people."""

from datetime import UTC, datetime

from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, key_of, stream_ref

_SCHEDULE = "the schedule"
_KINDS = {"reset_connection": "clear", "refresh": "refresh", "sync": "sync"}
_TYPES = {"MERGE": " (retaining records)", "TRUNCATE": " (removing old records)"}
_NAMED = 3


def note_order(airbyte: Airbyte, connection_id: str, keys: list[Key]) -> None:
    """Keep what ordered a clear or a refresh of streams, for the job that will carry it out."""
    orders = airbyte.store.get("stream_order", connection_id) or {}
    orders |= {stream_ref(key): _order(airbyte) for key in keys}
    airbyte.store.put("stream_order", connection_id, orders)


def cause_of(airbyte: Airbyte, connection_id: str, streams: list[Doc]) -> Doc:
    """What starts a job now (``by`` and ``at``), and what ordered its streams to be cleared or refreshed."""
    orders = airbyte.store.get("stream_order", connection_id) or {}
    keys = [key_of(part) for part in streams]
    ordered = [orders[stream_ref(key)] for key in keys if stream_ref(key) in orders]
    distinct = [order for number, order in enumerate(ordered) if order not in ordered[:number]]
    return {**_order(airbyte), "orders": distinct}


def _order(airbyte: Airbyte) -> Doc:
    return airbyte.order or {"by": _SCHEDULE, "at": airbyte.moment}


def told_cause(job: Doc) -> str:
    """A job's cause as one sentence without its full stop."""
    cause = job["cause"]
    what = _KINDS[job["configType"]]
    if job["streams"]:
        kinds = set(job["refreshTypes"])
        what += f" of {_listed(job['streams'])}{_TYPES.get(kinds.pop(), '') if len(kinds) == 1 else ''}"
    orders = cause["orders"]
    if not orders:
        return f"{what}, ordered by {cause['by']} at {clock_time(cause['at'])}"
    told = f"{what}, ordered by " + " and by ".join(f"{order['by']} at {clock_time(order['at'])}" for order in orders)
    started = all((order["by"], order["at"]) != (cause["by"], cause["at"]) for order in orders)
    return f"{told}, started by {cause['by']} at {clock_time(cause['at'])}" if started else told


def told_reason(job: Doc) -> str | None:
    """Why a job did not succeed; ``None`` where it did, or is not at its end."""
    if job["status"] == "cancelled":
        by = job.get("cancelledBy")
        return "the connection was not active when the job began" if by is None else f"cancelled by {by}"
    failures = [attempt["failure"]["message"] for attempt in job["attempts"] if attempt.get("failure")]
    return failures[-1] if job["status"] == "failed" and failures else None


def clock_time(moment: float) -> str:
    """A moment of the virtual clock as people read it, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _listed(streams: list[Doc]) -> str:
    names = [".".join(filter(None, (part.get("namespace"), part["name"]))) for part in streams]
    more = len(names) - _NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:_NAMED])} and {more} more"
