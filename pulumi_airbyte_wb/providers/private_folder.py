"""Where the processes of one user leave notes for each other."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def private_folder() -> Path:
    """A folder that no other user can write to.

    Raises:
        OSError: another user has made one of its name, or the system has no users.
    """
    if not hasattr(os, "getuid"):
        raise NotADirectoryError("a private folder cannot be told from others")
    folder = Path(tempfile.gettempdir()) / f"airbyte-wb-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if about.st_uid != os.getuid() or stat.S_IMODE(about.st_mode) & 0o077 or not stat.S_ISDIR(about.st_mode):
        raise PermissionError(f"{folder} is not private")
    return folder
