"""Control of sources: their rows and schemas."""

from pulumi_airbyte_wb.emulator.control.base import ControlBase, ControlError
from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.streams import Key, Row, key_of
from pulumi_airbyte_wb.emulator.rows.source_tables import (
    delete_rows,
    drop_table,
    find_table,
    insert_rows,
    put_table,
    update_rows,
)


class SourceControl(ControlBase):
    """Rows and schemas of sources; ``source`` is a name or an id."""

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
            present = find_table(self.server, doc["sourceId"], key_of(stream))
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

    def _source(self, name_or_id: str) -> Doc:
        return self._actor("source", name_or_id)

    def _table(self, source: Doc, stream: str, namespace: str | None) -> Doc:
        table = find_table(self.server, source["sourceId"], Key(stream, namespace))
        if table is None:
            raise ControlError(f"source {source['name']} has no stream '{stream}' in namespace {namespace!r}.")
        return table
