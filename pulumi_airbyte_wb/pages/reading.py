"""Pages as text, with links that lead somewhere without the repository."""

import posixpath
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pulumi_airbyte_wb.errors import AirbyteError, nearest
from pulumi_airbyte_wb.pages.places import shipped
from pulumi_airbyte_wb.spec.codes import Code

README = "readme"
_KINDS = {".md", ".txt"}
_CODES = frozenset(Code)
_LINK = re.compile(r"\[([^\]]+)\]\((?![a-z]+:)([^)#\s]*)(#[^)\s]*)?\)")
_NUMBERED = re.compile(r"(^|/)(\d+)-.*")
_FENCED = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)


class PageError(AirbyteError):
    """A page that does not exist."""


@dataclass(frozen=True)
class Page:
    """A page, or a section of one.

    Attributes:
        text: its text.
        is_markdown: whether that is Markdown, or a terminal as it looked.
    """

    text: str
    is_markdown: bool = True


def page_titles() -> dict[str, str]:
    """The title of each page by its name; the decisions come last."""
    return {name: _titled(path) for name, path in _paths().items()}


def find_page(name: str) -> Page:
    """A page, or what one says about a code such as ``AWB220``.

    Raises:
        PageError: there is neither.
    """
    paths = _paths()
    if name.lower() in paths:
        return _page(paths[name.lower()])
    for path in paths.values():
        page = _page(path)
        if page.is_markdown and (section := _section(page.text, name)) is not None:
            return Page(section)
    hint = nearest(name, paths) or f"the pages are {', '.join(page for page in paths if '/' not in page)}"
    raise PageError(f"no page or code is called {name!r}; {hint}")


def _paths() -> dict[str, Path]:
    docs = shipped("docs")
    pages = sorted((p for p in docs.rglob("*.*") if p.suffix in _KINDS), key=lambda path: (len(path.parts), path))
    return {README: shipped("README.md")} | {_named(path.relative_to(docs).as_posix()): path for path in pages}


def _named(path: str) -> str:
    """The name of a page by its path in ``docs``: a number says enough, and an index has the name of its folder."""
    folder, name = posixpath.split(path)
    return folder if folder and name == "README.md" else _NUMBERED.sub(r"\1\2", posixpath.splitext(path)[0])


def _titled(path: Path) -> str:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    return first.removeprefix("#").strip().replace("`", "")


def _page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".txt":
        return Page(text, is_markdown=False)
    here = path.parent.relative_to(shipped("README.md").parent).as_posix()
    parts = _FENCED.split(text)
    parts[::2] = [_LINK.sub(partial(_without_link, here), _COMMENT.sub("", part)) for part in parts[::2]]
    return Page("".join(parts))


def _without_link(here: str, link: re.Match[str]) -> str:
    """The words of a link, and the command that prints what it leads to."""
    words, target = link[1], posixpath.normpath(posixpath.join(here, link[2])) if link[2] else ""
    command = _command(target)
    if command is None:
        return words
    if words in _CODES:
        return f"`airbyte-wb docs {words}`"
    return f"`{command}`" if words.strip("`") in {link[2], target} else f"{words} (`{command}`)"


def _command(target: str) -> str | None:
    """The command that prints what lies at a path of the repository."""
    folder, _, name = target.partition("/")
    if target == "README.md":
        return f"airbyte-wb docs {README}"
    if folder == "docs" and posixpath.splitext(name)[1] in _KINDS:
        return f"airbyte-wb docs {_named(name)}"
    if folder == "docs":
        return f"airbyte-wb docs {name}" if name in _paths() else "airbyte-wb docs"
    if folder == "examples" and name:
        return f"airbyte-wb examples {name.partition('/')[0]}"
    return None


def _section(text: str, title: str) -> str | None:
    """A section from its heading up to the next one of its level or above."""
    heading = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE | re.IGNORECASE)
    if heading is None or len(heading[1]) == 1:
        return None
    end = re.search(rf"^#{{1,{len(heading[1])}}} ", text[heading.end() :], re.MULTILINE)
    return text[heading.start() : heading.end() + end.start() if end else None].strip() + "\n"
