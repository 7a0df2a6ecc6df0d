"""Schedules: what create and update accept and store, and when the next job starts (semantics §2.2, §4.2, §11.3)."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pulumi_airbyte_wb.emulator.connection.cron import Cron, next_fire, parse_cron, shortest_gap
from pulumi_airbyte_wb.emulator.core.failures import ApiError, InternalError, ProblemError, invalid
from pulumi_airbyte_wb.emulator.core.server import UNFINISHED, Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

_SECONDS = {"minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800, "months": 2592000}
_HOUR = 3600
_MINUTE = 60


def schedule_of_create(body: Doc, rules: Rules, connection_id: str) -> Doc:
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
    return _columns(kind, body["scheduleData"], rules, connection_id)


def check_patch(body: Doc) -> None:
    """The checks of an update that end in 500 (§4.2, validateConnectionPatch)."""
    if body.get("schedule") is not None:
        raise InternalError(
            "ConnectionUpdate should only make changes to the schedule by setting scheduleType and scheduleData. "
            "'schedule' is no longer supported."
        )
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


def schedule_of_update(body: Doc, rules: Rules, connection_id: str) -> Doc:
    """The schedule columns that an update changes."""
    kind = body.get("scheduleType")
    if kind is None:
        return {}
    if kind == "manual":
        return {"scheduleType": "manual", "scheduleData": None}
    return _columns(kind, body["scheduleData"], rules, connection_id)


def _columns(kind: str, data: Doc, rules: Rules, connection_id: str) -> Doc:
    if kind == "basic":
        if data.get("basicSchedule") is None:
            raise invalid("if schedule type is basic, then scheduleData.basic must be populated")
        return {"scheduleType": "basic", "scheduleData": {"basicSchedule": data["basicSchedule"]}}
    _check_cron(data.get("cron"), rules, connection_id)
    return {"scheduleType": "cron", "scheduleData": {"cron": data["cron"]}}


def _check_cron(cron: Doc | None, rules: Rules, connection_id: str) -> None:
    """Check a cron schedule (§11.3); before v0.62.4 every error is a 422.

    Raises:
        ApiError: the server refuses it.
    """
    if cron is None:
        detail = "If schedule type is cron, scheduleData.cron must be provided."
        old = "if schedule type is cron, then scheduleData.cron must be populated"
        raise _cron_error("missing-cron-data", "Cron data is missing", detail, None, old, rules)
    expression, zone = cron.get("cronExpression"), cron.get("cronTimeZone")
    if expression is None or zone is None:
        detail = "The cron must specify a cron expression and a timezone."
        data: Doc = {"connectionId": connection_id, "cronExpression": expression, "cronTimezone": zone}
        old = "Cron expression and timezone are required"
        raise _cron_error("missing-component", "Cron is missing a component", detail, data, old, rules)
    if rules.has("cron.onceAMinute"):
        checked_expression(expression, rules)
    if zone.lower().startswith("etc"):
        raise _bad_zone(connection_id, zone, "Etc/ timezones are unsupported", rules)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise _bad_zone(connection_id, zone, "invalid cron timezone", rules) from None
    parsed = checked_expression(expression, rules)
    if rules.has("cron.hourly") and shortest_gap(parsed) < _HOUR:
        title, detail = (
            "Cron executions must be at least an hour apart",
            "a connection cannot run more than once an hour",
        )
        raise _cron_error("under-one-hour-not-allowed", title, detail, None, detail, rules)


def checked_expression(expression: str, rules: Rules) -> Cron:
    """A cron expression that the version accepts, parsed; ApiError for others."""
    try:
        parsed = parse_cron(expression)
        if rules.has("cron.onceAMinute") and shortest_gap(parsed) < _MINUTE:
            raise ValueError("Cron executions must be more than 1 minute apart")
    except ValueError:
        data: Doc = {"cronExpression": expression, "validationErrorMessage": None}
        title, detail = "Invalid cron expression", "The cron expression is invalid"
        raise _cron_error("invalid-expression", title, detail, data, "invalid cron expression", rules) from None
    return parsed


def _bad_zone(connection_id: str, zone: str, old: str, rules: Rules) -> ApiError:
    data = {"connectionId": connection_id, "cronTimezone": zone}
    detail = "The specified cron timezone is invalid"
    return _cron_error("invalid-timezone", "Invalid cron timezone", detail, data, old, rules)


def _cron_error(word: str, title: str, detail: str, data: Doc | None, old: str, rules: Rules) -> ApiError:
    if rules.has("problems"):
        return ProblemError(f"error:cron-validation/{word}", title, detail, data)
    return invalid(old)


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
