"""Some of it through the real engine: what an Output turns out to hold, and what is secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import new_project
from tests.main_job.conftest import HEAD, write
from tests.main_job.test_refusals import refused

PROGRAM = """
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, {})
"""


@pytest.mark.engine
def test_outputs_of_a_wrong_type_and_secrets(tmp_path: Path) -> None:
    with Emulator() as server:
        project = new_project(tmp_path, HEAD)
        project.set_config("airbyte-wb:url", server.url)
        write(project, PROGRAM.format('name=pulumi.Output.from_input("").apply(lambda _: b"x")'))
        assert refused(project) == (
            "error: Connection('shop'): name: a value of type 'bytes' is nothing that a property can hold; "
            "write a text, a number, a list or a mapping"
        )
        write(project, PROGRAM.format('streams={"public.users": pulumi.Output.secret("HUSH")}'))
        error = refused(project)
        assert error.endswith('streams["public.users"].mode: [secret] is not a sync mode'), error
        assert not server.log.counts
