"""Every case of the table: refused by whom it says, with the sentence, and nothing is sent that writes."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest

import pulumi_airbyte_wb as airbyte
from pulumi_airbyte_wb.emulator import Emulator
from tests.bad_input.program import Said, apart, declare
from tests.bad_input.table import ACCEPTED, CASES, CONFIGURATIONS, FUNCTIONS, GOOD, HUSH, SECRETS, Case, encryption

# Outputs of a program that is refused in the middle are never waited for.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine 'Output:RuntimeWarning")

READS = {
    "actor_definition_versions/get_for_destination",
    "connections/get",
    "connections/list_all",
    "destinations/get",
    "instance_configuration",
    "sources/discover_schema",
    "sources/get",
    "web_backend/connections/get",
    "web_backend/connections/list",
    "workspaces/get",
    "workspaces/list_by_organization_id",
}
"""Requests that change nothing on the server."""


def said(server: Emulator, case: Case) -> Said:
    arguments = {**GOOD[case.kind], **case.changes}
    return declare(case.kind, arguments, {"airbyte-wb:url": server.url})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.words[:60]}")
def test_it_is_refused_in_one_sentence(server: Emulator, case: Case) -> None:
    answer = said(server, case)
    assert answer.by == case.by, answer
    assert answer.words[0].startswith(case.words), answer.words[0]
    for sentence in answer.words:
        check_sentence(sentence)
    assert set(server.log.counts) <= READS


def check_sentence(sentence: str) -> None:
    assert sentence.isprintable(), "one line without control characters"
    assert len(sentence) < 1000
    assert " object at 0x" not in sentence
    assert "; " in sentence or ": set " in sentence or ": give " in sentence, f"no way out: {sentence}"


@pytest.mark.parametrize(("changes", "words"), CONFIGURATIONS, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("kind", ["Connection", "Operation"])
def test_a_server_is_configured_wrongly(server: Emulator, kind: str, changes: dict[str, str], words: str) -> None:
    server.log.clear()
    config = {f"airbyte-wb:{name}": value for name, value in {"url": server.url, **changes}.items()}
    answer = declare(kind, GOOD[kind], config)
    assert answer.by == "check", answer
    (sentence,) = answer.words
    assert sentence.startswith(words), sentence
    assert "HUSH" not in sentence
    check_sentence(sentence)
    assert not server.log.counts


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_a_function_is_called_wrongly(server: Emulator, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRBYTE_WB_URL", server.url)
    call, words = FUNCTIONS[number]
    with pytest.raises(airbyte.ProgramError) as caught:
        apart(call)
    assert str(caught.value).startswith(words), str(caught.value)
    check_sentence(str(caught.value))


def test_the_table_is_large_and_has_no_duplicates() -> None:
    assert len(CASES) >= 80
    assert len({repr((case.kind, case.changes)) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("changes", ACCEPTED, ids=repr)
def test_what_only_looks_bad_is_taken(server: Emulator, changes: dict[str, object]) -> None:
    answer = said(server, Case("Connection", changes, "none", ""))
    assert answer.by == "none", answer
    assert answer.inputs is not None
    assert {name: answer.inputs[name] for name in changes} == changes


def test_an_output_inside_a_mapper_is_taken(server: Emulator) -> None:
    key = "00112233445566778899aabbccddeeff"
    mappers = [encryption(key, secret=False)]
    stream = {"name": "public.users", "mode": "full_refresh_append", "mappers": mappers}
    answer = said(server, Case("Connection", {"streams": [stream]}, "none", ""))
    assert answer.by == "none", answer
    assert answer.inputs is not None
    assert f'"key":"{key}"' in answer.inputs["streams"]["public.users"]


def test_a_line_is_as_secret_as_what_stands_inside_its_mappers() -> None:
    async def is_secret(mappers: list[Any]) -> bool:
        line = airbyte.stream("public.users", "full_refresh_append", mappers=mappers).line
        return isinstance(line, pulumi.Output) and await line.is_secret()

    def both() -> list[bool]:
        loop = asyncio.get_event_loop()
        return [
            loop.run_until_complete(is_secret([{"type": "x", "key": make("HUSH")}]))
            for make in (pulumi.Output.secret, pulumi.Output.from_input)
        ]

    assert apart(both) == [True, False]


@pytest.mark.parametrize(
    ("kind", "changes"), SECRETS, ids=lambda value: value if isinstance(value, str) else ",".join(value)
)
def test_a_secret_that_cannot_be_is_refused_without_being_shown(
    server: Emulator, kind: str, changes: dict[str, object]
) -> None:
    server.log.clear()
    answer = declare(kind, {**GOOD[kind], **changes}, {"airbyte-wb:url": server.url})
    assert answer.by != "none"
    for sentence in answer.words:
        assert HUSH not in sentence
        assert sentence.isprintable()
    assert set(server.log.counts) <= READS
    assert HUSH not in str(server.log.as_json())
