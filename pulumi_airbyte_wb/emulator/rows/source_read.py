"""What a source reads of a stream: full, by cursor, or from its log (rows.md §1, §6 rules 1 to 5)."""

from typing import Any

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import ReadResult, Row
from pulumi_airbyte_wb.emulator.rows.values import order

CDC_POSITION = "_ab_cdc_lsn"
CDC_UPDATED = "_ab_cdc_updated_at"
CDC_DELETED = "_ab_cdc_deleted_at"

FINISHED: Doc = {"state_type": "snapshot_finished"}


def read_stream(
    source: Doc, table: Doc | None, config: Doc, state: Doc | None, shared: Doc | None, log: Doc | None
) -> ReadResult:
    """Read a stream as its source does; ``log`` is a CDC source's events, ``shared`` its stored position."""
    rows: list[Row] = [] if table is None else [dict(row) for row in table["rows"]]
    if source["kind"] == "cdc" and log is not None and config["syncMode"] == "incremental":
        return _read_log(table, rows, state, shared, log)
    if config["syncMode"] != "incremental":
        return ReadResult(rows, dict(FINISHED))
    cursor = _effective_cursor(source, table, config)
    if not cursor:
        return ReadResult(rows, dict(FINISHED))
    return _read_by_cursor(source, rows, cursor[0], state)


def _effective_cursor(source: Doc, table: Doc | None, config: Doc) -> list[str]:
    """An API source's own cursor goes before the configured one (rows.md §1.1)."""
    stream: Doc = {} if table is None else table["stream"]
    if source["kind"] == "api" and stream.get("sourceDefinedCursor") and stream.get("defaultCursorField"):
        return list(stream["defaultCursorField"])
    return list(config.get("cursorField") or [])


def _read_by_cursor(source: Doc, rows: list[Row], field: str, state: Doc | None) -> ReadResult:
    usable = state is not None and state.get("cursor_field") == [field] and state.get("cursor") is not None
    if not usable or state is None:
        return ReadResult(_by_cursor(rows, field), _cursor_state(rows, field, None))
    value = state["cursor"]
    boundary = source["boundary"]
    if boundary == "gt":
        ties = sum(1 for row in rows if order(row.get(field)) == order(value))
        inclusive = ties != state.get("cursor_record_count", 0)
    else:
        inclusive = True
        newest = max((row.get(field) for row in rows if row.get(field) is not None), key=order, default=None)
        if boundary == "ge" and (newest is None or order(newest) <= order(value)):
            return ReadResult([], dict(state))
    low = _lowered(value, source["lookback"]) if boundary == "ge_lookback" else value
    chosen = [
        row
        for row in rows
        if row.get(field) is not None
        and (order(row[field]) >= order(low) if inclusive else order(row[field]) > order(low))
    ]
    return ReadResult(_by_cursor(chosen, field), _cursor_state(rows, field, value))


def _by_cursor(rows: list[Row], field: str) -> list[Row]:
    return sorted(rows, key=lambda row: order(row.get(field)))


def _lowered(value: Any, lookback: float) -> Any:
    return value - lookback if lookback and isinstance(value, int | float) and not isinstance(value, bool) else value


def _cursor_state(rows: list[Row], field: str, value: Any) -> Doc:
    """The state after a read: the maximum seen, and how many rows carry it (rows.md §6 rule 3)."""
    seen = [row.get(field) for row in rows if row.get(field) is not None]
    newest = max([*seen, *([] if value is None else [value])], key=order, default=None)
    count = sum(1 for other in seen if order(other) == order(newest))
    return {"cursor_field": [field], "cursor": newest, "cursor_record_count": count}


def _read_log(table: Doc | None, rows: list[Row], state: Doc | None, shared: Doc | None, log: Doc) -> ReadResult:
    """CDC: a stream without an entry gets a snapshot, one with an entry the log since the shared position."""
    end = {"position": log["position"]}
    if table is None:
        return ReadResult([], state, end)
    if state is None or shared is None:
        snapshot = [
            {**row, CDC_POSITION: log["position"], CDC_UPDATED: str(log["position"]), CDC_DELETED: None} for row in rows
        ]
        return ReadResult(snapshot, {"snapshot": "finished"}, end)
    events = [
        event["row"]
        for event in log["events"]
        if event["table"] == table["id"] and event["position"] > shared["position"]
    ]
    return ReadResult([dict(row) for row in events], dict(state), end)


def checkpoint_state(result: ReadResult, config: Doc, count: int) -> Doc | None:
    """The state after the first ``count`` rows of an incremental read by cursor, if it reached one."""
    if config["syncMode"] != "incremental" or result.state is None or "cursor_field" not in result.state:
        return None
    field = result.state["cursor_field"][0]
    state = _cursor_state(result.rows[:count], field, None)
    return state if state["cursor"] is not None else None
