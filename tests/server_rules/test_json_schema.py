from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.server_rules.destination_catalog import canonical_scalar, destination_schema, top_level_fields
from pulumi_airbyte_wb.server_rules.json_schema import (
    DUPLICATED,
    field_map,
    find_properties,
    same_json,
    value_at,
    with_value_at,
)
from pulumi_airbyte_wb.server_rules.versions import rules_for
from tests.server_rules.builders import INTEGER, STRING, schema

RULES = rules_for("2.0.0")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (10, 10.0),
        (0.0, -0.0),
        (1, "1"),
        (None, False),
        (None, 0),
        ({}, []),
        (["null", "string"], ["string", "null"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": True}]}),
        ({"a": 1}, {"a": 1, "b": None}),
        (2**64, float(2**64)),
    ],
)
def test_values_that_are_not_the_same(one: Any, other: Any) -> None:
    assert not same_json(one, other)
    assert not same_json({"x": [one]}, {"x": [other]})
    assert same_json(one, one)
    assert same_json([other], [other])


def test_values_that_are_the_same() -> None:
    assert same_json({"a": 1, "b": [1.0, True]}, {"b": [1.0, True], "a": 1})
    assert same_json(100.0, 1e2)
    assert same_json({"é": {"x": None, "y": "ü"}}, {"é": {"y": "ü", "x": None}})


def paths(node: Any, version: str = "2.0.0") -> list[str]:
    return ["/".join(path) for path in field_map(node, rules_for(version))]


def test_nested_fields_and_items() -> None:
    tags = {"type": "array", "items": {"type": "object", "properties": {"id": STRING, "items": INTEGER}}}
    assert paths(schema(id=STRING, tags=tags)) == ["id", "tags", "tags/items", "tags/items/id", "tags/items/items"]


def test_what_is_walked_into() -> None:
    both = {"type": ["null", "object", "array"], "properties": {"p": STRING}, "items": STRING}
    assert paths(schema(f=both)) == ["f", "f/p", "f/items"]
    assert paths(schema(f={"properties": {"p": STRING}, "$type": 1})) == ["f", "f/p"]
    assert paths(schema(f={"enum": ["a"], "properties": {"p": STRING}, "$type": 1})) == ["f"]
    assert paths(schema(f={"type": "string", "properties": {"p": STRING}})) == ["f"]
    assert paths(schema(f={"type": None, "properties": {"p": STRING}})) == ["f"]
    assert paths(schema(f={"type": "array"}, g={"type": "object"})) == ["f", "g"]
    assert paths(schema(f={"type": "array", "items": [STRING]}, g={"type": "object", "properties": []})) == ["f", "g"]
    assert paths({"type": "array", "items": schema(x=STRING)}) == ["items", "items/x"]
    assert paths({"type": "string", "properties": {"p": STRING}}) == []
    assert paths({"$ref": "#/definitions/x", "additionalProperties": schema(x=STRING)}) == []


def test_properties_hide_combinators() -> None:
    assert paths({**schema(x=STRING), "oneOf": [schema(y=STRING)]}) == ["x"]


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf", "allOf"])
def test_alternatives_have_the_path_of_their_parent(keyword: str) -> None:
    typed = {"type": "object", keyword: [schema(x=STRING), schema(y=STRING)]}
    fields = field_map(schema(f=typed), RULES)
    assert fields == {("f",): DUPLICATED, ("f", "x"): STRING, ("f", "y"): STRING}
    assert paths({keyword: [schema(x=STRING)]}) == ["", "x"]
    assert paths(schema(f={"type": "object", keyword: {"a": schema(x=STRING)}})) == ["f", "f/x"]
    for nothing in ("nothing", 5, None):
        assert paths(schema(f={"type": "object", keyword: nothing}), "0.50.0") == ["f"]


def test_an_untyped_node_hides_what_follows_and_begins_like_it() -> None:
    untyped = {"oneOf": [schema(x=STRING)]}
    assert paths(schema(id_ext=STRING, id=untyped, idle=STRING, other=STRING)) == ["id_ext", "id", "other"]
    assert paths(schema(id={}, idle={}, id_x=STRING)) == ["id", "idle"]
    assert field_map(schema(id={"oneOf": [{"title": "t"}]}), RULES) == {("id",): DUPLICATED}
    assert paths({"type": "object", "properties": {"a.b": {}, "a": schema(b=STRING, c=STRING)}}) == ["a.b", "a", "a/c"]
    # Below the root the untyped alternative has the empty path, with which every other begins.
    assert paths({"oneOf": [{"title": "t", "oneOf": [schema(x=STRING)]}]}) == [""]


def test_any_keyword_with_type_in_it_is_a_type() -> None:
    assert paths(schema(id={"airbyte_type": "x"}, id_x=STRING)) == ["id", "id_x"]
    assert paths(schema(id={"airbyte_type": "x"}, id_x=STRING), "0.40.32") == ["id"]


def test_dots_are_no_nesting() -> None:
    assert set(field_map({"type": "object", "properties": {"a.b": STRING, "a": schema(b=STRING)}}, RULES)) == {
        ("a.b",),
        ("a",),
        ("a", "b"),
    }


