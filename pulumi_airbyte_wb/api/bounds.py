"""What one answer may cost: bytes, levels of nesting, and seconds from the first byte sent to the last one read."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer, decompressed: several times the largest catalog that servers of today hold."""

DEEPEST_ANSWER = 100
"""Levels of lists and mappings in an answer."""

ENCODINGS = "gzip"
"""What is asked for, and taken, of the ways to compress an answer."""

_PIECE = 1024 * 1024


class UnboundedError(Exception):
    """An answer that went on past a bound; the text says which, to stand after "the answer"."""


def cap(response: httpx.Response) -> None:
    """Read an answer only up to ``LARGEST_ANSWER``; for the ``response`` hook of an ``httpx.Client``.

    Raises:
        UnboundedError: the answer is compressed in a way that was not asked for.
    """
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "", ENCODINGS}:
        raise UnboundedError(f"is compressed in a way that was not asked for ({coding[:20]!r})")
    if isinstance(response.stream, httpx.SyncByteStream):
        # httpx would decompress a small answer of many zeros into all the memory there is.
        response.headers.pop("content-encoding", None)
        response.stream = _Capped(response.stream, compressed=coding == ENCODINGS)


class _Capped(httpx.SyncByteStream):
    """A stream that ends with ``UnboundedError`` when it is too long, decompressed on the way."""

    def __init__(self, stream: httpx.SyncByteStream, *, compressed: bool) -> None:
        self._stream = stream
        self._compressed = compressed

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for piece in self._pieces():
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise UnboundedError(f"is larger than {LARGEST_ANSWER // 1024**2} MiB")
            yield piece

    def _pieces(self) -> Iterator[bytes]:
        if not self._compressed:
            yield from self._stream
            return
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            for packed in self._stream:
                rest = packed
                while rest:
                    yield unpacker.decompress(rest, _PIECE)
                    rest = unpacker.unconsumed_tail
        except zlib.error:
            raise UnboundedError("cannot be decompressed") from None

    def close(self) -> None:
        self._stream.close()


def deeper_than(value: Any, levels: int) -> bool:
    """Whether JSON is nested deeper; looked at level by level, as recursion is what has to be spared."""
    level = [value]
    for _ in range(levels):
        inner = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each)
            if isinstance(item, dict | list)
        ]
        if not inner:
            return False
        level = inner
    return True


class Deadline(threading.local):
    """The moment by which the call that this thread is in must be over; ``missed`` says that the last one was not."""

    at: float | None = None
    missed = False

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Bound everything that this thread sends and reads meanwhile."""
        self.at, self.missed = time.monotonic() + seconds, False
        try:
            yield
        finally:
            self.missed, self.at = time.monotonic() >= self.at, None

    def left(self, timeout: float | None) -> float | None:
        """The seconds that one read or write may take.

        Raises:
            ReadTimeout: of ``httpcore``: there are none left.
        """
        if self.at is None:
            return timeout
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole exchange took too long")
        return left if timeout is None else min(timeout, left)


def bound(client: httpx.Client, deadline: Deadline) -> None:
    """Make every connection of a client keep to a deadline: httpx itself limits each read alone, not their sum.

    The pools are no public part of httpx, and replacing them would lose proxies from the environment; a version of it
    that keeps them elsewhere falls back to the limits of each read.
    """
    for transport in [client._transport, *client._mounts.values()]:
        pool = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if pool is not None and isinstance(backend, httpcore.NetworkBackend):
            pool._network_backend = _Backend(backend, deadline)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, deadline: Deadline) -> None:
        self._backend = backend
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._backend.connect_tcp(host, port, self._deadline.left(timeout), local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
