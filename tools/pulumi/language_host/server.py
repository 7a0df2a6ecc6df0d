"""The process that the engine starts as `pulumi-language-python`."""

import logging
import os
import signal
import sys
import threading
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
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    # The engine holds the other end of stdin, so that its death, however sudden, is noticed here.
    threading.Thread(target=_wait_for_the_engine_to_go, args=(ended,), daemon=True).start()
    # An exception in a handler reaches the engine as the call's error; the user needs no traceback as well.
    logging.getLogger("grpc").setLevel(logging.CRITICAL)

    host = LanguageHost(sys.argv[-1], Path(sys.argv[0]).parent / "pulumi-language-python-exec")
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=MESSAGES_OF_ANY_SIZE)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    ended.wait()
    host.end()
    server.stop(grace=None)
    # Not sys.exit, which would wait for threads that wait for the engine.
    os._exit(0)


def _wait_for_the_engine_to_go(ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()
