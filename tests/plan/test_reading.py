"""Every input of a resource, read into a declaration and written back as its record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Declaration, read_inputs
from pulumi_airbyte_wb.plan.declaration import (
    CATALOG,
    COMPUTED,
    CONNECTION,
    DERIVED,
    SECRET,
    Shape,
    problems_of,
    read_state,
)
from pulumi_airbyte_wb.spec.changes import Detail, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.resets import OnDelete, OnRemove, SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.pending import NOTES, Ordered, Required

SOURCE = "20000000-0000-4000-8000-000000000001"
DESTINATION = "30000000-0000-4000-8000-000000000001"
LINK = "40000000-0000-4000-8000-000000000001"
BASE = {"source_id": SOURCE, "destination_id": DESTINATION}
A, B = StreamDescriptor("public", "a"), StreamDescriptor("public", "b")
APPEND, FULL = StreamSpec.parse("incremental_append"), StreamSpec.parse("full_refresh_append")
LINES = {"public.b": "full_refresh_append", "public.a": "incremental_append"}
SORTED = {"public.a": "incremental_append", "public.b": "full_refresh_append"}
TYPE = Required(Code.TYPE_CHANGED, Kind.TYPE_CHANGED, Detail.of(What.TYPE_AT_SOURCE, ["x"]))
NOTE = {"code": "AWB271", "kind": "TYPE_CHANGED", "what": "type_at_source", "items": [["x", None, None]]}


@pytest.mark.parametrize(
    ("name", "value", "part", "kept"),
    [
        ("streams", LINES, {A: APPEND, B: FULL}, SORTED),
        ("streams", {}, {}, {}),
        ("patterns", {"public.x*": "full_refresh_append"}, {"public.x*": FULL}, {"public.x*": "full_refresh_append"}),
        ("unsettled", LINES, {A: APPEND, B: FULL}, SORTED),
        ("owed", LINES, {A: APPEND, B: FULL}, SORTED),
        ("others", LINES, {A: APPEND, B: FULL}, SORTED),
        ("naming", {"prefix": "x", "namespace_format": "y"}, {"prefix": "x", "namespace_format": "y"}, None),
        (
            "retired",
            {"public.b": "", "public.a": "incremental_append"},
            {A: APPEND, B: None},
            {"public.a": "incremental_append", "public.b": ""},
        ),
        ("columns", {"public.a": "x"}, {A: "x"}, {"public.a": "x"}),
        ("left", ["public.b", "public.a"], frozenset({"public.a", "public.b"}), ["public.a", "public.b"]),
        ("schema", {"public.a": ["new x"]}, {A: ("new x",)}, {"public.a": ["new x"]}),
        ("queued", {"public.a": "clear"}, {A: "clear"}, {"public.a": "clear"}),
        ("ordered", {"public.a": {"after_job": 7, **NOTE}}, {A: Ordered(7, TYPE)}, None),
        ("due", {"public.b": NOTE, "public.a": NOTE}, {A: TYPE, B: TYPE}, None),
        ("legacy", True, True, True),
        ("exclusive", True, True, True),
        ("server", "eu", "eu", "eu"),
    ],
)
def test_what_describes_a_connection_is_read_and_recorded(name: str, value: object, part: object, kept: object) -> None:
    reading = read_inputs({**BASE, name: value})
    assert reading.problems == ()
    assert getattr(reading.declaration, name) == part
    record = reading.declaration.record()
    assert record[name] == (value if kept is None else kept)
    if isinstance(value, dict):
        assert list(record[name]) == sorted(value)
    assert read_inputs(record, recorded=True).declaration.record() == record


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("adopt", LINK, LINK),
        ("allow_replace", True, True),
        ("on_remove", "clear", OnRemove.CLEAR),
        ("schema_changes", "accept", SchemaChanges.ACCEPT),
        ("secret_inputs", ["name"], frozenset({"name"})),
    ],
)
def test_what_says_how_to_work_is_read_and_not_recorded(name: str, value: object, part: object) -> None:
    declaration = read_inputs({**BASE, name: value}).declaration
    assert getattr(declaration, "secret" if name == "secret_inputs" else name) == part
    assert declaration.record() == BASE


def test_nothing_more_than_its_ends_is_recorded_of_a_bare_connection() -> None:
    assert read_inputs(BASE).declaration == Declaration(SOURCE, DESTINATION)
    assert read_inputs(BASE).declaration.record() == BASE


def test_a_catalog_declares_the_streams_of_a_connection() -> None:
    inputs = {"connection_id": LINK, "on_delete": "remove", "with_refreshed_catalog": True, "streams": LINES}
    reading = read_inputs(inputs, shape=CATALOG)
    assert reading.problems == ()
    assert reading.declaration.on_delete is OnDelete.REMOVE
    assert reading.declaration.with_refreshed_catalog
    assert reading.declaration.record() == {"connection_id": LINK, "streams": SORTED}
    assert read_state({"connection_id": LINK}, CATALOG).connection_id == LINK


@pytest.mark.parametrize(
    ("shape", "inputs", "path", "words"),
    [
        (CATALOG, {}, "connection_id", "every Catalog needs one; find it by get_connection(name=…)"),
        (CATALOG, {"connection_id": LINK, "prefix": "x"}, "prefix", "is not a property of a Catalog"),
        (CONNECTION, {"source_id": SOURCE}, "destination_id", "find it by get_destination(name=…)"),
        (CONNECTION, {**BASE, "streams": {"x*": 7}}, 'streams["x*"]', "is not a text"),
        (CONNECTION, {**BASE, "streams": {"a": "zzz"}}, 'streams["a"].mode', "is not a sync mode"),
        (
            CONNECTION,
            {**BASE, "streams": {"a": "full_refresh_append", '"a"': "full_refresh_append"}},
            'streams[""a""]',
            "is declared twice",
        ),
        (
            CONNECTION,
            {**BASE, "namespace_definition": "customformat"},
            "namespace_definition",
            "needs a namespace_format",
        ),
        (
            CONNECTION,
            {**BASE, "namespace_definition": "customformat", "namespace_format": ""},
            "namespace_definition",
            "needs a namespace_format",
        ),
        (
            CONNECTION,
            {**BASE, "namespace_definition": "destination", "namespace_format": "x"},
            "namespace_format",
            "has no use with namespace_definition 'destination'",
        ),
        (CONNECTION, {**BASE, "name": ""}, "name", "is empty"),
        (CONNECTION, {**BASE, "exclusive": "yes"}, "exclusive", "is neither true nor false"),
    ],
)
def test_a_mistake_is_named(shape: Shape, inputs: dict[str, Any], path: str, words: str) -> None:
    (problem,) = read_inputs(inputs, shape=shape).problems
    assert problem.path == path
    assert words in problem.reason


def test_every_mistake_is_named_at_once() -> None:
    inputs = {**BASE, "stream": {}, "source_id": "x", "status": "zzz", "name": ""}
    assert [problem.path for problem in read_inputs(inputs).problems] == ["stream", "name", "source_id", "status"]


def test_a_format_that_is_right_or_not_known_yet() -> None:
    custom = {**BASE, "namespace_definition": "customformat"}
    assert read_inputs({**custom, "namespace_format": "x"}).problems == ()
    assert read_inputs({**BASE, "namespace_format": "x"}).problems == ()
    assert read_inputs({**custom, "namespace_format": "later"}, frozenset({"namespace_format"})).problems == ()


def test_what_is_null_is_not_declared() -> None:
    nulls = dict.fromkeys([*CONNECTION.inputs, *NOTES])
    reading = read_inputs({**nulls, **BASE})
    assert reading.problems == ()
    assert reading.declaration == Declaration(SOURCE, DESTINATION)


def test_a_value_that_is_not_known_yet_is_not_missed() -> None:
    reading = read_inputs({}, frozenset(BASE))
    assert reading.problems == ()
    assert reading.declaration.unknown == frozenset(BASE)


def test_patterns_stand_among_the_streams() -> None:
    streams = {"public.a": "incremental_append", "public.x*": "full_refresh_append"}
    declaration = read_inputs({**BASE, "streams": streams, "patterns": {"y*": "full_refresh_append"}}).declaration
    assert declaration.streams == {A: APPEND}
    assert declaration.patterns == {"public.x*": FULL, "y*": FULL}


def test_patterns_alone_declare_streams_too() -> None:
    assert read_inputs({**BASE, "patterns": {"y*": "full_refresh_append"}}).declaration.streams == {}
    assert read_inputs({**BASE, "streams": {"y*": "full_refresh_append"}}).declaration.streams == {}
    assert read_inputs(BASE).declaration.streams is None


def test_a_field_of_the_servers_that_no_program_could_declare_is_kept_as_it_is() -> None:
    odd = {**BASE, "schedule": "cron 0 0 6 * * * UTC", "status": "locked"}
    assert read_state(odd).fields == {"schedule": "cron 0 0 6 * * * UTC", "status": "locked"}
    assert [problem.path for problem in read_inputs(odd).problems] == ["status", "schedule"]


@pytest.mark.parametrize("damage", [{"tags": 7}, {"source_id": "x"}, {"owed": {"a": "zzz"}}, {"zzz": 1}])
def test_state_that_cannot_be_read_is_damaged(damage: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="state is damaged"):
        read_state({**BASE, **damage})


def test_what_others_fill_in_is_no_mistake() -> None:
    filled = {"planned": {}, "recorded": "x", "resource_urn": "urn", "control": {}, "__provider": "x"}
    assert filled.keys() | {*NOTES, *SECRET} == set(COMPUTED)
    assert read_inputs({**BASE, **filled}).problems == ()
    assert set(NOTES) < set(DERIVED)


def test_programs_give_no_patterns() -> None:
    assert set(CONNECTION.inputs) - set(CONNECTION.arguments) == {"patterns"}
    assert set(CATALOG.inputs) - set(CATALOG.arguments) == {"patterns"}


@pytest.mark.parametrize(
    ("fields", "naming", "paused"),
    [
        ({}, {}, False),
        ({"status": "inactive"}, {}, True),
        ({"status": "active"}, {"status": "inactive"}, False),
        ({}, {"status": "inactive"}, True),
    ],
)
def test_a_connection_is_paused_as_declared_or_as_noted(
    fields: dict[str, str], naming: dict[str, str], paused: bool
) -> None:
    assert Declaration(SOURCE, DESTINATION, fields=fields, naming=naming).paused is paused


def test_what_is_unfinished_is_owed_due_or_ordered() -> None:
    bare, c = Declaration(SOURCE, DESTINATION), StreamDescriptor("public", "c")
    assert bare.unfinished == set()
    all_three = replace(bare, owed={A: APPEND}, due={B: TYPE}, ordered={c: Ordered(1, TYPE)})
    assert all_three.unfinished == {A, B, c}


def test_mistakes_of_streams_and_patterns_are_told_alike() -> None:
    wrong = StreamSpec.parse("full_refresh_append cursor=x")
    declaration = Declaration(SOURCE, DESTINATION, streams={A: wrong}, patterns={"x*": wrong})
    assert [problem.path for problem in problems_of(declaration)] == [
        'streams["public.a"].cursor',
        'streams["x*"].cursor',
    ]
    assert list(problems_of(Declaration(SOURCE, DESTINATION))) == []
