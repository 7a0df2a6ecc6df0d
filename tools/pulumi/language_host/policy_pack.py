"""A policy pack between the engine and itself.

The engine tells a running pack about the stack (`ConfigureStack`), but a Python pack reads the stack's name and
configuration from its environment when it starts. So the host answers the engine in the pack's place until it knows
the stack, starts the pack then, and from there on passes every call through.
"""

import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from typing import Any

import grpc
from pulumi.runtime.proto import analyzer_pb2

from .output import Output

MESSAGES_OF_ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]

Start = Callable[[Mapping[str, str]], "subprocess.Popen[bytes]"]
"""Starts the pack with some environment variables more, its output going to pipes."""


class PolicyPack(grpc.GenericRpcHandler):  # type: ignore[misc] # grpc has no types
    """Serves `pulumirpc.Analyzer` for a pack that it starts when the first call needs it.

    Args:
        start: Starts the pack.
        output: Where the pack's output goes.
    """

    def __init__(self, start: Start, output: Output) -> None:
        self._start = start
        self._output = output
        self._lock = threading.Lock()
        self._was_started = False
        self._channel: Any = None
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=MESSAGES_OF_ANY_SIZE)
        self._server.add_generic_rpc_handlers((self,))

    def serve(self) -> None:
        """Starts answering; prints the port as a pack does."""
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        self._output.write(f"{port}\n".encode())

    def close(self) -> None:
        """Stops answering."""
        self._server.stop(grace=None)

    def service(self, handler_call_details: Any) -> Any:
        """Picks the handler of a call: all of them get and give bytes."""
        method: str = handler_call_details.method

        def handle(request: bytes, context: Any) -> bytes:
            if method.endswith("/Handshake"):
                return b""  # AnalyzerHandshakeResponse has no fields
            environment = _stack_environment(request) if method.endswith("/ConfigureStack") else {}
            channel = self._started(environment)
            if channel is None:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the policy pack did not start")
            try:
                answer: bytes = channel.unary_unary(method)(request)
            except grpc.RpcError as error:
                context.set_trailing_metadata(error.trailing_metadata() or ())
                context.abort(error.code(), error.details())
            return answer

        return grpc.unary_unary_rpc_method_handler(handle)

    def _started(self, environment: Mapping[str, str]) -> Any:
        with self._lock:
            if not self._was_started:
                self._was_started = True
                port = self._output.follow_after_first_line(self._start(environment)).strip()
                if port:
                    self._channel = grpc.insecure_channel(f"127.0.0.1:{port.decode()}", options=MESSAGES_OF_ANY_SIZE)
            return self._channel


def _stack_environment(request: bytes) -> dict[str, str]:
    stack = analyzer_pb2.AnalyzerStackConfigureRequest.FromString(request)
    environment = {
        "PULUMI_PROJECT": stack.project,
        "PULUMI_STACK": stack.stack,
        "PULUMI_ORGANIZATION": stack.organization,
        "PULUMI_DRY_RUN": "true" if stack.dry_run else "false",
        "PULUMI_CONFIG": json.dumps(dict(stack.config)),
    }
    return {name: value for name, value in environment.items() if value}
