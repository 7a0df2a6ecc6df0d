"""The order of the tests: those that run the real engine take seconds each and begin; the short ones fill up."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the engine first; sorting keeps the order otherwise."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is None)
