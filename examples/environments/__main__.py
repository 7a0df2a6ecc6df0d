"""One program, an environment per stack: what differs is the stack's config, and ids are looked up by name."""

import pulumi

import pulumi_airbyte_wb as airbyte

config = pulumi.Config()
stack = pulumi.get_stack()

source = airbyte.get_source(name=config.require("source"))
warehouse = airbyte.get_destination(name=config.require("destination"))

shop = airbyte.Connection(
    "shop",
    name=f"shop ({stack})",
    source_id=source.source_id,
    destination_id=warehouse.destination_id,
    prefix=config.get("prefix") or "",
    schedule=config.require("schedule"),
    streams=airbyte.streams_from_file("streams.yaml"),
)

pulumi.export("server", pulumi.Config("airbyte-wb").require("url"))
pulumi.export("connectionId", shop.connection_id)
