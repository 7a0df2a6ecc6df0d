"""Which certificates a client trusts."""

from __future__ import annotations

import ssl

import pytest

from pulumi_airbyte_wb.api import ServerSettings
from pulumi_airbyte_wb.api.tls import tls_context


@pytest.mark.parametrize("url", ["http://airbyte.test", "HTTP://airbyte.test:8000/api"])
def test_where_tls_is_not_spoken_no_authority_is_read_and_none_is_trusted(url: str) -> None:
    context = tls_context(ServerSettings(url))
    assert context.cert_store_stats()["x509_ca"] == 0
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_an_https_address_is_held_to_the_public_authorities() -> None:
    context = tls_context(ServerSettings("https://airbyte.test"))
    assert context.cert_store_stats()["x509_ca"] > 10
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
