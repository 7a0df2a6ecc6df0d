"""Which versions the set-up uses: those of the files that pin them."""

import re
from pathlib import Path

from tools.pulumi.versions import Version

PROJECT = Path(__file__).resolve().parents[2]
PINNED_PACKAGES = PROJECT / "requirements" / "dev.txt"
GO_MODULE = Path(__file__).resolve().parent / "cli"


def _pinned_cli() -> str:
    found = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (GO_MODULE / "go.mod").read_text())
    if found is None:
        raise ValueError(f"{GO_MODULE / 'go.mod'} does not name the version of the Pulumi CLI")
    return found[1]


OLDEST_CLI = Version(3, 182)
"""The first release with resource hooks for Python."""

OLDEST_GO = Version(1, 26, 6)
"""The release that the Go module names."""

CLI_VERSION = _pinned_cli()
"""The release of the CLI that is downloaded or built."""
