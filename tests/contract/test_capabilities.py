"""The capability table against the slices: what each version has, and nothing that the table does not say."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api.capabilities import ENDPOINTS, FIELDS, WORDS, Capabilities, restricted
from tests.contract.slices import NOT_CUT, VERSIONS, need_slices, operations
from tests.emulator.openapi import specification

SCHEMAS = {
    "connection": ("WebBackendConnectionCreate", "WebBackendConnectionUpdate"),
    "create": ("WebBackendConnectionCreate",),
    "list": ("WebBackendConnectionListRequestBody",),
    "operator": ("OperatorConfiguration",),
    "refresh": ("ConnectionStreamRefreshRequestBody",),
    "stream": ("AirbyteStreamConfiguration",),
}
ONLY_BY_UPDATE = {"connection.notifySchemaChangesByEmail"}
NO_FIELDS = {"operator.largeNumbers"}


def properties(version: str, schema: str) -> set[str]:
    spec = specification(version)
    assert spec is not None
    return set(spec["components"]["schemas"].get(schema, {}).get("properties", ()))


@pytest.mark.parametrize("version", VERSIONS)
def test_fields_are_in_the_versions_that_the_table_names(version: str) -> None:
    need_slices()
    capabilities = Capabilities.of(version)
    for name in FIELDS.keys() - NO_FIELDS:
        owner, field = name.split(".")
        schemas = SCHEMAS[owner][1:] if name in ONLY_BY_UPDATE else SCHEMAS[owner]
        there = {field in properties(version, schema) for schema in schemas}
        assert there == {capabilities.has(name)}, (name, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_fields_that_come_and_go_are_all_in_the_table(version: str) -> None:
    """A field that is in one slice and not in another is in the table, or the client has no name for it."""
    need_slices()
    never_sent = {"operationIds", "schedule", "dataplaneGroupId", "suggested"}
    for owner, schemas in SCHEMAS.items():
        for schema in schemas:
            everywhere = set.intersection(*(properties(each, schema) for each in VERSIONS))
            new = properties(version, schema) - everywhere - never_sent
            known = {
                field for field in new for where in (owner, "connection", "create") if f"{where}.{field}" in FIELDS
            }
            gone = {"streams", "connectionId"} if owner == "refresh" else set()
            assert new - known - gone == set(), (schema, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_endpoints_are_in_the_versions_that_the_table_names(version: str) -> None:
    need_slices()
    capabilities = Capabilities.of(version)
    for path in ENDPOINTS.keys() - NOT_CUT:
        assert (path in operations(version)) == capabilities.has(f"endpoint {path}"), (path, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_words_are_in_the_versions_that_the_table_names(version: str) -> None:
    need_slices()
    spec = specification(version)
    assert spec is not None
    schemas: dict[str, Any] = spec["components"]["schemas"]
    names = {
        "destinationSyncMode": "DestinationSyncMode",
        "jobConfigType": "JobConfigType",
        "mapper": "StreamMapperType",
        "nonBreakingChangesPreference": "NonBreakingChangesPreference",
    }
    for name in WORDS:
        kind, word = name.split(".")
        there = word in schemas.get(names[kind], {}).get("enum", ())
        assert there == Capabilities.of(version).has(name), (name, version)


def test_what_is_restricted_in_a_request_is_found() -> None:
    body = {
        "geography": "eu",
        "name": "n",
        "nonBreakingChangesPreference": "propagate_fully",
        "operations": [{"operatorConfiguration": {"operatorType": "dbt", "dbt": {}}}],
        "syncCatalog": {
            "streams": [
                {
                    "stream": {"name": "s"},
                    "config": {"destinationSyncMode": "update", "mappers": [{"type": "encryption"}], "selected": True},
                }
            ]
        },
    }
    assert {name for name, _ in restricted(body, "update")} == {
        "connection.geography", "nonBreakingChangesPreference.propagate_fully", "operator.dbt", "stream.mappers",
        "destinationSyncMode.update", "mapper.encryption",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown", "exact"),
    [
        ("1.8.0", "1.8.0", True),
        ("v1.8.0-rc1", "1.8.0", True),
        ("dev", "of an unknown version", False),
        ("", "of an unknown version", False),
    ],
)
def test_versions_as_servers_write_them(text: str, shown: str, exact: bool) -> None:
    capabilities = Capabilities.of(text)
    assert (str(capabilities), capabilities.exact) == (shown, exact)
    assert exact or (capabilities.has("connection.geography") and capabilities.has("connection.tags"))
