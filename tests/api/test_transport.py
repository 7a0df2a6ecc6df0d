"""Exchanges with a server that misbehaves, told as our errors; and logging in."""

import email.utils
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings, read_settings
from pulumi_airbyte_wb.api.transport import Kind
from pulumi_airbyte_wb.errors import (
    AnswerError,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    ServerError,
    StatusError,
    UnreachableError,
)
from pulumi_airbyte_wb.models import ConnectionCreate, ConnectionRead, ConnectionUpdate

SETTINGS = ServerSettings("http://airbyte.test")
CONNECTION = {"connectionId": "c", "sourceId": "s", "destinationId": "d", "name": "n", "status": "active"}


def client(handler: Callable[[httpx.Request], httpx.Response], settings: ServerSettings = SETTINGS) -> AirbyteClient:
    return AirbyteClient(settings, transport=httpx.MockTransport(handler), attempts=3)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, {"status": 400, "title": "bad", "detail": "no such zone"}, InvalidRequestError, "no such zone"),
        (401, {"message": "Unauthorized"}, AuthenticationError, "the credentials (401); check airbyte-wb:token"),
        (403, {"message": "Forbidden"}, ForbiddenError, "not allowed to do that (403): Forbidden"),
        (404, {"errorId": "e-1"}, NotFoundError, "answered 404: no message, see error id e-1 in the server's log"),
        (404, {"message": "Could not find configuration for STANDARD_SYNC: c."}, NotFoundError, "STANDARD_SYNC: c."),
        (409, {"message": "busy"}, ConflictError, "answered 409: busy"),
        (418, {}, StatusError, "answered 418"),
        (422, {"message": "wrong"}, InvalidRequestError, "answered 422: wrong"),
        (423, {"message": "sync running"}, ConflictError, "answered 423: sync running"),
        (500, {"message": "Internal Server Error: boom", "exceptionStack": ["io.airbyte"]}, ServerError, "500: boom"),
        (500, {"_embedded": {"errors": [{"message": "inner"}]}, "message": "Bad"}, ServerError, "500: inner"),
        (502, "<html>Bad gateway</html>", ServerError, "answered 502"),
    ],
)  # fmt: skip
def test_an_error_status_is_told_in_one_sentence(
    status: int, body: object, kind: type[StatusError], words: str
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(kind) as caught:
        client(lambda request: httpx.Response(status, text=text)).get_connection("c")
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "io.airbyte" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(200, text="<html>login</html>"), "is not JSON"),
        (httpx.Response(200, text='{"connectionId": "c"'), "is not JSON"),
        (httpx.Response(200, text="[" * 100_000), "is not JSON"),
        (httpx.Response(200, json=[1]), "does not fit"),
        (httpx.Response(200, json={"connectionId": 7}), "connectionId of the server's answer does not fit"),
        (httpx.Response(302, headers={"location": "http://elsewhere.test"}), "redirects to another address"),
    ],
)
def test_an_answer_that_is_none_of_the_api(answer: httpx.Response, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        client(lambda request: answer).get_connection("c")


def test_reads_are_repeated_while_the_server_is_busy() -> None:
    answers: Iterator[httpx.Response | Exception] = iter(
        [httpx.Response(503), httpx.ReadTimeout("slow"), httpx.Response(200, json=CONNECTION)]
    )

    def handler(request: httpx.Request) -> httpx.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    told: list[tuple[int, int]] = []
    with client(handler) as airbyte:
        airbyte._transport.on_retry = lambda what, seconds, attempt, attempts: told.append((attempt, attempts))
        assert airbyte.get_connection("c").name == "n"
    assert told == [(1, 3), (2, 3)]


@pytest.mark.parametrize("failure", [httpx.ReadError("cut"), httpx.ReadTimeout("slow"), 503])
def test_a_create_that_may_have_been_applied_is_never_repeated(failure: Exception | int) -> None:
    calls = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        if isinstance(failure, Exception):
            raise failure
        return httpx.Response(failure)

    with pytest.raises((UnreachableError, ServerError)) as caught:
        client(handler).create_connection(ConnectionCreate(source_id="s", destination_id="d"))
    assert len(calls) == 1
    assert caught.value.applied


def test_a_create_that_never_arrived_is_repeated() -> None:
    calls = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise httpx.ConnectError("[Errno 111] Connection refused")

    with pytest.raises(UnreachableError, match=r"no Airbyte server answers at .* \(connection refused\)"):
        client(handler).create_connection(ConnectionCreate(source_id="s", destination_id="d"))
    assert len(calls) == 3


def test_a_plain_500_is_not_repeated() -> None:
    answers = iter([httpx.Response(500), httpx.Response(200, json=CONNECTION)])
    with pytest.raises(ServerError):
        client(lambda request: next(answers)).get_connection("c")


def test_an_update_sends_what_is_given_and_nothing_else() -> None:
    seen: list[dict[str, object]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json=CONNECTION)

    client(handler).update_connection(ConnectionUpdate(connection_id="c", prefix=""))
    assert seen == [{"connectionId": "c", "prefix": "", "skipReset": True}]


@pytest.mark.parametrize("pages", [1, 3])
def test_a_list_is_read_to_its_end_with_and_without_paging(pages: int) -> None:
    items = [{"connectionId": f"c{n:03}"} for n in range(100 * pages - 40 if pages > 1 else 250)]

    def handler(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if pages == 1:  # a server that knows no paging
            return httpx.Response(200, json={"connections": items})
        start = next((i + 1 for i, item in enumerate(items) if item["connectionId"] == body.get("cursor")), 0)
        size = body.get("pageSize", 20)
        return httpx.Response(200, json={"connections": items[start : start + size], "page_size": size})

    found = list(client(handler).list_connections_for_workspace("w"))
    assert [item.connection_id for item in found] == [item["connectionId"] for item in items]


@pytest.mark.parametrize(
    "url",
    [
        "http://h:8000", "http://h:8000/", "http://h:8000/api", "http://h:8000/api/", "http://h:8000/api/v1",
        "http://h:8000/api/v1/",
    ],
)  # fmt: skip
def test_the_address_with_or_without_its_api_part(url: str) -> None:
    assert ServerSettings(url).base_url == "http://h:8000/api/v1"


def test_a_path_prefix_is_kept() -> None:
    assert ServerSettings("https://h/airbyte/api").base_url == "https://h/airbyte/api/v1"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "no Airbyte server is configured: set airbyte-wb:url"),
        ({"url": "localhost:8000"}, "is not of the form"),
        ({"url": "http://u:p@h"}, "must not hold credentials"),
        ({"url": "http://h", "token": "t", "username": "u", "password": "p"}, "keep one way to log in"),
        ({"url": "http://h", "username": "u"}, "one of them is missing"),
        ({"url": "http://h", "clientId": "u"}, "one of them is missing"),
    ],
)
def test_settings_that_cannot_be(values: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_settings(lambda key: values.get(key.removeprefix("airbyte-wb:")), environ={})
    assert "u:p" not in str(caught.value)


def test_settings_come_from_config_then_from_the_environment() -> None:
    environ = {"AIRBYTE_WB_URL": "http://env", "AIRBYTE_WB_TOKEN": "t", "AIRBYTE_WB_EU_URL": "http://eu"}
    assert read_settings({"airbyte-wb:url": "http://config"}.get, environ=environ).url == "http://config"
    settings = read_settings(lambda key: None, environ=environ)
    assert (settings.url, settings.token) == ("http://env", SecretStr("t"))
    assert read_settings(lambda key: None, server="eu", environ=environ).url == "http://eu"


def test_secrets_are_not_shown() -> None:
    settings = ServerSettings("http://h", client_id="id", client_secret=SecretStr("hush"))
    assert "hush" not in repr(settings)


def test_client_credentials_are_renewed_once_after_a_401() -> None:
    tokens = iter(["one", "two", "three"])
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/applications/token"):
            assert json.loads(request.content) == {"client_id": "id", "client_secret": "hush"}
            return httpx.Response(200, json={"access_token": next(tokens)})
        seen.append(request.headers["authorization"])
        return httpx.Response(401 if seen[-1] == "Bearer one" else 200, json=CONNECTION)

    settings = ServerSettings("http://h", client_id="id", client_secret=SecretStr("hush"))
    with client(handler, settings) as airbyte:
        airbyte.get_connection("c")
        airbyte.get_connection("c")
    assert seen == ["Bearer one", "Bearer two", "Bearer two"]


@pytest.mark.parametrize("answer", [httpx.Response(400), httpx.Response(500), httpx.Response(200, json={"x": 1})])
def test_wrong_client_credentials_are_one_sentence(answer: httpx.Response) -> None:
    settings = ServerSettings("http://h", client_id="id", client_secret=SecretStr("hush"))
    with pytest.raises(AuthenticationError, match="gives no token for client id 'id'") as caught:
        client(lambda request: answer, settings).get_connection("c")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_too_busy_to_give_a_token_is_asked_again_also_for_a_create(status: int) -> None:
    answers = iter([httpx.Response(status), httpx.Response(200, json={"access_token": "one"})])
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path.rsplit("/v1/")[-1])
        return next(answers) if sent[-1] == "applications/token" else httpx.Response(200, json=CONNECTION)

    settings = ServerSettings("http://h", client_id="id", client_secret=SecretStr("hush"))
    with client(handler, settings) as airbyte:
        airbyte._transport.call("connections/create", {}, ConnectionRead, Kind.CREATE)
    assert sent == ["applications/token", "applications/token", "connections/create"]


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ({"token": SecretStr("hush")}, r"\(401\); check airbyte-wb:token: it is wrong, or has expired$"),
        ({"username": "me", "password": SecretStr("hush")}, r"check airbyte-wb:username, airbyte-wb:password$"),
        ({"client_id": "me", "client_secret": SecretStr("hush")}, r"check airbyte-wb:clientId$"),
        ({}, r"check airbyte-wb:token, airbyte-wb:username, airbyte-wb:clientId$"),
    ],
)
def test_a_refused_login_names_the_setting_that_logs_in(login: dict[str, Any], words: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        is_token = request.url.path.endswith("/applications/token")
        return httpx.Response(200, json={"access_token": "one"}) if is_token else httpx.Response(401)

    with (
        client(handler, ServerSettings("http://h", **login)) as airbyte,
        pytest.raises(AuthenticationError, match=words),
    ):
        airbyte.get_connection("c")


@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("0", 0.0), ("9999", 60.0), ("-3", 0.0)])
def test_a_busy_server_says_when_to_come_back(value: str, seconds: float) -> None:
    answers = iter([httpx.Response(429, headers={"retry-after": value}), httpx.Response(200, json=CONNECTION)])
    told: list[float] = []
    with client(lambda request: next(answers)) as airbyte:
        airbyte._transport.on_retry = lambda what, wait, attempt, attempts: told.append(wait)
        airbyte.get_connection("c")
    assert told == [seconds]


