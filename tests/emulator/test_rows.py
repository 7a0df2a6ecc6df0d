"""What families and sources do with rows, one fact a test (rows.md §1, §2, §6)."""

from typing import Any

import pytest

from .api import Api
from .conftest import MakeApi

Row = dict[str, Any]

DL: Row = {"family": "direct-load"}
DL_POSTGRES: Row = {"family": "direct-load", "nullKeys": "postgres"}
DL_ENGINE: Row = {"family": "direct-load", "engine": "background"}
TD_DELETE: Row = {"family": "typing-deduping", "engine": "delete"}
TD_MERGE: Row = {"family": "typing-deduping", "engine": "merge"}
NZ: Row = {"family": "normalization"}
ALL = [DL, DL_ENGINE, TD_DELETE, TD_MERGE, NZ]

COLUMNS = {"a": "integer", "b": "integer", "at": "integer", "text": "string"}
DEDUP: Row = {
    "syncMode": "incremental",
    "destinationSyncMode": "append_dedup",
    "cursorField": ["at"],
    "primaryKey": [["a"], ["b"]],
}
APPEND: Row = {"syncMode": "incremental", "destinationSyncMode": "append", "cursorField": ["at"], "primaryKey": []}
OVERWRITE: Row = {"syncMode": "full_refresh", "destinationSyncMode": "overwrite", "cursorField": [], "primaryKey": []}
START = [
    {"a": 1, "b": 1, "at": 1, "text": "x"},
    {"a": 1, "b": 2, "at": 2, "text": "y"},
    {"a": 2, "b": 1, "at": 3, "text": "z"},
]


class Moves:
    """One source with stream t, one destination, one connection."""

    def __init__(
        self,
        make_api: MakeApi,
        family: Row,
        config: Row,
        *,
        source: Row | None = None,
        rows: list[Row] | None = None,
        columns: Row | None = None,
        **fields: Any,
    ) -> None:
        stream: Row = {
            "name": "t",
            "namespace": "public",
            "columns": columns or COLUMNS,
            "rows": START if rows is None else rows,
        }
        if (source or {}).get("kind") == "cdc":
            stream["sourceDefinedPrimaryKey"] = [["a"], ["b"]]
        world = {
            "sources": [{"name": "s", **(source or {}), "streams": [stream, {**stream, "name": "u"}]}],
            "destinations": [{"name": "d", **family}],
        }
        self.api: Api = make_api("1.8.0", world)
        server = self.api.emulator.server
        (self.source,), (self.destination,) = server.store.ids("source"), server.store.ids("destination")
        streams = {"t": config} if "u" not in fields else {"t": config, "u": fields.pop("u")}
        self.id = self.api.connect(self.source, self.destination, fields=fields, **streams)["connectionId"]

    def sync(self) -> int:
        """Sync; returns how many rows of t were read."""
        self.api.emulator.sync(self.id)
        job = self.api.jobs(self.id)[0]
        stats = job["attempts"][-1]["streamStats"]
        return next((s["stats"]["recordsEmitted"] for s in stats if s["streamName"] == "t"), 0)

    def status(self) -> str:
        return self.api.jobs(self.id)[0]["job"]["status"]  # type: ignore[no-any-return]

    def change(self, **config: Any) -> None:
        """Change t's configuration with skipReset."""
        self.api.reconfigure(self.id, skip=True, t=config)

    def table(self, name: str = "t", namespace: str = "public") -> list[Row]:
        self.api.emulator.settle("d")
        return self.api.emulator.table("d", name, namespace)

    def found(self) -> list[tuple[int, int]]:
        return sorted((row["a"], row["b"]) for row in self.table())


def _insert(moves: Moves, **row: Any) -> None:
    moves.api.emulator.insert("s", "t", [{"text": "new", **row}], "public")


@pytest.mark.parametrize("family", ALL)
def test_no_reads_without_changes_and_only_new_rows_later(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, DEDUP)
    assert [moves.sync(), moves.sync()] == [3, 0]
    _insert(moves, a=3, b=1, at=9)
    assert moves.sync() == 1
    assert len(moves.table()) == 4


