"""A call that is tried again is told once: not also by a log line that was not asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import logging
import httpx, stamina
from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.errors import ApiError

{before}
stamina.set_testing(True, attempts=3, cap=True)
transport = httpx.MockTransport(lambda request: httpx.Response(503, json={{}}))
try:
    AirbyteClient(ServerSettings("http://airbyte"), transport=transport).get_source("x")
except ApiError as error:
    print("told:", error)
for attempt in stamina.retry_context(on=ValueError, attempts=2):
    with attempt:
        if {theirs} and attempt.num == 1:
            raise ValueError
"""
LINE = "stamina.retry_scheduled"


def said(before: str = "", *, theirs: bool = False) -> tuple[str, str]:
    """What a program prints, and what it logs."""
    program = PROGRAM.format(before=before, theirs=theirs)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "told:" in done.stdout
    return done.stdout, done.stderr


def test_nothing_is_logged_where_logging_is_not_set_up() -> None:
    assert said()[1] == ""


def test_the_retries_of_a_program_are_its_own() -> None:
    assert said(theirs=True)[1].count(LINE) == 1


@pytest.mark.parametrize(
    "before", ["logging.basicConfig()", "logging.getLogger('stamina').addHandler(logging.StreamHandler())"]
)
def test_who_has_set_logging_up_gets_every_line(before: str) -> None:
    assert said(before)[1].count(LINE) == 2


def test_hooks_of_a_program_are_called() -> None:
    hooks = "stamina.instrumentation.set_on_retry_hooks([lambda details: print('hook', details.retry_num)])"
    out, log = said(hooks)
    assert out.count("hook") == 2
    assert log == ""
