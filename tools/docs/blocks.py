"""The blocks of a page that a reader would run: commands, files, and changes of files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)$")
_NOT_RUN = re.compile(r"<!-- not run: (.+?) -->", re.DOTALL)
_FILE = re.compile(r"`([\w./-]+\.\w+)`")


class BlockError(ValueError):
    """A block cannot be run as it stands; the text says where and why."""


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: The page that it is on.
        first: The index of its first line, the fence not counted.
        language: What stands after the fence.
        lines: Its lines.
        before: The paragraph before it.
        section: The heading that it is under.
    """

    page: Path
    first: int
    language: str
    lines: tuple[str, ...]
    before: str
    section: str = ""

    @property
    def not_run(self) -> str:
        """Why it is not run: the reason in the comment before it; empty where there is no such comment."""
        found = _NOT_RUN.search(self.before)
        return " ".join(found[1].split()) if found else ""

    @property
    def file(self) -> str:
        """The file that it is about: the last one that the paragraph before it names.

        Raises:
            BlockError: the paragraph names none.
        """
        names = _FILE.findall(self.before)
        if not names:
            raise BlockError(f"{self.place}: the paragraph before the block names no file")
        return str(names[-1])

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.page.name}:{self.first + 1}"


@dataclass(frozen=True)
class Command:
    """A command of a block, and the lines that the block shows below it.

    Attributes:
        line: What stands after the dollar.
        shown: The output that the page shows.
        first: The index of the first of those lines on the page.
    """

    line: str
    shown: tuple[str, ...]
    first: int


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page in their order."""
    lines = page.read_text().splitlines()
    after, opened, language, section = 0, -1, "", ""
    for index, line in enumerate(lines):
        fence = _FENCE.match(line)
        if not fence:
            section = line if opened < 0 and line.startswith("## ") else section
            continue
        if opened < 0:
            opened, language = index + 1, fence[1]
            continue
        before = "\n".join(lines[after : opened - 1]).strip().split("\n\n")[-1]
        yield Block(page, opened, language, tuple(lines[opened:index]), before, section)
        after, opened = index + 1, -1


def commands(block: Block) -> list[Command]:
    """The commands of a console block.

    Raises:
        BlockError: it begins with something else than a command.
    """
    starts = [index for index, line in enumerate(block.lines) if line.startswith("$ ")]
    if not starts or starts[0] != 0:
        raise BlockError(f"{block.place}: a console block begins with a command: $ and a space")
    return [
        Command(block.lines[start][2:], block.lines[start + 1 : end], block.first + start + 1)
        for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True)
    ]


def changed(text: str, block: Block) -> str:
    """A file's text after the change that a diff block shows.

    Raises:
        BlockError: the lines to take out are not there once.
    """
    old = "".join(f"{line[1:]}\n" for line in block.lines if line[:1] in {"-", " "})
    new = "".join(f"{line[1:]}\n" for line in block.lines if line[:1] in {"+", " "})
    if text.count(old) != 1:
        raise BlockError(f"{block.place}: {block.file} does not have the lines to be changed once")
    return text.replace(old, new)
