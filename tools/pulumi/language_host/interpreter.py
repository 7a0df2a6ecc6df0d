"""Which Python runs a program or a policy pack."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class InterpreterError(Exception):
    """No Python can run the program; the message tells its author what to do."""


@dataclass(frozen=True)
class Interpreter:
    """A Python and the environment variables that go with it.

    Attributes:
        python: The path of the executable.
        environment: The variables of every process that it runs.
    """

    python: str
    environment: Mapping[str, str]


def find(virtualenv: str, root: Path, environment: Mapping[str, str]) -> Interpreter:
    """The Python that Pulumi's own host would take.

    It is the one of the virtual environment named by `runtime.options.virtualenv`, or else PULUMI_PYTHON_CMD, or else
    `python3` or `python` on PATH, where an activated environment comes first. The script that starts dynamic providers
    chooses in the same way; the two must agree, as one unpickles what the other pickled.

    Args:
        virtualenv: The option, empty if it is not set.
        root: The project's folder, to which a relative path belongs.
        environment: The variables of the engine.

    Raises:
        InterpreterError: There is no such Python.
    """
    if not virtualenv:
        commands = [environment["PULUMI_PYTHON_CMD"]] if environment.get("PULUMI_PYTHON_CMD") else ["python3", "python"]
        for command in commands:
            if python := shutil.which(command, path=environment.get("PATH")):
                return Interpreter(python, environment)
        raise InterpreterError(f"there is no {' or '.join(commands)} on PATH to run the program with")
    folder = root / virtualenv
    in_folder = folder / "bin" / "python"
    if not in_folder.exists():
        what = "is not a virtual environment" if folder.is_dir() else "does not exist"
        raise InterpreterError(
            f"the 'virtualenv' option in Pulumi.yaml is set to {virtualenv!r}, but {folder} {what}; create it with "
            f"`python3 -m venv {folder}` and install the program's requirements into it"
        )
    changed = {name: value for name, value in environment.items() if name != "PYTHONHOME"}
    changed["VIRTUAL_ENV"] = str(folder)
    changed["PATH"] = os.pathsep.join(filter(None, (str(folder / "bin"), environment.get("PATH"))))
    return Interpreter(str(in_folder), changed)
