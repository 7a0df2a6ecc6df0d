"""Policies that guard production: they read the plan of every preview.

A pack is a folder with a ``PulumiPolicy.yaml`` and a ``__main__.py`` of two lines, which ``airbyte-wb examples
policy-pack`` writes::

    from pulumi_airbyte_wb.policy import pack

    pack()

``pulumi preview --policy-pack DIR --policy-pack-config FILE`` runs it. It needs ``pulumi_airbyte_wb[policy]``.
"""

from pulumi_airbyte_wb.policy.permissions import Permission
from pulumi_airbyte_wb.policy.rules import (
    dedup_needs_key,
    no_unpermitted_losses,
    no_unpermitted_reads,
    no_unsafe_skip,
    pack,
)

__all__ = ["Permission", "dedup_needs_key", "no_unpermitted_losses", "no_unpermitted_reads", "no_unsafe_skip", "pack"]