@pytest.mark.parametrize(("family", "same_key"), [(DL, 2), (TD_DELETE, 1), (TD_MERGE, 2), (DL_ENGINE, 1)])
def test_a_coarser_key_with_the_state_kept(make_api: MakeApi, family: Row, same_key: int) -> None:
    moves = Moves(make_api, family, DEDUP)
    moves.sync()
    moves.change(primaryKey=[["a"]])
    _insert(moves, a=2, b=1, at=4)
    moves.sync()
    assert len([row for row in moves.table() if row["a"] == 1]) == same_key


@pytest.mark.parametrize(("family", "rows"), [(DL, 3), (TD_DELETE, 3), (TD_MERGE, 3), (NZ, 6)])
def test_the_order_of_the_key_doubles_rows_in_normalization_only(make_api: MakeApi, family: Row, rows: int) -> None:
    pairs = ((1, 11), (1, 12), (2, 11))
    moves = Moves(make_api, family, DEDUP, rows=[{"a": a, "b": b, "at": 1, "text": "x"} for a, b in pairs])
    moves.sync()
    moves.change(primaryKey=[["b"], ["a"]])
    for a, b in pairs:
        moves.api.emulator.update("s", "t", {"a": a, "b": b}, {"at": 10 + a + b}, "public")
    moves.sync()
    assert len(moves.table()) == rows


@pytest.mark.parametrize(("family", "rows"), [(DL, 1), (DL_POSTGRES, 2)])
def test_null_keys(make_api: MakeApi, family: Row, rows: int) -> None:
    moves = Moves(make_api, family, DEDUP, rows=[{"a": 1, "b": None, "at": 1, "text": "x"}])
    moves.sync()
    moves.api.emulator.update("s", "t", {"a": 1}, {"at": 2}, "public")
    moves.sync()
    assert len(moves.table()) == rows


def test_a_background_engine_stores_no_null_keys(make_api: MakeApi) -> None:
    moves = Moves(make_api, DL_ENGINE, DEDUP, rows=[{"a": 1, "b": None, "at": 1, "text": "x"}])
    moves.sync()
    assert moves.status() == "failed"


def test_readers_see_duplicates_until_the_engine_has_merged(make_api: MakeApi) -> None:
    moves = Moves(make_api, DL_ENGINE, DEDUP)
    moves.sync()
    moves.api.emulator.settle("d")
    moves.api.emulator.update("s", "t", {"a": 2}, {"at": 9}, "public")
    moves.sync()
    assert len(moves.api.emulator.table("d", "t")) == 4
    assert len(moves.table()) == 3


@pytest.mark.parametrize("family", [DL, TD_DELETE, TD_MERGE, NZ])
def test_a_cursor_that_fell_never_wins(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, {**DEDUP, "syncMode": "full_refresh"})
    moves.sync()
    moves.api.emulator.update("s", "t", {"a": 2}, {"at": 2, "text": "older"}, "public")
    moves.api.emulator.update("s", "t", {"a": 1, "b": 1}, {"at": None, "text": "null"}, "public")
    moves.sync()
    assert {row["text"] for row in moves.table()} == {"x", "y", "z"}


@pytest.mark.parametrize(("family", "raw"), [(DL, False), (TD_DELETE, True), (NZ, True)])
def test_a_deselected_column_is_dropped_and_raw_keeps_it(make_api: MakeApi, family: Row, raw: bool) -> None:
    moves = Moves(make_api, family, APPEND)
    moves.sync()
    moves.change(fieldSelectionEnabled=True, selectedFields=[{"fieldPath": [n]} for n in ("a", "b", "at")])
    moves.sync()
    assert "text" not in moves.table()[0]
    moves.change(fieldSelectionEnabled=False, selectedFields=[])
    _insert(moves, a=9, b=9, at=9)
    moves.sync()
    values = {row["text"] for row in moves.table() if row["a"] != 9}
    assert values == ({None} if family is not TD_DELETE else {"x", "y", "z"})
    assert any("text" in row for row in moves.api.emulator.raw_tables("d")["public.t"]) is raw


