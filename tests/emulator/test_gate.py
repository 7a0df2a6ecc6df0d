"""Who may use the control API and the page, and that what is stored shows no secret."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from pulumi_airbyte_wb.cli import app
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.control.world_loader import masked

SECRET = "correct-horse-battery"
AUTHS: dict[str, dict[str, str]] = {
    "basic": {"mode": "basic", "username": "ada", "password": SECRET},
    "bearer": {"mode": "bearer", "token": SECRET},
    "client-credentials": {"mode": "client-credentials", "clientId": "me", "clientSecret": SECRET},
}
FORMS = {
    "basic": {"name": "ada", "secret": SECRET},
    "bearer": {"secret": SECRET},
    "client-credentials": {"name": "me", "secret": SECRET},
}
ENVIRONMENTS = {
    "basic": {"AIRBYTE_WB_USERNAME": "ada", "AIRBYTE_WB_PASSWORD": SECRET},
    "bearer": {"AIRBYTE_WB_TOKEN": SECRET},
    "client-credentials": {"AIRBYTE_WB_CLIENT_ID": "me", "AIRBYTE_WB_CLIENT_SECRET": SECRET},
}
NO_LOGIN = {f"AIRBYTE_WB_{name}": "" for name in ("TOKEN", "CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD")}
WORLD: dict[str, Any] = {"destinations": [{"name": "lake", "configuration": {"password": SECRET, "host": "h"}}]}


@pytest.fixture(scope="module")
def open_server() -> Iterator[Emulator]:
    with Emulator(allowed_hosts=["emulator"]) as emulator:
        yield emulator


@pytest.fixture(params=AUTHS)
def closed(request: pytest.FixtureRequest) -> Iterator[tuple[str, Emulator]]:
    with Emulator({**WORLD, "auth": AUTHS[request.param]}) as emulator:
        yield request.param, emulator


def header(mode: str, emulator: Emulator) -> dict[str, str]:
    if mode == "basic":
        request = httpx.Request("GET", emulator.url)
        return dict(next(httpx.BasicAuth("ada", SECRET).auth_flow(request)).headers)
    token = SECRET
    if mode == "client-credentials":
        body = {"client_id": "me", "client_secret": SECRET}
        token = httpx.post(f"{emulator.url}/api/v1/applications/token", json=body).json()["access_token"]
    return {"authorization": f"Bearer {token}"}


# hosts and origins --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/_emulator/clock", "/_emulator/docs", "/page.js", "/login"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("shop.localhost:1", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("192.168.1.7:8000", 200),
        ("emulator:8000", 200),
        ("evil.example", 403),
        ("localhost.evil.example:8000", 403),
        ("localhost@evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("", 403),
        ("[", 403),
    ],
)
def test_a_foreign_host_is_refused(open_server: Emulator, path: str, host: str, status: int) -> None:
    """A page whose own name was made to point here (DNS rebinding) sends that name."""
    answer = httpx.get(f"{open_server.url}{path}", headers={"host": host}, follow_redirects=False)
    assert answer.status_code == (303 if (path, status) == ("/login", 200) else status)
    if status == 403 and host == "evil.example":
        assert answer.json()["detail"] == (
            "the host 'evil.example' is not this emulator's: use its address, or start it with "
            "--allow-host evil.example."
        )


def test_the_api_answers_as_the_real_server_does(open_server: Emulator) -> None:
    headers = {"host": "airbyte.internal", "origin": "http://airbyte.internal"}
    assert httpx.get(f"{open_server.url}/api/v1/health", headers=headers).status_code == 200


CROSS_SITE = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost:3000", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
]


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/do/drop-all"), ("POST", "/_emulator/clock"), ("GET", "/_emulator/snapshot")]
)
def test_other_sites_are_refused(open_server: Emulator, headers: dict[str, str], method: str, path: str) -> None:
    answer = httpx.request(method, f"{open_server.url}{path}", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("requests from other sites are refused")
    assert "access-control-allow-origin" not in answer.headers


def test_the_page_itself_and_a_link_to_it_are_not(open_server: Emulator) -> None:
    own = {"origin": open_server.url, "sec-fetch-site": "same-origin"}
    assert httpx.post(f"{open_server.url}/_emulator/clock", headers=own, json={}).status_code == 200
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert httpx.get(f"{open_server.url}/_emulator/docs", headers=link).status_code == 200
    assert httpx.post(f"{open_server.url}/_emulator/clock", headers=link, json={}).status_code == 403


# logins -------------------------------------------------------------------------------------------------------------


def test_the_control_api_asks_for_the_login_of_the_api(closed: tuple[str, Emulator]) -> None:
    mode, emulator = closed
    url = f"{emulator.url}/_emulator/clock"
    refused = httpx.get(url)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic" if mode == "basic" else "Bearer")
    assert httpx.get(url, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert httpx.get(url, headers={"authorization": "Basic !!"}).status_code == 401
    for path in ("docs", "openapi.json", "snapshot", "requests"):
        assert httpx.get(f"{emulator.url}/_emulator/{path}").status_code == 401
    assert httpx.get(url, headers=header(mode, emulator)).status_code == 200


def test_people_log_in_by_a_form(closed: tuple[str, Emulator]) -> None:
    mode, emulator = closed
    with httpx.Client(base_url=emulator.url, follow_redirects=True) as browser:
        form = browser.get("/")
        assert (form.url.path, form.status_code) == ("/login", 200)
        fields = re.findall(r'<input id="(\w+)"', form.text)
        assert fields == list(FORMS[mode]) == re.findall(r'<label for="(\w+)"', form.text)
        wrong = browser.post("/login", data={**FORMS[mode], "secret": "wrong"})
        assert wrong.status_code == 401
        assert "not the login" in wrong.text
        assert browser.get("/").url.path == "/login"
        page = browser.post("/login", data=FORMS[mode])
        assert (page.url.path, page.status_code) == ("/", 200)
        assert "Log out" in page.text
        assert browser.get("/_emulator/clock").status_code == 200
        assert browser.post("/logout").url.path == "/login"
        assert browser.get("/_emulator/clock").status_code == 401


def test_the_cookie_is_out_of_reach(closed: tuple[str, Emulator]) -> None:
    mode, emulator = closed
    cookie = httpx.post(f"{emulator.url}/login", data=FORMS[mode]).headers["set-cookie"]
    assert SECRET not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert f"airbyte-emulator-{httpx.URL(emulator.url).port}=" in cookie


def test_a_session_ends_with_the_login_that_it_was_opened_by(closed: tuple[str, Emulator]) -> None:
    mode, emulator = closed
    with httpx.Client(base_url=emulator.url) as browser:
        browser.post("/login", data=FORMS[mode])
        assert browser.get("/_emulator/clock").status_code == 200
        world = json.dumps({"auth": {"mode": "bearer", "token": "another"}})
        assert browser.put("/_emulator/world", content=world).status_code == 204
        assert browser.get("/_emulator/clock").status_code == 401


def test_commands_log_in_by_the_settings_of_programs(closed: tuple[str, Emulator]) -> None:
    mode, emulator = closed
    command = ["emulator", "tables", "--url", emulator.url]
    refused = CliRunner().invoke(app, command, env=NO_LOGIN)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"{emulator.url} asks for a login: set AIRBYTE_WB_TOKEN")
    assert CliRunner().invoke(app, command, env=NO_LOGIN | ENVIRONMENTS[mode]).exit_code == 0
    wrong = dict.fromkeys(ENVIRONMENTS[mode], "wrong")
    refused = CliRunner().invoke(app, command, env=NO_LOGIN | wrong)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"{emulator.url} does not take the ")


def test_no_credential_is_sent_where_none_is_asked_for() -> None:
    seen: list[str | None] = []
    emulator = Emulator({})

    @emulator.app.middleware("http")
    async def look(request: Any, call_next: Any) -> Any:
        seen.append(request.headers.get("authorization"))
        return await call_next(request)

    with emulator:
        command = ["emulator", "tables", "--url", emulator.url]
        assert CliRunner().invoke(app, command, env=NO_LOGIN | ENVIRONMENTS["bearer"]).exit_code == 0
    assert seen == [None]


# what is stored -----------------------------------------------------------------------------------------------------


def test_neither_snapshot_nor_data_file_shows_a_secret(closed: tuple[str, Emulator], tmp_path: Path) -> None:
    mode, _emulator = closed
    data = tmp_path / "airbyte.sqlite"
    with Emulator({**WORLD, "auth": AUTHS[mode]}, data=data) as emulator:
        shown = header(mode, emulator)["authorization"].partition(" ")[2]
        snapshot = httpx.get(f"{emulator.url}/_emulator/snapshot", headers=header(mode, emulator)).text
    with sqlite3.connect(data) as database:
        kept = "".join(body for (body,) in database.execute("select body || id from doc"))
    for text in (snapshot, kept):
        assert SECRET not in text
        assert shown not in text
        assert '"mode":' in text
    with Emulator(data=data) as again:
        assert httpx.get(f"{again.url}/_emulator/clock", headers=header(mode, again)).status_code == 200


def test_configurations_are_masked_as_airbyte_masks_them() -> None:
    given = {
        "host": "h",
        "port": 1,
        "password": "a",
        "credentials": {"access_token": "b", "auth_type": "x"},
        "keys": [{"api_key": "c"}],
    }
    stars = "**********"
    assert masked(given) == {
        "host": "h",
        "port": 1,
        "password": stars,
        "credentials": {"access_token": stars, "auth_type": "x"},
        "keys": [{"api_key": stars}],
    }


# what it says when it starts ----------------------------------------------------------------------------------------


def started(*arguments: str) -> tuple[str, str]:
    """The first line on each of its outputs."""
    program = "from pulumi_airbyte_wb.cli import main; main()"
    command = [sys.executable, "-c", program, "emulator", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
        _out, problems = process.communicate(timeout=20)
    return line, problems


def test_it_warns_where_other_machines_reach_it(tmp_path: Path) -> None:
    line, problems = started("--host", "0.0.0.0")
    assert line.startswith("listening on http://0.0.0.0:")
    assert problems == (
        "Warning: it listens on 0.0.0.0, where other machines can reach it, and who does can read and change all that "
        "is in it without a login; --host 127.0.0.1 keeps it to this machine.\n"
    )
    world = tmp_path / "world.yaml"
    world.write_text("auth: {mode: basic}")
    assert "with its basic login" in started("--host", "0.0.0.0", "--world", str(world))[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_it_does_not_warn_on_loopback(host: str) -> None:
    line, problems = started("--host", host)
    assert line.startswith("listening on http://")
    assert problems == ""


def test_the_fixture_warns_too() -> None:
    emulator = Emulator({}, host="0.0.0.0")
    with pytest.warns(UserWarning, match="where other machines can reach it"), emulator:
        pass
