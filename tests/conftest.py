"""The order of the tests: those that run the real engine take seconds each and begin; the short ones fill up."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from pulumi_airbyte_wb.providers.process import process, set_testing

# How fast inputs are made says something about the machine, not about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the engine first; sorting keeps the order otherwise."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is None)


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """No test knows what another one's provider has learnt, and none waits for jobs."""
    process.reset()
    set_testing()