@pytest.mark.parametrize(("family", "status"), [(DL, "failed"), (TD_DELETE, "succeeded"), (TD_MERGE, "succeeded")])
def test_a_type_that_does_not_cast(make_api: MakeApi, family: Row, status: str) -> None:
    moves = Moves(make_api, family, APPEND)
    moves.sync()
    moves.api.emulator.set_column("s", "t", "text", {"type": ["null", "integer"]}, "public")
    fresh = moves.api.call("web_backend/connections/get", connectionId=moves.id, withRefreshedCatalog=True)
    moves.api.update(moves.id, syncCatalog=fresh["syncCatalog"], sourceCatalogId=fresh["catalogId"], skipReset=True)
    moves.sync()
    assert moves.status() == status
    if status == "failed":
        assert len(moves.table()) == 3
        moves.sync()
        assert moves.status() == "failed"
    else:
        assert {row["text"] for row in moves.table()} == {None}


@pytest.mark.parametrize("family", [DL, TD_DELETE, TD_MERGE])
def test_widening_keeps_values(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, APPEND)
    moves.sync()
    moves.api.emulator.set_column("s", "t", "b", {"type": ["null", "string"]}, "public")
    fresh = moves.api.call("web_backend/connections/get", connectionId=moves.id, withRefreshedCatalog=True)
    moves.api.update(moves.id, syncCatalog=fresh["syncCatalog"], sourceCatalogId=fresh["catalogId"], skipReset=True)
    moves.sync()
    assert {row["b"] for row in moves.table()} == {"1", "2"}


@pytest.mark.parametrize("family", ALL)
def test_a_value_of_another_type_than_the_schema_says_is_cast_or_null(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, APPEND)
    moves.sync()
    moves.api.emulator.set_column("s", "t", "b", {"type": ["null", "string"]}, "public")
    _insert(moves, a=3, b="7", at=9)
    _insert(moves, a=4, b="seven", at=9)
    moves.sync()
    assert {row["a"]: row["b"] for row in moves.table() if row["a"] > 2} == {3: 7, 4: None}


@pytest.mark.parametrize("config", [APPEND, DEDUP], ids=["append", "dedup"])
def test_normalization_casts_the_rows_that_are_there(make_api: MakeApi, config: Row) -> None:
    moves = Moves(
        make_api, NZ, config, rows=[{"a": a, "b": 1, "at": a, "text": text} for a, text in ((1, "5"), (2, "x"))]
    )
    moves.sync()
    moves.api.emulator.set_column("s", "t", "text", {"type": ["null", "integer"]}, "public")
    moves.api.emulator.set_column("s", "t", "at", {"type": ["null", "number"]}, "public")
    fresh = moves.api.call("web_backend/connections/get", connectionId=moves.id, withRefreshedCatalog=True)
    moves.api.update(moves.id, syncCatalog=fresh["syncCatalog"], sourceCatalogId=fresh["catalogId"], skipReset=True)
    moves.sync()
    assert {row["a"]: row["text"] for row in moves.table()} == {1: 5, 2: None}


@pytest.mark.parametrize(("family", "rows"), [(DL, 6), (TD_DELETE, 3), (TD_MERGE, 3)])
def test_append_to_dedup_with_duplicates(make_api: MakeApi, family: Row, rows: int) -> None:
    moves = Moves(make_api, family, {**APPEND, "syncMode": "full_refresh"})
    moves.sync()
    moves.sync()
    moves.change(destinationSyncMode="append_dedup", primaryKey=[["a"], ["b"]])
    moves.sync()
    assert len(moves.table()) == rows


@pytest.mark.parametrize("family", ALL)
def test_overwrite_to_append_doubles(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, OVERWRITE)
    moves.sync()
    moves.change(**APPEND)
    moves.sync()
    assert len(moves.table()) == 6


