"""`python -m tools.pulumi`: finds or makes the Pulumi CLI and tells where it is."""

import argparse
import shlex
import signal
import sys
from pathlib import Path

from tools.pulumi.cache import VARIABLE, Cache
from tools.pulumi.locate import Cli, prepare
from tools.pulumi.talk import SetupError, say


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.pulumi",
        description="Finds the Pulumi CLI, or makes one: the one on PATH, one made earlier, the official download, or "
        "a build from Go modules.",
        epilog=f"The CLI is kept in the folder named by {VARIABLE} (~/.cache/pulumi-airbyte-wb).",
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--path", action="store_true", help="print the folder to put on PATH, and nothing else")
    output.add_argument("--env", action="store_true", help="print lines for a shell to eval, and nothing else")
    options = parser.parse_args(arguments)
    cache = Cache.from_environment()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that both stop a running build
    try:
        cli = prepare(cache)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped; what is downloaded and compiled is kept for the next call")
        return 130
    if options.path:
        print(cli.folder)
    elif options.env:
        print("\n".join(_exports(cli, cache)))
    else:
        print(f"{cli.folder / 'pulumi'} ({cli.origin})")
    return 0


def _exports(cli: Cli, cache: Cache) -> list[str]:
    lines = []
    folders = [str(cli.folder)]
    if sys.prefix != sys.base_prefix:
        lines.append(f"export VIRTUAL_ENV={shlex.quote(sys.prefix)}")
        folders.insert(0, str(Path(sys.prefix) / "bin"))
    path = shlex.quote(":".join(folders))
    return [
        *lines,
        f'export PATH={path}:"$PATH"',
        f"export PULUMI_HOME={shlex.quote(str(cache.pulumi_home))}",
        "export PULUMI_SKIP_UPDATE_CHECK=true",  # the project pins the release
    ]
