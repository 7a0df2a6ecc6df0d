"""The Pulumi CLI built from Go modules, for machines that reach package registries and nothing else.

The module proxy serves everything but the Python language host, which is a Go module of its own; `language_host` takes
its place.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.pulumi import environments
from tools.pulumi.cache import Cache, digest
from tools.pulumi.pins import CLI_VERSION, GO_MODULE, OLDEST_CLI, OLDEST_GO, PINNED_PACKAGES
from tools.pulumi.talk import SetupError, duration, say
from tools.pulumi.versions import go_version

LANGUAGE_HOST = Path(__file__).resolve().parent / "language_host"

_PROGRAM = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SDK_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
_PROGRESS_EVERY = 20.0

_LAUNCHER = """\
#!/bin/sh
# Starts the Python language host in an environment of its own, whatever Python the program uses.
exec "${{AIRBYTE_WB_LANGUAGE_HOST:-{python}}}" -I {host} "$@"
"""
_HOST_MAIN = """\
import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback if it comes while the imports run

from language_host.messages_alone import skip_the_sdk

skip_the_sdk()

from language_host.server import main

main()
"""


def built(cache: Cache) -> Path | None:
    """The folder of the CLI that `build` made earlier out of the same sources and pins."""
    folder = _bin(cache)
    complete = (folder / "pulumi").exists() and _host_python(cache).exists()
    return folder if complete else None


def compiled(cache: Cache) -> bool:
    """Whether the part of the work is done that takes minutes."""
    return (_binaries(cache) / "pulumi").exists()


def build(cache: Cache) -> Path:
    """Builds the CLI and its language host in the cache, or what is missing of them, and returns their folder.

    Raises:
        SetupError: Go is missing or too old, or the build failed.
    """
    if not compiled(cache):
        _build_binaries(cache, find_go())
    if not _host_python(cache).exists():
        _build_host_environment(cache)
    with cache.filling(_bin(cache)) as folder:
        for file in _binaries(cache).iterdir():
            os.link(file, folder / file.name)
        shutil.copytree(LANGUAGE_HOST, folder / "host" / "language_host", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "host" / "__main__.py").write_text(_HOST_MAIN)
        launcher = folder / "pulumi-language-python"
        python, host = str(_host_python(cache)), str(_bin(cache) / "host")
        launcher.write_text(_LAUNCHER.format(python=shlex.quote(python), host=shlex.quote(host)))
        launcher.chmod(0o755)
    return _bin(cache)


def find_go() -> str:
    """The path of a `go` that is new enough.

    Raises:
        SetupError: There is none.
    """
    go = shutil.which("go")
    if go is None:
        raise SetupError(
            f"There is no Pulumi CLI here: install Pulumi {OLDEST_CLI.short} or newer, "
            f"or Go {OLDEST_GO} or newer to build it with."
        )
    text = subprocess.run([go, "version"], capture_output=True, text=True, env=_go_settings()).stdout
    version = go_version(text)
    if version is None or version < OLDEST_GO:
        raise SetupError(
            f"There is no Pulumi CLI here, and {go} is too old to build it ({version or 'unknown version'}): "
            f"install Pulumi {OLDEST_CLI.short} or newer, or Go {OLDEST_GO} or newer."
        )
    return go


def _binaries(cache: Cache) -> Path:
    return cache.root / f"built-{CLI_VERSION}-{digest([GO_MODULE / 'go.mod', GO_MODULE / 'go.sum'])}"


def _host_environment(cache: Cache) -> Path:
    pins = re.findall(r"^(?:pulumi|grpcio|protobuf)==.*$", PINNED_PACKAGES.read_text(), re.MULTILINE)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return cache.root / f"host-python-{digest([], *pins, python, sys.base_prefix)}"


def _host_python(cache: Cache) -> Path:
    return _host_environment(cache) / "bin" / "python"


def _bin(cache: Cache) -> Path:
    sources = LANGUAGE_HOST.glob("*.py")
    name = digest(sources, _binaries(cache).name, _host_environment(cache).name, _LAUNCHER, _HOST_MAIN)
    return cache.root / f"bin-{name}"


def _go_settings() -> dict[str, str]:
    # The user's own settings hold: they may say where modules come from.
    return os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off"}


def _build_binaries(cache: Cache, go: str) -> None:
    say(f"building the Pulumi CLI {CLI_VERSION} from Go modules: about 7 minutes on 2 cores, once; log in {cache.log}")
    started = time.monotonic()
    cache.log.write_text("")
    with cache.filling(_binaries(cache)) as folder:
        module = folder / "module"
        shutil.copytree(GO_MODULE, module)  # an edit of the checkout must not change a build that runs
        run = _Go(go, module, cache, started)
        packages = run("list", "-deps", _PROGRAM, progress="{} modules downloaded").splitlines()
        linker_flags = f"-s -w -X {_SDK}/go/common/version.Version=v{CLI_VERSION}"
        flags = ["-v", "-trimpath", "-ldflags", linker_flags, "-o", str(folder / "pulumi")]
        run("build", *flags, _PROGRAM, progress=f"{{}} of {len(packages)} packages compiled")
        sdk = Path(run("list", "-m", "-f", "{{.Dir}}", _SDK, progress="{}").strip())
        for script in _SDK_SCRIPTS:
            copied = folder / Path(script).name
            shutil.copyfile(sdk / script, copied)
            copied.chmod(0o755)
        shutil.rmtree(module)
    cache.discard(cache.go)  # 3 GB that nothing needs any more
    say(f"  the Pulumi CLI is built, after {duration(time.monotonic() - started)}")


class _Go:
    """Runs `go` with everything it downloads and compiles kept inside the cache folder."""

    def __init__(self, go: str, folder: Path, cache: Cache, started: float) -> None:
        self._go = go
        self._folder = folder
        self._log = cache.log
        self._started = started
        self._environment = _go_settings() | {
            "GOPATH": str(cache.go),
            "GOMODCACHE": str(cache.go / "mod"),
            "GOCACHE": str(cache.go / "build"),
            "XDG_CONFIG_HOME": str(cache.go / "config"),  # where Go counts its own use
        }

    def __call__(self, verb: str, *arguments: str, progress: str) -> str:
        """Returns what `go` prints; says `progress` now and then, filled with the number of lines it logged so far."""
        # -modcacherw: a module cache that can be removed again.
        command = [self._go, verb, "-mod=readonly", "-modcacherw", *arguments]
        with self._log.open("a+") as log:
            before = len(self._logged())
            process = subprocess.Popen(
                command, cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
            output = None
            try:
                while output is None:
                    try:
                        output, _ = process.communicate(timeout=_PROGRESS_EVERY)
                    except subprocess.TimeoutExpired:
                        done = progress.format(len(self._logged()) - before)
                        say(f"  {done}, {duration(time.monotonic() - self._started)}")
            finally:
                process.terminate()
        if process.returncode:
            reason = (self._logged() or [f"exit code {process.returncode}"])[-1]
            raise SetupError(
                f"The Pulumi CLI cannot be built here (`go {verb}`: {reason}; log in {self._log}): "
                f"install Pulumi {OLDEST_CLI.short} or newer."
            )
        return output

    def _logged(self) -> list[str]:
        return self._log.read_text(errors="replace").splitlines()


def _build_host_environment(cache: Cache) -> None:
    say("installing the Python language host's own environment: about 30 seconds, once")
    arguments = ["--constraint", str(PINNED_PACKAGES), "pulumi"]
    hint = f"install Pulumi {OLDEST_CLI.short} or newer"
    environments.fill(cache, _host_environment(cache), arguments, "The Python language host", hint)
