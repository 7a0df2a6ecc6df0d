"""A server that fails while it is asked for its version is not taken for one of another version."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator, Fault
from pulumi_airbyte_wb.errors import ConflictError, ServerError


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize(("status", "error"), [(500, ServerError), (423, ConflictError)])
def test_a_failed_lookup_is_told_and_asked_again(skip: int, status: int, error: type[Exception]) -> None:
    server = Emulator(server_version="0.50.0")
    with AirbyteClient(ServerSettings("http://airbyte"), transport=server.transport()) as client:
        assert not client.capabilities.has("endpoint connections/clear/stream")
    with AirbyteClient(ServerSettings("http://airbyte"), transport=server.transport()) as client:
        server.add_fault(Fault("status", status=status, skip=skip))
        with pytest.raises(error):
            _ = client.capabilities
        assert not client.capabilities.has("endpoint connections/clear/stream")
