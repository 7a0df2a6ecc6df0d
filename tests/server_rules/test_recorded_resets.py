"""The updates that two real servers decided (tests/recorded/README.md): every one of them, by our mirror."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.server_rules.resets import server_resets
from tests.server_rules.builders import Json, catalog, schema, stream

RECORDED = Path(__file__).parent.parent / "recorded"
REFUSED = "refused"

_WITH_OTHER_COLUMNS = [("a", None), ("a", "n1"), ("d", "n2")]
DISCOVERED = catalog(*(stream(name, schema(), namespace=namespace) for name, namespace in _WITH_OTHER_COLUMNS))
"""Stands for the one fact that was not recorded at 0.50.0: what was discovered at the source."""
FAIL_AGAINST_THE_DISCOVERED = {365, 366, 371, 380, 382, 387, 388, 389, 390, 391, 399, 414, 421, 423}
"""The updates of 0.50.0 that cannot be decided without that fact: nothing but this comparison fails."""


def recorded(version: str) -> list[Json]:
    cases: list[Json] = json.loads((RECORDED / f"resets-{version}.json").read_text(encoding="utf-8"))["cases"]
    return cases


def real(case: Json) -> Any:
    """The streams that the real server reset, or that it refused the catalog."""
    if case["status"] != 200:
        return REFUSED
    return {StreamDescriptor(each["namespace"], each["name"]) for each in case["reset"] or ()}


def ours(case: Json, version: str, discovered: Json | None) -> Any:
    try:
        resets = server_resets(
            case["stored"] or catalog(),
            case["sent"],
            server_version=version,
            state_type="stream" if case["stateIsStream"] else "not_set",
            discovered=discovered,
        )
    except CatalogError:
        return REFUSED
    assert len(resets) == len(set(resets))
    return set(resets)


def differing(version: str, discovered: Json | None) -> set[int]:
    """The numbers of the cases that are not as the real server decided.

    With skipReset it reset nothing, so that only its refusals have to be ours too.
    """
    return {
        number
        for number, case in enumerate(recorded(version))
        if ours(case, version, discovered) != real(case) and not (case["skipReset"] and case["status"] == 200)
    }


@pytest.mark.parametrize(
    ("version", "discovered", "counts"),
    [("0.50.0", DISCOVERED, (425, 21, 300)), ("1.8.0", None, (275, 35, 166))],
)
def test_every_update_is_as_the_real_server_decided(version: str, discovered: Json | None, counts: Any) -> None:
    cases = recorded(version)
    refused = sum(case["status"] != 200 for case in cases)
    assert (len(cases), refused, sum(case["reset"] is not None for case in cases)) == counts
    assert differing(version, discovered) == set()


def test_the_discovered_catalog_decides_these_alone() -> None:
    assert differing("0.50.0", None) == FAIL_AGAINST_THE_DISCOVERED


@pytest.mark.parametrize("version", ["0.50.0", "1.8.0"])
def test_with_skip_reset_nothing_was_reset(version: str) -> None:
    skipped = [case for case in recorded(version) if case["skipReset"]]
    assert len(skipped) == {"0.50.0": 15, "1.8.0": 32}[version]
    assert all(case["reset"] is None for case in skipped)
