"""Every input of a resource, read into a spec and written back as its record."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.spec.connection import CATALOG, CONNECTION, ConnectionSpec, Options, ResourceKind
from pulumi_airbyte_wb.spec.parsing import parse_spec, problems_of
from pulumi_airbyte_wb.spec.resets import OnDelete, OnRemove, SchemaChanges
from pulumi_airbyte_wb.spec.streams import StreamSpec

SOURCE = "20000000-0000-4000-8000-000000000001"
DESTINATION = "30000000-0000-4000-8000-000000000001"
LINK = "40000000-0000-4000-8000-000000000001"
BASE = {"source_id": SOURCE, "destination_id": DESTINATION}
A, B = StreamDescriptor("public", "a"), StreamDescriptor("public", "b")
APPEND, FULL = StreamSpec.parse("incremental_append"), StreamSpec.parse("full_refresh_append")
LINES = {"public.b": "full_refresh_append", "public.a": "incremental_append"}
SORTED = {"public.a": "incremental_append", "public.b": "full_refresh_append"}


@pytest.mark.parametrize(
    ("name", "value", "part", "kept"),
    [
        ("streams", LINES, {A: APPEND, B: FULL}, SORTED),
        ("streams", {}, {}, {}),
        ("patterns", {"public.x*": "full_refresh_append"}, {"public.x*": FULL}, {"public.x*": "full_refresh_append"}),
        ("exclusive", True, True, True),
    ],
)
def test_what_describes_a_connection_is_read_and_recorded(name: str, value: object, part: object, kept: object) -> None:
    parsed = parse_spec({**BASE, name: value})
    assert parsed.problems == ()
    assert getattr(parsed.spec, name) == part
    record = parsed.spec.record()
    assert record[name] == kept
    if isinstance(value, dict):
        assert list(record[name]) == sorted(value)
    assert parse_spec(record, recorded=True).spec.record() == record


def test_what_is_read_back_from_its_own_record_is_equal() -> None:
    inputs = {
        **BASE,
        "name": "Shop",
        "schedule": "every 6 hour",
        "tags": [DESTINATION, SOURCE],
        "resource_requirements": {"cpu_limit": "2"},
        "exclusive": True,
        "streams": {
            "public.users": "incremental_append_dedup key=b,a cursor=ts",
            "public.d*": "full_refresh_overwrite",
        },
    }
    record = parse_spec(inputs).spec.record()
    assert parse_spec(record).spec.record() == record
    assert record["schedule"] == "every 6 hours"
    assert record["patterns"] == {"public.d*": "full_refresh_overwrite"}


def test_order_of_tags_and_streams_has_no_meaning() -> None:
    one = {**BASE, "tags": [SOURCE, DESTINATION], "streams": {"a": "incremental_append", "b": "full_refresh_append"}}
    other = {**BASE, "tags": [DESTINATION, SOURCE], "streams": {"b": "full_refresh_append", "a": "incremental_append"}}
    assert parse_spec(one).spec.record() == parse_spec(other).spec.record()


def test_the_server_is_an_option_and_recorded() -> None:
    spec = parse_spec({**BASE, "server": "eu"}).spec
    assert spec.options == Options(server="eu")
    assert spec.record() == {**BASE, "server": "eu"}
    assert parse_spec(spec.record(), recorded=True).spec == spec


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("adopt", LINK, LINK),
        ("allow_replace", True, True),
        ("on_remove", "clear", OnRemove.CLEAR),
        ("schema_changes", "accept", SchemaChanges.ACCEPT),
    ],
)
def test_what_says_how_to_work_is_read_and_not_recorded(name: str, value: object, part: Any) -> None:
    spec = parse_spec({**BASE, name: value}).spec
    assert spec.options == Options(**{name: part})
    assert spec.record() == BASE


def test_what_is_secret_is_read_and_not_recorded() -> None:
    spec = parse_spec({**BASE, "secret_inputs": ["name"]}).spec
    assert spec.secret == {"name"}
    assert spec.record() == BASE


def test_nothing_more_than_its_ends_is_recorded_of_a_bare_connection() -> None:
    assert parse_spec(BASE).spec == ConnectionSpec(SOURCE, DESTINATION)
    assert parse_spec(BASE).spec.record() == BASE


def test_a_catalog_declares_the_streams_of_a_connection() -> None:
    inputs = {"connection_id": LINK, "on_delete": "remove", "with_refreshed_catalog": True, "streams": LINES}
    parsed = parse_spec(inputs, kind=CATALOG)
    assert parsed.problems == ()
    assert parsed.spec.kind is CATALOG
    assert parsed.spec.options == Options(on_delete=OnDelete.REMOVE, with_refreshed_catalog=True)
    assert parsed.spec.record() == {"connection_id": LINK, "streams": SORTED}


@pytest.mark.parametrize(
    ("kind", "inputs", "path", "words"),
    [
        (CATALOG, {}, "connection_id", "every Catalog needs one; find it by get_connection(name=…)"),
        (CATALOG, {"connection_id": LINK, "prefix": "x"}, "prefix", "is not a property of a Catalog"),
        (CONNECTION, {"source_id": SOURCE}, "destination_id", "find it by get_destination(name=…)"),
        (CONNECTION, {**BASE, "streams": {"x*": 7}}, 'streams["x*"]', "is not a text"),
        (CONNECTION, {**BASE, "streams": {"a": "zzz"}}, 'streams["a"].mode', "is not a sync mode"),
        (
            CONNECTION,
            {**BASE, "streams": {"a": "full_refresh_append", '"a"': "full_refresh_append"}},
            'streams["a"]',
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
def test_a_mistake_is_named(kind: ResourceKind, inputs: dict[str, Any], path: str, words: str) -> None:
    (problem,) = parse_spec(inputs, kind=kind).problems
    assert problem.path == path
    assert words in problem.reason


def test_every_mistake_is_named_at_once() -> None:
    inputs = {**BASE, "stream": {}, "source_id": "x", "status": "zzz", "name": ""}
    assert [problem.path for problem in parse_spec(inputs).problems] == ["stream", "name", "source_id", "status"]


def test_a_format_that_is_right_or_not_known_yet() -> None:
    custom = {**BASE, "namespace_definition": "customformat"}
    assert parse_spec({**custom, "namespace_format": "x"}).problems == ()
    assert parse_spec({**BASE, "namespace_format": "x"}).problems == ()
    assert parse_spec({**custom, "namespace_format": "later"}, frozenset({"namespace_format"})).problems == ()


def test_what_is_null_is_not_declared() -> None:
    parsed = parse_spec({**dict.fromkeys(CONNECTION.inputs), **BASE})
    assert parsed.problems == ()
    assert parsed.spec == ConnectionSpec(SOURCE, DESTINATION)


def test_a_value_that_is_not_known_yet_is_not_missed() -> None:
    parsed = parse_spec({}, frozenset(BASE))
    assert parsed.problems == ()
    assert parsed.spec.unknown == frozenset(BASE)


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("namespace_definition", "custom_format", "customformat"),
        ("non_breaking_changes_preference", "disable_connection", "disable"),
    ],
)
def test_values_of_other_tools_that_mean_the_same_are_taken(name: str, given: str, kept: str) -> None:
    format_too = {"namespace_format": "x_${SOURCE_NAMESPACE}"} if name == "namespace_definition" else {}
    parsed = parse_spec({**BASE, name: given, **format_too})
    assert parsed.problems == ()
    assert parsed.spec.fields[name] == kept


def test_patterns_stand_among_the_streams() -> None:
    streams = {"public.a": "incremental_append", "public.x*": "full_refresh_append"}
    spec = parse_spec({**BASE, "streams": streams, "patterns": {"y*": "full_refresh_append"}}).spec
    assert spec.streams == {A: APPEND}
    assert spec.patterns == {"public.x*": FULL, "y*": FULL}


def test_patterns_alone_declare_streams_too() -> None:
    assert parse_spec({**BASE, "patterns": {"y*": "full_refresh_append"}}).spec.streams == {}
    assert parse_spec({**BASE, "streams": {"y*": "full_refresh_append"}}).spec.streams == {}
    assert parse_spec(BASE).spec.streams is None


def test_a_field_of_the_servers_that_no_program_could_declare_is_kept_as_it_is() -> None:
    odd = {**BASE, "schedule": "cron 0 0 6 * * * UTC", "status": "locked"}
    parsed = parse_spec(odd, recorded=True)
    assert parsed.problems == ()
    assert parsed.spec.fields == {"schedule": "cron 0 0 6 * * * UTC", "status": "locked"}
    assert [problem.path for problem in parse_spec(odd).problems] == ["status", "schedule"]


def test_mistakes_of_streams_and_patterns_are_told_alike() -> None:
    wrong = StreamSpec.parse("full_refresh_append cursor=x")
    spec = ConnectionSpec(SOURCE, DESTINATION, streams={A: wrong}, patterns={"x*": wrong})
    assert [problem.path for problem in problems_of(spec)] == [
        'streams["public.a"].cursor',
        'streams["x*"].cursor',
    ]
    assert list(problems_of(ConnectionSpec(SOURCE, DESTINATION))) == []
