"""The client of one Airbyte server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

import httpx

from pulumi_airbyte_wb.api.configuration import Configuration
from pulumi_airbyte_wb.api.operations import Operations
from pulumi_airbyte_wb.api.settings import ServerSettings
from pulumi_airbyte_wb.api.transport import Transport
from pulumi_airbyte_wb.api.web_backend import WebBackend


class AirbyteClient(WebBackend, Configuration, Operations):
    """Airbyte's configuration API with plain Python values; safe to share between threads.

    Args:
        settings: address and credentials of the server.
        transport: an httpx transport in place of the network, for tests.
        attempts: how often a call that may be repeated is tried before it fails.
        on_retry: told of each wait as ``(what happened, seconds, attempt, attempts)``.

    Example::

        with AirbyteClient(ServerSettings("http://localhost:8000")) as airbyte:
            connection = airbyte.get_connection("5e0a…")
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        attempts: int = 4,
        on_retry: Callable[[str, float, int, int], None] | None = None,
    ) -> None:
        self._version_lock = threading.Lock()
        self._transport = Transport(settings, transport=transport, attempts=attempts, on_retry=on_retry)
        self._transport.explain = self._explain

    @property
    def settings(self) -> ServerSettings:
        """Address and credentials."""
        return self._transport.settings

    @property
    def requests_sent(self) -> int:
        """How many requests this thread has sent, repetitions included."""
        return self._transport.sent

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()

    def __enter__(self) -> AirbyteClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
