"""What is made from following the pages: the output that they show, and the recorded session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tools.docs.following import Followed
from tools.docs.place import ROOT

SESSION = ROOT / "docs" / "first-session.txt"
_HEAD = """\
A terminal of 80 columns in which the README was followed, from a clone to
`destroy`. Made by `python -m tools.docs --session`, which types nothing but
the README's own blocks; what pip prints is left out.
"""


def renew(steps: Iterable[Followed]) -> list[str]:
    """Put what the terminal showed into the pages, where it differs from what they show; returns the places."""
    found: dict[Path, list[Followed]] = defaultdict(list)
    for step in steps:
        if step.differs:
            found[step.block.page].append(step)
    for page, wrong in found.items():
        lines = page.read_text().splitlines()
        for step in reversed(wrong):
            if step.command:
                first, shown = step.command.first, len(step.command.shown)
                lines[first : first + shown] = step.output.splitlines()
        page.write_text("".join(f"{line}\n" for line in lines))
    return [step.block.place for wrong in found.values() for step in wrong]


def session(steps: Iterable[Followed]) -> str:
    """The text of the recording."""
    parts = [_HEAD]
    for step in steps:
        if step.command:
            parts.append(f"$ {step.command.line}\n" + (f"{step.output}\n" if step.output else ""))
        else:
            text = "".join(f"    {line}".rstrip() + "\n" for line in step.block.lines)
            parts.append(f"$ $EDITOR {step.block.file}\n{text}")
    return "\n".join(parts)
