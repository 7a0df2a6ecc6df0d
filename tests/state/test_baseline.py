"""A resource as state has it: its spec, and what is remembered beside that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.changes import Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.connection import CATALOG, CONNECTION, ResourceKind
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline, known_keys, read_baseline
from pulumi_airbyte_wb.state.pending import Deferred, InFlight, Interrupted, Required, ServerQueued
from pulumi_airbyte_wb.state.record import pack, unpack_all
from tests.baselines import baseline

SOURCE = "20000000-0000-4000-8000-000000000001"
DESTINATION = "30000000-0000-4000-8000-000000000001"
LINK = "40000000-0000-4000-8000-000000000001"
BASE = {"source_id": SOURCE, "destination_id": DESTINATION}
A, B = StreamDescriptor("public", "a"), StreamDescriptor("public", "b")
APPEND, FULL = StreamSpec.parse("incremental_append"), StreamSpec.parse("full_refresh_append")
TYPE = Required(Code.TYPE_CHANGED, Kind.TYPE_CHANGED, Detail.of(What.TYPE_AT_SOURCE, ["x"]))
TYPE_RECORD = {"code": "AWB271", "change": "TYPE_CHANGED", "what": "type_at_source", "items": [["x", None, None]]}


def of(**given: Any) -> Baseline:
    return baseline(SOURCE, DESTINATION, **given)


def of_streams(name: str, a: object, b: object) -> dict[str, Any]:
    """What is remembered of two streams."""
    return {"streams": {"public.a": {name: a}, "public.b": {name: b}}}


# ---- what is recorded and read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "value", "record"),
    [
        ("unmanaged", {B: FULL, A: APPEND}, of_streams("unmanaged", "incremental_append", "full_refresh_append")),
        ("departed", {B: None, A: APPEND}, of_streams("departed", "incremental_append", "")),
        ("departed_columns", {B: "y", A: "x"}, of_streams("departed_columns", "x", "y")),
        ("dropped_columns", {B: ("y", "x"), A: ("z",)}, of_streams("dropped_columns", ["z"], ["y", "x"])),
        ("newer_schema", {B: ("new y",), A: ("new x",)}, of_streams("newer_schema", ["new x"], ["new y"])),
        (
            "pending",
            {B: (Deferred(FULL),), A: (Interrupted(APPEND),)},
            of_streams(
                "pending",
                {"interrupted": {"live": "incremental_append"}},
                {"deferred": {"written": "full_refresh_append"}},
            ),
        ),
        (
            "pending",
            {B: (TYPE,), A: (InFlight(7, TYPE),)},
            of_streams("pending", {"in_flight": {"after_job": 7, **TYPE_RECORD}}, {"required": TYPE_RECORD}),
        ),
        (
            "pending",
            {B: (ServerQueued(clears=False),), A: (ServerQueued(clears=True),)},
            of_streams("pending", {"server_queued": {"clears": True}}, {"server_queued": {"clears": False}}),
        ),
        (
            "undeclared_fields",
            {"prefix": "x", "namespace_format": "y"},
            {"undeclared_fields": {"namespace_format": "y", "prefix": "x"}},
        ),
        (
            "abandoned_tables",
            frozenset({"public.b", "public.a"}),
            {"abandoned_tables": ["public.a", "public.b"]},
        ),
        ("legacy_state", True, {"legacy_state": True}),
    ],
)
def test_what_is_remembered_is_recorded_and_read(part: str, value: object, record: dict[str, Any]) -> None:
    recorded = of(**{part: value}).record()
    assert recorded == {**BASE, "memory": record}
    assert json.dumps(recorded["memory"]) == json.dumps(record), "in the order of the streams' keys"
    assert getattr(read_baseline(recorded).memory, part) == value
    assert read_baseline(recorded) == of(**{part: value})


def test_the_spec_is_recorded_beside_what_is_remembered() -> None:
    given: dict[str, Any] = {"fields": {"prefix": "x_"}, "streams": {B: FULL, A: APPEND}, "patterns": {"y*": FULL}}
    whole = of(**given, exclusive=True, server="eu", legacy_state=True)
    assert whole.record() == {**whole.spec.record(), "memory": {"legacy_state": True}}
    assert read_baseline(whole.record()) == whole


def test_where_nothing_is_remembered_the_record_is_that_of_the_spec() -> None:
    assert of().record() == BASE
    assert read_baseline(BASE) == of()


def test_what_is_null_is_nothing() -> None:
    assert read_baseline({**dict.fromkeys([*CONNECTION.inputs, "memory"]), **BASE}) == of()


def test_inputs_that_a_check_returned_hold_more_than_a_record() -> None:
    filled = {"planned": {}, "recorded": "x", "resource_urn": "urn", "control": {}, "__provider": "x"}
    given = {"adopt": LINK, "secret_inputs": ["name"], "secret_streams": ["public.a"]}
    read = read_baseline({**BASE, **filled, **given})
    assert read == of(adopt=LINK, secret=frozenset({"name"}), secret_streams=frozenset({"public.a"}))


def test_a_catalog_is_read_as_one() -> None:
    whole = baseline(None, None, connection_id=LINK, kind=CATALOG, unmanaged={A: APPEND})
    assert whole.record() == {"connection_id": LINK, "memory": {"streams": {"public.a": {"unmanaged": APPEND.line}}}}
    assert read_baseline(whole.record(), CATALOG) == whole


@pytest.mark.parametrize("kind", [CONNECTION, CATALOG])
def test_a_record_has_no_key_but_those_that_are_known(kind: ResourceKind) -> None:
    ids: dict[str, Any] = {"source_id": None, "destination_id": None, **dict.fromkeys(kind.ids, LINK)}
    spec: dict[str, Any] = {
        "fields": {"prefix": "x_"} if kind is CONNECTION else {},
        "streams": {A: APPEND},
        "patterns": {"y*": FULL},
    }
    whole = baseline(**ids, **spec, kind=kind, exclusive=True, server="eu", legacy_state=True)
    assert set(whole.record()) <= known_keys(kind)
    record, _control = unpack_all(pack(whole.record()), kind.ids, known_keys(kind))
    assert read_baseline(record, kind) == whole


def test_a_record_of_twenty_streams_is_small() -> None:
    line = StreamSpec.parse("incremental_append_dedup cursor=updated_at key=id")
    streams = {StreamDescriptor("public", f"table_{n}"): line for n in range(20)}
    assert len(pack(of(streams=streams).record())) < 500


def test_a_field_of_the_servers_that_no_program_could_declare_is_kept_as_it_is() -> None:
    odd = {"schedule": "cron 0 0 6 * * * UTC", "status": "locked"}
    assert read_baseline({**BASE, **odd}).spec.fields == odd


@pytest.mark.parametrize(
    ("fields", "undeclared", "paused"),
    [
        ({}, {}, False),
        ({"status": "inactive"}, {}, True),
        ({"status": "active"}, {"status": "inactive"}, False),
        ({}, {"status": "inactive"}, True),
        ({}, {"status": "active"}, False),
    ],
)
def test_a_connection_is_paused_as_declared_or_as_remembered(
    fields: dict[str, str], undeclared: dict[str, str], paused: bool
) -> None:
    assert of(fields=fields, undeclared_fields=undeclared).paused is paused


# ---- what cannot be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        {"tags": 7},
        {"source_id": "x"},
        {"source_id": None},
        {"streams": {"public.a": "zzz"}},
        {"memory": 7},
        {"memory": []},
        {"memory": ""},
        {"memory": False},
        {"memory": {"streams": {"public.a": {"unmanaged": "zzz"}}}},
        {"memory": {"streams": {"public.a": {"pending": {"deferred": {"written": "zzz"}}}}}},
        {"memory": {"streams": {"..": {"departed": ""}}}},
    ],
)
def test_state_that_cannot_be_read_is_damaged(damage: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="this resource's state is damaged"):
        read_baseline({**BASE, **damage})


@pytest.mark.parametrize(
    ("written", "unknown"),
    [
        ({"moods": 1}, "'moods' in its inputs"),
        ({"moods": 1, "tags": 7}, "'moods' in its inputs"),
        ({"memory": {"moods": 1}}, "'moods' in memory"),
        ({"memory": {"moods": 1, "streams": 7}}, "'moods' in memory"),
        ({"memory": {"streams": {"public.a": {"moods": 1}}}}, "'moods' in memory[\"public.a\"]"),
        (
            {"memory": {"streams": {"public.a": {"pending": {"moods": {}}}}}},
            "'moods' in memory[\"public.a\"].pending",
        ),
    ],
)
def test_what_a_newer_version_wrote_is_told_as_such(written: dict[str, Any], unknown: str) -> None:
    """State that is sound must not be taken for damaged: nothing is to be removed from it."""
    with pytest.raises(PlanError) as caught:
        read_baseline({**BASE, **written})
    said = str(caught.value)
    assert said.startswith("a newer pulumi_airbyte_wb wrote this resource's state: version ")
    assert said.endswith(f" does not know {unknown}; upgrade the package")
    assert not [word for word in ("damaged", "remove", "delete", "restore", "adopt") if word in said]


@pytest.mark.parametrize(
    ("kind", "name"), [(CATALOG, "prefix"), (CONNECTION, "connection_id"), (CONNECTION, "with_refreshed_catalog")]
)
def test_an_input_of_another_kind_of_resource_is_not_known_either(kind: ResourceKind, name: str) -> None:
    with pytest.raises(PlanError, match=f"does not know '{name}' in its inputs; upgrade the package$"):
        read_baseline({**dict.fromkeys(kind.ids, LINK), name: LINK}, kind)
