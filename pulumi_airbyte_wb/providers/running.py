"""The jobs that an update has not waited for: providers count them, and the program tells their number at its end.

Provider and program are two processes. Under the private folder each resource leaves the number of its
jobs, and nothing else; a stack is updated by one process at a time. Where there is no such folder, nothing is told.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from pathlib import Path

from pulumi_airbyte_wb.providers.private_folder import private_folder


def note_running(urn: str, jobs: int) -> None:
    """Leave the number of the jobs that a resource's update has ordered, and whose end it has not seen."""
    if not jobs or not urn:
        return
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    with contextlib.suppress(OSError):
        folder = _folder(stack, project)
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / _digest(urn)).write_text(str(jobs))


def take_running(stack: str, project: str) -> int:
    """How many jobs the resources of a stack have left; from now on none."""
    with contextlib.suppress(OSError, ValueError):
        folder = _folder(stack, project)
        jobs = sum(int(note.read_text()) for note in folder.iterdir())
        shutil.rmtree(folder, ignore_errors=True)
        return jobs
    return 0


def _folder(stack: str, project: str) -> Path:
    return private_folder() / f"jobs-{_digest(f'{stack} {project}')}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:24]
