"""A Python that is forked is, to what starts it, a Python like any other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.warm_python import WarmPython

SHOWN = "import os, sys; print(sys.argv, os.getcwd(), os.environ['GIVEN'], sys.path[0], sys.stdin.read(), __name__)"
NAMED = "import os\nopen('pid', 'w').write(str(os.getpid()))\n"
WAITING = "import pathlib, time\npathlib.Path('started').touch()\ntime.sleep(60)\n"


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmPython]:
    with WarmPython() as warm:
        yield warm


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | more


def run(command: str, *arguments: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command, *arguments], cwd=folder, env=env, input="typed", capture_output=True, text=True, check=False
    )


def started(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 30
    while not (folder / "started").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(pid: int) -> None:
    """Wait for a process of another parent to be gone, or a zombie."""
    deadline = time.monotonic() + 30
    while subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip("Z+ls\n"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SHOWN, 0),
        ("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", 3),
        ("import sys; sys.exit('a last word')", 1),
        ("raise ValueError('wrong')", 1),
        ("import atexit; atexit.register(print, 'at the end')", 0),
        ("import threading, time; threading.Thread(target=lambda: (time.sleep(0.2), print('waited for'))).start()", 0),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
    ],
)
@pytest.mark.parametrize("module", [False, True])
def test_it_does_what_python_does(warm: WarmPython, tmp_path: Path, text: str, code: int, module: bool) -> None:
    (tmp_path / "program.py").write_text(text)
    arguments = ["-u", *(["-m", "program"] if module else ["program.py"]), "one", "two words"]
    env = environment(GIVEN="given")
    real = run(sys.executable, *arguments, folder=tmp_path, env=env)
    found = run(warm.command, *arguments, folder=tmp_path, env=env)
    assert (found.returncode, found.stdout) == (real.returncode, real.stdout)
    assert found.returncode == code
    if not module:
        assert found.stderr == real.stderr


def test_what_programs_import_is_there_already(warm: WarmPython, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        "import sys\nprint([name in sys.modules for name in ('pulumi.runtime', 'pulumi_airbyte_wb.resources')])\n"
    )
    assert run(warm.command, "program.py", folder=tmp_path, env=environment()).stdout == "[True, True]\n"


@pytest.mark.parametrize(("arguments", "more"), [(["-X", "utf8"], {}), ([], {"PYTHONPATH": "elsewhere"})])
def test_what_asks_for_another_python_gets_one(
    warm: WarmPython, tmp_path: Path, arguments: list[str], more: dict[str, str]
) -> None:
    (tmp_path / "program.py").write_text("import sys; print('pulumi' in sys.modules)")
    done = run(warm.command, *arguments, "program.py", folder=tmp_path, env=environment(**more))
    assert done.stdout == "False\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_program(warm: WarmPython, tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "program.py").write_text(
        "import signal, sys\nfor each in (2, 15):\n    signal.signal(each, lambda number, _: sys.exit(40 + number))\n"
        + WAITING
    )
    process = subprocess.Popen([warm.command, "program.py"], cwd=tmp_path, env=environment())
    started(process, tmp_path)
    process.send_signal(number)
    assert process.wait(30) == 40 + number


def test_a_program_ends_with_what_started_it(warm: WarmPython, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(NAMED + WAITING)
    process = subprocess.Popen([warm.command, "program.py"], cwd=tmp_path, env=environment())
    started(process, tmp_path)
    process.kill()
    process.wait(30)
    ended(int((tmp_path / "pid").read_text()))


def test_nothing_outlives_it(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(NAMED + WAITING)
    with WarmPython() as warm:
        process = subprocess.Popen([warm.command, "program.py"], cwd=tmp_path, env=environment())
        started(process, tmp_path)
    process.wait(30)
    ended(int((tmp_path / "pid").read_text()))
