"""What two real servers answered (tests/recorded/README.md), replayed against the emulator of their versions."""

from functools import cache

import pytest
import yaml

from . import replay
from .replay import Difference

ALLOWED: dict[str, dict[int, str]] = yaml.safe_load((replay.RECORDED / "allowed.yaml").read_text())
"""The answers whose bodies may differ, but for texts and stacks, each with its reason."""

COUNTS = {
    ("requests", "0.50.0"): 253,
    ("requests", "1.8.0"): 360,
    ("updates", "0.50.0"): 425,
    ("updates", "1.8.0"): 275,
    ("diffs", "0.50.0"): 200,
    ("diffs", "1.8.0"): 134,
}
PARTS = {
    "requests": replay.replay_requests,
    "updates": replay.replay_updates,
    "diffs": replay.replay_diffs,
}


@cache
def replayed(part: str, version: str) -> tuple[int, list[Difference]]:
    return PARTS[part](version)


@pytest.mark.parametrize("version", replay.VERSIONS)
def test_every_request_has_the_status_of_the_real_server(version: str) -> None:
    count, differences = replayed("requests", version)
    assert count == COUNTS["requests", version]
    assert [str(each) for each in differences if each.status] == []


@pytest.mark.parametrize("version", replay.VERSIONS)
def test_every_answer_is_the_real_servers(version: str) -> None:
    _, differences = replayed("requests", version)
    assert [str(each) for each in differences if each.number not in ALLOWED[version]] == []
    assert len(ALLOWED[version]) <= 5


@pytest.mark.parametrize("part", ["updates", "diffs"])
@pytest.mark.parametrize("version", replay.VERSIONS)
def test_random_updates_and_schema_changes_end_as_on_the_real_server(part: str, version: str) -> None:
    count, differences = replayed(part, version)
    assert count == COUNTS[part, version]
    assert [str(each) for each in differences] == []


def test_a_difference_is_seen() -> None:
    real = {"status": 200, "body": {"name": "a", "operationIds": ["f0000000-0000-4000-8000-0000000000aa"]}}
    assert replay.compared(0, "x", real, 200, real["body"]) is None
    for status, body in ((500, {}), (200, {"name": "b"}), (200, {"name": "a", "operationIds": [], "more": 1})):
        assert replay.compared(0, "x", real, status, body) is not None
