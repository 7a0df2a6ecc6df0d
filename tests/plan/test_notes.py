"""What a check or a refresh notes among the inputs, read back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_airbyte_wb.catalog.streams import StreamSpec
from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.notes import Ordered, read_ordered, read_retired, read_schema, read_streams

USERS = StreamDescriptor("public", "users")
APPEND = StreamSpec.parse("incremental_append")


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (read_streams, {"public.users": "incremental_append"}, {USERS: APPEND}),
        (read_retired, {"public.users": "incremental_append"}, {USERS: APPEND}),
        (read_retired, {"public.users": ""}, {USERS: None}),
        (read_ordered, {"public.users": "7 AWB220 key id => n"}, {USERS: Ordered(7, "AWB220 key id => n")}),
        (read_schema, {"public.users": ["new a"]}, {USERS: ("new a",)}),
    ],
)
def test_a_note_is_read(read: Callable[[object, str], object], value: object, expected: object) -> None:
    assert read(value, "note") == expected


def test_a_replacement_is_kept_as_it_is_read() -> None:
    ordered = Ordered(7, "AWB220 key id => n")
    assert read_ordered({"public.users": ordered.line}, "ordered") == {USERS: ordered}


@pytest.mark.parametrize("line", ["", "AWB220 key", "-7 AWB220 key"])
def test_a_replacement_begins_with_the_number_of_a_job(line: str) -> None:
    with pytest.raises(DeclarationError, match="does not begin with the number of a job") as caught:
        read_ordered({"public.users": line}, "ordered")
    assert caught.value.path == 'ordered["public.users"]'
