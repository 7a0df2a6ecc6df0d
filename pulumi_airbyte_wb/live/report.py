"""Where what happens is told."""

from __future__ import annotations

from typing import Protocol


class Report(Protocol):
    """Takes lines about one resource; a provider shows them on the resource's own row of the CLI."""

    def info(self, message: str) -> None:
        """A lasting line."""

    def warn(self, message: str) -> None:
        """A lasting line, marked as a warning."""

    def status(self, message: str) -> None:
        """A passing line: live progress."""
