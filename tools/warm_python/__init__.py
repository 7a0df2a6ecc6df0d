"""A Python that starts in a moment: one process has imported everything, and forks each program.

Pulumi starts four Pythons for a command, and most of a short command's time is what these import. With
:attr:`WarmPython.environment` the engine, the language host, the program and the provider are still processes of
their own, with arguments, streams, signals and exit codes as ever.

What is not as ever: all children of one `WarmPython` have the same hash seed. And a command that cannot be served so,
because it has other options, or because a variable ``PYTHON...`` is set, runs in a Python of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

_ROOT = Path(__file__).resolve().parents[2]
_CLIENT = Path(__file__).with_name("client.py")


class WarmPython:
    """Starts on the first use of one of its commands; ends, with all that runs in it, when it is closed.

    Args:
        python: The Python that it is, which has the packages of programs; by default this process's.
    """

    def __init__(self, python: str | Path = sys.executable) -> None:
        self._python = str(python)
        self._server: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="warm-")  # short: the path of a socket has 104 letters

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which `pulumi` uses it."""
        return {"PULUMI_PYTHON_CMD": self.command, "AIRBYTE_WB_LANGUAGE_HOST": self.language_host}

    @property
    def command(self) -> str:
        """The path of an executable that is used like `python`."""
        return str(self._client("warm-python"))

    @property
    def language_host(self) -> str:
        """The path of an executable that a CLI of `tools.pulumi` takes for its language host."""
        return str(self._client("warm-host", "-m", f"{__name__}.host"))

    def _client(self, name: str, *arguments: str) -> Path:
        folder = Path(self._folder.name)
        client = folder / name
        if self._server is None:
            command = [self._python, "-m", f"{__name__}.server", str(folder / "socket")]
            # A Python in which this package is not installed finds it here.
            env = os.environ | {"PYTHONPATH": str(_ROOT)}
            server = subprocess.Popen(
                command, cwd=_ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            if server.stdout is None or not server.stdout.readline():
                raise RuntimeError(f"{' '.join(command)} ended with exit code {server.wait()}")
            self._server = server
        if not client.exists():
            text = f"#!{self._python} -IS\nFIRST = {list(arguments)!r}\n{_CLIENT.read_text(encoding='utf-8')}"
            client.write_text(text, encoding="utf-8")
            client.chmod(0o755)
        return client

    def close(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.communicate()  # it ends when its stdin does
            self._server = None
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