@pytest.mark.parametrize("family", [DL, TD_DELETE, TD_MERGE])
def test_overwrite_only_replaces_in_full_refresh(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, {**OVERWRITE, "syncMode": "incremental", "cursorField": ["at"]})
    moves.sync()
    _insert(moves, a=9, b=9, at=9)
    moves.sync()
    assert len(moves.table()) == 4


@pytest.mark.parametrize("family", ALL)
def test_a_changed_prefix_starts_a_new_table_at_the_old_cursor(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, DEDUP)
    moves.sync()
    moves.api.update(moves.id, prefix="new_")
    _insert(moves, a=9, b=9, at=9)
    moves.sync()
    assert (len(moves.table()), len(moves.table("new_t"))) == (3, 1)


@pytest.mark.parametrize(
    ("definition", "format_", "namespace"),
    [
        ("source", None, "public"),
        ("destination", None, "main"),
        ("customformat", "x_${SOURCE_NAMESPACE}", "x_public"),
        ("customformat", "", "main"),
    ],
)
def test_namespaces(make_api: MakeApi, definition: str, format_: str | None, namespace: str) -> None:
    fields: Row = {"namespaceDefinition": definition, "namespaceFormat": format_}
    moves = Moves(make_api, {**DL, "defaultNamespace": "main"}, {**OVERWRITE, "aliasName": "other"}, **fields)
    moves.sync()
    assert len(moves.table("t", namespace)) == 3


def test_a_changed_cursor_reads_all(make_api: MakeApi) -> None:
    moves = Moves(make_api, DL, APPEND)
    moves.sync()
    moves.change(cursorField=["b"])
    assert moves.sync() == 3
    assert len(moves.table()) == 6


@pytest.mark.parametrize(("boundary", "again"), [("gt", 0), ("ge", 0), ("ge_lookback", 1)])
def test_boundaries(make_api: MakeApi, boundary: str, again: int) -> None:
    moves = Moves(make_api, DL, APPEND, source={"boundary": boundary})
    moves.sync()
    assert moves.sync() == again
    _insert(moves, a=9, b=9, at=3)
    assert moves.sync() == {"gt": 2, "ge": 0, "ge_lookback": 2}[boundary]


def test_null_cursors_are_read_once(make_api: MakeApi) -> None:
    moves = Moves(make_api, DL, APPEND, rows=[*START, {"a": 7, "b": 7, "at": None, "text": "n"}])
    assert moves.sync() == 4
    _insert(moves, a=8, b=8, at=None)
    assert moves.sync() == 0


CDC = {"kind": "cdc"}
BY_LOG = {**DEDUP, "cursorField": ["_ab_cdc_lsn"]}


@pytest.mark.parametrize("family", [DL, TD_DELETE, TD_MERGE, NZ])
@pytest.mark.parametrize("hard", [True, False])
def test_cdc_deletes(make_api: MakeApi, family: Row, hard: bool) -> None:
    if family is NZ and not hard:
        pytest.skip("normalization hides deleted rows always")
    moves = Moves(make_api, {**family, "hardDeletes": hard}, BY_LOG, source=CDC)
    assert moves.sync() == 3
    moves.api.emulator.delete("s", "t", {"a": 2}, "public")
    assert moves.sync() == 1
    assert len(moves.table()) == (2 if hard else 3)


def test_cdc_loses_the_gap_of_a_stream_that_was_away(make_api: MakeApi) -> None:
    moves = Moves(make_api, DL, BY_LOG, source=CDC, u=BY_LOG)
    moves.sync()
    moves.change(selected=False)
    _insert(moves, a=9, b=9, at=9)
    moves.sync()
    moves.change(**{**BY_LOG, "selected": True})
    _insert(moves, a=10, b=10, at=10)
    assert moves.sync() == 1
    assert (9, 9) not in moves.found()


def test_cdc_takes_a_snapshot_of_a_new_stream(make_api: MakeApi) -> None:
    moves = Moves(make_api, DL, BY_LOG, source=CDC)
    moves.sync()
    moves.api.reconfigure(moves.id, skip=True, u={**BY_LOG, "selected": True})
    moves.sync()
    assert len(moves.table("u")) == 3


