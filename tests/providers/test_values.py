"""Mistakes in what is secret: told without the value."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.providers.bag import hide

LINES = {"public.users": "incremental_append cursor=5ecret", "public.events": "incremental_append"}
ALL: dict[str, Any] = {"streams": LINES, "secret_inputs": ["streams", "prefix"]}
ONE: dict[str, Any] = {"streams": LINES, "secret_streams": ["public.users", "raw.*"]}
NONE: dict[str, Any] = {"streams": LINES}


@pytest.mark.parametrize(
    ("path", "inputs", "hidden"),
    [
        ("prefix", [ALL], True),
        ("prefix", [NONE, ALL], True),
        ("prefix", [ONE], False),
        ("name", [ALL], False),
        ("namespace_format", [ALL], False),
        ('streams["public.events"].cursor', [ALL], True),
        ('streams["public.users"].cursor', [NONE], False),
        ('streams["public.users"].cursor', [ONE], True),
        ('streams["public.users"].cursor', [ONE, NONE], True),
        ('streams["public.events"].cursor', [ONE], False),
        ('streams["raw.orders"].cursor', [ONE], True),
        ('streams["raw.*"]', [ONE], True),
        ("streams", [ONE], True),
        ('resets.overrides["public.users"]', [ONE], False),
    ],
)
def test_a_mistake_shows_no_secret(path: str, inputs: list[dict[str, Any]], hidden: bool) -> None:
    (problem,) = hide([DeclarationError(path, "5ecret", "is wrong", "did you mean '5ecrets'?")], *inputs)
    assert ("5ecret" not in str(problem)) is hidden
    assert path in str(problem)
    assert "is wrong" in str(problem)
