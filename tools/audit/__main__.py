"""`python -m tools.audit`: are there advisories about a pinned package? Fails only when one is found.

Where no advisory service answers, or it does not know the packages, that is said: pip-audit alone would call it clean.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_PINS = Path(__file__).parents[2] / "requirements" / "dev.txt"
_SECONDS = 120


def main() -> int:
    """Ask, print, and answer 1 when there is an advisory."""
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "10", "-f", "json"]
    command = [sys.executable, "-m", "pip_audit", "-r", str(_PINS), *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        report = {}
    failed, lines = verdict(report)
    print("\n".join(lines))
    return int(failed)


def verdict(report: dict[str, Any]) -> tuple[bool, list[str]]:
    """Whether there is an advisory, and what to print of pip-audit's report; empty where there was none."""
    packages = report.get("dependencies", [])
    known = [each for each in packages if "vulns" in each]
    if not known:
        return False, [
            "advisories: left out, as no advisory service that knows the pinned packages can be asked from here"
        ]
    found = [
        f"{each['name']} {each['version']}: {advisory['id']}, mended in {', '.join(advisory['fix_versions']) or 'none'}"
        for each in known
        for advisory in each["vulns"]
    ]
    left_out = len(packages) - len(known)
    asked = f"advisories: {len(known)} pinned packages asked about, {len(found)} found"
    return bool(found), [*found, f"{asked}, {left_out} not known to the service" if left_out else asked]


if __name__ == "__main__":
    sys.exit(main())
