"""Examples to begin with."""

import shutil
from pathlib import Path

from pulumi_airbyte_wb.errors import AirbyteError, nearest
from pulumi_airbyte_wb.pages.places import shipped


class ExampleError(AirbyteError):
    """An example that does not exist, or cannot be written."""


def example_names() -> list[str]:
    """The names of the examples."""
    return sorted(path.name for path in shipped("examples").iterdir() if path.is_dir() and path.name != "__pycache__")


def write_example(name: str, folder: Path) -> None:
    """Copy an example into a folder, which is made.

    Raises:
        ExampleError: there is no such example, or the folder holds something.
    """
    names = example_names()
    if name not in names:
        hint = nearest(name, names) or f"the examples are {', '.join(names)}"
        raise ExampleError(f"no example is called {name!r}; {hint}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExampleError(f"{folder} is not an empty folder; name another one: airbyte-wb examples {name} FOLDER")
    try:
        shutil.copytree(
            shipped("examples") / name, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    except OSError as problem:
        raise ExampleError(f"cannot write {folder}: {problem.strerror or problem}") from None
