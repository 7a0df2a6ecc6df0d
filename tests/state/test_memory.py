"""What is remembered of a resource, as state keeps it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_airbyte_wb.errors import DeclarationError, PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.changes import Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.memory import Memory
from pulumi_airbyte_wb.state.not_taken import NotTaken
from pulumi_airbyte_wb.state.pending import Deferred, InFlight, Interrupted, Pending, Required, ServerQueued, Unsynced
from pulumi_airbyte_wb.state.record import pack, unpack

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor(None, "events")
APPEND = StreamSpec.parse("incremental_append cursor=ts")
KEY = Required(Code.KEY_CHANGED, Kind.KEY, Detail(What.KEY, (Item("", None, "id,region"),)))
KEY_RECORD = {"code": "AWB220", "change": "KEY", "what": "key", "items": [["", None, "id,region"]]}
FLAG, CURSOR = NotTaken("notify_schema_changes", "false", "true"), NotTaken("cursor", "ts", "id")
FULL = Memory(
    unmanaged={EVENTS: APPEND},
    effective={USERS: APPEND},
    departed={USERS: None},
    departed_columns={USERS: "0123456789ab"},
    dropped_columns={EVENTS: ("a", "b")},
    newer_schema={EVENTS: ("new c",)},
    pending={USERS: (Deferred(APPEND), KEY, InFlight(7, KEY), Interrupted(APPEND), ServerQueued(clears=True))},
    undeclared_fields={"prefix": "x_"},
    abandoned_tables=frozenset({"public.old"}),
    legacy_state=True,
    not_taken={None: (FLAG,), EVENTS: (CURSOR,)},
)
RECORD: dict[str, Any] = {
    "streams": {
        "events": {
            "unmanaged": APPEND.line,
            "dropped_columns": ["a", "b"],
            "newer_schema": ["new c"],
            "not_taken": [{"part": "cursor", "declared": "ts", "kept": "id"}],
        },
        "public.users": {
            "effective": APPEND.line,
            "departed": "",
            "departed_columns": "0123456789ab",
            "pending": {
                "deferred": {"written": APPEND.line},
                "in_flight": {"after_job": 7, **KEY_RECORD},
                "interrupted": {"live": APPEND.line},
                "required": KEY_RECORD,
                "server_queued": {"clears": True},
            },
        },
    },
    "undeclared_fields": {"prefix": "x_"},
    "abandoned_tables": ["public.old"],
    "legacy_state": True,
    "not_taken": [{"part": "notify_schema_changes", "declared": "false", "kept": "true"}],
}


def entry(**given: Any) -> dict[str, Any]:
    return {"streams": {"public.users": given}}


def test_one_entry_a_stream() -> None:
    assert FULL.record() == RECORD


def test_nothing_to_remember_is_nothing_in_state() -> None:
    assert Memory().record() == {}
    assert Memory.read({}) == Memory()


def test_what_an_update_learns_is_not_compared() -> None:
    compared = FULL.compared
    assert FULL.effective
    assert (compared.not_taken, compared.effective, compared.of(InFlight)) == ({}, {}, {})
    assert compared.of(Deferred) == FULL.of(Deferred)
    assert compared.undeclared_fields == FULL.undeclared_fields


def test_what_is_kept_is_read() -> None:
    kept = unpack(pack(FULL.record()))
    read = Memory.read(kept)
    assert read.record() == RECORD
    assert read.not_taken == FULL.not_taken
    for kind in (Deferred, InFlight, Interrupted, Required, ServerQueued):
        assert read.of(kind) == FULL.of(kind)


_NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=8)
_STREAMS = st.builds(StreamDescriptor, st.none() | _NAMES, _NAMES)
_LINES = st.sampled_from([APPEND, StreamSpec.parse("full_refresh_overwrite")])
_PENDING: st.SearchStrategy[Pending] = st.one_of(
    st.builds(Deferred, _LINES),
    st.builds(InFlight, st.integers(0, 9), st.just(KEY)),
    st.builds(ServerQueued, st.booleans()),
    st.builds(Unsynced, _LINES, st.integers(0, 9), st.booleans()),
)
_MEMORIES = st.builds(
    Memory,
    unmanaged=st.dictionaries(_STREAMS, _LINES, max_size=3),
    effective=st.dictionaries(_STREAMS, _LINES, max_size=3),
    departed=st.dictionaries(_STREAMS, st.none() | _LINES, max_size=3),
    newer_schema=st.dictionaries(_STREAMS, st.lists(_NAMES, min_size=1).map(tuple), max_size=3),
    pending=st.dictionaries(_STREAMS, _PENDING.map(lambda each: (each,)), max_size=3),
    abandoned_tables=st.frozensets(_NAMES, max_size=3),
    legacy_state=st.booleans(),
)


@given(_MEMORIES)
def test_any_names_survive(memory: Memory) -> None:
    assert Memory.read(unpack(pack(memory.record()))) == memory


def test_work_of_one_kind_is_put_in_the_place_of_the_old() -> None:
    memory = FULL.having(Deferred, {EVENTS: Deferred(APPEND)})
    assert memory.of(Deferred) == {EVENTS: Deferred(APPEND)}
    assert memory.of(Required) == {USERS: KEY}
    assert memory.having(Deferred, {}).pending.keys() == {USERS}
    assert Memory().having(Required, {USERS: KEY}).having(Required, {}) == Memory()


@pytest.mark.parametrize(
    ("pending", "expected"),
    [(Deferred(APPEND), True), (KEY, True), (InFlight(0, KEY), True), (Interrupted(APPEND), False)],
)
def test_what_is_unfinished(pending: Pending, expected: bool) -> None:
    assert (Memory(pending={USERS: (pending,)}).unfinished == {USERS}) is expected


@pytest.mark.parametrize("after", [None, "7", True, 7.5])
def test_a_replacement_in_flight_names_the_job_before_it(after: object) -> None:
    with pytest.raises(DeclarationError, match="does not name the job before it"):
        Memory.read(entry(pending={"in_flight": {**KEY_RECORD, "after_job": after}}))


def test_a_number_as_the_engine_gives_it() -> None:
    (found,) = Memory.read(entry(pending={"in_flight": {**KEY_RECORD, "after_job": 7.0}})).pending[USERS]
    assert found == InFlight(7, KEY)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {**KEY_RECORD, "code": "AWB999"},
        {**KEY_RECORD, "change": "key"},
        {**KEY_RECORD, "what": "KEY"},
        {**KEY_RECORD, "items": [["", "id", "n", "x"]]},
        {**KEY_RECORD, "items": 7},
    ],
)
def test_a_replacement_that_cannot_be(value: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="is not a replacement that has still to be done") as caught:
        Memory.read(entry(pending={"required": value}))
    assert caught.value.path == 'memory["public.users"].pending.required'


@pytest.mark.parametrize(
    ("value", "unknown"),
    [
        ({"mood": 1}, "mood"),
        (entry(colour="red"), "colour"),
        (entry(pending={"asleep": {}}), "asleep"),
        (entry(pending={"server_queued": {"clears": True, "when": 1}}), "when"),
    ],
)
def test_what_a_newer_version_remembers(value: dict[str, Any], unknown: str) -> None:
    with pytest.raises(
        PlanError, match=f"a newer pulumi_airbyte_wb wrote this resource's state: .* '{unknown}' in memory"
    ):
        Memory.read(value)


@pytest.mark.parametrize(
    "value",
    [7, {"streams": 7}, {"streams": {"public.users": 7}}, entry(unmanaged=7), entry(newer_schema="x"),
     {"legacy_state": "yes"}, {"abandoned_tables": [7]}, entry(pending={"server_queued": {"clears": "yes"}})],
)  # fmt: skip
def test_what_cannot_be_read(value: object) -> None:
    with pytest.raises(DeclarationError):
        Memory.read(value)
