"""How to reach one Airbyte server: its address and credentials."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

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
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError(
                f"the server address {shown(self.url)} is not of the form http://HOST:PORT; set {NAMESPACE}:url"
            )
        if parts.username or parts.password:
            raise ConfigurationError(
                f"the server address must not hold credentials; set {NAMESPACE}:username and {NAMESPACE}:password"
            )
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
        return tuple(value.get_secret_value() for value in values if value is not None)


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """A text without secret values, and without the credentials of addresses such as a proxy's."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[secret]")
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
    environ = os.environ if environ is None else environ
    values: dict[str, str] = {}
    for key in _KEYS:
        value = get(config_key(key, server))
        if value is None:
            value = environ.get(_variable(key, server))
        if value not in (None, ""):
            values[key] = str(value)
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


def config_key(key: str, server: str = "") -> str:
    """The full stack config key, for example ``airbyte-wb:url`` or ``airbyte-wb:eu.url``."""
    return f"{NAMESPACE}:{server}.{key}" if server else f"{NAMESPACE}:{key}"


def _variable(key: str, server: str) -> str:
    words = ["AIRBYTE_WB", *([server.replace("-", "_")] if server else [])]
    snake = "".join(f"_{letter}" if letter.isupper() else letter for letter in key)
    return "_".join([*words, snake]).upper()
