"""What `airbyte-wb` prints of itself: its version, its pages, its examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import pulumi_airbyte_wb
from pulumi_airbyte_wb.cli import app

DOCS = Path(__file__).parents[2] / "docs"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_version() -> None:
    assert run("--version") == (0, f"airbyte-wb {pulumi_airbyte_wb.__version__}\n")


@pytest.mark.parametrize("page", ["resets", "emulator", "skip-reset"])
def test_a_page_is_printed_with_commands_in_the_place_of_links_to_files(page: str) -> None:
    code, shown = run("docs", page)
    assert code == 0
    assert shown.splitlines()[0] == (DOCS / f"{page}.md").read_text().splitlines()[0]
    assert ".md)" not in shown


def test_the_pages_are_listed() -> None:
    code, shown = run("docs")
    assert code == 0
    assert {"resets", "emulator", "skip-reset"} <= set(shown.split())


def test_a_page_that_does_not_exist_is_told_with_the_nearest_one() -> None:
    code, shown = run("docs", "reset")
    assert code == 2
    assert "resets" in shown
    assert "Traceback" not in shown


def test_an_example_is_copied(tmp_path: Path) -> None:
    code, shown = run("examples", "quickstart", str(tmp_path / "mine"))
    assert code == 0, shown
    assert (tmp_path / "mine" / "__main__.py").exists()
