"""Catalogs, pure: what differs between two of them and what the server resets for it, as the server itself decides."""

from pulumi_airbyte_wb.server_rules.diff import CatalogDiff, diff_catalogs
from pulumi_airbyte_wb.server_rules.resets import ServerUpdate, server_resets, server_update
from pulumi_airbyte_wb.server_rules.versions import ServerVersion

__all__ = [
    "CatalogDiff",
    "ServerUpdate",
    "ServerVersion",
    "diff_catalogs",
    "server_resets",
    "server_update",
]
