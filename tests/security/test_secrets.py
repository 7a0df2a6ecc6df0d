"""Credentials, looked for in everything that a run leaves behind."""

from __future__ import annotations

import base64
import json
import logging
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import ApiError
from tests.engine import new_project
from tests.main_job.conftest import HEAD
from tools.builtin_world import world

HUSH = 'S3CR3T-"wörd"'
PLAIN = "S3CR3T-token"
LOGINS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "bearer": ({"mode": "bearer", "token": PLAIN}, {"token": SecretStr(PLAIN)}),
    "basic": (
        {"mode": "basic", "username": "ada", "password": HUSH},
        {"username": "ada", "password": SecretStr(HUSH)},
    ),
    "client-credentials": (
        {"mode": "client-credentials", "clientId": "id", "clientSecret": HUSH},
        {"client_id": "id", "client_secret": SecretStr(HUSH)},
    ),
}


def forms(secret: str) -> set[str]:
    """How a secret may look where it leaks."""
    pair = base64.b64encode(f"ada:{secret}".encode()).decode()
    return {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], pair}


@pytest.fixture(params=LOGINS)
def login(request: pytest.FixtureRequest) -> Iterator[tuple[Emulator, dict[str, Any]]]:
    auth, settings = LOGINS[request.param]
    with Emulator({**world(), "auth": auth}) as emulator:
        yield emulator, settings


def test_neither_logs_nor_errors_nor_the_emulator_show_credentials(
    login: tuple[Emulator, dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    emulator, settings = login
    secrets = {form for secret in (HUSH, PLAIN) for form in forms(secret)}
    seen: list[str] = []
    with caplog.at_level(logging.DEBUG), AirbyteClient(ServerSettings(emulator.url, **settings), attempts=1) as client:
        assert client.list_workspaces()
        if "client_id" in settings:
            secrets.add(client._transport._auth.secret)  # type: ignore[union-attr]
        for wanted in ("web_backend/connections/get", "sources/get"):
            with pytest.raises(ApiError) as caught:
                client._transport.call_raw(wanted, {"connectionId": "10000000-0000-4000-8000-000000000009"})
            seen.append("".join(traceback.format_exception(caught.value)))
        seen += [repr(client.settings), str(client.settings), repr(client), repr(vars(client._transport))]
    assert caplog.text
    pages = ["/?reload=0", "/_emulator/requests"]
    seen += [
        caplog.text,
        json.dumps(emulator.log.as_json()),
        *(httpx.get(f"{emulator.url}{page}").text for page in pages),
    ]
    for text in seen:
        for secret in secrets:
            assert secret not in text, text[max(0, text.index(secret) - 200) :][:400]


def test_a_server_that_repeats_credentials_is_not_repeated() -> None:
    """In a header that it echoes, and in the words of an error, escaped as JSON, Python or a URL do."""
    for settings in (login for _, login in LOGINS.values()):
        (secret,) = {value.get_secret_value() for value in settings.values() if isinstance(value, SecretStr)}
        shown = " ".join([*sorted(forms(secret)), quote(secret)])

        def answer(request: httpx.Request, shown: str = shown) -> httpx.Response:
            if request.url.path.endswith("token"):
                return httpx.Response(200, json={"access_token": "T0KEN"})
            return httpx.Response(422, json={"message": f"T0KEN {request.headers['authorization']} {shown}"})

        transport = httpx.MockTransport(answer)
        client = AirbyteClient(ServerSettings("http://h", **settings), transport=transport)
        with client, pytest.raises(ApiError) as caught:
            client.get_connection("c")
        assert "S3CR3T" not in str(caught.value)
        if "username" in settings:
            assert base64.b64encode(f"ada:{secret}".encode()).decode() not in str(caught.value)
        if "client_id" in settings:
            assert "T0KEN" not in str(caught.value)


PROGRAM = """
secret = pulumi.Config().require_secret("hush")
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, name=secret,
    streams=[airbyte.stream("public.orders", "full_refresh_overwrite")])
"""


@pytest.mark.engine
def test_the_highest_verbosity(tmp_path: Path) -> None:
    """There the engine logs what it hands to providers and gets from them, in the clear; we add nothing to that."""
    with Emulator({**world(), "auth": LOGINS["client-credentials"][0]}) as closed:
        project = new_project(tmp_path, HEAD + PROGRAM)
        project.set_config("airbyte-wb:url", closed.url)
        project.set_config("airbyte-wb:clientId", "id")
        project.set_secret("airbyte-wb:clientSecret", HUSH)
        project.set_secret("hush", "h1dden")
        results = [
            project.run(*command, "--logtostderr", "-v=9", "--logflow")
            for command in (("up", "--yes", "--skip-preview"), ("refresh", "--yes", "--skip-preview"))
        ]
    assert [result.code for result in results] == [0, 0]
    lines = [line for result in results for line in result.out.splitlines()]
    hidden = [line for line in lines if "h1dden" in line]
    assert hidden, "the engine logs it"
    for line in hidden:
        assert re.search(r'"msg":"(Unm|M)arshaling property for RPC\[', line), line[:400]
    credentials = [line for line in lines if "S3CR3T" in line]
    assert credentials, "the engine logs it"
    for line in credentials:
        assert re.search(r'"msg":"Marshaling property for RPC\[Provider\[0x[0-9a-f]+\]\.Configure\(\)', line), line[
            :400
        ]
