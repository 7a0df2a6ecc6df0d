"""The process that has imported everything: ``python -m tools.warm_python.server SOCKET``.

For each command it forks a keeper, and the keeper forks the program. The keeper passes signals on to the program and
its exit code back, and ends it when the client is gone.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import importlib
import io
import marshal
import os
import pkgutil
import random
import select
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

_SDK = ("dill", "grpc", "pulumi", "pulumi.automation", "pulumi.dynamic", "pulumi.metadata", "pulumi.runtime")
_RUN_MODULE = "import runpy, sys; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
_HOST = "tools.pulumi.language_host.server"
_PATIENCE = 2.0
_NOT_OF_PROGRAMS = ("cli", "emulator", "pages", "policy", "__main__")


@dataclass(frozen=True)
class _Order:
    """A command: what `python` was given, and where it runs."""

    unbuffered: bool
    arguments: list[str]
    folder: str
    environment: dict[bytes, bytes]
    streams: list[int]


def main() -> CodeType | None:
    """Serve until stdin ends; in a child, return what it is to run."""
    own_path = sys.path[1:]  # without the folder of `-m`
    _import_everything()
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(sys.argv[1])
        listener.listen(64)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([listener.fileno(), 0], [], [], 1)
            _bury()
            if 0 in ready:
                break
            if listener.fileno() not in ready:
                continue
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                return _kept(connection, own_path)
            connection.close()
    _bury_for(_PATIENCE)
    os.killpg(0, signal.SIGKILL)  # itself too, and programs whose engine was killed
    return None


def _import_everything() -> None:
    """Import what programs and providers import; nothing may have been started, as that would not survive the fork."""
    for name in (*_SDK, _HOST):
        importlib.import_module(name)
    package = importlib.import_module("pulumi_airbyte_wb")
    for part in pkgutil.iter_modules(package.__path__):
        if part.name in _NOT_OF_PROGRAMS:
            continue
        module = importlib.import_module(f"{package.__name__}.{part.name}")
        for inner in pkgutil.walk_packages(getattr(module, "__path__", []), f"{module.__name__}."):
            importlib.import_module(inner.name)


def _bury() -> bool:
    """Take note of children that have ended; whether some have not."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _bury_for(seconds: float) -> None:
    """Give programs that end just now the time for it."""
    until = time.monotonic() + seconds
    while _bury() and time.monotonic() < until:
        time.sleep(0.02)


def _kept(connection: socket.socket, path: list[str]) -> CodeType:
    """Fork the program, in which this returns what it is to run, and tell the client how it ended."""
    try:
        order = _received(connection)
    except (EOFError, OSError):
        os._exit(1)  # the client is gone
    ended, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    program = os.fork()
    if program == 0:
        signal.set_wakeup_fd(-1)
        for number in (ended, told, connection.detach()):
            os.close(number)
        return _become(order, path)
    for stream in {*order.streams, 0, 1}:
        os.close(stream)
    code = _watched(program, connection, ended)
    with contextlib.suppress(OSError):  # the client is gone
        connection.sendall(code.to_bytes(4, "big", signed=True))
    os._exit(0)


def _received(connection: socket.socket) -> _Order:
    head, ancillary, _, _ = connection.recvmsg(4, socket.CMSG_SPACE(12))
    ((_, _, data),) = ancillary
    streams = array.array("i")
    streams.frombytes(data)
    size, order = int.from_bytes(head, "big"), b""
    while len(order) < size:
        part = connection.recv(size - len(order))
        if not part:
            raise EOFError
        order += part
    unbuffered, arguments, directory, environment = marshal.loads(order)  # noqa: S302 - from our own client
    return _Order(unbuffered, arguments, directory, environment, list(streams))


def _watched(program: int, connection: socket.socket, ended: int) -> int:
    """Wait for the program's end and return its exit code, or minus the signal that ended it."""
    while True:
        ready, _, _ = select.select([connection.fileno(), ended], [], [])
        if connection.fileno() in ready:
            for number in _signals(connection):
                os.kill(program, number)
        if ended in ready:
            os.read(ended, 64)
        found, status = os.waitpid(program, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)


def _signals(connection: socket.socket) -> bytes:
    """What the client passes on; where it is gone, what ends its program."""
    try:
        return connection.recv(16) or bytes([signal.SIGKILL])
    except OSError:
        return bytes([signal.SIGKILL])


def _become(order: _Order, path: list[str]) -> CodeType:
    """Turn this process into one that runs the command and has done nothing yet; returns what it is to run."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(order.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order.folder)
    os.environ.clear()
    os.environb.update(order.environment)
    random.seed()
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc] # noqa: SIM115
    sys.stdout = sys.__stdout__ = _writer(1, unbuffered=order.unbuffered)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _writer(2, unbuffered=True)  # type: ignore[misc]
    is_module = order.arguments[0] == "-m"
    sys.argv = order.arguments[1:] if is_module else list(order.arguments)
    sys.path[:] = [str(Path.cwd() if is_module else Path(sys.argv[0]).absolute().parent), *path]
    if is_module:
        return compile(_RUN_MODULE, "<python -m>", "exec")
    program = sys.modules["__main__"] = ModuleType("__main__")
    script = Path(sys.argv[0]).absolute()
    program.__file__ = str(script)
    return compile(script.read_bytes(), str(script), "exec")


def _writer(number: int, *, unbuffered: bool) -> io.TextIOWrapper:
    raw = io.FileIO(number, "w", closefd=False)
    buffer = raw if unbuffered else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffer, "utf-8", line_buffering=raw.isatty(), write_through=unbuffered)


def _code_of(end: BaseException) -> int:
    """The exit code of a program that ended by an exception, which is shown as the interpreter shows it."""
    if not isinstance(end, SystemExit):
        own = end.__traceback__
        end.__traceback__ = None if own is None else own.tb_next
        sys.excepthook(type(end), end, end.__traceback__)
        return 1
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1


def _end(code: int) -> None:
    """Do what an interpreter does at its end."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for output in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            output.flush()
    os._exit(code)


if __name__ == "__main__":
    begun = main()
    if begun is not None:
        # Here, and not in a function: the engine keeps the stack of each resource's construction in its state.
        try:
            exec(begun, vars(sys.modules["__main__"]))  # noqa: S102 - the program
        except BaseException as end:  # noqa: BLE001 - as the interpreter does
            _end(_code_of(end))
        _end(0)
