"""What a server masks, and what it accepts and keeps otherwise, by the real engine: said, and no change for ever."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from tests.main_job.conftest import Projects, write

pytestmark = pytest.mark.engine

PROGRAM = """
encrypted = {{"type": "encryption", "mapperConfiguration": {{
    "algorithm": "AES", "mode": "CBC", "padding": "PKCS5Padding", "targetField": "email", "fieldNameSuffix": "_enc",
    "key": pulumi.Output.secret("00112233445566778899aabbccddeeff")}}}}
airbyte.Connection("shop", source_id=SHOP, destination_id=WAREHOUSE, schedule="manual", notify_schema_changes=True,
    notify_schema_changes_by_email={email}, streams=[
        airbyte.stream("public.users", "full_refresh_overwrite", mappers=[encrypted]),
        airbyte.stream("public.orders", "{mode}")])
"""
KEEPS = "notify_schema_changes_by_email: Airbyte accepted false, but keeps true"


def test_a_masked_key_and_a_flag_that_the_server_keeps(server: Emulator, projects: Projects) -> None:
    project = projects(PROGRAM.format(email=True, mode="full_refresh_overwrite"))
    assert project.up().code == 0
    write(project, PROGRAM.format(email=False, mode="full_refresh_append"))
    result = project.up()
    assert result.code == 0, result.out
    assert KEEPS in result.out
    sent = next(each for each in reversed(server.log.requests) if each.path == "web_backend/connections/update")
    assert "00112233445566778899aabbccddeeff" in str(sent.request)
    assert "****" not in str(sent.request["syncCatalog"])
    assert project.preview("--expect-no-changes").code == 0
    quiet = project.refresh("--expect-no-changes")
    assert quiet.code == 0, quiet.out
    assert KEEPS in quiet.out
    assert project.preview("--expect-no-changes").code == 0
    assert "00112233445566778899aabbccddeeff" not in str(project.state())
