"""What a server keeps in place of what is declared: noted by part, recognised, and forgotten when it is no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import DeclarationError, PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.connection import ConnectionSpec
from pulumi_airbyte_wb.spec.mappers import MASK
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.not_taken import (
    NotTaken,
    field_in_words,
    fields_not_taken,
    parts_not_taken,
    read_not_taken,
    still_declared,
    still_kept,
    stream_in_words,
)

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
AES = {"algorithm": "AES", "targetField": "email", "fieldNameSuffix": "_enc", "mode": "CBC", "padding": "PKCS5Padding"}
KEY = "00112233445566778899aabbccddeeff"
FLAG = NotTaken("notify_schema_changes", "false", "true")
CURSOR = NotTaken("cursor", "a", "b")


def spec(line: str) -> StreamSpec:
    return StreamSpec.parse(line)


def test_fields_that_are_live_otherwise_are_noted() -> None:
    declared: dict[str, Any] = {"name": "n", "notify_schema_changes": False, "tags": ("b",), "geography": "eu"}
    live: dict[str, Any] = {"name": "n", "notify_schema_changes": True, "tags": ()}
    assert list(fields_not_taken(declared, live)) == [FLAG, NotTaken("tags", '["b"]', "[]")]


@pytest.mark.parametrize(
    ("declared", "live", "notes"),
    [
        ("incremental_append cursor=a", "incremental_append cursor=a", []),
        ("incremental_append cursor=a", "incremental_append cursor=b", [CURSOR]),
        ("incremental_append cursor=a", "incremental_append", [NotTaken("cursor", "a", "")]),
        ("full_refresh_append files=yes", "full_refresh_append files=no", [NotTaken("files", "yes", "no")]),
        ("full_refresh_append", "full_refresh_append object=o", []),
        ("full_refresh_append fields=a,b", "full_refresh_overwrite fields=a",
         [NotTaken("mode", "full_refresh_append", "full_refresh_overwrite"), NotTaken("fields", "a,b", "a")]),
    ],
)  # fmt: skip
def test_parts_of_a_stream_that_are_live_otherwise_are_noted(declared: str, live: str, notes: list[NotTaken]) -> None:
    assert list(parts_not_taken(spec(declared), spec(live))) == notes
    assert stream_in_words(spec(live), spec(declared), notes) == (spec(declared) if notes else spec(live))


def test_another_declared_or_live_value_is_in_no_other_words() -> None:
    live = spec("incremental_append cursor=b")
    assert stream_in_words(live, spec("incremental_append cursor=c"), [CURSOR]) == live
    moved = spec("incremental_append cursor=d")
    assert stream_in_words(moved, spec("incremental_append cursor=a"), [CURSOR]) == moved
    files = spec("full_refresh_append files=no")
    note = NotTaken("files", "yes", "no")
    assert stream_in_words(files, spec("full_refresh_append files=yes"), [note]).include_files is True
    assert field_in_words("notify_schema_changes", True, False, [FLAG]) is False
    assert field_in_words("notify_schema_changes", True, True, [FLAG]) is True
    assert field_in_words("other", True, False, [FLAG]) is True


def test_no_key_of_an_encryption_is_noted() -> None:
    def line(**other: str) -> str:
        return f"full_refresh_append mappers={json.dumps([{'type': 'encryption', 'mapperConfiguration': other}])}"

    declared, live = spec(line(**AES, key=KEY)), spec(line(**{**AES, "mode": "CFB"}, key=MASK))
    (note,) = parts_not_taken(declared, live)
    assert KEY not in note.declared + note.kept
    assert stream_in_words(live, declared, [note]) == declared


def test_notes_last_while_the_same_is_declared_and_kept() -> None:
    notes = {None: (FLAG,), USERS: (CURSOR, NotTaken("key", "id", "x")), EVENTS: (CURSOR,)}
    lines = {USERS: spec("incremental_append_dedup cursor=a key=id,b"), EVENTS: spec("incremental_append cursor=b")}
    said = ConnectionSpec(fields={"notify_schema_changes": False}, streams=lines)
    assert still_declared(notes, said) == {None: (FLAG,), USERS: (CURSOR,)}
    assert still_declared(notes, ConnectionSpec()) == {}
    assert still_kept(notes, {"notify_schema_changes": True}, lines) == {None: (FLAG,), EVENTS: (CURSOR,)}
    assert still_kept({USERS: (NotTaken("cursor", "a", ""),)}, {}, {USERS: spec("full_refresh_append")}) == {
        USERS: (NotTaken("cursor", "a", ""),)
    }


def test_what_is_kept_in_state_is_read() -> None:
    assert read_not_taken([FLAG.record()], "m") == (FLAG,)
    for wrong in ("x", ["x"], [{"part": "p", "declared": "d"}], [{**FLAG.record(), "kept": 1}]):
        with pytest.raises(DeclarationError):
            read_not_taken(wrong, "m")
    with pytest.raises(PlanError, match="newer"):
        read_not_taken([{**FLAG.record(), "since": "1"}], "m")
