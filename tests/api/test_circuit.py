"""A dead server is waited for once, not once per resource."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import stamina

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings, circuit
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import ApiError, NotAskedError, ServerError, UnreachableError
from pulumi_airbyte_wb.models import ConnectionCreate
from tests.engine import new_project

CONNECTION = {"connectionId": "c", "sourceId": "s", "destinationId": "d", "name": "n", "status": "active"}
Step = httpx.Response | Exception


@pytest.fixture
def quick() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


class Server:
    """A server that answers by a plan, and counts what it is asked."""

    def __init__(self, step: Callable[[], Step]) -> None:
        self.step = step
        self.asked = 0
        settings = ServerSettings("http://airbyte.test")
        self.client = AirbyteClient(settings, transport=httpx.MockTransport(self._answer), attempts=3)
        self.now = 0.0
        self.client._transport._circuit._clock = lambda: self.now

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        step = self.step()
        if isinstance(step, Exception):
            raise step
        return step

    def fails(self) -> ApiError:
        with pytest.raises(ApiError) as caught:
            self.client.get_connection("c")
        return caught.value


DEAD: list[Callable[[], Step]] = [
    lambda: httpx.ConnectError("[Errno 111] Connection refused"),
    lambda: httpx.ConnectTimeout("timed out"),
    lambda: httpx.ReadTimeout("slow"),
    lambda: httpx.RemoteProtocolError("cut"),
    lambda: httpx.Response(502, text="<html>Bad Gateway</html>"),
    lambda: httpx.Response(503),
]


@pytest.mark.parametrize("step", DEAD)
def test_the_second_call_fails_at_once_and_points_to_the_first(quick: None, step: Callable[[], Step]) -> None:
    server = Server(step)
    first = server.fails()
    assert not isinstance(first, NotAskedError)
    assert server.asked == 3
    second = server.fails()
    assert isinstance(second, NotAskedError)
    assert not second.applied
    assert str(second) == (
        "web_backend/connections/get was not sent, since the server at http://airbyte.test/api/v1 did not answer "
        "before; the first error says why, and in 30 s it is asked again"
    )
    assert server.asked == 3


def test_it_is_asked_again_after_a_while_and_an_answer_closes_the_circuit(quick: None) -> None:
    server = Server(DEAD[0])
    server.fails()
    server.now += circuit.OPEN_SECONDS - 1
    assert isinstance(server.fails(), NotAskedError)
    server.now += 2
    server.step = lambda: httpx.Response(200, json=CONNECTION)
    assert server.client.get_connection("c").name == "n"
    assert server.client.get_connection("c").name == "n"


@pytest.mark.parametrize("status", [429, 500, 404])
def test_a_server_that_answers_is_not_dead(quick: None, status: int) -> None:
    server = Server(lambda: httpx.Response(status))
    server.fails()
    assert not isinstance(server.fails(), NotAskedError)


def test_a_slow_write_does_not_make_the_server_dead(quick: None) -> None:
    server = Server(lambda: httpx.ReadTimeout("slow"))
    with pytest.raises(UnreachableError):
        server.client.create_connection(ConnectionCreate(source_id="s", destination_id="d"))
    server.step = lambda: httpx.Response(200, json=CONNECTION)
    assert server.client.get_connection("c").name == "n"


def test_one_failure_among_successes_opens_nothing(quick: None) -> None:
    steps: Iterator[Step] = iter([httpx.ConnectError("refused"), httpx.Response(200, json=CONNECTION)] * 3)
    server = Server(lambda: next(steps))
    for _ in range(3):
        assert server.client.get_connection("c").name == "n"


def test_fifty_calls_of_four_threads_wait_as_long_as_one() -> None:
    """With the real waits between tries, and an address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    began = time.monotonic()
    with (
        stamina.set_testing(False),
        AirbyteClient(ServerSettings(address), attempts=2) as client,
        ThreadPoolExecutor(4) as pool,
    ):

        def ask(_: int) -> ApiError:
            with pytest.raises(UnreachableError) as caught:
                client.get_connection("c")
            return caught.value

        errors = list(pool.map(ask, range(50)))
    assert 0.4 < time.monotonic() - began < 10
    assert 1 <= sum(not isinstance(error, NotAskedError) for error in errors) <= 4
    assert any("connection refused" in str(error) for error in errors)


def test_how_a_retry_is_told() -> None:
    from pulumi_airbyte_wb.providers import console
    from pulumi_airbyte_wb.providers.process import process

    said: list[str] = []

    class Row(console.Console):
        def status(self, message: str) -> None:
            said.append(message)

    steps: Iterator[Step] = iter(
        [httpx.Response(503, headers={"retry-after": "4"}), httpx.Response(200, json=CONNECTION)]
    )
    with stamina.set_testing(True, attempts=6, cap=False):
        server = Server(lambda: next(steps))
        server.client._transport.attempts = 6
        server.client._transport.on_retry = console.tell_retry
        Row("urn").here()
        try:
            server.client.get_connection("c")
        finally:
            process.current.console = None
    assert said == ["web_backend/connections/get: the server answered 503; trying again in 4 s, 2 of 6"]


def test_the_longest_wait_that_a_server_may_ask_for(quick: None) -> None:
    server = Server(lambda: httpx.Response(503, headers={"retry-after": "86400"}))
    error = server.fails()
    assert isinstance(error, ServerError)
    assert error.retry_after == 60


PROGRAM = """
import pulumi_airbyte_wb as airbyte
for number in range(12):
    airbyte.Connection(f"c{number}", source_id="20000000-0000-4000-8000-000000000001",
        destination_id="30000000-0000-4000-8000-000000000001", prefix=f"p{number}_",
        streams={"public.users": "full_refresh_append"})
"""


@pytest.mark.engine
def test_twelve_connections_of_a_server_that_went_away(tmp_path: Path) -> None:
    """Nothing stops the engine at the first error here, so that each of the twelve tries."""
    project = new_project(tmp_path, PROGRAM)
    with Emulator() as emulator:
        url = emulator.url
        project.set_config("airbyte-wb:url", url)
        assert project.up().code == 0
    with socket.socket() as held:
        # Held, so that no other test's server is found at this address; nothing listens.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        began = time.monotonic()
        result = project.destroy("--continue-on-error", "--run-program")
        seconds = time.monotonic() - began
    assert result.code != 0
    assert "Traceback" not in result.out
    told = result.out.split("Diagnostics:")[-1]
    first = len(re.findall(r"no Airbyte server answers at .* \(connection refused\)", told))
    others = len(re.findall(r"was not sent, since the server at .* did not answer before", told))
    assert 1 <= first <= 4, "those that asked before anybody knew, at most one for each of the provider's threads"
    assert first + others == 12
    assert seconds < 40
    assert len([each for each in project.resources() if each["type"].endswith(":Connection")]) == 12
