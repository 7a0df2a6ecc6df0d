"""Lines on a resource's own row of the CLI, from inside a provider.

``pulumi.log`` is not connected in the provider's process; the engine's address is its first argument.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from pulumi_airbyte_wb.providers.process import process

_LOG = logging.getLogger(__name__)


class Console:
    """Writes to the row of one resource; silent where no engine listens, as in unit tests.

    Args:
        urn: the resource's URN; without one, lines go to the stack's row.
    """

    def __init__(self, urn: str = "") -> None:
        self.urn = urn

    def here(self) -> Console:
        """Tell on this row what happens in this thread from now on, such as a call that is tried again."""
        process.current.console = self
        return self

    def info(self, message: str) -> None:
        """A lasting line among the resource's diagnostics."""
        self._send(message, "INFO")

    def warn(self, message: str) -> None:
        """A lasting line, marked as a warning."""
        self._send(message, "WARNING")

    def status(self, message: str) -> None:
        """A passing line on the resource's row: live progress."""
        self._send(message, "INFO", ephemeral=True)

    def _send(self, message: str, severity: str, *, ephemeral: bool = False) -> None:
        engine = _connect()
        if engine is None:
            return
        import grpc
        from pulumi.runtime.proto import engine_pb2

        request = engine_pb2.LogRequest(
            severity=engine_pb2.LogSeverity.Value(severity), message=message, urn=self.urn, ephemeral=ephemeral
        )
        try:
            engine.Log(request, timeout=5)
        except grpc.RpcError as error:
            # A line that cannot be shown must not fail the work that it is about.
            _LOG.debug("the engine took no line: %s", error)


def tell_retry(what: str, seconds: float, attempt: int, attempts: int) -> None:
    """Say on the current resource's row that a call is tried again."""
    console = getattr(process.current, "console", None)
    if console is not None:
        console.status(f"{what}; trying again in {seconds:.0f} s, {attempt + 1} of {attempts}")


def _connect() -> Any:
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    if ":" not in address:
        return None
    with process.lock:
        if process.engine is None:
            import grpc
            from pulumi.runtime.proto import engine_pb2_grpc

            process.engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
        return process.engine
