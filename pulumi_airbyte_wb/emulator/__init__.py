"""A simulated Airbyte server for demos and tests; it shares no decision code with the plan engine."""

from pulumi_airbyte_wb.emulator.emulator import Emulator
from pulumi_airbyte_wb.emulator.world import World
from pulumi_airbyte_wb.emulator.world_file import WorldError

__all__ = ["Emulator", "World", "WorldError"]
