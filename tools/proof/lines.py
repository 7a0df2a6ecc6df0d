"""What is declared of one stream: as the text that a program writes, and as the configuration that the API takes.

The two are made apart on purpose: reference connections are configured by the latter, so that an error in our reading
of the text shows.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]

COLUMNS = {
    "id": "integer",
    "part": "integer",
    "at": "integer",
    "seq": "integer",
    "email": "string",
    "note": "string",
    "v": "integer",
    "size": "integer",
}
Columns = tuple[tuple[str, str], ...]
"""Names and types."""
LOOSE = ("size", "extra")
"""Columns that the source may change: the type of the one, and the other comes and goes."""
START: Columns = (("size", "integer"),)
"""The loose columns that a stream begins with."""
DROPPABLE = ("email", "note")
CDC_COLUMNS = ("_ab_cdc_lsn", "_ab_cdc_updated_at", "_ab_cdc_deleted_at")
DELETED = "_ab_cdc_deleted_at"
CLEAR_TEXT = "secret-"


def _aes(key: str) -> Row:
    ways = {"algorithm": "AES", "mode": "CBC", "padding": "PKCS5Padding"}
    settings = {**ways, "key": key, "targetField": "email", "fieldNameSuffix": "_encrypted"}
    return {"type": "encryption", "mapperConfiguration": settings}


def _filter(part: int) -> Row:
    inner = {"type": "EQUAL", "fieldName": "part", "comparisonValue": str(part)}
    return {"type": "row-filtering", "mapperConfiguration": {"conditions": {"type": "NOT", "conditions": [inner]}}}


MAPPERS: dict[str, Row] = {
    "hash": {
        "type": "hashing",
        "mapperConfiguration": {"targetField": "email", "method": "SHA-256", "fieldNameSuffix": "_hashed"},
    },
    "encrypt": _aes("0f" * 16),
    "encrypt again": _aes("f0" * 16),
    "rename": {
        "type": "field-renaming",
        "mapperConfiguration": {"originalFieldName": "note", "newFieldName": "memo"},
    },
    "filter0": _filter(0),
    "filter1": _filter(1),
    "drop": {"type": "field-filtering", "mapperConfiguration": {"targetField": "note"}},
}


HIDING_BY_KEY = frozenset({"encrypt", "encrypt again"})
HIDING = HIDING_BY_KEY | {"hash"}
"""The mappers that keep an email out of the table."""


@dataclass(frozen=True)
class Line:
    """A declared stream.

    Args:
        mode: source and destination sync mode as one word.
        cursor: the declared cursor; the source's own is left out.
        key: the declared key; the source's own is left out.
        dropped: columns that are not selected.
        mappers: names of ``MAPPERS``, in order.
        guarantees: what the program guarantees.
        files: whether files are moved too; ``None`` is not declared.
        object_name: an object of the destination, which has no use for it; empty is not declared.
    """

    mode: str
    cursor: str | None = None
    key: tuple[str, ...] = ()
    dropped: frozenset[str] = frozenset()
    mappers: tuple[str, ...] = ()
    guarantees: frozenset[str] = frozenset()
    files: bool | None = None
    object_name: str = ""

    @property
    def incremental(self) -> bool:
        """Whether the source continues from a position."""
        return self.mode.startswith("incremental_")

    @property
    def dedup(self) -> bool:
        """Whether one row per key is promised."""
        return self.mode.endswith("_dedup")

    @property
    def overwrites(self) -> bool:
        """Whether each sync replaces the table."""
        return "_overwrite" in self.mode

    @property
    def appends(self) -> bool:
        """Whether versions are kept beside one another."""
        return self.mode.endswith("_append")

    def text(self, *, log: bool, mappers: bool) -> str:
        """As a program writes it; ``mappers`` says whether the server has them."""
        parts = [self.mode]
        if self.incremental and self.cursor:
            parts.append(f"cursor={self.cursor}")
        if self.dedup and self.key:
            parts.append(f"key={','.join(self.key)}")
        parts.append(f"fields={','.join(self.selected(log=log)) if self.dropped else '*'}")
        if mappers:
            parts.append(f"mappers={json.dumps([MAPPERS[name] for name in self.mappers])}")
        if self.files is not None:
            parts.append(f"files={'yes' if self.files else 'no'}")
        if self.object_name:
            parts.append(f"object={self.object_name}")
        if self.guarantees:
            parts.append(f"guarantees={','.join(sorted(self.guarantees))}")
        return " ".join(parts)

    def selected(self, *, log: bool) -> list[str]:
        """The selected columns."""
        return [name for name in (*COLUMNS, *(CDC_COLUMNS if log else ())) if name not in self.dropped]

    def config(self, own_cursor: str | None, own_key: tuple[str, ...], *, log: bool) -> Row:
        """As the API takes it."""
        source, _, destination = self.mode.replace("full_refresh", "full-refresh").partition("_")
        cursor = own_cursor or self.cursor
        key = own_key or self.key
        config: Row = {
            "syncMode": source.replace("-", "_"),
            "destinationSyncMode": destination,
            "cursorField": [cursor] if self.incremental and cursor else [],
            "primaryKey": [[name] for name in key] if self.dedup else [],
            "selected": True,
            "mappers": [MAPPERS[name] for name in self.mappers],
        }
        if self.dropped:
            config["fieldSelectionEnabled"] = True
            config["selectedFields"] = [{"fieldPath": [name]} for name in self.selected(log=log)]
        return config

    def moved(self, columns: Columns) -> Columns:
        """Which loose columns get to the table; one that came later was not selected by name."""
        return tuple((name, kind) for name, kind in columns if not self.dropped or name in COLUMNS)

    def shown(self, row: Row) -> Row:
        """What the table should hold of a source row, without the loose columns and those of the log."""
        kept = {name: value for name, value in row.items() if name in COLUMNS and name not in LOOSE}
        values = {name: value for name, value in kept.items() if name not in self.dropped}
        for name in self.mappers:
            if name == "hash" and "email" in values:
                clear = values.pop("email")
                values["email_hashed"] = None if clear is None else hashlib.sha256(clear.encode()).hexdigest()
            elif name in HIDING and "email" in values:
                # Any text will do that tells two keys apart; the emulator makes this one.
                clear, key = values.pop("email"), MAPPERS[name]["mapperConfiguration"]["key"]
                hidden = None if clear is None else hashlib.sha256(f"encryption {key} {clear}".encode()).hexdigest()
                values["email_encrypted"] = hidden
            elif name == "rename" and "note" in values:
                values["memo"] = values.pop("note")
            elif name == "drop":
                values.pop("note", None)
        return values

    def passes(self, row: Row) -> bool:
        """Whether the row filters let a row through."""
        return not any(name.startswith("filter") and str(row["part"]) == name[-1] for name in self.mappers)
