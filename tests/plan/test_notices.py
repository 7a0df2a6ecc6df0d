"""What is told whatever a program changes."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.plan.notices import notices, running_text
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.server_acts import FailedJob, Pause

FAILED = FailedJob(7, "failed", ("a", "b\n"), "out of {disk}\n", "http://x/timeline")


def test_nothing_is_told_where_nothing_is_remembered() -> None:
    assert list(notices(Memory())) == []


def test_each_is_one_sentence_on_one_line() -> None:
    paused, failed = notices(Memory(paused_by=Pause.SCHEMA, failed=FAILED))
    assert paused.startswith("no sync runs: Airbyte has paused this connection, because its source's schema")
    assert failed == (
        "the re-sync of a, b\\n did not succeed (job 7 failed): out of {disk}\\n; see http://x/timeline; after a "
        "`pulumi refresh` it is planned again"
    )


def test_neither_names_nor_words_of_the_server_are_told_where_something_is_secret() -> None:
    [failed] = notices(Memory(failed=FAILED), secret=True)
    assert failed.startswith("the re-sync did not succeed (job 7 failed); see http://x/timeline;")


@pytest.mark.parametrize(("number", "text"), [(0, ""), (1, "1 job still running;"), (12, "12 jobs still running;")])
def test_jobs_that_run_are_counted(number: int, text: str) -> None:
    assert running_text(number).startswith(text)
    assert bool(running_text(number)) is bool(number)


def test_what_is_remembered_is_read_back() -> None:
    memory = Memory(paused_by=Pause.FAILURES, failed=FAILED)
    assert Memory.read(memory.record()) == memory


@pytest.mark.parametrize("damaged", [{"paused_by": "moon"}, {"failed": {**FAILED.record(), "job": "x"}}, {"failed": 1}])
def test_what_is_damaged_is_not_read(damaged: dict[str, object]) -> None:
    with pytest.raises(DeclarationError):
        Memory.read(damaged)
