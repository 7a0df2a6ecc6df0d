"""Which certificates a client trusts, and which it shows."""

from __future__ import annotations

import functools
import os
import ssl
from urllib.parse import urlsplit

import httpx

from pulumi_airbyte_wb.api.settings import ServerSettings, config_key
from pulumi_airbyte_wb.errors import ConfigurationError


def tls_context(settings: ServerSettings) -> ssl.SSLContext:
    """What the settings ask for: the public authorities, or the files they name; nothing where TLS is not spoken.

    Raises:
        ConfigurationError: a file cannot be read, or holds no certificate or key.
    """
    if not settings.ca_bundle and not settings.client_cert:
        if urlsplit(settings.url).scheme == "http":
            # It trusts no one, so it lets nothing through; reading the authorities would take 50 ms.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return _public_authorities(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    try:
        context = ssl.create_default_context(cafile=settings.ca_bundle)
        if settings.client_cert:
            context.load_cert_chain(settings.client_cert)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"the TLS files cannot be used: {error}; name PEM files in {config_key('caBundle', settings.label)} and "
            f"{config_key('clientCert', settings.label)}"
        ) from None
    return context


@functools.cache
def _public_authorities(*_: str | None) -> ssl.SSLContext:
    """What trusts the public authorities; shared, as reading them takes longer than all else about a client."""
    return httpx.create_ssl_context()
