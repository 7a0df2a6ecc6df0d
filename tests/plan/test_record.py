"""What state keeps in one output, and what is said of one that was cut or edited."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.state.record import pack, unpack, unpack_all

SOURCE, DESTINATION = "20000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000001"
RECORD = {"source_id": SOURCE, "destination_id": DESTINATION, "streams": {"public.users": "full_refresh_append"}}
IDS = ("source_id", "destination_id")


def test_what_was_packed_is_unpacked() -> None:
    assert unpack(pack(RECORD)) == RECORD
    control = {"server": "eu"}
    assert unpack_all(pack({**RECORD, "control": control}), IDS) == (RECORD, control)
    assert unpack_all(pack(RECORD), IDS) == (RECORD, {})


@pytest.mark.parametrize(
    "text",
    [None, "", "1:", 7, pack(RECORD)[:-3], pack(RECORD).replace("1:", "0:"), pack(RECORD)[2:]],
)
def test_a_text_that_was_cut_or_edited(text: object) -> None:
    with pytest.raises(PlanError, match="'recorded' output cannot be read"):
        unpack(text)


def test_a_newer_version() -> None:
    with pytest.raises(PlanError, match=r"record version 2\); upgrade the package"):
        unpack(pack(RECORD).replace("1:", "2:"))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({**RECORD, "control": []}, "the control of its 'recorded' output is no mapping"),
        ({**RECORD, "source_id": "x"}, "source_id"),
        ({"source_id": SOURCE}, "destination_id"),
    ],
)
def test_a_record_that_lacks_something(record: dict[str, object], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        unpack_all(pack(record), IDS)
