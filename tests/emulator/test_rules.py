"""Every section of the semantics document has rules, every rule has a test that exists."""

import ast
import os
import re
from pathlib import Path

import pytest
import yaml

from pulumi_airbyte_wb import emulator
from pulumi_airbyte_wb.emulator.core.versions import ENDPOINTS, SPANS, Rules, parse_version

_HERE = Path(__file__).resolve().parent
RULES = yaml.safe_load((_HERE / "rules.yaml").read_text(encoding="utf-8"))

# the sections that must have rules: §2 to §5, §7 to §11 of the semantics document
SECTIONS = {
    *("2.1", "2.2"),
    *("3.1", "3.2", "3.3", "3.4", "3.5"),
    *("4.1", "4.2", "4.3", "4.4"),
    *("5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7"),
    *("7.1", "7.2", "7.3", "7.4", "7.5"),
    *("8.1", "8.2", "8.3", "8.4"),
    *("9.1", "9.2", "9.3", "9.4", "9.5", "9.6"),
    "10",
    *("11.1", "11.2", "11.3", "11.4"),
}


def _document() -> Path | None:
    for folder in (os.environ.get("AIRBYTE_WB_SHARED"), _HERE.parents[2] / "shared"):
        if folder is not None and (Path(folder) / "design" / "airbyte-semantics.md").is_file():
            return Path(folder) / "design" / "airbyte-semantics.md"
    return None


def test_ids_are_unique() -> None:
    ids = [rule["id"] for rule in RULES]
    assert len(ids) == len(set(ids))


def test_every_section_has_a_rule() -> None:
    assert SECTIONS - {rule["section"] for rule in RULES} == set()


def test_the_list_of_sections_is_the_documents() -> None:
    document = _document()
    if document is None:
        pytest.skip("the semantics document is not at hand (AIRBYTE_WB_SHARED or ../shared)")
    headings = re.findall(r"^##+ (\d+(?:\.\d+)?) ", document.read_text(encoding="utf-8"), re.MULTILINE)
    wanted = {h for h in headings if h.split(".")[0] in {"2", "3", "4", "5", "7", "8", "9", "10", "11"}}
    parents = {heading.split(".")[0] for heading in wanted if "." in heading}
    assert wanted - parents == SECTIONS


@pytest.mark.parametrize("rule", RULES, ids=[rule["id"] for rule in RULES])
def test_the_rules_test_exists(rule: dict[str, str]) -> None:
    assert set(rule) == {"id", "section", "versions", "rule", "test"}
    file, _, name = rule["test"].partition("::")
    tree = ast.parse((_HERE / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_spans_are_ordered_versions() -> None:
    for first, last in [*SPANS.values(), *ENDPOINTS.values()]:
        assert last is None or parse_version(first) <= parse_version(last)


def test_every_span_is_used() -> None:
    package = Path(emulator.__file__).parent
    code = "".join(file.read_text(encoding="utf-8") for file in package.rglob("*.py") if file.name != "versions.py")
    assert [rule for rule in SPANS if f'"{rule}"' not in code] == []


@pytest.mark.parametrize(
    ("version", "rule", "holds"),
    [
        ("0.50.36", "diff.onlyConfigured", False),
        ("0.50.37", "diff.onlyConfigured", True),
        ("0.59.1", "reset.legacyWidening", True),
        ("0.60.0", "reset.legacyWidening", False),
        ("1.3.1", "reset.destinationCatalogs", False),
        ("1.4.0", "reset.destinationCatalogs", True),
        ("1.7.0", "cursorPaging", False),
        ("1.8.0", "cursorPaging", True),
    ],
)
def test_versions_between_the_tested_ones(version: str, rule: str, holds: bool) -> None:
    assert Rules(version).has(rule) is holds


def test_a_version_is_three_numbers() -> None:
    with pytest.raises(ValueError, match="write three numbers"):
        parse_version("1.8")
