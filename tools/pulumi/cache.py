"""The one folder outside the project in which the tools keep things."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.pulumi.talk import say

VARIABLE = "AIRBYTE_WB_CACHE"
_TEMPORARY = "unfinished-"


class Cache:
    """The cache folder: the CLI, what it takes to make one, and Pulumi's own home folder.

    It can be removed at any time; the next `make` fills it again.

    Args:
        root: The folder; it is created when something is put into it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pulumi_home = root / "home"
        self.go = root / "go"
        self.pip = root / "pip"
        self.log = root / "build.log"
        self._versions = root / "versions.json"

    @classmethod
    def from_environment(cls) -> "Cache":
        """The folder named by AIRBYTE_WB_CACHE, or `~/.cache/pulumi-airbyte-wb`."""
        return cls(Path(os.environ.get(VARIABLE) or Path.home() / ".cache" / "pulumi-airbyte-wb").absolute())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps every other process that wants to fill the cache waiting, and removes what a killed one left behind."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("another process is filling the cache: waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            for left in self.root.glob(f"{_TEMPORARY}*"):
                shutil.rmtree(left, ignore_errors=True)  # `discard` may be at it as well
            yield

    @contextmanager
    def filling(self, folder: Path) -> Iterator[Path]:
        """An empty folder that takes the place of `folder` when the block ends without an exception."""
        unfinished = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=self.root))
        try:
            yield unfinished
            shutil.rmtree(folder, ignore_errors=True)  # a broken one: nothing else is ever replaced
            unfinished.chmod(0o755)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def discard(self, folder: Path) -> None:
        """Removes a large folder without making anybody wait: that can take minutes."""
        grave = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=self.root))
        folder.rename(grave / folder.name)
        subprocess.Popen(
            ["rm", "-rf", str(grave)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def remembered_version(self, program: Path) -> str | None:
        """What `program` called its version when it was last asked, if the file is still the same."""
        return self._read_versions().get(_identity(program))

    def remember_version(self, program: Path, version: str) -> None:
        """Spares the next call from asking `program` for its version."""
        self.root.mkdir(parents=True, exist_ok=True)
        written = self._versions.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps({_identity(program): version}))
        written.replace(self._versions)

    def _read_versions(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._versions.read_text()))
        except (OSError, ValueError):
            return {}


def digest(paths: Iterable[Path], *more: str) -> str:
    """A short name for the contents of some files (and some words): another content, another name."""
    hashed = hashlib.sha256()
    for path in sorted(paths):
        hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    hashed.update("\0".join(more).encode())
    return hashed.hexdigest()[:12]


def _identity(program: Path) -> str:
    stat = program.stat()
    return f"{program} {stat.st_size} {stat.st_mtime_ns}"
