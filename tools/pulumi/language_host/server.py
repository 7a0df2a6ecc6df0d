"""The process that the engine starts as `pulumi-language-python`."""

import logging
import os
import select
import signal
import sys
from concurrent import futures
from pathlib import Path

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from .policy_pack import MESSAGES_OF_ANY_SIZE
from .service import LanguageHost


def main() -> None:
    """Serves the engine until it says stop, stops asking or is gone.

    The last argument is the engine's address; `pulumi-language-python-exec` lies beside the folder that is run.
    """
    signalled = _pipe_of_signals(signal.SIGINT, signal.SIGTERM)
    # An exception in a handler reaches the engine as the call's error; the user needs no traceback as well.
    logging.getLogger("grpc").setLevel(logging.CRITICAL)

    host = LanguageHost(sys.argv[-1], Path(sys.argv[0]).parent / "pulumi-language-python-exec")
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=MESSAGES_OF_ANY_SIZE)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    _wait_for_the_end(signalled)
    host.end()
    server.stop(grace=None)
    # Not sys.exit, which would wait for threads that wait for the engine.
    os._exit(0)


def _pipe_of_signals(*numbers: signal.Signals) -> int:
    """A file that can be read when one of the signals has come, whichever thread it interrupted."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in numbers:
        signal.signal(number, lambda *_: None)
    return reader


def _wait_for_the_end(signalled: int) -> None:
    """Waits for a signal, or for the engine's death, however sudden: the engine holds the other end of stdin."""
    stdin = sys.stdin.fileno()
    while True:
        ready, _, _ = select.select([signalled, stdin], [], [])
        if signalled in ready or not os.read(stdin, 4096):
            return
