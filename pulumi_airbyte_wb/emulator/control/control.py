"""Control of the emulator from Python: what the control API offers over HTTP, as methods."""

import json

from pulumi_airbyte_wb.emulator.control.base import ControlError
from pulumi_airbyte_wb.emulator.control.destinations import DestinationControl
from pulumi_airbyte_wb.emulator.control.faults import FaultControl
from pulumi_airbyte_wb.emulator.control.jobs import JobControl
from pulumi_airbyte_wb.emulator.control.sources import SourceControl
from pulumi_airbyte_wb.emulator.control.world_loader import load_world
from pulumi_airbyte_wb.emulator.core.late_requests import LateRequests
from pulumi_airbyte_wb.emulator.core.world import World
from pulumi_airbyte_wb.emulator.core.world_file import WorldError
from pulumi_airbyte_wb.emulator.jobs.runner import rebuild_agenda, tick

__all__ = ["Control", "ControlError"]


class Control(SourceControl, DestinationControl, JobControl, FaultControl):
    """Everything that the real server has no call for."""

    def load_world(self, world: World) -> None:
        """Start over with a world."""
        with self.server.lock:
            load_world(self.server, world)
            self._commit()

    def snapshot(self) -> str:
        """Everything, as one text."""
        with self.server.lock:
            tick(self.server)
            self.server.keep_time()
            return self.server.store.dump()

    def restore(self, snapshot: str) -> None:
        """Go back to a snapshot, its time included.

        Raises:
            WorldError: the text is no snapshot; nothing has changed then.
        """
        if not _is_snapshot(snapshot):
            raise WorldError("the text is no snapshot: give what a snapshot answered.")
        with self.server.lock:
            self.server.store.restore(snapshot)
            self.server.late = LateRequests()
            self.server.clock.set((self.server.store.get("clock", "now") or {})["at"])
            rebuild_agenda(self.server)
            self._commit()

    def set_shuffle(self, on: bool) -> None:
        """Whether answers come in a random order."""
        with self.server.lock:
            settings = self.server.settings
            settings["shuffle"] = on
            self.server.store.put("setting", "server", settings)
            self._commit()


def _is_snapshot(text: str) -> bool:
    try:
        docs = json.loads(text)
    except ValueError:
        return False
    kinds = docs.values() if isinstance(docs, dict) else [None]
    if not all(isinstance(kind, dict) and all(isinstance(doc, dict) for doc in kind.values()) for kind in kinds):
        return False
    return "login" in docs.get("setting", {}).get("server", {}) and "at" in docs.get("clock", {}).get("now", {})
