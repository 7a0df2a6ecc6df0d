"""The OpenAPI slices as something to hold requests against, to make up values from, and to build a client of."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import SearchStrategy

from tests.emulator.openapi import ABSENT, need_slices, problems, slices, specification, validation_errors

__all__ = [
    "ABSENT", "VERSIONS", "answer_schema", "instances", "need_slices", "operations", "problems", "request_problems",
    "slices",
]  # fmt: skip

VERSIONS = ("0.44.0", "0.50.0", "0.63.0", "1.0.0", "1.8.0", "2.0.0")
NOT_CUT = frozenset({"workspaces/list_by_organization_id"})
"""Endpoints of the real server that the slices were cut without: nothing is held against them."""

ALWAYS_THERE = {"AirbyteStreamAndConfiguration": ["stream", "config"], "JobWithAttemptsRead": ["job", "attempts"]}
"""What the specification calls optional although no server leaves it out, and no client could do without."""

Schema = Mapping[str, Any]
Doc = dict[str, Any]


def operations(version: str) -> dict[str, Doc]:
    """The operations of a version by their paths under ``/v1/``; empty where there are no slices."""
    spec = specification(version) or {"paths": {}}
    return {
        path.removeprefix("/v1/"): {**definition, "method": method.upper()}
        for path, methods in spec["paths"].items()
        for method, definition in methods.items()
    }


def _content(part: Schema | None) -> Schema | None:
    return (part or {}).get("content", {}).get("application/json", {}).get("schema")  # type: ignore[no-any-return]


def request_schema(version: str, path: str) -> Schema | None:
    """The schema of a request's body."""
    return _content(operations(version)[path].get("requestBody"))


def answer_schema(version: str, path: str) -> Schema | None:
    """The schema of a successful answer."""
    return _content(operations(version)[path]["responses"].get("200"))


def request_problems(version: str, path: str, method: str, body: Any) -> list[str]:
    """What is wrong with a request: its path, its method, a property that is missing, unknown or of another type."""
    if specification(version) is None or path in NOT_CUT:
        return []
    operation = operations(version).get(path)
    if operation is None:
        return [f"{path} is not in the slice of {version}"]
    if operation["method"] != method:
        return [f"{path} is a {operation['method']} in the slice of {version}"]
    schema = request_schema(version, path)
    if schema is None:
        return [] if not body else [f"{path} takes no body in the slice of {version}"]
    return validation_errors(version, dict(schema), body)


# making up values -----------------------------------------------------------------------------------------------------

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | _TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)
_DEEPEST = 6


def instances(
    version: str, schema: Schema, *, uuids: SearchStrategy[str] | None = None, depth: int = 0
) -> SearchStrategy[Any]:
    """Values that a schema of a slice allows."""
    ids = uuids if uuids is not None else st.uuids().map(str)
    if "$ref" in schema:
        return _named(version, schema["$ref"].rsplit("/", 1)[1], ids, depth)
    if "oneOf" in schema:
        return st.one_of([instances(version, each, uuids=ids, depth=depth) for each in schema["oneOf"]])
    if "allOf" in schema:
        merged: Doc = {}
        for each in schema["allOf"]:
            merged |= each
        return instances(version, merged, uuids=ids, depth=depth)
    if "enum" in schema:
        return st.sampled_from([word for word in schema["enum"] if word is not None])
    makers: dict[str, Callable[[], SearchStrategy[Any]]] = {
        "string": lambda: ids if schema.get("format") == "uuid" else _text(schema),
        "integer": lambda: st.integers(0, 2**31 - 1),
        "number": lambda: st.integers(0, 1000),
        "boolean": st.booleans,
        "array": lambda: st.lists(
            instances(version, schema.get("items", {}), uuids=ids, depth=depth + 1),
            max_size=2 if depth < _DEEPEST else 0,
        ),
    }
    kind = schema.get("type")
    if kind in makers:
        return makers[kind]()
    if kind == "object" or "properties" in schema:
        return _objects(version, schema, ids, depth)
    return _JSON.filter(lambda value: value is not None)


def _text(schema: Schema) -> SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return st.just("2026-01-01T00:00:00Z")
    if schema.get("format") == "date":
        return st.just("2026-01-01")
    if schema.get("format") == "email":
        return st.just("ada@shop.example")
    return _TEXT


def _objects(version: str, schema: Schema, ids: SearchStrategy[str], depth: int) -> SearchStrategy[Any]:
    properties = schema.get("properties", {})
    if not properties:
        return st.dictionaries(_TEXT, _JSON.filter(lambda value: value is not None), max_size=2)
    required = [name for name in schema.get("required", ()) if name in properties]
    made = {name: instances(version, each, uuids=ids, depth=depth + 1) for name, each in properties.items()}
    optional = {} if depth >= _DEEPEST else {name: each for name, each in made.items() if name not in required}
    return st.fixed_dictionaries({name: made[name] for name in required}, optional=optional)


@functools.lru_cache(maxsize=4000)
def _named(version: str, name: str, ids: SearchStrategy[str], depth: int) -> SearchStrategy[Any]:
    spec = specification(version)
    if spec is None:
        raise LookupError(ABSENT)
    schema = spec["components"]["schemas"][name]
    if name in ALWAYS_THERE:
        schema = {**schema, "required": ALWAYS_THERE[name]}
    return st.deferred(lambda: instances(version, schema, uuids=ids, depth=depth))