def test_a_state_of_the_wrong_kind_fails_the_sync(make_api: MakeApi) -> None:
    moves = Moves(make_api, DL, DEDUP)
    moves.sync()
    moves.api.emulator.server.store.get("state", moves.id)["type"] = "global"  # type: ignore[index]
    moves.sync()
    assert moves.status() == "failed"


HASHED = {
    "type": "hashing",
    "mapperConfiguration": {"targetField": "text", "method": "SHA-256", "fieldNameSuffix": "_h"},
}


@pytest.mark.parametrize(("family", "clear_text"), [(DL, False), (TD_DELETE, True), (NZ, True)])
def test_a_hash_leaves_clear_text_in_raw_until_a_truncate(make_api: MakeApi, family: Row, clear_text: bool) -> None:
    moves = Moves(make_api, {**family, "supportsRefreshes": True}, DEDUP)
    moves.sync()
    moves.change(mappers=[HASHED])
    _insert(moves, a=9, b=9, at=9)
    moves.sync()
    (new,) = [row for row in moves.table() if row["a"] == 9]
    assert set(new) == {"a", "b", "at", "text_h"}
    assert len(new["text_h"]) == 64
    assert ("'x'" in str(moves.api.emulator.raw_tables("d"))) is clear_text
    if family is not NZ:
        moves.api.call("connections/refresh", connectionId=moves.id, refreshMode="Truncate")
        moves.api.emulator.finish_jobs()
        assert "'x'" not in str(moves.api.emulator.raw_tables("d"))
        assert all(row["text_h"] for row in moves.table())


def test_other_mappers(make_api: MakeApi) -> None:
    rename = {"type": "field-renaming", "mapperConfiguration": {"originalFieldName": "text", "newFieldName": "words"}}
    drop = {"type": "field-filtering", "mapperConfiguration": {"targetField": "b"}}
    equal = {"type": "EQUAL", "fieldName": "a", "comparisonValue": "1"}
    rows = {"type": "row-filtering", "mapperConfiguration": {"conditions": {"type": "NOT", "conditions": [equal]}}}
    moves = Moves(make_api, DL, {**OVERWRITE, "mappers": [rename, drop, rows]})
    moves.sync()
    assert moves.table() == [{"a": 2, "at": 3, "words": "z"}]


def test_dedup_without_a_key_fails(make_api: MakeApi) -> None:
    for family in (DL, TD_DELETE, NZ):
        moves = Moves(make_api, family, {**DEDUP, "primaryKey": []})
        moves.sync()
        assert moves.status() == "failed"


@pytest.mark.parametrize("family", ALL)
def test_a_clear_empties_and_the_next_sync_fills(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, DEDUP)
    moves.sync()
    moves.api.call("connections/clear", connectionId=moves.id)
    moves.api.emulator.finish_jobs()
    assert moves.table() == []
    assert moves.sync() == 3
    assert len(moves.table()) == 3


@pytest.mark.parametrize(("family", "during"), [(DL, 3), (TD_DELETE, 3), (TD_MERGE, 3)])
def test_an_interrupted_overwrite_keeps_the_old_copy(make_api: MakeApi, family: Row, during: int) -> None:
    moves = Moves(make_api, family, OVERWRITE)
    moves.sync()
    _insert(moves, a=9, b=9, at=9)
    moves.api.emulator.break_stream(moves.id, "t", "public", after=2)
    moves.sync()
    assert len(moves.table()) == during
    moves.sync()
    assert len(moves.table()) == 4


@pytest.mark.parametrize("family", [DL, TD_DELETE, TD_MERGE])
def test_a_merge_refresh_doubles_append_and_not_dedup(make_api: MakeApi, family: Row) -> None:
    moves = Moves(make_api, family, APPEND, u=DEDUP)
    moves.sync()
    moves.api.call("connections/refresh", connectionId=moves.id, refreshMode="Merge")
    moves.api.emulator.finish_jobs()
    assert (len(moves.table("t")), len(moves.table("u"))) == (6, 3)
