"""Which tests are pure, in which order tests run, and the server that many of them have."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import stamina
from hypothesis import HealthCheck, settings

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.providers.process import process, set_testing

if TYPE_CHECKING:
    from pulumi_airbyte_wb.emulator import Emulator

TESTS = Path(__file__).parent
# How fast inputs are made says something about the machine, not about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

PURE = frozenset(
    {
        "models",
        "plan",
        "server_rules",
        "spec",
        "policy",
        "resources",
        "test_layers.py",
        "test_public_surface.py",
        "test_shape.py",
    }
)
"""Where tests need neither the engine, nor a server, nor another process; the few that do are marked."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--pure``, for `make check`."""
    parser.addoption("--pure", action="store_true", help="run the tests that need no engine, server or other process")


def pytest_configure(config: pytest.Config) -> None:
    """With ``--pure``, draw fewer examples of each property: `make test` draws them all."""
    settings.register_profile("pure", settings.get_profile("any machine"), max_examples=20)
    if config.getoption("--pure"):
        settings.load_profile("pure")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``--pure``, leave the other folders alone: to import them takes as long as to run the pure tests."""
    return True if config.getoption("--pure") and _place(collection_path) not in {None, *PURE} else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker ends with it alone."""
    missing = [name for name in PURE if not (TESTS / name).exists()]
    if missing:
        raise pytest.UsageError(f"tests/conftest.py: PURE names what is not there: {', '.join(missing)}")
    if config.getoption("--pure"):
        items[:] = [item for item in items if _is_pure(item)]
    items.sort(key=lambda item: -_seconds(item))  # sorting keeps the order otherwise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Keep a pure test pure."""
    if not _is_pure(item):
        return (yield)
    connect, start = socket.socket.connect, subprocess.Popen.__init__
    socket.socket.connect = subprocess.Popen.__init__ = _refused  # type: ignore[method-assign]
    try:
        return (yield)
    finally:
        socket.socket.connect, subprocess.Popen.__init__ = connect, start  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """No test knows what another one's provider has learnt, and none waits for jobs."""
    process.reset()
    set_testing()


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """A call that may be repeated is tried three times, without a pause."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def server_version() -> str | None:
    """The version of `server`; the newest common one, unless a module says otherwise."""
    return None


@pytest.fixture
def server(server_version: str | None) -> Iterator[Emulator]:
    """A running emulator whose answers come in another order each time."""
    from pulumi_airbyte_wb.emulator import Emulator

    with Emulator(server_version=server_version) as emulator:
        emulator.set_shuffle(True)
        yield emulator


@pytest.fixture
def api(server: Emulator) -> Iterator[AirbyteClient]:
    """A client of `server`, to look at what is there and to be another person."""
    with AirbyteClient(ServerSettings(server.url)) as client:
        yield client


@pytest.fixture
def warm_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `pulumi` fork its Pythons also where `tests.engine` does not start it."""
    from tests.engine import warm_python

    for name, value in warm_python().environment.items():
        monkeypatch.setenv(name, value)


def _refused(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("a pure test neither connects nor starts a process: mark it, or move it out of PURE")


def _place(path: Path) -> str | None:
    """The folder or file directly below `tests` that a path belongs to."""
    return path.relative_to(TESTS).parts[0] if path != TESTS and path.is_relative_to(TESTS) else None


def _is_pure(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("engine", "process"))
    return _place(item.path) in PURE and not marked


def _seconds(item: pytest.Item) -> float:
    """How long a test takes, as far as it is known: those of the engine take a few seconds."""
    slow = item.get_closest_marker("slow")
    if slow is not None:
        return float(slow.args[0])
    return 1 if item.get_closest_marker("engine") else 0
