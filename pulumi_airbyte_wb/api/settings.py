"""How to reach one Airbyte server: its address and credentials."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import httpx
from pydantic import SecretStr

from pulumi_airbyte_wb.errors import ConfigurationError, shown

NAMESPACE = "airbyte-wb"


@dataclass(frozen=True)
class ServerSettings:
    """The address of a server and one way to log in; immutable and hashable, so that clients can be shared.

    Args:
        url: where the server answers, with or without ``/api`` or ``/api/v1``; a path prefix is kept.
        token: a bearer token.
        username: with ``password``, HTTP basic authentication.
        password: see ``username``.
        client_id: with ``client_secret``, an application's client credentials; tokens are fetched and renewed.
        client_secret: see ``client_id``.
        ca_bundle: a PEM file of certificate authorities to trust instead of the public ones.
        client_cert: a PEM file with a client certificate and its key.

    Raises:
        ConfigurationError: the address is no http(s) address, or the credentials contradict each other.
    """

    url: str
    token: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    ca_bundle: str | None = None
    client_cert: str | None = None
    label: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        self._check_address()
        ways = {
            "token": self.token is not None,
            "username and password": self.username is not None or self.password is not None,
            "clientId and clientSecret": self.client_id is not None or self.client_secret is not None,
        }
        used = [way for way, given in ways.items() if given]
        if len(used) > 1:
            raise ConfigurationError(f"the server settings name {' and '.join(used)}; keep one way to log in")
        if (self.username is None) != (self.password is None):
            raise ConfigurationError("username and password belong together; one of them is missing")
        if (self.client_id is None) != (self.client_secret is None):
            raise ConfigurationError("clientId and clientSecret belong together; one of them is missing")
        self._check_credentials()

    def _check_address(self) -> None:
        key = self._key("url")
        said = hide_secrets(shown(self.url), ())
        try:
            parts = urlsplit(self.url)
            # These find what a request would stumble over: ports, letters and lengths that no host has.
            reachable = (
                bool(httpx.URL(self.url).host) and parts.port != 0 and bool((parts.hostname or "").encode("idna"))
            )
        except (ValueError, httpx.InvalidURL):
            reachable = False
        plain = self.url.isprintable() and " " not in self.url
        if not reachable or not plain or parts.scheme not in {"http", "https"}:
            raise ConfigurationError(f"the server address {said} is not of the form http://HOST:PORT; set {key}")
        if parts.username or parts.password:
            raise ConfigurationError(
                f"the server address must not hold credentials; set {self._key('username')} and {self._key('password')}"
            )
        if parts.query or parts.fragment:
            raise ConfigurationError(f"the server address {said} goes on behind its path; cut {key} before '?' or '#'")

    def _check_credentials(self) -> None:
        """What a header cannot hold would end up, credentials and all, in an error of another library."""
        if self.token is not None and not re.fullmatch(r"[!-~]+", self.token.get_secret_value()):
            raise ConfigurationError(
                f"the token holds a space, a line break or a letter that no token has; copy {self._key('token')} again"
            )
        if self.username is not None and ":" in self.username:
            raise ConfigurationError(
                f"the username holds a colon, which basic authentication cannot send; check {self._key('username')}"
            )
        for name, value in (("username", self.username), ("clientId", self.client_id)):
            if value is not None and not value.isprintable():
                raise ConfigurationError(
                    f"{name} holds a line break or another control character; copy {self._key(name)} again"
                )

    def _key(self, name: str) -> str:
        return config_key(name, self.label)

    @property
    def base_url(self) -> str:
        """The address of the API without a trailing slash, for example ``http://localhost:8000/api/v1``."""
        url = self.url.rstrip("/")
        for suffix in ("/v1", "/api"):
            url = url.removesuffix(suffix)
        return f"{url}/api/v1"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret values, for taking them out of texts."""
        values = (self.token, self.password, self.client_secret)
        found = [value.get_secret_value() for value in values if value is not None]
        if self.username is not None and self.password is not None:
            pair = f"{self.username}:{self.password.get_secret_value()}"
            found.append(base64.b64encode(pair.encode()).decode())
        return tuple(found)


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """A text without secret values, and without the credentials of addresses such as a proxy's."""
    for secret in secrets:
        for form in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe="")):
            if form.strip():
                text = text.replace(form, "[secret]")
    return re.sub(r"://[^/@\s]+@", "://[secret]@", text)


_KEYS = ("url", "token", "username", "password", "clientId", "clientSecret", "caBundle", "clientCert")


def read_settings(
    get: Callable[[str], object | None],
    *,
    server: str = "",
    environ: Mapping[str, str] | None = None,
) -> ServerSettings:
    """Settings from stack config, else from the environment.

    The config key ``airbyte-wb:clientId`` and the variable ``AIRBYTE_WB_CLIENT_ID`` mean the same; config wins. A named
    server ``eu`` has the keys ``airbyte-wb:eu.url`` and so on, and the variables ``AIRBYTE_WB_EU_URL`` and so on.

    Args:
        get: looks up a full config key, answering ``None`` where it is not set.
        server: the name of a further server; empty for the default one.
        environ: the environment; by default this process's.

    Raises:
        ConfigurationError: no address is set, or the settings contradict each other.
    """
    values = _values(get, server, os.environ if environ is None else environ)
    if "url" not in values:
        raise ConfigurationError(
            f"no Airbyte server is configured: set {config_key('url', server)} in the stack "
            f"or {_variable('url', server)} in the environment"
        )

    def secret(key: str) -> SecretStr | None:
        return SecretStr(values[key]) if key in values else None

    return ServerSettings(
        url=values["url"],
        token=secret("token"),
        username=values.get("username"),
        password=secret("password"),
        client_id=values.get("clientId"),
        client_secret=secret("clientSecret"),
        ca_bundle=values.get("caBundle"),
        client_cert=values.get("clientCert"),
        label=server,
    )


def _values(get: Callable[[str], object | None], server: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What is set, by the key without the server's name; the stack's config wins, and an empty value is none."""
    values: dict[str, str] = {}
    for key in _KEYS:
        value = get(config_key(key, server))
        if value is None:
            value = environ.get(_variable(key, server))
        if value not in (None, ""):
            values[key] = str(value)
    return values


def config_key(key: str, server: str = "") -> str:
    """The full stack config key, for example ``airbyte-wb:url`` or ``airbyte-wb:eu.url``."""
    return f"{NAMESPACE}:{server}.{key}" if server else f"{NAMESPACE}:{key}"


def _variable(key: str, server: str) -> str:
    words = ["AIRBYTE_WB", *([server.replace("-", "_")] if server else [])]
    snake = "".join(f"_{letter}" if letter.isupper() else letter for letter in key)
    return "_".join([*words, snake]).upper()
