"""Two Airbyte connections into one warehouse: a shop's database and a CRM."""

import pulumi
import pulumi_airbyte_wb as airbyte

config = pulumi.Config()

shop = airbyte.get_source(name="shop-postgres")
crm = airbyte.get_source(name="crm")
warehouse = airbyte.get_destination(name="warehouse")

shop_to_warehouse = airbyte.Connection(
    "shop-to-warehouse",
    source_id=shop.source_id,
    destination_id=warehouse.destination_id,
    schedule=airbyte.cron("0 0 6 * * ?", config.get("timeZone") or "UTC"),
    streams=[
        airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id"),
        airbyte.stream("public.events", "incremental_append", cursor="ts"),
        airbyte.streams("public.dim_*", "full_refresh_overwrite"),
    ],
    resets={"wait": "job"},
)

crm_to_warehouse = airbyte.Connection(
    "crm-to-warehouse",
    source_id=crm.source_id,
    destination_id=warehouse.destination_id,
    schedule=airbyte.every(6, "hours"),
    prefix="crm_",
    streams=[
        airbyte.stream("contacts", "incremental_append_dedup"),
        airbyte.stream("owners", "full_refresh_overwrite"),
    ],
)

pulumi.export("shopConnectionId", shop_to_warehouse.connection_id)
pulumi.export("crmConnectionId", crm_to_warehouse.connection_id)
