"""Every way to log in, TLS, proxies; and that no secret is ever shown."""

from __future__ import annotations

import base64
import datetime as dt
import http.server
import json
import logging
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from pydantic import SecretStr

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings, read_settings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import AuthenticationError, ConfigurationError, ServerError, UnreachableError
from tools.builtin_world import WORKSPACE

from .conftest import VERSIONS, Start

WORLD = {"workspaces": [{"name": "W", "workspaceId": WORKSPACE}]}
SECRET = "correct-horse-battery"
WAYS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "none": ({"mode": "none"}, {}),
    "basic": (
        {"mode": "basic", "username": "airbyte", "password": SECRET},
        {"username": "airbyte", "password": SecretStr(SECRET)},
    ),
    "bearer": ({"mode": "bearer", "token": SECRET}, {"token": SecretStr(SECRET)}),
    "client-credentials": (
        {"mode": "client-credentials", "clientId": "me", "clientSecret": SECRET},
        {"client_id": "me", "client_secret": SecretStr(SECRET)},
    ),
}
WRONG: dict[str, dict[str, Any]] = {
    "basic": {"username": "airbyte", "password": SecretStr("wrong-secret")},
    "bearer": {"token": SecretStr("wrong-secret")},
    "client-credentials": {"client_id": "me", "client_secret": SecretStr("wrong-secret")},
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_log_in(start: Start, way: str, version: str) -> None:
    auth, settings = WAYS[way]
    server = start(version, {**WORLD, "auth": auth}, **settings)
    if way == "client-credentials" and version == "0.50.0":
        with pytest.raises(AuthenticationError, match=r"needs a server of versions from 0\.50\.38 on"):
            server.client.get_workspace(WORKSPACE)
        return
    assert server.client.get_workspace(WORKSPACE).name == "W"
    assert server.client.get_health()


@pytest.mark.parametrize("way", WRONG)
def test_wrong_credentials_are_one_sentence_that_names_the_config(start: Start, way: str) -> None:
    server = start("1.8.0", {**WORLD, "auth": WAYS[way][0]}, label="eu", **WRONG[way])
    with pytest.raises(AuthenticationError) as caught:
        server.client.get_workspace(WORKSPACE)
    assert "airbyte-wb:eu." in str(caught.value)
    assert "wrong-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert server.client.get_health()


def test_a_missing_login_is_told(start: Start) -> None:
    server = start("1.8.0", {**WORLD, "auth": WAYS["bearer"][0]})
    with pytest.raises(AuthenticationError, match=r"does not accept the credentials \(401\)"):
        server.client.get_workspace(WORKSPACE)


def _token(seconds: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + seconds}).encode()).decode().rstrip("=")
    return f"head.{claims}.signature"


@pytest.mark.parametrize(
    ("answer", "renewed_after"),
    [
        ({"access_token": "plain"}, 12 * 60),
        ({"access_token": "plain", "expires_in": 100}, 80),
        ({"access_token": "a JWT of 300 seconds"}, 240),
    ],
)
def test_a_token_is_renewed_before_it_expires(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], renewed_after: float
) -> None:
    fetched = []
    if "JWT" in str(answer["access_token"]):
        answer = {"access_token": _token(300)}

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/applications/token"):
            fetched.append(request)
            return httpx.Response(200, json=answer)
        return httpx.Response(200, json={"sourceId": "s"})

    settings = ServerSettings("http://h", client_id="me", client_secret=SecretStr(SECRET))
    now = time.monotonic()
    with AirbyteClient(settings, transport=httpx.MockTransport(handler)) as client:
        for moment, count in ((0.0, 1), (renewed_after - 10, 1), (renewed_after + 10, 2)):
            monkeypatch.setattr(time, "monotonic", lambda moment=moment: now + moment)
            client.get_source("s")
            assert len(fetched) == count


def test_a_token_that_expired_earlier_is_renewed_after_a_401(start: Start) -> None:
    auth, settings = WAYS["client-credentials"]
    server = start("1.8.0", {**WORLD, "auth": {**auth, "tokenLifetime": 5}}, **settings)
    for _ in range(3):
        assert server.client.get_workspace(WORKSPACE).name == "W"
        server.emulator.advance(60)
    statuses = [each.status for each in server.emulator.log.requests if each.path == "workspaces/get"]
    assert statuses == [200, 401, 200, 401, 200]
    assert server.emulator.log.counts["applications/token"] == 3


def test_settings_hold_secrets_as_secrets() -> None:
    values = {"airbyte-wb:url": "http://h", "airbyte-wb:token": SECRET, "airbyte-wb:caBundle": "ca.pem"}
    settings = read_settings(values.get, environ={})
    assert SECRET not in f"{settings!r} {settings}"
    assert settings.token == SecretStr(SECRET)


