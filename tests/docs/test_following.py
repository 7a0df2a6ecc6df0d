"""README and docs are followed word for word: what they tell to type works, and shows what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine import cli_folder
from tools.docs.blocks import Block, BlockError, blocks, changed, commands
from tools.docs.following import PAGES, Followed, comparable, follow

SHOWN = """\
 +   ├─ pulumi-python:dynamic/airbyte:Connection  shop  created (0
 ~   └─ pulumi-python:dynamic/airbyte:Connection  crm   updated (12s)
    public.users: cleared [AWB220]
Duration: 9s"""
OTHER_ORDER = """\
 ~   ├─ pulumi-python:dynamic/airbyte:Connection  crm  updated (1
 +   └─ pulumi-python:dynamic/airbyte:Connection  shop   created
    public.users: cleared [AWB220]
Duration: 1s"""


@pytest.mark.engine
@pytest.mark.timeout(1200)  # a minute alone, much more beside other tests
def test_the_pages_can_be_followed_word_for_word() -> None:
    assert cli_folder()
    wrong = [step.wrong for step in follow() if step.wrong]
    assert not wrong, "\n".join([*wrong, "where the page is out of date: python -m tools.docs --captures"])


def test_every_block_is_run_or_says_why_not() -> None:
    found = [block for page in PAGES for block in blocks(page)]
    assert {block.language for block in found if not block.not_run} == {"console", "diff", "python", "yaml"}
    assert [block.place for block in found if block.not_run and block.page != PAGES[0]] == []


def test_another_meaning_differs() -> None:
    assert comparable(SHOWN) == comparable(OTHER_ORDER)
    assert comparable(SHOWN) != comparable(SHOWN.replace("AWB220", "AWB221"))
    assert comparable(SHOWN) != comparable(SHOWN.replace("cleared", "nothing to do"))


def test_a_failed_or_other_output_is_told(tmp_path: Path) -> None:
    block = Block(tmp_path / "page.md", 4, "console", ("$ true", "one"), "")
    (command,) = commands(block)
    assert not Followed(block, command, 0, "one").wrong
    assert Followed(block, command, 0, "two").wrong.startswith("page.md:5: $ true")
    assert "exit code 1" in Followed(block, command, 1, "one").wrong


def test_a_change_needs_its_lines_once(tmp_path: Path) -> None:
    block = Block(tmp_path / "page.md", 4, "diff", ("-one", "+two"), "In `a.py`:")
    assert changed("one\nthree\n", block) == "two\nthree\n"
    with pytest.raises(BlockError, match=r"page.md:5: a.py does not have the lines"):
        changed("three\n", block)


def test_a_page_is_split_into_its_blocks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\nIn `a.py`:\n\n```python\n1\n```\n\n<!-- not run: CI\nonly -->\n\n```yaml\na: 1\n```\n")
    first, second = blocks(page)
    assert (first.language, first.file, first.lines, first.not_run) == ("python", "a.py", ("1",), "")
    assert (second.language, second.not_run) == ("yaml", "CI only")
