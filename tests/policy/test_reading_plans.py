"""What a policy reads in a plan, whatever the names in it hold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Plan
from pulumi_airbyte_wb.policy import rules

USERS = StreamDescriptor("public", "users")
ODD = [
    "key id => id,region",
    'key id => id,"price (EUR)"',
    'key id => id,"net + vat"',
    "columns selected: a\nb",
    "columns selected: AWB201 none: x (y) + AWB250 none: z",
    "key (none) => id",
]


def reported(check: Any, planned: dict[str, str]) -> list[str]:
    told: list[str] = []
    args = SimpleNamespace(
        resource_type=rules.TYPES[0],
        name="shop",
        urn="urn:pulumi:prod::p::t::shop",
        props={"planned": planned},
        get_config=dict,
    )
    check(args, lambda message, _urn: told.append(message))
    return told


def planned(action: Action, what: str, because: str) -> dict[str, str]:
    return Plan(Operation.UPDATE, (Effect(USERS, "AWB220", action, what, because),)).announcement()


@pytest.mark.parametrize("what", ODD)
def test_a_read_is_seen(what: str) -> None:
    (message,) = reported(rules._check_reads, planned(Action.TRUNCATE, what, "rows (all) would be wrong + more"))
    assert message.startswith("public.users of shop would be changed by truncate")
    assert "\n" not in message


@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize("word", ["skip", "server"])
def test_a_word_against_the_table_is_seen(what: str, word: str) -> None:
    because = f"the program says '{word}', although rows would be wrong"
    (message,) = reported(rules._check_skips, planned(Action.NONE, what, because))
    assert message.endswith(f"take the '{word}' out of resets")


@pytest.mark.parametrize("what", ODD)
def test_what_does_nothing_is_let_through(what: str) -> None:
    effect = planned(Action.NONE, what, "all is well")
    assert reported(rules._check_reads, effect) == reported(rules._check_skips, effect) == []


def test_a_replacement_needs_a_permission() -> None:
    (message,) = reported(rules._check_reads, {"*": "AWB290 replace: deleted first"})
    assert '"code": "AWB290"' in message


def test_what_cannot_be_read_is_stopped() -> None:
    assert reported(rules._check_reads, {"public.users": "truncate"})
