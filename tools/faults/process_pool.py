"""Processes by the hundred: one that has imported everything forks the others.

A provider process lives for one run of the engine, and a cell of the matrix has up to five runs. Each child runs what
the engine runs, Pulumi's own ``python -m pulumi.dynamic``; only its waits are short. A child may also be the emulator,
so that it can die.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[2]


class ProcessPool:
    """Starts processes; all of them end with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.faults.process_pool"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def provider(self, **how: Any) -> tuple[int, str]:
        """A provider process: its id, and the address of its gRPC server. ``how`` are those of ``_provide``."""
        pid, said = self._start({"what": "provider", **how})
        return pid, f"127.0.0.1:{said}"

    def emulator(self, port: int, version: str, data: str | None) -> int:
        """An emulator process that listens already: its id."""
        pid, _ = self._start({"what": "emulator", "port": port, "version": version, "data": data})
        return pid

    def _start(self, order: dict[str, Any]) -> tuple[int, str]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the pool has no pipes")
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        return int(answer["pid"]), str(answer["said"])


def main() -> None:
    """Fork a child for each order on stdin, and answer its id and the first line that it prints."""
    _import_everything()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    answers = sys.stdout
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(reading)
            os.dup2(writing, 1)
            sys.stdin = io.StringIO()
            sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), write_through=True)
            what = order.pop("what")
            try:
                (_provide if what == "provider" else _emulate)(**order)
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as said:
            answers.write(json.dumps({"pid": pid, "said": _number_in(said)}) + "\n")
        answers.flush()
    # Whoever ordered them is gone, perhaps without a word.
    os.killpg(0, signal.SIGKILL)


def _number_in(said: IO[str]) -> str:
    return said.readline().strip().rsplit(":", 1)[-1]


def _import_everything() -> None:
    import dill
    import grpc
    import pulumi.dynamic
    import pulumi.metadata
    import stamina

    import pulumi_airbyte_wb.emulator.foreground
    import pulumi_airbyte_wb.lifecycle.create
    import pulumi_airbyte_wb.lifecycle.operation
    import pulumi_airbyte_wb.lifecycle.update
    import pulumi_airbyte_wb.providers.base

    del dill, grpc, pulumi, stamina, pulumi_airbyte_wb
    # What is not looked at by the collector of a child stays shared with it.
    gc.collect()
    gc.freeze()


def _provide(timeout: float = 20, attempts: int = 4, strays: list[int] | None = None, to: str = "") -> None:
    """Run Pulumi's dynamic provider until it is killed.

    Args:
        timeout: after how many seconds a call gives up.
        attempts: how often a call that may be repeated is tried.
        strays: the number of the first request that goes to another address, and of the first that does no more.
        to: that address: it refuses, is not known, or does not speak TLS.
    """
    import stamina

    from pulumi_airbyte_wb.api import transport
    from pulumi_airbyte_wb.providers.process import set_testing

    stamina.set_testing(True, attempts=attempts, cap=True)
    set_testing()
    transport.Kind.timeout = property(lambda _kind: _timeout(timeout))  # type: ignore[method-assign, assignment]
    if strays is not None:
        _stray(strays[0], strays[1], to)
    sys.argv = ["pulumi.dynamic"]
    runpy.run_module("pulumi.dynamic", run_name="__main__")


def _timeout(seconds: float) -> Any:
    import httpx

    return httpx.Timeout(seconds, connect=5)


def _stray(first: int, end: int, to: str) -> None:
    import httpx

    real, count = httpx.HTTPTransport.handle_request, iter(range(1 << 30))

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if first <= next(count) < end:
            elsewhere = httpx.URL(to)
            request.url = request.url.copy_with(
                scheme=elsewhere.scheme, host=elsewhere.host, port=elsewhere.port or request.url.port
            )
        return real(self, request)

    httpx.HTTPTransport.handle_request = handle  # type: ignore[method-assign]


def _emulate(port: int, version: str, data: str | None) -> None:
    from pulumi_airbyte_wb.emulator.app import open_server
    from pulumi_airbyte_wb.emulator.foreground import serve

    held = data is not None and Path(data).exists()
    airbyte = open_server(None, None if held else version, Path(data) if data else None)
    serve(airbyte, "127.0.0.1", port, say=print, warn=print)


if __name__ == "__main__":
    main()