@pytest.mark.parametrize("way", ["basic", "bearer", "client-credentials"])
def test_no_log_and_no_error_shows_a_secret(caplog: pytest.LogCaptureFixture, way: str) -> None:
    auth, settings = WAYS[way]
    basic = base64.b64encode(f"airbyte:{SECRET}".encode()).decode()
    with caplog.at_level(logging.DEBUG), Emulator({**WORLD, "auth": auth}) as emulator:
        with AirbyteClient(ServerSettings(emulator.url, **settings)) as client:
            client.get_workspace(WORKSPACE)
            token = client._transport._auth.secret if way == "client-credentials" else ""  # type: ignore[union-attr]
        assert any(record.name == "httpx" for record in caplog.records)
        assert any(record.name.startswith("httpcore") for record in caplog.records)
    # The answer that brings a token is a body, and bodies are not logged.
    for secret in (SECRET, basic, token):
        assert not secret or secret not in caplog.text
        assert not secret or secret not in json.dumps(emulator.log.as_json())


def test_a_server_that_repeats_a_secret_is_quoted_without_it() -> None:
    settings = ServerSettings("http://h", token=SecretStr(SECRET))

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500, json={"message": f"cannot read {request.headers['authorization']}"})

    with (
        AirbyteClient(settings, transport=httpx.MockTransport(handler)) as client,
        pytest.raises(ServerError, match=r"cannot read Bearer \[secret\]") as caught,
    ):
        client.get_workspace(WORKSPACE)
    assert SECRET not in repr(vars(caught.value))


# TLS and proxies ------------------------------------------------------------------------------------------------------


class _Handler(http.server.BaseHTTPRequestHandler):
    seen: list[str]

    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        body = b'{"available": true}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    seen: list[str] = []
    server.seen = seen  # type: ignore[attr-defined]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def server_context(authority: trustme.CA, *, client_certificates: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    if client_certificates:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def health(url: str, **settings: Any) -> bool:
    with AirbyteClient(ServerSettings(url, **settings), attempts=1) as client:
        return client.get_health()


def test_a_private_authority_is_trusted_by_its_bundle(authority: trustme.CA, bundle: str) -> None:
    with serving(server_context(authority)) as (port, _):
        assert health(f"https://localhost:{port}/airbyte/api", ca_bundle=bundle)
        with pytest.raises(UnreachableError, match="its TLS certificate is not trusted"):
            health(f"https://localhost:{port}")


def test_a_client_certificate_is_shown(authority: trustme.CA, bundle: str, tmp_path: Path) -> None:
    pem = tmp_path / "client.pem"
    authority.issue_cert("me@localhost").private_key_and_cert_chain_pem.write_to_path(pem)
    with serving(server_context(authority, client_certificates=True)) as (port, _):
        assert health(f"https://localhost:{port}", ca_bundle=bundle, client_cert=str(pem))
        with pytest.raises(UnreachableError):
            health(f"https://localhost:{port}", ca_bundle=bundle)


def test_an_expired_certificate_is_told(authority: trustme.CA, bundle: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    authority.issue_cert("localhost", not_after=past).configure_cert(context)
    with serving(context) as (port, _), pytest.raises(UnreachableError, match="certificate"):
        health(f"https://localhost:{port}", ca_bundle=bundle)


@pytest.mark.parametrize("files", [{"ca_bundle": "missing.pem"}, {"client_cert": "missing.pem"}])
def test_tls_files_that_cannot_be_read_are_one_sentence(files: dict[str, str], tmp_path: Path) -> None:
    paths = {name: str(tmp_path / value) for name, value in files.items()}
    with pytest.raises(ConfigurationError, match="the TLS files cannot be used"):
        AirbyteClient(ServerSettings("https://h", **paths))  # type: ignore[arg-type]


def test_a_proxy_of_the_environment_is_used_and_its_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving() as (port, seen):
        monkeypatch.setenv("HTTP_PROXY", f"http://user:{SECRET}@127.0.0.1:{port}")
        assert health("http://airbyte.test/prefix")
        assert seen == ["http://airbyte.test/prefix/api/v1/health"]
        monkeypatch.setenv("NO_PROXY", "airbyte.test")
        with pytest.raises(UnreachableError):
            health("http://airbyte.test")
    monkeypatch.delenv("NO_PROXY")
    with pytest.raises(UnreachableError) as caught:
        health("http://airbyte.test")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("tail", ["", "/", "/api", "/api/", "/api/v1", "/api/v1/"])
def test_every_form_of_the_address_reaches_the_same_server(tail: str) -> None:
    with serving() as (port, seen):
        assert health(f"http://127.0.0.1:{port}{tail}")
        assert health(f"http://127.0.0.1:{port}/behind/a/prefix{tail}")
        assert seen == ["/api/v1/health", "/behind/a/prefix/api/v1/health"]


def test_two_named_servers_have_their_own_credentials() -> None:
    config = {
        "airbyte-wb:url": "http://us", "airbyte-wb:token": "a-token",
        "airbyte-wb:eu.url": "http://eu", "airbyte-wb:eu.clientId": "me", "airbyte-wb:eu.clientSecret": SECRET,
    }  # fmt: skip
    us, eu = read_settings(config.get, environ={}), read_settings(config.get, server="eu", environ={})
    assert (us.url, us.token, us.client_id) == ("http://us", SecretStr("a-token"), None)
    assert (eu.url, eu.token, eu.client_id) == ("http://eu", None, "me")
    with pytest.raises(ConfigurationError, match=r"set airbyte-wb:apac\.url in the stack or AIRBYTE_WB_APAC_URL"):
        read_settings(config.get, server="apac", environ={})
