"""A simulated Airbyte server for demos and tests; it shares no decision code with the plan engine.

The names below are imported when they are first used, so that the pytest plugin costs nothing where it is not used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_airbyte_wb.emulator.core.fault import Fault
    from pulumi_airbyte_wb.emulator.core.world import World
    from pulumi_airbyte_wb.emulator.core.world_file import WorldError
    from pulumi_airbyte_wb.emulator.emulator import Emulator

__all__ = ["Emulator", "Fault", "World", "WorldError"]

_HOMES = {"Emulator": "emulator", "Fault": "core.fault", "World": "core.world", "WorldError": "core.world_file"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(what_to_install(missing), name=missing.name) from None


def what_to_install(missing: ModuleNotFoundError) -> str:
    """What to do where a package of the emulator is not installed, in one sentence."""
    return f"The emulator needs {missing.name}: pip install 'pulumi_airbyte_wb[emulator]'."
