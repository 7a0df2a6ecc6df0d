"""What a preview says on the row of the stack, by the real engine."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.main_job.conftest import Projects

PROGRAM = """
for name, key in (("one", pulumi.Config().get("key") or "id"), ("two", "id")):
    airbyte.Connection(name, source_id=SHOP, destination_id=WAREHOUSE, prefix=f"{name}_", schedule=airbyte.manual(),
        streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key=key)])
"""


@pytest.mark.engine
def test_a_preview_ends_with_what_it_does_to_all_streams(server: Emulator, projects: Projects) -> None:
    project = projects(PROGRAM)
    first = project.preview()
    assert first.code == 0, first.out
    assert project.up().code == 0
    for connection in server.connection_ids():
        server.sync(connection)
    assert "streams are" not in project.preview().out
    assert project.set_config("key", "email").code == 0
    changed = project.preview()
    assert changed.code == 0, changed.out
    stack = changed.out.split("pulumi:pulumi:Stack (example-dev):", 1)[1]
    assert "1 stream is read again, and replaced when that is done:" in stack
    assert "public.users of one" in stack
    assert "together: about 6 records" in stack
    assert "stream is read again, and replaced" not in project.up().out
