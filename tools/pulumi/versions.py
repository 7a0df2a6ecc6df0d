"""Version numbers as the Pulumi CLI and Go print them."""

import re
from typing import NamedTuple


class Version(NamedTuple):
    """A release number; two of them compare as releases do.

    Attributes:
        major: The first number.
        minor: The second number.
        patch: The third number, 0 where none is printed.
    """

    major: int
    minor: int
    patch: int = 0

    @property
    def short(self) -> str:
        """Without the third number, as releases are spoken of."""
        return f"{self.major}.{self.minor}"

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def pulumi_version(text: str) -> Version | None:
    """Reads what `pulumi version` prints, for example `v3.259.0`; None if it is no version.

    A pre-release (`v3.182.0-alpha.1`) counts as the release before it became one.
    """
    return _first(r"^v?(\d+)\.(\d+)\.(\d+)", text.strip())


def go_version(text: str) -> Version | None:
    """Reads what `go version` prints, for example `go version go1.26.8 linux/amd64`; None if it names no release."""
    return _first(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", text)


def _first(pattern: str, text: str) -> Version | None:
    found = re.search(pattern, text)
    return Version(*(int(part or 0) for part in found.groups())) if found else None
