"""The page for people at ``/``: what there is, and buttons for what only a person does; forms that need no script."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader

from pulumi_airbyte_wb.emulator.control.base import ControlError
from pulumi_airbyte_wb.emulator.control.control import Control
from pulumi_airbyte_wb.emulator.control.page_views import connection_view, request_view, table_view
from pulumi_airbyte_wb.emulator.control.sessions import Sessions
from pulumi_airbyte_wb.emulator.core.durations import DurationError, seconds_of
from pulumi_airbyte_wb.emulator.core.failures import ApiError
from pulumi_airbyte_wb.emulator.jobs.causes import clock_time
from pulumi_airbyte_wb.emulator.jobs.runner import tick

_RELOAD = 2
_SHOWN_CONNECTIONS, _SHOWN_TABLES, _SHOWN_REQUESTS = 50, 50, 40

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "Cache-Control": "no-store",
}
_FIELDS = {
    "basic": ("User name", "Password"),
    "bearer": ("", "Token"),
    "client-credentials": ("Client id", "Client secret"),
}

_templates = Environment(loader=PackageLoader("pulumi_airbyte_wb.emulator.control", "templates"), autoescape=True)
_templates.filters["shown"] = lambda value: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

Form = dict[str, str]


@dataclass
class Notice:
    """What the last button of the page did."""

    text: str = ""
    failed: bool = False


def add_page(app: FastAPI, control: Control, sessions: Sessions) -> None:
    """Serve the page, its script and style, its buttons and its login."""
    notice = Notice()

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page(reload: int = _RELOAD) -> HTMLResponse:
        return HTMLResponse(render(control, notice, reload=reload), headers=_HEADERS)

    _add_files(app)
    _add_buttons(app, control, notice)
    _add_login(app, control, sessions)


def render(control: Control, notice: Notice, *, reload: int) -> str:
    """The page as it is now; ``reload`` 0 leaves it alone."""
    airbyte = control.server
    with airbyte.lock:
        tick(airbyte)
        connections = airbyte.connections()
        tables = list(airbyte.store.all("table"))
        requests = list(control.log.requests)[-_SHOWN_REQUESTS:][::-1]
        return _templates.get_template("page.html").render(
            version=str(airbyte.rules.version),
            now=clock_time(airbyte.clock.now()),
            speed=airbyte.clock.speed,
            reload=reload,
            notice=notice,
            login=airbyte.login.mode != "none",
            connections=[connection_view(airbyte, connection) for connection in connections[:_SHOWN_CONNECTIONS]],
            more_connections=max(0, len(connections) - _SHOWN_CONNECTIONS),
            tables=[table_view(airbyte, table) for table in tables[:_SHOWN_TABLES]],
            more_tables=max(0, len(tables) - _SHOWN_TABLES),
            requests=[request_view(request) for request in requests],
            request_count=sum(control.log.counts.values()),
        )


def _add_files(app: FastAPI) -> None:
    folder = resources.files("pulumi_airbyte_wb.emulator.control").joinpath("templates")
    script, style = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("page.js", "page.css"))

    @app.get("/page.js", include_in_schema=False)
    async def page_script() -> Response:
        return Response(script, media_type="text/javascript")

    @app.get("/page.css", include_in_schema=False)
    async def page_style() -> Response:
        return Response(style, media_type="text/css")


def _add_buttons(app: FastAPI, control: Control, notice: Notice) -> None:
    actions: dict[str, Callable[[Form], str]] = {
        "sync": lambda form: _sync(control, form),
        "advance": lambda form: _advance(control, form),
        "drop": lambda form: _drop(control, form),
        "drop-all": lambda form: _drop_all(control, form),
    }

    @app.post("/do/{action}", include_in_schema=False)
    async def do(action: str, request: Request) -> Response:
        form = await _form(request)
        if action not in actions:
            return Response("no such button", status_code=404)
        try:
            notice.text, notice.failed = actions[action](form), False
        except (ControlError, DurationError) as problem:
            notice.text, notice.failed = str(problem), True
        except ApiError as problem:
            notice.text, notice.failed = problem.message, True
        reload = "" if form.get("reload") == str(_RELOAD) else "?reload=0"
        return RedirectResponse(f"/{reload}#{action_place(action, form)}", status_code=303)


def action_place(action: str, form: Form) -> str:
    """Where on the page the keyboard goes on after a button."""
    return {"sync": f"connection-{form.get('connection')}", "advance": "time"}.get(action, "tables")


def _sync(control: Control, form: Form) -> str:
    job_id = control.sync(form.get("connection", ""), by="the page")
    job = next(job for job in control.explained_jobs(form["connection"]) if job["job"]["id"] == job_id)
    name = control.connection_name(form["connection"])
    reason = f": {job['reason']}" if job["reason"] else ""
    return f"{name}: job {job_id}, {job['job']['configType'].replace('_', ' ')}, {job['job']['status']}{reason}"


def _advance(control: Control, form: Form) -> str:
    control.advance(seconds_of(form.get("span", "")))
    return f"It is {clock_time(control.now())} UTC on the virtual clock."


def _drop(control: Control, form: Form) -> str:
    dropped = control.drop_table(form.get("table", ""), form.get("destination"))
    return f"Dropped {dropped.table} of {dropped.destination}, {_rows(dropped.rows)}."


def _drop_all(control: Control, form: Form) -> str:  # noqa: ARG001 - a button
    dropped = control.drop_tables()
    count = f"{len(dropped)} table{'' if len(dropped) == 1 else 's'}"
    return f"Dropped {count} with {_rows(sum(table.rows for table in dropped))}."


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def _add_login(app: FastAPI, control: Control, sessions: Sessions) -> None:
    def form_page(problem: str = "", status: int = 200) -> HTMLResponse:
        mode = control.server.login.mode
        name, secret = _FIELDS.get(mode, ("", ""))
        text = _templates.get_template("login.html").render(mode=mode, name=name, secret=secret, problem=problem)
        return HTMLResponse(text, status_code=status, headers=_HEADERS)

    @app.get("/login", include_in_schema=False)
    async def login() -> Response:
        return form_page() if control.server.login.mode != "none" else RedirectResponse("/", status_code=303)

    @app.post("/login", include_in_schema=False)
    async def log_in(request: Request) -> Response:
        form = await _form(request)
        answer = RedirectResponse("/", status_code=303)
        if sessions.open(request, answer, form.get("name", ""), form.get("secret", "")):
            return answer
        return form_page("That is not the login of this emulator's API.", 401)

    @app.post("/logout", include_in_schema=False)
    async def log_out(request: Request) -> Response:
        answer = RedirectResponse("/login", status_code=303)
        sessions.close(request, answer)
        return answer


async def _form(request: Request) -> Form:
    """The fields of a form, the last of each name."""
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}
