"""What a source defines itself."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.models import AirbyteStream, StreamDescriptor
from pulumi_airbyte_wb.plan import Facts
from pulumi_airbyte_wb.spec.resets import Loading

USERS, OTHER = StreamDescriptor("public", "users"), StreamDescriptor("public", "other")


def offering(**said: Any) -> Facts:
    return Facts(offers={USERS: AirbyteStream(name="users", namespace="public", **said)})


def test_nothing_is_known_unless_it_is_said() -> None:
    assert (Facts().loading, Facts().can_refresh, Facts().tables_known) == (Loading.UNKNOWN, False, False)
    assert not Facts().syncs_after_reset


def test_a_key_of_the_sources_own() -> None:
    assert offering(source_defined_primary_key=[["b"], ["a"]]).source_key(USERS) == frozenset({("a",), ("b",)})
    assert offering().source_key(USERS) is None
    assert offering(source_defined_primary_key=[["b"]]).source_key(OTHER) is None


@pytest.mark.parametrize(
    ("said", "cursor", "defined"),
    [
        ({"source_defined_cursor": True, "default_cursor_field": ["ts"]}, ("ts",), True),
        ({"source_defined_cursor": True}, None, True),
        ({"source_defined_cursor": False, "default_cursor_field": ["ts"]}, None, False),
        ({"default_cursor_field": ["ts"]}, None, False),
    ],
)
def test_a_cursor_of_the_sources_own(said: dict[str, Any], cursor: tuple[str, ...] | None, defined: bool) -> None:
    assert offering(**said).own_cursor(USERS) == cursor
    assert offering(**said).source_cursor(USERS) is defined
    assert offering(**said).own_cursor(OTHER) is None
    assert offering(**said).source_cursor(OTHER) is False
