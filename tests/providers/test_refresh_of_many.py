"""A refresh of many connections asks for a list of them, which must tell as much as one by one."""

from __future__ import annotations

from pulumi_airbyte_wb.emulator import Emulator
from tests.main_job.conftest import SHOP, WAREHOUSE
from tests.providers.engine import Resource
from tools.engine import new_run

CONFIG = "50000000-0000-4000-8000-000000000001"


def test_a_refresh_of_many_keeps_their_operations() -> None:
    with Emulator() as server:
        shops = []
        for number in range(5):
            webhook = {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 1, "job_id": number + 1}}
            declared = {
                "source_id": SHOP,
                "destination_id": WAREHOUSE,
                "prefix": f"p{number}_",
                "streams": {"public.orders": "full_refresh_overwrite"},
                "operations": [{"name": "one", "webhook": webhook}],
            }
            shop = Resource(server.url, f"shop{number}")
            shop.up(declared)
            shops.append((shop, declared))
        run = new_run(server.url)
        server.log.clear()
        for shop, _ in shops:
            run.refresh(shop)
        assert server.log.counts["connections/list"] == 1
        assert not any(shop.changed(declared) for shop, declared in shops)
