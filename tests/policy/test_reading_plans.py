"""What a policy reads in a plan, whatever the names in it hold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Facts, Operation, Plan, build_plan, encode
from pulumi_airbyte_wb.policy import rules
from pulumi_airbyte_wb.spec.resets import Permit, Policy, Resets
from pulumi_airbyte_wb.spec.streams import StreamSpec
from tests.baselines import baseline, changed

USERS = StreamDescriptor("public", "users")
ODD = ["region", "price (EUR)", "net + vat", "a\nb", "AWB201 none: x (y) + AWB250 none: z", "(none)", "\u202e\0\ud800"]
CAN, CANNOT = Facts(can_refresh=True, tables_known=True), Facts(tables_known=True)


def reported(check: Any, planned: Any, kind: str = rules.TYPES[0]) -> list[str]:
    told: list[str] = []
    args = SimpleNamespace(
        resource_type=kind,
        name="shop",
        urn="urn:pulumi:prod::p::t::shop",
        props={"planned": planned},
        get_config=dict,
    )
    check(args, lambda message, _urn: told.append(message))
    return told


def planned(column: str, facts: Facts = CAN, **after: Any) -> dict[str, Any]:
    """The key of the stream changes to a column."""
    lines = [StreamSpec.parse(f"incremental_append_dedup cursor=ts key={key}") for key in ("id", quoted(column))]
    before = baseline(streams={USERS: lines[0]})
    return encode(build_plan(before, baseline(streams={USERS: lines[1]}, **after), facts))


def quoted(column: str) -> str:
    return StreamDescriptor(None, column).key


@pytest.mark.parametrize("column", ODD)
def test_a_re_sync_is_seen(column: str) -> None:
    (message,) = reported(rules._check_reads, planned(column))
    assert message.startswith(
        "public.users of shop would be changed by refresh, removing old records when it is done: key id => "
    )
    assert message.isprintable()
    assert '"stream": "public.users", "code": "AWB220"' in message


@pytest.mark.parametrize("column", ODD)
@pytest.mark.parametrize("policy", [Policy.SKIP, Policy.SERVER])
def test_a_word_against_the_table_is_seen(column: str, policy: Policy) -> None:
    (message,) = reported(rules._check_skips, planned(column, resets=Resets(default=policy)))
    assert message.endswith(f"take the '{policy}' out of resets")
    assert message.isprintable()
    assert "[AWB220]" in message


def test_a_word_that_agrees_with_the_table_is_let_through() -> None:
    assert reported(rules._check_skips, planned("n", CANNOT, resets=Resets(default=Policy.SERVER))) == []
    assert reported(rules._check_skips, planned("n", resets=Resets(default=Policy.TRUNCATE))) == []
    assert reported(rules._check_skips, planned("n", resets=Resets(default=Policy.REFUSE))) == []


@pytest.mark.parametrize("column", ODD)
def test_what_does_nothing_is_let_through(column: str) -> None:
    before, after = (
        baseline(streams={USERS: StreamSpec.parse(f"incremental_append_dedup key=id fields={fields}")})
        for fields in (f"id,{quoted(column)}", "id")
    )
    deselected = encode(build_plan(before, after, CAN))
    assert deselected["effects"][0]["action"] == "none"
    assert reported(rules._check_reads, deselected) == reported(rules._check_skips, deselected) == []
    (message,) = reported(rules._check_losses, deselected)
    assert "the next sync drops 1 column and its values; to permit it, add" in message
    assert '"stream": "public.users", "code": "AWB251"' in message
    assert message.isprintable()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("incremental_append cursor=ts", "full_refresh_overwrite"), "the next sync replaces all rows; to permit it"),
        (("incremental_append cursor=ts", "full_refresh_append"), ""),
        (("incremental_append_dedup cursor=ts key=id", "full_refresh_append_dedup key=id"), ""),
    ],
)
def test_what_the_next_sync_replaces_needs_a_permission(lines: tuple[str, str], told: str) -> None:
    old, new = (baseline(streams={USERS: StreamSpec.parse(line)}) for line in lines)
    permits = frozenset({Permit(USERS.key, "AWB230", None, "once")})
    found = reported(rules._check_losses, encode(build_plan(old, changed(new, resets=Resets(permits=permits)), CAN)))
    assert [told in message for message in found] == ([True] if told else [])


def test_a_blocked_loss_is_no_matter_of_the_policies() -> None:
    lines = ("incremental_append cursor=ts", "full_refresh_overwrite")
    old, new = (baseline(streams={USERS: StreamSpec.parse(line)}) for line in lines)
    blocked = encode(build_plan(old, new, CAN))
    assert blocked["effects"][0]["action"] == "block"
    assert reported(rules._check_losses, blocked) == []


def test_what_waits_for_the_activation_is_let_through_until_then() -> None:
    waiting = planned("n", fields={"status": "inactive"})
    assert waiting["effects"][0]["deferred"] == "truncate"
    assert reported(rules._check_reads, waiting) == []


def test_a_replacement_needs_a_permission() -> None:
    (message,) = reported(rules._check_reads, encode(Plan(Operation.REPLACE)))
    assert '"stream": "*", "code": "AWB290"' in message


def test_a_secret_is_not_told() -> None:
    (message,) = reported(rules._check_reads, planned("5ecret", secret=frozenset({"streams"})))
    assert "[secret]" in message
    assert "5ecret" not in message


@pytest.mark.parametrize("damaged", [{"public.users": "truncate"}, "truncate", {"operation": "update", "effects": [1]}])
def test_what_cannot_be_read_is_stopped(damaged: object) -> None:
    for check in (rules._check_reads, rules._check_skips):
        (message,) = reported(check, damaged)
        assert message.startswith("shop: the 'planned' input of this resource cannot be read")


def test_a_policy_of_ones_own_gets_the_plan_as_a_value() -> None:
    args: Any = SimpleNamespace(resource_type=rules.TYPES[1], props={"planned": planned("n")})
    assert rules.plan_of(args).actions() == {USERS: Action.TRUNCATE}
    args.props = {"planned": "damaged"}
    with pytest.raises(PlanError):
        rules.plan_of(args)
    args.resource_type = "aws:s3/bucket:Bucket"
    assert rules.plan_of(args) == Plan(Operation.UPDATE)


def test_what_only_the_next_run_does_is_not_counted() -> None:
    old, new = (
        baseline(streams={USERS: StreamSpec.parse(f"incremental_append_dedup cursor=ts key={key}")})
        for key in ("id", "n")
    )
    skips = changed(new, resets=Resets(default=Policy.SKIP))
    for check, wished in ((rules._check_reads, new), (rules._check_skips, skips)):
        later = build_plan(old, wished, CAN)
        assert reported(check, encode(later))
        assert reported(check, encode(Plan(Operation.ADOPT, "it", next_run=later))) == []
