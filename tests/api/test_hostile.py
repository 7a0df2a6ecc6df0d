"""A server that means harm: bounded in memory and time, and given no credentials that are another's."""

from __future__ import annotations

import contextlib
import functools
import gzip
import itertools
import json
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from pydantic import SecretStr

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings, bounds
from pulumi_airbyte_wb.api.transport import Kind
from pulumi_airbyte_wb.errors import AnswerError, ApiError, AuthenticationError, UnreachableError

Script = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNK = b"[]," * 20_000


class Hostile:
    """Answers every request by a script, and keeps what it was sent."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._script = script
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Hostile:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                received = b""
                while not _whole(received):
                    received += connection.recv(65536)
                self.requests.append(received)
                self._script(connection)


def _whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return bool(end) and len(body) >= int(length[1] if length else 0)


def plain(connection: socket.socket) -> None:
    body = json.dumps({"connectionId": "c", "sourceId": "s", "destinationId": "d", "name": "n", "status": "active"})
    connection.sendall(OK + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())


def failure(url: str, **login: object) -> tuple[ApiError, float]:
    """What a read ends with, and after how many seconds."""
    settings = ServerSettings(url, **login)  # type: ignore[arg-type]
    began = time.monotonic()
    with AirbyteClient(settings, attempts=1) as client, pytest.raises(ApiError) as caught:
        client.get_connection("c")
    assert str(caught.value).isprintable()
    return caught.value, time.monotonic() - began


def one_gigabyte(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 1000000000\r\n\r\n[")
    for _ in range(1_000_000_000 // len(CHUNK)):
        connection.sendall(CHUNK)


def endless(connection: socket.socket) -> None:
    connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"%x\r\n%s\r\n" % (len(CHUNK), CHUNK))


def bomb(connection: socket.socket) -> None:
    packed = _bomb()
    connection.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed))


@functools.cache
def _bomb() -> bytes:
    """300 MB of spaces in some hundred KB."""
    packer = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    return b"".join([*(packer.compress(b" " * 1_000_000) for _ in range(300)), packer.flush()])


def _peak(*, fresh: bool = False) -> float:
    """The most memory that this process had, in MiB."""
    if fresh:
        Path("/proc/self/clear_refs").write_text("5")
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line) / 1024


@pytest.mark.parametrize("script", [one_gigabyte, endless, bomb], ids=lambda script: script.__name__)
def test_a_large_answer_is_not_read_to_its_end(script: Script) -> None:
    with Hostile(script) as server:
        _bomb()
        before = _peak(fresh=True)
        error, seconds = failure(server.url)
        grown = _peak() - before
    assert isinstance(error, AnswerError)
    assert "web_backend/connections/get: the answer is larger than 64 MiB, so it was not read to its end" in str(error)
    assert seconds < 30
    assert grown < 3 * bounds.LARGEST_ANSWER / 1024**2


def test_a_compressed_answer_is_read() -> None:
    packed = gzip.compress(b'{"connectionId": "c", "sourceId": "s", "destinationId": "d", "name": "n", "status": "x"}')

    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed))

    with Hostile(answer) as server, AirbyteClient(ServerSettings(server.url), attempts=1) as client:
        assert client.get_connection("c").name == "n"


@pytest.mark.parametrize(
    ("encoding", "body", "words"),
    [
        (b"br", b"xx", "is compressed in a way that was not asked for ('br')"),
        (b"gzip", b"no gzip", "cannot be decompressed"),
        (b"gzip", gzip.compress(b"{}" * 1000, mtime=0)[:-20], "is not JSON"),
    ],
)
def test_an_answer_that_cannot_be_decompressed(encoding: bytes, body: bytes, words: str) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (encoding, len(body), body))

    with Hostile(answer) as server:
        error, _ = failure(server.url)
    assert words in str(error)


def drops(start: bytes) -> Script:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(b"a")
            time.sleep(0.05)

    return drip


def waiting(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


SLOW = {
    "status": drops(b"HT"),
    "headers": drops(b"HTTP/1.1 200 OK\r\nX: "),
    "body": drops(OK + b"Content-Length: 1000000\r\n\r\n"),
    "chunk": drops(OK + b"Transfer-Encoding: chunked\r\n\r\n1000000\r\n"),
    "continue": waiting,
}


@pytest.mark.parametrize("part", SLOW)
def test_an_answer_that_comes_drop_by_drop(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read is quick, so that no limit of a single read ends it."""
    monkeypatch.setattr(Kind, "total", property(lambda _: 1.0))
    with Hostile(SLOW[part]) as server:
        error, seconds = failure(server.url)
    assert isinstance(error, UnreachableError)
    assert "no whole answer from" in str(error)
    assert "within 1 s" in str(error)
    assert 0.9 < seconds < 5


