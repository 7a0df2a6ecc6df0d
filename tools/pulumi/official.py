"""The official CLI, downloaded by the `pulumi` Python package itself."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tools.pulumi.cache import Cache
from tools.pulumi.pins import CLI_VERSION
from tools.pulumi.talk import say

TIME_LIMIT = 600
"""Seconds after which a download is given up."""

# The time limit for a connection makes it fail soon where packets to the outside are dropped.
INSTALLER = """
import socket, sys
socket.setdefaulttimeout(15)
from pulumi.automation import PulumiCommand
from semver import VersionInfo
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""


class _DownloadError(Exception):
    """The download failed; the message says why, in a few words."""


def installed(cache: Cache) -> Path | None:
    """The folder of the CLI that `install` downloaded earlier."""
    folder = _target(cache) / "bin"
    return folder if (folder / "pulumi").exists() else None


def install(cache: Cache, installer: str = INSTALLER, time_limit: float = TIME_LIMIT) -> Path | None:
    """Downloads the CLI into the cache and returns its folder; says so and returns None where that is not possible."""
    say(f"downloading the Pulumi CLI {CLI_VERSION}")
    try:
        with cache.filling(_target(cache)) as folder:
            _run([sys.executable, "-c", installer, str(folder), CLI_VERSION], cache, time_limit)
            if not (folder / "bin" / "pulumi-language-python").exists():
                raise _DownloadError("it came without the Python language host")
    except _DownloadError as problem:
        say(f"the download is not possible here ({problem})")
        return None
    return _target(cache) / "bin"


def _target(cache: Cache) -> Path:
    return cache.root / f"official-{CLI_VERSION}"


def _run(command: list[str], cache: Cache, time_limit: float) -> None:
    environment = os.environ | {"PULUMI_HOME": str(cache.pulumi_home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    # A session of its own: the installer starts a shell, which starts the download.
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=time_limit)
    except subprocess.TimeoutExpired:
        raise _DownloadError(f"nothing came within {time_limit:g} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        lines = output.strip().splitlines()
        raise _DownloadError(lines[-1] if lines else f"exit code {process.returncode}")
