"""Airbyte connections as code, with Pulumi.

``import pulumi_airbyte_wb as airbyte`` gives a program everything: the resources, the helpers that declare streams and
schedules, lookups by name, and the errors; ``pulumi_airbyte_wb.resources`` lists them. The client
(``pulumi_airbyte_wb.api``), the plan engine (``pulumi_airbyte_wb.plan``) and the emulator (``.emulator``)
are imported by their own names.

The names are imported when they are first used: the pytest plugin and the command line need no Pulumi.
"""

import typing as _typing

from pulumi_airbyte_wb._version import __version__ as __version__

# Type checkers take this import alone, so that a name that does not exist is an error to them.
if _typing.TYPE_CHECKING:
    from pulumi_airbyte_wb.resources import *  # noqa: F403 - these are the names
else:

    def __getattr__(name: str) -> object:
        from importlib import import_module
        from importlib.util import find_spec

        # A module of the package is not one of the names: Python asks for it here before it imports it.
        if name == "__all__" or not (name.startswith("_") or find_spec(f"{__name__}.{name}")):
            names = import_module(f"{__name__}.resources")
            if name == "__all__":
                return [*names.__all__, "__version__"]
            if name in names.__all__:
                # A program uses some of them thousands of times.
                globals()[name] = getattr(names, name)
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __getattr__("__all__")
