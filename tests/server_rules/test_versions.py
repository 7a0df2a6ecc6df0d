from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.server_rules.versions import CatalogRules, ServerVersion, SourceKeyRule, rules_for

NOT_REPORTED = SourceKeyRule.NOT_REPORTED
SAME_ORDER = SourceKeyRule.BREAKING_UNLESS_SAME_ORDER
SAME_SET = SourceKeyRule.BREAKING_UNLESS_SAME_SET
APPEND_DEDUP = frozenset({"append_dedup"})
BOTH_DEDUPS = frozenset({"append_dedup", "overwrite_dedup"})

BOUNDARIES = [
    ("typed_by_type_key_only", "0.40.32", True, "0.41.0", False),
    ("refuses_non_object_nodes", "0.50.17", True, "0.50.18", False),
    ("update_refuses_duplicates", "0.50.30", False, "0.50.31", True),
    ("reports_every_difference", "0.50.36", True, "0.50.37", False),
    ("absent_lists_are_null", "0.50.36", True, "0.50.37", False),
    ("nearest_properties_first", "0.51.0", False, "0.52.0", True),
    ("source_key", "0.58.1", NOT_REPORTED, "0.59.0", SAME_ORDER),
    ("resets_all_without_stream_state", "0.59.1", True, "0.60.0", False),
    ("source_key", "0.60.1", SAME_ORDER, "0.61.0", SAME_SET),
    ("dedup_modes", "0.63.13", APPEND_DEDUP, "0.63.14", BOTH_DEDUPS),
    ("refuses_unknown_selection", "0.63.15", True, "0.63.16", False),
    ("compares_hashed_fields", "0.64.4", False, "0.64.5", True),
    ("reads_mappers", "1.1.0", False, "1.2.0", True),
    ("compares_hashed_fields", "1.3.0", True, "1.4.0", False),
    ("compares_destination_catalogs", "1.3.0", False, "1.4.0", True),
    ("diff_refuses_duplicates", "1.7.0", True, "1.8.0", False),
]


@pytest.mark.parametrize(("rule", "last", "before", "first", "after"), BOUNDARIES)
def test_every_rule_changes_at_its_release(rule: str, last: str, before: Any, first: str, after: Any) -> None:
    assert getattr(rules_for(last), rule) == before
    assert getattr(rules_for(first), rule) == after


def test_every_rule_has_a_boundary_here() -> None:
    assert {rule for rule, *_ in BOUNDARIES} == set(CatalogRules.__dataclass_fields__)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("0.50.0", (0, 50, 0)),
        ("v1.8.0", (1, 8, 0)),
        ("2.0", (2, 0, 0)),
        (" 1.8.0-rc.1 ", (1, 8, 0)),
        ("0.64.0+build", (0, 64, 0)),
    ],
)
def test_versions_are_read(text: str, version: tuple[int, int, int]) -> None:
    assert ServerVersion.parse(text) == ServerVersion(*version)


@pytest.mark.parametrize("text", ["", "dev", "1", "1.x", "1.2.3.4", "one.two"])
def test_what_is_no_version_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no server version"):
        rules_for(text)


def test_versions_compare_by_number() -> None:
    assert ServerVersion.parse("0.50.4") < ServerVersion.parse("0.50.37") < ServerVersion.parse("1.0.0")
    assert str(ServerVersion.parse("v0.50")) == "0.50.0"