@pytest.mark.parametrize("root", [None, True, [], "x", 1])
def test_a_root_that_is_no_object_has_no_fields(root: Any) -> None:
    assert field_map(root, RULES) == {}


def test_deep_schemas_are_walked_without_recursion() -> None:
    deep: Any = STRING
    for _ in range(3000):
        deep = {"type": "object", "properties": {"n": deep}}
    assert len(field_map(deep, RULES)) == 3000


def test_where_properties_are_found() -> None:
    old, new = rules_for("0.51.0"), RULES
    root: Any = {"definitions": [{"x": {"properties": {}}}], "properties": {}}
    assert find_properties(root, old) == ("definitions", 0, "x", "properties")
    assert find_properties(root, new) == ("properties",)
    below: Any = {"a": {"b": 1}, "definitions": [{"x": {"properties": {}}}]}
    assert find_properties(below, old) == find_properties(below, new) == ("definitions", 0, "x", "properties")
    nowheres: list[Any] = [{}, {"a": [1, {"b": None}]}, None, True]
    for nowhere in nowheres:
        assert find_properties(nowhere, old) is find_properties(nowhere, new) is None


def test_a_replaced_value_leaves_the_original_alone() -> None:
    root: Any = {"a": [{"x": 1}, {"y": 2}], "b": 3}
    changed = with_value_at(root, ("a", 1, "y"), 5)
    assert changed == {"a": [{"x": 1}, {"y": 5}], "b": 3}
    assert root == {"a": [{"x": 1}, {"y": 2}], "b": 3}
    assert value_at(changed, ("a", 1, "y")) == 5
    assert with_value_at(root, (), 7) == 7


def text(**keywords: Any) -> Any:
    return {"type": "string", **keywords}


WITH_ZONE = text(format="date-time", airbyte_type="timestamp_with_timezone")
WITHOUT_ZONE = text(format="date-time", airbyte_type="timestamp_without_timezone")
TIME_WITH_ZONE = text(format="time", airbyte_type="time_with_timezone")
TIME_WITHOUT_ZONE = text(format="time", airbyte_type="time_without_timezone")


@pytest.mark.parametrize(
    ("node", "canonical"),
    [
        ({"type": "boolean", "description": "d"}, {"type": "boolean"}),
        ({"type": ["null", "integer"], "minimum": 0}, {"type": "integer"}),
        ({"type": "integer", "airbyte_type": "big_integer"}, {"type": "integer"}),
        ({"type": "number"}, {"type": "number"}),
        ({"type": ["number", None]}, {"type": "number"}),
        ({"type": "number", "airbyte_type": "integer"}, {"type": "integer"}),
        ({"type": "number", "airbyte_type": "big_number"}, {"type": "number"}),
        (text(maxLength=5, enum=["a"]), {"type": "string"}),
        (text(format="date"), text(format="date")),
        (text(format="date", airbyte_type="whatever"), text(format="date")),
        (text(format="date-time"), WITH_ZONE),
        (WITH_ZONE, WITH_ZONE),
        (WITHOUT_ZONE, WITHOUT_ZONE),
        (TIME_WITH_ZONE, TIME_WITH_ZONE),
        (TIME_WITHOUT_ZONE, TIME_WITHOUT_ZONE),
        (text(format="time"), None),
        (text(format="uuid"), None),
        (text(format=None), None),
        (text(airbyte_type="big_integer"), None),
        (text(format="date-time", airbyte_type="time_with_timezone"), None),
        (text(format="time", airbyte_type="timestamp_with_timezone"), None),
        (text(oneOf=[]), None),
        (text(anyOf=[]), None),
        (text(allOf=[]), {"type": "string"}),
        ({"type": "object"}, None),
        ({"type": "array"}, None),
        ({"type": ["null", "object"]}, None),
        ({"type": ["string", "integer"]}, None),
        ({"type": ["string", "string"]}, None),
        ({"type": ["string", 5]}, None),
        ({"type": ["null"]}, None),
        ({"type": []}, None),
        ({"type": None}, None),
        ({"type": "null"}, None),
        ({"type": "text"}, None),
        ({"type": {"x": "string"}}, None),
        ({"enum": ["a"]}, None),
        ({}, None),
        (True, None),
        (None, None),
    ],
)
def test_canonical_types(node: Any, canonical: Any) -> None:
    assert canonical_scalar(node) == canonical


def test_destination_schemas() -> None:
    nested = {"type": "object", "title": "t"}
    source = {**schema(id={"type": ["null", "string"]}, o=nested), "required": ["id"], "title": "root"}
    assert destination_schema(top_level_fields(source), source) == {
        "type": "object",
        "$schema": "http://json-schema.org/schema#",
        "properties": {"id": STRING, "o": nested},
        "additionalProperties": True,
    }
    odds: list[Any] = [None, True, {}, {"properties": []}]
    for odd in odds:
        assert destination_schema(top_level_fields(odd), odd)["properties"] == {}
