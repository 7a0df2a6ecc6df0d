"""``airbyte-wb emulator``: run the emulator, and do with a running one what people do by hand."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from pulumi_airbyte_wb.emulator import what_to_install
from pulumi_airbyte_wb.emulator.control.client import ControlClient, Refused, Unreachable
from pulumi_airbyte_wb.emulator.core.durations import DurationError, seconds_of

_FAILED, _MISUSED = 1, 2

app = typer.Typer(
    help="Run a simulated Airbyte server until it is told to stop; the commands below talk to a running one.",
    epilog="Exit codes: 0 done; 1 the emulator refused, or the sync failed; 2 wrong usage, or nothing listens.",
    invoke_without_command=True,
    subcommand_metavar="[COMMAND] [ARGS]...",
    pretty_exceptions_enable=False,
)

Url = Annotated[str, typer.Option(envvar="AIRBYTE_WB_EMULATOR_URL", help="Where the emulator listens.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
_URL = "http://localhost:8000"


@app.callback()
def run(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 0,
    world: Annotated[Path | None, typer.Option(help="A world file (YAML); the built-in world if not given.")] = None,
    server_version: Annotated[
        str | None, typer.Option(help="The server version whose rules hold, such as 1.8.0.")
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="One more host name under which its page and control API answer; may be given again."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="One SQLite file that keeps everything; in memory if not given.")
    ] = None,
) -> None:
    """Run a simulated Airbyte server until it is told to stop; the commands below talk to a running one."""
    if context.invoked_subcommand is not None:
        return
    try:
        from pulumi_airbyte_wb.emulator.app import open_server
        from pulumi_airbyte_wb.emulator.core.world_file import WorldError, read_world
        from pulumi_airbyte_wb.emulator.foreground import serve
    except ModuleNotFoundError as missing:
        _stop(what_to_install(missing), _MISUSED)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        airbyte = open_server(None if world is None else read_world(world), server_version, data)
        serve(airbyte, host, port, say=typer.echo, warn=_warn, hosts=allow_host or ())
    except (WorldError, ValueError) as problem:
        _stop(str(problem), _MISUSED)
    except OSError as problem:
        _stop(f"Cannot listen on {host}:{port}: {problem.strerror}.", _FAILED)
    except KeyboardInterrupt:
        return


@app.command()
def sync(
    connection: Annotated[str, typer.Argument(help="The connection's name or id.")],
    url: Url = _URL,
    as_json: AsJson = False,
) -> None:
    """Run a sync to its end, and print what each stream moved.

    Virtual time passes until the job has ended, so there is no waiting. A job that is running ends first; where a
    refresh or a clear is pending, the job is that.
    """
    with _one_sentence():
        entry = ControlClient(url, os.environ).sync(connection)
    report = _report(connection, entry)
    _print(report, as_json, _job_lines)
    if report["status"] != "succeeded":
        raise typer.Exit(_FAILED)


@app.command()
def tables(url: Url = _URL, as_json: AsJson = False) -> None:
    """List the tables of all destinations, with their numbers of rows."""
    with _one_sentence():
        found = ControlClient(url, os.environ).tables()
    _print(found, as_json, _table_lines)


@app.command()
def drop(
    table: Annotated[str | None, typer.Argument(help="The table, as `tables` prints it: namespace.name.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Drop every table.")] = False,
    destination: Annotated[
        str | None, typer.Option(help="The destination's name or id; needed where several have the table.")
    ] = None,
    url: Url = _URL,
    as_json: AsJson = False,
) -> None:
    """Drop a table by hand, or all tables.

    A connection that still writes it keeps its sync state: its next sync makes the table again, with only the rows
    that this sync brings.

    After `pulumi destroy`, dropping the tables makes them free for a new `pulumi up`.
    """
    if (table is None) is not every:
        _stop("Name a table, or say --all.", _MISUSED)
    with _one_sentence():
        dropped = ControlClient(url, os.environ).drop(table, destination)
    _print(dropped, as_json, _dropped_lines)


@app.command()
def advance(
    span: Annotated[str, typer.Argument(help="How long, such as 90s, 30m, 1h or 1d12h.")],
    url: Url = _URL,
    as_json: AsJson = False,
) -> None:
    """Let virtual time pass: schedules and running jobs go on as they would in that time."""
    with _one_sentence():
        now = ControlClient(url, os.environ).advance(seconds_of(span))
    time = datetime.fromtimestamp(now, UTC)
    report = {"now": now, "time": time.isoformat(timespec="seconds")}
    _print(report, as_json, lambda _report: [f"It is {time:%Y-%m-%d %H:%M:%S} UTC on the virtual clock."])


@contextmanager
def _one_sentence() -> Iterator[None]:
    try:
        yield
    except (Unreachable, DurationError) as problem:
        _stop(str(problem), _MISUSED)
    except Refused as problem:
        _stop(str(problem), _FAILED)


def _warn(sentence: str) -> None:
    typer.echo(sentence, err=True)


def _stop(sentence: str, code: int) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code) from None


def _print(report: Any, as_json: bool, lines: Callable[[Any], list[str]]) -> None:
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        for line in lines(report):
            typer.echo(line)


def _report(connection: str, entry: dict[str, Any]) -> dict[str, Any]:
    last = entry["attempts"][-1] if entry["attempts"] else {}
    return {
        "connection": connection,
        "job": entry["job"]["id"],
        "kind": entry["job"]["configType"],
        "status": entry["job"]["status"],
        "cause": entry["cause"],
        "reason": entry["reason"],
        "streams": [
            {
                "stream": ".".join(filter(None, (part.get("streamNamespace"), part["streamName"]))),
                "records": part["stats"]["recordsEmitted"],
                "bytes": part["stats"]["bytesEmitted"],
            }
            for part in last.get("streamStats") or []
        ],
    }


def _job_lines(report: dict[str, Any]) -> list[str]:
    reason = f": {report['reason']}" if report["reason"] else ""
    kind = report["kind"].replace("_", " ")
    head = [_plain(f"{report['connection']}: job {report['job']}, {kind}, {report['status']}{reason}")]
    if report["kind"] != "sync":
        head.append(_plain(f"  {report['cause']}"))
    moved = [("  " + part["stream"], _count(part["records"], "record")) for part in report["streams"]]
    return [*head, *_columns(moved)]


def _table_lines(found: list[dict[str, Any]]) -> list[str]:
    rows = [(part["destination"], part["table"], _count(part["rows"], "row")) for part in found]
    return _columns(rows) or ["No destination has a table."]


def _dropped_lines(dropped: list[dict[str, Any]]) -> list[str]:
    lines = [f"dropped {part['table']} of {part['destination']}, {_count(part['rows'], 'row')}" for part in dropped]
    forgotten = sorted({name for part in dropped for name in part["forgotten"]})
    if forgotten:
        what = "connection" if len(forgotten) == 1 else "connections"
        lines.append(f"What the deleted {what} {', '.join(forgotten)} wrote there is forgotten.")
    return [_plain(line) for line in lines] or ["No destination has a table."]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    plain = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in plain]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _plain(text: str) -> str:
    """A name as a terminal may show it: control characters escaped."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
