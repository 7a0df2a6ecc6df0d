"""The pages that are made from the code say what the code says."""

from pulumi_airbyte_wb.plan import TABLE
from tools.docs import PAGE, page


def test_the_page_of_the_decision_table_is_made_from_the_table() -> None:
    assert PAGE.read_text() == page(), "run python -m tools.docs"


def test_every_code_has_a_heading() -> None:
    text = PAGE.read_text()
    assert all(f"\n## {row.code}\n" in text for row in TABLE)
