"""Follows the pages word for word: every block in its order, in one terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.docs.blocks import Block, BlockError, Command, blocks, changed, commands
from tools.docs.place import ROOT, Place, set_up
from tools.docs.terminal import Terminal, terminal

PAGES = (
    ROOT / "README.md",
    ROOT / "docs" / "emulator.md",
    ROOT / "docs" / "resets.md",
    ROOT / "docs" / "skip-reset.md",
)
_FILES = {"python", "yaml"}
# What is different from run to run, and what stands for it.
_VARIES = (
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID"),
    (r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?( UTC|Z)?", "TIME"),
    (r"\b\d+(\.\d+)? ?(s|min)\b", "DURATION"),
    (r"\b(created|updated|deleted) \(.*$", r"\1"),
    (r"\bjob \d+", "job N"),
    (r"-\d+(\.\d+)+\w*-py3", "-VERSION-py3"),
    (r"[├└]─", "-"),
    (r"\s+", " "),
)


@dataclass(frozen=True)
class Followed:
    """A step that was taken.

    Attributes:
        block: The block that it belongs to.
        command: The command; ``None`` where the block is a file or a change of one.
        code: The command's exit code.
        output: What the terminal showed, without anything of this machine.
    """

    block: Block
    command: Command | None
    code: int = 0
    output: str = ""

    @property
    def differs(self) -> bool:
        """Whether it showed something else than the page does, where the page shows anything."""
        shown = self.command.shown if self.command else ()
        return bool(shown) and comparable("\n".join(shown)) != comparable(self.output)

    @property
    def wrong(self) -> str:
        """What is wrong with it, for people; empty when nothing is."""
        if self.command is None or not (self.code or self.differs):
            return ""
        page = "\n".join(self.command.shown)
        return (
            f"{self.block.place}: $ {self.command.line}\nexit code {self.code}\n"
            f"the page shows:\n{page}\nthe terminal shows:\n{self.output}\n"
        )


def follow(pages: tuple[Path, ...] = PAGES) -> Iterator[Followed]:
    """Follow the pages in a place of its own.

    Raises:
        BlockError: a block cannot be run as it stands.
    """
    with set_up() as place, terminal(place.clone, place.environment) as shell:
        for page in pages:
            for block in blocks(page):
                if not block.not_run:
                    yield from _block(block, place, shell)


def comparable(output: str) -> list[str]:
    """The lines of an output without what varies, in an order of their own: resources are shown as they are done."""
    lines = []
    for line in output.splitlines():
        for pattern, word in _VARIES:
            line = re.sub(pattern, word, line)
        lines.append(line.strip())
    return sorted(filter(None, lines))


def _block(block: Block, place: Place, shell: Terminal) -> Iterator[Followed]:
    if block.language == "console":
        for command in commands(block):
            until = place.typed(command.shown[-1]) if command.shown and command.line.endswith("&") else ""
            code, output = shell.run(place.typed(command.line), until)
            yield Followed(block, command, code, place.told(output))
        return
    _, folder = shell.run("pwd")
    file = Path(folder.replace("\n", "")) / block.file
    if block.language in _FILES:
        file.write_text(place.typed("".join(f"{line}\n" for line in block.lines)))
    elif block.language == "diff":
        file.write_text(changed(file.read_text(), block))
    else:
        raise BlockError(
            f"{block.place}: a block of the language {block.language!r} is not run: make it console, python, yaml or "
            "diff, or put <!-- not run: reason --> before it"
        )
    yield Followed(block, None)
