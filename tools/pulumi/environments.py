"""Virtual environments in the cache folder: that of the language host, and one for each Pulumi SDK of the tests."""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.pulumi.cache import Cache, digest
from tools.pulumi.pins import PROJECT
from tools.pulumi.talk import SetupError, say

SDKS = {name: PROJECT / "requirements" / f"sdk-{name}.txt" for name in ("oldest", "newest")}
"""The pins of the environments with the oldest and the newest Pulumi SDK that this package takes."""


def with_sdk(cache: Cache, pins: Path) -> Path:
    """The environment with the packages of a file of pins; made now if there is none.

    Raises:
        SetupError: It cannot be made; the message says what is missing.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache.root / f"{pins.stem}-{digest([pins], python, sys.base_prefix)}"
    if not (folder / "bin" / "python").exists():
        with cache.locked():
            if not (folder / "bin" / "python").exists():  # another process made it while this one waited
                say(f"installing {pins.name}: about 30 seconds, once")
                what = f"The packages of {pins.relative_to(PROJECT)}"
                fill(cache, folder, ["--no-deps", "--requirement", str(pins)], what, "connect to a package index once")
    return folder


def fill(cache: Cache, folder: Path, arguments: Sequence[str], what: str, hint: str) -> None:
    """Makes a virtual environment and installs packages into it.

    Nothing but its Python may be used: it is made elsewhere and moved, and its scripts name the first place.

    Args:
        cache: The cache, locked by the caller.
        folder: Where it is going to be.
        arguments: What `pip install` is called with.
        what: What is installed, for the error.
        hint: What to do where that fails.

    Raises:
        SetupError: A command failed.
    """
    with cache.filling(folder) as unfinished:
        pip = [str(unfinished / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for command in ([sys.executable, "-m", "venv", str(unfinished)], [*pip, *arguments]):
            reason = _failure(command, cache)
            if reason:
                raise SetupError(f"{what} cannot be installed here (`{shlex.join(command)}`: {reason}): {hint}.")


def _failure(command: Sequence[str], cache: Cache) -> str:
    environment = os.environ | {"PIP_CACHE_DIR": str(cache.pip)}
    result = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL
    )
    if not result.returncode:
        return ""
    return (result.stdout.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
