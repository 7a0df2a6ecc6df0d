"""Which Pulumi CLI to use: the one on PATH, the one in the cache, or a new one."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.pulumi import build, official
from tools.pulumi.cache import Cache
from tools.pulumi.pins import OLDEST_CLI
from tools.pulumi.talk import say
from tools.pulumi.versions import pulumi_version


@dataclass(frozen=True)
class Cli:
    """A usable Pulumi CLI.

    Attributes:
        folder: What to put on PATH: it holds `pulumi` and `pulumi-language-python`.
        origin: Where it comes from, for people.
    """

    folder: Path
    origin: str


def ready(cache: Cache) -> Cli | None:
    """The CLI that can be used at once: the one on PATH, or else one made earlier; None if there is neither."""
    if folder := on_path(cache):
        return Cli(folder, "on PATH")
    if folder := official.installed(cache):
        return Cli(folder, "downloaded")
    if folder := build.built(cache):
        return Cli(folder, "built from Go modules")
    return None


def prepare(cache: Cache) -> Cli:
    """The CLI that can be used, made now if there is none.

    Raises:
        SetupError: There is none and it cannot be made; the message says what to install.
    """
    if cli := ready(cache):
        return cli
    with cache.locked():
        if cli := ready(cache):  # another process made it while this one waited
            return cli
        if not build.compiled(cache) and (folder := official.install(cache)):
            return Cli(folder, "downloaded")
        return Cli(build.build(cache), "built from Go modules")


def on_path(cache: Cache) -> Path | None:
    """The folder on PATH whose `pulumi` is new enough and has its Python language host beside it."""
    own = cache.root.resolve()
    # A folder of this cache gets onto PATH through `make env`; it may be an old one.
    folders = [f for f in os.get_exec_path() if not Path(f).resolve().is_relative_to(own)]
    found = shutil.which("pulumi", path=os.pathsep.join(folders))
    if found is None:
        return None
    program = Path(found).absolute()
    beside = [f for f in (program.parent, program.resolve().parent) if (f / "pulumi-language-python").exists()]
    if not beside:
        say(f"{program} is not used: pulumi-language-python is not beside it")
        return None
    text = cache.remembered_version(program)
    if text is None:
        text = _ask(program, cache)
        cache.remember_version(program, text)
    version = pulumi_version(text)
    if version is None or version < OLDEST_CLI:
        say(f"{program} is not used: its version is {text or 'unknown'}, and {OLDEST_CLI} or newer is needed")
        return None
    return beside[0]


def _ask(program: Path, cache: Cache) -> str:
    environment = os.environ | {"PULUMI_HOME": str(cache.pulumi_home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        result = subprocess.run([program, "version"], capture_output=True, text=True, env=environment, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip()
