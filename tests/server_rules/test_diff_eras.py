"""One small case for every rule that changed, asked on both sides of its release."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.server_rules.diff import diff_catalogs
from pulumi_airbyte_wb.server_rules.resets import server_resets, server_update
from tests.server_rules.builders import INTEGER, STRING, Json, catalog, hashing, renaming, schema, selection, stream

A, B = StreamDescriptor(None, "a"), StreamDescriptor(None, "b")
DEDUP: Json = {"sync_mode": "incremental", "destination_sync_mode": "append_dedup", "cursor": ["t"], "key": [["id"]]}


def changed_fields(old: Json, new: Json, version: str) -> set[tuple[str, str]]:
    return {
        (change["transformType"], ".".join(change["fieldName"]))
        for transform in diff_catalogs(old, new, server_version=version).transforms
        for change in transform["updateStream"]["fieldTransforms"]
    }


def refusal(ask: Any) -> str | None:
    try:
        ask()
    except CatalogError as error:
        return error.code
    return None


def diff_refusal(old: Json, new: Json, version: str) -> str | None:
    return refusal(lambda: diff_catalogs(old, new, server_version=version))


def update_refusal(old: Json, new: Json, version: str) -> str | None:
    return refusal(lambda: server_update(old, new, server_version=version))


def test_what_counts_as_a_type() -> None:
    def with_child(kind: Json) -> Json:
        field = {"airbyte_type": "x", "properties": {"child": kind}}
        return catalog(stream(json_schema=schema(f=field)))

    old, new = with_child(STRING), with_child(INTEGER)
    parent, child = ("update_field_schema", "f"), ("update_field_schema", "f.child")
    assert changed_fields(old, new, "0.40.32") == {parent}
    assert changed_fields(old, new, "0.41.0") == {parent, child}


def test_schema_nodes_that_are_no_objects() -> None:
    old = catalog(stream(json_schema=schema(f=True, g=STRING)))
    new = catalog(stream(json_schema=schema(f=True, g=INTEGER)))
    assert diff_refusal(old, new, "0.50.17") == "schema-not-an-object"
    assert update_refusal(old, new, "0.50.17") == "schema-not-an-object"
    assert changed_fields(old, new, "0.50.18") == {("update_field_schema", "g")}
    with pytest.raises(CatalogError, match="true at f, where"):
        diff_catalogs(old, new, server_version="0.50.0")
    root = catalog(stream(json_schema=True))
    with pytest.raises(CatalogError, match="true at the root"):
        diff_catalogs(root, new, server_version="0.50.0")


def test_a_refused_node_refuses_every_stream_that_differs_but_no_equal_one() -> None:
    odd = stream(json_schema=schema(f=True))
    other_modes = {**odd, "stream": {**odd["stream"], "supportedSyncModes": ["full_refresh"]}}
    assert diff_refusal(catalog(odd), catalog(odd), "0.50.0") is None
    assert diff_refusal(catalog(odd), catalog(other_modes), "0.50.0") == "schema-not-an-object"


def test_streams_listed_twice() -> None:
    once, twice = catalog(stream()), catalog(stream(), stream())
    for version in ("0.50.0", "0.63.0", "1.7.0"):
        assert diff_refusal(once, twice, version) == "duplicate-stream"
        assert diff_refusal(twice, once, version) == "duplicate-stream"
    assert diff_refusal(twice, once, "1.8.0") is None
    for version in ("0.50.0", "0.50.31", "1.7.0", "1.8.0", "2.0.0"):
        assert update_refusal(once, twice, version) == "duplicate-stream"
        assert update_refusal(twice, once, version) == "duplicate-stream"


def test_the_last_of_a_stream_listed_twice_counts_since_1_8() -> None:
    twice = catalog(stream(json_schema=schema(id=STRING)), stream(json_schema=schema(id=INTEGER)))
    once = catalog(stream(json_schema=schema(id=INTEGER)))
    assert not diff_catalogs(twice, once, server_version="1.8.0")


def test_unselected_streams_listed_twice_in_an_update() -> None:
    once, twice = catalog(stream()), catalog(stream(), stream("b", selected=False), stream("b", selected=False))
    assert update_refusal(once, twice, "0.50.30") is None
    assert update_refusal(once, twice, "0.50.31") == "duplicate-stream"


def test_differences_without_a_field_change() -> None:
    old = stream()
    new = {**old, "stream": {**old["stream"], "sourceDefinedCursor": False}}
    bare = {
        "transformType": "update_stream",
        "streamDescriptor": {"name": "a", "namespace": None},
        "updateStream": {"fieldTransforms": [], "streamAttributeTransforms": []},
    }
    assert diff_catalogs(catalog(old), catalog(new), server_version="0.50.36").transforms == (bare,)
    assert server_resets(catalog(old), catalog(new), server_version="0.50.36") == (A,)
    assert not diff_catalogs(catalog(old), catalog(new), server_version="0.50.37")
    assert server_resets(catalog(old), catalog(new), server_version="0.50.37") == ()


def test_changes_of_unselected_streams() -> None:
    old = catalog(stream(json_schema=schema(id=STRING), selected=False))
    new = catalog(stream(json_schema=schema(id=INTEGER), selected=False))
    assert diff_catalogs(old, new, server_version="0.50.36").streams == (A,)
    assert not diff_catalogs(old, new, server_version="0.50.37")
    for version in ("0.50.36", "0.50.37", "2.0.0"):
        assert server_resets(old, new, server_version=version) == ()


def test_absent_lists() -> None:
    old = stream(json_schema=schema(id=STRING))
    new = stream(json_schema=schema(id=STRING), fieldSelectionEnabled=True)
    assert diff_refusal(catalog(old), catalog(new), "0.50.36") == "selection-without-fields"
    assert changed_fields(catalog(old), catalog(new), "0.50.37") == {("remove_field", "id")}
    default_cursor = {**old, "stream": {**old["stream"], "defaultCursorField": []}}
    assert diff_catalogs(catalog(old), catalog(default_cursor), server_version="0.50.36")
    assert not diff_catalogs(catalog(old), catalog(default_cursor), server_version="0.50.37")
    assert server_resets(catalog(old), catalog(default_cursor), server_version="0.50.36") == ()


def test_null_list_of_selected_fields() -> None:
    old, new = catalog(stream()), catalog(stream(fieldSelectionEnabled=True, selectedFields=None))
    assert diff_refusal(old, new, "2.0.0") is None
    assert diff_refusal(new, old, "2.0.0") == "selection-without-fields"
    assert update_refusal(old, new, "2.0.0") == "selection-without-fields"


def test_which_properties_a_selection_narrows() -> None:
    root = {"type": "object", "definitions": {"d": {"properties": {"z": STRING}}}, "properties": {"id": STRING}}
    old, new = catalog(stream(json_schema=root)), catalog(stream(json_schema=root, **selection("id")))
    assert diff_refusal(old, new, "0.51.0") == "selected-field-unknown"
    assert diff_refusal(old, new, "0.52.0") is None
    below = catalog(stream(json_schema=root, **selection("z")))
    assert changed_fields(old, below, "0.51.0") == set()
    assert diff_refusal(old, below, "0.52.0") == "selected-field-unknown"


@pytest.mark.parametrize(
    ("version", "configured", "reported", "breaking"),
    [
        ("0.58.1", [["id"], ["x"]], False, False),
        ("0.59.0", [["id"], ["x"]], True, True),
        ("0.60.1", [["id"], ["x"]], True, True),
        ("0.60.1", [["x"], ["id"]], True, False),
        ("0.61.0", [["id"], ["x"]], True, False),
        ("0.61.0", [["id"]], True, True),
        ("2.0.0", [["id"], ["x"]], True, False),
        ("2.0.0", [["id"]], True, True),
    ],
)
def test_a_changed_source_key(version: str, configured: list[list[str]], reported: bool, breaking: bool) -> None:
    how = DEDUP | {"key": configured}
    old = catalog(stream(source_key=[["id"]], **how))
    new = catalog(stream(source_key=[["x"], ["id"]], **how))
    diff = diff_catalogs(old, new, server_version=version)
    assert (bool(diff), diff.breaking) == (reported, breaking)
    assert server_resets(old, new, server_version=version) == ((A,) if reported else ())


def test_a_source_key_that_goes_away_or_is_not_needed_breaks_nothing() -> None:
    for new_key, how in (([], DEDUP), ([["x"]], DEDUP | {"destination_sync_mode": "append"})):
        old, new = catalog(stream(source_key=[["id"]], **how)), catalog(stream(source_key=new_key, **how))
        for version in ("0.59.0", "0.61.0", "2.0.0"):
            diff = diff_catalogs(old, new, server_version=version)
            assert diff
            assert not diff.breaking


def test_connections_without_state_per_stream() -> None:
    old = catalog(stream("a"), stream("b"))
    new = catalog(stream("a", json_schema=schema(id=INTEGER)), stream("b"), stream("c", selected=False))
    for state in ("legacy", "not_set"):
        assert server_resets(old, new, server_version="0.59.1", state_type=state) == (A, B)
        assert server_resets(old, new, server_version="0.60.0", state_type=state) == (A,)
        assert server_resets(old, old, server_version="0.59.1", state_type=state) == ()
    for state in ("stream", "global"):
        assert server_resets(old, new, server_version="0.59.1", state_type=state) == (A,)


def test_a_removed_stream_is_not_among_those_that_legacy_state_resets() -> None:
    both, one = catalog(stream("a"), stream("b")), catalog(stream("a"))
    assert server_resets(both, one, server_version="0.50.0") == (B,)
    assert server_resets(both, one, server_version="0.50.0", state_type="legacy") == (A,)


def test_overwrite_dedup_needs_its_key() -> None:
    how = DEDUP | {"destination_sync_mode": "overwrite_dedup"}
    old, new = catalog(stream(json_schema=schema(id=STRING, t=STRING), **how)), catalog(stream(**how))
    without_key = catalog(stream(json_schema=schema(t=STRING), **how))
    assert not diff_catalogs(old, without_key, server_version="0.63.13").breaking
    assert diff_catalogs(old, without_key, server_version="0.63.14").breaking
    deselected = catalog(stream(json_schema=schema(id=STRING, t=STRING), **how, **selection("t")))
    assert diff_refusal(new, deselected, "0.63.13") is None
    assert diff_refusal(new, deselected, "0.63.14") == "key-deselected"


def test_selected_fields_that_the_schema_lacks() -> None:
    old = catalog(stream(json_schema=schema(id=STRING, x=STRING)))
    new = catalog(stream(json_schema=schema(id=STRING, x=STRING), **selection("id", "ghost")))
    assert diff_refusal(old, new, "0.63.15") == "selected-field-unknown"
    assert changed_fields(old, new, "0.63.16") == {("remove_field", "x")}


def test_a_cursor_that_the_schema_lacks_is_found_when_the_stored_stream_is_read_back() -> None:
    how: Json = {"sync_mode": "incremental", "cursor": ["ghost"], **selection("id", "ghost")}
    plain, ghost = catalog(stream()), catalog(stream(**how))
    for version in ("0.63.16", "1.3.0", "1.4.0", "2.0.0"):
        assert diff_refusal(plain, ghost, version) is None
        assert update_refusal(plain, ghost, version) == "cursor-deselected"
        assert update_refusal(ghost, plain, version) == "cursor-deselected"


def test_a_key_that_the_schema_lacks_is_found_when_the_stored_stream_is_read_back() -> None:
    how: Json = {"destination_sync_mode": "append_dedup", "key": [["id"], ["ghost"]], **selection("id", "ghost")}
    plain, ghost = catalog(stream()), catalog(stream(**how))
    for version in ("0.63.16", "1.3.0", "1.4.0", "2.0.0"):
        assert diff_refusal(plain, ghost, version) is None
        assert update_refusal(plain, ghost, version) == "key-deselected"
        assert update_refusal(ghost, plain, version) == "key-deselected"


def test_hashed_fields() -> None:
    columns = schema(id=STRING, x=STRING)
    old = catalog(stream(json_schema=columns))
    new = catalog(stream(json_schema=columns, hashedFields=[{"fieldPath": ["x"]}]))
    assert server_resets(old, new, server_version="0.64.4") == ()
    assert server_update(old, new, server_version="0.64.5").config_changed == (A,)
    assert server_update(old, new, server_version="1.3.0").config_changed == (A,)
    update = server_update(old, new, server_version="1.4.0")
    assert (update.reset, update.config_changed) == ((A,), ())


def test_the_order_of_hashed_fields_does_not_matter() -> None:
    columns = schema(id=STRING, x=STRING)
    fields = [{"fieldPath": ["id"]}, {"fieldPath": ["x"]}]
    old, new = (catalog(stream(json_schema=columns, hashedFields=each)) for each in (fields, fields[::-1]))
    assert server_resets(old, new, server_version="1.0.0") == ()


def test_mappers_stand_in_for_hashed_fields_since_1_2() -> None:
    columns = schema(id=STRING, x=STRING)
    old = catalog(stream(json_schema=columns, hashedFields=[{"fieldPath": ["x"]}]))
    new = catalog(stream(json_schema=columns, mappers=[hashing("x")]))
    other = catalog(stream(json_schema=columns, mappers=[renaming("x", "y")]))
    assert server_resets(old, new, server_version="1.1.0") == (A,)
    assert server_resets(old, new, server_version="1.2.0") == ()
    assert server_resets(old, other, server_version="1.2.0") == (A,)
    assert server_resets(new, catalog(stream(json_schema=columns)), server_version="1.1.0") == ()


def test_what_the_destination_does_not_see_resets_nothing_since_1_4() -> None:
    old = catalog(stream(json_schema=schema(id=STRING, o={"type": "object", "properties": {}})))
    new = catalog(
        stream(
            json_schema={**schema(id={"type": ["null", "string"], "description": "d"}, o=old_object()), "title": "t"}
        )
    )
    assert server_resets(old, new, server_version="1.3.0") == (A,)
    assert server_resets(old, new, server_version="1.4.0") == ()
    nested = catalog(stream(json_schema=schema(id=STRING, o={"type": "object", "properties": {"n": STRING}})))
    assert server_resets(old, nested, server_version="1.4.0") == (A,)


def old_object() -> Json:
    return {"type": "object", "properties": {}}


def test_catalogs_written_before_columns_were_stored_show_every_column_as_new() -> None:
    both = catalog(stream("a"), stream("b", json_schema=schema()))
    update = server_update(both, both, server_version="1.4.0", old_has_fields=False)
    assert update.reset == (A,)
    assert update.config_changed == ()
    changes = update.diff.transforms[0]["updateStream"]["fieldTransforms"]
    assert [(each["transformType"], each["fieldName"]) for each in changes] == [("add_field", ["id"])]
    assert server_resets(both, both, server_version="1.3.0", old_has_fields=False) == ()


@pytest.mark.parametrize("version", ["0.50.0", "0.63.0", "1.7.0", "2.0.0"])
def test_a_null_cursor_is_stored_as_an_empty_one(version: str) -> None:
    how: Json = {"sync_mode": "incremental", "destination_sync_mode": "append"}
    old, new = stream(json_schema=schema(id=STRING, x=STRING), **how), catalog(stream(**how))
    old["config"]["cursorField"] = None
    assert changed_fields(catalog(old), new, version) == {("remove_field", "x")}
    assert server_update(catalog(old), new, server_version=version).config_changed == ()
