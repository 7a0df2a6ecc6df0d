"""What a source offers is not ours to refuse: names of any letters are moved, recorded, and shown on one line."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import StreamDescriptor
from tests.providers.engine import Resource

SOURCE = "20000000-0000-4000-8000-00000000000a"
DESTINATION = "30000000-0000-4000-8000-00000000000a"
NAMES = [
    "a\nb",
    "a\u2028b",
    "a\x85b",
    "a\u202eb",
    "a\x1b[31mb",
    "a\u200db",
    'quote"d',
    "back\\slash",
    "dot.ted",
    "st*r",
    "[bracket]",
    "equals=",
    "com,ma",
    "pipe|",
    " space ",
    "<script>alert(1)</script>",
    "${x} $(id) `id` %s {0}",
    "店🏬مرحبا",
    "x" * 300,
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_stream_and_its_columns_may_have_any_name(name: str) -> None:
    columns = {name: "integer", "at": "timestamp"}
    world = {
        "workspaces": [{"name": "w"}],
        "sources": [
            {"name": "s", "sourceId": SOURCE, "streams": [{"name": name, "namespace": name, "columns": columns}]}
        ],
        "destinations": [{"name": "d", "destinationId": DESTINATION}],
    }
    key = StreamDescriptor(name, name).key
    assert key.isprintable()
    assert StreamDescriptor.parse(key) == StreamDescriptor(name, name)
    column = key.removesuffix(f".{key[: len(key) // 2]}")
    with Emulator(world) as server:
        by_pattern = Resource(server.url, "by-pattern")
        ends = {"source_id": SOURCE, "destination_id": DESTINATION}
        declared = {**ends, "streams": {"*.*": "full_refresh_overwrite"}}
        for line in by_pattern.preview(declared).values():
            assert line.isprintable()
        by_pattern.up(declared)
        assert not by_pattern.changed(declared)
        by_pattern.refresh()
        assert list(by_pattern.inputs["streams"]) == [key]
        assert not by_pattern.changed(declared)
        by_pattern.destroy()

        by_name = Resource(server.url, "by-name")
        line = f"incremental_append_dedup cursor=at key={column} fields={column},at"
        declared = {**ends, "streams": {key: line}}
        by_name.up(declared)
        by_name.refresh()
        assert not by_name.changed(declared)
