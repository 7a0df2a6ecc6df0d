"""What holds for any catalogs, and a second, slow reading of the field rules to hold the fast one against."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_airbyte_wb.server_rules import diff, resets
from pulumi_airbyte_wb.server_rules.destination_catalog import destination_schema
from pulumi_airbyte_wb.server_rules.diff import diff_catalogs
from pulumi_airbyte_wb.server_rules.json_schema import DUPLICATED, field_map, same_json
from pulumi_airbyte_wb.server_rules.resets import server_resets, server_update
from pulumi_airbyte_wb.server_rules.versions import CatalogRules, rules_for
from tests.server_rules.builders import Json, catalog, schema, stream

VERSIONS = ["0.40.32", "0.50.18", "0.50.37", "0.55.0", "0.59.0", "0.63.0", "1.0.0", "1.3.0", "1.4.0", "2.0.0"]
NAMES = ["", "id", "id_ext", "x", "x.y", "items", "properties"]

versions = st.sampled_from(VERSIONS)
numbers = st.sampled_from([0, 1, 1.0, -0.0, 0.0, True, False, 10, 10.0])
types = st.sampled_from(
    ["string", "integer", "number", "object", "array", "null", ["null", "string"], ["object", "array"]]
)
leaves = st.fixed_dictionaries(
    {}, optional={"type": types, "airbyte_type": st.just("integer"), "default": numbers, "enum": st.just(["a"])}
)


def _nodes(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(st.sampled_from(NAMES), children, max_size=4)
    combined = st.sampled_from(["oneOf", "anyOf", "allOf"]).flatmap(
        lambda keyword: st.fixed_dictionaries({keyword: st.lists(children, max_size=3)}, optional={"type": types})
    )
    return combined | st.fixed_dictionaries({}, optional={"type": types, "properties": properties, "items": children})


schemas = st.recursive(leaves, _nodes, max_leaves=12)


@st.composite
def catalogs(draw: st.DrawFn) -> Json:
    names = draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, "", "n"])), max_size=4, unique=True))
    paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2)
    return catalog(
        *(
            stream(
                name,
                draw(schemas),
                namespace=namespace,
                source_key=draw(st.none() | st.lists(paths, max_size=2)),
                sync_mode=draw(st.sampled_from(["full_refresh", "incremental"])),
                destination_sync_mode=draw(st.sampled_from(["append", "overwrite", "append_dedup"])),
                cursor=draw(st.just([]) | paths),
                key=draw(st.lists(paths, max_size=2)),
                selected=draw(st.booleans()),
            )
            for name, namespace in names
        )
    )


def comparable(value: Any) -> Any:
    return sorted(json.dumps(each, sort_keys=True) for each in value)


def by_stream(transforms: Any) -> dict[str, Any]:
    """Transforms as the sets that they are."""
    found = {}
    for each in transforms:
        update = {name: comparable(changes) for name, changes in each.get("updateStream", {}).items()}
        found[json.dumps(each["streamDescriptor"], sort_keys=True)] = (each["transformType"], update)
    return found


@given(catalogs(), versions)
def test_nothing_differs_from_itself(one: Json, version: str) -> None:
    same = copy.deepcopy(one)
    assert not diff_catalogs(one, same, server_version=version)
    assert not server_update(one, same, server_version=version).diff
    assert server_resets(one, same, server_version=version) == ()


@given(catalogs(), catalogs(), versions, st.randoms(use_true_random=False))
def test_the_order_of_streams_does_not_matter(old: Json, new: Json, version: str, chance: random.Random) -> None:
    shuffled = catalog(*chance.sample(new["streams"], len(new["streams"])))
    one = diff_catalogs(old, new, server_version=version)
    other = diff_catalogs(old, shuffled, server_version=version)
    assert by_stream(one.transforms) == by_stream(other.transforms)
    assert one.breaking == other.breaking
    assert set(server_resets(old, new, server_version=version)) == set(
        server_resets(old, shuffled, server_version=version)
    )


@given(catalogs(), catalogs(), versions)
def test_what_is_added_one_way_is_removed_the_other_way(old: Json, new: Json, version: str) -> None:
    turned = {"add_stream": "remove_stream", "remove_stream": "add_stream", "update_stream": "update_stream"}
    for ask in (diff_streams, update_streams):
        there, back = ask(old, new, version), ask(new, old, version)
        if ask is diff_streams:  # which stream is configured differs between the two ways
            there, back = ({each for each in way if each[0] != "update_stream"} for way in (there, back))
        assert {(turned[kind], name) for kind, name in there} == back


def diff_streams(old: Json, new: Json, version: str) -> set[tuple[str, str]]:
    return kinds(diff_catalogs(old, new, server_version=version).transforms)


def update_streams(old: Json, new: Json, version: str) -> set[tuple[str, str]]:
    return kinds(server_update(old, new, server_version=version).diff.transforms)


def kinds(transforms: Any) -> set[tuple[str, str]]:
    return {(each["transformType"], json.dumps(each["streamDescriptor"], sort_keys=True)) for each in transforms}


@given(catalogs(), catalogs(), versions)
def test_breaking_is_said_of_the_whole_when_a_part_is(old: Json, new: Json, version: str) -> None:
    found = diff_catalogs(old, new, server_version=version)
    assert found.breaking == ('"breaking": true' in json.dumps(found.as_dict()["transforms"]))


@given(catalogs(), catalogs(), versions)
def test_the_reset_is_what_differs_or_is_configured_differently(old: Json, new: Json, version: str) -> None:
    update = server_update(old, new, server_version=version)
    assert set(update.reset) == set(update.diff.streams) | set(update.config_changed)
    assert len(set(update.reset)) == len(update.reset)


def slow_field_map(root: Any, rules: CatalogRules) -> dict[tuple[str, ...], Any]:
    """The rules of semantics §6.3 and §6.4, read word by word."""
    visited: list[tuple[tuple[str, ...], Any]] = []

    def visit(node: Any, path: tuple[str, ...]) -> None:
        visited.append((path, node))
        declared = node.get("type", "string" if "enum" in node else "object")
        for each in declared if isinstance(declared, list) else [declared]:
            if each == "array" and "items" in node:
                visit(node["items"], (*path, "items"))
            if each == "object" and "properties" in node:
                for name, child in node["properties"].items():
                    visit(child, (*path, name))
            elif each == "object":
                for keyword in ("oneOf", "allOf", "anyOf"):
                    for alternative in node.get(keyword, []):
                        visit(alternative, path)

    visit(root, ())
    untyped: list[str] = []
    found: dict[tuple[str, ...], Any] = {}
    for path, node in visited[1:]:
        dotted = ".".join(path)
        typed = "type" in node if rules.typed_by_type_key_only else any("type" in key for key in node)
        if not typed:
            untyped.append(dotted)
        elif any(dotted.startswith(each) for each in untyped):
            continue
        found[path] = DUPLICATED if path in found else node
    return found


@given(schemas, st.sampled_from(["0.40.32", "2.0.0"]))
def test_fields_are_those_of_the_slow_reading(root: Any, version: str) -> None:
    rules = rules_for(version)
    fast, slow = field_map(root, rules), slow_field_map(root, rules)
    assert list(fast) == list(slow)
    assert same_json(list(fast.values()), list(slow.values()))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | numbers,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=2), children, max_size=3),
    max_leaves=8,
)


def typed(value: Any) -> Any:
    """A value in which everything says its type, so that Python's own equality is exact."""
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    return (type(value).__name__, repr(value))


@given(json_values, json_values)
def test_equality_is_exact(one: Any, other: Any) -> None:
    assert same_json(one, other) == (typed(one) == typed(other))
    assert same_json(one, copy.deepcopy(one))


@pytest.mark.parametrize("version", ["0.50.0", "0.63.0", "2.0.0"])
def test_equal_streams_are_compared_not_walked(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    walked: list[Any] = []

    def counted(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def count(one: Any, other: Any) -> Any:
            walked.append(one)
            return work(one, other)

        return count

    monkeypatch.setattr(diff, "field_map", counted(field_map))
    monkeypatch.setattr(resets, "destination_schema", counted(destination_schema))
    old = catalog(*(stream(f"s{n}", schema(**{f"f{i}": {"type": "string"} for i in range(5)})) for n in range(50)))
    new = copy.deepcopy(old)
    assert not diff_catalogs(old, new, server_version=version)
    assert server_resets(old, new, server_version=version) == ()
    assert walked == []
    new["streams"][7]["stream"]["jsonSchema"]["properties"]["f3"] = {"type": "integer"}
    assert [each.name for each in diff_catalogs(old, new, server_version=version).streams] == ["s7"]
    assert len(walked) == 2  # both sides of one stream
