"""What every part of the control does: keep what changed, find things by name or id."""

from collections.abc import Iterable

from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.http.request_log import RequestLog


class ControlError(LookupError):
    """Something that was asked for by name is not there; the text is one sentence."""


class ControlBase:
    """A server and its request log."""

    def __init__(self, server: Airbyte, log: RequestLog) -> None:
        self.server = server
        self.log = log

    def _commit(self) -> None:
        self.server.keep_time()
        self.server.store.commit()

    def _actor(self, kind: str, name_or_id: str) -> Doc:
        docs = list(self.server.store.all(kind))
        for doc in docs:
            if name_or_id in (doc[f"{kind}Id"], doc["name"]):
                return doc
        raise ControlError(f"there is no {kind} '{name_or_id}': there is {_listed(doc['name'] for doc in docs)}.")

    def _connection(self, name_or_id: str) -> Doc:
        """The connection with this id, deleted ones included, or the only one with this name."""
        known = self.server.store.get("connection", name_or_id)
        if known is not None:
            return known
        connections = self.server.connections()
        named = [connection for connection in connections if connection["name"] == name_or_id]
        if len(named) > 1:
            ids = _listed(connection["connectionId"] for connection in named)
            raise ControlError(f"{len(named)} connections are named '{name_or_id}': give the id of one, {ids}.")
        if not named:
            names = _listed(connection["name"] for connection in connections)
            raise ControlError(f"there is no connection '{name_or_id}': there is {names}.")
        return named[0]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
