"""Where pages and examples are: in an installed package inside it, in the repository beside it."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def shipped(name: str) -> Path:
    """A file or folder at the top of the repository, which the wheel carries inside the package."""
    installed = PACKAGE / name
    return installed if installed.exists() else PACKAGE.parent / name
