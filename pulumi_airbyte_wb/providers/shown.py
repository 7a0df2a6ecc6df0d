"""What the preview of a ``pulumi up`` has shown, for its own update to be held to.

The engine checks each resource twice, in two provider processes: for the preview, and once more after the user has
agreed. Both are descendants of one ``pulumi`` process, which is known by its id and the time of its start. Under a
private folder of that name the first check leaves digests of what it has shown, and nothing else; the second one reads
them and takes them away. A run without a preview (``--skip-preview``, ``watch``, the Automation API's ``up``) leaves
and finds none, nor does one where the processes cannot be told (Windows).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi_airbyte_wb.providers.private_folder import private_folder
from pulumi_airbyte_wb.providers.process import process
from pulumi_airbyte_wb.spec.codes import Code

if TYPE_CHECKING:
    from pulumi_airbyte_wb.plan import Obstacle, Plan

_UPDATES = frozenset({"up", "update", "watch"})
_WITHOUT_PREVIEW = ("--skip-preview", "-f", "--plan", "--remote")
_GENERATIONS = 6
_WHOLE = ""


@dataclass(frozen=True)
class Command:
    """A process and what it runs.

    Args:
        pid: its number, which the system uses again one day.
        started: when it began, in the words of the system.
        parent: the number of its parent.
        words: its command line.
    """

    pid: int
    started: str
    parent: int
    words: tuple[str, ...]

    @property
    def updates(self) -> bool:
        """Whether it is one that ends in an update, with a preview of its own or without."""
        return bool(_UPDATES & set(self.words[1:]))

    @property
    def previews(self) -> bool:
        """Whether it shows a preview before its update."""
        skips = any(word.partition("=")[0] in _WITHOUT_PREVIEW for word in self.words[1:])
        told = os.environ.get("PULUMI_OPTION_SKIP_PREVIEW", "").lower() in {"true", "1"}
        return self.updates and "watch" not in self.words and not skips and not told

    @property
    def name(self) -> str:
        """For a folder."""
        return f"{self.pid}-{hashlib.sha256(self.started.encode()).hexdigest()[:12]}"


def held_to_preview(urn: str, plan: Plan | None) -> Obstacle | None:
    """Note what a preview shows; in the update after it, what is planned now and was not shown.

    Args:
        urn: the resource.
        plan: what is planned; ``None`` where nothing changes.
    """
    command = process.command
    if command is None or not command.previews or not urn:
        return None
    try:
        note = private_folder() / command.name / hashlib.sha256(urn.encode()).hexdigest()[:32]
        shown = _taken(note) if note.exists() else None
        if shown is None:
            _leave(note, plan)
    except (OSError, ValueError):
        return None  # no folder can be used: the update is held to its own check alone
    if shown is None or shown["open"] or plan is None:
        return None
    from pulumi_airbyte_wb.plan import Obstacle

    new = {digest: stream for digest, stream in _digests(plan).items() if digest not in shown["shown"]}
    return Obstacle(Code.NOT_AS_SHOWN, tuple(sorted({stream for stream in new.values() if stream}))) if new else None


def _leave(note: Path, plan: Plan | None) -> None:
    """Note what is shown; in an update, where a replacement is checked twice, nothing is noted."""
    if process.in_update:
        return
    _forget_the_dead()
    note.parent.mkdir(mode=0o700, exist_ok=True)
    content = {"by": os.getpid(), "shown": sorted(_digests(plan)), "open": bool(plan and plan.undecided)}
    descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)


def _taken(note: Path) -> dict[str, Any]:
    """What another process has shown, whose note is removed; of this process's own note, that anything may follow."""
    shown: dict[str, Any] = json.loads(note.read_text())
    if shown["by"] == os.getpid():
        return {**shown, "open": True}
    process.in_update = True
    note.unlink()
    with contextlib.suppress(OSError):
        note.parent.rmdir()
    return shown


def _digests(plan: Plan | None) -> dict[str, str]:
    """What is done to the data and to the fields, each as a digest, with the stream that it is about."""
    if plan is None:
        return {}
    from pulumi_airbyte_wb.plan import Action
    from pulumi_airbyte_wb.plan.effects import NextSync

    found = {(_WHOLE, name, repr(value)): _WHOLE for name, (_, value) in plan.fields.items()}
    for effect in plan.effects:
        if effect.outcome is not Action.NONE or effect.next_sync is NextSync.REPLACES or effect.dropped:
            does = f"{effect.outcome.word} {effect.next_sync.value} {effect.dropped}"
            found[(effect.stream.key, effect.code.value, does)] = effect.stream.key
    return {hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]: stream for what, stream in found.items()}


def _forget_the_dead() -> None:
    """Remove what commands have left that were stopped between their preview and their update."""
    with contextlib.suppress(OSError):
        for left in private_folder().iterdir():
            pid = left.name.partition("-")[0]
            if not pid.isdigit():
                continue
            command = _process(int(pid))
            if command is None or command.name != left.name:
                shutil.rmtree(left, ignore_errors=True)


def command_of_engine() -> Command | None:
    """The ``pulumi`` process that this process works for; ``None`` where it is not to be found."""
    if not hasattr(os, "getuid"):
        return None
    found = _process(os.getppid())
    for _ in range(_GENERATIONS):
        if found is None or Path(found.words[0]).name == "pulumi":
            return found
        found = _process(found.parent)
    return None


def _process(pid: int) -> Command | None:
    try:
        return _of_linux(pid) if Path("/proc/self/stat").exists() else _of_ps(pid)
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def _of_linux(pid: int) -> Command:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return Command(pid, after_name[19], int(after_name[1]), tuple(command))


def _of_ps(pid: int) -> Command:
    fields = "-o", "ppid=", "-o", "lstart=", "-o", "command="
    told = subprocess.run(  # noqa: S603 - a number
        ["/bin/ps", *fields, "-p", str(pid)], capture_output=True, text=True, timeout=5, check=True
    ).stdout.split()
    return Command(pid, " ".join(told[1:6]), int(told[0]), tuple(told[6:]))
