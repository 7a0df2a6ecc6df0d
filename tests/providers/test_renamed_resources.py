"""A resource that got another name in its program, without an alias: its tables are those of the connection before."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import USERS, declare


def test_a_renamed_resource_is_told_of_the_connection_that_it_had(server: Emulator, shop: Resource) -> None:
    news = declare({"public.users": USERS})
    shop.up(news)
    server.sync(shop.id)
    with pytest.raises(RefusedError) as refused:
        Resource(server.url, "shop-to-warehouse").preview(news)
    text = " ".join(str(refused.value).split())
    assert f"connection {shop.id}" in text or "connection shop" in text
    assert "give it an alias, or adopt that connection" in text
    assert "drop the table" not in text
