"""Where the emulator keeps everything: JSON documents by kind and id, in memory or in one SQLite file.

A document is changed in memory and then put with :meth:`Store.put`; :meth:`Store.commit` writes all that were put in
one SQLite transaction. The HTTP layer commits before it answers, so an acknowledged write survives a kill.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Doc = dict[str, Any]


class Store:
    """Documents by kind and id; loaded ones are parsed when first asked for."""

    def __init__(self, path: Path | None = None) -> None:
        self._docs: dict[str, dict[str, Any]] = {}
        self._dirty: set[tuple[str, str]] = set()
        self._database: sqlite3.Connection | None = None
        if path is not None:
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("pragma journal_mode=wal")
            self._database.execute("pragma synchronous=normal")
            self._database.execute(
                "create table if not exists doc (kind text, id text, body text, primary key (kind, id)) without rowid"
            )
            for kind, doc_id, body in self._database.execute("select kind, id, body from doc"):
                self._docs.setdefault(kind, {})[doc_id] = body

    @property
    def empty(self) -> bool:
        """Whether nothing was ever stored."""
        return not any(self._docs.values())

    def get(self, kind: str, doc_id: str) -> Doc | None:
        """Return the document, or None."""
        docs = self._docs.get(kind)
        if docs is None:
            return None
        body = docs.get(doc_id)
        if isinstance(body, str):
            body = docs[doc_id] = json.loads(body)
        return body

    def put(self, kind: str, doc_id: str, doc: Doc) -> None:
        """Store the document, or note that it was changed."""
        self._docs.setdefault(kind, {})[doc_id] = doc
        self._dirty.add((kind, doc_id))

    def delete(self, kind: str, doc_id: str) -> None:
        """Forget the document, if there is one."""
        if self._docs.get(kind, {}).pop(doc_id, None) is not None:
            self._dirty.add((kind, doc_id))

    def ids(self, kind: str) -> list[str]:
        """Return the ids of a kind."""
        return list(self._docs.get(kind, {}))

    def all(self, kind: str) -> Iterator[Doc]:
        """Yield the documents of a kind."""
        for doc_id in self.ids(kind):
            doc = self.get(kind, doc_id)
            if doc is not None:
                yield doc

    def commit(self) -> None:
        """Make every noted change durable."""
        if self._database is None:
            self._dirty.clear()
            return
        if not self._dirty:
            return
        changed = sorted(self._dirty)
        self._database.execute("begin immediate")
        try:
            for kind, doc_id in changed:
                body = self._docs.get(kind, {}).get(doc_id)
                if body is None:
                    self._database.execute("delete from doc where kind = ? and id = ?", (kind, doc_id))
                else:
                    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
                    self._database.execute("insert or replace into doc values (?, ?, ?)", (kind, doc_id, text))
            self._database.execute("commit")
        except BaseException:
            self._database.execute("rollback")
            raise
        self._dirty.clear()

    def dump(self) -> str:
        """Return everything as one text (a snapshot)."""
        return json.dumps({kind: {i: self.get(kind, i) for i in docs} for kind, docs in self._docs.items()})

    def restore(self, text: str) -> None:
        """Replace everything by what :meth:`dump` returned."""
        self.clear()
        for kind, docs in json.loads(text).items():
            for doc_id, doc in docs.items():
                self.put(kind, doc_id, doc)

    def clear(self) -> None:
        """Forget everything."""
        for kind in list(self._docs):
            for doc_id in self.ids(kind):
                self.delete(kind, doc_id)

    def close(self) -> None:
        """Commit and close the file."""
        self.commit()
        if self._database is not None:
            self._database.close()
            self._database = None
