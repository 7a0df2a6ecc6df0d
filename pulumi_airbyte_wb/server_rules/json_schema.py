"""JSON schemas as the server reads them: equality, traversal, fields.

Semantics §6.3 to §6.5. What looks odd here is the server's own oddity, kept because its answers depend on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.server_rules.versions import CatalogRules

Path = tuple[str, ...]
Location = tuple[str | int, ...]
"""Keys of objects and indexes of lists, from the root down."""

DUPLICATED = "Duplicated Schema"
"""What the server puts in place of the schema of a field that it meets twice (§6.4)."""

_ITEMS = "items"
_COMBINATORS = ("oneOf", "allOf", "anyOf")


def same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal as the server's tree nodes are.

    The order of keys does not matter, the order of lists does, ``1``, ``1.0`` and ``true`` are three things, and so are
    ``0.0`` and ``-0.0``. Python takes those for equal, hence the second look at what it calls equal.
    """
    return one is other or bool(one == other and _canonical(one) == _canonical(other))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def word(node: Any) -> str:
    """A node as text, as far as schema keywords go: its string, ``null`` for null, and nothing for anything else."""
    if isinstance(node, str):
        return node
    return "null" if node is None else ""


def field_map(schema: Any, rules: CatalogRules) -> dict[Path, Any]:
    """Every field of a schema by its path; elements of arrays have the path element ``items`` (§6.4).

    Raises:
        CatalogError: ``schema-not-an-object``, in the versions that refuse such a node.
    """
    fields: dict[Path, Any] = {}
    for path, node in _without_alternatives(_nodes_below_root(schema, rules), rules):
        fields[path] = DUPLICATED if path in fields else node
    return fields


def _nodes_below_root(schema: Any, rules: CatalogRules) -> Iterator[tuple[Path, dict[str, Any]]]:
    nodes = _nodes(schema, rules)
    next(nodes, None)
    return nodes


def _nodes(schema: Any, rules: CatalogRules) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every object node with its path: parents first, depth first, in the order of the properties (§6.3)."""
    waiting: list[tuple[Path, Any]] = [((), schema)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, dict):
            yield path, node
            waiting.extend(reversed(_children(path, node)))
        elif rules.refuses_non_object_nodes:
            where = ".".join(path) or "the root"
            msg = f"the JSON schema has {json.dumps(node)} at {where}, where this server takes an object only"
            raise CatalogError(msg, code="schema-not-an-object")


def _children(path: Path, node: dict[str, Any]) -> list[tuple[Path, Any]]:
    children: list[tuple[Path, Any]] = []
    for name in _types(node):
        if name == "array" and _ITEMS in node:
            children.append(((*path, _ITEMS), node[_ITEMS]))
        elif name == "object":
            children.extend(_object_children(path, node))
    return children


def _types(node: dict[str, Any]) -> list[str]:
    if "type" in node:
        declared = node["type"]
        return [word(each) for each in declared] if isinstance(declared, list) else [word(declared)]
    return ["string"] if "enum" in node else ["object"]


def _object_children(path: Path, node: dict[str, Any]) -> list[tuple[Path, Any]]:
    """The properties, else the alternatives of a combinator, which keep the path of their parent."""
    if "properties" in node:
        properties = node["properties"]
        return [((*path, name), child) for name, child in properties.items()] if isinstance(properties, dict) else []
    for keyword in _COMBINATORS:
        if keyword in node:
            return [(path, alternative) for alternative in _elements(node[keyword])]
    return []


def _elements(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _without_alternatives(
    nodes: Iterator[tuple[Path, dict[str, Any]]], rules: CatalogRules
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Drop what stands below a node without a type (§6.4, the "oneOf" filter).

    The server compares dotted text, not paths: after an untyped ``id`` it sees neither ``id.x`` nor ``id_ext``. An
    untyped node always stays.
    """
    hidden: tuple[str, ...] = ()
    for path, node in nodes:
        dotted = ".".join(path)
        covered = dotted.startswith(hidden)
        if not _typed(node, rules):
            hidden = hidden if covered else (*hidden, dotted)
            yield path, node
        elif not covered:
            yield path, node


def _typed(node: dict[str, Any], rules: CatalogRules) -> bool:
    if rules.typed_by_type_key_only:
        return "type" in node
    return any("type" in key for key in node)


def find_properties(schema: Any, rules: CatalogRules) -> Location | None:
    """Where the ``properties`` stand that field selection narrows.

    Not always those of the root: the server takes the first ``properties`` that it meets (§3.3).
    """
    return _find_properties(schema, (), rules)


def _find_properties(node: Any, location: Location, rules: CatalogRules) -> Location | None:
    if rules.nearest_properties_first and isinstance(node, dict) and "properties" in node:
        return (*location, "properties")
    for key, child in _entries(node):
        here = (*location, key)
        found = here if key == "properties" else _find_properties(child, here, rules)
        if found is not None:
            return found
    return None


def _entries(node: Any) -> list[tuple[str | int, Any]]:
    if isinstance(node, dict):
        return list(node.items())
    return list(enumerate(node)) if isinstance(node, list) else []


def value_at(schema: Any, location: Location) -> Any:
    """The value at a place of a schema."""
    for key in location:
        schema = schema[key]
    return schema


def with_value_at(schema: Any, location: Location, value: Any) -> Any:
    """A copy of a schema with one value replaced; the original stays as it is."""
    if not location:
        return value
    key, below = location[0], location[1:]
    copy = schema.copy()
    copy[key] = with_value_at(schema[key], below, value)
    return copy
