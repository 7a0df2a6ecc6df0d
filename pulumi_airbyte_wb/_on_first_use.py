"""Names of a package that are imported when they are first used: most programs need few of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any


def on_first_use(
    package: dict[str, Any], homes: Sequence[str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """The ``__getattr__`` and the ``__dir__`` of a package.

    Args:
        package: its globals, with ``__all__``.
        homes: its modules that define the names, those that import the least first.
    """

    def find(name: str) -> object:
        if name in package["__all__"]:
            for home in homes:
                module = import_module(f"{package['__name__']}.{home}")
                if hasattr(module, name):
                    package[name] = getattr(module, name)
                    return package[name]
        raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")

    return find, lambda: list(package["__all__"])
