"""Control of faults: what goes wrong, and when."""

from collections.abc import Iterable

from pulumi_airbyte_wb.emulator.control.base import ControlBase
from pulumi_airbyte_wb.emulator.core.fault import Fault
from pulumi_airbyte_wb.emulator.http.api import carry_out_late


class FaultControl(ControlBase):
    """Faults of requests and of streams."""

    def add_fault(self, fault: Fault) -> None:
        """Let a request fail."""
        with self.server.lock:
            self.server.faults.append(fault)

    def clear_faults(self) -> None:
        """Take back every fault."""
        with self.server.lock:
            self.server.faults.clear()
            for connection_id in self.server.store.ids("stream_fault"):
                self.server.store.delete("stream_fault", connection_id)
            self._commit()

    def carry_out_late(self, *, before: Iterable[str] = (), after: int = 0) -> None:
        """Carry out the requests that a fault ``late`` kept: just before a request to one of the paths, or after some.

        At once where neither is given.
        """
        with self.server.lock:
            self.server.late.before, self.server.late.after = frozenset(before), after or None
            if not before and not after:
                carry_out_late(self.server)

    def break_stream(
        self,
        connection_id: str,
        stream: str,
        namespace: str | None = None,
        *,
        after: int = 0,
        checkpoint: bool = False,
        message: str = "a fault of the emulator",
    ) -> None:
        """Break off a stream of the next job after some records (rows.md §6 rule 8)."""
        with self.server.lock:
            faults = self.server.store.get("stream_fault", connection_id) or {"faults": []}
            faults["faults"].append(
                {"name": stream, "namespace": namespace, "after": after, "checkpoint": checkpoint, "message": message}
            )
            self.server.store.put("stream_fault", connection_id, faults)
            self._commit()
