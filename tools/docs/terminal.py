"""A shell in a terminal of 80 columns, as a reader of the pages has one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte

COLUMNS, ROWS = 80, 400
_TIME_LIMIT = 300
_ENDED = re.compile(r"<ended (\d+)>")
# What an interactive shell says about the jobs in its background: "[1] 4711", "[1]+  Done   ...".
_JOB = re.compile(r"^\[\d+\][+-]?\s.*\n?", re.MULTILINE)


class Terminal:
    """Runs one command after the other in the same shell."""

    def __init__(self, shell: pexpect.spawn[str]) -> None:
        self._shell = shell
        self._shell.expect(_ENDED)

    def run(self, line: str, until: str = "") -> tuple[int, str]:
        """Type a line.

        Args:
            line: The line.
            until: What a command in the background prints when it is ready; it is waited for.

        Returns:
            The exit code, and what the terminal shows in the end.
        """
        self._shell.sendline(line)
        self._shell.expect(_ENDED)
        output, code = self._shell.before, int(self._shell.match[1])
        if until and until not in output:
            self._shell.expect_exact(until)
            output += self._shell.before + until
            self._shell.expect("\r?\n")
        return code, _JOB.sub("", _seen(output))


@contextmanager
def terminal(folder: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Open a terminal; whatever runs in its background is ended with it."""
    shell = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "--noediting"],
        cwd=str(folder),
        env={**environment, "PS1": "<ended $?>", "TERM": "xterm-256color", "VIRTUAL_ENV_DISABLE_PROMPT": "1"},
        dimensions=(ROWS, COLUMNS),
        echo=False,
        encoding="utf-8",
        timeout=_TIME_LIMIT,
    )
    try:
        yield Terminal(shell)
    finally:
        shell.sendline("kill $(jobs -p); exit")
        shell.close(force=True)


def _seen(output: str) -> str:
    screen = pyte.Screen(COLUMNS, ROWS)
    pyte.Stream(screen).feed(output)
    return "\n".join(line.rstrip() for line in screen.display).strip("\n")
