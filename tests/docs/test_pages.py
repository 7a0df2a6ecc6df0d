"""The pages that are made from the code say what the code says."""

import re

from pulumi_airbyte_wb.plan import MEANING, TABLE, Action
from pulumi_airbyte_wb.spec.codes import Code
from tests.contract import slices as contract
from tests.emulator import replay
from tools.docs import PAGE, page
from tools.docs.messages import MESSAGES, messages
from tools.docs.servers import RUN_WHOLE, SERVERS, SPECIFIED, servers

DECISIONS = PAGE.parent / "decisions"


def test_the_page_of_the_decision_table_is_made_from_the_table() -> None:
    assert PAGE.read_text() == page(), "run python -m tools.docs"


def test_the_page_of_messages_is_made_from_the_code() -> None:
    assert MESSAGES.read_text() == messages(), "run python -m tools.docs"


def test_the_page_of_servers_is_made_from_the_data_of_the_tests() -> None:
    assert SERVERS.read_text() == servers(), "run python -m tools.docs"
    assert (RUN_WHOLE, SPECIFIED) == (replay.VERSIONS, contract.VERSIONS)


def test_every_code_has_one_heading() -> None:
    text = PAGE.read_text()
    assert sorted(re.findall(r"^##+ (AWB\d{3})$", text, re.MULTILINE)) == sorted(code.value for code in Code)
    assert all(f"\n## {row.code}\n" in text for row in TABLE)


def test_every_action_is_explained() -> None:
    assert all(f"\n| `{action.word}` | {MEANING[action]} |\n" in PAGE.read_text() for action in Action)


def test_the_index_of_decisions_has_each_with_its_title_and_its_status() -> None:
    index = (DECISIONS / "README.md").read_text()
    rows = re.findall(r"^\| (\d+) \| \[(.+?)\]\((.+?)\) \| (.+) \| (.+) \|$", index, re.MULTILINE)
    pages = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
    assert [name for _, _, name, _, _ in rows] == [path.name for path in pages]
    for (number, title, _, _, status), path in zip(rows, pages, strict=True):
        first, _, said = path.read_text().split("\n")[:3]
        assert (first, path.name[:4]) == (f"# {number}. {title}", f"{int(number):04}")
        assert said.startswith("**Status.** Accepted")
        assert ("superseded by" in " ".join(path.read_text().split("\n")[2:5])) == status.startswith("superseded")


def test_every_link_of_a_decision_leads_to_a_page() -> None:
    for path in DECISIONS.glob("*.md"):
        targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
        assert [target for target in targets if not (path.parent / target).exists()] == []