def test_each_kind_of_call_ends() -> None:
    assert {kind: kind.total for kind in Kind} == {
        Kind.READ: 120.0,
        Kind.DISCOVER: 960.0,
        Kind.WRITE: 370.0,
        Kind.CREATE: 370.0,
    }


def test_headers_without_end() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in itertools.count():
            connection.sendall(b"X-%d: %s\r\n" % (number, b"a" * 1000))

    with Hostile(answer) as server:
        error, seconds = failure(server.url)
    assert isinstance(error, UnreachableError)
    assert seconds < 5


@pytest.mark.parametrize("levels", [101, 900, 100_000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_a_deep_answer(levels: int, brackets: str) -> None:
    step = "[" if brackets == "[]" else '{"a":'
    text = step * levels + "1" + brackets[1] * levels
    error = _answered(httpx.Response(200, text=text))
    assert isinstance(error, AnswerError)
    assert "nested deeper than 100 levels" in str(error) or "is not JSON" in str(error)


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', '{"a": ' + "9" * 5000 + "}", b"\xff\xfe\xfd", "\0"])
def test_what_python_reads_and_json_is_not(text: str | bytes) -> None:
    assert "is not JSON" in str(_answered(httpx.Response(200, content=text)))


def _answered(response: httpx.Response) -> ApiError:
    transport = httpx.MockTransport(lambda _: response)
    with (
        AirbyteClient(ServerSettings("http://h"), transport=transport, attempts=1) as client,
        pytest.raises(ApiError) as caught,
    ):
        client.get_connection("c")
    return caught.value


def test_a_list_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi_airbyte_wb.api.base.MOST_PAGES", 5)
    numbers = itertools.count()

    def answer(request: httpx.Request) -> httpx.Response:
        size = json.loads(request.content).get("pageSize", 20)
        items = [{"connectionId": f"c{next(numbers)}", "name": "n"} for _ in range(size)]
        return httpx.Response(200, json={"connections": items, "page_size": size})

    transport = httpx.MockTransport(answer)
    endless = "the list does not end after 420 connections"
    with (
        AirbyteClient(ServerSettings("http://h"), transport=transport) as client,
        pytest.raises(AnswerError, match=endless),
    ):
        list(client.list_connections_for_workspace("w"))


# redirects ------------------------------------------------------------------------------------------------------------

HUSH = "HUSH-HUSH"
LOGINS: list[dict[str, object]] = [
    {"token": SecretStr(HUSH)},
    {"username": "u", "password": SecretStr(HUSH)},
    {"client_id": "id", "client_secret": SecretStr(HUSH)},
]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("login", LOGINS, ids=lambda login: next(iter(login)))
def test_credentials_follow_no_redirect(status: int, login: dict[str, object]) -> None:
    with Hostile(plain) as thief:

        def redirect(connection: socket.socket) -> None:
            head = f"HTTP/1.1 {status} Moved\r\nLocation: {thief.url}/api/v1/steal\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(head.encode())

        with Hostile(redirect) as server:
            error, _ = failure(server.url, **login)
            assert len(server.requests) == 1
        assert thief.requests == []
    assert HUSH not in str(error)
    words = "redirects to another address, which is not followed; check airbyte-wb:url"
    if "client_id" in login:
        assert isinstance(error, AuthenticationError)
    else:
        assert words in str(error)


def test_a_redirect_to_itself_is_asked_once() -> None:
    def redirect(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /api/v1/again\r\nContent-Length: 0\r\n\r\n")

    with Hostile(redirect) as server:
        error, seconds = failure(server.url)
        assert len(server.requests) == 1
    assert isinstance(error, AnswerError)
    assert seconds < 5


# TLS ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Callable[[str], Hostile]]:
    with contextlib.ExitStack() as running:

        def start(host: str) -> Hostile:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(host).configure_cert(context)
            return running.enter_context(Hostile(plain, context))

        yield start


def test_a_certificate_of_an_unknown_authority_is_not_trusted(secure: Callable[[str], Hostile]) -> None:
    server = secure("127.0.0.1")
    error, _ = failure(server.url, token=SecretStr(HUSH))
    assert "its TLS certificate is not trusted" in str(error)
    assert server.requests == [], "no credential left before the certificate was checked"


def test_a_certificate_of_another_host_is_not_trusted(
    secure: Callable[[str], Hostile], authority: trustme.CA, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    error, _ = failure(secure("elsewhere.test").url, ca_bundle=str(bundle))
    assert "its TLS certificate is not trusted" in str(error)
    with AirbyteClient(ServerSettings(secure("127.0.0.1").url, ca_bundle=str(bundle)), attempts=1) as client:
        assert client.get_connection("c").name == "n"
