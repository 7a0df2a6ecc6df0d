"""Schedules: what create and update accept and store, and when the next job starts (semantics §2.2, §4.2, §11.3)."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pulumi_airbyte_wb.emulator.connection.cron import next_fire, parse_cron, shortest_gap
from pulumi_airbyte_wb.emulator.core.failures import ApiError, InternalError, ProblemError, invalid
from pulumi_airbyte_wb.emulator.core.server import UNFINISHED, Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

_SECONDS = {"minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800, "months": 2592000}
_HOUR = 3600
_MINUTE = 60


def schedule_of_create(body: Doc, rules: Rules) -> Doc:
    """The schedule columns of a new connection."""
    legacy, kind = body.get("schedule"), body.get("scheduleType")
    if legacy is not None and kind is not None:
        raise invalid("supply old or new schedule schema but not both")
    if legacy is not None:
        return {"scheduleType": "basic", "scheduleData": {"basicSchedule": legacy}}
    if kind is None or kind == "manual":
        return {"scheduleType": "manual", "scheduleData": None}
    if body.get("scheduleData") is None:
        raise invalid("schedule type must be populated if schedule data is populated")
    return _columns(kind, body["scheduleData"], rules)


def check_patch(body: Doc) -> None:
    """The checks of an update that end in 500 (§4.2, validateConnectionPatch)."""
    if body.get("schedule") is not None:
        raise InternalError("ConnectionUpdate should not contain schedule")
    kind, data = body.get("scheduleType"), body.get("scheduleData")
    if kind is None and data is not None:
        raise InternalError(
            "ConnectionUpdate should not include any scheduleData without also specifying a valid scheduleType."
        )
    if kind == "manual" and data is not None:
        raise InternalError(
            "ConnectionUpdate should not include any scheduleData when setting the Connection scheduleType to MANUAL."
        )
    if kind in ("basic", "cron") and data is None:
        raise InternalError(
            f"ConnectionUpdate should include scheduleData when setting the Connection scheduleType to {kind.upper()}."
        )


def schedule_of_update(body: Doc, rules: Rules) -> Doc:
    """The schedule columns that an update changes."""
    kind = body.get("scheduleType")
    if kind is None:
        return {}
    if kind == "manual":
        return {"scheduleType": "manual", "scheduleData": None}
    return _columns(kind, body["scheduleData"], rules)


def _columns(kind: str, data: Doc, rules: Rules) -> Doc:
    if kind == "basic":
        if data.get("basicSchedule") is None:
            raise invalid("if schedule type is basic, then scheduleData.basic must be populated")
        return {"scheduleType": "basic", "scheduleData": {"basicSchedule": data["basicSchedule"]}}
    _check_cron(data.get("cron"), rules)
    return {"scheduleType": "cron", "scheduleData": {"cron": data["cron"]}}


def _check_cron(cron: Doc | None, rules: Rules) -> None:
    if cron is None:
        raise _cron_error("missing-cron-data", "cron data is missing", rules)
    expression, zone = cron.get("cronExpression"), cron.get("cronTimeZone")
    if not expression or not zone:
        raise _cron_error("missing-component", "cron expression and time zone must be given", rules)
    if zone.lower().startswith("etc"):
        raise _cron_error("invalid-timezone", f"the time zone {zone} is not supported", rules)
    try:
        parsed = parse_cron(expression)
    except ValueError as problem:
        raise _cron_error("invalid-expression", f"cron expression {expression}: {problem}", rules) from None
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise _cron_error("invalid-timezone", f"the time zone {zone} is unknown", rules) from None
    if rules.has("cron.onceAMinute") and shortest_gap(parsed) < _MINUTE:
        raise _cron_error("invalid-expression", "a connection cannot run more than once a minute", rules)
    if rules.has("cron.hourly") and shortest_gap(parsed) < _HOUR:
        raise _cron_error("under-one-hour-not-allowed", "a connection cannot run more than once an hour", rules)


def _cron_error(word: str, detail: str, rules: Rules) -> ApiError:
    if rules.has("problems"):
        return ProblemError(f"error:cron-validation/{word}", "Invalid cron schedule", detail)
    return invalid(detail)


def _next_run(connection: Doc, now: float, last_run: float | None) -> float | None:
    """When the schedule starts the next job; basic schedules do not wait for their first run (§2.2)."""
    if connection["status"] != "active" or connection["scheduleType"] == "manual":
        return None
    data = connection["scheduleData"]
    if connection["scheduleType"] == "cron":
        return next_fire(data["cron"]["cronExpression"], data["cron"]["cronTimeZone"], now)
    basic = data["basicSchedule"]
    return now if last_run is None else max(now, last_run + basic["units"] * _SECONDS[basic["timeUnit"]])


def plan_next_run(airbyte: Airbyte, connection: Doc) -> None:
    """Set when the schedule starts the connection's next job (§2.2)."""
    connection_id = connection["connectionId"]
    jobs = airbyte.jobs_of(connection_id)
    due = None
    if not jobs or jobs[-1]["status"] not in UNFINISHED:
        due = _next_run(connection, airbyte.moment, jobs[-1]["createdAt"] if jobs else None)
    connection["due"] = due
    airbyte.store.put("connection", connection_id, connection)
    if due is not None:
        airbyte.plan(due, "connection", connection_id)
