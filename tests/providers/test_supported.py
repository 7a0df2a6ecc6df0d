"""A declared field that the server's version does not know is refused at preview, naming the versions that have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.lifecycle.supported import check_supported
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.spec.parsing import parse_spec
from pulumi_airbyte_wb.state.baseline import Baseline
from tests.engine import new_project

ID = "10000000-0000-4000-8000-000000000001"
BASE: dict[str, Any] = {"source_id": ID, "destination_id": ID, "streams": {"public.users": "full_refresh_append"}}
HASHING = '{"mapperConfiguration":{"targetField":"email"},"type":"hashing"}'
ENCRYPTION = HASHING.replace("hashing", "encryption")
JOB = {"name": "job", "webhook": {"webhook_config_id": ID, "dbt_cloud": {"account_id": 5_000_000_000, "job_id": 1}}}

# what is declared; the path that is named; a version without it, one with it; which versions have it
CASES: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({"geography": "eu"}, "geography", "1.8.0", "1.6.0", "versions up to 1.6.0"),
    ({"tags": [ID]}, "tags", "1.4.0", "1.6.0", "versions from 1.6.0 on"),
    ({"backfill_preference": "enabled"}, "backfill_preference", "0.50.0", "0.50.45", "versions from 0.50.45 on"),
    ({"destination_catalog_id": ID}, "destination_catalog_id", "1.6.0", "1.7.0", "versions from 1.7.0 on"),
    ({"non_breaking_changes_preference": "propagate_fully"}, "non_breaking_changes_preference", "0.44.0", "0.50.0",
     "versions from 0.44.6 on"),
    ({"streams": {"a.b": f"full_refresh_append mappers=[{HASHING}]"}}, 'streams["a.b"].mappers', "1.0.0", "1.2.0",
     "versions from 1.2.0 on"),
    ({"streams": {"a.b": f"full_refresh_append mappers=[{ENCRYPTION}]"}}, 'streams["a.b"].mappers[0].type', "1.2.0",
     "1.3.0", "versions from 1.3.0 on"),
    ({"streams": {"a.b": "full_refresh_append files=yes"}}, 'streams["a.b"].include_files', "1.0.0", "1.7.0",
     "versions from 1.7.0 on"),
    ({"streams": {"a.b": "full_refresh_append object=o"}}, 'streams["a.b"].destination_object_name', "1.7.0", "1.8.0",
     "versions from 1.8.0 on"),
    ({"streams": {"a.b": "full_refresh_overwrite_dedup key=id"}}, 'streams["a.b"].mode', "0.63.0", "0.63.11",
     "versions from 0.63.11 on"),
    ({"streams": {"a.b": "incremental_update cursor=c"}}, 'streams["a.b"].mode', "1.7.0", "1.8.0",
     "versions from 1.8.0 on"),
    ({"operations": [{"name": "n", "normalization": {}}]}, 'operations["n"].normalization', "1.0.0", "0.63.4",
     "versions up to 0.63.4"),
    ({"operations": [{"name": "n", "dbt": {"git_repo_url": "u"}}]}, 'operations["n"].dbt', "1.0.0", "0.63.4",
     "versions up to 0.63.4"),
    ({"operations": [JOB]}, 'operations["job"].webhook.dbt_cloud.account_id', "0.63.0", "1.0.0",
     "versions from 0.63.13 on"),
]  # fmt: skip


@pytest.fixture
def sessions() -> Iterator[Any]:
    made: list[Emulator] = []

    def start(version: str) -> Session:
        made.append(Emulator(server_version=version))
        return Session(AirbyteClient(ServerSettings("http://emulator"), transport=made[-1].transport()))

    yield start
    for emulator in made:
        emulator.stop()


@pytest.mark.parametrize(("declared", "path", "without", "having", "words"), CASES, ids=[case[1] for case in CASES])
def test_a_field_is_refused_where_it_is_not_known(
    sessions: Any, declared: dict[str, Any], path: str, without: str, having: str, words: str
) -> None:
    reading = parse_spec({**BASE, **declared})
    assert reading.problems == ()
    check_supported(sessions(having), None, Baseline(reading.spec))
    session = sessions(without)
    with pytest.raises(DeclarationError) as caught:
        check_supported(session, None, Baseline(reading.spec))
    assert caught.value.path == path
    assert f"is not possible here: it needs a server of {words}, this one is " in str(caught.value)
    # what is declared already is not looked at again
    check_supported(session, Baseline(reading.spec), Baseline(reading.spec))


def test_a_declaration_that_every_version_knows_asks_for_no_version() -> None:
    emulator = Emulator()
    session = Session(AirbyteClient(ServerSettings("http://emulator"), transport=emulator.transport()))
    declaration = parse_spec({**BASE, "prefix": "p", "schedule": "manual", "name": "n"}).spec
    check_supported(session, None, Baseline(declaration))
    assert not emulator.log.requests
    emulator.stop()


@pytest.mark.engine
def test_the_preview_shows_one_sentence(tmp_path: Path) -> None:
    with Emulator(server_version="2.0.0") as emulator:
        project = new_project(
            tmp_path,
            """
import pulumi_airbyte_wb as airbyte
airbyte.Connection(
    "c", source_id="20000000-0000-4000-8000-000000000001", destination_id="30000000-0000-4000-8000-000000000001",
    geography="eu", streams=[airbyte.stream("public.users", "full_refresh_append")],
)
""",
        )
        project.set_config("airbyte-wb:url", emulator.url)
        result = project.preview()
        assert result.code != 0
        assert (
            "geography: 'eu' is not possible here: it needs a server of versions up to 1.6.0, this one is 2.0.0; "
            "leave it out" in result.out
        )
        assert "Traceback" not in result.out
        assert not emulator.log.counts["web_backend/connections/create"]
