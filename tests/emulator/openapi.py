"""Checking answers against the OpenAPI slices of the real server, where they are at hand."""

import functools
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT4

_ROOT = "urn:airbyte"
_HERE = Path(__file__).resolve()
ABSENT = "the OpenAPI slices are not at hand (AIRBYTE_WB_SHARED or ../shared): answers were not validated"

# answers that the real server gives although its specification has no place for them, and why
UNDOCUMENTED = {
    "workspaces/list_paginated",  # the slices were cut without it
    "connections/list_paginated",
}


def slices() -> Path | None:
    """The folder with the slices, if there is one."""
    for folder in (os.environ.get("AIRBYTE_WB_SHARED"), _HERE.parents[3] / "shared"):
        if folder is not None and (Path(folder) / "openapi").is_dir():
            return Path(folder) / "openapi"
    return None


def need_slices() -> None:
    """Skip a test that is about nothing but the slices."""
    if slices() is None:
        pytest.skip(ABSENT)


@functools.cache
def specification(version: str) -> dict[str, Any] | None:
    """The slice of a version, with every object closed: an answer may hold nothing that the version does not know."""
    folder = slices()
    if folder is None or not (folder / f"airbyte-{version}.yaml").is_file():
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    spec = yaml.load((folder / f"airbyte-{version}.yaml").read_text(), Loader=loader)
    for schema in spec["components"]["schemas"].values():
        _close(schema)
    # the specifications of old versions require a property of AirbyteStream that they misspell
    required = spec["components"]["schemas"]["AirbyteStream"].get("required", [])
    spec["components"]["schemas"]["AirbyteStream"]["required"] = [name for name in required if name != "json_schema"]
    # the real server answers both forms of logs at once, where its specification has the one or the other
    logs = spec["components"]["schemas"].get("SynchronousJobRead", {}).get("properties", {})
    schemas = spec["components"]["schemas"]
    if "RowFilteringOperationEqual" in schemas:  # likewise every row condition comes back with ``conditions``
        schemas["RowFilteringOperationEqual"]["properties"]["conditions"] = {"type": "array", "items": {}}
    if "logType" in logs:
        logs["logs"] = {"type": "object", "required": ["events", "logLines"]}
    return spec  # type: ignore[no-any-return]


def _close(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _close(item)
    elif isinstance(schema, dict):
        if "properties" in schema and isinstance(schema["properties"], dict) and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
        for value in schema.values():
            _close(value)


def problems(version: str, path: str, method: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer; nothing when there is no slice to ask."""
    spec = specification(version)
    if spec is None:
        return []
    operation = spec["paths"].get(f"/v1/{path}", {}).get(method.lower())
    if operation is None:
        return [] if path in UNDOCUMENTED else [f"{path} is not in the slice of {version}"]
    response = operation["responses"].get(str(status))
    if response is None:
        return [f"{path} has no answer {status} in the slice of {version}"]
    if "$ref" in response:
        response = spec["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return [] if body is None else [f"{path} answers a body with {status}"]
    return validation_errors(version, schema, body)


def validation_errors(version: str, schema: dict[str, Any], body: Any) -> list[str]:
    """The errors of a body against a schema of a slice."""
    return [
        f"{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"
        for error in _validator(version).evolve(schema=_absolute(schema)).iter_errors(body)
    ]


@functools.cache
def _validator(version: str) -> Any:
    resource = DRAFT4.create_resource(_absolute(specification(version)))
    registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
    return jsonschema.Draft4Validator({}, registry=registry, format_checker=jsonschema.FormatChecker())


def _absolute(node: Any) -> Any:
    """The schema with its references pointing into the registered slice."""
    if isinstance(node, list):
        return [_absolute(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _ROOT + value if name == "$ref" and isinstance(value, str) else _absolute(value)
        for name, value in node.items()
    }
