"""What a job has moved."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.models import JobWithAttempts, StreamDescriptor

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
ENABLED = [{"name": "users", "namespace": "public"}, {"name": "events", "namespace": "public"}]
JOB = {"id": 1, "configType": "sync", "status": "failed", "createdAt": 0, "updatedAt": 0, "enabledStreams": ENABLED}


def attempt(*streams: str) -> dict[str, Any]:
    stats = [{"streamName": name, "streamNamespace": "public", "stats": {}} for name in streams]
    return {"id": 0, "status": "failed", "createdAt": 0, "updatedAt": 0, "streamStats": stats}


@pytest.mark.parametrize(
    ("attempts", "moved"),
    [
        ([], set()),
        ([attempt("users")], {USERS}),
        ([{"attempt": attempt("users")}, attempt("events")], {USERS, EVENTS}),
        ([attempt("users"), attempt()], {USERS, EVENTS}),
    ],
    ids=["none", "one", "two", "one that tells nothing"],
)
def test_every_attempt_counts(attempts: list[dict[str, Any]], moved: set[StreamDescriptor]) -> None:
    assert JobWithAttempts.model_validate({"job": JOB, "attempts": attempts}).moved() == moved
