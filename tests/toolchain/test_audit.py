from __future__ import annotations

from typing import Any

import pytest

from tools.audit.__main__ import verdict

CLEAN = {"name": "a", "version": "1.0", "vulns": []}
BAD = {"name": "b", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "failed", "told"),
    [
        ([CLEAN], False, ["advisories: 1 pinned packages asked about, 0 found"]),
        ([CLEAN, BAD], True, ["b 1.0: PYSEC-1, mended in 1.1", "advisories: 2 pinned packages asked about, 1 found"]),
        ([CLEAN, UNKNOWN], False, ["advisories: 1 pinned packages asked about, 0 found, 1 not known to the service"]),
    ],
)
def test_an_advisory_fails_the_lint(packages: list[dict[str, Any]], told: list[str], *, failed: bool) -> None:
    assert verdict({"dependencies": packages}) == (failed, told)


@pytest.mark.parametrize("report", [{}, {"dependencies": [UNKNOWN, UNKNOWN]}])
def test_what_could_not_be_asked_is_not_called_clean(report: dict[str, Any]) -> None:
    failed, (line,) = verdict(report)
    assert not failed
    assert line.startswith("advisories: left out")
