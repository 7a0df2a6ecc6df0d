"""A server that is asked and never changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_airbyte_wb.emulator import Emulator


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator
