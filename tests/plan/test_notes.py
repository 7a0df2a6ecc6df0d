"""What a check or a refresh notes among the inputs, read back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.changes import Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.pending import (
    Ordered,
    Required,
    read_ordered,
    read_required,
    read_retired,
    read_schema,
    read_streams,
)

USERS = StreamDescriptor("public", "users")
APPEND = StreamSpec.parse("incremental_append")
KEY = Required(Code.KEY_CHANGED, Kind.KEY, Detail(What.KEY, (Item("", None, "id,region"),)))
NOTE = {"code": "AWB220", "kind": "KEY", "what": "key", "items": [["", None, "id,region"]]}


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (read_streams, {"public.users": "incremental_append"}, {USERS: APPEND}),
        (read_retired, {"public.users": "incremental_append"}, {USERS: APPEND}),
        (read_retired, {"public.users": ""}, {USERS: None}),
        (read_required, {"public.users": NOTE}, {USERS: KEY}),
        (read_ordered, {"public.users": {"after_job": 7, **NOTE}}, {USERS: Ordered(7, KEY)}),
        (read_ordered, {"public.users": {"after_job": 7.0, **NOTE}}, {USERS: Ordered(7, KEY)}),
        (read_schema, {"public.users": ["new a"]}, {USERS: ("new a",)}),
    ],
)
def test_a_note_is_read(read: Callable[[object, str], object], value: object, expected: object) -> None:
    assert read(value, "note") == expected


def test_a_replacement_is_kept_as_it_is_read() -> None:
    assert KEY.record() == NOTE
    assert Ordered(7, KEY).record() == {"after_job": 7, **NOTE}


@pytest.mark.parametrize("after", [None, "7", True, 7.5])
def test_a_replacement_on_its_way_names_the_job_before_it(after: object) -> None:
    with pytest.raises(DeclarationError, match="does not name the job before it") as caught:
        read_ordered({"public.users": {**NOTE, "after_job": after}}, "ordered")
    assert caught.value.path == 'ordered["public.users"]'


@pytest.mark.parametrize(
    "value",
    [
        "AWB220 key id => n",
        7,
        {},
        {**NOTE, "code": "AWB999"},
        {**NOTE, "kind": "key"},
        {**NOTE, "what": "KEY"},
        {**NOTE, "items": [["", "id", "n", "x"]]},
        {**NOTE, "items": 7},
    ],
)
def test_a_replacement_that_cannot_be(value: object) -> None:
    with pytest.raises(DeclarationError, match="is not a replacement that has still to be done") as caught:
        read_required({"public.users": value}, "due")
    assert caught.value.path == 'due["public.users"]'