def test_a_date_to_come_back_is_understood_and_nonsense_is_not() -> None:
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    for value, low, high in ((date, 25.0, 31.0), ("soon", 0.0, 21.0), ("nan", 0.0, 21.0)):
        answers = iter([httpx.Response(503, headers={"retry-after": value}), httpx.Response(200, json=CONNECTION)])
        told: list[float] = []
        with client(lambda request, answers=answers: next(answers)) as airbyte:  # type: ignore[misc]
            airbyte._transport.on_retry = lambda what, wait, attempt, attempts, told=told: told.append(wait)
            airbyte.get_connection("c")
        assert low <= told[0] <= high


def test_a_create_refused_as_one_too_many_is_sent_again() -> None:
    answers = iter([httpx.Response(429), httpx.Response(200, json=CONNECTION)])
    made = client(lambda request: next(answers)).create_connection(ConnectionCreate(source_id="s", destination_id="d"))
    assert made.connection_id == "c"


@pytest.mark.parametrize(
    ("call", "seconds"),
    [
        (lambda airbyte: airbyte.get_connection("c"), 60),
        (lambda airbyte: airbyte.get_connection("c", with_refreshed_catalog=True), 900),
        (lambda airbyte: airbyte.update_connection(ConnectionUpdate(connection_id="c")), 310),
    ],
)
def test_each_kind_of_call_has_its_own_time(call: Callable[[AirbyteClient], object], seconds: float) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"] == {"connect": 10, "read": seconds, "write": seconds, "pool": seconds}
        return httpx.Response(200, json=CONNECTION)

    call(client(handler))
