"""How the server walks a JSON schema, and the field map that its diff compares (semantics §6.3, §6.4)."""

import json
from collections.abc import Iterator
from typing import Any

from pulumi_airbyte_wb.emulator.core.versions import Rules

Path = tuple[str, ...]

DUPLICATED = "Duplicated Schema"
ARRAY_ITEM = "items"


class SchemaNotAnObjectError(Exception):
    """A schema node that is no JSON object, on versions that refuse it (§6.3 rule 1)."""


def same_json(left: Any, right: Any) -> bool:
    """Jackson's equality: key order never matters, 1 is not 1.0 and not true (§6.5)."""
    return left is right or canonical(left) == canonical(right)


def canonical(node: Any) -> str:
    """One text per JSON value, as Jackson tells values apart."""
    return json.dumps(node, sort_keys=True, separators=(",", ":"))


def types_of(node: dict[str, Any]) -> list[str]:
    """The types of a node, in order (§6.3 rule 3)."""
    if "type" in node:
        kind = node["type"]
        return [kind] if isinstance(kind, str) else list(kind) if isinstance(kind, list) else []
    return ["string"] if "enum" in node else ["object"]


def walk(node: Any, rules: Rules, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Visit a schema's nodes, depth first (§6.3)."""
    if not isinstance(node, dict):
        if not rules.has("diff.lenientTraversal"):
            raise SchemaNotAnObjectError
        return
    yield path, node
    for kind in types_of(node):
        if kind == "array" and "items" in node:
            yield from walk(node["items"], rules, (*path, ARRAY_ITEM))
        elif kind == "object":
            if "properties" in node:
                properties = node["properties"]
                for name, child in properties.items() if isinstance(properties, dict) else ():
                    yield from walk(child, rules, (*path, name))
            else:
                alternatives = next((node[key] for key in ("oneOf", "allOf", "anyOf") if key in node), ())
                for alternative in alternatives:
                    yield from walk(alternative, rules, path)


def field_map(schema: Any, rules: Rules) -> dict[Path, Any]:
    """Path → node, with the server's filter of combined nodes and its mark for repeated paths (§6.4)."""
    fields: dict[Path, Any] = {}
    combined: list[str] = []
    visits = walk(schema, rules)
    next(visits, None)
    for path, node in visits:
        dotted = ".".join(path)
        if not any("type" in key for key in node):
            combined.append(dotted)
        elif any(dotted.startswith(prefix) for prefix in combined):
            continue
        fields[path] = DUPLICATED if path in fields else node
    return fields
