"""Pages as text, with links that lead somewhere without the repository."""

import posixpath
import re
from pathlib import Path

from pulumi_airbyte_wb.errors import AirbyteError, nearest
from pulumi_airbyte_wb.pages.places import shipped

README = "readme"
_LINK = re.compile(r"\[([^\]]+)\]\((?![a-z]+:)([^)#\s]*)(#[^)\s]*)?\)")
_NUMBERED = re.compile(r"(^|/)(\d+)-.*")
_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)


class PageError(AirbyteError):
    """A page that does not exist."""


def page_titles() -> dict[str, str]:
    """The title of each page by its name; those that argue decisions come last."""
    return {name: _titled(path) for name, path in _paths().items()}


def page_text(name: str) -> str:
    """A page as Markdown, or what one says about a code such as ``AWB220``.

    Raises:
        PageError: there is neither.
    """
    paths = _paths()
    if name.lower() in paths:
        return _text(name.lower(), paths[name.lower()])
    for page, path in paths.items():
        if (section := _section(_text(page, path), name)) is not None:
            return section
    hint = nearest(name, paths) or f"the pages are {', '.join(page for page in paths if '/' not in page)}"
    raise PageError(f"no page or code is called {name!r}; {hint}")


def _paths() -> dict[str, Path]:
    docs = shipped("docs")
    pages = sorted(docs.rglob("*.md"), key=lambda path: (len(path.parts), path))
    return {README: shipped("README.md")} | {_named(path.relative_to(docs).as_posix()): path for path in pages}


def _named(path: str) -> str:
    """The name of a page by its path in ``docs``; a number says enough."""
    return _NUMBERED.sub(r"\1\2", path.removesuffix(".md"))


def _titled(path: Path) -> str:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    return first.removeprefix("#").strip().replace("`", "")


def _text(name: str, path: Path) -> str:
    """The page's text; a link to another page becomes the command that prints it."""
    here = "" if name == README else posixpath.dirname(f"docs/{name}")

    def command(link: re.Match[str]) -> str:
        words, target = link[1], posixpath.normpath(posixpath.join(here, link[2])) if link[2] else ""
        printed = _command(target)
        if printed is None:
            return words
        return f"`{printed}`" if words.strip("`") in {link[2], target} else f"{words} (`{printed}`)"

    return _LINK.sub(command, _COMMENT.sub("", path.read_text(encoding="utf-8")))


def _command(target: str) -> str | None:
    """The command that prints what lies at a path of the repository."""
    folder, _, name = target.partition("/")
    if target == "README.md":
        return f"airbyte-wb docs {README}"
    if folder == "docs" and name.endswith(".md"):
        return f"airbyte-wb docs {_named(name)}"
    if folder == "docs":
        return "airbyte-wb docs"
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
