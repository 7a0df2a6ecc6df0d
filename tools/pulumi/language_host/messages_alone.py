"""Pulumi's gRPC messages without the rest of its SDK, whose import takes most of the start of a host."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def skip_the_sdk() -> None:
    """Let `pulumi.runtime.proto` be imported without what `pulumi` and `pulumi.runtime` import.

    For a process that needs nothing else of the SDK, before its first import of it.

    Raises:
        ModuleNotFoundError: The SDK is not installed.
    """
    found = importlib.util.find_spec("pulumi")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("there is no Pulumi SDK", name="pulumi")
    folder = Path(found.submodule_search_locations[0])
    for name, path in {"pulumi": folder, "pulumi.runtime": folder / "runtime"}.items():
        package = ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package
