"""The emulator's side door in Python: what the control API offers over HTTP, as methods."""

from collections.abc import Iterable
from typing import Any

from pulumi_airbyte_wb.emulator.catalog.diff import Key
from pulumi_airbyte_wb.emulator.fault import Fault
from pulumi_airbyte_wb.emulator.http import carry_out_late
from pulumi_airbyte_wb.emulator.jobs import history, queue
from pulumi_airbyte_wb.emulator.jobs.runner import rebuild_agenda, tick
from pulumi_airbyte_wb.emulator.lateness import Lateness
from pulumi_airbyte_wb.emulator.request_log import RequestLog
from pulumi_airbyte_wb.emulator.rows import tables
from pulumi_airbyte_wb.emulator.seeding import load_world
from pulumi_airbyte_wb.emulator.server import Airbyte
from pulumi_airbyte_wb.emulator.sources import delete_rows, drop_table, find_table, insert_rows, put_table, update_rows
from pulumi_airbyte_wb.emulator.store import Doc
from pulumi_airbyte_wb.emulator.world import World

Row = dict[str, Any]


class SideDoorError(LookupError):
    """Something that was asked for by name is not there; the text is one sentence."""


class SideDoor:
    """Everything that the real server has no call for."""

    def __init__(self, server: Airbyte, log: RequestLog) -> None:
        self.server = server
        self.log = log

    # worlds ---------------------------------------------------------------------------------------------------------

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
        """Go back to a snapshot, its time included."""
        with self.server.lock:
            self.server.store.restore(snapshot)
            self.server.late = Lateness()
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

    # time and jobs --------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """The virtual time."""
        return self.server.clock.now()

    def set_speed(self, speed: float) -> None:
        """Virtual seconds per real second; 0 stands still until :meth:`advance`."""
        with self.server.lock:
            self.server.clock.speed = speed

    def advance(self, seconds: float) -> None:
        """Let virtual time pass, and everything happen that falls due."""
        with self.server.lock:
            self.server.clock.advance(seconds)
            tick(self.server)
            self._commit()

    def sync(self, connection_id: str) -> int:
        """Start a sync and let time pass until it has ended; returns the job's id."""
        with self.server.lock:
            job = queue.manual_sync(self.server, self.server.connection(connection_id))
            self._finish(connection_id)
            return int(job["id"])

    def finish_jobs(self, connection_id: str | None = None) -> None:
        """Let time pass until no job is unfinished."""
        with self.server.lock:
            ids = self.server.store.ids("connection") if connection_id is None else [connection_id]
            for each in ids:
                self._finish(each)

    def connection_ids(self) -> list[str]:
        """The connections that are not deleted."""
        with self.server.lock:
            return [connection["connectionId"] for connection in self.server.connections()]

    def jobs(self, connection_id: str) -> list[Doc]:
        """The jobs of a connection, oldest first, as ``jobs/list`` shows them."""
        with self.server.lock:
            tick(self.server)
            jobs = history.jobs_of(self.server, connection_id)
            return [history.job_with_attempts(job, self.server.rules) for job in jobs]

    def _finish(self, connection_id: str) -> None:
        server = self.server
        while (job := history.unfinished_job(server, connection_id)) is not None:
            server.clock.advance(max(0.0, job["due"] - server.clock.now()))
            tick(server)
        self._commit()

    # sources --------------------------------------------------------------------------------------------------------

    def insert(self, source: str, stream: str, rows: list[Row], namespace: str | None = None) -> int:
        """Add rows to a source table; ``source`` is a name or an id."""
        with self.server.lock:
            doc = self._source(source)
            count = insert_rows(self.server, doc, self._table(doc, stream, namespace), rows)
            self._commit()
            return count

    def update(self, source: str, stream: str, where: Row, values: Row, namespace: str | None = None) -> int:
        """Change the rows that match; returns how many."""
        with self.server.lock:
            doc = self._source(source)
            count = update_rows(self.server, doc, self._table(doc, stream, namespace), where, values)
            self._commit()
            return count

    def delete(self, source: str, stream: str, where: Row, namespace: str | None = None) -> int:
        """Delete the rows that match; returns how many."""
        with self.server.lock:
            doc = self._source(source)
            count = delete_rows(self.server, doc, self._table(doc, stream, namespace), where)
            self._commit()
            return count

    def source_rows(self, source: str, stream: str, namespace: str | None = None) -> list[Row]:
        """The rows of a source table."""
        with self.server.lock:
            return [dict(row) for row in self._table(self._source(source), stream, namespace)["rows"]]

    def set_column(
        self, source: str, stream: str, column: str, schema: Doc | None, namespace: str | None = None
    ) -> None:
        """Add, retype (with a JSON schema) or drop (with None) a column of a source table."""
        with self.server.lock:
            table = self._table(self._source(source), stream, namespace)
            shown = table["stream"]["jsonSchema"]
            properties = {name: node for name, node in shown.get("properties", {}).items() if name != column}
            if schema is None:
                for row in table["rows"]:
                    row.pop(column, None)
            else:
                properties = {**shown.get("properties", {}), column: schema}
            table["stream"] = {**table["stream"], "jsonSchema": {**shown, "properties": properties}}
            self.server.store.put("source_table", table["id"], table)
            self._commit()

    def set_stream(self, source: str, stream: Doc, rows: list[Row] | None = None) -> None:
        """Add or replace a stream of a source: an AirbyteStream object and its rows (kept when not given)."""
        with self.server.lock:
            doc = self._source(source)
            present = find_table(self.server, doc["sourceId"], Key(stream["name"], stream.get("namespace")))
            kept = [] if present is None else present["rows"]
            put_table(self.server, doc, stream, kept if rows is None else rows)
            self._commit()

    def drop_stream(self, source: str, stream: str, namespace: str | None = None) -> None:
        """Take a stream from a source."""
        with self.server.lock:
            drop_table(self.server, self._source(source), Key(stream, namespace))
            self._commit()

    def break_discovery(self, source: str, message: str | None) -> None:
        """Let discovery of a source fail with this message, or (None) work again."""
        with self.server.lock:
            doc = self._source(source)
            doc["trouble"] = message
            self.server.store.put("source", doc["sourceId"], doc)
            self._commit()

    # destinations ---------------------------------------------------------------------------------------------------

    def tables(self, destination: str) -> dict[str, list[Row]]:
        """The tables of a destination by ``namespace.name``, as a reader sees them."""
        with self.server.lock:
            tick(self.server)
            doc = self._actor("destination", destination)
            return {
                f"{table['namespace']}.{table['name']}" if table["namespace"] else table["name"]: tables.visible_rows(
                    table
                )
                for table in tables.tables_of(self.server, doc["destinationId"])
            }

    def raw_tables(self, destination: str) -> dict[str, list[Row]]:
        """What lies in the raw and temporary tables of a destination, for a search after clear text."""
        with self.server.lock:
            doc = self._actor("destination", destination)
            return {
                f"{table['namespace']}.{table['name']}": tables.raw_rows(table)
                for table in tables.tables_of(self.server, doc["destinationId"])
            }

    def settle(self, destination: str) -> None:
        """Let a table engine that merges in the background finish."""
        with self.server.lock:
            tables.settle(self.server, self._actor("destination", destination))
            self._commit()

    def table(self, destination: str, name: str, namespace: str | None = "public") -> list[Row]:
        """The rows of one table."""
        found = self.tables(destination)
        full = f"{namespace}.{name}" if namespace else name
        if full not in found:
            raise SideDoorError(
                f"destination {destination} has no table {full}: it has {', '.join(sorted(found)) or 'none'}."
            )
        return found[full]

    # faults and requests --------------------------------------------------------------------------------------------

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

    # ----------------------------------------------------------------------------------------------------------------

    def _commit(self) -> None:
        self.server.keep_time()
        self.server.store.commit()

    def _actor(self, kind: str, name_or_id: str) -> Doc:
        docs = list(self.server.store.all(kind))
        for doc in docs:
            if name_or_id in (doc[f"{kind}Id"], doc["name"]):
                return doc
        raise SideDoorError(
            f"there is no {kind} '{name_or_id}': there is {', '.join(doc['name'] for doc in docs) or 'none'}."
        )

    def _source(self, name_or_id: str) -> Doc:
        return self._actor("source", name_or_id)

    def _table(self, source: Doc, stream: str, namespace: str | None) -> Doc:
        table = find_table(self.server, source["sourceId"], Key(stream, namespace))
        if table is None:
            raise SideDoorError(f"source {source['name']} has no stream '{stream}' in namespace {namespace!r}.")
        return table
