"""The API's operations, a module per tag of the specification. Importing this package registers all of them."""

from pulumi_airbyte_wb.emulator.http.operations import (
    actors,
    connections,
    instance,
    jobs,
    mappers,
    sync_operations,
    tags,
    web_backend,
    workspaces,
)

__all__ = [
    "actors",
    "connections",
    "instance",
    "jobs",
    "mappers",
    "sync_operations",
    "tags",
    "web_backend",
    "workspaces",
]
