"""Control of destinations: what lies in their tables."""

from pulumi_airbyte_wb.emulator.control.base import ControlBase, ControlError
from pulumi_airbyte_wb.emulator.control.dropped_tables import DroppedTable, Place, drop_table, places
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Row
from pulumi_airbyte_wb.emulator.jobs.runner import tick
from pulumi_airbyte_wb.emulator.rows import destination_tables as tables


class DestinationControl(ControlBase):
    """Tables of destinations; ``destination`` is a name or an id."""

    def tables(self, destination: str) -> dict[str, list[Row]]:
        """The tables of a destination by ``namespace.name``, as a reader sees them."""
        with self.server.lock:
            tick(self.server)
            doc = self._actor("destination", destination)
            return {
                tables.full_name(table["namespace"], table["name"]): tables.visible_rows(table)
                for table in tables.tables_of(self.server, doc["destinationId"])
            }

    def raw_tables(self, destination: str) -> dict[str, list[Row]]:
        """What lies in the raw and temporary tables of a destination, for a search after clear text."""
        with self.server.lock:
            doc = self._actor("destination", destination)
            return {
                tables.full_name(table["namespace"], table["name"]): tables.raw_rows(table)
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
        full = tables.full_name(namespace, name)
        if full not in found:
            raise ControlError(
                f"destination {destination} has no table {full}: it has {', '.join(sorted(found)) or 'none'}."
            )
        return found[full]

    def table_sizes(self) -> list[tuple[str, str, int]]:
        """Every table: its destination's name, its own as ``namespace.name``, and how many rows it has."""
        with self.server.lock:
            tick(self.server)
            return sorted(
                (str(doc["name"]), tables.full_name(table["namespace"], table["name"]), len(table["rows"]))
                for doc in self.server.store.all("destination")
                for table in tables.tables_of(self.server, doc["destinationId"])
            )

    def drop_table(self, table: str, destination: str | None = None) -> DroppedTable:
        """Drop a table, given as ``namespace.name``, by hand; ``destination`` is needed where several have it.

        A connection that still writes it keeps its sync state: its next sync makes the table again, with the rows that
        it brings. What deleted connections did to it is forgotten.
        """
        with self.server.lock:
            tick(self.server)
            found = [(doc, place) for doc, place in self._places(destination) if tables.full_name(*place) == table]
            if not found:
                known = sorted(tables.full_name(*place) for _doc, place in self._places(destination))
                where = "no destination has" if destination is None else f"destination {destination} does not have"
                raise ControlError(f"{where} a table {table}: there is {', '.join(known) or 'none'}.")
            if len(found) > 1:
                names = ", ".join(doc["name"] for doc, _place in found)
                raise ControlError(f"{len(found)} destinations have a table {table}: name one of {names}.")
            dropped = drop_table(self.server, *found[0])
            self._commit()
            return dropped

    def drop_tables(self, destination: str | None = None) -> list[DroppedTable]:
        """Drop every table, of one destination or of all, as :meth:`drop_table` does."""
        with self.server.lock:
            tick(self.server)
            dropped = [drop_table(self.server, doc, place) for doc, place in self._places(destination)]
            self._commit()
            return dropped

    def _places(self, destination: str | None) -> list[tuple[Doc, Place]]:
        named = destination is not None
        docs = [self._actor("destination", str(destination))] if named else self.server.store.all("destination")
        found = [(doc, place) for doc in list(docs) for place in places(self.server, doc)]
        return sorted(found, key=lambda pair: (pair[0]["name"], tables.full_name(*pair[1])))
