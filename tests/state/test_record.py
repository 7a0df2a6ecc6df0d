"""What state keeps in one output, and what is said of one that was cut or edited."""

from __future__ import annotations

import base64
import zlib

import pytest

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.state.record import _WORDS, pack, unpack, unpack_all

SOURCE, DESTINATION = "20000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000001"
RECORD = {"source_id": SOURCE, "destination_id": DESTINATION, "streams": {"public.users": "full_refresh_append"}}
IDS = ("source_id", "destination_id")
KNOWN = {*IDS, "streams"}


def test_what_was_packed_is_unpacked() -> None:
    assert unpack(pack(RECORD)) == RECORD
    control = {"server": "eu"}
    assert unpack_all(pack({**RECORD, "control": control}), IDS, KNOWN) == (RECORD, control)
    assert unpack_all(pack(RECORD), IDS, KNOWN) == (RECORD, {})


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "2:", 7, "2:abc", "1:", "1:abc", "0:xyz"),
        *(pack(RECORD)[:-3], pack(RECORD).replace("2:", "1:"), pack(RECORD)[2:]),
    ],
)
def test_a_text_that_was_cut_or_edited(text: object) -> None:
    with pytest.raises(PlanError, match="state is damaged: its 'recorded' output cannot be read"):
        unpack(text)


def test_a_text_that_unpacks_to_very_much_is_not_unpacked() -> None:
    packer = zlib.compressobj(9, zdict=_WORDS)
    packed = packer.compress(b"[" * 2**26) + packer.flush()
    with pytest.raises(PlanError, match="cannot be read"):
        unpack(f"2:{base64.b85encode(packed).decode()}")


def newer(what: str) -> str:
    return (
        f"a newer pulumi_airbyte_wb wrote this resource's state: version .* does not know {what}; upgrade the package$"
    )


def test_a_newer_version() -> None:
    with pytest.raises(PlanError, match=newer("version 3 of its record")):
        unpack(pack(RECORD).replace("2:", "3:"))


def test_a_key_of_a_newer_version_must_be_understood() -> None:
    with pytest.raises(PlanError, match=newer("'lanes' in its record")):
        unpack_all(pack({**RECORD, "lanes": 7}), IDS, KNOWN)


def test_a_key_that_a_newer_version_lets_others_ignore() -> None:
    text = pack({**RECORD, "lanes": 7, "streams_seen": 3, "may_ignore": ["lanes", "streams_seen", "streams"]})
    assert unpack_all(text, IDS, KNOWN) == (RECORD, {})


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
        unpack_all(pack(record), IDS, KNOWN)
