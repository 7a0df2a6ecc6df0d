"""The world that the emulator starts with when it is given none: its ids, and the world to change."""

from __future__ import annotations

import copy
import functools
from importlib import resources
from typing import Any

import yaml

WORKSPACE = "10000000-0000-4000-8000-000000000001"
SHOP = "20000000-0000-4000-8000-000000000001"
CRM = "20000000-0000-4000-8000-000000000002"
WAREHOUSE = "30000000-0000-4000-8000-000000000001"
CONFIG = "50000000-0000-4000-8000-000000000001"
"""The id of a webhook configuration, which the emulator takes as any other."""
UNKNOWN = "99999999-9999-4999-8999-999999999999"
"""An id of nothing."""


def world() -> dict[str, Any]:
    """The world as plain data, a copy of its own for each caller."""
    return copy.deepcopy(_world())


@functools.cache
def _world() -> dict[str, Any]:
    text = resources.files("pulumi_airbyte_wb.emulator.core").joinpath("default_world.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
