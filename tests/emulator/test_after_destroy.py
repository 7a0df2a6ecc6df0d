"""What a first user does: up, a sync, destroy, and up again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from pulumi_airbyte_wb.cli import app
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.pytest_plugin import PulumiProgram

PROGRAM = """
import pulumi_airbyte_wb as airbyte

shop, warehouse = airbyte.get_source(name="shop-postgres"), airbyte.get_destination(name="warehouse")
airbyte.Connection(
    "shop-to-warehouse",
    source_id=shop.source_id,
    destination_id=warehouse.destination_id,
    streams=[
        airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key="id"),
        airbyte.stream("public.events", "incremental_append", cursor="ts"),
        airbyte.streams("public.dim_*", "full_refresh_overwrite"),
    ],
)
"""


def command(airbyte: Emulator, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["emulator", *arguments, "--url", airbyte.url])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.engine
@pytest.mark.usefixtures("warm_pulumi")
def test_up_sync_destroy_drop_up(airbyte: Emulator, pulumi_program: Callable[[str], PulumiProgram]) -> None:
    program = pulumi_program(PROGRAM)
    program.up()
    moved = command(airbyte, "sync", "shop-to-warehouse").splitlines()[1:]
    program.destroy()
    with pytest.raises(AssertionError, match="AWB208"):
        program.up()
    command(airbyte, "drop", "public.users")
    with pytest.raises(AssertionError, match="AWB208"):
        program.up()
    command(airbyte, "drop", "--all")
    program.up()
    assert sorted(command(airbyte, "sync", "shop-to-warehouse").splitlines()[1:]) == sorted(moved)
    assert [rows for _destination, _table, rows in airbyte.table_sizes()] == [3, 3, 10, 6]
