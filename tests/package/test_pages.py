"""Pages and examples, as people get them who have installed the wheel."""

from __future__ import annotations

import ast
import os
import pty
import re
import sys
from pathlib import Path

import pytest

from pulumi_airbyte_wb._version import __version__
from pulumi_airbyte_wb.pages import example_names, find_page, page_titles
from tests.package.conftest import ROOT, Installed

COMMAND = str(Path(sys.executable).with_name("airbyte-wb"))
SOURCES = sorted((ROOT / "pulumi_airbyte_wb").rglob("*.py"))
# Files that people have in the repository alone.
FILE = re.compile(r"\b(docs|examples|tests|tools)/[\w-]|\b(README|CONTRIBUTING|CHANGELOG)\b|\w\.md\b")


def _messages(source: Path) -> list[str]:
    """The texts of a module that are no docstrings."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in bare)
    return [node.value for node in texts if isinstance(node.value, str)]


def test_no_message_names_a_file_of_the_repository() -> None:
    own = ROOT / "pulumi_airbyte_wb" / "pages"
    sources = [source for source in SOURCES if not source.is_relative_to(own)]
    assert [text for source in sources for text in _messages(source) if FILE.search(text)] == []


def test_every_page_and_example_that_is_named_exists() -> None:
    sources = [path.read_text(encoding="utf-8") for path in SOURCES]
    text = "\n".join([*sources, *(find_page(name).text for name in page_titles())])
    named = set(re.findall(r"airbyte-wb docs\s+([a-z][\w/-]*|AWB\d+)\b(?!\.)", text))
    assert {"skip-reset", "resets", "emulator", "AWB220"} <= named
    for name in named:
        assert find_page(name).text
    assert {"policy-pack"} <= set(re.findall(r"airbyte-wb examples\s+([a-z][\w-]*)", text)) <= set(example_names())


def test_the_installed_package_prints_what_the_repository_says(installed: Installed) -> None:
    listed = installed.run("docs")
    assert listed.stdout.splitlines()[0].split() == ["readme", "pulumi_airbyte_wb"]
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(page_titles())
    for name in ("readme", "resets", "first-session", "decisions", "decisions/0010", "AWB220", "awb101"):
        done = installed.run("docs", name)
        assert (done.returncode, done.stdout, done.stderr) == (0, find_page(name).text, "")


def test_a_page_leads_on_by_commands() -> None:
    page = find_page("skip-reset").text
    assert "`airbyte-wb docs resets`" in page
    assert "README (`airbyte-wb docs readme`)" in page
    assert "](" not in page


def test_code_is_left_as_it_is() -> None:
    """Brackets and parentheses in a program are no link."""
    for name in page_titles():
        path = ROOT / "docs" / f"{name}.md"
        fenced = re.findall(
            r"^```.*?^```$", path.read_text(encoding="utf-8") if path.exists() else "", re.MULTILINE | re.DOTALL
        )
        assert all(block in find_page(name).text for block in fenced)


def test_a_section_ends_where_the_next_one_begins() -> None:
    assert find_page("AWB220").text.startswith("## AWB220\n\n**key changed**")
    assert find_page("AWB220").text.count("AWB2") == 1
    assert find_page("AWB290").text.startswith("### AWB290\n")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("reset", "no page or code is called 'reset'; did you mean 'resets'?\n"),
        ("../pyproject", "no page or code is called '../pyproject'; the pages are readme, emulator, "),
        ("AWB999", "no page or code is called 'AWB999'; the pages are readme, emulator, "),
    ],
)
def test_a_page_that_does_not_exist_is_one_sentence(installed: Installed, name: str, hint: str) -> None:
    done = installed.run("docs", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(hint)
    assert len(done.stderr.splitlines()) == 1


def test_a_terminal_gets_the_page_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    heard = bytearray()

    def read(terminal: int) -> bytes:
        heard.extend(data := os.read(terminal, 4096))
        return data

    assert pty.spawn([COMMAND, "docs", "skip-reset"], read) == 0
    shown = heard.decode()
    assert "skip_reset" in shown
    assert "\x1b[" in shown
    assert "| --- |" not in shown
    assert "](" not in shown


def test_an_example_is_written_once(installed: Installed) -> None:
    assert installed.run("examples").stdout.split() == example_names() == ["environments", "policy-pack", "quickstart"]
    done = installed.run("examples", "quickstart", "mine")
    assert (done.returncode, done.stdout) == (0, "wrote mine\n")
    written = {path.name: path.read_text() for path in (installed.elsewhere / "mine").iterdir()}
    assert written == {
        path.name: path.read_text() for path in (ROOT / "examples" / "quickstart").iterdir() if path.is_file()
    }
    again = installed.run("examples", "quickstart", "mine")
    assert (again.returncode, again.stderr) == (
        2,
        "mine is not an empty folder; name another one: airbyte-wb examples quickstart FOLDER\n",
    )
    other = installed.run("examples", "quickstar")
    assert (other.returncode, other.stderr) == (2, "no example is called 'quickstar'; did you mean 'quickstart'?\n")
    file = installed.elsewhere / "file"
    file.touch()
    beneath = installed.run("examples", "quickstart", "file/here")
    assert (beneath.returncode, beneath.stderr) == (2, "cannot write file/here: Not a directory\n")


def test_the_version(installed: Installed) -> None:
    done = installed.run("--version")
    assert (done.returncode, done.stdout) == (0, f"airbyte-wb {__version__}\n")


WITHOUT_EXTRA = "import sys; sys.modules.update(dict.fromkeys(('fastapi', 'fastapi_offline', 'jinja2', 'uvicorn')))"


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("docs",), ("examples",), ("emulator", "--help")])
def test_what_needs_no_emulator_works_without_it(installed: Installed, arguments: tuple[str, ...]) -> None:
    done = installed.run(*arguments, code=WITHOUT_EXTRA)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["fastapi", "fastapi_offline", "jinja2", "uvicorn"])
def test_the_emulator_says_what_to_install(installed: Installed, missing: str) -> None:
    done = installed.run("emulator", "--port", "0", code=f"import sys; sys.modules[{missing!r}] = None")
    sentence = f"The emulator needs {missing}: pip install 'pulumi_airbyte_wb[emulator]'.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)
    program = f"import sys; sys.modules[{missing!r}] = None; from pulumi_airbyte_wb.emulator import Emulator"
    imported = installed.run(code=program)
    assert imported.stderr.endswith(f"ModuleNotFoundError: {sentence}")
