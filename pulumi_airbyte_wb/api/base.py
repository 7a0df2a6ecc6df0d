"""What the two halves of the client share: the transport, the server's version, lists that come in pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from pulumi_airbyte_wb.api.capabilities import ENDPOINTS, FIELDS, PROBES, Capabilities, Release
from pulumi_airbyte_wb.api.transport import Transport
from pulumi_airbyte_wb.errors import (
    AnswerError,
    ConflictError,
    NoEndpointError,
    ServerError,
    StatusError,
    UnsupportedError,
)
from pulumi_airbyte_wb.models import InstanceConfiguration, ReadModel

Item = TypeVar("Item", bound=ReadModel)

PAGE_SIZE = 100
MOST_PAGES = 1000
SERVER_PAGE = 20
"""How many items a server from 1.8.0 on answers where no number was asked for."""


class Caller:
    """Mixin with what every call needs."""

    _transport: Transport
    _version_lock: threading.Lock
    _version: Capabilities | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What the server can do, by its version; found by the first that asks, and kept.

        Servers from 0.57.4 on say their version. Older ones are asked which endpoints they have, at most three times.
        """
        with self._version_lock:
            if self._version is None:
                self._version = self._find_version()
            return self._version

    def get_instance_configuration(self) -> InstanceConfiguration:
        """What the server says of itself (``GET instance_configuration``, server 0.50.9 on)."""
        answer = self._transport.call_raw("instance_configuration", None, method="GET")
        return InstanceConfiguration.model_validate(answer or {})

    def get_server_version(self) -> str | None:
        """The server's version, or ``None`` where it does not say (before 0.57.4)."""
        capabilities = self.capabilities
        return str(capabilities) if capabilities.exact else None

    def _find_version(self) -> Capabilities:
        try:
            version = self.get_instance_configuration().version
        except UnsupportedError:
            version = None
        except (ConflictError, ServerError):
            raise  # not an answer to the question: a guess would choose calls that the server may not have
        except (StatusError, ValidationError):
            return Capabilities()
        if version:
            return Capabilities.of(version)
        low, high = 0, len(PROBES)
        while low < high:
            middle = (low + high) // 2
            if self._transport.serves(PROBES[middle][0]):
                low = middle + 1
            else:
                high = middle
        return Capabilities(
            at_least=Release.parse(PROBES[low - 1][1]) if low else None,
            below=Release.parse(PROBES[low][1]) if low < len(PROBES) else Release(0, 57, 4),
        )

    def _capabilities_for(self, body: Mapping[str, Any], kind: str) -> Capabilities:
        """The server's capabilities where they matter for the body; else anybody's, without asking."""
        return self.capabilities if any(f"{kind}.{name}" in FIELDS for name in body) else Capabilities()

    def _explain(self, error: NoEndpointError) -> NoEndpointError | UnsupportedError:
        """The reason of a 404: the server's version may not have the endpoint."""
        operation = error.operation
        if operation not in ENDPOINTS:
            return error
        if operation == "instance_configuration":
            why = f"needs a server of {ENDPOINTS[operation]}"
        else:
            why = self.capabilities.lack(f"endpoint {operation}")
        return UnsupportedError(f"{operation} {why}", operation=operation, applied=False) if why else error

    def _pages(
        self, operation: str, body: Mapping[str, Any], field: str, item: type[Item], id_of: Callable[[Item], str]
    ) -> Iterator[Item]:
        """Every item of a list, whether it comes at once or, from server 1.8.0 on, in pages.

        The first request says nothing of pages, which older servers do not know; an answer that comes in pages tells.
        """
        request = dict(body)
        size = SERVER_PAGE
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            answer = self._transport.call_raw(operation, request)
            try:
                page = [item.model_validate(each) for each in answer[field]]
            except (ValidationError, KeyError, TypeError):
                raise AnswerError(
                    f"{operation}: the answer is no list of {field}; "
                    f"is {self._transport.settings.base_url} the API of an Airbyte server?",
                    operation=operation,
                ) from None
            fresh = [each for each in page if id_of(each) not in seen]
            yield from fresh
            seen.update(id_of(each) for each in fresh)
            if len(page) < size or not fresh:
                return
            if "page_size" not in answer and not (len(page) == size and self.capabilities.has("list.cursor")):
                return
            size = PAGE_SIZE
            request |= {"cursor": id_of(page[-1]), "pageSize": size}
        raise AnswerError(
            f"{operation}: the list does not end after {len(seen)} {field}; "
            f"is {self._transport.settings.base_url} the API of an Airbyte server?",
            operation=operation,
        )
