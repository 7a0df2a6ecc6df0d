"""The pages that are made from the code say what the code says."""

import re

from pulumi_airbyte_wb.plan import MEANING, TABLE, Action
from pulumi_airbyte_wb.spec.codes import Code
from tools.docs import PAGE, page


def test_the_page_of_the_decision_table_is_made_from_the_table() -> None:
    assert PAGE.read_text() == page(), "run python -m tools.docs"


def test_every_code_has_one_heading() -> None:
    text = PAGE.read_text()
    assert sorted(re.findall(r"^##+ (AWB\d{3})$", text, re.MULTILINE)) == sorted(code.value for code in Code)
    assert all(f"\n## {row.code}\n" in text for row in TABLE)


def test_every_action_is_explained() -> None:
    assert all(f"\n| `{action.word}` | {MEANING[action]} |\n" in PAGE.read_text() for action in Action)
