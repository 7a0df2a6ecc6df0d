"""The one-line form of a stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_airbyte_wb.catalog.streams import MODES, VOUCHES, StreamSpec, configure, observe, offered
from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import ConfiguredStream, StreamDescriptor

NAMES = st.text(min_size=1, max_size=12).filter(lambda name: name.isprintable())
PATHS = st.lists(NAMES, min_size=1, max_size=2).map(tuple)
SPECS = st.builds(
    StreamSpec,
    mode=st.sampled_from(list(MODES.values())),
    cursor=st.none() | PATHS,
    key=st.none() | st.frozensets(PATHS, max_size=3),
    fields=st.none() | st.frozensets(NAMES, max_size=3),
    include_files=st.none() | st.booleans(),
    destination_object_name=st.none() | NAMES,
    vouch=st.frozensets(st.sampled_from(VOUCHES)),
)


@given(SPECS)
def test_a_line_reads_back_as_what_was_written(spec: StreamSpec) -> None:
    assert StreamSpec.parse(spec.line) == spec


@given(st.builds(StreamDescriptor, namespace=st.none() | NAMES, name=NAMES))
def test_a_stream_key_reads_back_as_what_was_written(stream: StreamDescriptor) -> None:
    assert StreamDescriptor.parse(stream.key) == stream


def test_order_of_key_and_fields_has_no_meaning() -> None:
    one = StreamSpec.parse("incremental_append_dedup key=region,id cursor=ts fields=b,a")
    other = StreamSpec.parse("incremental_append_dedup fields=a,b cursor=ts key=id,region")
    assert one.line == other.line == "incremental_append_dedup cursor=ts key=id,region fields=a,b"


@pytest.mark.parametrize(
    ("line", "path", "words"),
    [
        ("incremental_append_dedupe", "s.mode", "did you mean 'incremental_append_dedup'"),
        ("incremental_deduped_history", "s.mode", "did you mean 'incremental_append_dedup'"),
        ("incremental_overwrite", "s.mode", "appends instead of overwriting"),
        ("", "s.mode", "is not a sync mode"),
        ("incremental_append cursr=ts", "s.cursr", "did you mean 'cursor'"),
        ("incremental_append cursor", "s.cursor", "is not a property of a stream"),
        ("incremental_append cursor=a.", "s.cursor", "has an empty part"),
        ("incremental_append cursor=a cursor=b", "s.cursor", "is said twice"),
        ("full_refresh_overwrite fields=a.b", "s.fields", "is nested"),
        ("full_refresh_overwrite mappers={}", "s.mappers", "is not a list of mappers"),
        ("full_refresh_overwrite files=maybe", "s.files", "is neither 'yes' nor 'no'"),
        ("incremental_append_dedup vouch=cursor_grow", "s.vouch", "did you mean 'cursor_grows'"),
    ],
)
def test_a_mistake_names_the_property_and_the_way_out(line: str, path: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        StreamSpec.parse(line, "s")
    assert caught.value.path == path
    assert words in str(caught.value)


def entry(**config: object) -> ConfiguredStream:
    return ConfiguredStream.model_validate(
        {
            "stream": {
                "name": "users",
                "namespace": "public",
                "jsonSchema": {"properties": {"id": {}, "ts": {}}},
                "defaultCursorField": ["ts"],
                "isNew": True,
            },
            "config": {
                "syncMode": "incremental",
                "destinationSyncMode": "append_dedup",
                "cursorField": ["ts"],
                "primaryKey": [["b"], ["a"]],
                "selected": True,
                "newerField": 7,
                **config,
            },
        }
    )


def test_what_is_not_declared_stays() -> None:
    sent = configure(entry(), StreamSpec.parse("incremental_append_dedup")).wire()
    assert sent["config"]["cursorField"] == ["ts"]
    assert sent["config"]["primaryKey"] == [["b"], ["a"]]
    assert sent["config"]["newerField"] == 7
    assert sent["stream"]["isNew"] is True


def test_an_equal_key_keeps_the_order_that_the_server_has() -> None:
    """Normalization hashes the key's columns in their order: sending another order would double rows."""
    sent = configure(entry(), StreamSpec.parse("incremental_append_dedup key=a,b"))
    assert sent.config.primary_key == [["b"], ["a"]]


def test_configuring_twice_is_as_configuring_once() -> None:
    spec = StreamSpec.parse("incremental_append_dedup cursor=id key=id fields=id,ts")
    once = configure(offered(entry()), spec)
    assert configure(once, spec) == once
    assert (seen := observe(once)) is not None
    assert spec.declared_only(seen) == spec


def test_the_id_of_a_mapper_is_the_servers() -> None:
    live = entry(mappers=[{"id": "x", "type": "hashing", "mapperConfiguration": {"targetField": "email"}}])
    seen = observe(live)
    assert seen is not None
    assert seen.mappers == ('{"mapperConfiguration":{"targetField":"email"},"type":"hashing"}',)
