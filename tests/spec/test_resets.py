"""How a program wants its changes carried out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.resets import (
    AfterClear,
    Loading,
    Permit,
    Policy,
    Resets,
    Running,
    Wait,
    lasting,
    read_resets,
)

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
TODAY = dt.datetime.now(dt.UTC).date()
DAY = dt.timedelta(days=1)


def permit(stream: StreamDescriptor = USERS, code: str = "AWB210", *, days: int = 0, run: str = "") -> Permit:
    return Permit(stream.key, code, None if run else TODAY + days * DAY, run)


def test_nothing_declared_is_the_default() -> None:
    assert read_resets({}, "resets") == Resets()


def test_everything_declared_is_read() -> None:
    assert read_resets(
        {
            "default": "skip",
            "overrides": {"public.users": "reset"},
            "permits": ["public.users AWB210 2999-01-31", "public.events AWB220 once", "public.events AWB220 once:2"],
            "backfill": True,
            "wait": "filled",
            "after_clear": "schedule",
            "running": "wait",
            "timeout_minutes": 5.0,
            "destination_loading": "direct_load",
        },
        "resets",
    ) == Resets(
        default=Policy.SKIP,
        overrides={USERS: Policy.RESET},
        permits=frozenset(
            {
                Permit("public.users", "AWB210", dt.date(2999, 1, 31)),
                Permit("public.events", "AWB220", None, "once"),
                Permit("public.events", "AWB220", None, "once:2"),
            }
        ),
        backfill=True,
        wait=Wait.FILLED,
        after_clear=AfterClear.SCHEDULE,
        running=Running.WAIT,
        timeout_minutes=5,
        destination_loading=Loading.DIRECT_LOAD,
    )


@pytest.mark.parametrize("minutes", [1, 1440, 60.0])
def test_minutes_that_can_be(minutes: float) -> None:
    read = read_resets({"timeout_minutes": minutes}, "resets").timeout_minutes
    assert (read, type(read)) == (minutes, int)


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ([], "resets", "is not a mapping"),
        ({"wiat": "job"}, "resets.wiat", "did you mean 'wait'?"),
        ({"zzz": "job"}, "resets.zzz", "use default, overrides, permits, backfill, wait"),
        ({"spent": []}, "resets.spent", "is not a property of resets"),
        *(
            ({"timeout_minutes": minutes}, "resets.timeout_minutes", "is not a number of minutes from 1 to 1440")
            for minutes in (0, 1441, 1.5, True, "60", None)
        ),
        ({"overrides": {"a.": "skip"}}, "resets.overrides", "has an empty part"),
        ({"overrides": {"a": "skp"}}, 'resets.overrides["a"]', "did you mean 'skip'?"),
        ({"backfill": "yes"}, "resets.backfill", "is neither true nor false"),
        ({"permits": "a AWB210 once"}, "resets.permits", "is not a list of permissions"),
        ({"permits": {"a AWB210 once": 1}}, "resets.permits", "is not a list of permissions"),
        ({"permits": ["a AWB210"]}, "resets.permits[0]", "is not a stream, a code and a day"),
        ({"permits": ["a AWB21 once"]}, "resets.permits[0]", "is not a stream, a code and a day"),
        ({"permits": ["a AWB210 once", "a AWB2100 once"]}, "resets.permits[1]", "is not a stream, a code and a day"),
        ({"permits": ["a. AWB210 once"]}, "resets.permits[0]", "has an empty part"),
        ({"permits": ["a AWB210 soon"]}, "resets.permits[0]", "is not a day"),
        ({"permits": ["a AWB210 once:"]}, "resets.permits[0]", "is not a day"),
    ],
)
def test_a_mistake_names_its_place(value: Any, path: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        read_resets(value, "resets")
    assert caught.value.path == path
    assert words in caught.value.reason


def test_a_policy_of_a_stream_goes_before_the_default() -> None:
    resets = Resets(default=Policy.SKIP, overrides={USERS: Policy.RESET})
    assert (resets.policy(USERS), resets.policy(EVENTS)) == (Policy.RESET, Policy.SKIP)


def test_a_permission_lasts_until_its_day_ends() -> None:
    assert Resets(permits=frozenset({permit()})).permitted(USERS, "AWB210")
    assert Resets(permits=frozenset({permit(days=1)})).permitted(USERS, "AWB210")
    assert not Resets(permits=frozenset({permit(days=-1)})).permitted(USERS, "AWB210")


def test_a_permission_is_for_its_stream_and_its_code() -> None:
    resets = Resets(permits=frozenset({permit()}))
    assert not resets.permitted(EVENTS, "AWB210")
    assert not resets.permitted(USERS, "AWB220")
    assert not Resets().permitted(USERS, "AWB210")


def test_a_permission_for_one_run_is_spent_by_it() -> None:
    once, lasting = permit(run="once"), permit(days=1)
    resets = Resets(permits=frozenset({once, lasting}))
    later = resets.after(resets)
    assert resets.permitted(USERS, "AWB210")
    assert later.spent == {once}
    assert later.permitted(USERS, "AWB210")
    assert not Resets(permits=frozenset({once})).after(resets).permitted(USERS, "AWB210")
    assert Resets(permits=frozenset({permit(run="once:2")})).after(resets).permitted(USERS, "AWB210")


def test_a_permission_of_a_stream_that_waits_is_not_spent() -> None:
    resets = Resets(permits=frozenset({permit(run="once"), permit(EVENTS, run="once")}))
    later = resets.after(resets, [USERS])
    assert later.permitted(USERS, "AWB210")
    assert not later.permitted(EVENTS, "AWB210")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, {}),
        ({"wait": "job", "permits": []}, {"wait": "job", "permits": []}),
        ({"permits": ["public.users AWB210 once", "public.users AWB220 once:2"]}, {}),
        (
            {"permits": ["public.users AWB210 once", "public.users AWB210 2999-01-31"], "default": "skip"},
            {"permits": ["public.users AWB210 2999-01-31"], "default": "skip"},
        ),
    ],
)
def test_permissions_for_one_run_are_not_kept_by_a_run_that_uses_none(
    given: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert lasting(given) == kept
