"""Logging in: basic, bearer, or client credentials with renewal (semantics §12)."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from collections.abc import Generator
from typing import Any

import httpx
from pydantic import SecretStr

from pulumi_airbyte_wb.api.capabilities import ENDPOINTS
from pulumi_airbyte_wb.api.circuit import BUSY
from pulumi_airbyte_wb.api.settings import ServerSettings, config_key
from pulumi_airbyte_wb.errors import AuthenticationError, ServerError

# Tokens of client credentials live 15 minutes from server 1.8.0 and 24 hours before; where neither the answer nor the
# token itself says which, the shorter is taken. A fifth of the time is left over.
_TOKEN_SECONDS = 15 * 60
_USED_PART = 0.8


class BearerAuth(httpx.Auth):
    """A token from the settings."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


class ClientCredentialsAuth(httpx.Auth):
    """Fetches a token, renews it before it ends, and once more when the server says 401.

    Raises:
        AuthenticationError: the server gives no token for these credentials.
        ServerError: the server is too busy to give one.
    """

    def __init__(self, token_url: str, client_id: str, client_secret: SecretStr, label: str = "") -> None:
        self._token_url = token_url
        self._label = label
        self._client_id = client_id
        self._client_secret = client_secret
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    @property
    def secret(self) -> str:
        """The token that is in use, which no message may show."""
        return self._token

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a valid token; a 401 renews it once."""
        used = yield from self._authorize(request, expired="")
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            yield from self._authorize(request, expired=used)
            yield request

    def _authorize(self, request: httpx.Request, expired: str) -> Generator[httpx.Request, httpx.Response, str]:
        # The lock is not held while a request is under way: two threads may then both fetch a token, which is harmless.
        with self._lock:
            token = self._token if time.monotonic() < self._renew_at and self._token != expired else ""
        if not token:
            response = yield httpx.Request(
                "POST",
                self._token_url,
                json={"client_id": self._client_id, "client_secret": self._client_secret.get_secret_value()},
            )
            token = self._token_of(response)
            with self._lock:
                self._token = token
                self._renew_at = time.monotonic() + _USED_PART * _lifetime(response.json(), token)
        request.headers["Authorization"] = f"Bearer {token}"
        return token

    def _token_of(self, response: httpx.Response) -> str:
        response.read()
        token = ""
        if response.is_success:
            try:
                token = response.json().get("access_token", "")
            except (ValueError, AttributeError, RecursionError):
                token = ""
        if response.status_code in {429, *BUSY}:
            error = ServerError(
                f"applications/token: the server answered {response.status_code}",
                operation="applications/token",
                status=response.status_code,
            )
            # What the token was for was not sent, so it may be tried again, whatever it is.
            error.applied = False
            raise error
        if not token:
            keys = " and ".join(config_key(key, self._label) for key in ("clientId", "clientSecret"))
            hint = f"check {keys}"
            if response.status_code == httpx.codes.NOT_FOUND:
                hint = f"it needs a server of {ENDPOINTS['applications/token']} for that: use another way to log in"
            raise AuthenticationError(
                f"the server gives no token for client id {self._client_id!r} ({response.status_code}); {hint}",
                operation="applications/token",
                status=response.status_code,
            )
        return str(token)


def _lifetime(answer: dict[str, Any], token: str) -> float:
    """The seconds that a token lives: as the answer says (``expires_in``), else as the token, a JWT, says."""
    with contextlib.suppress(KeyError, TypeError, ValueError):
        return float(answer["expires_in"])
    with contextlib.suppress(IndexError, KeyError, TypeError, ValueError):
        claims = token.split(".")[1]
        expires = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        return max(float(expires) - time.time(), 0.0)
    return _TOKEN_SECONDS


def auth_for(settings: ServerSettings) -> httpx.Auth | None:
    """The way to log in that the settings name, or ``None`` for an open server."""
    if settings.token is not None:
        return BearerAuth(settings.token)
    if settings.username is not None and settings.password is not None:
        return httpx.BasicAuth(settings.username, settings.password.get_secret_value())
    if settings.client_id is not None and settings.client_secret is not None:
        return ClientCredentialsAuth(
            f"{settings.base_url}/applications/token", settings.client_id, settings.client_secret, settings.label
        )
    return None
